"""What one transaction writes: everything that follows from the messages it applied, or nothing."""

from __future__ import annotations

from dataclasses import dataclass, field

from federation.wire.envelope import Evidence
from node.domain.cap_book import Use
from node.domain.cases import OpenCase
from node.domain.exchange import Exchange, ExchangeKey
from node.domain.files import NamedFile
from node.domain.learner import Learner, LearnerReference, TransferCode
from node.domain.ledger import Entry
from node.domain.lot import Lot

InboxKey = tuple[str, bytes, str, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class InboxRow:
    """That a message was applied; kept for ever.

    Attributes:
        key: peer, exchange, type, step.
        digest: hash of the payload that was applied.
        answer: hash of the stored answer, or empty while there is none.
    """

    key: InboxKey
    digest: bytes
    answer: bytes = b""


@dataclass(frozen=True, slots=True, kw_only=True)
class SentMessage:
    """A message that this node decided to send, durable before it is signed and sent.

    Attributes:
        entry: what the log keeps of it.
        due_us: when delivery is tried next.
    """

    digest: bytes
    type: str
    payload: bytes
    openings: bytes
    peer: str
    exchange_id: bytes
    entry: bytes
    created_us: int
    due_us: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ReceivedMessage:
    """A message of a peer, with its evidence.

    Attributes:
        keeps_openings: whether what it shows is stored, or erased before it is.
    """

    digest: bytes
    evidence: Evidence
    peer: str
    exchange_id: bytes
    received_us: int
    keeps_openings: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Contradiction:
    """Two messages of a peer under one inbox key: portable proof against it."""

    key: InboxKey
    applied: bytes
    evidence: Evidence
    seen_us: int


@dataclass(frozen=True, slots=True, kw_only=True)
class CapUse:
    """A use in the book of caps of an account."""

    account: str
    use: Use


@dataclass(slots=True)
class Changes:
    """The writes of one transaction. Pairs are (as loaded, as it shall be)."""

    exchanges_new: list[Exchange] = field(default_factory=list)
    exchanges_moved: list[tuple[Exchange, Exchange]] = field(default_factory=list)
    lots_new: list[Lot] = field(default_factory=list)
    lots_moved: list[tuple[Lot, Lot]] = field(default_factory=list)
    entries: list[Entry] = field(default_factory=list)
    inbox_new: list[InboxRow] = field(default_factory=list)
    inbox_answers: list[tuple[ExchangeKey, bytes, bytes]] = field(default_factory=list)
    sent: list[SentMessage] = field(default_factory=list)
    received: list[ReceivedMessage] = field(default_factory=list)
    answered: list[bytes] = field(default_factory=list)
    settled: list[ExchangeKey] = field(default_factory=list)
    contradictions: list[Contradiction] = field(default_factory=list)
    learners_new: list[Learner] = field(default_factory=list)
    references_new: list[LearnerReference] = field(default_factory=list)
    codes_new: list[TransferCode] = field(default_factory=list)
    codes_used: list[TransferCode] = field(default_factory=list)
    cases_new: list[OpenCase] = field(default_factory=list)
    files_named: list[tuple[ExchangeKey, NamedFile]] = field(default_factory=list)
    openings_erased: list[ExchangeKey] = field(default_factory=list)
    uses_gone: list[CapUse] = field(default_factory=list)
    uses_new: list[CapUse] = field(default_factory=list)
