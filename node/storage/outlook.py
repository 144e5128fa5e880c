"""What a node asks of its database to see how it stands with others."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, Select, func, select

from node.storage import tables as t
from node.usecases.ports import PeerLag

TIMESTAMP = "timestamp.json"


class SqlOutlook:
    """Questions about what waits for peers and about the registry that was kept."""

    _connection: Connection

    def lags(self) -> list[PeerLag]:
        """Return what waits for each peer, in the order of peers."""
        c = t.outbox.c
        counted = select(
            c.peer,
            func.count().label("waiting"),
            func.min(c.created_us).label("oldest_us"),
            func.min(c.due_us).label("next_attempt_us"),
        ).group_by(c.peer)
        oldest = self._first_of_each(c.created_us)
        failing = self._first_of_each(c.first_failure_us, c.first_failure_us > 0)
        return [
            PeerLag(
                **row._mapping,
                oldest_type=oldest[row.peer].type,
                oldest_exchange=oldest[row.peer].exchange_id,
                first_failure_us=failing[row.peer].first_failure_us if row.peer in failing else 0,
                failure=failing[row.peer].failure if row.peer in failing else "",
            )
            for row in self._connection.execute(counted.order_by(c.peer))
        ]

    def is_failing(self, peer: str) -> bool:
        """Tell whether something that waits for a peer was tried in vain."""
        c = t.outbox.c
        query = select(c.digest).where(c.peer == peer, c.first_failure_us > 0).limit(1)
        return self._connection.execute(query).first() is not None

    def registry_mark(self) -> bytes | None:
        """Return the timestamp of the newest registry view kept: another view has another one."""
        c = t.registry_view.c
        query: Select[Any] = (
            select(c.content).where(c.name == TIMESTAMP).order_by(c.version.desc()).limit(1)
        )
        row = self._connection.execute(query).first()
        return None if row is None else bytes(row.content)

    def _first_of_each(
        self, order: ColumnElement[int], *wanted: ColumnElement[bool]
    ) -> dict[str, Row[Any]]:
        """Return the first message of each peer by some order."""
        c = t.outbox.c
        place = func.row_number().over(partition_by=c.peer, order_by=(order, c.digest))
        ranked = select(t.outbox, place.label("place")).where(*wanted).subquery()
        query = (
            select(ranked, t.message.c.type)
            .join(t.message, t.message.c.digest == ranked.c.digest)
            .where(ranked.c.place == 1)
        )
        return {row.peer: row for row in self._connection.execute(query)}
