"""Witnesses, recovery, and what may follow a COMMIT."""

from __future__ import annotations

from typing import Any

from alembic import op
from sqlalchemy import (
    BigInteger,
    Column,
    ForeignKey,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    UniqueConstraint,
    text,
)

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

metadata = MetaData()
_serial = BigInteger().with_variant(Integer, "sqlite")

# Only named here, for the keys that point to it.
lot = Table("lot", metadata, Column("lot_id", LargeBinary(16), primary_key=True))
witnessed_checkpoint = Table(
    "witnessed_checkpoint",
    metadata,
    Column("size", BigInteger, primary_key=True, autoincrement=False),
    Column("note", LargeBinary, nullable=False),
    Column("witnessed_us", BigInteger, nullable=False),
)
mirror = Table(
    "mirror",
    metadata,
    Column("origin", String(64), primary_key=True),
    Column("size", BigInteger, nullable=False),
    Column("root", LargeBinary(32), nullable=False),
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
    Column("hashes", LargeBinary, nullable=False),
)
mirror_spend = Table(
    "mirror_spend",
    metadata,
    Column("origin", String(64), primary_key=True),
    Column("nullifier", LargeBinary(32), primary_key=True),
    Column("log_index", BigInteger, nullable=False),
    Column("position", Integer, nullable=False),
    Column("message_hash", LargeBinary(32), nullable=False),
)
misconduct = Table(
    "misconduct",
    metadata,
    Column("digest", LargeBinary(32), primary_key=True),
    Column("province", String(8), nullable=False),
    Column("kind", String(32), nullable=False),
    Column("document", LargeBinary, nullable=False),
    Column("seen_us", BigInteger, nullable=False),
)
peer_fence = Table(
    "peer_fence",
    metadata,
    Column("peer", String(8), primary_key=True),
    Column("incarnation", BigInteger, nullable=False),
    Column("fenced_us", BigInteger, nullable=False),
)
open_case = Table(
    "open_case",
    metadata,
    Column("case_id", _serial, primary_key=True, autoincrement=True),
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
evidence_file = Table(
    "evidence_file",
    metadata,
    Column("digest", LargeBinary(32), primary_key=True),
    Column("size", BigInteger, nullable=False),
    Column("media_type", String(64), nullable=False),
    Column("added_us", BigInteger, nullable=False),
)

lot_evidence = Table(
    "lot_evidence",
    metadata,
    Column("lot_id", LargeBinary(16), ForeignKey("lot.lot_id"), primary_key=True),
    Column("digest", LargeBinary(32), ForeignKey("evidence_file.digest"), primary_key=True),
)
exchange_evidence = Table(
    "exchange_evidence",
    metadata,
    Column("peer", String(8), primary_key=True),
    Column("exchange_id", LargeBinary(16), primary_key=True),
    Column("digest", LargeBinary(32), primary_key=True),
    Column("lot_id", LargeBinary(16), nullable=False),
    Column("size", BigInteger, nullable=False),
    Column("media_type", String(64), nullable=False),
)
evidence_reading = Table(
    "evidence_reading",
    metadata,
    Column("reading_id", _serial, primary_key=True, autoincrement=True),
    Column("peer", String(8), nullable=False),
    Column("exchange_id", LargeBinary(16), nullable=False),
    Column("digest", LargeBinary(32), nullable=False),
    Column("first_byte", BigInteger, nullable=False),
    Column("bytes_sent", BigInteger, nullable=False),
    Column("read_us", BigInteger, nullable=False),
)


def _added() -> dict[str, tuple[Column[Any], ...]]:
    return {
        "lot": (Column("hold", String(16), nullable=False, server_default=""),),
        "exchange": (
            Column("relates_to", LargeBinary, nullable=True),
            Column("consent_withdrawn_us", BigInteger, nullable=False, server_default="0"),
            Column("witnessed_us", BigInteger, nullable=False, server_default="0"),
        ),
        "log_leaf": (Column("opaque_hash", LargeBinary, nullable=True),),
    }


_UNWITNESSED = "exchange_unwitnessed"
_CREDITED = "witnessed_us = 0 and state = 6"
_INDEXES = {
    "message_by_place": ("message", ["peer", "is_sent", "log_index"]),
    "exchange_with_peer": ("exchange", ["peer", "role", "state", "begun_us"]),
}


def upgrade() -> None:
    """Make the new tables and widen the old ones."""
    metadata.create_all(op.get_bind())
    for table, columns in _added().items():
        for column in columns:
            op.add_column(table, column)
    op.create_index(
        _UNWITNESSED,
        "exchange",
        ["peer"],
        sqlite_where=text(_CREDITED),
        postgresql_where=text(_CREDITED),
    )
    for index, (table, names) in _INDEXES.items():
        op.create_index(index, table, names)


def downgrade() -> None:
    """Undo it."""
    op.drop_index(_UNWITNESSED, "exchange")
    for index, (table, _) in _INDEXES.items():
        op.drop_index(index, table)
    for table, columns in _added().items():
        for column in columns:
            op.drop_column(table, column.name)
    made = [table for table in reversed(metadata.sorted_tables) if table.name != lot.name]
    metadata.drop_all(op.get_bind(), tables=made)
