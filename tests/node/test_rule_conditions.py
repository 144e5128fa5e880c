"""What is asked of an outcome besides being the course, and form 1 in the same terms."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from node.domain import rule_grants, rule_view
from node.domain.outcomes import FIVE, OTHER, PASS
from node.domain.rule_judgement import judge
from node.domain.rule_view import Case
from node.domain.rulebook_first import from_first_form
from node.domain.rules import decide
from tests.node.rulebook_documents import ON, book, course, entry, grant, judged, lot, reasons
from tests.node.test_rules import FACTS, codes, patterns, rule, sources

A, D = lot("A"), lot("D")
FIXED = grant(credits_hundredths=300)


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
