"""What would count: by rules of both forms, what is missing, and nothing promised."""

from __future__ import annotations

from typing import Any

import pytest

from federation.base.errors import Breach
from node.domain.rule_judge import open_rule
from node.domain.rulebook_form import canonical_document
from node.domain.what_if import (
    Advice,
    Adviser,
    AskedOutcome,
    Circumstances,
    Question,
    read_outcome,
)
from node.edges.what_if_form import answer_of, outcome_of, outcome_to_buffer, question_of
from node.usecases.what_if import Answered
from tests.node.cap_documents import cap
from tests.node.rule_documents import DOCUMENT, ENTRY, spelled
from tests.node.rulebook_documents import ON, course, document, entry, grant, lot, written

HERE = Circumstances(province="CN-44", on=ON, kinds={})


def adviser(*entries: dict[str, Any], **change: Any) -> Adviser:
    """A rule of form 2, ready to be asked."""
    return Adviser(open_rule(canonical_document(written(document(*entries, **change)))))


def outcome(code: str, **change: Any) -> AskedOutcome:
    """An outcome of 4.00 credits of Zhejiang."""
    is_month = change.pop("is_month", False)
    made = lot(code, **change)
    return AskedOutcome(
        source=made.source,
        amount_hundredths=made.amount_hundredths,
        facts=made.facts,
        is_month=is_month,
    )


def question(*outcomes: AskedOutcome, wanted: str = "") -> Question:
    """A question about outcomes, for targets named with spaces between."""
    return Question(outcomes=outcomes, wanted=tuple(wanted.split()))


def verdicts(advice: Advice) -> list[tuple[str, int, tuple[str, ...]]]:
    """The verdict, the grant and the reasons of every outcome."""
    return [(one.verdict, one.granted_hundredths, one.reasons) for one in advice.decided.lots]


def told(advice: Advice) -> Any:
    """The answer as it travels."""
    answered = Answered(advice=advice, agreement="", is_by_person=False, titles={})
    return answer_of(answered)


BOTH = {"all": [course("A"), course("B")]}


def test_outcomes_count_together_by_a_rule_of_form_2() -> None:
    rule = adviser(entry(BOTH, grant("T1", credits_hundredths=300)))
    advice = rule.advise(question(outcome("A"), outcome("B"), outcome("C")), HERE)
    assert [(group.lots, group.verdict) for group in advice.decided.groups] == [
        (("0", "1"), "ACCEPT")
    ]
    assert verdicts(advice)[2] == ("REJECT", 0, ("NOT_EQUIVALENT",))
    answer = told(advice)
    assert [list(group.outcomes) for group in answer.groups] == [[0, 1]]
    assert answer.groups[0].grants[0].granted_hundredths == 300
    assert answer.rule.digest == rule.judge.rule[2]
    # The versions of catalogues by which codes were read, each by its digest.
    assert {(one.source, one.digest) for one in answer.catalogues} == {
        ("CN-44", "0" * 64),
        ("CN-33", "1" * 64),
    }


def test_the_smallest_rest_that_is_missing_is_told() -> None:
    rule = adviser(entry(BOTH, grant("T1", credits_hundredths=300)))
    answer = told(rule.advise(question(outcome("A"), wanted="T1"), HERE))
    assert answer.outcomes[0].reasons == ["REQUIREMENT_INCOMPLETE"]
    (short,) = answer.missing
    assert (list(short.outcomes), [one.code for one in short.targets]) == ([0], ["T1"])
    (lack,) = short.missing
    assert [(one.source, one.code) for one in lack.courses] == [("CN-33", "B")]
    assert (lack.measure, lack.amount) == ("LOTS", 1)


def test_whoever_has_nothing_yet_learns_what_a_target_takes() -> None:
    rule = adviser(
        entry(BOTH, grant("T1", credits_hundredths=300)),
        entry(course("C"), grant("T1", credits_hundredths=300)),
    )
    answer = told(rule.advise(question(wanted="T1"), HERE))
    assert [one.code for lack in answer.missing[0].missing for one in lack.courses] == ["C"]


