"""A transaction among many, on PostgreSQL: what it will change is locked before it is read."""

from __future__ import annotations

import zlib
from collections.abc import Collection, Mapping, Sequence

from sqlalchemy import ColumnElement, Connection, Table, func, select, tuple_, update

from federation.log.witness import Known
from node.domain.cap_book import CapBook
from node.domain.changes import InboxKey, InboxRow
from node.domain.exchange import Exchange, ExchangeKey
from node.domain.learner import Learner, TransferCode
from node.domain.lot import Lot
from node.domain.shanghai_kept import KeptRow
from node.storage import rows
from node.storage import tables as t
from node.storage.counting import storable
from node.storage.integrator import PEER_FENCE_LOCK
from node.storage.reading import SIZE
from node.storage.writing import SqlTransaction
from node.usecases.ports import LogState, Side, Waiting


class LockingTransaction(SqlTransaction):
    """Questions and writes of one of several transactions at once.

    Runs at READ COMMITTED, where every statement sees what is committed when it begins. Rows are
    locked by a statement of their own, in the order of their keys, and read by the next one, which
    therefore sees what the holder before us left, in this table and in those that hang on it. A
    snapshot taken at the start, as REPEATABLE READ has it, would not: a row that another one only
    locked, because what it wrote is elsewhere, raises no failure there, and the reading is stale.

    What is not there cannot be locked. Two that insert it meet in a unique key, and the second is
    run again. Order: exchanges, lots, codes, learners, counters, balances.
    """

    def __init__(self, connection: Connection, origin: str) -> None:
        super().__init__(connection, origin)
        self.has_logged = False
        self._log_state: LogState | None = None

    def inbox(self, keys: Collection[InboxKey]) -> Mapping[InboxKey, InboxRow]:
        """Return the inbox rows under these keys, their exchanges locked."""
        self._lock_exchanges({(peer, exchange_id) for peer, exchange_id, _, _ in keys})
        return super().inbox(keys)

    def exchanges(self, keys: Collection[ExchangeKey]) -> Mapping[ExchangeKey, Exchange]:
        """Return the exchanges under these keys, locked."""
        self._lock_exchanges(keys)
        return super().exchanges(keys)

    def exchanges_by_reference(self, references: Collection[str]) -> Mapping[str, Exchange]:
        """Return the exchanges that were begun here under these references, locked."""
        c = t.exchange.c
        if references:
            self._lock(t.exchange, c.reference.in_(storable(references)), (c.peer, c.exchange_id))
        return super().exchanges_by_reference(references)

    def lapsed(self, now_us: int, limit: int) -> list[Exchange]:
        """Return transfers whose lock has ended without a decision, locked."""
        seen = {exchange.key for exchange in super().lapsed(now_us, limit)}
        self._lock_exchanges(seen)
        found = super().lapsed(now_us, limit) if seen else []
        return [exchange for exchange in found if exchange.key in seen]

    def open_exchanges(self, account: str) -> int:
        """Return how many exchanges of an account are under way; none begins until we end."""
        self._lock(t.learner, t.learner.c.account == account, (t.learner.c.account,))
        return super().open_exchanges(account)

    def open_with(self, sides: Collection[Side], tombstones_since_us: int) -> Mapping[Side, int]:
        """Return how many exchanges are open with peers; nobody else counts until we end."""
        for peer, role in sorted(sides):
            # There is no row that stands for all of them.
            named = func.hashtextextended(f"open {peer} {role}", 0)
            self._connection.execute(select(func.pg_advisory_xact_lock(named)))
        return super().open_with(sides, tombstones_since_us)

    def moved(
        self, claims: Collection[tuple[str, Side]], since_us: int, until_us: int
    ) -> Mapping[tuple[str, Side], int]:
        """Return what learners moved; none of them moves more until we end."""
        c = t.learner.c
        if claims:
            self._lock(t.learner, c.account.in_({account for account, _ in claims}), (c.account,))
        return super().moved(claims, since_us, until_us)

    def cap_books(self, accounts: Collection[str]) -> Mapping[str, CapBook]:
        """Return the books of these accounts, their learners locked."""
        c = t.learner.c
        if accounts:
            self._lock(t.learner, c.account.in_(storable(accounts)), (c.account,))
        return super().cap_books(accounts)

    def lots(self, lot_ids: Collection[bytes]) -> Mapping[bytes, Lot]:
        """Return the lots with these identifiers, locked."""
        c = t.lot.c
        if lot_ids:
            self._lock(t.lot, c.lot_id.in_(list(lot_ids)), (c.lot_id,))
        return super().lots(lot_ids)

    def codes(self, digests: Collection[bytes]) -> Mapping[bytes, TransferCode]:
        """Return the transfer codes with these hashes, locked."""
        c = t.transfer_code.c
        if digests:
            self._lock(t.transfer_code, c.digest.in_(list(digests)), (c.digest,))
        return super().codes(digests)

    def codes_by_reference(self, references: Collection[str]) -> Mapping[str, TransferCode]:
        """Return the transfer codes issued under these references, locked."""
        c = t.transfer_code.c
        if references:
            self._lock(t.transfer_code, c.reference.in_(storable(references)), (c.digest,))
        return super().codes_by_reference(references)

    def learners(self, accounts: Collection[str]) -> Mapping[str, Learner]:
        """Return the learners of these accounts; none is erased until we end."""
        c = t.learner.c
        if accounts:
            self._lock(t.learner, c.account.in_(storable(accounts)), (c.account,), is_shared=True)
        return super().learners(accounts)

    def shanghai_rows_about(
        self, subjects: Collection[bytes], accounts: Collection[str]
    ) -> list[KeptRow]:
        """Return every row about these subjects; nobody adds one of these learners' until we end.

        A learner who is opened meanwhile meets us in the unique index of documents.
        """
        c = t.learner.c
        if accounts:
            self._lock(t.learner, c.account.in_(storable(accounts)), (c.account,))
        return super().shanghai_rows_about(subjects, accounts)

    def log_state(self) -> LogState:
        """Return the log's newest checkpoint, the same one until we end."""
        if self._log_state is None:
            self._log_state = super().log_state()
        return self._log_state

    def log_places(self, subjects: Collection[bytes]) -> Mapping[bytes, int]:
        """Return where messages and deposits stand in the log as this transaction sees it."""
        found = super().log_places(subjects)
        size = self.log_state().checkpoint.size
        return {subject: place for subject, place in found.items() if place < size}

    def known_log(self, origin: str) -> Known:
        """Return what is known of a log, locked where it was met before."""
        self._lock(t.mirror, t.mirror.c.origin == origin, (t.mirror.c.origin,))
        return super().known_log(origin)

    def take_due(self, peer: str, now_us: int, limit: int, *, until_us: int) -> list[Waiting]:
        """Take what is due for a peer and is not being taken by another; it is due again later."""
        c = t.outbox.c
        free = (
            select(c.digest)
            .join(t.log_leaf, t.log_leaf.c.subject == c.digest)
            .where(c.peer == peer, c.due_us <= now_us, t.log_leaf.c.log_index.is_not(None))
            .order_by(c.due_us, c.digest)
            .limit(limit)
            .with_for_update(of=t.outbox, skip_locked=True)
        )
        taken = [row.digest for row in self._all(free)]
        if not taken:
            return []
        held = (
            select(t.outbox, t.message.c.type, SIZE)
            .join(t.message, t.message.c.digest == c.digest)
            .where(c.digest.in_(taken))
            .order_by(c.due_us, c.digest)
        )
        waiting = [rows.waiting_of(row) for row in rows.within_a_call(self._all(held))]
        kept = [one.digest for one in waiting]
        self._connection.execute(update(t.outbox).where(c.digest.in_(kept)).values(due_us=until_us))
        return waiting

    def fence(self, peer: str) -> int:
        """Return a peer's fence; none is raised until we end."""
        self._lock_fence(peer, is_shared=True)
        return super().fence(peer)

    def raise_fence(self, peer: str, incarnation: int, now_us: int) -> int:
        """Raise a peer's fence once nothing of the peer is being applied; then nothing is."""
        self._lock_fence(peer, is_shared=False)
        return super().raise_fence(peer, incarnation, now_us)

    def _lock_fence(self, peer: str, *, is_shared: bool) -> None:
        take = func.pg_advisory_xact_lock_shared if is_shared else func.pg_advisory_xact_lock
        self._connection.execute(select(take(PEER_FENCE_LOCK, zlib.crc32(peer.encode()) >> 1)))

    def _lock_exchanges(self, keys: Collection[ExchangeKey]) -> None:
        c = t.exchange.c
        if keys:
            wanted = tuple_(c.peer, c.exchange_id).in_(list(keys))
            self._lock(t.exchange, wanted, (c.peer, c.exchange_id))

    def _lock(
        self,
        table: Table,
        wanted: ColumnElement[bool],
        order: Sequence[ColumnElement[object]],
        *,
        is_shared: bool = False,
    ) -> None:
        query = select(*order).select_from(table).where(wanted).order_by(*order)
        self._connection.execute(query.with_for_update(read=is_shared)).all()

    def log_refilled(self, leaves: Sequence[tuple[bytes, bytes]]) -> None:
        """Make entries of messages that came back anew; the integrator is told of them."""
        super().log_refilled(leaves)
        self.has_logged = self.has_logged or bool(leaves)

    def _log(self, leaves: Sequence[tuple[bytes, bytes]]) -> None:
        super()._log(leaves)
        self.has_logged = self.has_logged or bool(leaves)
