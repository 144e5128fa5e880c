"""What can be asked of the database, each question one statement however many rows it is about."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import Row, Select, func, select, tuple_

from federation.log.checkpoint import Checkpoint
from federation.log.merkle import EMPTY_ROOT
from federation.protocol.lots import CommittedLot
from federation.protocol.messages import State
from node.domain.changes import InboxKey, InboxRow
from node.domain.exchange import Exchange, ExchangeKey
from node.domain.learner import Learner, TransferCode
from node.domain.ledger import learner_account
from node.domain.lot import Hold, Lot
from node.storage import rows
from node.storage import tables as t
from node.storage.accreditation_reading import SqlAccreditations
from node.storage.cap_questions import SqlCaps
from node.storage.counting import OPEN_STATES, SqlCounting, storable
from node.storage.enrolments import SqlEnrolments
from node.storage.evidence_questions import SqlEvidence
from node.storage.mirroring import SqlMirrorReading
from node.storage.outlook import SqlOutlook
from node.storage.precedent_reading import SqlPrecedents
from node.storage.publication_reading import SqlPublications
from node.storage.recovery_reading import RecoveryQuestions, stored_messages
from node.storage.review_reading import SqlReviews
from node.storage.shanghai_storing import SqlShanghaiReading
from node.storage.vote_questions import SqlVotesReceived
from node.storage.vote_reading import SqlVotes
from node.usecases.ports import (
    LogState,
    PairBooked,
    RejectedRow,
    StoredMessage,
    Waiting,
)

# Of a message as it travels, but for its proofs.
SIZE = (func.length(t.message.c.payload) + func.length(t.message.c.openings)).label("size")
_LAPSING = [int(State.LOCKED), int(State.PREPARED)]


class SqlReading(
    SqlMirrorReading,
    SqlOutlook,
    SqlCounting,
    RecoveryQuestions,
    SqlEvidence,
    SqlPublications,
    SqlAccreditations,
    SqlReviews,
    SqlVotes,
    SqlShanghaiReading,
    SqlPrecedents,
    SqlCaps,
    SqlEnrolments,
    SqlVotesReceived,
):
    """Questions within one transaction of a connection."""

    def inbox(self, keys: Collection[InboxKey]) -> Mapping[InboxKey, InboxRow]:
        """Return the inbox rows under these keys."""
        if not keys:
            return {}
        c = t.inbox.c
        wanted = tuple_(c.peer, c.exchange_id, c.type, c.step).in_(list(keys))
        return {
            (row.peer, row.exchange_id, row.type, row.step): InboxRow(
                key=(row.peer, row.exchange_id, row.type, row.step),
                digest=row.digest,
                answer=row.answer,
            )
            for row in self._all(select(t.inbox).where(wanted))
        }

    def exchanges(self, keys: Collection[ExchangeKey]) -> Mapping[ExchangeKey, Exchange]:
        """Return the exchanges under these keys."""
        if not keys:
            return {}
        c = t.exchange.c
        found = self._all(select(t.exchange).where(tuple_(c.peer, c.exchange_id).in_(list(keys))))
        return {exchange.key: exchange for exchange in self._with_lots(found)}

    def exchanges_by_reference(self, references: Collection[str]) -> Mapping[str, Exchange]:
        """Return the exchanges that were begun here under these references."""
        found = self._all(
            select(t.exchange).where(t.exchange.c.reference.in_(storable(references)))
        )
        return {exchange.reference: exchange for exchange in self._with_lots(found)}

    def list_exchanges(
        self, *, references: Sequence[str], states: Sequence[int], after: int, limit: int
    ) -> list[tuple[int, Exchange]]:
        """Return a page of exchanges with their places, oldest first."""
        query = select(t.exchange).where(t.exchange.c.place > after)
        if references:
            query = query.where(t.exchange.c.reference.in_(storable(references)))
        if states:
            query = query.where(t.exchange.c.state.in_(states))
        found = self._all(query.order_by(t.exchange.c.place).limit(limit))
        places = [row.place for row in found]
        return list(zip(places, self._with_lots(found), strict=True))

    def lapsed(self, now_us: int, limit: int) -> list[Exchange]:
        """Return transfers whose lock has ended without a decision, and that none disputes."""
        c, lot = t.exchange.c, t.lot.c
        disputed = (
            select(lot.lot_id)
            .where(
                lot.peer == c.peer,
                lot.exchange_id == c.exchange_id,
                lot.hold == Hold.DISPUTED.value,
            )
            .correlate(t.exchange)
            .exists()
        )
        query = select(t.exchange).where(
            c.state.in_(_LAPSING), c.lock_until_us > 0, c.lock_until_us < now_us, ~disputed
        )
        return self._with_lots(self._all(query.limit(limit)))

    def silent(
        self, states: Sequence[int], after: int, before_us: int, limit: int
    ) -> list[tuple[int, Exchange]]:
        """Return exchanges in these states that have not changed since, with their places."""
        c = t.exchange.c
        query = select(t.exchange).where(
            c.place > after, c.state.in_(states), c.changed_us < before_us
        )
        found = self._all(query.order_by(c.place).limit(limit))
        return list(zip([row.place for row in found], self._with_lots(found), strict=True))

    def open_exchanges(self, account: str) -> int:
        """Return how many exchanges of an account are under way."""
        c = t.exchange.c
        return self._count(
            select(func.count()).where(c.account == account, c.state.in_(OPEN_STATES))
        )

    def lots(self, lot_ids: Collection[bytes]) -> Mapping[bytes, Lot]:
        """Return the lots with these identifiers."""
        if not lot_ids:
            return {}
        found = self._all(select(t.lot).where(t.lot.c.lot_id.in_(list(lot_ids))))
        return {row.lot_id: rows.lot_of(row) for row in found}

    def lots_brought(self, account: str, origin: bytes) -> list[bytes]:
        """Return the lots that a COMMIT brought to an account, in the order of their deposit."""
        c = t.lot.c
        query = select(c.lot_id).where(c.account == account, c.origin == origin)
        return [row.lot_id for row in self._all(query.order_by(c.place))]

    def peek_lot(self, lot_id: bytes) -> Lot | None:
        """Return a lot as it stands, in no transaction's hand."""
        found = self._all(select(t.lot).where(t.lot.c.lot_id == lot_id))
        return rows.lot_of(found[0]) if found else None

    def lots_of(self, account: str) -> list[Lot]:
        """Return an account's lots in the order of their deposit."""
        query = select(t.lot).where(t.lot.c.account == account).order_by(t.lot.c.place)
        return [rows.lot_of(row) for row in self._all(query)]

    def balance(self, account: str) -> int:
        """Return an account's balance, in hundredths."""
        return self._count(
            select(t.balance.c.hundredths).where(t.balance.c.account == learner_account(account))
        )

    def learners(self, accounts: Collection[str]) -> Mapping[str, Learner]:
        """Return the learners of these accounts."""
        found = self._all(select(t.learner).where(t.learner.c.account.in_(storable(accounts))))
        return {row.account: rows.learner_of(row) for row in found}

    def learners_by_reference(
        self, source: str, references: Collection[str]
    ) -> Mapping[str, Learner]:
        """Return the learners that a source knows under these references."""
        c = t.learner_reference.c
        query = select(c.reference, c.account).where(
            c.source == source, c.reference.in_(storable(references))
        )
        named = {row.reference: row.account for row in self._all(query)}
        learners = self.learners(set(named.values()))
        return {reference: learners[account] for reference, account in named.items()}

    def learners_by_index(self, indexes: Collection[bytes]) -> Mapping[bytes, Learner]:
        """Return the learners whose documents have these blind indexes."""
        found = self._all(select(t.learner).where(t.learner.c.blind_index.in_(list(indexes))))
        return {row.blind_index: rows.learner_of(row) for row in found}

    def codes(self, digests: Collection[bytes]) -> Mapping[bytes, TransferCode]:
        """Return the transfer codes with these hashes."""
        if not digests:
            return {}
        found = self._all(
            select(t.transfer_code).where(t.transfer_code.c.digest.in_(list(digests)))
        )
        return {row.digest: rows.code_of(row) for row in found}

    def codes_by_reference(self, references: Collection[str]) -> Mapping[str, TransferCode]:
        """Return the transfer codes issued under these references."""
        found = self._all(
            select(t.transfer_code).where(t.transfer_code.c.reference.in_(storable(references)))
        )
        return {row.reference: rows.code_of(row) for row in found}

    def deposited(self, source: str, references: Collection[str]) -> set[str]:
        """Return which of these references a source has deposited."""
        query = select(t.lot.c.reference).where(
            t.lot.c.source == source, t.lot.c.reference.in_(storable(references))
        )
        return {row.reference for row in self._all(query)}

    def deposit_progress(self, source: str) -> tuple[int, int]:
        """Return the last line settled and the number of lots of a source."""
        line = self._count(
            select(t.import_progress.c.line).where(t.import_progress.c.source == source)
        )
        return line, self._count(select(func.count()).where(t.lot.c.source == source))

    def rejected_rows(self, source: str) -> list[RejectedRow]:
        """Return the rows of a source that were not taken."""
        table = t.import_rejected
        query = select(table).where(table.c.source == source).order_by(table.c.line)
        return [RejectedRow(**row._mapping) for row in self._all(query)]

    def messages(self, digests: Collection[bytes]) -> Mapping[bytes, StoredMessage]:
        """Return stored messages by hash."""
        if not digests:
            return {}
        found = self._all(stored_messages().where(t.message.c.digest.in_(list(digests))))
        return {row.digest: rows.message_of(row) for row in found}

    def messages_of(self, keys: Collection[ExchangeKey]) -> list[StoredMessage]:
        """Return all messages of these exchanges, oldest first."""
        c = t.message.c
        wanted = tuple_(c.peer, c.exchange_id).in_(list(keys))
        query = stored_messages().where(wanted).order_by(c.peer, c.exchange_id, c.created_us)
        return [rows.message_of(row) for row in self._all(query)]

    def due(self, peer: str, now_us: int, limit: int) -> list[Waiting]:
        """Return integrated messages whose delivery to a peer is due, oldest first."""
        c = t.outbox.c
        query = (
            select(t.outbox, t.message.c.type, SIZE)
            .join(t.log_leaf, t.log_leaf.c.subject == c.digest)
            .join(t.message, t.message.c.digest == c.digest)
            .where(c.peer == peer, c.due_us <= now_us, t.log_leaf.c.log_index.is_not(None))
            .order_by(c.due_us)
            .limit(limit)
        )
        return [rows.waiting_of(row) for row in rows.within_a_call(self._all(query))]

    def next_due_us(self) -> Mapping[str, int]:
        """Return for each peer with waiting messages when the next is due."""
        c = t.outbox.c
        query = select(c.peer, func.min(c.due_us).label("next_us")).group_by(c.peer)
        return {row.peer: row.next_us for row in self._all(query)}

    def credited(self, source: str, lots: Collection[CommittedLot]) -> set[bytes]:
        """Return which of a source's lots were credited here, by their names or nullifiers."""
        c = t.exchange_lot.c
        named = c.lot_id.in_([lot.lot_id for lot in lots])
        marked = c.nullifier.in_([lot.nullifier for lot in lots])
        query = select(c.lot_id).where(c.source == source, c.is_committed == 1, named | marked)
        return {row.lot_id for row in self._all(query)}

    def log_state(self) -> LogState:
        """Return the log's newest checkpoint."""
        newest = select(t.checkpoint).order_by(t.checkpoint.c.size.desc()).limit(1)
        row = self._connection.execute(newest).first()
        if row is None:
            return LogState(checkpoint=Checkpoint(self._origin, 0, EMPTY_ROOT), note=b"")
        return LogState(checkpoint=Checkpoint(self._origin, row.size, row.root), note=row.note)

    def log_places(self, subjects: Collection[bytes]) -> Mapping[bytes, int]:
        """Return where messages and deposits stand in the log; absent while unsequenced."""
        query = select(t.log_leaf.c.subject, t.log_leaf.c.log_index).where(
            t.log_leaf.c.subject.in_(list(subjects)), t.log_leaf.c.log_index.is_not(None)
        )
        return {row.subject: row.log_index for row in self._all(query)}

    def log_nodes(self, addresses: Iterable[tuple[int, int]]) -> Mapping[tuple[int, int], bytes]:
        """Return tree nodes by level and place."""
        by_level: dict[int, list[int]] = defaultdict(list)
        for level, place in addresses:
            by_level[level].append(place)
        c = t.log_node.c
        return {
            (level, row.place): row.hash
            for level, places in by_level.items()
            for row in self._all(
                select(c.place, c.hash).where(c.level == level, c.place.in_(places))
            )
        }

    def log_entries(self, start: int, limit: int) -> list[bytes]:
        """Return log entries from an index on, in order."""
        c = t.log_leaf.c
        query = select(c.entry).where(c.log_index >= start).order_by(c.log_index).limit(limit)
        return [row.entry for row in self._all(query)]

    def pair_booked(self, account: str, own_unit: str) -> list[PairBooked]:
        """Return what the ledger booked through a peer's account, exchange by exchange.

        Args:
            account: the outbound or inbound account of the peer.
            own_unit: unit in which grants are issued here.
        """
        e, p, other = t.entry.c, t.posting.c, t.posting.alias("other")
        moved = (p.debit == account) | (p.credit == account)
        granted = (
            select(func.coalesce(func.sum(other.c.hundredths), 0))
            .where(other.c.entry_id == e.entry_id, other.c.debit == "issued")
            .where(other.c.unit == own_unit)
            .scalar_subquery()
        )
        query = (
            select(e.subject, func.sum(p.hundredths).label("moved"), granted.label("granted"))
            .select_from(t.posting.join(t.entry, e.entry_id == p.entry_id))
            .where(moved)
            .group_by(e.entry_id, e.subject)
            .order_by(e.subject)
        )
        return [
            PairBooked(
                exchange_id=row.subject,
                source_hundredths=int(row.moved),
                granted_hundredths=int(row.granted),
            )
            for row in self._all(query)
        ]

    def exchange_counts(self) -> Mapping[str, int]:
        """Return how many exchanges there are by role and state."""
        c = t.exchange.c
        query = select(c.role, c.state, func.count().label("many")).group_by(c.role, c.state)
        return {f"{row.role}/{State(row.state).name}": row.many for row in self._all(query)}

    def deposit_count(self) -> int:
        """Return the number of lots that outcomes deposited here brought."""
        return self._count(select(func.count()).select_from(t.lot).where(t.lot.c.origin == b""))

    def registry_files(self) -> Mapping[str, bytes] | None:
        """Return the files of the newest registry view, or None."""
        newest = select(func.max(t.registry_view.c.version)).scalar_subquery()
        found = self._all(select(t.registry_view).where(t.registry_view.c.version == newest))
        return {row.name: row.content for row in found} or None

    def fact(self, name: str) -> str | None:
        """Return a fact of this node by name."""
        row = self._connection.execute(select(t.fact.c.value).where(t.fact.c.name == name)).first()
        return None if row is None else row.value

    def _with_lots(self, found: Sequence[Row[Any]]) -> list[Exchange]:
        keys = [(row.peer, row.exchange_id) for row in found]
        if not keys:
            return []
        c = t.exchange_lot.c
        query = select(t.exchange_lot).where(tuple_(c.peer, c.exchange_id).in_(keys))
        lots: dict[ExchangeKey, list[Row[Any]]] = defaultdict(list)
        for row in self._all(query.order_by(c.position)):
            lots[row.peer, row.exchange_id].append(row)
        return [rows.exchange_of(row, lots[row.peer, row.exchange_id]) for row in found]

    def _all(self, query: Select[Any]) -> Sequence[Row[Any]]:
        return self._connection.execute(query).all()

    def _count(self, query: Select[Any]) -> int:
        return int(self._connection.execute(query).scalar() or 0)
