"""Hours of non-formal learning that add up until they make credit.

Time is counted in whole minutes and credit in whole hundredths; nothing is ever rounded, because
what does not fill a threshold stays as remainder for the next record. Of every learner and rule
there is one account, and whatever the order of the records::

    minutes recorded = threshold × thresholds filled + remainder
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from federation.base.amounts import check_amount
from federation.base.errors import Breach, Refusal
from node.domain.outcome_forms import outcome_form

MOST_MINUTES = 100_000 * 60


@dataclass(frozen=True, slots=True, kw_only=True)
class HoursRule:
    """When hours of a form make credit.

    Attributes:
        rule: name of the rule that says so, with its version.
        form: form of outcome whose hours count.
        threshold_minutes: what is needed for one award of credit.
        award_hundredths: that award, in hundredths of a credit.
        most_awards: awards at most in one account; None for no end.

    Raises:
        Breach: FIELDS for a form without hours or a threshold of nothing; AMOUNT for an award
            that no lot can have.
    """

    rule: str
    form: str
    threshold_minutes: int
    award_hundredths: int
    most_awards: int | None = None

    def __post_init__(self) -> None:
        if not outcome_form(self.form).counts_hours or self.threshold_minutes <= 0:
            raise Breach("FIELDS", detail="hours")
        check_amount(self.award_hundredths)


@dataclass(frozen=True, slots=True, kw_only=True)
class HoursRecord:
    """Hours as one accredited record states them.

    Attributes:
        record: name of the record; counts once.
        minutes: duration, in minutes.
    """

    record: str
    form: str
    minutes: int


@dataclass(frozen=True, slots=True, kw_only=True)
class HoursAccount:
    """Hours of one learner under one rule.

    Attributes:
        records: minutes by record, in the order they came.
        awards: awards of credit made so far.
        remainder_minutes: not yet used; below zero where records were revoked after their hours
            had made credit, and then to be earned before any more is awarded.
    """

    records: tuple[HoursRecord, ...] = ()
    awards: int = 0
    remainder_minutes: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Award:
    """What new records came to.

    Attributes:
        awards: thresholds filled by them.
        hundredths: credit to mint for these, 0 for none.
        next_minutes: minutes missing for the next award; None where there will be none.
    """

    account: HoursAccount
    awards: int
    hundredths: int
    next_minutes: int | None


def accumulate(account: HoursAccount, records: Iterable[HoursRecord], rule: HoursRule) -> Award:
    """Return the account with more records and the credit that they make.

    Raises:
        Refusal: DUPLICATE_RECORD for a record that counts already; FIELDS for one of another
            form or of no sensible duration.
    """
    known = {record.record for record in account.records}
    remainder = account.remainder_minutes
    listed = tuple(records)
    for record in listed:
        if record.record in known:
            raise Refusal("DUPLICATE_RECORD")
        if record.form != rule.form or not 0 < record.minutes <= MOST_MINUTES:
            raise Refusal("FIELDS", detail="hours")
        known.add(record.record)
        remainder += record.minutes
    filled = max(0, remainder) // rule.threshold_minutes
    if rule.most_awards is not None:
        filled = min(filled, max(0, rule.most_awards - account.awards))
    after = HoursAccount(
        records=account.records + listed,
        awards=account.awards + filled,
        remainder_minutes=remainder - filled * rule.threshold_minutes,
    )
    is_full = rule.most_awards is not None and after.awards >= rule.most_awards
    return Award(
        account=after,
        awards=filled,
        hundredths=check_amount(filled * rule.award_hundredths) if filled else 0,
        next_minutes=None if is_full else rule.threshold_minutes - after.remainder_minutes,
    )


def strike(account: HoursAccount, record: str) -> HoursAccount:
    """Return the account without a record that was revoked; credit made stays, and is owed.

    Raises:
        Refusal: RECORD_UNKNOWN where it never counted.
    """
    struck = [one for one in account.records if one.record == record]
    if not struck:
        raise Refusal("RECORD_UNKNOWN")
    return replace(
        account,
        records=tuple(one for one in account.records if one.record != record),
        remainder_minutes=account.remainder_minutes - sum(one.minutes for one in struck),
    )
