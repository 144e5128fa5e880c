"""Delivery: every message waits in the outbox until it is answered or superseded.

One peer's courier never waits for another's. Back-off doubles with jitter and is reset by inbound
traffic; what a peer holds for a person is asked about rarely; nothing is ever given up.
"""

from __future__ import annotations

from collections.abc import Sequence

from federation.base.clock import HOUR, SECOND
from federation.base.errors import CreditBankError, Unavailable
from federation.protocol.lifecycle import STANDING
from federation.protocol.messages import MessageType
from federation.trust.members import Member
from federation.wire.delivery import DeliveryOutcome, Disposal, ItemOutcome
from node.usecases.incoming import Incoming
from node.usecases.office import Office
from node.usecases.ports import Peers, Transaction, Waiting
from node.usecases.sealing import Sealing

# Messages of a batch, at the most; the store lets no more together than a call can hold.
BATCH = 200
FIRST_RETRY_US = SECOND // 2
LAST_RETRY_US = 60 * SECOND
HELD_RETRY_US = HOUR
REFUSED_RETRY_US = HOUR
LONGEST_ASKED_US = HOUR
# Only these may end without a signed answer; for others DONE is a peer's mistake.
_LAST_WORDS = frozenset(
    {
        MessageType.RECEIPT,
        MessageType.VOTE,
        MessageType.DISPOSITION,
        MessageType.CONSENT_ACK,
    }
)
# What a peer says that it did has to be shown by a signed answer.
_CLAIMS = frozenset({Disposal.ANSWERED, Disposal.DONE})
UNPROVEN = "ANSWER_UNPROVEN"


class Delivery:
    """Sends what waits for one peer at a time."""

    def __init__(self, office: Office, sealing: Sealing, peers: Peers, incoming: Incoming) -> None:
        self._office = office
        self._sealing = sealing
        self._peers = peers
        self._incoming = incoming

    def deliver(self, peer: str) -> int:
        """Send one batch of what is due for a peer; return how many messages that was."""
        now_us = self._office.clock.now_us()
        member = self._office.registry.view().members.get(peer)
        if member is None:
            return 0
        due = self._office.store.take_due(peer, now_us, BATCH)
        if not due:
            return 0
        try:
            outcome = self._send(peer, member, due)
        except CreditBankError as failure:
            if failure.reason == "REGISTRY_NEWER":
                # The answer may have named a registry that we do not know yet.
                self._office.registry.want_refresh()
            self._postpone(due, failure)
            return 0
        self._book(peer, due, outcome)
        return len(due)

    def _send(self, peer: str, member: Member, due: Sequence[Waiting]) -> DeliveryOutcome:
        batch = self._sealing.seal(peer, [one.digest for one in due])
        return self._peers.deliver(batch, member)

    def _book(self, peer: str, due: Sequence[Waiting], outcome: DeliveryOutcome) -> None:
        settled, refused = self._apply(peer, outcome)
        done: list[bytes] = []
        postponed: dict[tuple[int, str], list[bytes]] = {}
        for waiting, item in zip(due, outcome.items, strict=True):
            if item.disposal is Disposal.DONE and waiting.type in _LAST_WORDS:
                done.append(waiting.digest)
            elif item.disposal is not Disposal.ANSWERED or waiting.digest not in settled:
                # An answer that could not be applied leaves its cause waiting.
                reason = item.reason
                if item.disposal in _CLAIMS:
                    reason = refused or UNPROVEN
                key = (self._delay_us(waiting, item), reason)
                postponed.setdefault(key, []).append(waiting.digest)
        self._settle(done, postponed)

    def _apply(self, peer: str, outcome: DeliveryOutcome) -> tuple[set[bytes], str]:
        """Apply the answers; return which messages they settled, and why one did not count."""
        refused = list(outcome.refused)
        if not outcome.answers:
            return set(), next(iter(refused), "")
        applied = self._incoming.apply(peer, outcome.answers, answers_travel_back=False)
        refused += [one.error.reason for one in applied if one.error is not None]
        settled = {
            arrival.message.header.cause
            for arrival, one in zip(outcome.answers, applied, strict=True)
            if one.error is None
        }
        return settled, next(iter(refused), "")

    def _settle(self, done: Sequence[bytes], postponed: dict[tuple[int, str], list[bytes]]) -> None:
        if not done and not postponed:
            return
        now_us = self._office.clock.now_us()

        def work(tx: Transaction) -> None:
            tx.forget_waiting(done)
            for (delay_us, reason), digests in postponed.items():
                tx.reschedule(digests, due_us=now_us + delay_us, failure=reason, now_us=now_us)

        self._office.store.transact(work)

    def _postpone(self, due: Sequence[Waiting], failure: CreditBankError) -> None:
        least_ms = failure.retry_after_ms if isinstance(failure, Unavailable) else 0
        attempts = min(one.attempts for one in due)
        delay_us = max(self._backoff_us(attempts), _asked_us(least_ms))
        if not isinstance(failure, Unavailable):
            delay_us = max(delay_us, LAST_RETRY_US)
        self._settle([], {(delay_us, failure.reason): [one.digest for one in due]})

    def _delay_us(self, waiting: Waiting, item: ItemOutcome) -> int:
        if item.disposal is Disposal.HELD:
            return HELD_RETRY_US
        # A message that stands by itself may overtake the one that it follows.
        is_early = item.reason == "NO_SUCH_STEP" and waiting.type in STANDING
        if item.disposal is Disposal.REFUSED and not is_early:
            return REFUSED_RETRY_US
        return max(self._backoff_us(waiting.attempts), _asked_us(item.retry_after_ms))

    def _backoff_us(self, attempts: int) -> int:
        longest = min(FIRST_RETRY_US << min(attempts, 16), LAST_RETRY_US)
        jitter = int.from_bytes(self._office.entropy.token(4), "big")
        return longest // 2 + jitter % (longest // 2)


def _asked_us(retry_after_ms: int) -> int:
    """Return how long a peer asks us to wait, which is not for it to stretch without end."""
    return min(retry_after_ms * 1000, LONGEST_ASKED_US)
