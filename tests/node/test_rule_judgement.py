"""Cases judged by rules of form 2: what counts together, for how much, and why not the rest."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from federation.base.errors import Breach, Refusal
from federation.base.reasons import reasons as reason_texts
from node.domain import rule_grants, rule_view
from node.domain.outcomes import FIVE, OTHER, PASS
from node.domain.rule_conditions import CASE_REASONS
from node.domain.rule_judgement import HELD, judge
from node.domain.rule_missing import OUT_OF_SEQUENCE
from node.domain.rule_view import Case
from node.domain.rule_ways import RULE_TOO_COMPLEX
from node.domain.rulebook_first import from_first_form
from node.domain.rules import ACCEPT, REJECT, decide
from tests.node.rulebook_documents import ALL, ON, book, course, entry, grant, judged, lot, reasons
from tests.node.test_rules import FACTS, codes, patterns, rule, sources

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


@pytest.mark.parametrize(
    ("conditions", "change", "why"),
    [
        ({"minimum_grade": 85}, {}, ()),
        ({"minimum_grade": 86}, {}, ("GRADE_BELOW_MINIMUM",)),
        ({"minimum_grade": 75}, {"scale": FIVE, "grade": "中等"}, ()),
        (
            {"minimum_grade": {"five": "良好"}},
            {"scale": FIVE, "grade": "中等"},
            ("GRADE_BELOW_MINIMUM",),
        ),
        ({"minimum_grade": {"five": "良好"}}, {}, ("GRADE_UNKNOWN",)),
        ({"minimum_grade": {"pass": "合格"}}, {"scale": PASS, "grade": "合格"}, ()),
        ({"minimum_grade": {"letter": "B"}}, {"scale": OTHER, "grade": "A"}, ()),
        (
            {"minimum_grade": {"letter": "B"}},
            {"scale": OTHER, "grade": "C"},
            ("GRADE_BELOW_MINIMUM",),
        ),
        ({"minimum_grade": {"letter": "B"}}, {"scale": OTHER, "grade": "Z"}, ("GRADE_UNKNOWN",)),
        ({"minimum_grade": {}}, {"scale": OTHER, "grade": "Z"}, ()),
        ({"kinds": ["TRAINING"]}, {}, ("KIND_EXCLUDED",)),
        ({"earned_after": "2024-07-01"}, {}, ("EARNED_OUT_OF_TIME",)),
        ({"earned_before": "2024-06-30"}, {}, ()),
        ({"earned_before": "2024-06-29"}, {}, ("EARNED_OUT_OF_TIME",)),
        ({"valid_years": 2}, {"earned": "2024-11-23"}, ()),
        ({"valid_years": 2}, {"earned": "2024-11-22"}, ("OUTCOME_TOO_OLD",)),
        ({"least_hundredths": 400}, {}, ()),
        ({"least_hundredths": 401}, {}, ("CREDITS_BELOW_MINIMUM",)),
        ({"overlap_percent": 80}, {}, ("OVERLAP_UNKNOWN",)),
        ({"overlap_percent": 80}, {"overlaps": {"T1": 79}}, ("OVERLAP_BELOW_MINIMUM",)),
        ({"overlap_percent": 80}, {"overlaps": {"T1": 80}}, ()),
        ({"not_after_conversion": True}, {"is_converted": True}, ("EXEMPTION_EXCLUDED",)),
        (
            {"not_after_conversion": True},
            {"scale": OTHER, "grade": "免考"},
            ("EXEMPTION_EXCLUDED",),
        ),
        ({}, {"scale": OTHER, "grade": "免考"}, ()),
        ({}, {"expires": "2026-11-22"}, ("OUTCOME_EXPIRED",)),
        ({}, {"amount_hundredths": 4, "catalogue": "2"}, ("NOT_EQUIVALENT",)),
        ({}, {"source": "CN-32"}, ("NOT_EQUIVALENT",)),
    ],
)
def test_each_condition_has_its_reason(conditions, change, why):
    by = book(
        entry(course("A", minimum_grade={}), conditions={"level": "ANY"}),
        entry(course("B", **conditions), conditions={"level": "ANY"}),
        scales={"letter": ["A", "B", "C"]},
    )
    assert judged(by, lot("B", **change)).lots[0].reasons == why


@pytest.mark.parametrize(
    ("operator", "level", "why"),
    [
        ("NOT_LOWER", 5, ("LEVEL_BELOW_MINIMUM",)),
        ("NOT_LOWER", 6, ()),
        ("NOT_LOWER", 7, ()),
        ("NOT_LOWER", 0, ("LEVEL_BELOW_MINIMUM",)),
        ("SAME", 7, ("LEVEL_DIFFERS",)),
        ("SAME", 6, ()),
        ("ANY", 0, ()),
        ({"at_least": 5}, 5, ()),
        ({"at_least": 5}, 4, ("LEVEL_BELOW_MINIMUM",)),
    ],
)
def test_levels_are_compared_as_the_operator_says(operator, level, why):
    by = book(entry(course("A"), grant(level=6), conditions={"level": operator}))
    assert judged(by, lot("A", level=level)).lots[0].reasons == why


def test_not_lower_is_what_a_rule_means_that_says_nothing_of_levels():
    assert reasons(judged(book(entry(course("A"), grant(level=7))), A)) == {
        "A": ("LEVEL_BELOW_MINIMUM",)
    }


def test_a_course_asks_what_it_says_else_what_entry_and_document_say():
    by = book(
        entry(
            {"all": [course("A"), course("B", minimum_grade=70), course("C", minimum_grade={})]},
            FIXED,
            conditions={"minimum_grade": 90},
        ),
        entry(course("D"), grant("T2")),
        defaults={"minimum_grade": 86},
    )
    assert reasons(judged(by, D)) == {"D": ("GRADE_BELOW_MINIMUM",)}
    marked = [lot("A", grade="90"), lot("B", grade="70"), lot("C", grade="1")]
    assert judged(by, *marked).granted("T1") == 300
    assert judged(by, lot("A", grade="89"), *marked[1:]).granted("T1") == 0


def test_rule_and_entry_are_in_force_from_first_to_last_day():
    by = book(
        entry(course("A"), valid_from="2026-01-01", valid_until="2026-12-31"),
        valid_until="2027-12-31",
    )
    for on, why in (
        ("2025-12-31", ("ENTRY_NOT_IN_FORCE",)),
        ("2026-01-01", ()),
        ("2026-12-31", ()),
        ("2027-01-01", ("ENTRY_NOT_IN_FORCE",)),
        ("2028-01-01", ("RULE_NOT_IN_FORCE", "ENTRY_NOT_IN_FORCE")),
    ):
        assert judged(by, A, on=on).lots[0].reasons == why


@pytest.mark.parametrize(
    ("exclusions", "change"),
    [
        ({"kinds": ["CERTIFICATE"]}, {"kind": "CERTIFICATE"}),
        ({"categories": ["PRACTICE"]}, {"category": "PRACTICE"}),
        ({"titles": ["毕业设计"]}, {"title": "软件工程 毕业 设计(论文)"}),
        ({"exemptions": True}, {"is_converted": True}),
    ],
)
def test_what_is_excluded_never_counts(exclusions, change):
    by = book(entry(course("A")), exclusions=exclusions)
    assert judged(by, A).granted("T1") == 400
    (why,) = judged(by, lot("A", **change)).lots[0].reasons
    assert why.endswith("_EXCLUDED")


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


# Form 1 is judged as it always was.


@given(
    st.sets(st.tuples(patterns, sources), min_size=1, max_size=8),
    codes,
    st.sampled_from(["CN-33", "CN-32", "CN-11"]),
    st.sampled_from(["85", "59"]),
    st.sampled_from([0, 4, 7]),
    st.sampled_from([1, 2, 333]),
    st.sampled_from(["2024-12-31", ON, "2031-01-01"]),
)
def test_a_rule_of_form_1_judges_as_it_always_did(pairs, code, source, grade, level, amount, on):
    conditions = [
        {"minimum_grade": 60},
        {"minimum_level": 5, "kinds": ["TRAINING"]},
        {"ratio": "1/3"},
    ]
    lines = [
        {"code": pattern, "source": where, **conditions[at % 3]}
        for at, (pattern, where) in enumerate(sorted(pairs))
    ]
    old = rule(*lines)
    facts = replace(FACTS, code=code, grade=grade, level=level)
    was = decide(old, source=source, facts=facts, amount_hundredths=amount, on=on)
    held = rule_view.CaseLot("x", source, facts, amount)
    (now,) = judge(from_first_form(old), Case((held,), on)).lots
    assert (now.verdict, now.granted_hundredths) == (was.verdict, was.granted_hundredths)
    assert (now.entry_id, now.reasons) == (was.entry_id, was.reasons)


# Faults of the engine that a named test must see.


def test_a_grade_ignored_would_be_seen(monkeypatch):
    by = book(entry(course("A", minimum_grade=86)))
    assert judged(by, A).groups == ()
    monkeypatch.setattr("node.domain.rule_conditions._grade", lambda *_: [])
    assert judged(by, A).groups != ()


def test_a_rounding_left_out_would_be_seen(monkeypatch):
    by = book(entry(course("A"), grant(ratio="2/3")))
    assert judged(by, A).granted("T1") == 266
    monkeypatch.setattr(rule_grants, "rounded", lambda exact, rounding: round(exact))
    assert judged(by, A).granted("T1") == 267


def test_any_catalogue_names_outcomes_of_every_province():
    by = book(entry(course("A", "all")))
    assert ALL["version"] == "*"
    for source in ("CN-33", "CN-11"):
        assert judged(by, lot("A", source=source, catalogue="2019")).granted("T1") == 400
