"""Questions about offers that were decided here, within one transaction of a connection."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any, Protocol

from sqlalchemy import Connection, Row, Select, func, select

from node.domain.exchange import Exchange, Role
from node.storage import tables as t


class _WithLots(Protocol):
    """Who else reads exchanges."""

    _connection: Connection

    def _with_lots(self, found: Sequence[Row[Any]]) -> list[Exchange]: ...


class SqlPrecedents:
    """Offers by number and state."""

    _connection: Connection

    def newest_place(self) -> int:
        """Return the number of the newest exchange, 0 before any."""
        query = select(func.coalesce(func.max(t.exchange.c.place), 0))
        return int(self._connection.execute(query).scalar_one())

    def newest_offers(
        self: _WithLots, states: Sequence[int], limit: int
    ) -> list[tuple[int, Exchange]]:
        """Return the newest offers in these states with their numbers, the newest first."""
        query = _offers(states).order_by(t.exchange.c.place.desc()).limit(limit)
        found = self._connection.execute(query).all()
        return list(zip([row.place for row in found], self._with_lots(found), strict=True))

    def offers_at(
        self: _WithLots, states: Sequence[int], places: Collection[int]
    ) -> list[tuple[int, Exchange]]:
        """Return those of these offers that are in these states, by number."""
        c = t.exchange.c
        query = _offers(states).where(c.place.in_(sorted(places))).order_by(c.place)
        found = self._connection.execute(query).all()
        return list(zip([row.place for row in found], self._with_lots(found), strict=True))

    def offer_places(self, states: Sequence[int], after: int) -> list[int]:
        """Return the numbers of offers in these states after a number, in order."""
        c = t.exchange.c
        query = select(c.place).where(
            c.role == Role.DESTINATION.value, c.state.in_(states), c.place > after
        )
        return list(self._connection.execute(query.order_by(c.place)).scalars())

    def messages_shown(self, digests: Collection[bytes]) -> set[bytes]:
        """Return which of these messages still show what was shown with them."""
        c = t.message.c
        query = select(c.digest).where(c.digest.in_(list(digests)), c.openings != b"")
        return set(self._connection.execute(query).scalars()) if digests else set()


def _offers(states: Sequence[int]) -> Select[Any]:
    c = t.exchange.c
    return select(t.exchange).where(c.role == Role.DESTINATION.value, c.state.in_(states))
