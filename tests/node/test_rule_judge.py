"""A published rule of either form as the judge of a case."""

from __future__ import annotations

from typing import Any

from node.domain.judgement import Case, CaseLot
from node.domain.rule_judge import open_rule
from node.domain.rulebook_form import canonical_document
from tests.node.cap_documents import cap
from tests.node.rule_documents import DOCUMENT, spelled
from tests.node.rulebook_documents import ON, course, document, entry, grant, lot, written


def case_lot(code: str) -> CaseLot:
    """The lot of a course, as an offer names it."""
    return CaseLot(
        lot=f"CN-33:{code}", source="CN-33", amount_hundredths=400, facts=lot(code).facts
    )


def opened(*entries: dict[str, Any], **change: Any) -> Any:
    """A rule of form 2 as a judge."""
    return open_rule(canonical_document(written(document(*entries, **change))))


def test_a_rule_of_form_2_judges_a_case_as_a_whole() -> None:
    judge = opened(
        entry({"all": [course("A"), course("B")]}, grant("T1", credits_hundredths=300)),
    )
    assert judge.rule[:2] == ("CN-44/general", 1)
    lots = tuple(case_lot(code) for code in "ABC")
    judgement = judge.judge(Case(lots=lots, on=ON))
    (group,) = judgement.groups
    assert set(group.lots) == {"CN-33:A", "CN-33:B"}
    assert [(one.target, one.hundredths) for one in group.grants] == [("T1", 300)]
    assert sum(one.hundredths for one in group.shares) == 300
    assert judgement.unused == {"CN-33:C": ("NOT_EQUIVALENT",)}


def test_half_of_what_is_asked_for_is_not_granted() -> None:
    judge = opened(
        entry({"all": [course("A"), course("B")]}, grant("T1", credits_hundredths=300)),
    )
    judgement = judge.judge(Case(lots=(case_lot("A"),), on=ON, wanted=("T1",)))
    assert judgement.groups == ()
    assert judgement.unused == {"CN-33:A": ("REQUIREMENT_INCOMPLETE",)}


def test_a_rule_of_form_1_judges_every_lot_for_itself() -> None:
    judge = open_rule(spelled(DOCUMENT))
    judgement = judge.judge(Case(lots=(case_lot("CS-101"), case_lot("A")), on=ON))
    assert [one.lots for one in judgement.groups] == [("CN-33:CS-101",)]
    assert judgement.unused == {"CN-33:A": ("NOT_EQUIVALENT",)}
    assert judge.caps == ()


def test_a_rule_brings_its_caps() -> None:
    judge = opened(entry(course("A")), caps=[cap("year", {"at_most": 4200})])
    assert [one.cap_id for one in judge.caps] == ["year"]
