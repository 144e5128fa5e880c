"""Tables of witnessing and recovery: what is known of logs, of fences, and what needs a person."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Column,
    Integer,
    LargeBinary,
    String,
    Table,
    Text,
    UniqueConstraint,
)

from node.storage.metadata import metadata, serial

# Our own log as its witnesses cosigned it: notes with a quorum of cosignatures.
witnessed_checkpoint = Table(
    "witnessed_checkpoint",
    metadata,
    Column("size", BigInteger, primary_key=True, autoincrement=False),
    Column("note", LargeBinary, nullable=False),
    Column("witnessed_us", BigInteger, nullable=False),
)

# What we know of other provinces' logs, as one of their witnesses.
mirror = Table(
    "mirror",
    metadata,
    Column("origin", String(64), primary_key=True),
    Column("size", BigInteger, nullable=False),
    Column("root", LargeBinary(32), nullable=False),
    # Hashes of the complete subtrees on the right edge, largest first.
    Column("frontier", LargeBinary, nullable=False),
    Column("note", LargeBinary, nullable=False),
    Column("quorum_size", BigInteger, nullable=False),
    Column("quorum_note", LargeBinary, nullable=False),
    Column("seen_us", BigInteger, nullable=False),
)

mirror_leaves = Table(
    "mirror_leaves",
    metadata,
    Column("origin", String(64), primary_key=True),
    Column("start", BigInteger, primary_key=True, autoincrement=False),
    Column("count", Integer, nullable=False),
    # Leaf hashes in order, 32 bytes each.
    Column("hashes", LargeBinary, nullable=False),
)

# Every lot that a log says was spent: by which COMMIT and where.
mirror_spend = Table(
    "mirror_spend",
    metadata,
    Column("origin", String(64), primary_key=True),
    Column("nullifier", LargeBinary(32), primary_key=True),
    Column("log_index", BigInteger, nullable=False),
    # Which of the leaf's nullifiers it is, so that the leaf can be spelled again.
    Column("position", Integer, nullable=False),
    Column("message_hash", LargeBinary(32), nullable=False),
)

# Portable proofs that a province broke the rules.
misconduct = Table(
    "misconduct",
    metadata,
    Column("digest", LargeBinary(32), primary_key=True),
    Column("province", String(8), nullable=False),
    Column("kind", String(32), nullable=False),
    Column("document", LargeBinary, nullable=False),
    Column("seen_us", BigInteger, nullable=False),
)

# Below which incarnation a peer's messages are refused unless they were applied before.
peer_fence = Table(
    "peer_fence",
    metadata,
    Column("peer", String(8), primary_key=True),
    Column("incarnation", BigInteger, nullable=False),
    Column("fenced_us", BigInteger, nullable=False),
)

# What needs a person: found in a recovery, a reconciliation or a proof.
open_case = Table(
    "open_case",
    metadata,
    Column("case_id", serial, primary_key=True, autoincrement=True),
    Column("kind", String(48), nullable=False),
    Column("peer", String(8), nullable=False),
    Column("exchange_id", LargeBinary, nullable=False),
    Column("subject", LargeBinary, nullable=False),
    Column("hundredths", BigInteger, nullable=False),
    Column("opened_us", BigInteger, nullable=False),
    Column("closed_us", BigInteger, nullable=False),
    Column("note", Text, nullable=False),
    UniqueConstraint("kind", "peer", "exchange_id", "subject"),
)
