"""What rules lack, and drafts of entries from decided cases."""

from __future__ import annotations

import pytest

from node.domain.rule_judgement import judge
from node.domain.rule_revision import (
    DecidedCase,
    DecidedGrant,
    Gap,
    Refused,
    entry_from_case,
    gaps,
)
from node.domain.rule_view import Case
from tests.node.rulebook_documents import ON, book, document, lot, written


def refused(learner: str, code: str, *reasons: str, issuer: str = "甲") -> Refused:
    return Refused(
        source="CN-33",
        issuer=issuer,
        code=code,
        title=f"课程 {code}",
        target="T1",
        reasons=reasons,
        learner=learner,
    )


def test_gaps_are_ranked_by_learners_each_counted_once():
    many = [
        refused("a", "A", "NOT_EQUIVALENT", "GRADE_BELOW_MINIMUM"),
        refused("a", "A", "NOT_EQUIVALENT"),
        refused("b", "A", "GRADE_BELOW_MINIMUM"),
        refused("b", "B", "NOT_EQUIVALENT", issuer="乙"),
        refused("c", "B", "NOT_EQUIVALENT", issuer="乙"),
        refused("d", "B", "NOT_EQUIVALENT", issuer="乙"),
        refused("a", "C", "NOT_EQUIVALENT"),
    ]
    assert gaps(reversed(many)) == (
        Gap("CN-33", "乙", "B", "T1", "课程 B", 3, (("NOT_EQUIVALENT", 3),)),
        Gap(
            "CN-33",
            "甲",
            "A",
            "T1",
            "课程 A",
            2,
            (("GRADE_BELOW_MINIMUM", 2), ("NOT_EQUIVALENT", 1)),
        ),
        Gap("CN-33", "甲", "C", "T1", "课程 C", 1, (("NOT_EQUIVALENT", 1),)),
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
        homes={"T1": "gd"},
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
