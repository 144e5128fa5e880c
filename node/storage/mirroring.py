"""Questions about mirrors of other logs, witnesses of ours, proofs and cases."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Row,
    Select,
    exists,
    func,
    literal,
    select,
)

from federation.log.witness import Known, Spend
from federation.protocol.messages import MessageType, State
from federation.wire.envelope import Evidence, Item, Seal
from node.domain.cases import OpenCase
from node.domain.witnessing import Doubted, KeptMisconduct, NewestSeal, WitnessedSize
from node.storage import tables as t

_HASH = 32
_REVERSAL = "REVERSAL"
_PREFIX = "creditbank/"


class SqlMirrorReading:
    """Questions about logs and witnesses within one transaction of a connection."""

    def __init__(self, connection: Connection, origin: str) -> None:
        self._connection = connection
        self._origin = origin

    def known_log(self, origin: str) -> Known:
        """Return what is known of a log; of one never met, that it is empty."""
        row = self._connection.execute(select(t.mirror).where(t.mirror.c.origin == origin)).first()
        return Known(origin) if row is None else _known(row)

    def known_logs(self) -> list[Known]:
        """Return what is known of every log, by origin."""
        found = self._connection.execute(select(t.mirror).order_by(t.mirror.c.origin))
        return [_known(row) for row in found]

    def mirrored_hashes(self, origin: str, start: int, limit: int) -> list[bytes]:
        """Return at most this many leaf hashes of a log from an index on, in order."""
        c = t.mirror_leaves.c
        query = (
            select(c.start, c.hashes)
            .where(c.origin == origin, c.start + c.count > start, c.start < start + limit)
            .order_by(c.start)
        )
        found: list[bytes] = []
        for row in self._connection.execute(query):
            first = max(start - row.start, 0)
            end = min(start + limit - row.start, len(row.hashes) // _HASH)
            found += (row.hashes[at * _HASH : (at + 1) * _HASH] for at in range(first, end))
        return found

    def spends_of(self, origin: str, nullifiers: Collection[bytes]) -> list[Spend]:
        """Return what leaves of a log spend these nullifiers."""
        c = t.mirror_spend.c
        return self._spends(c.origin == origin, c.nullifier.in_(list(nullifiers)))

    def spends_in(self, origin: str, start: int, end: int) -> list[Spend]:
        """Return what the leaves of a range of a log spend, in their order."""
        c = t.mirror_spend.c
        return self._spends(c.origin == origin, c.log_index >= start, c.log_index < end)

    def newest_seal(self, peer: str) -> NewestSeal | None:
        """Return the newest place of a peer's log that a received message proves."""
        m, s = t.message.c, t.seal.c
        query = (
            select(s.statement, s.checkpoint)
            .join(t.message, m.seal_id == s.seal_id)
            .where(m.peer == peer, m.is_sent == 0)
            .order_by(m.log_index.desc())
            .limit(1)
        )
        row = self._connection.execute(query).first()
        if row is None:
            return None
        return NewestSeal(statement=row.statement, checkpoint=row.checkpoint)

    def fenced_incarnation(self, peer: str) -> int:
        """Return the incarnation below which a peer's messages are refused, or zero."""
        c = t.peer_fence.c
        found = self._connection.execute(select(c.incarnation).where(c.peer == peer))
        return int(found.scalar() or 0)

    def witnessed(self) -> WitnessedSize:
        """Return the newest checkpoint of our own log with a quorum."""
        c = t.witnessed_checkpoint.c
        newest = select(t.witnessed_checkpoint).order_by(c.size.desc()).limit(1)
        row = self._connection.execute(newest).first()
        return WitnessedSize() if row is None else WitnessedSize(**row._mapping)

    def has_witnessable(self) -> bool:
        """Tell whether something credited is covered by a quorum that was seen."""
        covered = covered_below(t.mirror.c.quorum_size, ~unmatched())
        query = select(t.exchange.c.place).where(*unwitnessed(), covered).limit(1)
        return self._connection.execute(query).first() is not None

    def doubted(self, peer: str = "") -> list[Doubted]:
        """Return what was credited by a COMMIT that the source's mirrored log has not there.

        What was reversed is settled. All sources, or one.
        """
        e, m = t.exchange.c, t.message.c
        origin = literal(_PREFIX) + m.peer
        query = (
            select(e.peer, e.exchange_id, m.digest, m.log_index)
            .join(t.message, _is_commit_of_exchange())
            .join(t.mirror, t.mirror.c.origin == origin)
            .where(*unwitnessed(), m.log_index < t.mirror.c.size, unmatched(), ~_reversed())
            .order_by(e.place)
        )
        if peer:
            query = query.where(e.peer == peer)
        return [
            Doubted(key=(row.peer, row.exchange_id), commit=row.digest, log_index=row.log_index)
            for row in self._connection.execute(query)
        ]

    def credited_by(self, peer: str, commits: Collection[bytes]) -> list[Doubted]:
        """Return the exchanges that these COMMITs of a peer credited and nobody witnessed."""
        e, m = t.exchange.c, t.message.c
        query = (
            select(e.peer, e.exchange_id, m.digest, m.log_index)
            .join(t.message, _is_commit_of_exchange())
            .where(*unwitnessed(), e.peer == peer, m.digest.in_(list(commits)), ~_reversed())
        )
        return [
            Doubted(key=(row.peer, row.exchange_id), commit=row.digest, log_index=row.log_index)
            for row in self._connection.execute(query)
        ]

    def lots_brought_by(self, commit: bytes) -> list[bytes]:
        """Return the lots that a COMMIT brought here."""
        c = t.lot.c
        query = select(c.lot_id).where(c.origin == commit).order_by(c.place)
        return [row.lot_id for row in self._connection.execute(query)]

    def unwitnessed_origins(self, origins: Collection[bytes]) -> set[bytes]:
        """Return which of these COMMITs credited something that is not witnessed."""
        if not origins:
            return set()
        e, m = t.exchange.c, t.message.c
        query = (
            select(m.digest)
            .join(t.exchange, (e.peer == m.peer) & (e.exchange_id == m.exchange_id))
            .where(m.digest.in_(list(origins)), m.is_sent == 0, e.witnessed_us == 0)
        )
        return {row.digest for row in self._connection.execute(query)}

    def witnessed_counts(self) -> Mapping[str, int]:
        """Return how many exchanges were witnessed, by role."""
        c = t.exchange.c
        query = select(c.role, func.count().label("many")).where(c.witnessed_us > 0)
        return {row.role: row.many for row in self._connection.execute(query.group_by(c.role))}

    def misconducts(self) -> list[KeptMisconduct]:
        """Return the portable proofs kept, oldest first."""
        c = t.misconduct.c
        found = self._connection.execute(select(t.misconduct).order_by(c.seen_us, c.digest))
        return [KeptMisconduct(**row._mapping) for row in found]

    def contradicted(self, after: int, limit: int) -> list[tuple[int, bytes, Evidence]]:
        """Return contradictions by place: the hash of the message applied, and the other one."""
        c = t.contradiction.c
        query = (
            select(t.contradiction, *_SEAL_COLUMNS)
            .join(t.seal, t.seal.c.seal_id == c.seal_id)
            .where(c.contradiction_id > after)
            .order_by(c.contradiction_id)
            .limit(limit)
        )
        return [
            (row.contradiction_id, row.applied, _contradicting(row))
            for row in self._connection.execute(query)
        ]

    def open_cases(self) -> list[OpenCase]:
        """Return the cases that no person has closed, oldest first."""
        c = t.open_case.c
        columns = (c.kind, c.peer, c.exchange_id, c.subject, c.hundredths, c.opened_us, c.note)
        query = select(*columns).where(c.closed_us == 0).order_by(c.case_id)
        return [OpenCase(**row._mapping) for row in self._connection.execute(query)]

    def _spends(self, *wanted: ColumnElement[bool]) -> list[Spend]:
        c = t.mirror_spend.c
        query = select(c.nullifier, c.log_index, c.message_hash).where(*wanted)
        found = self._connection.execute(query.order_by(c.log_index, c.position))
        return [Spend(row.nullifier, row.log_index, row.message_hash) for row in found]


