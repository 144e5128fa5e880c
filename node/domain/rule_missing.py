"""What is missing: for entries that lots satisfy only in part, the smallest rest."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

from federation.base.errors import Refusal
from node.domain.rule_ways import (
    MOST_STEPS_FOR_MISSING,
    Lack,
    Steps,
    Table,
    Way,
    bits,
    shortfall,
    ways,
)
from node.domain.rulebook import Course, Entry, Rulebook

OUT_OF_SEQUENCE = "OUT_OF_SEQUENCE"
# Entries of a wanted target that are looked at when no lot of the case is named by any.
MOST_UNTOUCHED = 50


@dataclass(frozen=True, slots=True)
class Missing:
    """One thing that is missing: so much of any of these courses.

    Attributes:
        courses: what would do, as the rule cites it.
        measure: ``lots``, ``credits_hundredths`` or ``hours``.
        amount: how many or how much of it.
        reasons: why a lot of the case that the course names does not do; empty when none is named.
    """

    courses: tuple[Course, ...]
    measure: str
    amount: int
    reasons: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Shortfall:
    """The entry that lacks least for a target, what it has and what it lacks."""

    entry_id: str
    targets: tuple[str, ...]
    lot_ids: tuple[str, ...]
    missing: tuple[Missing, ...]


@dataclass(frozen=True, slots=True)
class Partly:
    """An entry that lots of the case, as bits, satisfy in part."""

    entry_at: int
    lots: int
    lacks: tuple[Lack, ...]


@dataclass(frozen=True, slots=True)
class Named:
    """What an entry makes of the lots that it names.

    Attributes:
        table: the lots as far as it is concerned.
        lacks: for each course that names a lot, the fewest reasons why one does not meet it.
    """

    table: Table
    lacks: Mapping[Course, tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class Open:
    """What is still open when groups are chosen.

    Attributes:
        wanted: the targets wanted that are not granted; empty with ``is_any``.
        is_any: whether no targets were named.
        met: the targets granted.
        blocked: lots that no longer count, as bits.
    """

    wanted: frozenset[str]
    is_any: bool
    met: Collection[str]
    blocked: int


def partly_met(book: Rulebook, named: Mapping[int, Named], still: Open) -> list[Partly]:
    """List the entries still open that name lots, the one that lacks least first."""
    found = []
    steps = Steps(MOST_STEPS_FOR_MISSING)
    for at in sorted(named):
        entry = book.entries[at]
        if set(entry.targets) & set(still.met) or not _is_open(entry, still):
            continue
        way = _least(named[at].table, entry, still.blocked, steps)
        if way.lacks:
            found.append((way.cost, -way.lots.bit_count(), at, way))
    return [Partly(at, way.lots, way.lacks) for _, _, at, way in sorted(found, key=_nearness)]


def shortfalls(
    book: Rulebook, named: Mapping[int, Named], partly: list[Partly], still: Open
) -> tuple[Shortfall, ...]:
    """Tell what is missing, for each open target or, where none was named, for one entry."""
    if still.is_any:
        return tuple(_told(book, named, one, still.blocked) for one in partly[:1])
    told: dict[int, Shortfall] = {}
    for target in sorted(still.wanted):
        fitting = (one for one in partly if target in book.entries[one.entry_at].targets)
        one = next(fitting, None) or _untouched(book, target, still)
        if one is not None:
            told[one.entry_at] = _told(book, named, one, still.blocked)
    return tuple(told[at] for at in sorted(told))


def _nearness(found: tuple[int, int, int, Way]) -> tuple[int, int, int]:
    return found[:3]


def _is_open(entry: Entry, still: Open) -> bool:
    return still.is_any or not still.wanted.isdisjoint(entry.targets)


def _least(table: Table, entry: Entry, blocked: int, steps: Steps) -> Way:
    """Return a way that lacks least; where that takes too many steps, a bound from below."""
    bound = shortfall(table, entry.requires, blocked)
    spare = bound.cost
    try:
        while True:
            found = next(
                ways(table, entry.requires, blocked=blocked, spare=spare, steps=steps), None
            )
            if found is not None:
                return found
            spare += 1
    except Refusal:
        return bound


def _untouched(book: Rulebook, target: str, still: Open) -> Partly | None:
    nothing = Table((), {}, (), (), ())
    found = []
    for at in book.granting(target)[:MOST_UNTOUCHED]:
        entry = book.entries[at]
        if not set(entry.targets) & set(still.met):
            way = shortfall(nothing, entry.requires, 0)
            found.append((way.cost, 0, at, way))
    if not found:
        return None
    _, _, at, way = min(found, key=_nearness)
    return Partly(at, 0, way.lacks)


def _told(book: Rulebook, named: Mapping[int, Named], one: Partly, blocked: int) -> Shortfall:
    entry = book.entries[one.entry_at]
    known = named.get(one.entry_at)
    lots = known.table.lots if known else ()
    used = one.lots | blocked
    return Shortfall(
        entry_id=entry.entry_id,
        targets=entry.targets,
        lot_ids=tuple(lots[at].lot_id for at in bits(one.lots)),
        missing=tuple(
            Missing(
                lack.courses,
                lack.measure,
                lack.amount,
                _why(known, used, lack.courses),
            )
            for lack in one.lacks
        ),
    )


def _why(known: Named | None, used: int, courses: Iterable[Course]) -> tuple[str, ...]:
    if known is None:
        return ()
    reasons: list[str] = []
    for course in courses:
        if known.table.free(course, used):
            # A lot would do but for the day on which it was earned, or for another course of
            # the same entry that has it.
            reasons.append(OUT_OF_SEQUENCE)
        else:
            reasons += known.lacks.get(course, ())
    return tuple(dict.fromkeys(reasons))
