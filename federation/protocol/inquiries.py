"""Messages that ask: STATUS, PAIR and REFILL. They have no inbox row and no log leaf."""

from __future__ import annotations

from dataclasses import dataclass

from federation.protocol.messages import TYPE_OF, ExchangeMessage, Header, MessageType, State

NONCE_SIZE = 16
BUCKETS = 256


@dataclass(frozen=True, slots=True, kw_only=True)
class StatusQuery:
    """Asks how far an exchange has come.

    Attributes:
        shown: serialised SignedMessage of the asked province, or empty.
    """

    header: Header
    nonce: bytes
    shown: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class StatusAnswer:
    """Answers from state; the stored messages follow in the same batch."""

    header: Header
    nonce: bytes
    state: State


@dataclass(frozen=True, slots=True, kw_only=True)
class PairQuery:
    """Asks what the other side has booked for one ordered pair."""

    header: Header
    nonce: bytes
    source: str
    bucket: int


@dataclass(frozen=True, slots=True, kw_only=True)
class PairEntry:
    """One exchange as booked."""

    exchange_id: bytes
    source_hundredths: int
    granted_hundredths: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Story:
    """How an exchange stands in both logs, as one side has them."""

    exchange_id: bytes
    digest: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class PairAnswer:
    """Totals with bucket digests, or the entries of one bucket."""

    header: Header
    nonce: bytes
    exchanges: int
    source_hundredths: int
    granted_hundredths: int
    bucket_digests: tuple[bytes, ...]
    entries: tuple[PairEntry, ...]
    story_digests: tuple[bytes, ...] = ()
    stories: tuple[Story, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Signature:
    """A signature by one key of the sending province."""

    keyid: str
    algorithm: str
    signature: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class SignedMessage:
    """One message as evidence by itself."""

    type: str
    payload: bytes
    statement: bytes
    signature: Signature
    batch_index: int
    batch_proof: tuple[bytes, ...]
    log_index: int
    log_proof: tuple[bytes, ...]
    checkpoint: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class RefillQuery:
    """From a node that was restored from a backup: fence me and return what I lost."""

    header: Header
    nonce: bytes
    incarnation: int
    after: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class RefilledMessage:
    """A message that its sender may have lost."""

    message: SignedMessage
    openings: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class RefillAnswer:
    """A page of what the asker sent; the answerer's own messages follow in the same batch."""

    header: Header
    nonce: bytes
    fence: int
    messages: tuple[RefilledMessage, ...]
    next: bytes


Inquiry = StatusQuery | StatusAnswer | PairQuery | PairAnswer | RefillQuery | RefillAnswer
Message = ExchangeMessage | Inquiry

ALL_TYPES: dict[type, MessageType] = {
    **TYPE_OF,
    StatusQuery: MessageType.STATUS_QUERY,
    StatusAnswer: MessageType.STATUS_ANSWER,
    PairQuery: MessageType.PAIR_QUERY,
    PairAnswer: MessageType.PAIR_ANSWER,
    RefillQuery: MessageType.REFILL_QUERY,
    RefillAnswer: MessageType.REFILL_ANSWER,
}