def _known(row: Row[Any]) -> Known:
    return Known(
        origin=row.origin,
        size=row.size,
        root=row.root,
        frontier=_split(row.frontier),
        note=row.note,
        quorum_size=row.quorum_size,
        quorum_note=row.quorum_note,
    )


def unwitnessed() -> tuple[ColumnElement[bool], ...]:
    """As the index of what waits for its witnesses has it, spelled for a planner to see."""
    c = t.exchange.c
    return c.witnessed_us == literal(0, literal_execute=True), c.state == literal(
        int(State.CREDITED), literal_execute=True
    )


def _reversed() -> ColumnElement[bool]:
    e, n = t.exchange.c, t.entry.c
    return exists().where(n.kind == _REVERSAL, n.peer == e.peer, n.subject == e.exchange_id)


def _is_commit_of_exchange() -> ColumnElement[bool]:
    e, m = t.exchange.c, t.message.c
    return (
        (m.peer == e.peer)
        & (m.exchange_id == e.exchange_id)
        & (m.type == MessageType.COMMIT.value)
        & (m.is_sent == 0)
    )


def covered_below(size: ColumnElement[int], matched: ColumnElement[bool]) -> ColumnElement[bool]:
    """Whether the COMMIT of an exchange lies below a size of its source's mirror."""
    m = t.message.c
    origin = literal(_PREFIX) + m.peer
    found: Select[Any] = (
        select(literal(1))
        .select_from(t.message.join(t.mirror, t.mirror.c.origin == origin))
        .where(_is_commit_of_exchange(), m.log_index < size, matched)
        .correlate(t.exchange)
    )
    return found.exists()


