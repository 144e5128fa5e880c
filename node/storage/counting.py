"""What is counted over exchanges: how many are open, and how much learners moved."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, Row, Select, func, or_, select, tuple_

from federation.protocol.messages import Mode, State, Verdict
from node.domain.exchange import Role
from node.storage import tables as t
from node.usecases.ports import Side

OPEN_STATES = [
    int(state)
    for state in (
        State.REQUESTED,
        State.RECEIVED,
        State.ACCEPTED,
        State.REJECTED,
        State.LOCKED,
        State.PREPARED,
        State.COMMITTED,
        State.ABORTED,
    )
]
# States in which lots that no VOTE has refused may still be committed.
_CLAIMING = [
    int(state)
    for state in (
        State.REQUESTED,
        State.RECEIVED,
        State.ACCEPTED,
        State.LOCKED,
        State.PREPARED,
    )
]


def storable(names: Collection[str]) -> list[str]:
    """Return the names that a database may hold; PostgreSQL refuses to be asked for any other."""
    return [name for name in names if "\0" not in name]


class SqlCounting:
    """Sums within one transaction of a connection."""

    _connection: Connection

    def open_with(self, sides: Collection[Side], tombstones_since_us: int) -> Mapping[Side, int]:
        """Return how many exchanges are open with peers, by the side on which we stand.

        Args:
            tombstones_since_us: from when on an ABORT of what was never offered here counts too.
        """
        if not sides:
            return {}
        c, lots = t.exchange.c, t.exchange_lot.c
        is_wanted = tuple_(c.peer, c.role).in_([(peer, role.value) for peer, role in sides])
        has_lots = select(lots.position).where(
            lots.peer == c.peer, lots.exchange_id == c.exchange_id
        )
        many = func.count().label("many")
        open_ones = select(c.peer, c.role, many).where(is_wanted, c.state.in_(OPEN_STATES))
        tombstones = select(c.peer, c.role, many).where(
            is_wanted,
            c.role == Role.DESTINATION.value,
            c.state == int(State.RELEASED),
            c.begun_us >= tombstones_since_us,
            ~has_lots.exists(),
        )
        counted: Counter[Side] = Counter()
        for query in (open_ones, tombstones):
            for row in self._rows(query.group_by(c.peer, c.role)):
                counted[row.peer, Role(row.role)] += row.many
        return counted

    def moved(
        self, claims: Collection[tuple[str, Side]], since_us: int, until_us: int
    ) -> Mapping[tuple[str, Side], int]:
        """Return what learners moved in transfers begun in a period, in source hundredths.

        What may still be committed counts as if it were; what was refused or released does not.
        """
        if not claims:
            return {}
        c, lots = t.exchange.c, t.exchange_lot.c
        names = {(account, peer, role.value) for account, (peer, role) in claims if account}
        is_claimed = (c.state.in_(_CLAIMING)) & (lots.verdict != int(Verdict.REJECT))
        query = (
            select(c.account, c.peer, c.role, func.sum(lots.amount).label("hundredths"))
            .join_from(
                t.exchange,
                t.exchange_lot,
                (lots.peer == c.peer) & (lots.exchange_id == c.exchange_id),
            )
            .where(
                c.account.in_({account for account, _, _ in names}),
                tuple_(c.account, c.peer, c.role).in_(names),
                c.mode == int(Mode.TRANSFER),
                c.begun_us >= since_us,
                c.begun_us < until_us,
                or_(lots.is_committed == 1, is_claimed),
            )
            .group_by(c.account, c.peer, c.role)
        )
        return {
            (row.account, (row.peer, Role(row.role))): int(row.hundredths)
            for row in self._rows(query)
        }

    def _rows(self, query: Select[Any]) -> Sequence[Row[Any]]:
        return self._connection.execute(query).all()
