"""Rows of Shanghai's files; outcomes by lot, by last day, and by title."""

from __future__ import annotations

from alembic import op
from sqlalchemy import (
    BigInteger,
    Column,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    text,
)

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

metadata = MetaData()
_serial = BigInteger().with_variant(Integer, "sqlite")

# Only named here, for the keys and indexes that point to them.
learner = Table("learner", metadata, Column("account", String(20), primary_key=True))
outcome = Table(
    "outcome",
    metadata,
    Column("outcome", String(128), primary_key=True),
    Column("expires", String(10)),
    Column("lot", String(32)),
)
catalogue_entry = Table(
    "catalogue_entry",
    metadata,
    Column("name", String(80), primary_key=True),
    Column("version", String(64), primary_key=True),
    Column("code", String(64), primary_key=True),
    Column("title", Text),
)
shanghai_row = Table(
    "shanghai_row",
    metadata,
    Column("place", _serial, primary_key=True, autoincrement=True),
    Column("mark", LargeBinary(32), nullable=False, unique=True),
    Column("subject", LargeBinary(32), nullable=False),
    Column("kind", String(16), nullable=False),
    Column("template", String(8), nullable=False),
    Column("outcome", String(128), ForeignKey("outcome.outcome"), nullable=False),
    Column("account", String(20), ForeignKey("learner.account"), nullable=False),
    Column("sealed", LargeBinary, nullable=False),
    Column("file", LargeBinary(32), nullable=False),
    Column("line", Integer, nullable=False),
    Column("handed_by", String(64), nullable=False),
    Column("taken_by", String(64), nullable=False),
    Index("shanghai_row_by_subject", "subject"),
    Index("shanghai_row_of_outcome", "outcome"),
    Index("shanghai_row_of_account", "account"),
    Index("shanghai_row_by_kind", "kind", "place"),
)
_INDEXES = (
    Index(
        "outcome_by_lot",
        outcome.c.lot,
        sqlite_where=text("lot <> ''"),
        postgresql_where=text("lot <> ''"),
    ),
    Index(
        "outcome_by_expiry",
        outcome.c.expires,
        sqlite_where=text("expires <> ''"),
        postgresql_where=text("expires <> ''"),
    ),
    Index(
        "catalogue_entry_by_title",
        catalogue_entry.c.name,
        catalogue_entry.c.version,
        catalogue_entry.c.title,
    ),
)


def upgrade() -> None:
    """Make the new table and indexes."""
    connection = op.get_bind()
    shanghai_row.create(connection)
    for index in _INDEXES:
        index.create(connection)


def downgrade() -> None:
    """Undo it."""
    connection = op.get_bind()
    for index in _INDEXES:
        index.drop(connection)
    shanghai_row.drop(connection)
