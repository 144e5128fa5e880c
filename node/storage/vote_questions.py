"""What peers voted on applications begun here, read for many of them in one statement."""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import Connection, and_, select

from federation.protocol.messages import MessageType
from node.storage import rows
from node.storage import tables as t
from node.storage.counting import storable
from node.usecases.ports import ReceivedVote


class SqlVotes:
    """Votes as received, within one transaction of a connection."""

    _connection: Connection

    def votes_received(self, references: Collection[str]) -> list[ReceivedVote]:
        """Return the VOTE that was counted of each exchange begun here under these references."""
        e, m = t.exchange.c, t.message.c
        query = (
            select(e.reference, e.peer, e.exchange_id, e.hashes, m.digest, m.payload, m.openings)
            .join(t.message, and_(m.peer == e.peer, m.exchange_id == e.exchange_id))
            .where(e.reference.in_(storable(references)))
            .where(m.type == MessageType.VOTE.value, m.is_sent == 0)
        )
        return [
            ReceivedVote(
                reference=row.reference,
                peer=row.peer,
                exchange_id=row.exchange_id,
                payload=row.payload,
                openings=row.openings,
            )
            for row in self._connection.execute(query).all()
            if rows.hashes_of(row.hashes).get(MessageType.VOTE) == row.digest
        ]
