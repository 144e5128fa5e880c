"""From cases back to rules: what a new version would change, what is lacking, a first draft."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from federation.base.errors import Refusal
from node.domain.outcomes import OTHER, OUTCOME_KINDS, percent
from node.domain.rule_conditions import CaseLot
from node.domain.rule_judgement import CaseJudgement, judge
from node.domain.rule_view import Case
from node.domain.rule_ways import RULE_TOO_COMPLEX
from node.domain.rulebook import Rulebook
from node.domain.rules import REJECT


@dataclass(frozen=True, slots=True)
class TargetChange:
    """Hundredths of a credit granted for a target, before and after."""

    target: str
    before: int
    after: int


@dataclass(frozen=True, slots=True)
class LotChange:
    """A lot whose verdict or reasons would differ."""

    lot_id: str
    before: str
    after: str
    reasons_before: tuple[str, ...]
    reasons_after: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class CaseChange:
    """A past case that would come out otherwise."""

    case_id: str
    targets: tuple[TargetChange, ...]
    lots: tuple[LotChange, ...]


@dataclass(frozen=True, slots=True)
class DryRun:
    """What a new version of a rule would change.

    Attributes:
        cases: how many past cases were judged again.
        changes: those that would come out otherwise, in the order given.
        more_hundredths: sum of what would be granted beyond what was.
        less_hundredths: sum of what would no longer be granted.
    """

    cases: int
    changes: tuple[CaseChange, ...]
    more_hundredths: int
    less_hundredths: int


def dry_run(old: Rulebook, new: Rulebook, past: Iterable[tuple[str, Case]]) -> DryRun:
    """Judge past cases, each under its id, by both versions of a rule and tell what differs."""
    count, changes = 0, []
    for case_id, case in past:
        count += 1
        change = _change(case_id, case, _outcome(old, case), _outcome(new, case))
        if change.targets or change.lots:
            changes.append(change)
    moves = [one.after - one.before for change in changes for one in change.targets]
    return DryRun(
        cases=count,
        changes=tuple(changes),
        more_hundredths=sum(move for move in moves if move > 0),
        less_hundredths=-sum(move for move in moves if move < 0),
    )


_Verdicts = Mapping[str, tuple[str, tuple[str, ...]]]


def _outcome(book: Rulebook, case: Case) -> tuple[dict[str, int], _Verdicts]:
    try:
        judgement = judge(book, case)
    except Refusal:
        # A rule that cannot decide grants nothing; the reason says so for every lot.
        return {}, {lot.lot_id: (REJECT, (RULE_TOO_COMPLEX,)) for lot in case.lots}
    return _granted(judgement), {one.lot_id: (one.verdict, one.reasons) for one in judgement.lots}


def _granted(judgement: CaseJudgement) -> dict[str, int]:
    found: dict[str, int] = {}
    for group in judgement.groups:
        for grant in group.grants:
            found[grant.target] = found.get(grant.target, 0) + grant.hundredths
    return found


def _change(
    case_id: str,
    case: Case,
    before: tuple[dict[str, int], _Verdicts],
    after: tuple[dict[str, int], _Verdicts],
) -> CaseChange:
    targets = sorted(before[0].keys() | after[0].keys())
    lots = sorted(lot.lot_id for lot in case.lots)
    return CaseChange(
        case_id=case_id,
        targets=tuple(
            TargetChange(target, before[0].get(target, 0), after[0].get(target, 0))
            for target in targets
            if before[0].get(target, 0) != after[0].get(target, 0)
        ),
        lots=tuple(
            LotChange(lot, before[1][lot][0], after[1][lot][0], before[1][lot][1], after[1][lot][1])
            for lot in lots
            if before[1][lot] != after[1][lot]
        ),
    )


@dataclass(frozen=True, slots=True)
class RefusedPair:
    """Outcomes of one code that were refused for a target, and how many learners that met.

    Attributes:
        target: code of the target wanted, or empty when none was named.
        learners: learners refused for this reason.
    """

    source: str
    issuer: str
    code: str
    target: str
    reason: str
    learners: int


@dataclass(frozen=True, slots=True)
class Gap:
    """A pair that rules do not cover, with the reasons and the learners of each."""

    source: str
    issuer: str
    code: str
    target: str
    learners: int
    reasons: tuple[tuple[str, int], ...]


def gaps(refused: Iterable[RefusedPair]) -> tuple[Gap, ...]:
    """Rank refused pairs by the learners that they met, most first."""
    found: dict[tuple[str, str, str, str], dict[str, int]] = {}
    for pair in refused:
        reasons = found.setdefault((pair.source, pair.issuer, pair.code, pair.target), {})
        reasons[pair.reason] = reasons.get(pair.reason, 0) + pair.learners
    ranked = sorted(found.items(), key=lambda item: (-sum(item[1].values()), item[0]))
    return tuple(
        Gap(
            *key,
            learners=sum(reasons.values()),
            reasons=tuple(sorted(reasons.items(), key=lambda one: (-one[1], one[0]))),
        )
        for key, reasons in ranked
    )


@dataclass(frozen=True, slots=True)
class DecidedGrant:
    """What people granted for one target, in hundredths of a credit."""

    target: str
    hundredths: int
    level: int
    course_category: str


@dataclass(frozen=True, slots=True)
class DecidedCase:
    """A case that people decided in the learner's favour.

    Attributes:
        lots: the lots that together were found to be worth the grants.
        minute: reference to the decision, for the entry's note.
    """

    lots: tuple[CaseLot, ...]
    grants: tuple[DecidedGrant, ...]
    minute: str


def entry_from_case(
    decided: DecidedCase,
    *,
    entry_id: str,
    home: str,
    catalogues: Mapping[tuple[str, str, str], str],
) -> dict[str, Any]:
    """Return the draft of an entry by which the case would be decided as it was.

    The draft asks for what was there: the courses, the lowest mark and the kinds; a reviewer still
    decides by it. People widen it before it is published.

    Args:
        decided: the case.
        entry_id: name of the entry.
        home: key of the catalogue of the targets.
        catalogues: keys of the catalogues of the lots, by source, issuer and version.

    Raises:
        KeyError: when a lot's catalogue has no key.
    """
    lots = sorted(decided.lots, key=lambda lot: (lot.source, lot.facts.code, lot.lot_id))
    courses = [{"course": _course(lot, catalogues)} for lot in lots]
    kinds = [kind for kind in OUTCOME_KINDS if any(lot.facts.kind == kind for lot in lots)]
    entry: dict[str, Any] = {
        "id": entry_id,
        "requires": courses[0] if len(courses) == 1 else {"all": courses},
        "grants": [_grant(grant, home) for grant in decided.grants],
        "conditions": {"kinds": kinds},
        "track": "REVIEWER",
    }
    # Where people accepted a lower level, a rule that says so cannot ask for more.
    if any(lot.facts.level < grant.level for lot in lots for grant in decided.grants):
        entry["conditions"]["level"] = "ANY"
    return entry | ({"note": decided.minute} if decided.minute else {})


def _course(lot: CaseLot, catalogues: Mapping[tuple[str, str, str], str]) -> dict[str, Any]:
    facts = lot.facts
    course: dict[str, Any] = {
        "catalogue": catalogues[lot.source, facts.issuer, facts.catalogue],
        "code": facts.code,
    }
    mark = percent(facts)
    if mark is not None:
        course["minimum_grade"] = mark.numerator // mark.denominator
    elif facts.scale == OTHER:
        course["minimum_grade"] = {}
    return course


def _grant(grant: DecidedGrant, home: str) -> dict[str, Any]:
    content: dict[str, Any] = {
        "target": grant.target,
        "catalogue": home,
        "credits_hundredths": grant.hundredths,
    }
    if grant.level:
        content["level"] = grant.level
    if grant.course_category:
        content["course_category"] = grant.course_category
    return content
