"""What this province decided as a destination, over all learners."""

from __future__ import annotations

from sqlalchemy import Connection, func, select

from federation.protocol.messages import MessageType
from node.domain.exchange import Role
from node.domain.refusal_rates import CastVote
from node.storage import tables as t


class SqlVotes:
    """Questions about VOTEs within one transaction of a connection."""

    _connection: Connection

    def first_exchange_us(self) -> int:
        """Return when the first exchange began that was judged here, 0 before any."""
        c = t.exchange.c
        query = select(func.min(c.begun_us)).where(c.role == Role.DESTINATION.value)
        return int(self._connection.execute(query).scalar() or 0)

    def votes_cast(self, since_us: int, until_us: int, *, after: int, limit: int) -> list[CastVote]:
        """Return the VOTEs on exchanges begun in a period, page by page.

        Left out is what was judged without a learner who could be found here, and what relates to
        another exchange: appeals and returns are no first judgements.
        """
        c, m = t.exchange.c, t.message.c
        query = (
            select(c.place, c.peer, c.account, m.payload)
            .join_from(t.exchange, t.message, (m.peer == c.peer) & (m.exchange_id == c.exchange_id))
            .where(
                c.place > after,
                c.role == Role.DESTINATION.value,
                c.account != "",
                c.begun_us >= since_us,
                c.begun_us < until_us,
                func.coalesce(func.length(c.relates_to), 0) == 0,
                m.is_sent == 1,
                m.type == MessageType.VOTE.value,
            )
            .order_by(c.place)
            .limit(limit)
        )
        return [
            CastVote(place=row.place, source=row.peer, account=row.account, payload=row.payload)
            for row in self._connection.execute(query)
        ]
