"""Whether one outcome may stand for one course of a rule, and every reason why not."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction

from federation.base.amounts import check_amount
from node.domain.likeness import like_name
from node.domain.outcomes import OTHER, PERCENT, OutcomeFacts, mark_of, percent
from node.domain.rulebook import (
    ANY_LEVEL,
    AT_LEAST,
    SAME,
    Conditions,
    Course,
    Entry,
    Exclusions,
    Rulebook,
)
from node.domain.rules import (
    GRADE_BELOW_MINIMUM,
    GRADE_UNKNOWN,
    GRANT_IS_ZERO,
    KIND_EXCLUDED,
    LEVEL_BELOW_MINIMUM,
    NOT_EQUIVALENT,
    OUTCOME_EXPIRED,
    RULE_NOT_IN_FORCE,
)

ENTRY_NOT_IN_FORCE = "ENTRY_NOT_IN_FORCE"
CATEGORY_EXCLUDED = "CATEGORY_EXCLUDED"
EXEMPTION_EXCLUDED = "EXEMPTION_EXCLUDED"
LEVEL_DIFFERS = "LEVEL_DIFFERS"
EARNED_OUT_OF_TIME = "EARNED_OUT_OF_TIME"
OUTCOME_TOO_OLD = "OUTCOME_TOO_OLD"
OVERLAP_UNKNOWN = "OVERLAP_UNKNOWN"
OVERLAP_BELOW_MINIMUM = "OVERLAP_BELOW_MINIMUM"
CREDITS_BELOW_MINIMUM = "CREDITS_BELOW_MINIMUM"
NOT_FOR_TARGET = "NOT_FOR_TARGET"
REQUIREMENT_INCOMPLETE = "REQUIREMENT_INCOMPLETE"
HELD_INCOMPLETE = "HELD_INCOMPLETE"
TARGET_MET = "TARGET_MET"
DUPLICATE_CONTENT = "DUPLICATE_CONTENT"

# Every reason that a judgement by a rule gives, in the order in which it gives them.
CASE_REASONS = (
    RULE_NOT_IN_FORCE,
    OUTCOME_EXPIRED,
    NOT_EQUIVALENT,
    NOT_FOR_TARGET,
    ENTRY_NOT_IN_FORCE,
    KIND_EXCLUDED,
    CATEGORY_EXCLUDED,
    EXEMPTION_EXCLUDED,
    LEVEL_BELOW_MINIMUM,
    LEVEL_DIFFERS,
    GRADE_UNKNOWN,
    GRADE_BELOW_MINIMUM,
    EARNED_OUT_OF_TIME,
    OUTCOME_TOO_OLD,
    CREDITS_BELOW_MINIMUM,
    OVERLAP_UNKNOWN,
    OVERLAP_BELOW_MINIMUM,
    GRANT_IS_ZERO,
    DUPLICATE_CONTENT,
    TARGET_MET,
    REQUIREMENT_INCOMPLETE,
    HELD_INCOMPLETE,
)
# Grades by which an institution says that nothing was sat, only recognised.
_EXEMPTION_GRADES = frozenset({"免考", "免修", "EX", "TR"})


@dataclass(frozen=True, slots=True)
class CaseLot:
    """One lot of a case.

    Attributes:
        lot_id: name of the lot in the case; decides only between lots alike in all else.
        source: the province that holds it.
        amount_hundredths: its size in hundredths of a credit.
        category: category of the course in the catalogue of its source, or empty.
        is_converted: whether the lot came to be by conversion.
        overlaps: share of content in common with a target, in percent, by code of the target.

    Raises:
        Breach: AMOUNT when the amount is none that a lot can have.
    """

    lot_id: str
    source: str
    facts: OutcomeFacts
    amount_hundredths: int
    category: str = ""
    is_converted: bool = False
    overlaps: Mapping[str, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        check_amount(self.amount_hundredths)

    @property
    def is_exemption(self) -> bool:
        """Whether it is itself an exemption or a conversion, so that chains can be refused."""
        return self.is_converted or (
            self.facts.scale == OTHER and self.facts.grade in _EXEMPTION_GRADES
        )


def out_of_time(book: Rulebook, facts: OutcomeFacts, on: str) -> list[str]:
    """List what keeps an outcome out whatever the entry: the rule's dates and its own."""
    # Dates of one spelling compare as texts. The last day counts as inside.
    reasons = []
    if on < book.valid_from or (book.valid_until and on > book.valid_until):
        reasons.append(RULE_NOT_IN_FORCE)
    if facts.expires and on > facts.expires:
        reasons.append(OUTCOME_EXPIRED)
    return reasons


