"""Rules: the most specific entry speaks, and the judgement is the same for ever."""

from __future__ import annotations

import time
from dataclasses import replace
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from federation.base.errors import Breach
from node.domain.outcomes import OTHER, PERCENT, OutcomeFacts
from node.domain.rule_form import parse_rule
from node.domain.rules import (
    ACCEPT,
    GRADE_BELOW_MINIMUM,
    GRADE_UNKNOWN,
    GRANT_IS_ZERO,
    KIND_EXCLUDED,
    LEVEL_BELOW_MINIMUM,
    LOT_REASONS,
    NOT_EQUIVALENT,
    OUTCOME_EXPIRED,
    REJECT,
    RULE_NOT_IN_FORCE,
    LotJudgement,
    Rule,
    decide,
)
from tests.node.rule_documents import DOCUMENT, ENTRY, spelled

FACTS = OutcomeFacts(
    code="CS-101",
    catalogue="2026.1",
    title="数据库原理",
    grade="85",
    scale=PERCENT,
    level=6,
    field="520",
    hours=64,
    earned="2024-06-30",
    expires="2030-06-30",
    kind="DEGREE",
    issuer="浙江开放大学",
)
ON = "2026-11-23"


def rule(*entries: dict[str, Any], **change: Any) -> Rule:
    listed = [ENTRY | {"id": f"e{at}"} | entry for at, entry in enumerate(entries, 1)]
    return parse_rule(spelled(DOCUMENT | {"equivalences": listed or [ENTRY]} | change))


def judged(by: Rule, facts: OutcomeFacts = FACTS, **change: Any) -> LotJudgement:
    asked = {"source": "CN-33", "amount_hundredths": 400, "on": ON} | change
    return decide(by, facts=facts, **asked)


def test_a_lot_is_granted_its_ratio_rounded_down():
    assert judged(rule(), amount_hundredths=333) == LotJudgement(ACCEPT, 266, "GD-1", "e1", ())


@pytest.mark.parametrize(
    ("entry", "change", "reasons"),
    [
        ({}, {"code": "CS-102"}, (NOT_EQUIVALENT,)),
        ({"minimum_grade": 85}, {}, ()),
        ({"minimum_grade": 86}, {}, (GRADE_BELOW_MINIMUM,)),
        ({"minimum_grade": 85}, {"grade": "84.99"}, (GRADE_BELOW_MINIMUM,)),
        ({"minimum_grade": 0}, {"grade": "A", "scale": OTHER}, (GRADE_UNKNOWN,)),
        ({}, {"grade": "A", "scale": OTHER}, ()),
        ({"minimum_level": 6}, {}, ()),
        ({"minimum_level": 7}, {}, (LEVEL_BELOW_MINIMUM,)),
        ({"minimum_level": 1}, {"level": 0}, (LEVEL_BELOW_MINIMUM,)),
        ({"kinds": ["DEGREE", "TRAINING"]}, {}, ()),
        ({"kinds": ["TRAINING"]}, {}, (KIND_EXCLUDED,)),
        ({}, {"expires": ON}, ()),
        ({}, {"expires": "2026-11-22"}, (OUTCOME_EXPIRED,)),
        ({}, {"expires": ""}, ()),
    ],
)
def test_each_condition_has_its_reason(entry, change, reasons):
    judgement = judged(rule(entry), replace(FACTS, **change))
    assert judgement.reasons == reasons
    assert (judgement.verdict == ACCEPT) is (reasons == ())
    assert (judgement.granted_hundredths > 0) is (reasons == ())


@pytest.mark.parametrize(
    ("on", "in_force"),
    [("2024-12-31", False), ("2025-01-01", True), ("2027-12-31", True), ("2028-01-01", False)],
)
def test_a_rule_holds_from_its_first_to_its_last_day(on, in_force):
    reasons = judged(rule(), on=on).reasons
    assert reasons == (() if in_force else (RULE_NOT_IN_FORCE,))


def test_a_rule_without_end_holds_on():
    assert judged(rule(valid_until=""), on="2029-01-01").verdict == ACCEPT


def test_a_grant_of_nothing_is_a_rejection():
    assert judged(rule(), amount_hundredths=1).reasons == (GRANT_IS_ZERO,)


def test_all_reasons_are_told_in_one_order():
    strict = rule({"minimum_grade": 90, "minimum_level": 9, "kinds": ["TRAINING"]})
    facts = replace(FACTS, expires="2024-12-31")
    judgement = judged(strict, facts, on="2028-01-01", amount_hundredths=1)
    assert judgement == LotJudgement(
        REJECT,
        0,
        "GD-1",
        "e1",
        tuple(r for r in LOT_REASONS if r not in (NOT_EQUIVALENT, GRADE_UNKNOWN)),
    )


