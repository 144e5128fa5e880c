"""What is counted over exchanges: how many are open, and how much learners moved."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, Row, Select, case, func, or_, select, tuple_

from federation.protocol.messages import Mode, State, Verdict
from node.domain.exchange import Role
from node.domain.statistics import Part, Tally
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

    def tallies(self, since_us: int, until_us: int) -> list[Tally]:
        """Return what became of exchanges begun in a period, by peer and the side we stand on."""
        one = _outcomes(since_us, until_us).subquery()
        columns = [one.c.peer, one.c.role, func.sum(one.c.moved).label("hundredths")]
        parts = {
            "begun": one.c.granted >= 0,
            "granted": one.c.granted == 1,
            "refused": (one.c.granted == 0) & (one.c.judged == 1),
            "rest": one.c.judged == 0,
        }
        for name, is_part in parts.items():
            # Whose account is not known stands for nobody.
            learner = func.nullif(one.c.account, "")
            columns.append(func.sum(case((is_part, 1), else_=0)).label(name))
            columns.append(
                func.count(case((is_part, learner)).distinct()).label(f"{name}_learners")
            )
        query = select(*columns).group_by(one.c.peer, one.c.role)
        return [_tally(row) for row in self._rows(query)]

    def _rows(self, query: Select[Any]) -> Sequence[Row[Any]]:
        return self._connection.execute(query).all()


def _outcomes(since_us: int, until_us: int) -> Select[Any]:
    """Return the question what became of each exchange begun in a period."""
    c, lots = t.exchange.c, t.exchange_lot.c
    is_granted = lots.verdict == int(Verdict.ACCEPT)
    is_judged = lots.verdict.in_([int(Verdict.ACCEPT), int(Verdict.REJECT)])
    committed = case((lots.is_committed == 1, lots.amount), else_=0)
    same = (lots.peer == c.peer) & (lots.exchange_id == c.exchange_id)
    return (
        select(
            c.peer,
            c.role,
            c.account,
            func.coalesce(func.max(case((is_granted, 1), else_=0)), 0).label("granted"),
            func.coalesce(func.max(case((is_judged, 1), else_=0)), 0).label("judged"),
            func.coalesce(func.sum(committed), 0).label("moved"),
        )
        .join_from(t.exchange, t.exchange_lot, same, isouter=True)
        .where(c.begun_us >= since_us, c.begun_us < until_us)
        .group_by(c.peer, c.exchange_id, c.role, c.account)
    )


def _tally(row: Row[Any]) -> Tally:
    parts = {
        name: Part(
            exchanges=int(getattr(row, name)), learners=int(getattr(row, f"{name}_learners"))
        )
        for name in ("begun", "granted", "refused", "rest")
    }
    return Tally(peer=row.peer, role=Role(row.role), hundredths=int(row.hundredths), **parts)
