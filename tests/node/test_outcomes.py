"""Outcome facts: valid from birth, one spelling each, comparable grades."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from federation.base.errors import Breach
from node.domain.outcome_forms import OUTCOME_FORMS
from node.domain.outcomes import (
    FIELD_NAMES,
    FIVE,
    FORMS_OF_KIND,
    OTHER,
    OUTCOME_KINDS,
    PASS,
    PERCENT,
    UNGRADED,
    OutcomeFacts,
    check_date,
    percent,
)

FACTS = OutcomeFacts(
    code="ZJ-CS-101",
    catalogue="2026.1",
    title="数据库原理",
    grade="85",
    scale=PERCENT,
    level=6,
    field="520.2040",
    hours=64,
    earned="2024-06-30",
    expires="",
    kind="DEGREE",
    issuer="浙江开放大学",
)

graded = st.one_of(
    st.tuples(st.just(PERCENT), st.integers(0, 100).map(str)),
    st.tuples(st.just(PERCENT), st.sampled_from(["0.5", "99.99", "60.01"])),
    st.tuples(st.just(FIVE), st.sampled_from(["优秀", "良好", "中等", "及格", "不及格"])),
    st.tuples(st.just(PASS), st.sampled_from(["合格", "不合格", "Pass", "Distinction", "Fail"])),
    st.tuples(st.just(OTHER), st.sampled_from(["A+", "3.7", "一等"])),
    st.tuples(st.just(UNGRADED), st.just("")),
)
texts = st.text(st.characters(categories=("L", "N", "P")), min_size=1, max_size=20)
days = st.dates().filter(lambda day: day.year >= 1900).map(str)


@st.composite
def outcomes(draw) -> OutcomeFacts:
    scale, grade = draw(graded)
    earned = draw(days)
    return OutcomeFacts(
        code=draw(st.from_regex(r"[A-Z0-9-]{1,12}", fullmatch=True)),
        catalogue=draw(st.from_regex(r"[0-9]{4}\.[0-9]", fullmatch=True)),
        title=draw(texts),
        grade=grade,
        scale=scale,
        level=draw(st.integers(0, 10)),
        field=draw(st.sampled_from(["", "520", "880.4010"])),
        hours=draw(st.integers(0, 100_000)),
        earned=earned,
        expires=draw(st.one_of(st.just(""), days.filter(lambda day: day >= earned))),
        kind=draw(st.sampled_from(OUTCOME_KINDS)),
        issuer=draw(texts),
    )


def refused(**change) -> str:
    with pytest.raises(Breach) as breach:
        replace(FACTS, **change)
    return breach.value.reason


def test_a_form_is_one_of_its_kind_and_is_spelt_only_where_it_is_known():
    known = replace(FACTS, kind="CERTIFICATE", form="ONE_PLUS_X")
    assert known.as_fields() == replace(known, form="").as_fields() | {"form": "ONE_PLUS_X"}
    assert OutcomeFacts.from_fields(known.as_fields()) == known
    for kind, form in (("DEGREE", "ONE_PLUS_X"), ("CERTIFICATE", "one_plus_x"), ("DEGREE", "x")):
        assert refused(kind=kind, form=form) == "FIELDS"
    with pytest.raises(Breach, match="FIELDS"):
        OutcomeFacts.from_fields(FACTS.as_fields() | {"form": ""})
    assert {form: row.kind for form, row in OUTCOME_FORMS.items()} == {
        form: kind for kind, forms in FORMS_OF_KIND.items() for form in forms
    }


@given(outcomes())
def test_fields_spell_the_facts_and_only_these_facts(facts):
    spelled = facts.as_fields()
    assert tuple(spelled) == FIELD_NAMES
    assert OutcomeFacts.from_fields(spelled) == facts
    assert OutcomeFacts.from_fields(spelled).as_fields() == spelled


@given(st.dictionaries(st.sampled_from([*FIELD_NAMES, "more"]), st.text(max_size=8)))
def test_any_fields_are_facts_in_that_spelling_or_refused(change):
    offered = FACTS.as_fields() | change
    reason, again = "", offered
    try:
        again = OutcomeFacts.from_fields(offered).as_fields()
    except Breach as breach:
        reason = breach.reason
    assert reason in ("", "FIELDS", "BAD_TEXT", "GRADE", "DATE")
    assert again == offered


@pytest.mark.parametrize("name", FIELD_NAMES)
def test_a_missing_field_is_refused(name):
    offered = FACTS.as_fields()
    del offered[name]
    with pytest.raises(Breach, match=name) as breach:
        OutcomeFacts.from_fields(offered)
    assert breach.value.reason == "FIELDS"


@pytest.mark.parametrize("number", ["", "06", "+6", "6.0", " 6", "６", "-1", "9" * 5000, "1_0"])
def test_numbers_have_one_spelling(number):
    with pytest.raises(Breach) as breach:
        OutcomeFacts.from_fields(FACTS.as_fields() | {"level": number})
    assert breach.value.reason == "FIELDS"


@pytest.mark.parametrize(
    ("scale", "grade"),
    [
        *(
            (PERCENT, text)
            for text in ("", "101", "-1", "85.0", "85.50", "085", ".5", "8５", "1e2")
        ),
        *((PERCENT, text) for text in ("100.0", "100.01", "85.123", "85\n", "NaN", "优秀")),
        (FIVE, "85"),
        (FIVE, "优"),
        (PASS, "pass"),
        (PASS, "优秀"),
        (OTHER, ""),
        (OTHER, " A"),
        (OTHER, "A\u202e"),
        (OTHER, "x" * 33),
        (UNGRADED, "Pass"),
    ],
)
def test_a_grade_is_one_of_its_scale(scale, grade):
    assert refused(scale=scale, grade=grade) == "GRADE"


@pytest.mark.parametrize(
    "day",
    [
        *("", "2023-02-30", "2023-02-29", "1899-12-31", "0001-01-01", "10000-01-01", "2023-13-01"),
        *("20230101", "2023-1-1", "2023-W01-1", "2023-01-01T00:00", "２023-01-01", "2023-01-01\n"),
    ],
)
def test_a_day_outside_the_calendar_is_refused(day):
    assert refused(earned=day) == "DATE"
    if day:
        assert refused(expires=day) == "DATE"
    with pytest.raises(Breach):
        check_date(day)


def test_an_outcome_does_not_expire_before_it_was_earned():
    assert refused(expires="2024-06-29") == "DATE"
    assert replace(FACTS, expires="2024-06-30").expires == "2024-06-30"


@pytest.mark.parametrize(
    "change",
    [
        {"title": ""},
        {"title": "a\x00"},
        {"title": "a\u202eb"},
        {"title": "x" * 401},
        {"issuer": "a\nb"},
        {"code": ""},
        {"code": " A"},
        {"code": "A\u200b"},
        {"code": "e\u0301"},
        {"code": "x" * 65},
        {"catalogue": ""},
        {"field": " "},
    ],
)
def test_unclean_texts_are_refused(change):
    assert refused(**change) == "BAD_TEXT"


@pytest.mark.parametrize(
    "change",
    [
        {"kind": "degree"},
        {"kind": ""},
        {"scale": "PERCENT"},
        {"level": -1},
        {"level": 11},
        {"hours": -1},
        {"hours": 100_001},
    ],
)
def test_values_outside_their_set_are_refused(change):
    assert refused(**change) == "FIELDS"


@pytest.mark.parametrize(
    ("scale", "grade", "mark"),
    [
        (PERCENT, "0", 0),
        (PERCENT, "100", 100),
        (PERCENT, "59.99", Fraction(5999, 100)),
        *((FIVE, *pair) for pair in (("优秀", 95), ("良好", 85), ("中等", 75), ("及格", 65))),
        (FIVE, "不及格", 0),
        *((PASS, *pair) for pair in (("合格", 60), ("不合格", 0), ("Pass", 60), ("Fail", 0))),
        (PASS, "Distinction", 80),
        (OTHER, "A", None),
        (UNGRADED, "", None),
    ],
)
def test_grades_compare_as_marks_out_of_a_hundred(scale, grade, mark):
    assert percent(replace(FACTS, scale=scale, grade=grade)) == mark
