"""One exchange as one side keeps it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum

from federation.base.errors import Breach
from federation.protocol.lifecycle import (
    REPEATABLE,
    STANDING,
    Direction,
    advance,
    check_cause,
    check_step,
    event_of,
)
from federation.protocol.messages import (
    TYPE_OF,
    ExchangeMessage,
    LotDecision,
    MessageType,
    Mode,
    State,
    Verdict,
)

ExchangeKey = tuple[str, bytes]
# Every node has this rule: what an exchange brought goes home as it was.
RETURN_RULE = "return"
# Each party may withdraw the learner's consent once.
SOURCE_STEP, DESTINATION_STEP = 1, 2


class Role(StrEnum):
    """On which side of the exchange this node stands."""

    SOURCE = "SOURCE"
    DESTINATION = "DESTINATION"


@dataclass(frozen=True, slots=True, kw_only=True)
class ExchangeLot:
    """A lot within an exchange.

    Attributes:
        amount_hundredths: the whole lot, in the source's unit.
        granted_hundredths: as voted, in the destination's unit.
        is_committed: whether a COMMIT debited it at the source and credited it here.
        nullifier: mark of its spending, once committed.
    """

    lot_id: bytes
    amount_hundredths: int
    verdict: Verdict | None = None
    granted_hundredths: int = 0
    reasons: tuple[str, ...] = ()
    is_committed: bool = False
    nullifier: bytes = b""

    def judged(self, decision: LotDecision) -> ExchangeLot:
        """Return the lot with what a VOTE says of it."""
        return replace(
            self,
            verdict=decision.verdict,
            granted_hundredths=decision.granted_hundredths,
            reasons=decision.reasons,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Exchange:
    """The state of one exchange at one side.

    Attributes:
        account: the learner's account here, or empty where no account was proven.
        reference: the name under which it was begun here, or empty.
        hashes: the messages exchanged so far; of those that repeat, the last.
        series: those that repeat, by type and step.
        last_sent: hash of the message this side sent last and that others supersede, or empty.
        lock_until_us: until when the source holds, zero before PREPARE.
        accept_until_us: until when a COMMIT may be signed, zero before VOTE.
        reasons: of an ABORT.
        relates_to: the exchange that this one returns, or empty.
        consent_withdrawn_us: when the learner took the consent back, or zero.
        version: counts the changes; a conditional update names the one it saw.
        witnessed_us: when a quorum of witnesses was seen to cover its COMMIT; zero until then.
            The store sets it beside every other change.
    """

    peer: str
    exchange_id: bytes
    role: Role
    mode: Mode
    state: State = State.UNKNOWN
    account: str = ""
    reference: str = ""
    lots: tuple[ExchangeLot, ...] = ()
    hashes: Mapping[MessageType, bytes] = field(default_factory=dict)
    series: Mapping[tuple[MessageType, int], bytes] = field(default_factory=dict)
    last_sent: bytes = b""
    lock_until_us: int = 0
    accept_until_us: int = 0
    agrees_to_whole_grant: bool = False
    reasons: tuple[str, ...] = ()
    relates_to: bytes = b""
    consent_withdrawn_us: int = 0
    begun_us: int = 0
    changed_us: int = 0
    version: int = 0
    witnessed_us: int = 0

    @property
    def key(self) -> ExchangeKey:
        """Peer and identifier."""
        return self.peer, self.exchange_id

    @property
    def offered_hundredths(self) -> int:
        """Sum of the lots, in the source's unit."""
        return sum(lot.amount_hundredths for lot in self.lots)

    @property
    def granted_hundredths(self) -> int:
        """Sum of what a VOTE grants, in the destination's unit."""
        return sum(lot.granted_hundredths for lot in self.lots)

    @property
    def committed_hundredths(self) -> int:
        """Sum of the committed lots, in the source's unit."""
        return sum(lot.amount_hundredths for lot in self.lots if lot.is_committed)

    @property
    def claimed_hundredths(self) -> int:
        """Sum of the lots that no VOTE has refused, in the source's unit."""
        return sum(lot.amount_hundredths for lot in self.lots if lot.verdict is not Verdict.REJECT)

    @property
    def is_granted_whole(self) -> bool:
        """Whether a VOTE accepted every lot."""
        return all(lot.verdict is Verdict.ACCEPT for lot in self.lots)

    def steps_of(self, kind: MessageType) -> int:
        """Return how many messages of a type that repeats there have been."""
        return sum(1 for one, _ in self.series if one is kind)

    def with_message(
        self, message: ExchangeMessage, digest: bytes, direction: Direction, *, now_us: int
    ) -> Exchange:
        """Return the exchange after a message.

        Raises:
            Breach: when the table has no such step or the cause is not allowed; then nothing
                has changed.
        """
        kind = TYPE_OF[type(message)]
        following = advance(self.state, direction, event_of(message, self.mode))
        header = message.header
        self._check_speaker(kind, header.step, direction)
        check_step(kind, header.step, self.series)
        check_cause(
            kind, header.cause, self.hashes, self.state, step=header.step, series=self.series
        )
        noted = {(kind, header.step): digest} if kind in REPEATABLE else {}
        is_word = direction is Direction.SENT and kind not in STANDING
        return replace(
            self,
            state=following,
            hashes={**self.hashes, kind: digest},
            series={**self.series, **noted},
            last_sent=digest if is_word else self.last_sent,
            changed_us=now_us,
        )

    def _check_speaker(self, kind: MessageType, step: int, direction: Direction) -> None:
        """Check that whoever withdraws consent, or hears of it, does so in its own step."""
        is_ours = (self.role is Role.SOURCE) is (direction is Direction.SENT)
        if kind is MessageType.CONSENT_ACK:
            is_ours = not is_ours
        elif kind is not MessageType.CONSENT_WITHDRAWN:
            return
        if step != (SOURCE_STEP if is_ours else DESTINATION_STEP):
            raise Breach("NO_SUCH_STEP", detail=f"{kind.name} {step}")
