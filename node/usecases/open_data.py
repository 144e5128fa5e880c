"""What anybody may know of this province: its rule, its versions, its agreements, its refusals.

Refusals are told by quarter, a month after its end. A quarter's numbers are kept when they are
first told and never made again: two versions of them could be told apart by a single learner. For
the same reason quarters do not overlap, and no other period is told.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass

from federation.base.errors import Unavailable
from federation.base.working_days import month_before, month_bounds_us
from federation.protocol.messages import MessageType, Verdict, Vote
from federation.trust.agreements import Listing
from federation.wire import codec
from node.domain.judgement import Judge
from node.domain.publication import Publication, PublicationState
from node.domain.refusal_rates import JudgedLot, RefusalRate, refusal_rates
from node.domain.rulebook import Rulebook
from node.domain.what_if import terms_of
from node.usecases.office import Office, beijing_day
from node.usecases.ports import Reading, Transaction
from node.usecases.publications import CATALOGUE, CROSSWALK, FRAMEWORK, HOURS

KINDS = (CATALOGUE, FRAMEWORK, CROSSWALK, HOURS)
MOST_QUARTERS = 40
_PAGE = 2_000
# The current month and a whole one before it are not over yet, for decisions take their time.
_MONTHS_BEFORE = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class QuarterRefusals:
    """The refusals of a quarter, as ``2026-Q1`` of Beijing."""

    quarter: str
    rates: tuple[RefusalRate, ...]


class OpenData:
    """Reads what is public."""

    def __init__(self, office: Office) -> None:
        self._office = office
        self.province = office.province

    def today(self) -> str:
        """Return the day in Beijing, YYYY-MM-DD."""
        return beijing_day(self._office.clock.now_us())

    def rule(self) -> Rulebook | None:
        """Return the rule in force in the terms of form 2, or None before any was published."""

        def read(reading: Reading) -> Judge | None:
            try:
                return self._office.judge(reading)
            except Unavailable:
                return None

        judge = self._office.store.read(read)
        return None if judge is None else terms_of(judge).book

    def versions(self) -> list[tuple[str, Publication]]:
        """Return what is published of catalogues, frameworks and their like, with its kind."""
        found = self._office.store.read(
            lambda reading: [(kind, one) for kind in KINDS for one in reading.publications(kind)]
        )
        return [(kind, one) for kind, one in found if one.state is PublicationState.PUBLISHED]

    def agreements(self) -> Sequence[Listing]:
        """Return every agreement that the registry lists, by name."""
        listed = self._office.registry.view().agreements
        return sorted(listed, key=lambda one: (one.agreement.agreement, one.agreement.version))

    def refusals(self) -> list[QuarterRefusals]:
        """Return the refusals of every quarter that is over, the oldest first."""
        first_us = self._office.store.read(lambda reading: reading.first_exchange_us())
        if not first_us:
            return []
        now_us = self._office.clock.now_us()
        due = quarters(month_before(first_us, 0), month_before(now_us, _MONTHS_BEFORE))
        return [self._kept(quarter) for quarter in due[-MOST_QUARTERS:]]

    def _kept(self, quarter: str) -> QuarterRefusals:
        name = f"refusals {quarter}"
        known = self._office.store.read(lambda reading: reading.fact(name))
        if known is None:
            known = self._office.store.transact(lambda tx: _made(tx, name, quarter))
        rates = tuple(RefusalRate(**one) for one in json.loads(known))
        return QuarterRefusals(quarter=quarter, rates=rates)


def quarters(first: str, last: str) -> list[str]:
    """Return the quarters from that of a month on that are over with another, both YYYY-MM."""
    year, number = int(first[:4]), (int(first[5:]) - 1) // 3
    found = []
    while f"{year:04}-{3 * number + 3:02}" <= last:
        found.append(f"{year:04}-Q{number + 1}")
        year, number = (year, number + 1) if number < 3 else (year + 1, 0)
    return found


def _made(tx: Transaction, name: str, quarter: str) -> str:
    """Make a quarter's numbers and keep them, unless another process just did."""
    known = tx.fact(name)
    if known is not None:
        return known
    rates = refusal_rates(_judged(tx, *_bounds_us(quarter)))
    made = json.dumps([asdict(one) for one in rates], sort_keys=True)
    tx.set_fact(name, made)
    return made


def _judged(reading: Reading, since_us: int, until_us: int) -> Iterator[JudgedLot]:
    after = 0
    while page := reading.votes_cast(since_us, until_us, after=after, limit=_PAGE):
        for cast in page:
            vote = codec.decode(MessageType.VOTE, cast.payload)
            assert isinstance(vote, Vote)
            for lot in vote.lots:
                yield JudgedLot(
                    source=cast.source,
                    learner=cast.account,
                    entry=lot.entry,
                    is_granted=lot.verdict is Verdict.ACCEPT,
                    reasons=lot.reasons,
                )
        after = page[-1].place


def _bounds_us(quarter: str) -> tuple[int, int]:
    year, number = quarter[:4], int(quarter[-1])
    first, last = f"{year}-{3 * number - 2:02}", f"{year}-{3 * number:02}"
    return month_bounds_us(first)[0], month_bounds_us(last)[1]
