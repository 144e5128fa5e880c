"""Recall: after a start, ask who may remember more of us than our store does, before we sign.

It is over when the coordinator answered, or when a member did and all others were asked in vain.
A member that was not reached then is asked before the first batch or answer to it is signed. One
that calls and cannot be called is answered on the coordinator's word, and asked again.
"""

from __future__ import annotations

import logging
import threading

from federation.base.clock import MINUTE
from federation.base.errors import Breach, CreditBankError, Refusal
from federation.log.cosignature import COORDINATOR
from federation.trust.members import Member, MemberStatus
from federation.wire.entries import origin_of
from node.usecases.office import Office
from node.usecases.own_signatures import OwnSignatures
from node.usecases.quarantine import recovering
from node.usecases.recovery_ports import CheckpointKnown, Witness, Witnesses

_LOG = logging.getLogger("creditbank.recovery")
ASK_AGAIN_US = MINUTE


class Recall:
    """Asks the coordinator and all members what they know of our log; also the guard of sealing."""

    def __init__(self, office: Office, witnesses: Witnesses) -> None:
        self._office = office
        self._witnesses = witnesses
        self._own = OwnSignatures(office)
        self._asked: set[str] = set()
        self._has_coordinators_word = False
        self._silent_since_us: dict[str, int] = {}
        self._turn = threading.Lock()

    def attempt(self) -> bool:
        """Ask whoever has not answered yet; let go of the hold when enough have.

        Returns:
            Whether this process is held no longer. Its node may be in quarantine nevertheless.
        """
        if self._office.hold.may_sign():
            return True
        with self._turn:
            coordinator = self._meet(COORDINATOR)
            self._has_coordinators_word |= coordinator
            members = self.members()
            for member in members:
                if member.province not in self._asked:
                    self._ask(member)
            if coordinator or self._asked or not members:
                self._office.hold.is_held = False
        if self._office.hold.may_sign():
            self._office.store.settle()
        return self._office.hold.may_sign()

    def check(self, peer: str, *, is_answer: bool = False) -> None:
        """Check that a peer has told us what it knows of us, asking it if need be.

        Args:
            is_answer: whether the peer calls; it may be one that cannot be called.

        Raises:
            Unavailable: RECOVERING while it has not, nor for an answer the coordinator.
        """
        member = self._office.registry.view().members.get(peer)
        if peer in self._asked or member is None:
            return
        now_us = self._office.clock.now_us()
        is_silent = now_us - self._silent_since_us.get(peer, -ASK_AGAIN_US) < ASK_AGAIN_US
        if is_answer and is_silent:
            return
        if self._ask(member, is_patient=not is_answer):
            return
        self._has_coordinators_word = self._has_coordinators_word or self._meet(COORDINATOR)
        if not (is_answer and self._has_coordinators_word):
            raise recovering()
        self._silent_since_us[peer] = now_us

    def members(self) -> list[Member]:
        """Return the members that may have met our signature."""
        found = self._office.registry.view().members.values()
        return [
            one
            for one in sorted(found, key=lambda each: each.province)
            if one.province != self._office.province and one.status is not MemberStatus.RETIRED
        ]

    def known(self) -> list[tuple[Witness, CheckpointKnown]]:
        """Return what everyone who answers knows of our log."""
        names = [COORDINATOR, *(one.province for one in self.members())]
        found = []
        for name in names:
            try:
                witness = self._witnesses.client(name)
                found.append((witness, witness.read_checkpoint(origin_of(self._office.province))))
            except CreditBankError:
                continue
        return found

    def _ask(self, member: Member, *, is_patient: bool = False) -> bool:
        if self._meet(member.province, is_patient=is_patient):
            self._asked.add(member.province)
        return member.province in self._asked

    def _meet(self, name: str, *, is_patient: bool = False) -> bool:
        """Ask a witness and look at its answer; tell whether it answered."""
        try:
            known = self._witnesses.client(name).read_checkpoint(
                origin_of(self._office.province), is_patient=is_patient
            )
        except (Breach, Refusal) as refused:
            # It has no such service, or keeps nothing of us: it answered that it knows nothing.
            _LOG.info("%s knows nothing of our log: %s", name, refused.reason)
            return True
        except CreditBankError as silent:
            _LOG.warning("%s does not say what it knows of our log: %s", name, silent.reason)
            return False
        for note in (known.quorum_note, known.note):
            self._own.meet_note(note, known.incarnation, name)
        return True
