"""What recovery writes: fences, cases, what came back, and a log continued where it was seen."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Collection, Sequence

from sqlalchemy import bindparam, insert, select, update

from federation.base.errors import Breach, Unavailable
from federation.log import tree
from federation.log.checkpoint import Checkpoint
from federation.log.merkle import leaf_hash
from federation.wire.envelope import Seal
from node.storage import rows
from node.storage import tables as t
from node.storage.bookkeeping import SqlBookkeeping
from node.usecases.recovery_ports import RefilledRow

QUARANTINE = "quarantine"


def _always() -> bool:
    return True


class SqlRecovering(SqlBookkeeping):
    """Writes of recovery within one transaction of a connection.

    Attributes:
        may_sign: whether this process knows by now that its store is not behind its signatures.
    """

    may_sign: Callable[[], bool] = staticmethod(_always)

    def require_leave(self) -> None:
        """Check that this node may say something new.

        Raises:
            Unavailable: RECOVERING.
        """
        if not self.may_sign() or self.fact(QUARANTINE):
            raise Unavailable("RECOVERING", retry_after_ms=5000)

    def raise_fence(self, peer: str, incarnation: int, now_us: int) -> int:
        """Refuse a peer's messages below an incarnation from now on; a fence never falls."""
        c = t.peer_fence.c
        self._insert_new(
            t.peer_fence, [{"peer": peer, "incarnation": incarnation, "fenced_us": now_us}]
        )
        self._connection.execute(
            update(t.peer_fence)
            .where(c.peer == peer, c.incarnation < incarnation)
            .values(incarnation=incarnation, fenced_us=now_us)
        )
        return self.fence(peer)

    def close_case(self, case_id: int, note: str, now_us: int) -> bool:
        """Close a case with what was done about it; tell whether it was open."""
        c = t.open_case.c
        done = self._connection.execute(
            update(t.open_case)
            .where(c.case_id == case_id, c.closed_us == 0)
            .values(closed_us=now_us, note=c.note + note)
        )
        return done.rowcount == 1

    def keep_refilled(self, refilled: Sequence[RefilledRow], now_us: int) -> None:
        """Keep messages that came back, as evidence; they are applied later."""
        seals = {id(one.evidence.seal): one.evidence.seal for one in refilled}
        kept = {name: self._keep_seal(seal) for name, seal in seals.items()}
        self._insert_new(
            t.message,
            [
                {
                    "digest": one.evidence.item.digest,
                    "is_sent": int(one.is_sent),
                    "peer": one.peer,
                    "exchange_id": one.exchange_id,
                    "type": one.evidence.item.type,
                    "payload": one.evidence.item.payload,
                    "openings": one.evidence.item.openings,
                    "is_erased": 0,
                    "created_us": one.signed_us if one.is_sent else now_us,
                    **rows.evidence_row(one.evidence, kept[id(one.evidence.seal)]),
                }
                for one in refilled
            ],
        )

    def log_refilled(self, leaves: Sequence[tuple[bytes, bytes]]) -> None:
        """Make the entries of messages that came back anew, without a place as yet."""
        self._insert_new(
            t.log_leaf, [{"subject": subject, "entry": entry} for subject, entry in leaves]
        )

    def extend_log(self, hashes: Sequence[bytes], checkpoint: Checkpoint, note: bytes) -> int:
        """Continue the log to a checkpoint that was seen elsewhere; nothing is signed.

        Entries that are here again take their places, the others are opaque.

        Args:
            hashes: leaf hashes from the log's present size on.
            note: the checkpoint as it was signed then.

        Raises:
            Breach: LOG_UNRECOVERABLE when the leaves do not make up the checkpoint.
        """
        first = self.log_state().checkpoint.size
        frontier = self.log_nodes(tree.frontier_addresses(first))
        grown = tree.append(hashes, first_index=first, nodes=frontier)
        if (grown.size, grown.root) != (checkpoint.size, checkpoint.root):
            raise Breach("LOG_UNRECOVERABLE", detail="the leaves are not those under the note")
        self._connection.execute(
            insert(t.log_node),
            [{"level": level, "place": at, "hash": value} for level, at, value in grown.nodes],
        )
        opaque = self._place_leaves(first, hashes)
        self._connection.execute(
            insert(t.checkpoint), {"size": grown.size, "root": grown.root, "note": note}
        )
        return opaque

    def hold_lots(self, lot_ids: Collection[bytes], hold: str) -> None:
        """Say why lots may not be used."""
        if lot_ids:
            self._connection.execute(
                update(t.lot).where(t.lot.c.lot_id.in_(list(lot_ids))).values(hold=hold)
            )

    def forget_openings(self, digests: Collection[bytes]) -> None:
        """Erase what messages showed that nobody here may need."""
        c = t.message.c
        if digests:
            self._connection.execute(
                update(t.message)
                .where(c.digest.in_(list(digests)), c.openings != b"")
                .values(openings=b"", is_erased=1)
            )

    def _place_leaves(self, first: int, hashes: Sequence[bytes]) -> int:
        c = t.log_leaf.c
        waiting = self._connection.execute(
            select(c.leaf_id, c.entry).where(c.log_index.is_(None))
        ).all()
        places = {value: first + at for at, value in enumerate(hashes)}
        found = {
            places.pop(leaf_hash(row.entry)): row.leaf_id
            for row in waiting
            if leaf_hash(row.entry) in places
        }
        if found:
            self._connection.execute(
                update(t.log_leaf)
                .where(c.leaf_id == bindparam("leaf"))
                .values(log_index=bindparam("at")),
                [{"leaf": leaf, "at": at} for at, leaf in found.items()],
            )
        lost = [
            {"subject": value, "entry": b"", "log_index": first + at, "opaque_hash": value}
            for at, value in enumerate(hashes)
            if first + at not in found
        ]
        if lost:
            self._connection.execute(insert(t.log_leaf), lost)
        return len(lost)

    def _keep_seal(self, seal: Seal) -> bytes:
        seal_id = hashlib.sha256(seal.signed + seal.signature + seal.checkpoint).digest()[:16]
        row = {
            "seal_id": seal_id,
            "statement": seal.statement,
            "keyid": seal.keyid,
            "algorithm": seal.algorithm,
            "signature": seal.signature,
            "checkpoint": seal.checkpoint,
        }
        self._insert_new(t.seal, [row])
        return seal_id
