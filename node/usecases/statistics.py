"""A month's counts: for the own operators, and signed for the coordinator.

A month is published once, a whole month after its end, when what began in it is mostly decided:
two versions of it could be told apart by a single learner.
"""

from __future__ import annotations

from collections.abc import Callable

from federation.base.errors import Breach
from federation.base.working_days import month_before, month_bounds_us
from federation.trust.statistics import Statistics, StatisticsRow, is_month, write_statistics
from node.usecases.office import Office
from node.usecases.ports import Reading, Transaction
from node.usecases.sealing import Sealing

MONTHS_BEFORE = 2
_SENT = "statistics sent"


class Statistician:
    """Counts exchanges."""

    def __init__(self, office: Office, sealing: Sealing) -> None:
        self._office = office
        self._sealing = sealing

    def rows(self, month: str, *, is_exact: bool) -> tuple[StatisticsRow, ...]:
        """Return a month's counts, exact or as they are published.

        Raises:
            Breach: MONTH when it is none.
        """
        if not is_month(month):
            raise Breach("MONTH")
        return self._office.store.read(lambda reading: _rows(reading, month, is_exact=is_exact))

    def send_due(self, submit: Callable[[bytes], None]) -> str:
        """Submit the month that is due; return it, or nothing when it was submitted before.

        Raises:
            Unavailable, Refusal: as told by the coordinator; it is tried again.
        """
        month = month_before(self._office.clock.now_us(), MONTHS_BEFORE)
        if self._office.store.read(lambda reading: reading.fact(_SENT)) == month:
            return ""
        submit(self._office.store.transact(lambda tx: self._made(tx, month)))
        self._office.store.transact(lambda tx: tx.set_fact(_SENT, month))
        return month

    def _made(self, tx: Transaction, month: str) -> bytes:
        """Return the document of a month, always the same bytes."""
        name = f"statistics {month}"
        known = tx.fact(name)
        if known is not None:
            return known.encode()
        statistics = Statistics(
            province=self._office.province,
            month=month,
            made_us=self._office.clock.now_us(),
            rows=_rows(tx, month, is_exact=False),
        )
        content = write_statistics(statistics, self._sealing.signer())
        tx.set_fact(name, content.decode())
        return content


def _rows(reading: Reading, month: str, *, is_exact: bool) -> tuple[StatisticsRow, ...]:
    rows = []
    for tally in reading.tallies(*month_bounds_us(month)):
        begun, granted, refused, hundredths = tally.shown(is_exact=is_exact)
        rows.append(
            StatisticsRow(
                peer=tally.peer,
                direction=tally.direction,
                begun=begun,
                granted=granted,
                refused=refused,
                hundredths=hundredths,
            )
        )
    return tuple(sorted(rows, key=lambda row: (row.peer, row.direction)))
