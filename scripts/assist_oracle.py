"""Says from the raw ASSIST records alone what a learner is owed. Imports nothing of the node.

Courses are met by courses: of an AND every part, each by a course of its own; of an OR one part.
Where the same course stands in several parts of an AND, a set that shall be granted meets them by
different courses, and a set that shall be refused does not even meet them by one: so neither
reading of such a record can make a case wrong.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from itertools import combinations
from typing import Any

GRADES = ("A+", "A", "A-", "B+", "B", "B-", "C+", "C", "C-", "D+", "D", "D-", "F")
_LEAST_GRADE = re.compile(r"Minimum grade required: ([A-F][+-]?) or better")
_MOST_SETS = 20_000


class Unreadable(Exception):
    """A record that the oracle cannot evaluate; the text says why."""


@dataclass(frozen=True, slots=True)
class Course:
    """A course of a college as an articulation names it.

    Attributes:
        units: the most units that it can be taken for.
        least_grade: the grade that the record asks for, or empty.
    """

    key: str
    title: str
    units: Fraction
    least_grade: str


@dataclass(frozen=True, slots=True)
class Parts:
    """All of the parts, or one of them."""

    all_of: bool
    parts: tuple[Tree, ...]


Tree = Course | Parts
Transcript = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Owed:
    """What one articulation grants, by key of the target.

    Attributes:
        units: least and most units for each target; None for both where the record states none
            and the units sent count.
        one_only: whether one target of several is granted, not all.
    """

    units: Mapping[str, tuple[Fraction, Fraction] | None]
    one_only: bool

    def due(self, sent: Fraction) -> dict[str, Fraction]:
        """Return the units for each target when courses of so many units were sent."""
        return {
            target: sent if span is None else min(max(sent, span[0]), span[1])
            for target, span in self.units.items()
        }


def read_tree(sending: Any) -> Tree:
    """Return what a college's learner must have.

    Raises:
        Unreadable: when the record has another shape, or ANDs and ORs without brackets.
    """
    if not isinstance(sending, dict):
        raise Unreadable("no sending side")
    kind = sending.get("type")
    items = sending.get("items")
    if kind is None:
        return _course(sending)
    if not isinstance(items, list) or not items:
        raise Unreadable("no items")
    words = _words(sending, kind, len(items))
    notes = _texts(sending.get("notes", []))
    parts = tuple(dict.fromkeys(_noted(read_tree(item), notes) for item in items))
    if len(parts) == 1:
        return parts[0]
    return Parts(words == {"AND"}, parts)


def _words(sending: Mapping[str, Any], kind: Any, count: int) -> set[str]:
    listed: Any
    if kind == "SET":
        listed = [sending.get("conjunction")] * (count - 1)
    elif kind == "GROUP":
        listed = sending.get("conjunctions", [])
    else:
        raise Unreadable(f"type {kind!r}")
    if not isinstance(listed, list) or len(listed) != count - 1:
        raise Unreadable("not one conjunction between each two items")
    if any(word not in ("AND", "OR") for word in listed):
        raise Unreadable("a conjunction that is neither AND nor OR")
    if len(set(listed)) > 1:
        raise Unreadable("ANDs and ORs without brackets")
    return set(listed)


def _course(item: Mapping[str, Any]) -> Course:
    key, title = item.get("key"), item.get("title")
    if not isinstance(key, str) or not key or not isinstance(title, str):
        raise Unreadable("a course without key or title")
    units = _number(item.get("max_units"))
    if units is None or units <= 0:
        raise Unreadable("a course without units")
    grades = [found[1] for text in _texts(item.get("notes", [])) if (found := _grade(text))]
    return Course(key, title, units, _strictest(grades))


def _noted(tree: Tree, notes: list[str]) -> Tree:
    """Return a part under the notes of what contains it."""
    grades = [found[1] for text in notes if (found := _grade(text))]
    if not grades:
        return tree
    if isinstance(tree, Course):
        least = _strictest([*grades, *filter(None, [tree.least_grade])])
        return Course(tree.key, tree.title, tree.units, least)
    return Parts(tree.all_of, tuple(_noted(part, notes) for part in tree.parts))


def _texts(notes: Any) -> list[str]:
    return [str(note) for note in notes] if isinstance(notes, list) else []


def _grade(text: str) -> re.Match[str] | None:
    found = _LEAST_GRADE.fullmatch(text.strip())
    return found if found and found[1] in GRADES else None


def _strictest(grades: list[str]) -> str:
    return min(grades, key=GRADES.index) if grades else ""


def _number(value: Any) -> Fraction | None:
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    return Fraction(str(value)) if is_number and value == value and abs(value) < 10**6 else None


def read_owed(record: Any) -> Owed:
    """Return what an articulation with this target grants.

    Raises:
        Unreadable: when the record has another shape or states no units that can be granted.
    """
    kind = record.get("type") if isinstance(record, dict) else None
    if kind == "MISCELLANEOUS":
        return Owed({_key(record): None}, one_only=False)
    if kind == "COURSE":
        return Owed({_key(record): _span(record)}, one_only=False)
    if kind != "SERIES":
        raise Unreadable(f"target of type {kind!r}")
    listed, word = record.get("courses"), record.get("conjunction")
    if not isinstance(listed, list) or not listed or word not in ("AND", "OR"):
        raise Unreadable("a series without courses or conjunction")
    return Owed({_key(course): _span(course) for course in listed}, one_only=word == "OR")


def _key(record: Any) -> str:
    key = record.get("key") if isinstance(record, dict) else None
    if not isinstance(key, str) or not key:
        raise Unreadable("a target without key")
    return key


def _span(record: Mapping[str, Any]) -> tuple[Fraction, Fraction]:
    least, most = _number(record.get("min_units")), _number(record.get("max_units"))
    if least is None or most is None or not 0 < least <= most:
        raise Unreadable("a target without units")
    return least, most


def is_met(tree: Tree, transcript: Transcript) -> bool:
    """Tell whether courses and their grades meet a tree, one course as often as it is asked."""
    if isinstance(tree, Course):
        grade = transcript.get(tree.key)
        return grade is not None and _is_enough(grade, tree.least_grade)
    met = (is_met(part, transcript) for part in tree.parts)
    return all(met) if tree.all_of else any(met)


def _is_enough(grade: str, least: str) -> bool:
    return not least or GRADES.index(grade) <= GRADES.index(least)


def smallest_set(tree: Tree) -> tuple[Course, ...]:
    """Return a smallest set of courses that meets a tree, each part by courses of its own.

    Raises:
        Unreadable: when there is none, or too many to look through.
    """
    best: tuple[Course, ...] | None = None
    for count, found in enumerate(_sets(tree)):
        if best is None or len(found) < len(best):
            best = found
        if count > _MOST_SETS:
            raise Unreadable("too many ways to look through")
    if best is None:
        raise Unreadable("met by no set of different courses")
    return best


def _sets(tree: Tree) -> Iterator[tuple[Course, ...]]:
    if isinstance(tree, Course):
        yield (tree,)
    elif tree.all_of:
        yield from _together(tree.parts)
    else:
        for part in tree.parts:
            yield from _sets(part)


def _together(parts: tuple[Tree, ...]) -> Iterator[tuple[Course, ...]]:
    if not parts:
        yield ()
        return
    for first in _sets(parts[0]):
        keys = {course.key for course in first}
        for rest in _together(parts[1:]):
            if keys.isdisjoint(course.key for course in rest):
                yield first + rest


def one_removed(courses: tuple[Course, ...]) -> Iterator[tuple[Course, ...]]:
    """Yield the sets with one course removed, the last first."""
    yield from combinations(courses, len(courses) - 1)


def courses_of(tree: Tree) -> Iterator[Course]:
    """Yield the courses that a tree names."""
    if isinstance(tree, Course):
        yield tree
    else:
        for part in tree.parts:
            yield from courses_of(part)
