"""The messages of an exchange as values; the files of ``protos/federation/v1`` say what each means.

Field names are those of the protocol buffers, so that one codec serves all.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum, StrEnum


class MessageType(StrEnum):
    """Media types of payloads; part of what is signed."""

    REQUEST = "application/vnd.creditbank.request.v1+protobuf"
    PREPARE = "application/vnd.creditbank.prepare.v1+protobuf"
    VOTE = "application/vnd.creditbank.vote.v1+protobuf"
    COMMIT = "application/vnd.creditbank.commit.v1+protobuf"
    ABORT = "application/vnd.creditbank.abort.v1+protobuf"
    RECEIPT = "application/vnd.creditbank.receipt.v1+protobuf"
    STATUS_QUERY = "application/vnd.creditbank.status-query.v1+protobuf"
    STATUS_ANSWER = "application/vnd.creditbank.status-answer.v1+protobuf"
    PAIR_QUERY = "application/vnd.creditbank.pair-query.v1+protobuf"
    PAIR_ANSWER = "application/vnd.creditbank.pair-answer.v1+protobuf"
    REFILL_QUERY = "application/vnd.creditbank.refill-query.v1+protobuf"
    REFILL_ANSWER = "application/vnd.creditbank.refill-answer.v1+protobuf"


INQUIRIES = frozenset(
    {
        MessageType.STATUS_QUERY,
        MessageType.STATUS_ANSWER,
        MessageType.PAIR_QUERY,
        MessageType.PAIR_ANSWER,
        MessageType.REFILL_QUERY,
        MessageType.REFILL_ANSWER,
    }
)
BATCH_TYPE = "application/vnd.creditbank.batch.v1+protobuf"
EXCHANGE_ID_SIZE = 16
NO_EXCHANGE = bytes(EXCHANGE_ID_SIZE)


class Mode(IntEnum):
    """Whether credits are only judged or also taken over."""

    RECOGNISE = 1
    TRANSFER = 2


class Verdict(IntEnum):
    """How one lot was judged."""

    ACCEPT = 1
    REJECT = 2


class Ending(IntEnum):
    """How the destination ended an exchange."""

    CREDITED = 1
    RELEASED = 2


class State(IntEnum):
    """How far an exchange has come at one side. ``UNKNOWN`` is also the state before any."""

    UNKNOWN = 1
    REQUESTED = 2
    RECEIVED = 3
    ACCEPTED = 4
    REJECTED = 5
    CREDITED = 6
    RELEASED = 7
    LOCKED = 8
    PREPARED = 9
    COMMITTED = 10
    ABORTED = 11
    CLOSED = 12
    RECOGNISED = 13


@dataclass(frozen=True, slots=True, kw_only=True)
class Header:
    """What every message says first."""

    src: str
    dst: str
    exchange_id: bytes
    step: int
    cause: bytes
    signed_time_us: int
    registry_version: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Consent:
    """The learner's separate consent."""

    given_time_us: int
    basis: str
    fields: tuple[str, ...]
    agrees_to_whole_grant: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Commitment:
    """A value that is named but not shown."""

    name: str
    digest: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class LotContent:
    """What a lot is, with personal values committed."""

    lot_id: bytes
    unit: str
    amount_hundredths: int
    fields: tuple[Commitment, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class LotOffer:
    """A lot offered by its source, with its deposit shown in the source's log."""

    content: LotContent
    deposit_commitment: bytes
    deposit_index: int
    deposit_proof: tuple[bytes, ...]
    deposit_origin: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class WantedLot:
    """A lot that the learner wants to count elsewhere."""

    lot_id: bytes
    amount_hundredths: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """From destination to source, where the learner applies at the destination."""

    header: Header
    lots: tuple[WantedLot, ...]
    consent: Consent | None
    code_commitment: bytes
    identity_commitment: bytes
    mode: Mode


@dataclass(frozen=True, slots=True, kw_only=True)
class Prepare:
    """From source to destination: judge these lots."""

    header: Header
    mode: Mode
    lots: tuple[LotOffer, ...]
    consent: Consent | None
    code_commitment: bytes
    identity_commitment: bytes
    learner: tuple[Commitment, ...]
    lock_until_us: int
    checkpoint: bytes
    cites: bytes
    relates_to: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class LotDecision:
    """The judgement on one lot."""

    lot_id: bytes
    verdict: Verdict
    granted_hundredths: int
    reasons: tuple[str, ...]
    entry: str
    target: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DecisionRecord:
    """What another party needs in order to recompute the judgement."""

    rule: str
    rule_version: int
    rule_digest: bytes
    decided_on: str
    offered_hundredths: int
    granted_hundredths: int
    valid_until_us: int
    appeal_until_us: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Vote:
    """From destination to source: the judgement."""

    header: Header
    lots: tuple[LotDecision, ...]
    record: DecisionRecord
    accept_until_us: int

    @property
    def accepted(self) -> tuple[LotDecision, ...]:
        """The lots that count."""
        return tuple(lot for lot in self.lots if lot.verdict is Verdict.ACCEPT)


@dataclass(frozen=True, slots=True, kw_only=True)
class CommittedLot:
    """A lot that leaves its source."""

    lot_id: bytes
    amount_hundredths: int
    granted_hundredths: int
    nullifier: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Commit:
    """From source to destination: the granted lots are debited here; credit them."""

    header: Header
    lots: tuple[CommittedLot, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Abort:
    """From source to destination: nothing will be committed."""

    header: Header
    reasons: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipt:
    """From destination to source: the exchange is over here."""

    header: Header
    ending: Ending
    inbound_hundredths: int
    granted_hundredths: int


ExchangeMessage = Request | Prepare | Vote | Commit | Abort | Receipt

TYPE_OF: dict[type, MessageType] = {
    Request: MessageType.REQUEST,
    Prepare: MessageType.PREPARE,
    Vote: MessageType.VOTE,
    Commit: MessageType.COMMIT,
    Abort: MessageType.ABORT,
    Receipt: MessageType.RECEIPT,
}
