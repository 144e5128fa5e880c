"""Makes the cases of the examination by the oracle: what must be granted, what must not be.

Of every articulation one case has a smallest set of courses that meets it, and one the same set
with a course removed, kept only where nothing else is met: no articulation of the same university
and college that grants any of the same targets. Where nothing would be left to apply with, a
course of the college that counts for none of them is put in its place. Where the record asks for
a grade, a third case has the same set with that grade missed by one step.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from fractions import Fraction

from scripts.assist_oracle import (
    GRADES,
    Course,
    Owed,
    Tree,
    courses_of,
    is_met,
    one_removed,
    smallest_set,
)

GRANTED = "granted"
REFUSED = "refused"
GRADED = "graded"
_GOOD = "A"


@dataclass(frozen=True, slots=True)
class Fact:
    """One articulation as the oracle reads it."""

    number: int
    university: str
    college: str
    tree: Tree
    owed: Owed


@dataclass(frozen=True, slots=True)
class Attended:
    """A course with the grade that a learner of a case has in it."""

    course: Course
    grade: str


@dataclass(frozen=True, slots=True)
class ExamCase:
    """One application, and what the records say of it.

    Attributes:
        number: of the articulation from which it was made.
        kind: ``granted``, ``refused`` or ``graded``.
        wanted: keys of the targets.
        due: units for each target that must be granted; empty where none may be.
        one_only: whether one of ``due`` is to be granted, not all.
    """

    number: int
    kind: str
    university: str
    college: str
    courses: tuple[Attended, ...]
    wanted: tuple[str, ...]
    due: Mapping[str, Fraction]
    one_only: bool


@dataclass
class CaseMaker:
    """All articulations, found by university, college and target."""

    _facts: dict[tuple[str, str], list[Fact]] = field(default_factory=lambda: defaultdict(list))
    _by_target: dict[tuple[str, str, str], list[Fact]] = field(
        default_factory=lambda: defaultdict(list)
    )
    _courses: dict[str, dict[str, Course]] = field(default_factory=lambda: defaultdict(dict))

    def add(self, fact: Fact) -> None:
        """Take an articulation into account, as a case or as an alternative of others."""
        self._facts[fact.university, fact.college].append(fact)
        for target in fact.owed.units:
            self._by_target[fact.university, fact.college, target].append(fact)
        for course in courses_of(fact.tree):
            self._courses[fact.college].setdefault(course.key, course)

    def of_university(self, university: str) -> Iterator[Fact]:
        """Yield the articulations of a university."""
        for (name, _), facts in self._facts.items():
            if name == university:
                yield from facts

    def cases(self) -> Iterator[ExamCase]:
        """Yield the cases of every articulation.

        Raises:
            Unreadable: when no set of different courses meets an articulation.
        """
        for facts in self._facts.values():
            for fact in facts:
                courses = smallest_set(fact.tree)
                yield self._granted(fact, courses)
                yield from self._refused(fact, courses)
                yield from self._graded(fact, courses)

    def _granted(self, fact: Fact, courses: tuple[Course, ...]) -> ExamCase:
        sent = sum((course.units for course in courses), Fraction(0))
        attended = tuple(Attended(course, _GOOD) for course in courses)
        return _case(fact, GRANTED, attended, fact.owed.due(sent))

    def _refused(self, fact: Fact, courses: tuple[Course, ...]) -> Iterator[ExamCase]:
        for rest in one_removed(courses):
            held = rest or self._bystander(fact)
            attended = tuple(Attended(course, _GOOD) for course in held)
            if attended and not self._is_anything_met(fact, attended):
                yield _case(fact, REFUSED, attended, {})
                return

    def _graded(self, fact: Fact, courses: tuple[Course, ...]) -> Iterator[ExamCase]:
        for missed in courses:
            if not missed.least_grade or missed.least_grade == GRADES[-1]:
                continue
            short = GRADES[GRADES.index(missed.least_grade) + 1]
            attended = tuple(
                Attended(course, short if course == missed else _GOOD) for course in courses
            )
            if not self._is_anything_met(fact, attended):
                yield _case(fact, GRADED, attended, {})
                return

    def _bystander(self, fact: Fact) -> tuple[Course, ...]:
        counting = {
            course.key
            for target in fact.owed.units
            for other in self._by_target[fact.university, fact.college, target]
            for course in courses_of(other.tree)
        }
        known = self._courses[fact.college]
        return next(((known[key],) for key in sorted(known) if key not in counting), ())

    def _is_anything_met(self, fact: Fact, attended: tuple[Attended, ...]) -> bool:
        transcript = {one.course.key: one.grade for one in attended}
        return any(
            is_met(other.tree, transcript)
            for target in fact.owed.units
            for other in self._by_target[fact.university, fact.college, target]
        )


def _case(
    fact: Fact, kind: str, attended: tuple[Attended, ...], due: Mapping[str, Fraction]
) -> ExamCase:
    return ExamCase(
        number=fact.number,
        kind=kind,
        university=fact.university,
        college=fact.college,
        courses=attended,
        wanted=tuple(fact.owed.units),
        due=due,
        one_only=fact.owed.one_only,
    )