def unmet(book: Rulebook, entry: Entry, course: Course, lot: CaseLot, on: str) -> list[str]:
    """List what keeps a lot from standing for a course of an entry, in no particular order."""
    conditions = course.conditions
    reasons = _excluded(book.exclusions, conditions, lot)
    if on < entry.valid_from or (entry.valid_until and on > entry.valid_until):
        reasons.append(ENTRY_NOT_IN_FORCE)
    reasons += _level(conditions, entry, lot.facts.level)
    reasons += _grade(conditions, book.scales, lot.facts)
    reasons += _dates(conditions, lot.facts, on)
    if lot.amount_hundredths < conditions.least_hundredths:
        reasons.append(CREDITS_BELOW_MINIMUM)
    if conditions.overlap_percent is not None:
        known = [lot.overlaps[target] for target in entry.targets if target in lot.overlaps]
        if len(known) < len(entry.targets):
            reasons.append(OVERLAP_UNKNOWN)
        elif min(known) < conditions.overlap_percent:
            reasons.append(OVERLAP_BELOW_MINIMUM)
    return reasons


def _excluded(exclusions: Exclusions, conditions: Conditions, lot: CaseLot) -> list[str]:
    reasons = []
    kind = lot.facts.kind
    if kind in exclusions.kinds or (conditions.kinds is not None and kind not in conditions.kinds):
        reasons.append(KIND_EXCLUDED)
    if lot.category in exclusions.categories or _is_titled(exclusions.titles, lot.facts.title):
        reasons.append(CATEGORY_EXCLUDED)
    if lot.is_exemption and (exclusions.exemptions or conditions.not_after_conversion):
        reasons.append(EXEMPTION_EXCLUDED)
    return reasons


def _is_titled(words: tuple[str, ...], title: str) -> bool:
    if not words:
        return False
    name = like_name(title)
    return any(like_name(word) in name for word in words)


def _level(conditions: Conditions, entry: Entry, level: int) -> list[str]:
    if conditions.level == ANY_LEVEL:
        return []
    if conditions.level == AT_LEAST:
        return [LEVEL_BELOW_MINIMUM] if level < conditions.least_level else []
    asked = [grant.level for grant in entry.grants if grant.level]
    if conditions.level == SAME:
        return [LEVEL_DIFFERS] if any(level != one for one in asked) else []
    return [LEVEL_BELOW_MINIMUM] if any(level < one for one in asked) else []


def _grade(
    conditions: Conditions, scales: Mapping[str, tuple[str, ...]], facts: OutcomeFacts
) -> list[str]:
    if not conditions.minimum_grade:
        return []
    least = dict(conditions.minimum_grade)
    if facts.scale == OTHER:
        for scale, enough in conditions.minimum_grade:
            if facts.grade in scales.get(scale, ()):
                order = scales[scale]
                is_enough = order.index(facts.grade) <= order.index(enough)
                return [] if is_enough else [GRADE_BELOW_MINIMUM]
        return [GRADE_UNKNOWN]
    mark = percent(facts)
    enough_mark = _least_mark(least, facts)
    if mark is None or enough_mark is None:
        return [GRADE_UNKNOWN]
    return [] if mark >= enough_mark else [GRADE_BELOW_MINIMUM]


def _least_mark(least: Mapping[str, str], facts: OutcomeFacts) -> Fraction | None:
    """Return the mark out of a hundred that is enough for an outcome of this scale, or None."""
    if facts.scale != PERCENT and facts.scale in least:
        return mark_of(facts.scale, least[facts.scale])
    return Fraction(least[PERCENT]) if PERCENT in least else None


def _dates(conditions: Conditions, facts: OutcomeFacts, on: str) -> list[str]:
    reasons = []
    earned = facts.earned
    if earned < conditions.earned_after or (
        conditions.earned_before and earned > conditions.earned_before
    ):
        reasons.append(EARNED_OUT_OF_TIME)
    if conditions.valid_years is not None and on > _years_after(earned, conditions.valid_years):
        reasons.append(OUTCOME_TOO_OLD)
    return reasons


def _years_after(day: str, years: int) -> str:
    # The 29th of February sorts between the 28th and the 1st of March in any year: no calendar
    # is needed to compare.
    return f"{int(day[:4]) + years:04d}{day[4:]}"
