"""Open data: rules flat, versions, agreements, and refusals in which nobody is found."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from node.domain.catalogue_form import canonical_catalogue
from node.domain.flat_rules import flat_caps, flat_courses, flat_entries
from node.domain.refusal_rates import OTHERS, JudgedLot, RefusalRate, refusal_rates
from node.edges.cli.csv_writing import csv_bytes, defused
from node.edges.cli.open_data_dictionary import TABLES, TITLES, dictionary_text
from node.usecases.open_data import OpenData, quarters
from node.usecases.publications import CATALOGUE, Publications
from node.v1 import open_data_service_pb2 as pb
from tests.node.cap_documents import GUANGDONG, cap
from tests.node.catalogue_desk import catalogue_of, publish_catalogue
from tests.node.province import DESTINATION, SOURCE
from tests.node.rulebook_documents import book, course, entry, grant
from tests.node.two_provinces import TwoProvinces


def lots(
    many: int, *, entry: str = "e1", reasons: tuple[str, ...] = (), first: int = 0
) -> list[JudgedLot]:
    """One lot each of so many learners."""
    return [
        JudgedLot(
            source="CN-33",
            learner=f"learner {at}",
            entry=entry,
            is_granted=not reasons,
            reasons=reasons,
        )
        for at in range(first, first + many)
    ]


def told(*groups: Iterable[JudgedLot]) -> list[tuple[str, str, int, int | None]]:
    """Entry, reason, judged and refused of what is published."""
    rates = refusal_rates(lot for group in groups for lot in group)
    return [(one.entry, one.reason, one.judged, one.refused) for one in rates]


def test_refusals_are_told_by_entry_and_reason() -> None:
    assert told(lots(20), lots(12, reasons=("GRADE_BELOW_MINIMUM",), first=20)) == [
        ("e1", "", 32, 12),
        ("e1", "GRADE_BELOW_MINIMUM", 32, 12),
    ]


def test_a_source_with_too_few_learners_is_not_told_of() -> None:
    assert told(lots(9)) == []
    many_of_one = lots(1) * 50
    assert told(many_of_one) == []


def test_too_few_refusals_are_withheld_and_so_are_too_few_grants() -> None:
    assert told(lots(20), lots(9, reasons=("NOT_EQUIVALENT",), first=20)) == [("e1", "", 29, None)]
    assert told(lots(9), lots(20, reasons=("NOT_EQUIVALENT",), first=9)) == [("e1", "", 29, None)]


def test_a_reason_that_would_tell_of_the_few_others_is_withheld() -> None:
    most = lots(30, reasons=("NOT_EQUIVALENT",))
    few = lots(2, reasons=("GRADE_UNKNOWN",), first=30)
    assert told(most, few) == [("e1", "", 32, 32)]


def test_small_entries_stand_together() -> None:
    assert told(lots(30), lots(6, entry="e2", first=30), lots(5, entry="e3", first=36)) == [
        (OTHERS, "", 11, 0),
        ("e1", "", 30, 0),
    ]


def test_an_entry_too_small_alone_takes_the_next_with_it() -> None:
    told_so = told(lots(30), lots(12, entry="e2", first=30), lots(3, entry="e3", first=42))
    assert told_so == [(OTHERS, "", 15, 0), ("e1", "", 30, 0)]


CELLS = st.lists(
    st.builds(
        lambda learner, entry, why: JudgedLot(
            source="CN-33",
            learner=str(learner),
            entry=entry,
            is_granted=not why,
            reasons=tuple(sorted(why)),
        ),
        st.integers(0, 30),
        st.sampled_from(["e1", "e2", "e3", ""]),
        st.sets(st.sampled_from(["A", "B"])),
    ),
    max_size=120,
)


@given(CELLS)
def test_no_number_and_no_difference_of_numbers_is_of_a_few(judged: list[JudgedLot]) -> None:
    rates = refusal_rates(judged)
    entries = {one.entry for one in rates}
    shown = {one.entry: one for one in rates if not one.reason}
    cells: dict[str, list[JudgedLot]] = {name: [] for name in entries}
    for lot in judged:
        name = lot.entry if lot.entry in entries - {OTHERS} else OTHERS
        cells.setdefault(name, []).append(lot)
    assert sum(one.judged for one in shown.values()) in (0, len(judged))
    for name, one in shown.items():
        cell = cells[name]
        assert one.judged == len(cell)
        assert learners(cell) >= 10
        refused = [lot for lot in cell if not lot.is_granted]
        if one.refused is not None:
            assert one.refused == len(refused)
            parts = [refused, [lot for lot in cell if lot.is_granted]]
            assert all(not part or learners(part) >= 10 for part in parts)
    for one in rates:
        if one.reason:
            refused = [lot for lot in cells[one.entry] if not lot.is_granted]
            those = [lot for lot in refused if one.reason in lot.reasons]
            rest = [lot for lot in refused if one.reason not in lot.reasons]
            assert one.refused == len(those)
            assert all(not part or learners(part) >= 10 for part in (those, rest))


def learners(cell: list[JudgedLot]) -> int:
    return len({lot.learner for lot in cell})


@pytest.mark.parametrize(
    ("judged", "refused", "rate"),
    [(3, 1, "0.3333"), (3, 2, "0.6667"), (7, 7, "1.0000"), (5, 0, "0.0000"), (9, None, "")],
)
def test_a_rate_has_four_places(judged: int, refused: int | None, rate: str) -> None:
    one = RefusalRate(source="CN-33", entry="e1", reason="", judged=judged, refused=refused)
    assert one.rate == rate


def test_quarters_that_are_over_are_told() -> None:
    assert quarters("2025-11", "2026-05") == ["2025-Q4", "2026-Q1"]
    assert quarters("2025-11", "2025-11") == []


def lively(two: TwoProvinces) -> None:
    """Let a dozen learners be granted a lot, and ten of them refused another."""
    for at in range(12):
        person = two.person(f"学{at}")
        wanted = [two.lot(person, 300, code="CS-101")]
        if at < 10:
            wanted.append(two.lot(person, 300, code="ART-9"))
        two.apply(person, *wanted)
    two.run(40)


def to_month(two: TwoProvinces, month: int) -> None:
    moment = datetime(2026, month, 15, tzinfo=UTC)
    two.clock.us = int(moment.timestamp()) * 1_000_000


def test_a_quarter_is_told_once_and_never_changed(two: TwoProvinces) -> None:
    data = OpenData(two.destination.office)
    assert data.refusals() == []
    lively(two)
    to_month(two, 4)
    # A month must pass after its end, for decisions take their time.
    assert data.refusals() == []
    to_month(two, 5)
    (first,) = data.refusals()
    assert first.quarter == "2026-Q1"
    totals = [one for one in first.rates if not one.reason]
    assert sum(one.judged for one in totals) == 22
    assert {one.source for one in totals} == {SOURCE}
    assert sum(one.refused or 0 for one in totals) == 10
    assert ("NOT_EQUIVALENT", 10) in [(one.reason, one.refused) for one in first.rates]
    # One learner more, whom two versions of the same quarter would give away.
    to_month(two, 3)
    person = two.person("后来")
    two.apply(person, two.lot(person, 300))
    two.run()
    to_month(two, 5)
    assert data.refusals() == [first]
    # Nothing is told of what this province asked of others.
    assert OpenData(two.source.office).refusals() == []


def test_what_is_of_too_few_is_not_told(two: TwoProvinces) -> None:
    person = two.person()
    two.apply(person, two.lot(person, 300))
    two.run()
    to_month(two, 5)
    (quarter,) = OpenData(two.destination.office).refusals()
    assert quarter.rates == ()


def test_the_rule_in_force_the_agreements_and_published_versions(two: TwoProvinces) -> None:
    data = OpenData(two.destination.office)
    rule = data.rule()
    assert rule is not None
    assert [one.target for one in flat_entries(rule)] == ["GD-1"]
    assert [one.agreement.agreement for one in data.agreements()] == ["mutual"]
    made = publish_catalogue(two.destination, f"{DESTINATION}/courses", "2026.1")
    assert [(kind, one.name, one.digest) for kind, one in data.versions()] == [
        (CATALOGUE, f"{DESTINATION}/courses", made.digest)
    ]
    draft = catalogue_of(f"{DESTINATION}/courses", "2026.2")
    desk = Publications(two.destination.office)
    desk.hand_in(CATALOGUE, canonical_catalogue(draft), by="operator-li")
    assert [one.version for _, one in data.versions()] == ["2026.1"], "a draft is nobody's affair"


def test_a_rule_of_form_2_is_told_flat() -> None:
    rule = book(
        entry(
            {"all": [course("A"), {"any": [course("B"), course("C", "js")]}]},
            grant("T1", credits_hundredths=350),
            grant("T2", ratio="1/2"),
        ),
        entry({"pool": {"hours": 32, "of": [course("VOL-*", "all")["course"]]}}, track="PANEL"),
        caps=[cap("year", {"at_most": 4200}), *GUANGDONG],
    )
    first, second, third = flat_entries(rule)
    assert first.requires == "ALL(CN-33@1:A, ANY(CN-33@1:B, CN-32@1:C))"
    assert (first.target, first.measure) == ("T1", "3.50")
    assert (second.target, second.measure) == ("T2", "ratio 1/2")
    assert (third.requires, third.track) == ("POOL(hours >= 32: *@*:VOL-*)", "PANEL")
    assert [(one.entry, one.code) for one in flat_courses(rule)] == [
        ("e1", "A"),
        ("e1", "B"),
        ("e1", "C"),
        ("e2", "VOL-*"),
    ]
    assert [(one.cap, one.limit) for one in flat_caps(rule)] == [
        ("year", "AT_MOST 42.00"),
        ("gd-all", "AT_MOST 1/2 OF graduation"),
        ("gd-online", "AT_MOST 1/4 OF graduation"),
    ]


ROWS: dict[str, Any] = {
    "rules": pb.OpenRule,
    "rule_entries": pb.OpenRuleEntry,
    "rule_courses": pb.OpenRuleCourse,
    "rule_caps": pb.OpenRuleCap,
    "versions": pb.OpenVersion,
    "agreements": pb.OpenAgreement,
    "refusals": pb.OpenRefusal,
}


def test_every_column_is_in_the_dictionary_in_both_languages() -> None:
    assert list(TABLES) == list(TITLES) == list(ROWS)
    page = dictionary_text({"province": "CN-44", "made_on": "2026-05-15"})
    for name, message in ROWS.items():
        assert list(TABLES[name]) == [field.name for field in message.DESCRIPTOR.fields]
        for column, (zh, en) in TABLES[name].items():
            assert f"| {column} | {zh} | {en} |" in page
            assert en.isascii()
            assert not zh.isascii()


@pytest.mark.parametrize("text", ["=1+1", "+86", "-1", "@SUM(A1)", "\tx", "\rx"])
def test_a_field_that_a_spreadsheet_would_compute_is_defused(text: str) -> None:
    assert defused(text) == f"'{text}"
    assert csv_bytes(["a"], [{"a": text}]).decode("utf-8-sig").splitlines()[1].lstrip('"')[0] == "'"


def test_numbers_and_words_stay_as_they_are() -> None:
    made = csv_bytes(["a", "b", "c", "d"], [{"a": -1, "b": "x,y", "c": None, "d": True}])
    assert made == '\ufeffa,b,c,d\r\n-1,"x,y",,true\r\n'.encode()
