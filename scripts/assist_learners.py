"""Gives the cases of the examination to invented learners, each with the courses they attended.

A lot may be shown as often as one likes while nothing is transferred, so that one learner serves
many cases; and what counts for a learner is read at every decision, so that none serves too many.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from node.domain.national_id import LOCAL
from node.edges.demo.itinerary import Deposit, Learner
from scripts.assist_cases import Attended, ExamCase
from scripts.assist_judging import facts_of, size_of

# Cases of one university that one learner serves at the most.
MOST_CASES = 64
# A course of a college, as a learner attended it.
Held = tuple[str, Attended]


@dataclass(frozen=True, slots=True)
class Served:
    """A case with the learner who applies."""

    case: ExamCase
    learner: str


@dataclass(frozen=True, slots=True)
class Deposited:
    """An outcome to be deposited, and for which learner's course."""

    row: Deposit
    held: Held


def serve(cases: Sequence[ExamCase]) -> list[Served]:
    """Give every case a learner; those of one learner follow one another.

    Cases of a college that begin with the same course go to the same learner, where that can be,
    for whichever university they are; so a course is deposited few times.
    """
    ordered = sorted(cases, key=lambda one: (one.college, one.courses[0].course.key))
    served: list[Served] = []
    number, college = 0, ""
    asked: Counter[str] = Counter()
    for case in ordered:
        if case.college != college or asked[case.university] == MOST_CASES:
            number, college = number + 1, case.college
            asked.clear()
        asked[case.university] += 1
        served.append(Served(case, f"learner-{number}"))
    return served


def people(served: Sequence[Served]) -> list[Learner]:
    """Return the learners; nobody real is meant."""
    return [
        Learner(name, name, LOCAL, f"ASSIST{name.rpartition('-')[2]}")
        for name in dict.fromkeys(one.learner for one in served)
    ]


def outcomes(served: Sequence[Served]) -> Iterator[Deposited]:
    """Yield every course that a learner shows, once, in the order of deposit."""
    seen: set[tuple[str, Held]] = set()
    for one in served:
        for attended in one.case.courses:
            held = (one.case.college, attended)
            if (one.learner, held) in seen:
                continue
            seen.add((one.learner, held))
            line = len(seen)
            yield Deposited(
                Deposit(
                    line=line,
                    reference=f"course-{line}",
                    learner=one.learner,
                    hundredths=size_of(attended),
                    facts=facts_of(attended, one.case.college),
                ),
                held,
            )
