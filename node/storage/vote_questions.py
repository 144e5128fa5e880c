"""What peers voted on applications begun here, read for many of them at once."""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import Connection, select

from federation.protocol.messages import MessageType
from node.storage import rows
from node.storage import tables as t
from node.storage.counting import storable
from node.usecases.ports import ReceivedVote


class SqlVotesReceived:
    """Votes as received, within one transaction of a connection."""

    _connection: Connection

    def votes_received(self, references: Collection[str]) -> list[ReceivedVote]:
        """Return the VOTE that was counted of each exchange begun here under these references."""
        e, m = t.exchange.c, t.message.c
        begun = select(e.reference, e.hashes).where(e.reference.in_(storable(references)))
        voted = {
            digest: row.reference
            for row in self._connection.execute(begun).all()
            if (digest := rows.hashes_of(row.hashes).get(MessageType.VOTE))
        }
        if not voted:
            return []
        # By their hashes: a join may lead a database through all that a peer ever sent.
        received = select(m.digest, m.peer, m.exchange_id, m.payload, m.openings).where(
            m.digest.in_(list(voted)), m.is_sent == 0
        )
        return [
            ReceivedVote(
                reference=voted[row.digest],
                peer=row.peer,
                exchange_id=row.exchange_id,
                payload=row.payload,
                openings=row.openings,
            )
            for row in self._connection.execute(received).all()
        ]
