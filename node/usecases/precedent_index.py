"""The cases decided here, kept in the process and extended by what was decided since.

An offer is known by its number. Numbers rise as offers come in, and a decision may come weeks
later: what was undecided is therefore asked for again, and nothing else. The index holds the newest
decisions only, and forgets what was erased before it is asked.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

from federation.base.errors import Breach
from federation.protocol.messages import MessageType, State, Vote
from federation.protocol.messages import Verdict as Said
from federation.wire import codec
from node.domain.exchange import Exchange, ExchangeKey
from node.domain.lot import facts_of
from node.domain.outcomes import OutcomeFacts
from node.domain.precedents import DecidedCase, Verdict, described_by
from node.usecases.ports import Reading

MOST_CASES = 5_000
_PAGE = 500
# Two transactions that take numbers at once may end in the other order.
_OVERLAP = 1_000
_DECIDED = [
    int(one)
    for one in (
        State.ACCEPTED,
        State.REJECTED,
        State.CREDITED,
        State.RELEASED,
        State.CLOSED,
        State.RECOGNISED,
    )
]
_UNDECIDED = [int(one) for one in (State.REQUESTED, State.RECEIVED)]
_One = TypeVar("_One")


@dataclass(frozen=True, slots=True)
class _Decided:
    """An offer with its cases, and the message that showed its lots."""

    key: ExchangeKey
    shown: bytes
    cases: tuple[DecidedCase, ...]


class CaseIndex:
    """The newest decided cases, those of one offer together.

    Not to be used by two threads at once.
    """

    def __init__(self) -> None:
        self._offers: dict[int, _Decided] = {}
        self._count = 0
        self._newest = -1
        self._undecided: set[int] = set()
        # Those lately read, whether or not anything of them is held.
        self._read: set[int] = set()

    def refresh(self, reading: Reading) -> bool:
        """Bring the index up to date; return whether it is another than before."""
        has_forgotten = self._forget(reading)
        found = self._first(reading) if self._newest < 0 else self._since(reading)
        for place, offer in found:
            self._offers[place] = offer
            self._count += len(offer.cases)
        self._newest = max(self._newest, reading.newest_place())
        self._read = {place for place in self._read if place > self._newest - _OVERLAP}
        self._undecided = set(reading.offer_places(_UNDECIDED, 0))
        while self._count > MOST_CASES:
            oldest = next(iter(self._offers))
            self._count -= len(self._offers.pop(oldest).cases)
        return has_forgotten or bool(found)

    def cases(self, *, but: ExchangeKey | None = None) -> list[DecidedCase]:
        """Return the cases in the order of decision, save those of one offer."""
        return [case for offer in self._offers.values() if offer.key != but for case in offer.cases]

    def has(self, key: ExchangeKey) -> bool:
        """Tell whether cases of an offer are among them."""
        return any(offer.key == key for offer in self._offers.values())

    def _forget(self, reading: Reading) -> bool:
        """Drop the cases of offers whose values were erased."""
        shown: set[bytes] = set()
        for some in _pages([offer.shown for offer in self._offers.values()]):
            shown |= reading.messages_shown(some)
        erased = [at for at, offer in self._offers.items() if offer.shown not in shown]
        for place in erased:
            self._count -= len(self._offers.pop(place).cases)
        return bool(erased)

    def _first(self, reading: Reading) -> list[tuple[int, _Decided]]:
        newest = reading.newest_offers(_DECIDED, MOST_CASES)
        # What is older than these is left out for good.
        after = max(0, reading.newest_place() - _OVERLAP)
        self._read.update(reading.offer_places(_DECIDED, after))
        return _read(reading, newest[::-1])

    def _since(self, reading: Reading) -> list[tuple[int, _Decided]]:
        """Return what was decided since: of the offers that were undecided, and of newer ones."""
        after = max(0, self._newest - _OVERLAP)
        newer = set(reading.offer_places(_DECIDED, after)) - self._read
        found: list[tuple[int, _Decided]] = []
        for some in _pages(sorted(self._undecided | newer)):
            decided = reading.offers_at(_DECIDED, some)
            self._read.update(place for place, _ in decided)
            found += _read(reading, decided)
        return found


def _pages(some: Sequence[_One]) -> Iterator[Sequence[_One]]:
    return (some[at : at + _PAGE] for at in range(0, len(some), _PAGE))


def _read(reading: Reading, offers: Sequence[tuple[int, Exchange]]) -> list[tuple[int, _Decided]]:
    """Return offers with their cases, those left out of which nothing is known."""
    read: list[tuple[int, _Decided]] = []
    for some in _pages(offers):
        voted = [one for _, one in some if MessageType.VOTE in one.hashes]
        facts = facts_of_offers(reading, voted)
        votes = reading.messages([one.hashes[MessageType.VOTE] for one in voted])
        for place, one in some:
            stored = votes.get(one.hashes.get(MessageType.VOTE, b""))
            if stored is None or one.key not in facts:
                continue
            vote = codec.decode(MessageType.VOTE, stored.payload)
            assert isinstance(vote, Vote)
            cases = tuple(_cases(one, vote, facts[one.key]))
            read.append((place, _Decided(one.key, one.hashes[MessageType.PREPARE], cases)))
    return read


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


def facts_of_offers(
    reading: Reading, exchanges: Sequence[Exchange]
) -> dict[ExchangeKey, dict[bytes, OutcomeFacts]]:
    """Return what offers showed of their lots; nothing of what was erased since."""
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
