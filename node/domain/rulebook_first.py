"""Rules of form 1 in the terms of form 2, judged as they always were.

Every equivalence becomes an entry of one course that may apply to any number of outcomes. An
outcome counts only where it is named most closely, and nothing is taken for a duplicate.
"""

from __future__ import annotations

from functools import cache

from node.domain.rulebook import (
    ANY,
    ANY_LEVEL,
    AT_LEAST,
    DOWN,
    EXEMPT,
    NO_DUPLICATES,
    REFUSE,
    RULE_TRACK,
    Catalogue,
    Conditions,
    Course,
    Entry,
    Exclusions,
    Grant,
    Rulebook,
)
from node.domain.rules import Equivalence, Rule


def from_first_form(rule: Rule) -> Rulebook:
    """Return a rule of form 1 as a rulebook; it keeps its digest."""
    return Rulebook(
        name=rule.name,
        version=rule.version,
        title_zh=rule.title_zh,
        title_en=rule.title_en,
        valid_from=rule.valid_from,
        valid_until=rule.valid_until,
        is_example=rule.is_example,
        note="",
        scales={},
        exclusions=Exclusions(duplicates=NO_DUPLICATES),
        entries=tuple(_entry(equivalence) for equivalence in rule.entries),
        closest_only=True,
        digest=rule.digest,
    )


@cache
def _any_catalogue(source: str) -> Catalogue:
    return Catalogue(key=source, source=source, issuer="", name=source, version=ANY, digest="")


def _entry(one: Equivalence) -> Entry:
    grade = one.minimum_grade
    conditions = Conditions(
        minimum_grade=() if grade is None else (("percent", str(grade)),),
        level=ANY_LEVEL if one.minimum_level is None else AT_LEAST,
        least_level=one.minimum_level or 0,
        kinds=one.kinds,
    )
    grant = Grant(
        target=one.target,
        catalogue=None,
        credits_hundredths=None,
        ratio=one.ratio,
        hours_ratio=None,
        level=0,
        course_category="",
        rounding=DOWN,
    )
    return Entry(
        entry_id=one.entry_id,
        requires=Course(_any_catalogue(one.source), one.code, conditions),
        grants=(grant,),
        grade_written=EXEMPT,
        track=RULE_TRACK,
        valid_from="",
        valid_until="",
        incomplete=REFUSE,
        repeats=True,
        note="",
    )