def test_a_grade_too_low_is_told_as_what_is_missing() -> None:
    rule = adviser(entry(course("A", minimum_grade={"percent": 90})))
    answer = told(rule.advise(question(outcome("A"), wanted="T1"), HERE))
    assert answer.outcomes[0].reasons == ["GRADE_BELOW_MINIMUM"]
    assert answer.missing[0].missing[0].reasons == ["GRADE_BELOW_MINIMUM"]


def test_a_table_of_form_1_judges_and_tells_what_is_missing() -> None:
    rule = Adviser(open_rule(spelled(DOCUMENT | {"equivalences": [ENTRY | {"minimum_grade": 60}]})))
    advice = rule.advise(question(outcome("CS-101"), outcome("X")), HERE)
    assert verdicts(advice) == [("ACCEPT", 320, ()), ("REJECT", 0, ("NOT_EQUIVALENT",))]
    answer = told(rule.advise(question(outcome("CS-101", grade="50"), wanted="GD-1"), HERE))
    assert answer.outcomes[0].reasons == ["GRADE_BELOW_MINIMUM"]
    assert answer.missing[0].missing[0].courses[0].code == "CS-101"


def test_caps_are_counted_on_the_question_alone() -> None:
    rule = adviser(
        entry(course("A"), grant("T1")),
        entry(course("B"), grant("T2")),
        caps=[cap("year", {"at_most": 500})],
    )
    answer = told(rule.advise(question(outcome("A"), outcome("B")), HERE))
    assert sorted(one.verdict for one in answer.outcomes) == ["ACCEPT", "REJECT"]
    (line,) = answer.caps
    assert (line.limit, line.asked, line.allowed) == (500, 800, 400)
    assert [list(one.reasons) for one in answer.groups if one.verdict == "REJECT"] == [
        ["CAP_CREDITS"]
    ]


def test_what_people_decide_is_told_as_their_affair() -> None:
    rule = adviser(entry(course("A"), track="PANEL"))
    assert told(rule.advise(question(outcome("A")), HERE)).groups[0].track == "PANEL"


def test_a_kind_outside_the_agreement_does_not_count() -> None:
    rule = adviser(entry(course("A")))
    narrow = Circumstances(province="CN-44", on=ON, kinds={"CN-33": ("CERTIFICATE",)})
    assert verdicts(rule.advise(question(outcome("A")), narrow)) == [
        ("REJECT", 0, ("AGREEMENT_SCOPE",))
    ]


def test_what_has_expired_does_not_count() -> None:
    rule = adviser(entry(course("A")))
    late = outcome("A", expires="2026-11-22")
    assert verdicts(rule.advise(question(late), HERE)) == [("REJECT", 0, ("CREDIT_EXPIRED",))]


@pytest.mark.parametrize(("since", "depends"), [("2024-06-15", True), ("2024-05-31", False)])
def test_a_month_is_judged_by_its_first_day_and_says_whether_that_matters(
    since: str, depends: bool
) -> None:
    rule = adviser(entry(course("A", earned_after=since)))
    month = outcome("A", earned="2024-06-01", is_month=True)
    advice = rule.advise(question(month), HERE)
    assert advice.depends_on_day is depends
    assert (verdicts(advice)[0][0] == "ACCEPT") is not depends
    assert outcome_of(outcome_to_buffer(month)) == month


def test_the_end_of_a_month_is_its_last_day_and_never_after_the_end_of_validity() -> None:
    ends = {
        ("2024-02-01", ""): "2024-02-29",
        ("2023-12-01", ""): "2023-12-31",
        ("2023-04-01", "2023-04-10"): "2023-04-10",
    }
    for (earned, expires), end in ends.items():
        month = outcome("A", earned=earned, expires=expires, is_month=True)
        assert month.at_months_end.facts.earned == end


def test_what_is_too_hard_to_judge_is_no_grant() -> None:
    either = {"any": [course(f"C{at}") for at in range(40)]}
    rule = adviser(
        *(
            entry({"all": [either, either, either, either, course("NONE")]}, grant(f"T{at}"))
            for at in range(8)
        )
    )
    asked = [outcome(f"C{at}", amount_hundredths=100 + at, is_month=True) for at in range(40)]
    answer = told(rule.advise(question(*asked), HERE))
    assert {one.verdict for one in answer.outcomes} == {"REJECT"}
    assert {reason for one in answer.outcomes for reason in one.reasons} == {"RULE_TOO_COMPLEX"}


