"""The journey through a plan, against desks that book in memory and can be made to fail."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from federation.base.errors import Refusal, Unavailable
from node.domain.rule_judge import open_rule
from node.edges.demo.announcer import Announcer
from node.edges.demo.figures import count_ends
from node.edges.demo.itinerary import Deposit, Itinerary, Learner, foresee
from node.edges.demo.journal import Journal
from node.edges.demo.journey import Journey, holds
from node.edges.demo.plan import plan_demo
from node.edges.demo.province_desk import Mark


class BookDesk:
    """A province's desk whose node is a few dictionaries; as source it judges for both."""

    def __init__(self, province: str, world: dict[str, BookDesk]) -> None:
        self.province = province
        self.world = world
        self.accounts: dict[str, str] = {}
        self.rows: dict[str, Deposit] = {}
        self.codes: dict[str, str] = {}
        self.references: dict[str, str] = {}
        self.summaries: dict[str, Any] = {}
        self.rule = b""
        self.catalogue = b""
        self.calls_left = 10**9
        world[province] = self

    def _call(self) -> None:
        self.calls_left -= 1
        if self.calls_left < 0:
            raise Unavailable("NODE_DOWN")

    def publish_catalogue(self, document: bytes) -> None:
        """Keep a catalogue."""
        self._call()
        self.catalogue = document

    def publish(self, rule: bytes) -> None:
        """Keep a rule."""
        self._call()
        self.rule = rule

    def open_accounts(self, learners: Sequence[Learner]) -> dict[str, str]:
        """Open accounts once per reference."""
        self._call()
        for one in learners:
            self.accounts.setdefault(one.reference, f"{self.province}/{len(self.accounts)}")
        return {one.reference: self.accounts[one.reference] for one in learners}

    def has_account(self, account: str) -> bool:
        """Look an account up."""
        return account in self.accounts.values()

    def progress(self, source: str) -> Any:
        """Tell the last line."""
        self._call()
        last = max((row.line for row in self.rows.values()), default=0)
        return SimpleNamespace(line=last, deposited=len(self.rows), rejected=[])

    def deposit(self, source: str, rows: Sequence[Deposit]) -> None:
        """Take rows."""
        self._call()
        for row in rows:
            assert row.reference not in self.rows
            self.rows[row.reference] = row

    def lots(self, account: str) -> dict[Mark, str]:
        """Name lots after their deposits."""
        names = {number: reference for reference, number in self.accounts.items()}
        return {
            (row.facts.code, row.facts.earned, row.facts.catalogue, row.hundredths): row.reference
            for row in self.rows.values()
            if row.learner == names[account]
        }

    def issue_codes(self, wanted: Sequence[tuple[str, str, str]]) -> dict[str, str]:
        """Give a code for each reference."""
        self._call()
        for reference, _, peer in wanted:
            self.codes[reference] = f"{reference} for {peer}"
        return {reference: self.codes[reference] for reference, _, _ in wanted}

    def apply(self, applications: Sequence[Any]) -> dict[str, str]:
        """Begin exchanges and judge them at once, by the destination's rule."""
        self._call()
        for one in applications:
            assert self.world[one.peer].codes[one.reference] == one.transfer_code
            source = self if one.is_source else self.world[one.peer]
            destination = self.world[one.peer] if one.is_source else self
            exchange = f"exchange {one.reference}"
            self.references[exchange] = one.reference
            summary = _judge(source, destination, [lot.lot for lot in one.lots])
            summary.exchange, summary.peer = exchange, destination.province
            source.summaries.setdefault(exchange, summary)
        return {one.reference: f"exchange {one.reference}" for one in applications}

    def answer(self, answers: Sequence[tuple[str, str, bool]]) -> None:
        """Book answers."""
        self._call()
        for _, exchange, accepts in answers:
            summary = self.summaries[exchange]
            summary.state = "CLOSED"
            summary.committed_hundredths = summary.granted_hundredths if accepts else 0
            summary.reasons = [] if accepts else ["LEARNER_DECLINED"]

    def exchanges(self, states: Sequence[str] = ()) -> Iterator[Any]:
        """List exchanges of both roles."""
        self._call()
        for exchange, summary in self.summaries.items():
            summary.reference = self.references.get(exchange, "")
            if not states or summary.state in states:
                yield summary
        for exchange in self.references.keys() - self.summaries.keys():
            reference = self.references[exchange]
            yield SimpleNamespace(
                reference=reference, exchange=exchange, is_source=False, state="CREDITED"
            )


