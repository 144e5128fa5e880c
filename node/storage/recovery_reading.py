"""Questions of recovery: fences, open cases, what came back and is not applied, what was lost."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import TYPE_CHECKING

from sqlalchemy import Connection, Select, select

from federation.protocol.messages import MessageType, State
from node.domain.exchange import ExchangeKey, Role
from node.domain.learner import Learner
from node.domain.lot import Lot, LotState
from node.storage import rows
from node.storage import tables as t
from node.usecases.ports import StoredMessage
from node.usecases.recovery_ports import ListedCase

if TYPE_CHECKING:
    from typing import Any

_HOLDING = (int(State.LOCKED), int(State.PREPARED))


class RecoveryQuestions:
    """Questions within one transaction of a connection."""

    _connection: Connection

    def fence(self, peer: str) -> int:
        """Return below which incarnation a peer's messages are refused; zero for none."""
        c = t.peer_fence.c
        found = self._connection.execute(select(c.incarnation).where(c.peer == peer)).scalar()
        return int(found or 0)

    def cases(self) -> list[ListedCase]:
        """Return all cases, oldest first."""
        found = self._connection.execute(select(t.open_case).order_by(t.open_case.c.case_id))
        return [ListedCase(**row._mapping) for row in found]

    def exchange_ids(self, peer: str, after: bytes, limit: int) -> list[bytes]:
        """Return a page of the exchanges with a peer, by identifier."""
        c = t.exchange.c
        query = (
            select(c.exchange_id)
            .where(c.peer == peer, c.exchange_id > after)
            .order_by(c.exchange_id)
            .limit(limit)
        )
        return [row.exchange_id for row in self._connection.execute(query)]

    def stories(self, peer: str) -> Mapping[bytes, Mapping[MessageType, bytes]]:
        """Return the hashes of the messages of each exchange with a peer."""
        c = t.exchange.c
        query = select(c.exchange_id, c.hashes).where(c.peer == peer)
        return {
            row.exchange_id: rows.hashes_of(row.hashes) for row in self._connection.execute(query)
        }

    def unapplied(self) -> list[StoredMessage]:
        """Return what came back: our messages without a leaf, a peer's without an inbox row."""
        m, i, leaf = t.message.c, t.inbox.c, t.log_leaf.alias("logged").c
        applied = select(i.digest).where(
            i.peer == m.peer,
            i.exchange_id == m.exchange_id,
            i.type == m.type,
            i.digest == m.digest,
        )
        logged = select(leaf.leaf_id).where(leaf.subject == m.digest)
        was_applied = applied.correlate(t.message).exists()
        was_logged = logged.correlate(t.message).exists()
        wanted = ((m.is_sent == 0) & ~was_applied) | ((m.is_sent == 1) & ~was_logged)
        query = stored_messages().where(wanted).order_by(m.is_sent, m.log_index)
        return [rows.message_of(row) for row in self._connection.execute(query)]

    def learners_named(self, name: str) -> list[Learner]:
        """Return the learners of a name."""
        query = select(t.learner).where(t.learner.c.name == name)
        return [rows.learner_of(row) for row in self._connection.execute(query)]

    def spent_by(self, nullifiers: Collection[bytes]) -> set[bytes]:
        """Return which nullifiers are those of our own COMMITs."""
        c = t.exchange_lot.c
        query = select(c.nullifier).where(c.source == "", c.nullifier.in_(list(nullifiers)))
        return {row.nullifier for row in self._connection.execute(query)} if nullifiers else set()

    def unspent_lots(self, after: bytes, limit: int) -> list[Lot]:
        """Return a page of the lots that are not spent, by identifier."""
        c = t.lot.c
        query = (
            select(t.lot)
            .where(c.lot_id > after, c.state != LotState.SPENT.value)
            .order_by(c.lot_id)
            .limit(limit)
        )
        return [rows.lot_of(row) for row in self._connection.execute(query)]

    def held_source_exchanges(self, lot_ids: Collection[bytes]) -> list[ExchangeKey]:
        """Return the open exchanges in which we offer these lots."""
        c, e = t.exchange_lot.c, t.exchange.c
        query = (
            select(e.peer, e.exchange_id)
            .join(t.exchange_lot, (c.peer == e.peer) & (c.exchange_id == e.exchange_id))
            .where(e.role == Role.SOURCE.value, e.state.in_(_HOLDING), c.source == "")
            .where(c.lot_id.in_(list(lot_ids)))
            .distinct()
        )
        return [(row.peer, row.exchange_id) for row in self._connection.execute(query)]

    def opaque_ranges(self) -> list[tuple[int, int]]:
        """Return the ranges of the log whose contents were lost, as first and count."""
        c = t.log_leaf.c
        query = select(c.log_index).where(c.opaque_hash.is_not(None)).order_by(c.log_index)
        ranges: list[tuple[int, int]] = []
        for row in self._connection.execute(query):
            if ranges and sum(ranges[-1]) == row.log_index:
                ranges[-1] = (ranges[-1][0], ranges[-1][1] + 1)
            else:
                ranges.append((row.log_index, 1))
        return ranges

    def opaque_hashes(self, start: int, limit: int) -> Mapping[int, bytes]:
        """Return the leaf hashes of lost entries within a page of the log, by index."""
        c = t.log_leaf.c
        query = select(c.log_index, c.opaque_hash).where(
            c.log_index >= start, c.log_index < start + limit, c.opaque_hash.is_not(None)
        )
        return {row.log_index: row.opaque_hash for row in self._connection.execute(query)}


def stored_messages() -> Select[Any]:
    """Return the query for messages with their seals and their places in our log."""
    sealed = t.message.outerjoin(t.seal, t.seal.c.seal_id == t.message.c.seal_id)
    own = t.log_leaf
    return select(
        t.message,
        t.seal.c.statement,
        t.seal.c.keyid,
        t.seal.c.algorithm,
        t.seal.c.signature,
        t.seal.c.checkpoint,
        own.c.log_index.label("own_index"),
    ).select_from(
        sealed.outerjoin(own, (own.c.subject == t.message.c.digest) & (t.message.c.is_sent == 1))
    )
