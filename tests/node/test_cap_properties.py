"""No order of requests, cancellations, appeals, returns and expiries breaks a cap.

The totals are added up here anew from what the book grants, by other means than its own.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from contextlib import suppress
from datetime import date, timedelta
from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from federation.base.errors import Refusal
from node.domain.cap_admission import admit
from node.domain.cap_book import CapBook, Claim, UseState
from node.domain.caps import Occasion, Part
from tests.node.cap_documents import BACHELOR, CALENDAR_YEAR, NO_DOUBLE, cap, caps, part, share

ROLLING = {"kind": "ROLLING_DAYS", "starts": [], "days": 40}
CAPS = caps(
    [
        cap("year", {"at_most": 1000}, window=CALENDAR_YEAR),
        cap("half", share("1/7", "graduation"), per=["programme"]),
        cap(
            "inner",
            share("1/14", "graduation"),
            covers={"types": ["INFORMAL"]},
            per=["programme"],
            within="half",
        ),
        cap("rolling", {"at_most": 1100}, window=ROLLING, dated_by="DECIDED"),
        cap(
            "certificates",
            {"at_most": 2},
            covers={"types": ["CERTIFICATE"]},
            per=["issuer"],
            measure="LOTS",
        ),
        cap("courses", {"at_most": 5}, measure="TARGETS"),
    ],
    NO_DOUBLE,
)

parts = st.builds(
    part,
    st.sampled_from("abcdefghijkl"),
    st.integers(1, 700),
    target=st.sampled_from([f"T{at}" for at in range(8)]),
    kind=st.sampled_from(["DEGREE", "CERTIFICATE", "INFORMAL"]),
    earned=st.sampled_from(["2025-02-01", "2025-11-11", "2026-03-01"]),
    issuer=st.sampled_from(["甲校", "乙校"]),
    content=st.sampled_from(["", "英语", "计算机"]),
)
groupings = st.lists(
    st.lists(parts, min_size=1, max_size=3, unique_by=lambda one: (one.lot, one.target)),
    min_size=1,
    max_size=4,
)


def grouped(listed: list[list[Part]]) -> dict[str, tuple[Part, ...]]:
    return {f"g{at}": tuple(group) for at, group in enumerate(listed)}


class CapLife(RuleBasedStateMachine):
    """One learner's book under every step that may come, in any order."""

    @initialize()
    def begin(self) -> None:
        self.book = CapBook()
        self.today = date(2026, 1, 1)
        self.now_us = 0
        self.made = 0

    def claim(self, groups: dict[str, tuple[Part, ...]], **more: object) -> Claim:
        self.made += 1
        return Claim(
            claim=f"c{self.made}",
            groups=groups,
            on=self.today.isoformat(),
            programme=BACHELOR,
            **more,  # type: ignore[arg-type]
        )

    def names(self, state: UseState) -> list[str]:
        return sorted({use.claim for use in self.book.uses if use.state is state})

    @rule(days=st.integers(0, 30))
    def time_passes(self, days: int) -> None:
        self.today += timedelta(days=days)
        self.now_us += days
        self.book = self.book.expire(self.now_us)

    @rule(listed=groupings, lasts=st.sampled_from([0, 0, 5, 50]))
    def request(self, listed: list[list[Part]], lasts: int) -> None:
        until_us = self.now_us + lasts if lasts else 0
        self.book, _ = self.book.reserve(CAPS, self.claim(grouped(listed), until_us=until_us))

    @precondition(lambda self: self.names(UseState.RESERVED))
    @rule(data=st.data())
    def commit(self, data: st.DataObject) -> None:
        name = data.draw(st.sampled_from(self.names(UseState.RESERVED)))
        lots = sorted({use.part.lot for use in self.book.uses if use.claim == name})
        reserved = {
            use.part.lot
            for use in self.book.uses
            if use.claim == name and use.state is UseState.RESERVED
        }
        chosen = data.draw(st.sets(st.sampled_from(lots), min_size=1)) & reserved
        if chosen:
            self.book = self.book.consume(name, chosen)

    @precondition(lambda self: self.names(UseState.RESERVED))
    @rule(data=st.data())
    def cancel(self, data: st.DataObject) -> None:
        self.book = self.book.release(data.draw(st.sampled_from(self.names(UseState.RESERVED))))

    @precondition(lambda self: self.names(UseState.CONSUMED))
    @rule(data=st.data())
    def give_back(self, data: st.DataObject) -> None:
        lots = sorted({use.part.lot for use in self.book.uses})
        self.book = self.book.give_back({data.draw(st.sampled_from(lots))})

    @precondition(lambda self: self.names(UseState.CONSUMED))
    @rule(data=st.data(), more=st.integers(-100, 400), others=groupings)
    def appeal(self, data: st.DataObject, more: int, others: list[list[Part]]) -> None:
        name = data.draw(st.sampled_from(self.names(UseState.CONSUMED)))
        raised = [[part_raised(use.part, more)] for use in self.book.uses if use.claim == name]
        with suppress(Refusal):
            self.book, _ = self.book.reserve(
                CAPS, self.claim(grouped(raised + others), appeals=name)
            )

    @precondition(lambda self: self.names(UseState.RESERVED))
    @rule(data=st.data(), listed=groupings)
    def cite(self, data: st.DataObject, listed: list[list[Part]]) -> None:
        name = data.draw(st.sampled_from(self.names(UseState.RESERVED)))
        same = [[use.part] for use in self.book.uses if use.claim == name]
        fresh = [[one] for (one,) in same if not one.earlier_hundredths]
        with suppress(Refusal):
            self.book, _ = self.book.reserve(CAPS, self.claim(grouped(fresh or listed), cites=name))

    @invariant()
    def no_cap_is_passed(self) -> None:
        uses = self.book.uses
        years: Counter[str] = Counter()
        for use in uses:
            years[use.part.earned[:4]] += use.part.above_earlier
        assert max(years.values(), default=0) <= 1000
        assert sum(use.part.above_earlier for use in uses) <= 2000
        assert sum(use.part.above_earlier for use in uses if use.part.kind == "INFORMAL") <= 1000
        for first in {use.occasion.on for use in uses}:
            last = (date.fromisoformat(first) + timedelta(days=39)).isoformat()
            stretch = [use for use in uses if first <= use.occasion.on <= last]
            assert sum(use.part.above_earlier for use in stretch) <= 1100

    @invariant()
    def no_count_is_passed_and_nothing_counts_twice(self) -> None:
        bases = [use for use in self.book.uses if not use.part.earlier_hundredths]
        certificates = {
            (use.part.issuer, use.part.lot) for use in bases if use.part.kind == "CERTIFICATE"
        }
        assert max(Counter(issuer for issuer, _ in certificates).values(), default=0) <= 2
        assert len({(use.claim, use.group, use.part.target) for use in bases}) <= 5
        assert_once((use.part.lot, (use.claim, use.group)) for use in bases)
        assert_once((use.part.target, (use.claim, use.group)) for use in bases)
        assert_once((use.part.content, use.part.lot) for use in bases if use.part.content)
        pairs = [(use.part.lot, use.part.target) for use in bases]
        assert len(pairs) == len(set(pairs))

    @invariant()
    def an_appeal_only_adds(self) -> None:
        rows: dict[tuple[str, str], list[Part]] = {}
        for use in self.book.uses:
            rows.setdefault((use.part.lot, use.part.target), []).append(use.part)
        for raised in rows.values():
            ordered = sorted(raised, key=lambda one: one.hundredths)
            assert ordered[0].earlier_hundredths == 0
            for low, high in pairwise(ordered):
                assert high.earlier_hundredths == low.hundredths < high.hundredths


def assert_once(pairs: Iterable[tuple[str, object]]) -> None:
    """Nothing stands under two names."""
    seen: dict[str, object] = {}
    for what, where in pairs:
        assert seen.setdefault(what, where) == where


def part_raised(one: Part, more: int) -> Part:
    values = {name: getattr(one, name) for name in one.__slots__}
    return Part(**values | {"hundredths": max(1, one.hundredths + more), "earlier_hundredths": 0})


TestCapLife = CapLife.TestCase
TestCapLife.settings = settings(max_examples=80, stateful_step_count=30, deadline=None)


@settings(deadline=None)
@given(groupings, st.randoms(use_true_random=False))
def test_no_order_of_groups_or_lots_changes_what_is_admitted(listed, order):
    groups = grouped(listed)
    names = list(groups)
    order.shuffle(names)
    turned = {name: tuple(reversed(groups[name])) for name in names}
    occasion = Occasion(on="2026-11-23", programme=BACHELOR.code, award=BACHELOR.award)
    first, second = (
        admit(CAPS, some, occasion=occasion, programme=BACHELOR, used={})
        for some in (groups, turned)
    )
    assert first == second
    assert set(first.admitted) | set(first.refused) == set(groups)
    assert all(first.refused.values())
