"""Who was heard from and when, as far as this process knows; nothing of it is stored.

Several processes over one database each have contacts of their own. What waits, and since when it
fails, is in the database and the same for all.
"""

from __future__ import annotations

import threading
from collections.abc import Mapping
from dataclasses import dataclass, replace

from federation.base.clock import Clock
from federation.base.errors import CreditBankError
from federation.trust.members import Member
from federation.wire.delivery import DeliveryOutcome
from federation.wire.envelope import Batch
from node.usecases.ports import Peers

UNREACHABLE = "UNREACHABLE"


@dataclass(frozen=True, slots=True, kw_only=True)
class Contact:
    """What is known of one peer; times are UTC microseconds, 0 for never.

    Attributes:
        heard_us: when it last called here and was let in.
        answered_us: when it last answered a call from here, be it by a refusal.
        silent_us: when the last call from here began that went unanswered.
        failed_us: when a call from here last failed for whatever reason.
        failure: that reason.
        refused_us: when a call from it was last refused here.
        refusal: why.
    """

    heard_us: int = 0
    answered_us: int = 0
    silent_us: int = 0
    failed_us: int = 0
    failure: str = ""
    refused_us: int = 0
    refusal: str = ""

    @property
    def reachability(self) -> str:
        """YES, NO, or UNKNOWN while nobody has called anybody."""
        alive_us = max(self.heard_us, self.answered_us)
        if self.silent_us > alive_us:
            return "NO"
        return "YES" if alive_us else "UNKNOWN"


class Contacts:
    """The contacts of a process, by peer."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._by_peer: dict[str, Contact] = {}

    def heard_from(self, peer: str) -> None:
        """Note that a peer called."""
        self._note(peer, heard_us=self._clock.now_us())

    def answered(self, peer: str) -> None:
        """Note that a peer answered."""
        self._note(peer, answered_us=self._clock.now_us())

    def began(self) -> int:
        """Return the moment at which a call begins."""
        return self._clock.now_us()

    def failed(self, peer: str, reason: str, began_us: int) -> None:
        """Note that a call to a peer failed; whoever refuses is there all the same.

        A peer that was heard from while a call waited in vain has been there since.
        """
        now_us = self._clock.now_us()
        is_silent = reason == UNREACHABLE
        came_through = {"silent_us": began_us} if is_silent else {"answered_us": now_us}
        self._note(peer, failed_us=now_us, failure=reason, **came_through)

    def refused(self, peer: str, reason: str) -> None:
        """Note that a call of a member was refused here."""
        self._note(peer, refused_us=self._clock.now_us(), refusal=reason)

    def all(self) -> Mapping[str, Contact]:
        """Return all contacts by peer."""
        with self._lock:
            return dict(self._by_peer)

    def _note(self, peer: str, **changes: int | str) -> None:
        with self._lock:
            known = self._by_peer.get(peer, Contact())
            self._by_peer[peer] = replace(known, **changes)  # type: ignore[arg-type]


class NotedPeers:
    """Delivery to other provinces, each call noted."""

    def __init__(self, peers: Peers, contacts: Contacts) -> None:
        self._peers = peers
        self._contacts = contacts

    def deliver(self, batch: Batch, member: Member, *, is_patient: bool = False) -> DeliveryOutcome:
        """Send a batch; Unavailable or Breach when it failed as a whole."""
        began_us = self._contacts.began()
        try:
            outcome = self._peers.deliver(batch, member, is_patient=is_patient)
        except CreditBankError as error:
            self._contacts.failed(member.province, error.reason, began_us)
            raise
        self._contacts.answered(member.province)
        return outcome
