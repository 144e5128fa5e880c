"""A rule tried on cases that were decided: what it would change, case by case and in all.

Each case is judged as it was, on its day, by the rule as if it had been in force then. Caps count
what the case's own record says was used before; a scope that no cap asked for then counts from
nothing, for a record holds no other outcomes.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from node.domain.decision_record import ACCEPT, Record, compose
from node.domain.judgement import Judge
from node.domain.rule_judge import whenever


@dataclass(frozen=True, slots=True, kw_only=True)
class PastCase:
    """A case with the record of its decision.

    Attributes:
        peer: province that asked.
        exchange: identifier, 32 hexadecimal digits.
        learner: account here; counted and never shown.
    """

    peer: str
    exchange: str
    learner: str
    record: Record


@dataclass(frozen=True, slots=True)
class TargetChange:
    """Hundredths of a credit granted for a target, before and after."""

    target: str
    before: int
    after: int


@dataclass(frozen=True, slots=True)
class LotChange:
    """A lot whose verdict or reasons would differ."""

    lot: str
    before: str
    after: str
    reasons_before: tuple[str, ...]
    reasons_after: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseChange:
    """A past case that would come out otherwise."""

    peer: str
    exchange: str
    decided_on: str
    track: str
    targets: tuple[TargetChange, ...]
    lots: tuple[LotChange, ...]


@dataclass(frozen=True, slots=True)
class EntryChange:
    """In how many cases an entry granted and would, and hundredths of a credit granted by it.

    What a panel granted stands under the panel's question.
    """

    entry: str
    cases_before: int
    cases_after: int
    before: int
    after: int


@dataclass(frozen=True, slots=True)
class ReasonChange:
    """How many lots a reason kept out, and would."""

    reason: str
    lots_before: int
    lots_after: int


@dataclass(frozen=True, slots=True, kw_only=True)
class DryRunSums:
    """What a rule would change in all.

    Attributes:
        cases: how many were judged again.
        changed: how many would come out otherwise.
        learners: whose cases these are, each counted once.
        more_hundredths: sum of what would be granted for a target beyond what was.
        less_hundredths: sum of what would no longer be granted.
        entries: those that granted or would, by name.
        reasons: those whose number of lots would differ, by name.
    """

    cases: int
    changed: int
    learners: int
    more_hundredths: int
    less_hundredths: int
    entries: tuple[EntryChange, ...]
    reasons: tuple[ReasonChange, ...]


class DryRun:
    """Judges past cases again by a rule and adds up what differs."""

    def __init__(self, judge: Judge) -> None:
        self._judge = whenever(judge)
        self._cases = self._changed = 0
        self._moved = Counter[bool]()
        self._learners: set[str] = set()
        # For each entry and reason what was, then what would be.
        self._granting = Counter[str](), Counter[str]()
        self._hundredths = Counter[str](), Counter[str]()
        self._refusing = Counter[str](), Counter[str]()

    def judge_again(self, case: PastCase) -> CaseChange | None:
        """Judge a case again; return how it would differ, or None where it would not."""
        before, after = case.record, judged_by(self._judge, case.record)
        self._cases += 1
        for at, record in enumerate((before, after)):
            self._count(at, record)
        targets, lots = _targets(before, after), _lots(before, after)
        if not targets and not lots:
            return None
        self._changed += 1
        self._learners.add(case.learner)
        for one in targets:
            self._moved[one.after > one.before] += abs(one.after - one.before)
        return CaseChange(
            peer=case.peer,
            exchange=case.exchange,
            decided_on=before.given.decided_on,
            track=before.given.track,
            targets=targets,
            lots=lots,
        )

    def sums(self) -> DryRunSums:
        """Return what all cases so far come to."""
        granting, hundredths, refusing = self._granting, self._hundredths, self._refusing
        return DryRunSums(
            cases=self._cases,
            changed=self._changed,
            learners=len(self._learners),
            more_hundredths=self._moved[True],
            less_hundredths=self._moved[False],
            entries=tuple(
                EntryChange(
                    one, granting[0][one], granting[1][one], hundredths[0][one], hundredths[1][one]
                )
                for one in sorted(granting[0] | granting[1])
            ),
            reasons=tuple(
                ReasonChange(one, refusing[0][one], refusing[1][one])
                for one in sorted(refusing[0] | refusing[1])
                if refusing[0][one] != refusing[1][one]
            ),
        )

    def _count(self, at: int, record: Record) -> None:
        accepted = [one for one in record.decided.groups if one.verdict == ACCEPT]
        self._granting[at].update({one.entry for one in accepted})
        for group in accepted:
            self._hundredths[at][group.entry] += sum(one.hundredths for one in group.parts)
        self._refusing[at].update(
            reason for lot in record.decided.lots for reason in set(lot.reasons)
        )


def judged_by(judge: Judge, record: Record) -> Record:
    """Return the record that a judge would have made of the case that another record is of."""
    used = {line.key: line.used_before for line in record.decided.caps}
    given = record.given
    return compose(given, judge.judge(given.case), judge.caps, used=used)


def granted_by_target(record: Record) -> dict[str, int]:
    """Return what is granted for each target, in hundredths of a credit."""
    granted: Counter[str] = Counter()
    for group in record.decided.groups:
        for part in group.parts if group.verdict == ACCEPT else ():
            granted[part.target] += part.hundredths
    return dict(granted)


def _targets(before: Record, after: Record) -> tuple[TargetChange, ...]:
    was, is_ = granted_by_target(before), granted_by_target(after)
    return tuple(
        TargetChange(one, was.get(one, 0), is_.get(one, 0)) for one in _differing(was, is_)
    )


def _lots(before: Record, after: Record) -> tuple[LotChange, ...]:
    was, is_ = (
        {lot.lot: (lot.verdict, lot.reasons) for lot in record.decided.lots}
        for record in (before, after)
    )
    return tuple(
        LotChange(one, was[one][0], is_[one][0], was[one][1], is_[one][1])
        for one in _differing(was, is_)
    )


def _differing(was: Mapping[str, object], is_: Mapping[str, object]) -> Iterable[str]:
    return sorted(one for one in was.keys() | is_.keys() if was.get(one) != is_.get(one))
