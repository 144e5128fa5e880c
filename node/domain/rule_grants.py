"""What a satisfied entry grants: exact amounts, named rounding, shares that sum exactly."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from federation.base.amounts import check_amount
from node.domain.outcomes import percent
from node.domain.rule_conditions import CaseLot
from node.domain.rulebook import AS_IS, DOWN, EXEMPT, HALF_UP, Entry, Grant

EXEMPT_GRADE = "免考"


@dataclass(frozen=True, slots=True)
class Share:
    """How much of a grant goes back to one lot, in hundredths of a credit."""

    lot_id: str
    hundredths: int


@dataclass(frozen=True, slots=True)
class Granted:
    """What is granted for one target.

    Attributes:
        catalogue: version of the home catalogue, or empty in form 1.
        hundredths: hundredths of a credit, after rounding.
        exact: the amount before rounding, in hundredths.
        rounding: how it was rounded.
        level: level of the target, or the lowest of the lots where the rule states none; 0 when
            unknown.
        shares: one per lot used, in the order of the lots; their sum is ``hundredths``.
    """

    target: str
    catalogue: str
    hundredths: int
    exact: Fraction
    rounding: str
    level: int
    course_category: str
    shares: tuple[Share, ...]


def rounded(exact: Fraction, rounding: str) -> int:
    """Return an amount, in hundredths, rounded as named."""
    if rounding == DOWN:
        return exact.numerator // exact.denominator
    if rounding == HALF_UP:
        return (2 * exact.numerator + exact.denominator) // (2 * exact.denominator)
    return round(exact)


def exact_amount(grant: Grant, lots: Sequence[CaseLot]) -> Fraction:
    """Return what a grant is worth for these lots, in hundredths, before rounding."""
    if grant.credits_hundredths is not None:
        return Fraction(grant.credits_hundredths)
    if grant.ratio is not None:
        amount = grant.ratio * sum(lot.amount_hundredths for lot in lots)
    else:
        assert grant.hours_ratio is not None, "a grant without measure"
        amount = 100 * grant.hours_ratio * sum(lot.facts.hours for lot in lots)
    if grant.least is not None:
        amount = max(amount, Fraction(grant.least))
    return amount if grant.most is None else min(amount, Fraction(grant.most))


def is_worth(entry: Entry, lots: Sequence[CaseLot]) -> bool:
    """Tell whether every target gets something and every lot a share of it."""
    amounts = [rounded(exact_amount(grant, lots), grant.rounding) for grant in entry.grants]
    return all(amounts) and sum(amounts) >= len(lots)


def grants_of(entry: Entry, lots: Sequence[CaseLot]) -> tuple[Granted, ...]:
    """Return what an entry grants for the lots that satisfied it.

    Requires that it is worth something.

    Raises:
        Breach: AMOUNT when a grant is none that a lot can have.
    """
    sizes = [lot.amount_hundredths for lot in lots]
    exact = [exact_amount(grant, lots) for grant in entry.grants]
    totals = [
        check_amount(rounded(amount, grant.rounding))
        for amount, grant in zip(exact, entry.grants, strict=True)
    ]
    table = _none_idle([split(total, sizes) for total in totals])
    lowest = min(lot.facts.level for lot in lots)
    return tuple(
        Granted(
            target=grant.target,
            catalogue=grant.catalogue.version if grant.catalogue else "",
            hundredths=total,
            exact=amount,
            rounding=grant.rounding,
            level=grant.level or lowest,
            course_category=grant.course_category,
            shares=tuple(Share(lot.lot_id, part) for lot, part in zip(lots, row, strict=True)),
        )
        for grant, amount, total, row in zip(entry.grants, exact, totals, table, strict=True)
    )


def split(total: int, sizes: Sequence[int]) -> list[int]:
    """Split a total in proportion to sizes, by largest remainder; the earlier wins a tie."""
    whole = sum(sizes)
    parts = [total * size // whole for size in sizes]
    remainders = [total * size % whole for size in sizes]
    order = sorted(range(len(sizes)), key=lambda at: (-remainders[at], at))
    for at in order[: total - sum(parts)]:
        parts[at] += 1
    return parts


def _none_idle(table: list[list[int]]) -> list[list[int]]:
    """Move single hundredths from the largest shares to lots that would have none."""
    for lot in range(len(table[0])):
        if any(row[lot] for row in table):
            continue
        totals = [sum(row[at] for row in table) for at in range(len(table[0]))]
        richest = totals.index(max(totals))
        row = max(table, key=lambda shares: shares[richest])
        row[richest] -= 1
        row[lot] += 1
    return table


def grade_written(entry: Entry, lots: Sequence[CaseLot]) -> str:
    """Return the grade that is written at home for what an entry grants.

    Of several lots the lowest mark speaks; what has no mark is written as exempt.
    """
    marks = [percent(lot.facts) for lot in lots]
    known = [mark for mark in marks if mark is not None]
    if entry.grade_written == EXEMPT or len(known) < len(marks):
        only = lots[0].facts.grade if len(lots) == 1 else ""
        return only if entry.grade_written == AS_IS and only else EXEMPT_GRADE
    lowest = min(known)
    if entry.grade_written == AS_IS:
        return lots[marks.index(lowest)].facts.grade
    assert not isinstance(entry.grade_written, str), "an unknown way to write grades"
    for least, text in entry.grade_written:
        if lowest >= least:
            return text
    return EXEMPT_GRADE