def unmatched() -> ColumnElement[bool]:
    """Whether a committed lot of an exchange is not spent by exactly that COMMIT."""
    e, m, lot, s = t.exchange.c, t.message.c, t.exchange_lot.c, t.mirror_spend.c
    spent = (
        select(literal(1))
        .where(
            s.origin == literal(_PREFIX) + m.peer,
            s.nullifier == lot.nullifier,
            s.message_hash == m.digest,
            s.log_index == m.log_index,
        )
        .correlate(t.message, t.exchange_lot)
    )
    return (
        select(literal(1))
        .select_from(t.exchange_lot)
        .where(
            lot.peer == e.peer,
            lot.exchange_id == e.exchange_id,
            lot.is_committed == 1,
            ~spent.exists(),
        )
        .correlate(t.exchange, t.message)
        .exists()
    )


def _contradicting(row: Row[Any]) -> Evidence:
    return Evidence(
        item=Item(
            type=row.type,
            payload=row.payload,
            log_index=row.log_index,
            log_proof=_split(row.log_proof),
        ),
        seal=Seal(
            statement=row.statement,
            keyid=row.keyid,
            algorithm=row.algorithm,
            signature=row.signature,
            checkpoint=row.checkpoint,
        ),
        batch_index=row.batch_index,
        batch_proof=_split(row.batch_proof),
    )


def _split(joined: bytes) -> tuple[bytes, ...]:
    return tuple(joined[at : at + _HASH] for at in range(0, len(joined), _HASH))


_SEAL_COLUMNS = (
    t.seal.c.statement,
    t.seal.c.keyid,
    t.seal.c.algorithm,
    t.seal.c.signature,
    t.seal.c.checkpoint,
)
