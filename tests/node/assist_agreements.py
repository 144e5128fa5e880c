"""Invented agreements in the form in which real articulation agreements are collected."""

from __future__ import annotations

from typing import Any

from scripts.assist_records import Articulation

UNIVERSITY = "University of Example"
COLLEGE = "Example College"


def course(key: str, units: float = 3.0, *notes: str) -> dict[str, Any]:
    """A course of the sending college."""
    prefix, _, number = key.partition(" ")
    return {
        "subject": "Example",
        "prefix": prefix,
        "number": number,
        "key": key,
        "title": f"About {key}",
        "min_units": units,
        "max_units": units,
        "notes": list(notes),
    }


def one_of(*items: Any) -> dict[str, Any]:
    """A set of which one is enough."""
    return {"type": "SET", "conjunction": "OR", "items": list(items), "notes": []}


def all_of(*items: Any, notes: tuple[str, ...] = ()) -> dict[str, Any]:
    """A set of which all are asked."""
    return {"type": "SET", "conjunction": "AND", "items": list(items), "notes": list(notes)}


def alone(item: Any) -> dict[str, Any]:
    """A set of one course."""
    return {"type": "SET", "conjunction": None, "items": [item], "notes": []}


def group(words: list[str], *items: Any) -> dict[str, Any]:
    """Sets joined by one word between each two."""
    return {"type": "GROUP", "conjunctions": words, "items": list(items), "notes": []}


def target(key: str, units: float = 4.0, most: float | None = None) -> dict[str, Any]:
    """A course of the university."""
    return {
        "type": "COURSE",
        "key": key,
        "title": f"On {key}",
        "min_units": units,
        "max_units": most or units,
    }


def series(*targets: dict[str, Any], word: str = "AND") -> dict[str, Any]:
    """Several courses of the university for one requirement."""
    key = " + ".join(one["key"] for one in targets)
    return {"type": "SERIES", "key": key, "conjunction": word, "courses": list(targets)}


def area(key: str) -> dict[str, Any]:
    """A requirement of the university without units of its own."""
    return {"type": "MISCELLANEOUS", "key": key}


def agreements(*pairs: tuple[Any, Any], college: Any = COLLEGE) -> list[Articulation]:
    """Articulations of one college, each a target and what it asks."""
    return [
        Articulation(f"made up:{at}", UNIVERSITY, record, college, sending)
        for at, (record, sending) in enumerate(pairs)
    ]


A, B, C, D, E, F = (course(f"EX {at}") for at in range(6))
SAMPLE = agreements(
    (target("U 1"), alone(A)),
    (target("U 2", 5.0), all_of(A, B, notes=("Complete entire sequence at same institution",))),
    (target("U 3"), one_of(A, C, D)),
    (target("U 4"), group(["OR"], all_of(A, B), all_of(C, D))),
    (target("U 5", 2.5), group(["AND"], one_of(A, B), one_of(C, D))),
    (target("U 6"), group(["OR", "OR"], alone(E), all_of(A, F), all_of(B, C, D))),
    (series(target("U 7"), target("U 8", 3.0)), all_of(A, B, C)),
    (target("U 8", 3.0), one_of(B, C)),
    (area("Literature courses"), one_of(D, E)),
    (series(target("U 9"), target("U 10", 2.0), word="OR"), alone(F)),
    (target("U 11", 1.0, 5.0), all_of(course("EX 7", 4.0), course("EX 8", 4.0))),
    (target("U 12"), one_of(course("EX 9", 3.0, "Minimum grade required: B- or better"), E)),
    (target("U 13"), alone(course("EX 10", 3.0, "Minimum grade required: B or better"))),
)
