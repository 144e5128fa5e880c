"""What agreements leave: exchanges open with a peer, and a learner's year.

A pair of provinces has at most one agreement for a direction, a mode and a day, so what counts
against it is asked by peer and direction: what its predecessor of the same year let through counts
too. The year is Beijing's and that of the exchange's beginning, each side by its own clock; an
offer made in the last minutes of a year may count at its destination in the next.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator

from federation.base.clock import DAY
from federation.base.errors import Refusal
from federation.base.working_days import year_bounds_us
from federation.protocol.messages import Mode, State
from federation.trust.agreements import Agreement
from node.domain.exchange import Exchange
from node.usecases.office import Office
from node.usecases.ports import Reading, Side

# How long an ABORT of what was never offered counts as an open exchange.
TOMBSTONE_US = DAY


class Allowances:
    """What is used up, as one transaction sees it and adds to it."""

    def __init__(self, office: Office, reading: Reading, now_us: int) -> None:
        self._office = office
        self._reading = reading
        self._now_us = now_us
        self._open: Counter[Side] = Counter()
        self._moved: Counter[tuple[str, Side]] = Counter()
        self._known_open: set[Side] = set()
        self._known_moved: set[tuple[str, Side]] = set()

    def load_open(self, sides: Collection[Side]) -> None:
        """Learn how many exchanges are open, where a quota may ask for it."""
        if any(one.open_exchanges_quota for side in sides for one in self._between(side)):
            self._learn_open(sides)

    def load_moved(self, accounts: Collection[str], sides: Collection[Side]) -> None:
        """Learn what these learners moved this year, where a cap may ask for it."""
        if any(one.learner_year_cap_hundredths for side in sides for one in self._between(side)):
            self._learn_moved(accounts, sides)

    def check_room(self, agreement: Agreement | None, side: Side) -> None:
        """Check that one more exchange may be open.

        Raises:
            Refusal: AGREEMENT_QUOTA.
        """
        quota = agreement.open_exchanges_quota if agreement else 0
        if not quota:
            return
        if side not in self._known_open:
            self._learn_open([side])
        if self._open[side] >= quota:
            raise Refusal("AGREEMENT_QUOTA")

    def check_cap(self, agreement: Agreement, exchange: Exchange, hundredths: int) -> None:
        """Check that a learner may move so much more this year; a judgement moves nothing.

        Raises:
            Refusal: AGREEMENT_CAP.
        """
        cap = agreement.learner_year_cap_hundredths
        if not cap or exchange.mode is not Mode.TRANSFER:
            return
        account, side = exchange.account, (exchange.peer, exchange.role)
        if (account, side) not in self._known_moved:
            self._learn_moved([account], [side])
        if self._moved[account, side] + hundredths > cap:
            raise Refusal("AGREEMENT_CAP")

    def note(self, exchange: Exchange) -> None:
        """Count an exchange that this transaction began."""
        side = (exchange.peer, exchange.role)
        self._open[side] += 1
        if exchange.mode is Mode.TRANSFER and exchange.state not in (State.ABORTED, State.RELEASED):
            self._moved[exchange.account, side] += exchange.claimed_hundredths

    def _between(self, side: Side) -> Iterator[Agreement]:
        pair = {self._office.province, side[0]}
        for one in self._office.registry.view().agreements:
            if pair <= set(one.agreement.parties):
                yield one.agreement

    def _learn_open(self, sides: Collection[Side]) -> None:
        wanted = set(sides) - self._known_open
        self._known_open |= wanted
        since_us = self._now_us - TOMBSTONE_US
        self._open.update(self._reading.open_with(wanted, since_us))

    def _learn_moved(self, accounts: Collection[str], sides: Collection[Side]) -> None:
        wanted = {(one, side) for one in accounts for side in sides} - self._known_moved
        self._known_moved |= wanted
        self._moved.update(self._reading.moved(wanted, *year_bounds_us(self._now_us)))
