"""What a new version of a rule would change, what rules lack, and drafts from decided cases."""

from __future__ import annotations

import pytest

from node.domain.rule_judgement import judge
from node.domain.rule_revision import (
    CaseChange,
    DecidedCase,
    DecidedGrant,
    Gap,
    LotChange,
    RefusedPair,
    TargetChange,
    dry_run,
    entry_from_case,
    gaps,
)
from node.domain.rule_view import Case
from node.domain.rules import ACCEPT, REJECT
from tests.node.rulebook_documents import ON, book, course, document, entry, grant, lot, written


def test_a_dry_run_tells_which_past_cases_would_come_out_otherwise():
    old = book(entry(course("A"), grant("T1")), entry(course("B"), grant("T2")))
    new = book(
        entry(course("A", minimum_grade=90), grant("T1")),
        entry(course("B"), grant("T2", ratio="3/2")),
        version=2,
    )
    past = [
        ("c1", Case((lot("A"),), ON)),
        ("c2", Case((lot("A", grade="95"),), ON)),
        ("c3", Case((lot("B"),), ON)),
    ]
    assert dry_run(old, old, past).changes == ()
    run = dry_run(old, new, past)
    assert (run.cases, run.more_hundredths, run.less_hundredths) == (3, 200, 400)
    assert run.changes == (
        CaseChange(
            "c1",
            (TargetChange("T1", 400, 0),),
            (LotChange("A", ACCEPT, REJECT, (), ("GRADE_BELOW_MINIMUM",)),),
        ),
        CaseChange("c3", (TargetChange("T2", 400, 600),), ()),
    )


def test_gaps_are_ranked_by_learners():
    pairs = [
        RefusedPair("CN-33", "甲", "A", "T1", "NOT_EQUIVALENT", 3),
        RefusedPair("CN-33", "乙", "B", "T1", "NOT_EQUIVALENT", 5),
        RefusedPair("CN-33", "甲", "A", "T1", "GRADE_BELOW_MINIMUM", 4),
        RefusedPair("CN-32", "丙", "C", "T1", "NOT_EQUIVALENT", 5),
    ]
    assert gaps(reversed(pairs)) == (
        Gap("CN-33", "甲", "A", "T1", 7, (("GRADE_BELOW_MINIMUM", 4), ("NOT_EQUIVALENT", 3))),
        Gap("CN-32", "丙", "C", "T1", 5, (("NOT_EQUIVALENT", 5),)),
        Gap("CN-33", "乙", "B", "T1", 5, (("NOT_EQUIVALENT", 5),)),
    )


@pytest.mark.parametrize("level", [0, 5, 8])
@pytest.mark.parametrize("scale", [("percent", "77.5"), ("five", "及格"), ("other", "A")])
def test_a_decided_case_becomes_an_entry_that_decides_it_so(level, scale):
    lots = (
        lot("A", scale=scale[0], grade=scale[1]),
        lot("B", source="CN-32", issuer="江苏开放大学", kind="TRAINING"),
    )
    decided = DecidedCase(lots, (DecidedGrant("T1", 350, level, "BASIC"),), "专家组纪要 2026-7")
    draft = entry_from_case(
        decided,
        entry_id="draft-1",
        home="gd",
        catalogues={("CN-33", "浙江开放大学", "1"): "zj", ("CN-32", "江苏开放大学", "1"): "js"},
    )
    rule = book(draft)
    judgement = judge(rule, Case(lots, ON, frozenset({"T1"})))
    (group,) = judgement.groups
    assert (group.entry_id, group.track) == ("draft-1", "REVIEWER")
    assert [(one.target, one.hundredths, one.course_category) for one in group.grants] == [
        ("T1", 350, "BASIC")
    ]
    assert rule.entries[0].note == "专家组纪要 2026-7"
    assert judge(rule, Case(lots[:1], ON, frozenset({"T1"}))).groups == ()
    assert "专家组" in written(document(draft)).decode()
