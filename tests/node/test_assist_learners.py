"""Who applies for the cases of the examination by articulation agreements."""

from __future__ import annotations

from collections import Counter
from fractions import Fraction

from scripts.assist_cases import Attended, ExamCase
from scripts.assist_learners import MOST_CASES, outcomes, people, serve
from scripts.assist_oracle import Course


def _case(university: str, college: str, *keys: str) -> ExamCase:
    courses = (Course(key, key, Fraction(3), "") for key in keys)
    return ExamCase(
        number=1,
        kind="granted",
        university=university,
        college=college,
        courses=tuple(Attended(one, "A") for one in courses),
        wanted=("T",),
        due={},
        one_only=False,
    )


def test_a_learner_serves_few_cases_of_one_college_and_holds_each_course_once():
    cases = [
        _case(university, college, f"C {at:03d}", "D")
        for at in range(MOST_CASES + 1)
        for university in ("U", "V")
        for college in ("one", "two")
    ]
    served = serve(cases)
    assert sorted(map(id, cases)) == sorted(id(one.case) for one in served)
    asked = Counter((one.learner, one.case.university) for one in served)
    assert max(asked.values()) == MOST_CASES
    assert all(
        len({one.case.college for one in served if one.learner == name}) == 1 for name, _ in asked
    )
    assert [one.reference for one in people(served)] == [f"learner-{at}" for at in (1, 2, 3, 4)]
    rows = [one.row for one in outcomes(served)]
    assert len(rows) == 2 * (MOST_CASES + 1 + 2)
    assert [row.line for row in rows] == list(range(1, len(rows) + 1))
    assert len({(row.learner, row.facts.code) for row in rows}) == len(rows)
