"""Which entries of a rule the lots of a case satisfy together, each lot used once.

As many (wanted) targets as can be are granted. Among choices that grant equally many, the one is
taken that comes first when entries are tried in this order: those that grant least beside what
is wanted, those that name courses by whole codes, those that use most lots, and then in the
order of the document.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from node.domain.rule_ways import LOTS, Steps, Table, ways
from node.domain.rulebook import AtLeast, Course, Entry, Node, Pool, courses

_MOST_NEED = 10**9
# Candidates among which it pays to look for those that still can be taken.
_MOST_LOOKED_AT = 50


@dataclass(frozen=True, slots=True)
class Candidate:
    """An entry that lots of the case can satisfy.

    Attributes:
        at: its place in the document.
        table: the lots as far as it is concerned.
        fitting: every lot that meets one of its courses, as bits.
        counted: the targets that count for the choice, by their numbers, as bits.
        targets: all its targets, likewise.
        is_worth: whether these lots (bits) are granted something by it.
        need: lots that satisfy it at the least.
    """

    at: int
    entry: Entry
    table: Table
    fitting: int
    counted: int
    targets: int
    is_worth: Callable[[int], bool]
    need: int
    rank: tuple[int, bool, int, int]


@dataclass(frozen=True, slots=True)
class Chosen:
    """An entry and the lots, as bits, that satisfied it."""

    at: int
    lots: int


def uses(candidate: Candidate, blocked: int, steps: Steps) -> Iterator[int]:
    """Yield the sets of lots, as bits, that satisfy an entry and are granted something by it.

    Raises:
        Refusal: RULE_TOO_COMPLEX when the steps are used up.
    """
    seen = set()
    requires = candidate.entry.requires
    for way in ways(candidate.table, requires, blocked=blocked, spare=0, steps=steps):
        if way.lots not in seen and candidate.is_worth(way.lots):
            seen.add(way.lots)
            yield way.lots


def least_need(node: Node) -> int:
    """Return how many lots meet a requirement at the least."""
    if isinstance(node, Course):
        return 1
    if isinstance(node, Pool):
        return node.least if node.measure == LOTS else 1
    needs = sorted(least_need(part) for part in node.parts)
    return sum(needs[: node.count] if isinstance(node, AtLeast) else needs)


def rank(entry: Entry, at: int, first_use: int, unwanted: int) -> tuple[int, bool, int, int]:
    """Return what entries are tried by, the lowest first."""
    has_pattern = any(course.is_pattern for course in courses(entry.requires))
    return unwanted, has_pattern, -first_use.bit_count(), at


def choose(candidates: list[Candidate], steps: Steps) -> list[Chosen]:
    """Choose entries and their lots as the module says.

    Raises:
        Refusal: RULE_TOO_COMPLEX when the steps are used up.
    """
    chosen: list[Chosen] = []
    for part in _independent(candidates):
        chosen += _Search(sorted(part, key=lambda one: one.rank), steps).best()
    return chosen


def _independent(candidates: list[Candidate]) -> list[list[Candidate]]:
    """Part the candidates so that no two parts want the same lot or grant the same target."""
    parts: list[tuple[int, int, list[Candidate]]] = []
    for one in candidates:
        lots, targets, members = one.table.closed(one.fitting), one.targets, [one]
        apart = []
        for part in parts:
            if part[0] & lots or part[1] & targets:
                lots, targets, members = lots | part[0], targets | part[1], part[2] + members
            else:
                apart.append(part)
        parts = [*apart, (lots, targets, members)]
    return [members for _, _, members in parts]


@dataclass(frozen=True, slots=True)
class _Rest:
    """What the candidates from some place on could use and grant together, at the most."""

    once: int
    repeated: int
    lots: int
    most: int
    need: int

    def bound(self, blocked: int, met: int) -> int:
        """Return a number of targets that they cannot surpass."""
        by_targets = (self.once & ~met).bit_count()
        by_targets += (self.repeated & ~blocked).bit_count() * self.most
        return min(by_targets, (self.lots & ~blocked).bit_count() // self.need * self.most)

    def beside(self, one: Candidate) -> _Rest:
        """Return the same with one candidate more."""
        repeats = one.entry.repeats
        return _Rest(
            once=self.once if repeats else self.once | one.counted,
            repeated=self.repeated | one.fitting if repeats else self.repeated,
            lots=self.lots | one.fitting,
            most=max(self.most, one.counted.bit_count()),
            need=min(self.need, one.need),
        )


_NOTHING = _Rest(0, 0, 0, 0, _MOST_NEED)


class _Search:
    """Tries entries in their order, taking before skipping, and leaves what cannot be better."""

    def __init__(self, candidates: list[Candidate], steps: Steps) -> None:
        self._candidates = candidates
        self._steps = steps
        self._best: list[Chosen] = []
        self._best_score = 0
        rests = [_NOTHING]
        for one in reversed(candidates):
            rests.append(rests[-1].beside(one))
        self._rests = rests[::-1]
        self._most = self._rests[0].bound(0, 0)

    def best(self) -> list[Chosen]:
        """Return the first choice that grants most."""
        self._go(0, 0, 0, 0, [])
        return self._best

    def _go(self, start: int, blocked: int, met: int, score: int, taken: list[Chosen]) -> bool:
        """Try from one candidate on; tell whether nothing better can exist."""
        if score > self._best_score:
            self._best, self._best_score = list(taken), score
            if score >= self._most:
                return True
        for at in range(start, len(self._candidates)):
            self._steps.spend()
            if not self._can_be_better(at, blocked, met, score):
                return False
            one = self._candidates[at]
            if one.targets & met or not one.fitting & ~blocked:
                continue
            here, now = (at, met) if one.entry.repeats else (at + 1, met | one.targets)
            gain = one.counted.bit_count()
            for lots in uses(one, blocked, self._steps):
                taken.append(Chosen(one.at, lots))
                if self._go(here, blocked | one.table.closed(lots), now, score + gain, taken):
                    return True
                taken.pop()
        return False

    def _can_be_better(self, at: int, blocked: int, met: int, score: int) -> bool:
        if score + self._rests[at].bound(blocked, met) <= self._best_score:
            return False
        if len(self._candidates) - at > _MOST_LOOKED_AT:
            return True
        rest = _NOTHING
        for one in self._candidates[at:]:
            if one.fitting & ~blocked and not one.targets & met:
                rest = rest.beside(one)
        return score + rest.bound(blocked, met) > self._best_score


def lots_of(chosen: list[Chosen]) -> int:
    """Return all lots that a choice uses, as bits."""
    used = 0
    for one in chosen:
        used |= one.lots
    return used
