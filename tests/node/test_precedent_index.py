"""The index of decided cases: extended by what was decided since, bounded, and forgetful."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

import pytest

from node.domain.precedents import DecidedCase, Target
from node.precedents.ranking import Ranking
from node.usecases import precedent_index
from node.usecases.deciding import Deciding
from node.usecases.precedent_index import CaseIndex
from node.usecases.precedents import Advice, Precedents
from tests.node.province import DESTINATION
from tests.node.test_publications import catalogue, entry, publish
from tests.node.two_provinces import Person, TwoProvinces


@dataclass
class Desk:
    """The destination's precedents, and how often they were indexed."""

    two: TwoProvinces
    precedents: Precedents = field(init=False)
    indexed: list[int] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.two.destination.office.reviews_by_person = True
        self.precedents = Precedents(self.two.destination.office, self._make)

    def _make(self, cases: Iterable[DecidedCase], targets: Sequence[Target]) -> Any:
        listed = list(cases)
        self.indexed.append(len(listed))
        return Ranking(listed, targets)

    def offer(self, title: str) -> tuple[Person, tuple[str, bytes]]:
        """Bring an offer that waits for a person."""
        person = self.two.person()
        exchange = self.two.apply(person, self.two.lot(person, title=title))
        self.two.run(3)
        return person, (self.two.source.name, exchange)

    def decide(self, key: tuple[str, bytes]) -> None:
        Deciding(self.two.destination.office).decide(key)

    def decided(self, title: str) -> tuple[Person, tuple[str, bytes]]:
        person, key = self.offer(title)
        self.decide(key)
        return person, key

    def advise(self, key: tuple[str, bytes]) -> Advice:
        (advice,) = self.precedents.advise(key, limit=10)
        return advice

    def similar(self, key: tuple[str, bytes]) -> list[str]:
        return sorted(one.case.outcomes[0].title for one in self.advise(key).similar)


@pytest.fixture
def desk(two: TwoProvinces) -> Desk:
    return Desk(two)


def test_a_late_decision_on_an_early_offer_is_found(desk: Desk) -> None:
    _, early = desk.offer("数据库原理一")
    desk.decided("数据库原理二")
    _, asked = desk.offer("数据库原理三")
    assert desk.similar(asked) == ["数据库原理二"]
    desk.decide(early)
    assert desk.similar(asked) == ["数据库原理一", "数据库原理二"]
    assert desk.similar(asked) == ["数据库原理一", "数据库原理二"]
    # Indexed again only where something was decided since.
    assert desk.indexed == [1, 2]


def test_an_offer_is_no_precedent_of_itself(desk: Desk) -> None:
    _, one = desk.decided("数据库原理一")
    _, other = desk.decided("数据库原理二")
    assert desk.similar(one) == ["数据库原理二"]
    assert desk.similar(other) == ["数据库原理一"]


def test_what_was_erased_is_forgotten_before_the_next_answer(desk: Desk) -> None:
    person, _ = desk.decided("数据库原理一")
    desk.decided("数据库原理二")
    _, asked = desk.offer("数据库原理三")
    assert len(desk.similar(asked)) == 2
    desk.two.run()
    desk.two.destination.accounts.erase(person.accounts[DESTINATION])
    assert desk.similar(asked) == ["数据库原理二"]


def test_the_newest_are_kept_and_the_oldest_do_not_come_back(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(precedent_index, "MOST_CASES", 2)
    _, early = desk.offer("数据库原理零")
    for at in "一二三":
        desk.decided(f"数据库原理{at}")
    _, asked = desk.offer("数据库原理")
    assert desk.similar(asked) == ["数据库原理三", "数据库原理二"]
    desk.decided("数据库原理四")
    assert desk.similar(asked) == ["数据库原理三", "数据库原理四"]
    desk.decide(early)
    assert desk.similar(asked) == ["数据库原理四", "数据库原理零"]
    # A process that begins anew goes by the offers' numbers.
    assert sum(1 for _ in _fresh(desk).cases()) == 2


def _fresh(desk: Desk) -> CaseIndex:
    index = CaseIndex()
    desk.two.destination.store.read(index.refresh)
    return index


def test_a_catalogue_published_since_gives_new_candidates(desk: Desk) -> None:
    _, asked = desk.offer("数据库原理")
    assert desk.advise(asked).candidates == ()
    made = catalogue(entry("ZJ-1", title="数据库原理"), name=f"{DESTINATION}/courses")
    publish(desk.two.destination, made)
    (candidate,) = desk.advise(asked).candidates
    assert candidate.target.code == "ZJ-1"
