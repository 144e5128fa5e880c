"""What counts already towards the caps."""

from __future__ import annotations

from alembic import op
from sqlalchemy import BigInteger, CheckConstraint, Column, MetaData, String, Table, Text

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

metadata = MetaData()
cap_use = Table(
    "cap_use",
    metadata,
    Column("account", String(20), primary_key=True),
    Column("claim", String(48), primary_key=True),
    Column("part", String(160), primary_key=True),
    Column("lot", String(48), primary_key=True),
    Column("target", String(128), primary_key=True),
    Column("hundredths", BigInteger, nullable=False),
    Column("earlier_hundredths", BigInteger, nullable=False),
    Column("state", String(12), nullable=False),
    Column("until_us", BigInteger, nullable=False),
    Column("facts", Text, nullable=False),
    CheckConstraint("state in ('RESERVED', 'CONSUMED')", name="cap_use_state"),
)


def upgrade() -> None:
    """Make the table."""
    metadata.create_all(op.get_bind())


def downgrade() -> None:
    """Drop it."""
    metadata.drop_all(op.get_bind())
