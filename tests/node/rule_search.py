"""A search of all choices between the entries of a rule, written without regard for cost."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations, permutations
from typing import Any

from node.domain.rule_conditions import unmet
from node.domain.rule_grants import is_worth
from node.domain.rule_ways import HOURS, LOTS
from node.domain.rulebook import AtLeast, Course, Node, Pool, Rulebook
from tests.node.rulebook_documents import ON


def most_targets(rule: Rulebook, held: list[Any], wanted: frozenset[str]) -> int:
    """How many targets the best choice grants."""
    uses = []
    for line in rule.entries:
        counted = {target for target in line.targets if not wanted or target in wanted}
        if not counted:
            continue
        for size in range(1, len(held) + 1):
            for some in combinations(held, size):
                if is_worth(line, some) and _is_covered(rule, line, some):
                    uses.append((line, frozenset(one.lot_id for one in some), counted))
    return _best(rule, held, uses, frozenset(), frozenset())


def _best(
    rule: Rulebook, held: list[Any], uses: list[Any], used: frozenset[str], met: frozenset[str]
) -> int:
    best = 0
    for line, some, counted in uses:
        if used & some or met & set(line.targets) or _clashes(rule, held, used, some):
            continue
        now = met if line.repeats else met | set(line.targets)
        best = max(best, len(counted) + _best(rule, held, uses, used | some, now))
    return best


def _clashes(rule: Rulebook, held: list[Any], used: frozenset[str], some: frozenset[str]) -> bool:
    by_id = {one.lot_id: one for one in held}
    return any(_is_like(rule, by_id[a], by_id[b]) for a in used for b in some)


def _is_like(rule: Rulebook, a: Any, b: Any, *, by_name: bool = True) -> bool:
    kind = rule.exclusions.duplicates
    if kind == "NONE":
        return False
    if (a.source, a.facts.issuer, a.facts.code) == (b.source, b.facts.issuer, b.facts.code):
        return True
    names = a.facts.title.replace(" ", ""), b.facts.title.replace(" ", "")
    return by_name and kind == "NAME" and names[0] == names[1]


def _is_covered(rule: Rulebook, line: Any, some: tuple[Any, ...]) -> bool:
    return any(_covers(rule, line, line.requires, list(order)) for order in permutations(some))


def _covers(rule: Rulebook, line: Any, node: Node, order: list[Any]) -> bool:
    """Whether the lots, each in its place, meet the courses of some reading of a requirement."""
    return any(
        len(reading) == len(order)
        and all(
            _fits(rule, line, named, one) for (named, _), one in zip(reading, order, strict=True)
        )
        and _in_time(reading, order)
        and _is_filled(reading, order)
        and _apart(rule, reading, order)
        for reading in _readings(node, order, ())
    )


def _apart(rule: Rulebook, reading: Any, order: list[Any]) -> bool:
    for at, one in enumerate(order):
        for before in range(at):
            # A name met before through a pattern shuts out what is like it.
            is_loose = reading[before][0].is_pattern or _is_pooled(reading[before][1])
            if _is_like(rule, order[before], one, by_name=is_loose):
                return False
    return True


def _is_pooled(where: tuple[Any, ...]) -> bool:
    return any(word == "pool" for word, _ in where)


def _fits(rule: Rulebook, line: Any, named: Course, one: Any) -> bool:
    cited = named.catalogue
    code = one.facts.code
    is_named = code == named.code or (named.is_pattern and code.startswith(named.code[:-1]))
    return is_named and cited.source in ("*", one.source) and not unmet(rule, line, named, one, ON)


def _readings(node: Node, order: list[Any], where: tuple[Any, ...]) -> Iterator[list[Any]]:
    if isinstance(node, Course):
        yield [(node, where)]
    elif isinstance(node, Pool):
        yield from _pool_readings(node, order, where)
    else:
        is_ordered = not isinstance(node, AtLeast)
        count = node.count if isinstance(node, AtLeast) else len(node.parts)
        for chosen in combinations(enumerate(node.parts), count):
            steps = [
                ((*where, (id(node), at)) if is_ordered else where, part) for at, part in chosen
            ]
            yield from _product(steps, order)


def _product(steps: list[Any], order: list[Any]) -> Iterator[list[Any]]:
    if not steps:
        yield []
        return
    (where, part), *rest = steps
    for first in _readings(part, order, where):
        for more in _product(rest, order):
            yield first + more


def _pool_readings(pool: Pool, order: list[Any], where: tuple[Any, ...]) -> Iterator[list[Any]]:
    for size in range(1, len(order) + 1):
        for parts in _assigned(pool.parts, size):
            yield [(part, (*where, ("pool", pool))) for part in parts]


def _is_filled(reading: list[Any], order: list[Any]) -> bool:
    """Whether the lots of each pool add up to its sum, and none of them is idle."""
    pools: dict[int, tuple[Pool, list[int]]] = {}
    for (_, where), one in zip(reading, order, strict=True):
        for word, pool in where:
            if word == "pool":
                measured = pools.setdefault(id(pool), (pool, []))[1]
                measured.append(_measure(pool.measure, one))
    return all(
        all(measured) and sum(measured) >= pool.least > sum(measured) - min(measured)
        for pool, measured in pools.values()
    )


def _assigned(parts: tuple[Course, ...], size: int) -> Iterator[tuple[Course, ...]]:
    if size == 0:
        yield ()
        return
    for part in parts:
        for rest in _assigned(parts, size - 1):
            yield (part, *rest)


def _measure(measure: str, one: Any) -> int:
    if measure == LOTS:
        return 1
    return one.facts.hours if measure == HOURS else one.amount_hundredths


def _in_time(reading: list[Any], order: list[Any]) -> bool:
    return not any(
        one.facts.earned > other.facts.earned and _is_before(here, there)
        for (_, here), one in zip(reading, order, strict=True)
        for (_, there), other in zip(reading, order, strict=True)
    )


def _is_before(here: tuple[Any, ...], there: tuple[Any, ...]) -> bool:
    """Whether two courses stand in parts of one sequence, the first before the second."""
    return any(a[0] == b[0] != "pool" and a[1] < b[1] for a in here for b in there)