def test_what_is_no_lot_or_no_day_is_a_breach():
    for change, reason in (
        ({"amount_hundredths": 0}, "AMOUNT"),
        ({"amount_hundredths": -5}, "AMOUNT"),
        ({"on": "2026-02-30"}, "DATE"),
    ):
        with pytest.raises(Breach) as breach:
            judged(rule(), **change)
        assert breach.value.reason == reason


@pytest.mark.parametrize(
    ("code", "source", "entry"),
    [
        ("CS-101", "CN-33", "e1"),
        ("CS-101", "CN-32", "e2"),
        ("CS-102", "CN-33", "e3"),
        ("CS-102", "CN-32", "e5"),
        ("CT-102", "CN-33", "e5"),
        ("X", "CN-33", "e6"),
        ("X", "CN-32", "e7"),
        ("CS-10", "CN-32", "e5"),
        ("C", "CN-32", "e5"),
        ("CS-101*", "CN-33", "e3"),
    ],
)
def test_the_most_specific_entry_speaks(code, source, entry):
    table = rule(
        {"code": "CS-101", "source": "CN-33"},
        {"code": "CS-101", "source": "*"},
        {"code": "CS-*", "source": "CN-33"},
        {"code": "CS-2*", "source": "*"},
        {"code": "C*", "source": "*"},
        {"code": "*", "source": "CN-33"},
        {"code": "*", "source": "*"},
    )
    assert judged(table, replace(FACTS, code=code), source=source).entry_id == entry


def test_a_refusal_by_the_entry_that_speaks_is_no_second_chance():
    table = rule({"kinds": ["TRAINING"]}, {"code": "CS-*"})
    assert judged(table).reasons == (KIND_EXCLUDED,)


codes = st.text("AB", min_size=1, max_size=4)
patterns = st.one_of(codes, st.text("AB", max_size=3).map(lambda stem: stem + "*"))
sources = st.sampled_from(["*", "CN-33", "CN-32"])


def plain_choice(entries: list[dict[str, Any]], code: str, source: str) -> str:
    """The entry that speaks, found by looking at all of them."""
    fitting = [
        entry
        for entry in entries
        if entry["source"] in ("*", source)
        and (
            entry["code"] == code
            or (entry["code"][-1] == "*" and code.startswith(entry["code"][:-1]))
        )
    ]
    rank = [
        (entry["code"] == code, len(entry["code"]), entry["source"] != "*", entry["id"])
        for entry in fitting
    ]
    return max(rank)[3] if rank else ""


@given(st.sets(st.tuples(patterns, sources), min_size=1, max_size=12), codes)
def test_the_index_chooses_as_a_search_of_all_entries_does(pairs, code):
    entries = [
        ENTRY | {"id": f"e{at}", "code": pattern, "source": source}
        for at, (pattern, source) in enumerate(sorted(pairs))
    ]
    table = rule(equivalences=entries)
    for source in ("CN-33", "CN-32", "CN-11"):
        chosen = judged(table, replace(FACTS, code=code), source=source).entry_id
        assert chosen == plain_choice(entries, code, source)


@given(
    st.integers(1, 10**7),
    st.fractions(min_value=Fraction(1, 1000), max_value=100, max_denominator=1000),
    st.integers(0, 100),
    st.integers(0, 100),
)
def test_a_judgement_is_consistent_and_comes_out_the_same_again(amount, ratio, mark, least):
    table = rule({"ratio": f"{ratio.numerator}/{ratio.denominator}", "minimum_grade": least})
    facts = replace(FACTS, grade=str(mark))
    judgement = judged(table, facts, amount_hundredths=amount)
    assert judgement == judged(parse_rule(spelled_again(table)), facts, amount_hundredths=amount)
    if judgement.verdict == ACCEPT:
        assert mark >= least
        assert judgement.granted_hundredths <= amount * ratio < judgement.granted_hundredths + 1
    else:
        assert judgement.granted_hundredths == 0
        assert judgement.reasons
        assert set(judgement.reasons) <= set(LOT_REASONS)


def spelled_again(table: Rule) -> bytes:
    (entry,) = table.entries
    ratio = f"{entry.ratio.numerator}/{entry.ratio.denominator}"
    change = {"ratio": ratio, "minimum_grade": entry.minimum_grade}
    return spelled(DOCUMENT | {"equivalences": [ENTRY | change]})


def test_fifty_thousand_entries_do_not_slow_a_decision():
    table = rule(
        *({"code": f"C{at:05d}"} for at in range(49_990)),
        *({"code": "P" * at + "*"} for at in range(10)),
    )
    start = time.perf_counter()
    for at in range(1000):
        assert judged(table, replace(FACTS, code=f"C{at:05d}")).verdict == ACCEPT
    # A search of the list would take a hundred times as long.
    assert time.perf_counter() - start < 1
