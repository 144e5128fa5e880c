"""In which programmes learners study."""

from __future__ import annotations

from alembic import op
from sqlalchemy import BigInteger, Column, Index, MetaData, String, Table, text

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

metadata = MetaData()
enrolment = Table(
    "enrolment",
    metadata,
    Column("account", String(20), primary_key=True),
    Column("enrolled_us", BigInteger, primary_key=True, autoincrement=False),
    Column("programme", String(80), nullable=False),
    Column("version", String(64), nullable=False),
    Column("digest", String(64), nullable=False),
    Column("enrolled_by", String(64), nullable=False),
    Column("left_us", BigInteger, nullable=False),
)
Index(
    "enrolment_in_force",
    enrolment.c.account,
    enrolment.c.programme,
    unique=True,
    sqlite_where=text("left_us = 0"),
    postgresql_where=text("left_us = 0"),
)


def upgrade() -> None:
    """Make the table."""
    metadata.create_all(op.get_bind())


def downgrade() -> None:
    """Drop it."""
    metadata.drop_all(op.get_bind())
