"""The messages of an exchange as values; the files of ``protos/federation/v1`` say what each means.

Field names are those of the protocol buffers, so that one codec serves all.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum, StrEnum

from federation.protocol.lots import CommittedLot, LotGroup, WantedLot


class MessageType(StrEnum):
    """Media types of payloads; part of what is signed."""

    REQUEST = "application/vnd.creditbank.request.v1+protobuf"
    PREPARE = "application/vnd.creditbank.prepare.v1+protobuf"
    VOTE = "application/vnd.creditbank.vote.v1+protobuf"
    COMMIT = "application/vnd.creditbank.commit.v1+protobuf"
    ABORT = "application/vnd.creditbank.abort.v1+protobuf"
    RECEIPT = "application/vnd.creditbank.receipt.v1+protobuf"
    SUPPLEMENT_ASKED = "application/vnd.creditbank.supplement-asked.v1+protobuf"
    SUPPLEMENT = "application/vnd.creditbank.supplement.v1+protobuf"
    NOTICE = "application/vnd.creditbank.notice.v1+protobuf"
    DISPOSITION = "application/vnd.creditbank.disposition.v1+protobuf"
    CONSENT_WITHDRAWN = "application/vnd.creditbank.consent-withdrawn.v1+protobuf"
    CONSENT_ACK = "application/vnd.creditbank.consent-ack.v1+protobuf"
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


class Fact(IntEnum):
    """What became of a lot at its source after it was committed."""

    FROZEN = 1
    UNFROZEN = 2
    REVOKED = 3
    EXPIRED = 4
    CORRECTED = 5


class Outcome(IntEnum):
    """What the destination let follow from a fact."""

    KEPT = 1
    FROZEN = 2
    REVERSED = 3


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
    returns: bytes = b""


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """From destination to source, where the learner applies at the destination."""

    header: Header
    lots: tuple[WantedLot, ...]
    consent: Consent | None
    code_commitment: bytes
    identity_commitment: bytes
    mode: Mode
    wanted_targets: tuple[str, ...] = ()
    asks_person: bool = False


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
    wanted_targets: tuple[str, ...] = ()
    asks_person: bool = False

    @property
    def is_appeal(self) -> bool:
        """Whether it cites a decision; a return names in every lot what it gives back."""
        return bool(self.relates_to) and not any(lot.returns for lot in self.lots)


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
    groups: tuple[LotGroup, ...] = ()
    record_digest: bytes = b""

    @property
    def accepted(self) -> tuple[LotDecision, ...]:
        """The lots that count."""
        return tuple(lot for lot in self.lots if lot.verdict is Verdict.ACCEPT)


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


@dataclass(frozen=True, slots=True, kw_only=True)
class LotQuestion:
    """What is wanted of one lot."""

    lot_id: bytes
    reasons: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class SupplementAsked:
    """From destination to source: more evidence, please."""

    header: Header
    lots: tuple[LotQuestion, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class EvidenceFile:
    """A file that may be fetched; ``file`` commits to its SHA-256."""

    file: Commitment
    size_bytes: int
    media_type: str


@dataclass(frozen=True, slots=True, kw_only=True)
class LotEvidence:
    """The files of one lot."""

    lot_id: bytes
    files: tuple[EvidenceFile, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Supplement:
    """From source to destination: evidence that may be fetched while the case is open."""

    header: Header
    lots: tuple[LotEvidence, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class LotNotice:
    """What became of one lot; ``amount_hundredths`` is the corrected amount, or zero."""

    lot_id: bytes
    fact: Fact
    amount_hundredths: int
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """From source to destination, after COMMIT: facts about committed lots."""

    header: Header
    lots: tuple[LotNotice, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class LotDisposition:
    """What follows for one lot, in destination hundredths."""

    lot_id: bytes
    outcome: Outcome
    remaining_hundredths: int
    shortfall_hundredths: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Disposition:
    """From destination to source: what follows from a NOTICE, under a published policy."""

    header: Header
    lots: tuple[LotDisposition, ...]
    policy: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ConsentWithdrawn:
    """From either party: the learner took the consent back."""

    header: Header


@dataclass(frozen=True, slots=True, kw_only=True)
class ConsentAck:
    """From the other party: it has heard, and what it keeps."""

    header: Header
    is_erased: bool
    keeps_record: bool


ExchangeMessage = (
    Request
    | Prepare
    | Vote
    | Commit
    | Abort
    | Receipt
    | SupplementAsked
    | Supplement
    | Notice
    | Disposition
    | ConsentWithdrawn
    | ConsentAck
)

TYPE_OF: dict[type, MessageType] = {
    Request: MessageType.REQUEST,
    Prepare: MessageType.PREPARE,
    Vote: MessageType.VOTE,
    Commit: MessageType.COMMIT,
    Abort: MessageType.ABORT,
    Receipt: MessageType.RECEIPT,
    SupplementAsked: MessageType.SUPPLEMENT_ASKED,
    Supplement: MessageType.SUPPLEMENT,
    Notice: MessageType.NOTICE,
    Disposition: MessageType.DISPOSITION,
    ConsentWithdrawn: MessageType.CONSENT_WITHDRAWN,
    ConsentAck: MessageType.CONSENT_ACK,
}
