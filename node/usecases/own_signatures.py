"""Meeting our own signatures: what we signed and do not have shows that we were restored.

Nothing but our own valid signature counts as that: a peer's word about us proves nothing. The one
exception is a higher incarnation of ours, which costs no more than a refill where it is a lie.
"""

from __future__ import annotations

import logging

from federation.base.errors import Breach, CreditBankError
from federation.log import tree
from federation.log.checkpoint import Checkpoint, open_checkpoint
from federation.protocol.admission import LARGEST_INCARNATION
from federation.protocol.inquiries import StatusQuery
from federation.trust.members import Member
from federation.wire import codec, proof
from federation.wire.entries import origin_of
from federation.wire.envelope import Evidence
from federation.wire.refilled import read_shown
from node.usecases.office import Office
from node.usecases.ports import Reading, Transaction
from node.usecases.quarantine import INCARNATION, Quarantine, enter, recovering

_LOG = logging.getLogger("creditbank.recovery")
LOG_AHEAD, LOG_DIFFERS, HIGHER, SHOWN = "LOG_AHEAD", "LOG_DIFFERS", "INCARNATION", "SHOWN"


class OwnSignatures:
    """Judges what others show us of ourselves."""

    def __init__(self, office: Office) -> None:
        self._office = office

    def open_note(self, note: bytes) -> Checkpoint | None:
        """Return a checkpoint that we signed, or None for what is none of ours."""
        member = self._member()
        if not note or member is None:
            return None
        keys = [one.key for one in member.keys if one.use == "log"]
        try:
            return open_checkpoint(note, origin=origin_of(self._office.province), keys=keys)
        except Breach as breach:
            _LOG.warning("a checkpoint that is not ours was shown as ours: %s", breach.reason)
            return None

    def check_message(self, evidence: Evidence) -> bool:
        """Tell whether a message is ours: signed by us, for a peer, and in a log of ours."""
        member = self._member()
        if member is None:
            return False
        try:
            statement, _ = proof.check_seal(evidence.seal, member)
            proof.check_place(evidence, statement)
            message = codec.decode(evidence.item.type, evidence.item.payload)
            checkpoint = proof.open_log_checkpoint(evidence.seal.checkpoint, member)
            proof.check_logged(evidence.item, message, checkpoint)
        except CreditBankError as error:
            _LOG.warning("a message that is not ours was shown as ours: %s", error.reason)
            return False
        header = message.header
        return (statement.src, header.src) == (self._office.province,) * 2 and (
            statement.dst == header.dst
        )

    def meet_shown(self, peer: str, query: StatusQuery) -> None:
        """Look at what a STATUS question shows.

        Raises:
            Unavailable: RECOVERING where it is a message that we signed and do not have.
        """
        if not query.shown:
            return
        try:
            evidence = read_shown(query.shown)
        except Breach:
            return  # It proves nothing, and the question is answered as without it.
        digest = evidence.item.digest
        store = self._office.store
        known = store.read(lambda reading: reading.messages([digest]))
        if known or not self.check_message(evidence):
            return
        message = codec.decode(evidence.item.type, evidence.item.payload)
        asked = (peer, query.header.exchange_id)
        if (message.header.dst, message.header.exchange_id) != asked:
            return
        self._enter(SHOWN, peer, evidence.seal.checkpoint, 0)
        raise recovering()

    def meet_note(self, note: bytes, incarnation: int, witness: str) -> str:
        """Look at a checkpoint of ours as a witness knows it.

        Returns:
            Why the node is in quarantine now, or nothing.
        """
        checkpoint = self.open_note(note)
        heard = incarnation if incarnation < LARGEST_INCARNATION else 0
        cause = self._office.store.read(lambda reading: _cause(reading, checkpoint, heard))
        if cause:
            self._enter(cause, witness, note if checkpoint else b"", heard)
        return cause

    def _enter(self, cause: str, witness: str, note: bytes, heard: int) -> None:
        now_us = self._office.clock.now_us()
        found = Quarantine(cause=cause, witness=witness, since_us=now_us, note=note)

        def work(tx: Transaction) -> None:
            enter(tx, found, heard=heard)

        self._office.store.transact(work)
        _LOG.error("in quarantine: %s, shown by %s", cause, witness)

    def _member(self) -> Member | None:
        return self._office.registry.view().members.get(self._office.province)


def _cause(reading: Reading, checkpoint: Checkpoint | None, heard: int) -> str:
    if heard > int(reading.fact(INCARNATION) or 1):
        return HIGHER
    if checkpoint is None:
        return ""
    own = reading.log_state().checkpoint
    if checkpoint.size > own.size:
        return LOG_AHEAD
    nodes = reading.log_nodes(tree.frontier_addresses(checkpoint.size))
    return "" if tree.root_at(checkpoint.size, nodes) == checkpoint.root else LOG_DIFFERS
