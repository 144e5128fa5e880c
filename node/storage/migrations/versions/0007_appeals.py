"""Appeals: what they add; a panel's roster and ballots; who asked for a person."""

from __future__ import annotations

from alembic import op
from sqlalchemy import (
    BigInteger,
    Column,
    ForeignKeyConstraint,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
)

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

metadata = MetaData()
review = Table(
    "review",
    metadata,
    Column("peer", String(8), primary_key=True),
    Column("exchange_id", LargeBinary(16), primary_key=True),
)
review_roster = Table(
    "review_roster",
    metadata,
    Column("peer", String(8), primary_key=True),
    Column("exchange_id", LargeBinary(16), primary_key=True),
    Column("draw_round", Integer, primary_key=True),
    Column("document", LargeBinary, nullable=False),
    ForeignKeyConstraint(["peer", "exchange_id"], ["review.peer", "review.exchange_id"]),
)
ballot_sheet = Table(
    "ballot_sheet",
    metadata,
    Column("peer", String(8), primary_key=True),
    Column("exchange_id", LargeBinary(16), primary_key=True),
    Column("document", LargeBinary, nullable=False),
    ForeignKeyConstraint(["peer", "exchange_id"], ["review.peer", "review.exchange_id"]),
)
person_wanted = Table(
    "person_wanted",
    metadata,
    Column("peer", String(8), primary_key=True),
    Column("exchange_id", LargeBinary(16), primary_key=True),
    Column("wanted_us", BigInteger, nullable=False),
)
raised_lot = Table(
    "raised_lot",
    metadata,
    Column("lot_id", LargeBinary(16), primary_key=True),
    Column("source_lot", LargeBinary(16), primary_key=True),
    Column("peer", String(8), nullable=False),
    Column("exchange_id", LargeBinary(16), nullable=False),
    Index("raised_lot_of_exchange", "peer", "exchange_id"),
)
_NEW = [review_roster, ballot_sheet, person_wanted, raised_lot]


def upgrade() -> None:
    """Make the tables."""
    metadata.create_all(op.get_bind(), tables=_NEW)


def downgrade() -> None:
    """Drop them."""
    metadata.drop_all(op.get_bind(), tables=_NEW)
