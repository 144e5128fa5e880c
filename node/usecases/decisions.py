"""Decisions as this node has them: what was decided on an exchange, and what that rests on."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from federation.base.errors import Refusal
from federation.evidence.record_papers import named_papers
from federation.protocol.grouping import record_in
from federation.protocol.messages import MessageType, Prepare, Request, Vote
from federation.wire import codec
from node.domain import returns
from node.domain.canonical import digest_of
from node.domain.exchange import Exchange, ExchangeKey
from node.usecases.office import Office
from node.usecases.ports import Reading, StoredMessage

# A transcript has room for what is read by people; larger catalogues are found by their digests.
MOST_DOCUMENT_BYTES = 8 * 1024 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class Papers:
    """What a decision rests on, as far as it is here.

    Attributes:
        rule: the document that the VOTE names, or empty.
        documents: catalogues and the minute that the record names.
    """

    rule: bytes = b""
    documents: tuple[bytes, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """What was decided on an exchange.

    Attributes:
        wanted: codes of what the learner wishes for.
        vote: the judgement, or None before it.
        record: the decision record beside it, or empty where there is none to show.
        is_erased: whether its values were erased here.
    """

    exchange: Exchange
    wanted: tuple[str, ...]
    vote: Vote | None
    record: bytes
    is_erased: bool
    papers: Papers

    @property
    def state(self) -> str:
        """Of the record: SHOWN, ERASED, WITHHELD, or NONE where the VOTE names none."""
        if self.record:
            return "SHOWN"
        if self.vote is None or not self.vote.record_digest:
            return "NONE"
        return "ERASED" if self.is_erased else "WITHHELD"


class Decisions:
    """What can be asked about decisions; nothing is changed."""

    def __init__(self, office: Office) -> None:
        self._office = office

    def show(self, key: ExchangeKey) -> Decision:
        """Return what was decided on an exchange, by whichever side.

        Raises:
            Refusal: EXCHANGE.
        """
        return self._office.store.read(lambda reading: _read(reading, key))


def papers_of(reading: Reading, key: ExchangeKey, vote: Vote | None, record: bytes) -> Papers:
    """Return what a decision rests on, found by digest among all that was ever published here."""
    if vote is None:
        return Papers()
    digest = vote.record.rule_digest
    named = [one.sha256 for one in named_papers(record)]
    found = dict(reading.documents_by_digest([digest.hex(), *named]))
    rule = returns.DOCUMENT if digest == returns.DIGEST else found.get(digest.hex(), b"")
    review = reading.review(key)
    if review is not None and digest_of(review.decision) in named:
        found[digest_of(review.decision)] = review.decision
    return Papers(rule=rule, documents=_fitting(found[one] for one in named if one in found))


def judged(stored: Iterable[StoredMessage]) -> tuple[Vote | None, StoredMessage | None]:
    """Return the VOTE among the messages of an exchange, and as it is stored."""
    for one in stored:
        if one.type == MessageType.VOTE:
            vote = codec.decode(one.type, one.payload)
            assert isinstance(vote, Vote)
            return vote, one
    return None, None


def _fitting(documents: Iterable[bytes]) -> tuple[bytes, ...]:
    kept: list[bytes] = []
    for one in sorted(documents, key=len):
        if sum(map(len, kept)) + len(one) <= MOST_DOCUMENT_BYTES:
            kept.append(one)
    return tuple(kept)


def _read(reading: Reading, key: ExchangeKey) -> Decision:
    exchange = reading.exchanges([key]).get(key)
    if exchange is None:
        raise Refusal("EXCHANGE")
    stored = reading.messages_of([key])
    vote, sealed = judged(stored)
    record = record_in(codec.decode_openings(sealed.openings)) if sealed else b""
    return Decision(
        exchange=exchange,
        wanted=_wanted(stored),
        vote=vote,
        record=record,
        is_erased=sealed.is_erased if sealed else False,
        papers=papers_of(reading, key, vote, record),
    )


def _wanted(stored: Iterable[StoredMessage]) -> tuple[str, ...]:
    for one in stored:
        if one.type in (MessageType.PREPARE, MessageType.REQUEST):
            asked = codec.decode(one.type, one.payload)
            assert isinstance(asked, Prepare | Request)
            return asked.wanted_targets
    return ()
