"""Precedents for an offer that nobody has decided: advice with reasons, never a decision.

Cases and targets are indexed when somebody asks, and kept for whoever asks next; what was decided
or published since is taken in first.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Protocol

from federation.base.errors import Refusal
from node.domain.exchange import ExchangeKey, Role
from node.domain.outcomes import OutcomeFacts
from node.domain.precedents import (
    DecidedCase,
    Described,
    RankedTarget,
    SimilarCase,
    Target,
    described_by,
)
from node.domain.publication import PublicationState
from node.usecases.office import Office
from node.usecases.ports import Reading
from node.usecases.precedent_index import CaseIndex, facts_of_offers
from node.usecases.publications import CATALOGUE


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
        self._turn = threading.Lock()
        self._cases = CaseIndex()
        self._edition: list[tuple[str, str]] | None = None
        self._targets: list[Target] = []
        self._ranker: Ranker | None = None

    def advise(self, key: ExchangeKey, *, limit: int) -> list[Advice]:
        """Return what is like each lot of an offer, from the newest decided cases here.

        Raises:
            Refusal: EXCHANGE; FACTS_WITHHELD where nothing is known of its lots.
        """

        def read(reading: Reading) -> tuple[dict[bytes, OutcomeFacts], Ranker]:
            exchange = reading.exchanges([key]).get(key)
            if exchange is None or exchange.role is not Role.DESTINATION:
                raise Refusal("EXCHANGE")
            asked = facts_of_offers(reading, [exchange]).get(key, {})
            if not asked:
                raise Refusal("FACTS_WITHHELD")
            with self._turn:
                return asked, self._ranker_but(reading, key)

        asked, ranker = self._office.store.read(read)
        return [
            Advice(
                lot_id=lot_id,
                title=facts.title,
                similar=ranker.similar(described_by(facts), limit=limit),
                candidates=ranker.candidates([described_by(facts)], limit=limit),
            )
            for lot_id, facts in asked.items()
        ]

    def _ranker_but(self, reading: Reading, key: ExchangeKey) -> Ranker:
        """Return a ranker that knows everything decided so far, save what is asked about."""
        has_changed = self._cases.refresh(reading)
        edition = [
            (one.name, one.version)
            for one in reading.publications(CATALOGUE)
            if one.state is PublicationState.PUBLISHED
        ]
        if edition != self._edition:
            self._edition, self._targets = edition, _targets(reading, self._office.province)
            has_changed = True
        if self._cases.has(key):
            return self._make_ranker(self._cases.cases(but=key), self._targets)
        if has_changed or self._ranker is None:
            self._ranker = self._make_ranker(self._cases.cases(), self._targets)
        return self._ranker


def _targets(reading: Reading, province: str) -> list[Target]:
    """Return the entries of every catalogue in force here, of one code the newest version's."""
    newest = {
        entry.code: Target(
            entry.code, Described(entry.title, entry.level, entry.field, entry.hours)
        )
        for entry in reading.targets_of(province)
    }
    return list(newest.values())
