"""Writes about mirrors of other logs, witnesses of ours, and proofs."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import delete, insert, select, tuple_, update

from federation.log.witness import Advance, Known, Spend
from federation.protocol.messages import MessageType
from node.domain.witnessing import KeptMisconduct, WitnessedSize
from node.storage import tables as t
from node.storage.engines import Conflict
from node.storage.mirroring import SqlMirrorReading, covered_below, unmatched, unwitnessed


class SqlMirrorWriting(SqlMirrorReading):
    """Writes about logs and witnesses within one transaction of a connection."""

    def extend_mirror(self, step: Advance, now_us: int) -> None:
        """Keep a step of a log: its leaves, what they spend, and where it stands now.

        Raises:
            Conflict: when it does not stand any more where the step begins.
        """
        known, c = step.known, t.mirror.c
        row = {
            "size": known.size,
            "root": known.root,
            "frontier": b"".join(known.frontier),
            "note": known.note,
            "seen_us": now_us,
        }
        moved = self._connection.execute(
            update(t.mirror).where(c.origin == known.origin, c.size == step.start).values(**row)
        )
        if moved.rowcount != 1:
            if step.start:
                raise Conflict(known.origin)
            blank = {"origin": known.origin, "quorum_size": 0, "quorum_note": b""}
            self._connection.execute(insert(t.mirror), {**blank, **row})
        if step.leaf_hashes:
            self._keep_leaves(step)

    def keep_quorum(self, known: Known, now_us: int) -> None:
        """Keep the newest checkpoint of a log with a quorum."""
        c = t.mirror.c
        self._connection.execute(
            update(t.mirror)
            .where(c.origin == known.origin, c.quorum_size < known.quorum_size)
            .values(quorum_size=known.quorum_size, quorum_note=known.quorum_note, seen_us=now_us)
        )

    def keep_witnessed(self, newest: WitnessedSize) -> int:
        """Keep our newest checkpoint with a quorum; return how many exchanges it witnesses."""
        before = self.witnessed().size
        if newest.size <= before:
            return 0
        table, f, m, e = t.witnessed_checkpoint, t.log_leaf.c, t.message.c, t.exchange.c
        self._connection.execute(delete(table).where(table.c.size < newest.size))
        self._connection.execute(
            insert(table),
            {"size": newest.size, "note": newest.note, "witnessed_us": newest.witnessed_us},
        )
        committed = (
            select(m.peer, m.exchange_id)
            .join(t.log_leaf, f.subject == m.digest)
            .where(f.log_index >= before, f.log_index < newest.size)
            .where(m.is_sent == 1, m.type == MessageType.COMMIT.value)
        )
        done = self._connection.execute(
            update(t.exchange)
            .where(e.witnessed_us == 0, tuple_(e.peer, e.exchange_id).in_(committed))
            .values(witnessed_us=newest.witnessed_us)
        )
        return done.rowcount

    def mark_witnessed(self, now_us: int) -> int:
        """Mark what was credited and a quorum covers as witnessed; return how many that is."""
        covered = covered_below(t.mirror.c.quorum_size, ~unmatched())
        done = self._connection.execute(
            update(t.exchange).where(*unwitnessed(), covered).values(witnessed_us=now_us)
        )
        return done.rowcount

    def keep_misconduct(self, found: KeptMisconduct) -> bool:
        """Keep a proof, unless the same deed is proven already; tell whether it is new."""
        c = t.misconduct.c
        known = select(c.digest).where(c.digest == found.digest)
        if self._connection.execute(known).first() is not None:
            return False
        self._connection.execute(
            insert(t.misconduct),
            {
                "digest": found.digest,
                "province": found.province,
                "kind": found.kind,
                "document": found.document,
                "seen_us": found.seen_us,
            },
        )
        return True

    def _keep_leaves(self, step: Advance) -> None:
        origin = step.known.origin
        self._connection.execute(
            insert(t.mirror_leaves),
            {
                "origin": origin,
                "start": step.start,
                "count": len(step.leaf_hashes),
                "hashes": b"".join(step.leaf_hashes),
            },
        )
        if step.spends:
            self._connection.execute(insert(t.mirror_spend), _spend_rows(origin, step.spends))


def _spend_rows(origin: str, spends: Sequence[Spend]) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = []
    index, position = -1, 0
    for one in spends:
        position = position + 1 if one.log_index == index else 0
        index = one.log_index
        rows.append(
            {
                "origin": origin,
                "nullifier": one.nullifier,
                "log_index": index,
                "position": position,
                "message_hash": one.message_hash,
            }
        )
    return rows
