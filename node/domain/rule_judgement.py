"""The judgement of a case by a rule: what counts together as what, and why the rest does not.

The same arguments give the same judgement for ever. It does not depend on the order of lots or
on how many entries the rule has beside those that name them.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from node.domain.rule_choice import Chosen, choose, lots_of
from node.domain.rule_conditions import (
    CASE_REASONS,
    DUPLICATE_CONTENT,
    HELD_INCOMPLETE,
    NOT_FOR_TARGET,
    REQUIREMENT_INCOMPLETE,
    TARGET_MET,
)
from node.domain.rule_grants import Granted, grade_written, grants_of
from node.domain.rule_missing import Open, Partly, Shortfall, partly_met, shortfalls
from node.domain.rule_view import Case, CaseView
from node.domain.rule_ways import MOST_STEPS, Steps, bits
from node.domain.rulebook import HOLD, Rulebook
from node.domain.rules import ACCEPT, GRANT_IS_ZERO, NOT_EQUIVALENT, REJECT

HELD = "HELD"


@dataclass(frozen=True, slots=True)
class Group:
    """Lots that satisfied an entry together, and what that grants.

    Attributes:
        track: who decides: ``RULE`` at once, ``REVIEWER`` or ``PANEL`` on this as a proposal.
        grade_written: the grade that is written at home.
    """

    entry_id: str
    track: str
    lot_ids: tuple[str, ...]
    grants: tuple[Granted, ...]
    grade_written: str

    def granted(self, target: str) -> int:
        """Return the hundredths of a credit granted for a target, 0 for none."""
        return sum(grant.hundredths for grant in self.grants if grant.target == target)


@dataclass(frozen=True, slots=True)
class LotVerdict:
    """What became of one lot.

    Attributes:
        verdict: ``ACCEPT``, ``REJECT``, or ``HELD`` until the rest of a requirement is there.
        entry_id: the entry that spoke, or empty.
        granted_hundredths: its shares of all grants of its group; 0 unless accepted.
        reasons: every reason against, in the order of ``CASE_REASONS``; empty when accepted.
    """

    lot_id: str
    verdict: str
    entry_id: str
    granted_hundredths: int
    reasons: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class CaseJudgement:
    """What a rule says of a case.

    Attributes:
        groups: in the order of the document.
        lots: one verdict per lot, by lot id.
        missing: for each wanted target that is not granted, or once where none was named, the
            smallest set that is missing for the entry that lacks least.
    """

    groups: tuple[Group, ...]
    lots: tuple[LotVerdict, ...]
    missing: tuple[Shortfall, ...]

    def granted(self, target: str) -> int:
        """Return the hundredths of a credit granted for a target, 0 for none."""
        return sum(group.granted(target) for group in self.groups)


def judge(book: Rulebook, case: Case, *, tells_missing: bool = True) -> CaseJudgement:
    """Judge a case by a rule.

    Args:
        tells_missing: whether to tell what is missing; it changes nothing of the verdicts.

    Raises:
        Refusal: RULE_TOO_COMPLEX when the choice between entries takes too many steps.
        Breach: AMOUNT when a grant is none that a lot can have.
    """
    view = CaseView(book, case)
    steps = Steps(MOST_STEPS)
    chosen = choose(view.candidates(steps), steps)
    chosen.sort(key=lambda one: (one.at, one.lots))
    used = lots_of(chosen)
    met = {target for one in chosen for target in book.entries[one.at].targets}
    still = Open(case.wanted - met, not case.wanted, met, view.closed(used))
    named = view.named()
    partly = partly_met(book, named, still)
    groups = tuple(_group(view, one) for one in chosen)
    rest = _Rest(view, used, met, _held(book, partly))
    verdicts = [*_accepted(groups), *rest.verdicts()]
    verdicts.sort(key=lambda verdict: verdict.lot_id)
    missing = shortfalls(book, named, partly, still) if tells_missing else ()
    return CaseJudgement(groups, tuple(verdicts), missing)


def _group(view: CaseView, chosen: Chosen) -> Group:
    entry, lots = view.book.entries[chosen.at], view.picked(chosen.lots)
    return Group(
        entry_id=entry.entry_id,
        track=entry.track,
        lot_ids=tuple(lot.lot_id for lot in lots),
        grants=grants_of(entry, lots),
        grade_written=grade_written(entry, lots),
    )


def _accepted(groups: Iterable[Group]) -> list[LotVerdict]:
    found = []
    for group in groups:
        sums = dict.fromkeys(group.lot_ids, 0)
        for grant in group.grants:
            for share in grant.shares:
                sums[share.lot_id] += share.hundredths
        found += [LotVerdict(lot, ACCEPT, group.entry_id, sums[lot], ()) for lot in group.lot_ids]
    return found


def _held(book: Rulebook, partly: list[Partly]) -> dict[int, str]:
    """Return which lots wait for the rest of which entry; each waits for one."""
    held: dict[int, str] = {}
    for one in partly:
        entry = book.entries[one.entry_at]
        if entry.incomplete == HOLD and not any(at in held for at in bits(one.lots)):
            held |= dict.fromkeys(bits(one.lots), entry.entry_id)
    return held


class _Rest:
    """The lots that no group uses, and why."""

    def __init__(self, view: CaseView, used: int, met: set[str], held: dict[int, str]) -> None:
        self._view = view
        self._used = used
        self._met = met
        self._held = held

    def verdicts(self) -> list[LotVerdict]:
        return [
            self._verdict(at, lot.lot_id)
            for at, lot in enumerate(self._view.lots)
            if not self._used >> at & 1
        ]

    def _verdict(self, at: int, name: str) -> LotVerdict:
        if at in self._held:
            return LotVerdict(name, HELD, self._held[at], 0, (HELD_INCOMPLETE,))
        naming = self._view.lacks(at)
        if not naming:
            is_elsewhere = self._view.named_elsewhere >> at & 1
            why = [*self._view.late[at], NOT_FOR_TARGET if is_elsewhere else NOT_EQUIVALENT]
            return LotVerdict(name, REJECT, "", 0, _in_order(why))
        entry_at, lacks = min(naming, key=lambda one: (len(one[1]), one[0]))
        why = lacks or [self._idle(entry_at, at)]
        entry_id = self._view.book.entries[entry_at].entry_id
        return LotVerdict(name, REJECT, entry_id, 0, _in_order(why))

    def _idle(self, entry_at: int, at: int) -> str:
        """Return why a lot that meets every condition of an entry was not used."""
        entry = self._view.book.entries[entry_at]
        if self._view.closed(self._used) >> at & 1:
            return DUPLICATE_CONTENT
        if not entry.repeats and self._met & set(entry.targets):
            return TARGET_MET
        return GRANT_IS_ZERO if entry_at in self._view.worthless else REQUIREMENT_INCOMPLETE


def _in_order(reasons: Iterable[str]) -> tuple[str, ...]:
    return tuple(sorted(set(reasons), key=CASE_REASONS.index))