def _judge(source: BookDesk, destination: BookDesk, lots: list[str]) -> Any:
    rows = [source.rows[lot] for lot in lots]
    forecast = foresee(open_rule(destination.rule), source.province, tuple(rows))
    granted = forecast.granted_hundredths
    return SimpleNamespace(
        is_source=True,
        state="PREPARED" if granted else "CLOSED",
        reasons=[] if granted else ["ALL_REFUSED"],
        offered_hundredths=sum(row.hundredths for row in rows),
        granted_hundredths=granted,
        committed_hundredths=0,
        lots_offered=len(rows),
        lots_granted=forecast.lots_granted,
    )


@pytest.fixture
def itinerary() -> Itinerary:
    """Return a small plan."""
    return plan_demo(seed=3, provinces=3, learners=5, transfers=40)


@pytest.fixture
def desks(itinerary: Itinerary) -> dict[str, BookDesk]:
    """Return an empty desk for each province."""
    world: dict[str, BookDesk] = {}
    return {province: BookDesk(province, world) for province in itinerary.provinces}


def travel(itinerary: Itinerary, desks: Mapping[str, Any], path: Path) -> dict[str, Any]:
    """Go through the whole plan."""
    journal = Journal(path / "acknowledged.jsonl")
    try:
        with Announcer() as announcer:
            journey = Journey(itinerary, desks, journal, announcer, lambda: None)
            journey.prepare()
            return journey.travel()
    finally:
        journal.close()


def test_every_transfer_ends_as_planned(
    itinerary: Itinerary, desks: dict[str, BookDesk], tmp_path: Path
) -> None:
    ends = travel(itinerary, desks, tmp_path)
    shares = {"granted": 23, "partly_granted": 8, "refused": 4, "declined": 5}
    assert count_ends(ends.values()) == shares


def test_a_second_journey_finds_everything_done(
    itinerary: Itinerary, desks: dict[str, BookDesk], tmp_path: Path
) -> None:
    first = travel(itinerary, desks, tmp_path)
    lots = {code: len(desk.rows) for code, desk in desks.items()}
    assert travel(itinerary, desks, tmp_path) == first
    assert {code: len(desk.rows) for code, desk in desks.items()} == lots


def test_a_journey_broken_off_anywhere_is_gone_on_with(
    itinerary: Itinerary, desks: dict[str, BookDesk], tmp_path: Path
) -> None:
    for calls in range(1, 30):
        desk = desks[itinerary.provinces[calls % 3]]
        desk.calls_left = calls
        with suppress(Unavailable):
            travel(itinerary, desks, tmp_path)
        desk.calls_left = 10**9
    ends = travel(itinerary, desks, tmp_path)
    assert count_ends(ends.values())["granted"] == 23


@pytest.mark.parametrize("loss", ["account", "deposit", "exchange", "end"])
def test_what_was_acknowledged_and_is_gone_is_named(
    itinerary: Itinerary, desks: dict[str, BookDesk], tmp_path: Path, loss: str
) -> None:
    travel(itinerary, desks, tmp_path)
    journal = Journal(tmp_path / "acknowledged.jsonl")
    assert holds(journal, desks) == []  # type: ignore[arg-type]
    desk = desks[itinerary.provinces[0]]
    if loss == "account":
        desk.accounts.popitem()
    elif loss == "deposit":
        desk.rows.popitem()
    elif loss == "exchange":
        desk.references.popitem()
    else:
        next(iter(desk.summaries.values())).granted_hundredths += 1
    missing = holds(journal, desks)  # type: ignore[arg-type]
    assert len(missing) == 1
    assert itinerary.provinces[0] in missing[0]
    journal.close()


def test_a_plan_of_unknown_lots_is_refused(
    itinerary: Itinerary, desks: dict[str, BookDesk], tmp_path: Path
) -> None:
    for desk in desks.values():
        desk.lots = lambda account: {}  # type: ignore[method-assign]
    with pytest.raises(Refusal, match="LOT"):
        travel(itinerary, desks, tmp_path)
