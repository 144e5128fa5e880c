"""The integrator: numbers committed leaves, grows the tree, signs a checkpoint, all or nothing."""

from __future__ import annotations

from collections.abc import Callable

from sqlalchemy import Connection, bindparam, insert, select, update

from federation.log import tree
from federation.log.checkpoint import Checkpoint
from federation.log.merkle import leaf_hash
from node.storage import tables as t
from node.storage.reading import SqlReading
from node.storage.recovery_writing import QUARANTINE

MOST_LEAVES = 10_000
SignCheckpoint = Callable[[Checkpoint], bytes]
MaySign = Callable[[], bool]


def at_once() -> bool:
    """Let a store sign as soon as it is open."""
    return True


def integrate(connection: Connection, origin: str, sign: SignCheckpoint) -> int:
    """Number the unsequenced leaves of this transaction's view and return how many there were.

    In quarantine they wait: what was lost of the log stands before them.
    """
    c = t.log_leaf.c
    waiting = connection.execute(
        select(c.leaf_id, c.entry)
        .where(c.log_index.is_(None))
        .order_by(c.leaf_id)
        .limit(MOST_LEAVES)
    ).all()
    if not waiting:
        return 0
    reading = SqlReading(connection, origin)
    if reading.fact(QUARANTINE):
        return 0
    first = reading.log_state().checkpoint.size
    frontier = reading.log_nodes(tree.frontier_addresses(first))
    grown = tree.append(
        [leaf_hash(row.entry) for row in waiting], first_index=first, nodes=frontier
    )
    connection.execute(
        insert(t.log_node),
        [{"level": level, "place": place, "hash": value} for level, place, value in grown.nodes],
    )
    connection.execute(
        update(t.log_leaf).where(c.leaf_id == bindparam("leaf")).values(log_index=bindparam("at")),
        [{"leaf": row.leaf_id, "at": first + at} for at, row in enumerate(waiting)],
    )
    checkpoint = Checkpoint(origin, grown.size, grown.root)
    connection.execute(
        insert(t.checkpoint),
        {"size": grown.size, "root": grown.root, "note": sign(checkpoint)},
    )
    return len(waiting)
