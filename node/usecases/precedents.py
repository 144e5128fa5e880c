"""Precedents for an offer that nobody has decided: advice with reasons, never a decision."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from federation.base.errors import Breach, Refusal
from federation.protocol.messages import MessageType, State, Vote
from federation.protocol.messages import Verdict as Said
from federation.wire import codec
from node.domain.exchange import Exchange, ExchangeKey, Role
from node.domain.lot import facts_of
from node.domain.outcomes import OutcomeFacts
from node.domain.precedents import (
    DecidedCase,
    Described,
    RankedTarget,
    SimilarCase,
    Target,
    Verdict,
    described_by,
)
from node.usecases.office import Office
from node.usecases.ports import Reading

MOST_CASES = 5_000
_PAGE = 500
_DECIDED = (State.ACCEPTED, State.REJECTED, State.CREDITED, State.RELEASED, State.CLOSED)


class Ranker(Protocol):
    """Ranks what is alike."""

    def similar(self, asked: Described, *, limit: int = 10) -> tuple[SimilarCase, ...]: ...
    def candidates(
        self, asked: Sequence[Described], *, limit: int = 10
    ) -> tuple[RankedTarget, ...]: ...


MakeRanker = Callable[[Iterable[DecidedCase], Sequence[Target]], Ranker]


@dataclass(frozen=True, slots=True, kw_only=True)
class Advice:
    """What is like one lot.

    Attributes:
        similar: decided cases, refusals too, the most alike first.
        candidates: what it may count as, best first.
    """

    lot_id: bytes
    title: str
    similar: tuple[SimilarCase, ...]
    candidates: tuple[RankedTarget, ...]


class Precedents:
    """Looks up what was decided before.

    Args:
        make_ranker: indexes cases and targets; it is not called before anybody asks.
    """

    def __init__(self, office: Office, make_ranker: MakeRanker) -> None:
        self._office = office
        self._make_ranker = make_ranker

    def advise(self, key: ExchangeKey, *, limit: int) -> list[Advice]:
        """Return what is like each lot of an offer, from the newest decided cases here.

        Raises:
            Refusal: EXCHANGE; FACTS_WITHHELD where nothing is known of its lots.
        """

        def read(
            reading: Reading,
        ) -> tuple[dict[bytes, OutcomeFacts], list[DecidedCase], list[Target]]:
            exchange = reading.exchanges([key]).get(key)
            if exchange is None or exchange.role is not Role.DESTINATION:
                raise Refusal("EXCHANGE")
            asked = _facts_of_offers(reading, [exchange]).get(key, {})
            cases = list(_decided(reading, key))
            return asked, cases, _targets(reading, self._office.province)

        asked, cases, targets = self._office.store.read(read)
        if not asked:
            raise Refusal("FACTS_WITHHELD")
        ranker = self._make_ranker(cases, targets)
        return [
            Advice(
                lot_id=lot_id,
                title=facts.title,
                similar=ranker.similar(described_by(facts), limit=limit),
                candidates=ranker.candidates([described_by(facts)], limit=limit),
            )
            for lot_id, facts in asked.items()
        ]


def _decided(reading: Reading, but: ExchangeKey) -> Iterable[DecidedCase]:
    """Yield a case for every lot that was decided here, save those of one exchange."""
    after, seen = 0, 0
    states = [int(state) for state in _DECIDED]
    while seen < MOST_CASES:
        page = reading.list_exchanges(references=(), states=states, after=after, limit=_PAGE)
        if not page:
            return
        after, seen = page[-1][0], seen + len(page)
        ours = [
            one
            for _, one in page
            if one.role is Role.DESTINATION and one.key != but and MessageType.VOTE in one.hashes
        ]
        facts = _facts_of_offers(reading, ours)
        votes = reading.messages([one.hashes[MessageType.VOTE] for one in ours])
        for one in ours:
            stored = votes.get(one.hashes[MessageType.VOTE])
            if stored is not None:
                vote = codec.decode(MessageType.VOTE, stored.payload)
                assert isinstance(vote, Vote)
                yield from _cases(one, vote, facts.get(one.key, {}))


def _cases(
    exchange: Exchange, vote: Vote, facts: Mapping[bytes, OutcomeFacts]
) -> Iterable[DecidedCase]:
    for lot in vote.lots:
        known = facts.get(lot.lot_id)
        if known is None:
            continue  # Erased, or never shown: it can be like nothing.
        is_accepted = lot.verdict is Said.ACCEPT
        yield DecidedCase(
            case_id=f"{exchange.exchange_id.hex()}/{lot.lot_id.hex()}",
            issuer=known.issuer,
            outcomes=(described_by(known),),
            targets=(lot.target,) if lot.target else (),
            verdict=Verdict.ACCEPT if is_accepted else Verdict.REJECT,
            reasons=lot.reasons,
            decided_on=vote.record.decided_on,
        )


def _facts_of_offers(
    reading: Reading, exchanges: Sequence[Exchange]
) -> dict[ExchangeKey, dict[bytes, OutcomeFacts]]:
    digests = {
        one.hashes[MessageType.PREPARE]: one
        for one in exchanges
        if MessageType.PREPARE in one.hashes
    }
    found: dict[ExchangeKey, dict[bytes, OutcomeFacts]] = {}
    for digest, stored in reading.messages(list(digests)).items():
        exchange, shown = digests[digest], codec.decode_openings(stored.openings)
        for lot in exchange.lots:
            try:
                facts = facts_of(shown, lot.lot_id)
            except Breach:
                continue  # What no outcome is was refused then, and is like nothing.
            if facts is not None:
                found.setdefault(exchange.key, {})[lot.lot_id] = facts
    return found


def _targets(reading: Reading, province: str) -> list[Target]:
    """Return the entries of every catalogue in force here, of one code the newest version's."""
    newest = {
        entry.code: Target(
            entry.code, Described(entry.title, entry.level, entry.field, entry.hours)
        )
        for entry in reading.targets_of(province)
    }
    return list(newest.values())
