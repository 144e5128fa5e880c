"""From cases back to rules: what rules lack, and the draft of an entry by which a case would go.

What a new version would change is told by :mod:`node.domain.rule_trial`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from node.domain.outcomes import OTHER, OUTCOME_KINDS, percent
from node.domain.rule_conditions import CaseLot


@dataclass(frozen=True, slots=True, kw_only=True)
class Refused:
    """A lot that was refused for a target.

    Attributes:
        target: code of a target wanted and not granted, or empty when none was named.
        learner: whoever was refused; counted and never shown.
    """

    source: str
    issuer: str
    code: str
    title: str
    target: str
    reasons: tuple[str, ...]
    learner: str


@dataclass(frozen=True, slots=True)
class Gap:
    """A pair that rules do not cover.

    Attributes:
        title: as the last of the refused outcomes had it.
        learners: how many were refused, each counted once.
        reasons: each with the learners that it met; one may have met several.
    """

    source: str
    issuer: str
    code: str
    target: str
    title: str
    learners: int
    reasons: tuple[tuple[str, int], ...]


@dataclass(slots=True)
class _Met:
    title: str = ""
    learners: set[str] = field(default_factory=set)
    by_reason: dict[str, set[str]] = field(default_factory=dict)


def gaps(refused: Iterable[Refused]) -> tuple[Gap, ...]:
    """Rank refused pairs by the learners that they met, most first."""
    found: dict[tuple[str, str, str, str], _Met] = {}
    for one in refused:
        met = found.setdefault((one.source, one.issuer, one.code, one.target), _Met())
        met.title = one.title
        met.learners.add(one.learner)
        for reason in one.reasons:
            met.by_reason.setdefault(reason, set()).add(one.learner)
    ranked = sorted(found.items(), key=lambda item: (-len(item[1].learners), item[0]))
    return tuple(
        Gap(
            *key,
            title=met.title,
            learners=len(met.learners),
            reasons=tuple(
                sorted(
                    ((reason, len(learners)) for reason, learners in met.by_reason.items()),
                    key=lambda one: (-one[1], one[0]),
                )
            ),
        )
        for key, met in ranked
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
    homes: Mapping[str, str],
    catalogues: Mapping[tuple[str, str, str], str],
) -> dict[str, Any]:
    """Return the draft of an entry by which the case would be decided as it was.

    The draft asks for what was there: the courses, the lowest mark and the kinds; a reviewer still
    decides by it. People widen it before it is published.

    Args:
        decided: the case.
        entry_id: name of the entry.
        homes: key of the catalogue of each target.
        catalogues: keys of the catalogues of the lots, by source, issuer and version.

    Raises:
        KeyError: when the catalogue of a lot or a target has no key.
    """
    lots = sorted(decided.lots, key=lambda lot: (lot.source, lot.facts.code, lot.lot_id))
    courses = [{"course": _course(lot, catalogues)} for lot in lots]
    kinds = [kind for kind in OUTCOME_KINDS if any(lot.facts.kind == kind for lot in lots)]
    entry: dict[str, Any] = {
        "id": entry_id,
        "requires": courses[0] if len(courses) == 1 else {"all": courses},
        "grants": [_grant(grant, homes[grant.target]) for grant in decided.grants],
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
