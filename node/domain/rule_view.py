"""A case as a rule sees it: its lots in order, and the entries that name any of them."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import TypeVar

from node.domain.likeness import like_name
from node.domain.outcomes import check_date, percent
from node.domain.rule_choice import Candidate, least_need, rank, uses
from node.domain.rule_conditions import CaseLot, out_of_time, unmet
from node.domain.rule_grants import is_worth
from node.domain.rule_missing import Named
from node.domain.rule_ways import CREDITS, HOURS, Steps, Table, bits, ways
from node.domain.rulebook import BY_NAME, NO_DUPLICATES, Course, Node, Pool, Rulebook
from node.domain.rulebook import Sequence as InOrder
from node.domain.rules import GRANT_IS_ZERO

_DAYS = "days"
_Key = TypeVar("_Key", bound=Hashable)


@dataclass(frozen=True, slots=True)
class Case:
    """Lots that are to be judged together.

    Attributes:
        on: the day of judgement, YYYY-MM-DD.
        wanted: codes of the targets wanted; only entries that grant one are considered. Empty
            for whatever the rule grants.

    Raises:
        Breach: DATE when ``on`` is no date.
        ValueError: when two lots have one id.
    """

    lots: tuple[CaseLot, ...]
    on: str
    wanted: frozenset[str] = frozenset()

    def __post_init__(self) -> None:
        check_date(self.on)
        if len({lot.lot_id for lot in self.lots}) != len(self.lots):
            raise ValueError("two lots of one id")


@dataclass
class _Touched:
    """An entry that names lots of the case, and what each of them lacks."""

    fitting: dict[Course, int] = field(default_factory=dict)
    by_lot: dict[int, list[str]] = field(default_factory=dict)
    by_course: dict[Course, list[str]] = field(default_factory=dict)


class CaseView:
    """The lots of a case in order of preference, and the entries that name any of them.

    Attributes:
        late: for each lot, what keeps it out whatever the entry.
        named_elsewhere: lots, as bits, that entries for targets not wanted name.
        worthless: the entries that lots satisfy for a grant of nothing.
    """

    def __init__(self, book: Rulebook, case: Case) -> None:
        self.book = book
        self.case = case
        self.lots = sorted(case.lots, key=_preference)
        self.late = [out_of_time(book, lot.facts, case.on) for lot in self.lots]
        self.named_elsewhere = 0
        self.worthless: set[int] = set()
        self._touched: dict[int, _Touched] = {}
        self._find_touched()
        self._same_code, self._same_name = _rivals(self.lots, book.exclusions.duplicates)
        self._alike = self._alikeness()

    def closed(self, lots: int) -> int:
        """Return these lots, as bits, and all that no longer count beside them."""
        found = lots
        for at in bits(lots):
            found |= self._same_code[at] | self._same_name[at]
        return found

    def picked(self, lots: int) -> list[CaseLot]:
        """Return the lots of these bits."""
        return [self.lots[at] for at in bits(lots)]

    def lacks(self, at: int) -> list[tuple[int, list[str]]]:
        """List the entries that name a lot, in order, and what it lacks for each."""
        return [
            (entry_at, self._touched[entry_at].by_lot[at])
            for entry_at in sorted(self._touched)
            if at in self._touched[entry_at].by_lot
        ]

    def named(self) -> dict[int, Named]:
        """Return what each entry makes of the lots that it names."""
        return {
            at: Named(
                self.table(at), {course: tuple(why) for course, why in held.by_course.items()}
            )
            for at, held in self._touched.items()
        }

    def table(self, entry_at: int) -> Table:
        """Return the lots as far as one entry that names some is concerned."""
        return Table(
            lots=self.lots,
            fitting=self._touched[entry_at].fitting,
            same_code=self._same_code,
            same_name=self._same_name,
            alike=self._alike,
        )

    def candidates(self, steps: Steps) -> list[Candidate]:
        """Return the entries that lots of the case satisfy, each by itself.

        Raises:
            Refusal: RULE_TOO_COMPLEX when the steps are used up.
        """
        numbers: dict[str, int] = {}
        found = []
        for entry_at in sorted(self._touched):
            one = self._candidate(entry_at, numbers)
            first = next(uses(one, 0, steps), 0) if one.fitting else 0
            if first:
                unwanted = (one.targets & ~one.counted).bit_count()
                found.append(replace(one, rank=rank(one.entry, entry_at, first, unwanted)))
            elif one.fitting and self._is_whole(one, steps):
                self.worthless.add(entry_at)
        return found

    def _is_whole(self, one: Candidate, steps: Steps) -> bool:
        met = ways(one.table, one.entry.requires, blocked=0, spare=0, steps=steps)
        return next(met, None) is not None

    def _candidate(self, entry_at: int, numbers: dict[str, int]) -> Candidate:
        entry = self.book.entries[entry_at]
        fitting = 0
        for lots in self._touched[entry_at].fitting.values():
            fitting |= lots
        wanted = self.case.wanted or set(entry.targets)
        return Candidate(
            at=entry_at,
            entry=entry,
            table=self.table(entry_at),
            fitting=fitting,
            counted=_numbered(numbers, [one for one in entry.targets if one in wanted]),
            targets=_numbered(numbers, entry.targets),
            is_worth=lambda lots: is_worth(entry, self.picked(lots)),
            need=least_need(entry.requires),
            rank=rank(entry, entry_at, 0, 0),
        )

    def _find_touched(self) -> None:
        wanted = {at for target in self.case.wanted for at in self.book.granting(target)}
        for at, lot in enumerate(self.lots):
            facts = lot.facts
            for naming in self.book.namings(
                source=lot.source, issuer=facts.issuer, catalogue=facts.catalogue, code=facts.code
            ):
                if self.case.wanted and naming.entry_at not in wanted:
                    self.named_elsewhere |= 1 << at
                else:
                    self._meet(naming.entry_at, naming.course, at)

    def _meet(self, entry_at: int, course: Course, at: int) -> None:
        entry, lot = self.book.entries[entry_at], self.lots[at]
        held = self._touched.setdefault(entry_at, _Touched())
        why = self.late[at] + unmet(self.book, entry, course, lot, self.case.on)
        if entry.requires is course and not is_worth(entry, (lot,)):
            why.append(GRANT_IS_ZERO)
        if not why:
            held.fitting[course] = held.fitting.get(course, 0) | 1 << at
        _keep_fewest(held.by_lot, at, why)
        _keep_fewest(held.by_course, course, why)

    def _alikeness(self) -> list[int]:
        """Number the lots so that those alike in all that can count have one number."""
        by_amount, by_hours, by_date = self._what_counts()
        meets: list[list[tuple[int, int]]] = [[] for _ in self.lots]
        for entry_at, held in self._touched.items():
            for place, fitting in enumerate(held.fitting.values()):
                for at in bits(fitting):
                    meets[at].append((entry_at, place))
        numbers: dict[Hashable, int] = {}
        found = []
        for at, lot in enumerate(self.lots):
            rivals = self._same_code[at], self._same_name[at]
            signature = (
                tuple(meets[at]),
                # Rivals of one another are told apart by nothing but themselves.
                tuple(one | 1 << at for one in rivals) if any(rivals) else (),
                lot.amount_hundredths if by_amount else 0,
                lot.facts.hours if by_hours else 0,
                lot.facts.earned if by_date else "",
            )
            found.append(numbers.setdefault(signature, len(numbers)))
        return found

    def _what_counts(self) -> tuple[bool, bool, bool]:
        measures: set[str] = set()
        for entry_at in self._touched:
            entry = self.book.entries[entry_at]
            measures |= _measures(entry.requires)
            if any(not is_worth(entry, (lot,)) for lot in self.lots):
                measures |= {CREDITS if one.hours_ratio is None else HOURS for one in entry.grants}
        return CREDITS in measures, HOURS in measures, _DAYS in measures


def _keep_fewest(known: dict[_Key, list[str]], key: _Key, why: list[str]) -> None:
    if key not in known or len(why) < len(known[key]):
        known[key] = why


def _preference(lot: CaseLot) -> tuple[object, ...]:
    """Order lots so that the better comes first: by mark, by size, by day; then by content."""
    facts = lot.facts
    mark = percent(facts)
    texts = tuple(facts.as_fields().values())
    best = 1 if mark is None else -mark
    return (best, -lot.amount_hundredths, facts.earned, lot.source, texts, lot.category, lot.lot_id)


def _rivals(lots: Sequence[CaseLot], duplicates: str) -> tuple[list[int], list[int]]:
    """Return for each lot those of the same code, and those of other codes and like name."""
    none = [0] * len(lots)
    if duplicates == NO_DUPLICATES:
        return none, none
    same_code = _others([(lot.source, lot.facts.issuer, lot.facts.code) for lot in lots])
    if duplicates != BY_NAME:
        return same_code, none
    same_name = _others([like_name(lot.facts.title) for lot in lots])
    return same_code, [names & ~known for names, known in zip(same_name, same_code, strict=True)]


def _others(keys: Sequence[Hashable]) -> list[int]:
    members: dict[Hashable, int] = {}
    for at, key in enumerate(keys):
        members[key] = members.get(key, 0) | 1 << at
    return [members[key] & ~(1 << at) for at, key in enumerate(keys)]


def _numbered(numbers: dict[str, int], targets: Iterable[str]) -> int:
    found = 0
    for target in targets:
        found |= 1 << numbers.setdefault(target, len(numbers))
    return found


def _measures(requires: Node) -> set[str]:
    """Return what of a lot can decide whether a requirement is met, beside its courses."""
    measures = set()
    nodes = [requires]
    while nodes:
        node = nodes.pop()
        if isinstance(node, Pool):
            measures.add(node.measure)
        elif not isinstance(node, Course):
            nodes += node.parts
            if isinstance(node, InOrder):
                measures.add(_DAYS)
    return measures