def test_long_lists_are_cut_and_say_so() -> None:
    many = [course(f"C{at}") for at in range(60)]
    pool = {"pool": {"lots": 3, "of": [one["course"] for one in many]}}
    rule = adviser(
        entry({"all": many}, grant("T1", credits_hundredths=300)),
        entry(pool, grant("T2", credits_hundredths=300)),
    )
    answer = told(rule.advise(question(wanted="T1 T2"), HERE))
    assert answer.is_cut
    every, some = answer.missing
    assert len(every.missing) == 32
    (lack,) = some.missing
    assert (len(lack.courses), lack.more_courses, lack.measure, lack.amount) == (10, 50, "LOTS", 3)


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"source": "CN-99"}, "PROVINCE_UNKNOWN"),
        ({"source": "Shanghai"}, "PROVINCE_UNKNOWN"),
        ({"amount_hundredths": 0}, "AMOUNT"),
        ({"amount_hundredths": -100}, "AMOUNT"),
        ({"amount_hundredths": 10**10}, "AMOUNT"),
        ({"kind": "HOBBY"}, "FIELDS"),
        ({"scale": "stars"}, "FIELDS"),
        ({"level": 11}, "FIELDS"),
        ({"hours": 100_001}, "FIELDS"),
        ({"grade": "101"}, "GRADE"),
        ({"earned": "2024-13"}, "DATE"),
        ({"earned": "2024"}, "DATE"),
        ({"earned": "2024-06-31"}, "DATE"),
        ({"earned": "2024-02-30"}, "DATE"),
        ({"earned": "0001-01-01"}, "DATE"),
        ({"earned": "2024-06-30", "expires": "2024-06-29"}, "DATE"),
        ({"earned": ""}, "DATE"),
        ({"title": "a\u202eb"}, "BAD_TEXT"),
        ({"code": " A"}, "BAD_TEXT"),
        ({"form": "a\nb"}, "BAD_TEXT"),
    ],
)
def test_an_outcome_that_is_none_is_refused_by_its_reason(
    change: dict[str, Any], reason: str
) -> None:
    buffer = outcome_to_buffer(outcome("A"))
    for name, value in change.items():
        setattr(buffer, name, value)
    with pytest.raises(Breach) as caught:
        outcome_of(buffer)
    assert caught.value.reason == reason


@pytest.mark.parametrize(
    ("outcomes", "wanted", "reason"),
    [
        (0, "", "WHAT_IF_EMPTY"),
        (101, "", "TOO_MANY_ITEMS"),
        (1, "T1 T1", "TARGETS"),
        (1, " ".join(f"T{at}" for at in range(17)), "TARGETS"),
        (1, "T\x00", "BAD_TEXT"),
    ],
)
def test_a_question_that_is_none_is_refused_by_its_reason(
    outcomes: int, wanted: str, reason: str
) -> None:
    from federation.v1.what_if_service_pb2 import WhatIfRequest

    request = WhatIfRequest(
        outcomes=[outcome_to_buffer(outcome("A"))] * outcomes, wanted_targets=wanted.split(" ")
    )
    if not wanted:
        del request.wanted_targets[:]
    with pytest.raises(Breach) as caught:
        question_of(request)
    assert caught.value.reason == reason


def test_a_hundred_outcomes_are_a_question() -> None:
    assert len(question(*(outcome(f"C{at}") for at in range(100))).outcomes) == 100


def test_a_day_is_told_from_a_month() -> None:
    facts = {name: str(text) for name, text in outcome("A").facts.as_fields().items()}
    for earned, is_month in (("2024-06", True), ("2024-06-01", False)):
        made = read_outcome(
            source="CN-33",
            amount_hundredths=1,
            facts=facts | {"earned": earned},
            form="",
            is_converted=False,
        )
        assert (made.facts.earned, made.is_month) == ("2024-06-01", is_month)
