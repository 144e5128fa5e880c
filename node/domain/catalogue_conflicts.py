"""Where records of one catalogue contradict each other: one code with several values.

Institutions hold their courses in many lists, one a programme and a year. Before those become a
catalogue, this says which codes the lists disagree on, and where. Nothing is merged and nothing
chosen: people decide which value is right, or that there are two versions.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from node.domain.catalogue import ENTRY_FIELDS, CatalogueEntry


@dataclass(frozen=True, slots=True)
class Record:
    """An entry and the place where it was found, such as a file and a line."""

    place: str
    entry: CatalogueEntry


@dataclass(frozen=True, slots=True)
class Variant:
    """One of several values that a code carries, with every place that has it."""

    value: str
    places: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Conflict:
    """A code that carries more than one value of one field."""

    code: str
    field: str
    variants: tuple[Variant, ...]


@dataclass(frozen=True, slots=True)
class Survey:
    """What a set of records says together.

    Attributes:
        agreed: the entries of all codes that every record agrees on, in the order of codes.
        conflicts: every contradiction, by code, then in the order of the entry's fields.
    """

    agreed: tuple[CatalogueEntry, ...]
    conflicts: tuple[Conflict, ...]

    def codes_in_conflict(self, field: str) -> tuple[str, ...]:
        """Return the codes that carry more than one value of this field."""
        return tuple(one.code for one in self.conflicts if one.field == field)


def survey(records: Iterable[Record]) -> Survey:
    """Return what all records agree on and where they contradict each other."""
    by_code: dict[str, list[Record]] = {}
    for record in records:
        by_code.setdefault(record.entry.code, []).append(record)
    agreed, conflicts = [], []
    for code in sorted(by_code):
        found = _conflicts(code, by_code[code])
        conflicts += found
        if not found:
            agreed.append(by_code[code][0].entry)
    return Survey(tuple(agreed), tuple(conflicts))


def _conflicts(code: str, records: list[Record]) -> list[Conflict]:
    conflicts = []
    for field in ENTRY_FIELDS:
        places: dict[str, list[str]] = {}
        for record in records:
            places.setdefault(str(getattr(record.entry, field)), []).append(record.place)
        if len(places) > 1:
            variants = tuple(Variant(value, tuple(where)) for value, where in places.items())
            conflicts.append(Conflict(code, field, variants))
    return conflicts
