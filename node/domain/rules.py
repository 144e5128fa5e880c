"""Conversion rules: a table of equivalences, and the judgement of one lot by it.

A rule is data. Its bytes have one spelling (see :mod:`node.domain.rule_form`) and their digest
names it, so that the other side, or an auditor years later, judges again and gets the same.

One entry at most speaks for an outcome. An entry naming the outcome's very code goes before one
naming a prefix, a longer prefix before a shorter one, and at equal codes an entry naming the
source province before one for all of them. What the chosen entry then refuses is refused: a less
specific entry is no second chance.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from fractions import Fraction

from federation.base.amounts import check_amount, convert_rounding_down
from node.domain.outcomes import OutcomeFacts, check_date, percent

ACCEPT = "ACCEPT"
REJECT = "REJECT"
ANY = "*"

RULE_NOT_IN_FORCE = "RULE_NOT_IN_FORCE"
OUTCOME_EXPIRED = "OUTCOME_EXPIRED"
NOT_EQUIVALENT = "NOT_EQUIVALENT"
KIND_EXCLUDED = "KIND_EXCLUDED"
LEVEL_BELOW_MINIMUM = "LEVEL_BELOW_MINIMUM"
GRADE_UNKNOWN = "GRADE_UNKNOWN"
GRADE_BELOW_MINIMUM = "GRADE_BELOW_MINIMUM"
GRANT_IS_ZERO = "GRANT_IS_ZERO"
LOT_REASONS = (
    RULE_NOT_IN_FORCE,
    OUTCOME_EXPIRED,
    NOT_EQUIVALENT,
    KIND_EXCLUDED,
    LEVEL_BELOW_MINIMUM,
    GRADE_UNKNOWN,
    GRADE_BELOW_MINIMUM,
    GRANT_IS_ZERO,
)


@dataclass(frozen=True, slots=True)
class Equivalence:
    """One line of a rule: what counts as what, how much of it, on which conditions.

    Attributes:
        entry_id: the line's name in its rule.
        source: province whose outcomes it speaks of, or ``*`` for every one.
        code: code of an outcome, or the beginning of codes and ``*``.
        target: code of what it counts as at home.
        ratio: credits granted for each credit held.
        minimum_grade: mark out of a hundred that is enough, or None.
        minimum_level: level that is enough, or None; an unknown level never is.
        kinds: kinds of outcome that may count, or None for all.
    """

    entry_id: str
    source: str
    code: str
    target: str
    ratio: Fraction
    minimum_grade: int | None
    minimum_level: int | None
    kinds: frozenset[str] | None


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule as published; no two entries have the same source and code.

    Attributes:
        name: province and name, ``CN-44/general``.
        version: 1 and up.
        valid_from: first day in force, YYYY-MM-DD.
        valid_until: last day in force, or empty.
        is_example: made for demonstrations, never to bind anyone.
        digest: SHA-256 of the rule's bytes, 64 hexadecimal digits.
    """

    name: str
    version: int
    title_zh: str
    title_en: str
    valid_from: str
    valid_until: str
    is_example: bool
    entries: tuple[Equivalence, ...]
    digest: str
    _by_code: dict[tuple[str, str], Equivalence] = field(init=False, repr=False, compare=False)
    _prefix_lengths: tuple[int, ...] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        by_code = {(entry.code, entry.source): entry for entry in self.entries}
        if len(by_code) != len(self.entries):
            raise ValueError("two entries with one source and code")
        lengths = {len(entry.code) - 1 for entry in self.entries if entry.code.endswith(ANY)}
        object.__setattr__(self, "_by_code", by_code)
        object.__setattr__(self, "_prefix_lengths", tuple(sorted(lengths, reverse=True)))

    def entry_for(self, *, source: str, code: str) -> Equivalence | None:
        """Return the one entry that speaks for this outcome, the most specific, or None.

        The cost depends on how many lengths of prefix the rule has, not on its entries.
        """
        for pattern in self._patterns(code):
            entry = self._by_code.get((pattern, source)) or self._by_code.get((pattern, ANY))
            if entry is not None:
                return entry
        return None

    def _patterns(self, code: str) -> Iterator[str]:
        # A code may itself end with the sign that makes a pattern; it must not pass for one.
        if not code.endswith(ANY):
            yield code
        for length in self._prefix_lengths:
            if length <= len(code):
                yield code[:length] + ANY


@dataclass(frozen=True, slots=True)
class LotJudgement:
    """What a rule says of one lot.

    Attributes:
        verdict: ``ACCEPT`` or ``REJECT``.
        granted_hundredths: hundredths of a credit granted at home; 0 when rejected.
        target: code of what it counts as; empty when no entry speaks for it.
        entry_id: the entry that spoke, or empty.
        reasons: every reason against, in the order of ``LOT_REASONS``; empty when accepted.
    """

    verdict: str
    granted_hundredths: int
    target: str
    entry_id: str
    reasons: tuple[str, ...]


def decide(
    rule: Rule, *, source: str, facts: OutcomeFacts, amount_hundredths: int, on: str
) -> LotJudgement:
    """Judge one lot by a rule; the same arguments give the same judgement for ever.

    Args:
        rule: the rule of the province that is asked.
        source: the province that holds the lot.
        facts: what is known of its outcome.
        amount_hundredths: the lot's size in hundredths of a credit.
        on: the day of judgement, YYYY-MM-DD.

    Returns:
        The judgement. The grant is the amount times the ratio, rounded down to a hundredth.

    Raises:
        Breach: AMOUNT when amount or grant is none that a lot can have; DATE when ``on`` is no
            date.
    """
    check_amount(amount_hundredths)
    reasons = _out_of_time(rule, facts, check_date(on))
    entry = rule.entry_for(source=source, code=facts.code)
    if entry is None:
        return LotJudgement(REJECT, 0, "", "", (*reasons, NOT_EQUIVALENT))
    reasons += _unmet(entry, facts)
    granted = convert_rounding_down(amount_hundredths, entry.ratio)
    if granted == 0:
        reasons.append(GRANT_IS_ZERO)
    if reasons:
        return LotJudgement(REJECT, 0, entry.target, entry.entry_id, tuple(reasons))
    return LotJudgement(ACCEPT, check_amount(granted), entry.target, entry.entry_id, ())


def _out_of_time(rule: Rule, facts: OutcomeFacts, on: str) -> list[str]:
    # Dates of one spelling compare as texts. The last day counts as inside.
    reasons = []
    if on < rule.valid_from or (rule.valid_until and on > rule.valid_until):
        reasons.append(RULE_NOT_IN_FORCE)
    if facts.expires and on > facts.expires:
        reasons.append(OUTCOME_EXPIRED)
    return reasons


def _unmet(entry: Equivalence, facts: OutcomeFacts) -> list[str]:
    reasons = []
    if entry.kinds is not None and facts.kind not in entry.kinds:
        reasons.append(KIND_EXCLUDED)
    if entry.minimum_level is not None and facts.level < entry.minimum_level:
        reasons.append(LEVEL_BELOW_MINIMUM)
    if entry.minimum_grade is not None:
        mark = percent(facts)
        if mark is None:
            reasons.append(GRADE_UNKNOWN)
        elif mark < entry.minimum_grade:
            reasons.append(GRADE_BELOW_MINIMUM)
    return reasons
