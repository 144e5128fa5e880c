"""What one party does at one moment: the outcome of a rule before it is written."""

from __future__ import annotations

from dataclasses import dataclass, field

from federation.base.entropy import Entropy
from federation.protocol.commitments import Openings
from federation.protocol.messages import NO_EXCHANGE, ExchangeMessage, Header
from node.domain.cap_book import CapBook
from node.domain.cases import OpenCase
from node.domain.exchange import Exchange
from node.domain.files import NamedFile
from node.domain.learner import TransferCode
from node.domain.ledger import Entry
from node.domain.lot import Lot


@dataclass(frozen=True, slots=True, kw_only=True)
class Moment:
    """Who acts, when, and on which registry.

    Attributes:
        province: this node's province.
        now_us: UTC microseconds.
        today: the day in Beijing, YYYY-MM-DD.
        registry_version: version judged by.
    """

    province: str
    now_us: int
    today: str
    registry_version: int
    entropy: Entropy

    def header(self, exchange: Exchange, cause: bytes, *, step: int = 1) -> Header:
        """Return the header of a message to the other party of an exchange."""
        return Header(
            src=self.province,
            dst=exchange.peer,
            exchange_id=exchange.exchange_id,
            step=step,
            cause=cause,
            signed_time_us=self.now_us,
            registry_version=self.registry_version,
        )

    def inquiry_header(self, peer: str) -> Header:
        """Return the header of a question about no exchange."""
        return Header(
            src=self.province,
            dst=peer,
            exchange_id=NO_EXCHANGE,
            step=1,
            cause=b"",
            signed_time_us=self.now_us,
            registry_version=self.registry_version,
        )

    def answer_header(self, asked: Header, cause: bytes) -> Header:
        """Return the header of the answer to a question with this header and hash."""
        return Header(
            src=asked.dst,
            dst=asked.src,
            exchange_id=asked.exchange_id,
            step=1,
            cause=cause,
            signed_time_us=self.now_us,
            registry_version=self.registry_version,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """The outcome of one rule: all of it is written together or none.

    Attributes:
        exchange: as it is before ``send`` is counted.
        send: the message that follows, if any.
        openings: what travels beside it.
        lots_moved: lots as they shall be.
        code_used: the transfer code with its use, if one was used.
        cases: what follows for people.
        book: the learner's book of caps as it shall be, or None where it stays.
        files_named: evidence that the exchange names, ours to serve or theirs to fetch.
    """

    exchange: Exchange
    send: ExchangeMessage | None = None
    openings: Openings = field(default_factory=Openings)
    lots_new: tuple[Lot, ...] = ()
    lots_moved: tuple[Lot, ...] = ()
    entries: tuple[Entry, ...] = ()
    code_used: TransferCode | None = None
    cases: tuple[OpenCase, ...] = ()
    files_named: tuple[NamedFile, ...] = ()
    book: CapBook | None = None
