"""What the coordinator keeps as a witness: mirrors of logs, what they spend, proofs."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from sqlalchemy import (
    BigInteger,
    Column,
    ColumnElement,
    Connection,
    Integer,
    LargeBinary,
    MetaData,
    Row,
    String,
    Table,
    insert,
    select,
    update,
)

from federation.log.merkle import HASH_SIZE
from federation.log.witness import Advance, Known, Spend

mirror_tables = MetaData()
_mirror = Table(
    "mirror",
    mirror_tables,
    Column("origin", String, primary_key=True),
    Column("size", BigInteger, nullable=False),
    Column("root", LargeBinary, nullable=False),
    # Hashes of the complete subtrees on the right edge, largest first.
    Column("frontier", LargeBinary, nullable=False),
    Column("note", LargeBinary, nullable=False),
    Column("quorum_size", BigInteger, nullable=False),
    Column("quorum_note", LargeBinary, nullable=False),
    Column("seen_us", BigInteger, nullable=False),
)
_leaves = Table(
    "mirror_leaves",
    mirror_tables,
    Column("origin", String, primary_key=True),
    Column("start", BigInteger, primary_key=True),
    Column("count", Integer, nullable=False),
    Column("hashes", LargeBinary, nullable=False),
)
_spend = Table(
    "mirror_spend",
    mirror_tables,
    Column("origin", String, primary_key=True),
    Column("nullifier", LargeBinary, primary_key=True),
    Column("log_index", BigInteger, nullable=False, index=True),
    # Which of the leaf's nullifiers it is.
    Column("position", Integer, nullable=False),
    Column("message_hash", LargeBinary, nullable=False),
)
_misconduct = Table(
    "misconduct",
    mirror_tables,
    Column("digest", LargeBinary, primary_key=True),
    Column("province", String, nullable=False),
    Column("kind", String, nullable=False),
    Column("document", LargeBinary, nullable=False),
    Column("seen_us", BigInteger, nullable=False),
)


@dataclass(frozen=True, slots=True)
class StoredMisconduct:
    """A portable proof; its document is without the registry's files."""

    digest: bytes
    province: str
    kind: str
    document: bytes
    seen_us: int


class MirrorBooks:
    """Mirrors as one transaction reads and writes them; the database has one writer at a time."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def known_log(self, origin: str) -> Known:
        """Return what is known of a log; of one never met, that it is empty."""
        row = self._connection.execute(select(_mirror).where(_mirror.c.origin == origin)).first()
        return Known(origin) if row is None else _known(row)

    def known_logs(self) -> list[tuple[Known, int]]:
        """Return what is known of every log and when it was last seen, by origin."""
        found = self._connection.execute(select(_mirror).order_by(_mirror.c.origin))
        return [(_known(row), row.seen_us) for row in found]

    def mirrored_hashes(self, origin: str, start: int, limit: int) -> list[bytes]:
        """Return at most this many leaf hashes from an index on, in order."""
        c = _leaves.c
        query = (
            select(c.start, c.hashes)
            .where(c.origin == origin, c.start + c.count > start, c.start < start + limit)
            .order_by(c.start)
        )
        found: list[bytes] = []
        for row in self._connection.execute(query):
            hashes = _split(row.hashes)
            found += hashes[max(start - row.start, 0) : max(start + limit - row.start, 0)]
        return found

    def spends_of(self, origin: str, nullifiers: Collection[bytes]) -> list[Spend]:
        """Return what leaves of a log spend these nullifiers."""
        return self._spends(_spend.c.origin == origin, _spend.c.nullifier.in_(list(nullifiers)))

    def spends_in(self, origin: str, start: int, end: int) -> list[Spend]:
        """Return what the leaves of a range spend, in their order."""
        c = _spend.c
        return self._spends(c.origin == origin, c.log_index >= start, c.log_index < end)

    def extend_mirror(self, step: Advance, now_us: int) -> None:
        """Keep a step of a log: its leaves, what they spend, and where it stands now."""
        known = step.known
        row = {
            "size": known.size,
            "root": known.root,
            "frontier": b"".join(known.frontier),
            "note": known.note,
            "seen_us": now_us,
        }
        moved = self._connection.execute(
            update(_mirror).where(_mirror.c.origin == known.origin).values(**row)
        )
        if moved.rowcount == 0:
            blank = {"origin": known.origin, "quorum_size": 0, "quorum_note": b""}
            self._connection.execute(insert(_mirror).values(**blank, **row))
        if step.leaf_hashes:
            self._keep_leaves(step)

    def keep_quorum(self, known: Known, now_us: int) -> None:
        """Keep the newest checkpoint of a log with a quorum."""
        self._connection.execute(
            update(_mirror)
            .where(_mirror.c.origin == known.origin, _mirror.c.quorum_size < known.quorum_size)
            .values(quorum_size=known.quorum_size, quorum_note=known.quorum_note, seen_us=now_us)
        )

    def keep_misconduct(self, found: StoredMisconduct) -> bool:
        """Keep a proof, unless the same deed is proven already; tell whether it is new."""
        known = select(_misconduct.c.digest).where(_misconduct.c.digest == found.digest)
        if self._connection.execute(known).first() is not None:
            return False
        self._connection.execute(
            insert(_misconduct).values(
                digest=found.digest,
                province=found.province,
                kind=found.kind,
                document=found.document,
                seen_us=found.seen_us,
            )
        )
        return True

    def misconducts(self) -> list[StoredMisconduct]:
        """Return all proofs, oldest first."""
        query = select(_misconduct).order_by(_misconduct.c.seen_us, _misconduct.c.digest)
        return [StoredMisconduct(**row._mapping) for row in self._connection.execute(query)]

    def _keep_leaves(self, step: Advance) -> None:
        origin = step.known.origin
        self._connection.execute(
            insert(_leaves).values(
                origin=origin,
                start=step.start,
                count=len(step.leaf_hashes),
                hashes=b"".join(step.leaf_hashes),
            )
        )
        places: dict[int, int] = {}
        rows = []
        for one in step.spends:
            places[one.log_index] = places.get(one.log_index, -1) + 1
            rows.append(
                {
                    "origin": origin,
                    "nullifier": one.nullifier,
                    "log_index": one.log_index,
                    "position": places[one.log_index],
                    "message_hash": one.message_hash,
                }
            )
        if rows:
            self._connection.execute(insert(_spend), rows)

    def _spends(self, *wanted: ColumnElement[bool]) -> list[Spend]:
        c = _spend.c
        query = select(c.nullifier, c.log_index, c.message_hash).where(*wanted)
        found = self._connection.execute(query.order_by(c.log_index, c.position))
        return [Spend(row.nullifier, row.log_index, row.message_hash) for row in found]


def _known(row: Row[Any]) -> Known:
    return Known(
        origin=row.origin,
        size=row.size,
        root=row.root,
        frontier=tuple(_split(row.frontier)),
        note=row.note,
        quorum_size=row.quorum_size,
        quorum_note=row.quorum_note,
    )


def _split(joined: bytes) -> list[bytes]:
    return [joined[at : at + HASH_SIZE] for at in range(0, len(joined), HASH_SIZE)]
