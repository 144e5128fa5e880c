"""Catalogues: what a province's institutions offer, by code, at one version.

A code means something only together with a version: institutions change a course's credits and
keep its code. A rule therefore cites a catalogue by name, version and digest. Published versions
never change; what changes is a new version, and :func:`diff` says how it differs.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, fields
from typing import Any

from federation.base.errors import Breach
from federation.base.names import COORDINATOR, is_clean_text, is_province
from node.domain.outcomes import (
    HIGHEST_LEVEL,
    MOST_HOURS,
    OUTCOME_KINDS,
    check_date,
    is_code,
)

MOST_CREDITS_HUNDREDTHS = 9_999_999
_FIELD_OF_STUDY = re.compile(r"[1-9][0-9]{2}(?:\.[0-9]{2}(?:[0-9]{2})?)?")


@dataclass(frozen=True, slots=True)
class CatalogueEntry:
    """One outcome as its catalogue describes it.

    Attributes:
        code: its code, once in a catalogue.
        title: its name as people read it.
        level: 1 to 10 of the framework, 0 when not levelled.
        field: field of study after GB/T 13745 (three, five or seven digits, ``520.2040``), or
            empty.
        credits_hundredths: its size; 0 for what is asked for but earns no credit.
        hours: hours of learning, 0 when unknown.
        kind: one of ``OUTCOME_KINDS``.
        category: what caps and exclusions go by (practice, thesis, general), or empty.
        valid_from: first day on which it may be earned, YYYY-MM-DD, or empty.
        valid_until: last such day, or empty.
    """

    code: str
    title: str
    level: int
    field: str
    credits_hundredths: int
    hours: int
    kind: str
    category: str
    valid_from: str
    valid_until: str

    def is_valid_on(self, day: str) -> bool:
        """Tell whether it may be earned on a day, YYYY-MM-DD; both ends count."""
        begun = not self.valid_from or self.valid_from <= day
        return begun and not (self.valid_until and self.valid_until < day)


@dataclass(frozen=True, slots=True)
class Catalogue:
    """A catalogue at one version, valid from birth.

    Attributes:
        name: province and name, ``CN-33/courses``.
        version: the version's name, as ``2026.1``; what outcomes of it cite.
        title: name as people read it.
        entries: by code, in the order of codes.
        digest: SHA-256 of its canonical bytes, 64 hexadecimal digits.

    Raises:
        Breach: CATALOGUE_FORM when a value is out of its set or two entries share a code.
    """

    name: str
    version: str
    title: str
    entries: tuple[CatalogueEntry, ...]
    digest: str
    _by_code: dict[str, CatalogueEntry] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        for wrong in _wrong(self):
            raise Breach("CATALOGUE_FORM", detail=wrong)
        by_code = {entry.code: entry for entry in self.entries}
        if list(by_code) != sorted(by_code) or len(by_code) != len(self.entries):
            raise Breach("CATALOGUE_FORM", detail="codes are not in order, each once")
        object.__setattr__(self, "_by_code", by_code)

    @property
    def issuer(self) -> str:
        """The province whose catalogue it is."""
        return self.name.partition("/")[0]

    def entry(self, code: str) -> CatalogueEntry | None:
        """Return the entry with this very code, or None."""
        return self._by_code.get(code)


@dataclass(frozen=True, slots=True)
class FieldChange:
    """One value that differs between two versions."""

    field: str
    old: str
    new: str


@dataclass(frozen=True, slots=True)
class EntryChange:
    """An entry that both versions have, with every value that differs."""

    code: str
    changes: tuple[FieldChange, ...]


@dataclass(frozen=True, slots=True)
class CatalogueDiff:
    """How a catalogue differs from an earlier version of it.

    Attributes:
        heading: changes of version and title.
        added: entries that only the new one has.
        removed: entries that only the old one has.
        changed: entries that both have and that differ.
    """

    heading: tuple[FieldChange, ...]
    added: tuple[CatalogueEntry, ...]
    removed: tuple[CatalogueEntry, ...]
    changed: tuple[EntryChange, ...]

    @property
    def is_empty(self) -> bool:
        """Whether the entries are the same, whatever the heading says."""
        return not (self.added or self.removed or self.changed)


def diff(old: Catalogue, new: Catalogue) -> CatalogueDiff:
    """Return how ``new`` differs from ``old``, value by value, in the order of codes.

    Raises:
        Breach: CATALOGUE_NAME when these are not versions of one catalogue.
    """
    if old.name != new.name:
        raise Breach("CATALOGUE_NAME", detail=f"{old.name} and {new.name}")
    both = [(before, new.entry(before.code)) for before in old.entries]
    return CatalogueDiff(
        heading=tuple(_changes(old, new, ("version", "title"))),
        added=tuple(entry for entry in new.entries if old.entry(entry.code) is None),
        removed=tuple(before for before, after in both if after is None),
        changed=tuple(
            EntryChange(before.code, tuple(_changes(before, after, ENTRY_FIELDS)))
            for before, after in both
            if after is not None and after != before
        ),
    )


def _changes(old: object, new: object, names: tuple[str, ...]) -> Iterator[FieldChange]:
    for name in names:
        before, after = getattr(old, name), getattr(new, name)
        if before != after:
            yield FieldChange(name, str(before), str(after))


def is_name(text: str) -> bool:
    """Tell whether a text can name a catalogue: ``CN-33/courses``."""
    owner, slash, rest = text.partition("/")
    owned = is_province(owner) or owner == COORDINATOR
    return owned and slash == "/" and is_code(rest) and "/" not in rest


def is_day_or_open(text: str) -> bool:
    """Tell whether a text is a day of the calendar, YYYY-MM-DD, or empty."""
    try:
        return text == "" or check_date(text) == text
    except Breach:
        return False


def _wrong(catalogue: Catalogue) -> Iterator[str]:
    if not is_name(catalogue.name):
        yield "name"
    if not is_code(catalogue.version):
        yield "version"
    if not is_clean_text(catalogue.title):
        yield "title"
    for entry in catalogue.entries:
        for name, holds in ENTRY_CHECKS.items():
            if not holds(getattr(entry, name)):
                yield f"{name} of {entry.code[:64]!a}"
        if entry.valid_until and entry.valid_until < entry.valid_from:
            yield f"valid_until of {entry.code[:64]!a}"


# What each value of an entry has to be. People's files are held against the same table.
ENTRY_CHECKS: dict[str, Callable[[Any], bool]] = {
    "code": is_code,
    "title": lambda text: is_clean_text(text) and text == text.strip(),
    "level": lambda level: 0 <= level <= HIGHEST_LEVEL,
    "field": lambda text: text == "" or _FIELD_OF_STUDY.fullmatch(text) is not None,
    "credits_hundredths": lambda amount: 0 <= amount <= MOST_CREDITS_HUNDREDTHS,
    "hours": lambda hours: 0 <= hours <= MOST_HOURS,
    "kind": lambda kind: kind in OUTCOME_KINDS,
    "category": lambda text: text == "" or is_code(text),
    "valid_from": is_day_or_open,
    "valid_until": is_day_or_open,
}
ENTRY_FIELDS = tuple(one.name for one in fields(CatalogueEntry))
