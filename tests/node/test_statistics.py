"""A month's counts: complete for the house, and without anybody in them for everyone else."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from federation.base.errors import Breach, Unavailable
from federation.trust.statistics import (
    Statistics,
    StatisticsRow,
    verify_statistics,
    write_statistics,
)
from node.domain.exchange import Role
from node.domain.statistics import Part, Tally
from node.usecases.statistics import Statistician
from tests.node.province import DESTINATION, SOURCE
from tests.node.two_provinces import TwoProvinces

LEARNERS = 12


def month_of(time_us: int) -> str:
    """Return the month of a moment in the middle of it."""
    return f"{datetime.fromtimestamp(time_us / 1_000_000, UTC):%Y-%m}"


def later(two: TwoProvinces) -> None:
    """Move to the middle of the month after the next."""
    now = datetime.fromtimestamp(two.clock.us / 1_000_000, UTC)
    count = now.year * 12 + now.month + 1
    moment = datetime(count // 12, count % 12 + 1, 15, tzinfo=UTC)
    two.clock.us = int(moment.timestamp()) * 1_000_000


def lively(two: TwoProvinces, refused: int) -> None:
    """Let so many of a dozen learners be refused, and all others move a lot of three credits."""
    for at in range(LEARNERS):
        person = two.person(f"学{at}")
        two.apply(person, two.lot(person, 300, code="ART-9" if at < refused else "CS-101"))
    two.run(40)


@pytest.mark.parametrize("refused", [0, 2])
def test_counts_are_exact_at_home_and_withheld_outside(two: TwoProvinces, refused: int) -> None:
    lively(two, refused)
    month, granted = month_of(two.clock.us), LEARNERS - refused
    for one, peer, direction in (
        (two.source, DESTINATION, "OUT"),
        (two.destination, SOURCE, "IN"),
    ):
        counter = Statistician(one.office, one.sealing)
        exact = StatisticsRow(
            peer=peer,
            direction=direction,
            begun=LEARNERS,
            granted=granted,
            refused=refused,
            hundredths=300 * granted,
        )
        assert counter.rows(month, is_exact=True) == (exact,)
        # Two learners who were refused could be reckoned from those who were not.
        hidden = replace(exact, granted=None, refused=None, hundredths=None)
        assert counter.rows(month, is_exact=False) == (hidden if refused else exact,)
        assert counter.rows("2019-12", is_exact=True) == ()
        with pytest.raises(Breach, match="MONTH"):
            counter.rows("2026-13", is_exact=True)


def test_a_month_is_signed_once_and_sent_until_it_is_taken(two: TwoProvinces) -> None:
    lively(two, 0)
    month = month_of(two.clock.us)
    counter = Statistician(two.source.office, two.source.sealing)
    taken: list[bytes] = []

    def down(document: bytes) -> None:
        taken.append(document)
        raise Unavailable("COORDINATOR_UNREACHABLE")

    assert counter.send_due(lambda document: None) != month, "it has not ended yet"
    later(two)
    with pytest.raises(Unavailable):
        counter.send_due(down)
    # What changed since is not told: two versions would tell of whoever made the difference.
    person = two.person()
    two.apply(person, two.lot(person))
    two.clock.advance(60_000_000)
    assert counter.send_due(taken.append) == month
    assert counter.send_due(taken.append) == ""
    assert taken[0] == taken[1]
    found = verify_statistics(taken[0], two.view.members, now_us=two.clock.us)
    assert (found.province, found.month) == (SOURCE, month)
    assert [row.begun for row in found.rows] == [LEARNERS]
    for row in two.source.rows("select account from learner"):
        assert row[0].encode() not in taken[0]


def statistics_of(two: TwoProvinces, **changes: Any) -> bytes:
    """Return a document of a month that has ended, with one row bent."""
    row = StatisticsRow(
        peer=DESTINATION, direction="OUT", begun=40, granted=20, refused=20, hundredths=100
    )
    statistics = Statistics(
        province=SOURCE, month="2020-01", made_us=1, rows=(replace(row, **changes),)
    )
    return write_statistics(statistics, two.source.sealing.signer())


@pytest.mark.parametrize(
    "bent",
    [
        {"begun": 9, "granted": None, "refused": None, "hundredths": None},
        {"granted": 9},
        {"refused": None},
        {"begun": None},
        {"granted": 15},
        {"granted": 30},
        {"granted": None, "refused": None},
        {"begun": -1},
        {"begun": True},
        {"peer": SOURCE},
        {"direction": "SIDEWAYS"},
    ],
)
def test_a_document_that_shows_what_it_may_not_is_refused(
    two: TwoProvinces, bent: dict[str, Any]
) -> None:
    members, now_us = two.view.members, two.clock.us
    assert verify_statistics(statistics_of(two), members, now_us=now_us).rows[0].begun == 40
    with pytest.raises(Breach, match="STATISTICS_FORM"):
        verify_statistics(statistics_of(two, **bent), members, now_us=now_us)


def test_a_document_counts_only_by_its_provinces_key(two: TwoProvinces) -> None:
    members, now_us = two.view.members, two.clock.us
    value = json.loads(statistics_of(two))
    value["signatures"][0]["sig"] = "AAAA" + value["signatures"][0]["sig"][4:]
    bent = json.dumps(value, sort_keys=True, separators=(",", ":")).encode()
    with pytest.raises(Breach, match="SIGNATURE_INVALID"):
        verify_statistics(bent, members, now_us=now_us)
    with pytest.raises(Breach, match="NOT_MEMBER"):
        verify_statistics(statistics_of(two), {}, now_us=now_us)
    foreign = {SOURCE: replace(members[DESTINATION], province=SOURCE)}
    with pytest.raises(Breach, match="KEY_UNKNOWN"):
        verify_statistics(statistics_of(two), foreign, now_us=now_us)
    with pytest.raises(Breach, match="STATISTICS_FORM"):
        verify_statistics(statistics_of(two), members, now_us=1_570_000_000_000_000)


parts = st.integers(0, 30).flatmap(
    lambda count: st.builds(Part, exchanges=st.just(count), learners=st.integers(0, count))
)


@given(parts, parts, parts, st.integers(0, 30))
def test_nothing_of_few_learners_can_be_reckoned_from_what_is_shown(
    granted: Part, refused: Part, rest: Part, learners: int
) -> None:
    exchanges = granted.exchanges + refused.exchanges + rest.exchanges
    begun = Part(exchanges=exchanges, learners=min(learners, exchanges))
    tally = Tally(
        peer=DESTINATION,
        role=Role.SOURCE,
        granted=granted,
        refused=refused,
        rest=rest,
        begun=begun,
        hundredths=100,
    )
    shown = dict(zip(("begun", "granted", "refused"), tally.shown(is_exact=False), strict=False))
    parts_shown = {"begun": begun, "granted": granted, "refused": refused, "rest": rest}
    if None not in shown.values():
        shown["rest"] = exchanges - granted.exchanges - refused.exchanges
    for name, count in shown.items():
        assert count is None or not count or parts_shown[name].learners >= 10
    assert (shown["granted"] is None) == (shown["refused"] is None)
