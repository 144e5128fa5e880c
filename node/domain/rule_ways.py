"""The ways in which lots satisfy a requirement, and what is missing where none does.

Lots are bits of a number, so that a set of lots is one integer. Ways come in one stated order:
parts in the order of the document, lots in the order in which they were given (the better before
the worse); at a choice the first that fits. Every look costs a step, and steps are bounded.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from federation.base.errors import Refusal
from node.domain.rule_conditions import CaseLot
from node.domain.rulebook import AtLeast, Course, Node, Pool
from node.domain.rulebook import Sequence as InOrder

RULE_TOO_COMPLEX = "RULE_TOO_COMPLEX"
# Part of the law of form 2: with another number an old case might be judged otherwise.
MOST_STEPS = 200_000
MOST_STEPS_FOR_MISSING = 50_000

LOTS = "lots"
CREDITS = "credits_hundredths"
HOURS = "hours"


class Steps:
    """A budget of looks.

    Raises:
        Refusal: RULE_TOO_COMPLEX by :meth:`spend` when it is used up.
    """

    def __init__(self, most: int) -> None:
        self._left = most

    def spend(self) -> None:
        """Take one step."""
        self._left -= 1
        if self._left < 0:
            raise Refusal(RULE_TOO_COMPLEX)


@dataclass(frozen=True, slots=True)
class Lack:
    """A part that nothing meets: so much, in units of the measure, of any of these courses."""

    courses: tuple[Course, ...]
    measure: str
    amount: int


@dataclass(frozen=True, slots=True)
class Way:
    """One way to meet a requirement: the lots that do, as bits, and what is still missing."""

    lots: int
    lacks: tuple[Lack, ...]

    @property
    def cost(self) -> int:
        """How much is missing: outcomes by number, a sum of credits or hours as one."""
        return sum(_cost(lack) for lack in self.lacks)


@dataclass(frozen=True, slots=True)
class Table:
    """The lots of a case as far as one entry is concerned.

    Attributes:
        lots: all lots of the case, the better before the worse.
        fitting: for each course, the lots that meet it, as bits.
        same_code: for each lot, the others of which one at most counts beside it.
        same_name: for each lot, the others of like name; an entry may ask for both by code.
        alike: for each lot, a number that it shares with those alike in all that counts, in any
            entry of the case; the first of them stands for the rest.
    """

    lots: Sequence[CaseLot]
    fitting: Mapping[Course, int]
    same_code: Sequence[int]
    same_name: Sequence[int]
    alike: Sequence[int]

    def free(self, course: Course, blocked: int) -> int:
        """Return the lots that meet a course and are not blocked, as bits."""
        return self.fitting.get(course, 0) & ~blocked

    def closed(self, lots: int) -> int:
        """Return these lots and all that no longer count beside them."""
        found = lots
        for at in bits(lots):
            found |= self.same_code[at] | self.same_name[at]
        return found


def bits(lots: int) -> Iterator[int]:
    """Yield the places of the bits that are set, from the lowest."""
    while lots:
        lowest = lots & -lots
        yield lowest.bit_length() - 1
        lots ^= lowest


def ways(table: Table, node: Node, *, blocked: int, spare: int, steps: Steps) -> Iterator[Way]:
    """Yield the ways to meet a requirement with at most ``spare`` missing.

    Raises:
        Refusal: RULE_TOO_COMPLEX when the steps are used up.
    """
    return _ways(table, node, "", blocked, spare, steps)


def shortfall(table: Table, node: Node, blocked: int) -> Way:
    """Return a least count of what is missing, as though one lot could meet several courses.

    Never more than what is truly missing; exact where no two courses want the same lot.
    """
    if isinstance(node, Course):
        free = table.free(node, blocked)
        return Way(free & -free, ()) if free else Way(0, (Lack((node,), LOTS, 1),))
    if isinstance(node, Pool):
        return _pool_shortfall(table, node, blocked)
    parts = [shortfall(table, part, blocked) for part in node.parts]
    if isinstance(node, AtLeast):
        parts = sorted(parts, key=lambda way: way.cost)[: node.count]
    return _joined(parts)


def _joined(parts: Sequence[Way]) -> Way:
    lots = 0
    for part in parts:
        lots |= part.lots
    return Way(lots, tuple(lack for part in parts for lack in part.lacks))


def _cost(lack: Lack) -> int:
    return lack.amount if lack.measure == LOTS else 1


def _ways(
    table: Table, node: Node, floor: str, blocked: int, spare: int, steps: Steps
) -> Iterator[Way]:
    """Yield ways; ``floor`` is the first day on which a lot may have been earned."""
    steps.spend()
    if isinstance(node, Course):
        yield from _course_ways(table, node, floor, blocked, spare)
    elif isinstance(node, AtLeast):
        yield from _some(table, node.parts, node.count, floor, blocked, spare, steps)
    elif isinstance(node, Pool):
        yield from _pool_ways(table, node, floor, blocked, spare, steps)
    else:
        yield from _in_order(table, node, 0, floor, blocked, spare, steps)


def _course_ways(
    table: Table, course: Course, floor: str, blocked: int, spare: int
) -> Iterator[Way]:
    tried = set()
    for at in bits(table.free(course, blocked)):
        if table.lots[at].facts.earned >= floor and table.alike[at] not in tried:
            tried.add(table.alike[at])
            yield Way(1 << at, ())
    if spare:
        yield Way(0, (Lack((course,), LOTS, 1),))


def _beside(table: Table, way: Way, blocked: int, *, is_pattern: bool) -> int:
    """Return what is blocked once a way is taken inside an entry."""
    for at in bits(way.lots):
        blocked |= 1 << at | table.same_code[at]
        if is_pattern:
            blocked |= table.same_name[at]
    return blocked


def _some(
    table: Table,
    parts: tuple[Node, ...],
    count: int,
    floor: str,
    blocked: int,
    spare: int,
    steps: Steps,
) -> Iterator[Way]:
    if count == 0:
        yield Way(0, ())
        return
    if len(parts) < count:
        return
    first, rest = parts[0], parts[1:]
    for way in _ways(table, first, floor, blocked, spare, steps):
        after = _beside(table, way, blocked, is_pattern=_is_pattern(first))
        for more in _some(table, rest, count - 1, floor, after, spare - way.cost, steps):
            yield _joined((way, more))
    yield from _some(table, rest, count, floor, blocked, spare, steps)


def _is_pattern(node: Node) -> bool:
    return isinstance(node, Pool) or (isinstance(node, Course) and node.is_pattern)


def _in_order(
    table: Table, node: InOrder, at: int, floor: str, blocked: int, spare: int, steps: Steps
) -> Iterator[Way]:
    if at == len(node.parts):
        yield Way(0, ())
        return
    part = node.parts[at]
    for way in _ways(table, part, floor, blocked, spare, steps):
        last = max((table.lots[lot].facts.earned for lot in bits(way.lots)), default=floor)
        after = _beside(table, way, blocked, is_pattern=_is_pattern(part))
        spared = spare - way.cost
        for more in _in_order(table, node, at + 1, max(last, floor), after, spared, steps):
            yield _joined((way, more))


def _measured(measure: str, lot: CaseLot) -> int:
    if measure == LOTS:
        return 1
    return lot.amount_hundredths if measure == CREDITS else lot.facts.hours


def _pool_lots(table: Table, pool: Pool, blocked: int) -> list[int]:
    """List the lots that add to a pool, the larger before the smaller so that none is idle."""
    free = 0
    for course in pool.parts:
        free |= table.free(course, blocked)
    found = [at for at in bits(free) if _measured(pool.measure, table.lots[at])]
    return sorted(found, key=lambda at: -_measured(pool.measure, table.lots[at]))


def _pool_shortfall(table: Table, pool: Pool, blocked: int) -> Way:
    lots, held = 0, 0
    for at in _pool_lots(table, pool, blocked):
        if held >= pool.least:
            break
        lots, held = lots | 1 << at, held + _measured(pool.measure, table.lots[at])
    if held >= pool.least:
        return Way(lots, ())
    return Way(lots, (Lack(pool.parts, pool.measure, pool.least - held),))


def _pool_ways(
    table: Table, pool: Pool, floor: str, blocked: int, spare: int, steps: Steps
) -> Iterator[Way]:
    lots = [at for at in _pool_lots(table, pool, blocked) if table.lots[at].facts.earned >= floor]
    yield from _filled(table, pool, lots, pool.least, steps)
    if spare:
        held = Way(0, ())
        for at in lots:
            if not table.closed(held.lots) >> at & 1:
                held = Way(held.lots | 1 << at, ())
        total = sum(_measured(pool.measure, table.lots[at]) for at in bits(held.lots))
        lack = Lack(pool.parts, pool.measure, pool.least - total)
        if lack.amount > 0 and _cost(lack) <= spare:
            yield Way(held.lots, (lack,))


def _filled(table: Table, pool: Pool, lots: list[int], least: int, steps: Steps) -> Iterator[Way]:
    """Yield the sets of these lots that reach a sum, taking before skipping."""
    steps.spend()
    if least <= 0:
        yield Way(0, ())
        return
    if sum(_measured(pool.measure, table.lots[at]) for at in lots) < least:
        return
    first, rest = lots[0], lots[1:]
    shut = table.same_code[first] | table.same_name[first]
    beside = [at for at in rest if not shut >> at & 1]
    left = least - _measured(pool.measure, table.lots[first])
    for more in _filled(table, pool, beside, left, steps):
        yield Way(1 << first | more.lots, ())
    others = [at for at in rest if table.alike[at] != table.alike[first]]
    yield from _filled(table, pool, others, least, steps)
