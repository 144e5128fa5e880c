"""Cases judged by rules of form 2: what counts together, for how much, and why not the rest."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import pytest

from federation.base.errors import Breach, Refusal
from federation.base.reasons import reasons as reason_texts
from node.domain import rule_view
from node.domain.outcomes import FIVE, OTHER
from node.domain.rule_conditions import CASE_REASONS
from node.domain.rule_judgement import HELD
from node.domain.rule_missing import OUT_OF_SEQUENCE
from node.domain.rule_view import Case
from node.domain.rule_ways import RULE_TOO_COMPLEX
from node.domain.rules import ACCEPT, REJECT
from tests.node.rulebook_documents import ALL, ON, book, course, entry, grant, judged, lot, reasons

A, B, C, D = (lot(code) for code in "ABCD")
FIXED = grant(credits_hundredths=300)


def missing(judgement: Any) -> list[tuple[str, ...]]:
    (short,) = judgement.missing
    return [tuple(one.code for one in lack.courses) for lack in short.missing]


def test_both_courses_are_asked_where_the_rule_says_all():
    by = book(entry({"all": [course("A"), course("B")]}, FIXED))
    whole = judged(by, A, B, wanted="T1")
    assert whole.granted("T1") == 300
    assert [(one.lot_id, one.verdict, one.granted_hundredths) for one in whole.lots] == [
        ("A", ACCEPT, 150),
        ("B", ACCEPT, 150),
    ]
    half = judged(by, A, wanted="T1")
    assert half.groups == ()
    assert reasons(half) == {"A": ("REQUIREMENT_INCOMPLETE",)}
    assert missing(half) == [("B",)]
    assert half.missing[0].lot_ids == ("A",)


def test_one_course_is_enough_where_the_rule_says_any():
    by = book(entry({"any": [course("A"), course("B")]}, FIXED))
    assert judged(by, B).granted("T1") == 300
    both = judged(by, A, B)
    assert (both.granted("T1"), reasons(both)) == (300, {"B": ("TARGET_MET",)})
    assert missing(judged(by, C, wanted="T1")) == [("A",)]


def test_so_many_of_several_are_asked():
    by = book(entry({"at_least": 2, "of": [course(code) for code in "ABC"]}, FIXED))
    assert judged(by, A, C).granted("T1") == 300
    assert missing(judged(by, C, wanted="T1")) == [("A",)]


def test_a_sequence_is_earned_in_its_order():
    by = book(entry({"sequence": [course("A"), course("B")]}, FIXED))
    late = lot("A", earned="2025-01-01")
    assert judged(by, A, B).granted("T1") == 300
    turned = judged(by, late, B, wanted="T1")
    assert turned.granted("T1") == 0
    assert turned.missing[0].missing[0].reasons == (OUT_OF_SEQUENCE,)


def test_one_course_may_count_as_several_targets():
    by = book(entry(course("A"), grant("T1", credits_hundredths=200), grant("T2", ratio="1/4")))
    judgement = judged(by, A)
    assert (judgement.granted("T1"), judgement.granted("T2")) == (200, 100)
    assert judgement.lots[0].granted_hundredths == 300


def test_hours_add_up_to_a_threshold_and_become_credits():
    pool = {"of": [course("VOL-*", "all")["course"]], "hours": 32}
    by = book(
        entry({"pool": pool}, grant(hours_ratio="STANDARD")),
        defaults={"hours_per_credit": 16},
        exclusions={"duplicates": "NONE"},
    )
    some = [lot("VOL-1", f"v{at}", hours=10, amount_hundredths=10) for at in range(5)]
    judgement = judged(by, *some)
    assert [group.lot_ids for group in judgement.groups] == [("v0", "v1", "v2", "v3")]
    assert judgement.granted("T1") == 250
    short = judged(by, *some[:3], wanted="T1")
    assert [(lack.measure, lack.amount) for lack in short.missing[0].missing] == [("hours", 2)]


def test_outcomes_of_two_provinces_wait_for_one_another():
    by = book(entry({"all": [course("A"), course("B", "js")]}, FIXED))
    first = judged(by, A, wanted="T1")
    assert [(one.verdict, one.entry_id) for one in first.lots] == [(HELD, "e1")]
    assert reasons(first) == {"A": ("HELD_INCOMPLETE",)}
    assert missing(first) == [("B",)]
    assert judged(by, A, lot("B", source="CN-32"), wanted="T1").granted("T1") == 300
    assert judged(by, A, B, wanted="T1").granted("T1") == 0
    strict = book(entry({"all": [course("A"), course("B", "js")]}, FIXED, incomplete="REFUSE"))
    assert judged(strict, A).lots[0].verdict == REJECT


def test_a_lot_is_used_once_and_the_choice_grants_most():
    by = book(
        entry(course("A"), grant("T1")),
        entry({"any": [course("A"), course("B")]}, grant("T2")),
        entry({"all": [course("A"), course("B")]}, grant("T3")),
    )
    judgement = judged(by, A, B)
    assert [(group.entry_id, group.lot_ids) for group in judgement.groups] == [
        ("e1", ("A",)),
        ("e2", ("B",)),
    ]
    assert judged(by, A, B, wanted="T3").granted("T3") == 800
    assert judged(by, A, wanted="T2").groups[0].entry_id == "e2"


def test_preference_is_whole_codes_then_most_lots_then_order():
    by = book(
        entry(course("A*", "all"), grant("T1", credits_hundredths=100)),
        entry(course("A"), grant("T1", credits_hundredths=200)),
        entry({"all": [course("A"), course("B")]}, grant("T1", credits_hundredths=300)),
        entry({"all": [course("A"), course("C")]}, grant("T1", credits_hundredths=400)),
    )
    assert judged(by, A).groups[0].entry_id == "e2"
    assert judged(by, A, B, C).groups[0].entry_id == "e3"
    assert judged(by, A, C).groups[0].entry_id == "e4"


def test_a_target_is_granted_once_unless_the_entry_repeats():
    once = book(entry(course("*", "all")))
    assert len(judged(once, A, B).groups) == 1
    often = book(entry(course("*", "all"), repeats=True))
    assert len(judged(often, A, B).groups) == 2


def test_of_like_outcomes_the_highest_counts():
    by = book(entry(course("*", "all"), repeats=True), exclusions={"duplicates": "NAME"})
    low = lot("X", "low", title="大学 英语(一)", grade="70")
    high = lot("Y", "high", title="大学英语Ⅰ", grade="90")
    other = lot("Z", "other", title="大学英语(二)", grade="60")
    judgement = judged(by, low, high, other)
    assert {name for group in judgement.groups for name in group.lot_ids} == {"high", "other"}
    assert reasons(judgement) == {"low": ("DUPLICATE_CONTENT",)}
    by_code = book(entry(course("*", "all"), repeats=True))
    assert len(judged(by_code, low, high, other).groups) == 3
    again = [lot("X", "x1", grade="61"), lot("X", "x2", grade="95")]
    assert judged(by_code, *again).groups[0].lot_ids == ("x2",)


def test_an_entry_may_ask_for_two_courses_of_one_name():
    by = book(entry({"all": [course("A"), course("B")]}, FIXED), exclusions={"duplicates": "NAME"})
    assert judged(by, lot("A", title="微积分"), lot("B", title="微积分")).granted("T1") == 300


@pytest.mark.parametrize(
    ("rounding", "ratio", "amount", "granted"),
    [
        ("DOWN", "2/3", 400, 266),
        ("HALF_UP", "2/3", 400, 267),
        ("HALF_EVEN", "1/2", 5, 2),
        ("HALF_EVEN", "1/2", 7, 4),
        ("HALF_UP", "1/2", 5, 3),
        ("DOWN", "1/2", 7, 3),
    ],
)
def test_a_grant_is_rounded_as_its_rule_names(rounding, ratio, amount, granted):
    by = book(entry(course("A"), grant(ratio=ratio)), defaults={"rounding": rounding})
    judgement = judged(by, lot("A", amount_hundredths=amount))
    assert judgement.granted("T1") == granted
    (one,) = judgement.groups[0].grants
    assert (one.exact, one.rounding) == (amount * Fraction(ratio), rounding)


def test_a_proportional_grant_stays_within_its_bounds():
    bounds = {"at_least_hundredths": 100, "at_most_hundredths": 300}
    by = book(entry(course("A"), grant(**bounds)))
    for amount, granted in ((50, 100), (200, 200), (900, 300)):
        assert judged(by, lot("A", amount_hundredths=amount)).granted("T1") == granted


def test_every_lot_of_a_group_gets_a_share():
    by = book(entry({"all": [course("A"), course("B")]}, grant(credits_hundredths=100)))
    judgement = judged(by, lot("A", amount_hundredths=10**6), lot("B", amount_hundredths=1))
    assert [one.granted_hundredths for one in judgement.lots] == [99, 1]


def test_a_grant_of_nothing_is_a_rejection():
    alone = book(entry(course("A"), grant(ratio="1/500")))
    assert reasons(judged(alone, A)) == {"A": ("GRANT_IS_ZERO",)}
    both = book(entry({"all": [course("A"), course("B")]}, grant(credits_hundredths=1)))
    assert set(reasons(judged(both, A, B)).values()) == {("GRANT_IS_ZERO",)}


@pytest.mark.parametrize(
    ("written", "change", "grade"),
    [
        ("EXEMPT", {}, "免考"),
        ("AS_IS", {}, "85"),
        ("AS_IS", {"scale": OTHER, "grade": "A-"}, "A-"),
        ({"60": "60", "80": "80"}, {"scale": FIVE, "grade": "及格"}, "60"),
        ({"60": "60", "80": "80"}, {"scale": FIVE, "grade": "优秀"}, "80"),
        ({"60": "60", "80": "80"}, {"grade": "59"}, "免考"),
        ({"60": "60", "80": "80"}, {"scale": OTHER, "grade": "A-"}, "免考"),
    ],
)
def test_the_grade_is_written_as_the_rule_says(written, change, grade):
    by = book(entry(course("A"), grade_written=written))
    assert judged(by, lot("A", **change)).groups[0].grade_written == grade


def test_of_several_lots_the_lowest_mark_is_written():
    by = book(entry({"all": [course("A"), course("B")]}, FIXED, grade_written="AS_IS"))
    assert judged(by, A, lot("B", grade="61")).groups[0].grade_written == "61"


def test_only_entries_for_the_wanted_targets_are_considered():
    by = book(entry(course("A"), grant("T1")), entry(course("B"), grant("T2")))
    judgement = judged(by, A, B, wanted="T2")
    assert [group.entry_id for group in judgement.groups] == ["e2"]
    assert reasons(judgement) == {"A": ("NOT_FOR_TARGET",)}
    nothing = judged(by, C, wanted="T1 T2 T9")
    assert reasons(nothing) == {"C": ("NOT_EQUIVALENT",)}
    assert [short.entry_id for short in nothing.missing] == ["e1", "e2"]


def test_the_entry_that_lacks_least_is_told_and_why_a_lot_does_not_do():
    by = book(
        entry({"all": [course("C"), course("D"), course("A")]}, FIXED),
        entry({"all": [course("A"), course("B", minimum_grade=90)]}, FIXED),
    )
    judgement = judged(by, A, B, wanted="T1")
    (short,) = judgement.missing
    assert (short.entry_id, short.lot_ids) == ("e2", ("A",))
    assert [(lack.courses[0].code, lack.reasons) for lack in short.missing] == [
        ("B", ("GRADE_BELOW_MINIMUM",))
    ]


def test_two_like_courses_are_missing_twice():
    by = book(entry({"all": [course("A*", "all"), course("A*", "all"), course("A")]}, FIXED))
    (short,) = judged(by, A, lot("AB"), wanted="T1").missing
    assert len(short.missing) == 1


def test_too_many_combinations_are_refused_by_name():
    some = [course(f"A{at:02d}", "all")["course"] for at in range(30)]
    by = book(
        *(
            entry({"pool": {"of": some, "credits_hundredths": 4000 + at}}, grant(f"T{at}"))
            for at in range(3)
        )
    )
    held = [lot(f"A{at:02d}", amount_hundredths=250 + at * 3) for at in range(30)]
    with pytest.raises(Refusal) as refusal:
        judged(by, *held)
    assert refusal.value.reason == RULE_TOO_COMPLEX


def test_a_pool_of_many_like_courses_is_no_matter():
    some = [course("CS-*", "all")["course"]]
    by = book(*(entry({"pool": {"of": some, "lots": 30}}, grant(f"T{at}")) for at in range(3)))
    held = [lot(f"CS-{at}", amount_hundredths=100 + at) for at in range(100)]
    assert len(judged(by, *held).groups) == 3
    assert len(judged(by, *held[:70]).groups) == 2


def test_every_reason_is_explained():
    known = reason_texts()
    assert set(CASE_REASONS) | {OUT_OF_SEQUENCE, RULE_TOO_COMPLEX} <= set(known)


def test_what_is_no_day_or_no_lot_is_a_breach():
    with pytest.raises(Breach):
        Case((A,), "2026-02-30")
    with pytest.raises(Breach):
        lot("A", amount_hundredths=0)
    with pytest.raises(ValueError, match="two lots"):
        Case((A, A), ON)


def test_any_catalogue_names_outcomes_of_every_province():
    by = book(entry(course("A", "all")))
    assert ALL["version"] == "*"
    for source in ("CN-33", "CN-11"):
        assert judged(by, lot("A", source=source, catalogue="2019")).granted("T1") == 400


def test_thousands_of_entries_for_one_outcome_are_no_matter():
    by = book(*(entry(course("A"), grant(f"T{at % 40}")) for at in range(3000)))
    judgement = judged(by, A)
    assert [group.entry_id for group in judgement.groups] == ["e1"]
    assert judged(by, A, B, wanted="T7").groups[0].entry_id == "e8"


def test_only_entries_that_name_an_outcome_are_looked_at(monkeypatch):
    looked: list[str] = []
    ask = rule_view.unmet

    def counted(by: Any, one: Any, *rest: Any) -> list[str]:
        looked.append(one.entry_id)
        return ask(by, one, *rest)

    monkeypatch.setattr(rule_view, "unmet", counted)
    for count in (10, 1000):
        looked.clear()
        judged(book(*(entry(course(f"C{at}"), grant(f"T{at}")) for at in range(count))), lot("C7"))
        assert looked == ["e8"]
