"""Catalogues and frameworks, accreditation, experts and panels."""

from __future__ import annotations

from alembic import op
from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    text,
)

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

metadata = MetaData()

# Only named here, for the keys that point to it.
learner = Table("learner", metadata, Column("account", String(20), primary_key=True))
publication = Table(
    "publication",
    metadata,
    Column("kind", String(16), primary_key=True),
    Column("name", String(80), primary_key=True),
    Column("version", String(64), primary_key=True),
    Column("digest", String(64), nullable=False),
    Column("document", LargeBinary, nullable=False),
    Column("state", String(12), nullable=False),
    Column("drafted_by", String(64), nullable=False),
    Column("approved_by", String(64), nullable=False),
    Column("published_by", String(64), nullable=False),
    Column("changed_us", BigInteger, nullable=False),
    CheckConstraint("state in ('DRAFT', 'APPROVED', 'PUBLISHED')", name="publication_state"),
    CheckConstraint(
        "published_by = '' or published_by <> approved_by", name="publication_by_two_persons"
    ),
)
Index(
    "publication_in_force",
    publication.c.kind,
    publication.c.name,
    sqlite_where=text("state = 'PUBLISHED'"),
    postgresql_where=text("state = 'PUBLISHED'"),
)
catalogue_entry = Table(
    "catalogue_entry",
    metadata,
    Column("name", String(80), primary_key=True),
    Column("version", String(64), primary_key=True),
    Column("code", String(64), primary_key=True),
    Column("title", Text, nullable=False),
    Column("level", Integer, nullable=False),
    Column("field", String(16), nullable=False),
    Column("credits_hundredths", BigInteger, nullable=False),
    Column("hours", Integer, nullable=False),
    Column("kind", String(16), nullable=False),
    Column("category", String(64), nullable=False),
    Column("valid_from", String(10), nullable=False),
    Column("valid_until", String(10), nullable=False),
    Index("catalogue_entry_by_code", "version", "code"),
)

staff = Table(
    "staff",
    metadata,
    Column("account", String(64), primary_key=True),
    Column("role", String(12), nullable=False),
    Column("institution", Text, nullable=False),
    Column("person", String(64), nullable=False),
    Column("appointed_by", String(64), nullable=False),
    Column("appointed_us", BigInteger, nullable=False),
    CheckConstraint("(role = 'INSTITUTION') = (institution <> '')", name="staff_institution"),
)

outcome = Table(
    "outcome",
    metadata,
    Column("outcome", String(128), primary_key=True),
    Column("form", String(32), nullable=False),
    Column("account", String(20), ForeignKey("learner.account"), nullable=False),
    Column("institution", Text, nullable=False),
    Column("submitted_by", String(64), nullable=False),
    Column("state", String(12), nullable=False),
    Column("reviewed_by", String(64), nullable=False),
    Column("rereviewed_by", String(64), nullable=False),
    Column("reasons", Text, nullable=False),
    Column("expires", String(10), nullable=False),
    Column("answer_until", String(10), nullable=False),
    Column("frozen_from", String(12), nullable=False),
    Column("lot", String(32), nullable=False),
    Column("hundredths", BigInteger, nullable=False),
    Column("minutes", BigInteger, nullable=False),
    Column("programme", String(160), nullable=False),
    Column("facts", LargeBinary, nullable=False),
    Column("changed_us", BigInteger, nullable=False),
    Column("version", Integer, nullable=False),
    CheckConstraint("(hundredths > 0) <> (minutes > 0)", name="outcome_credit_or_hours"),
    CheckConstraint("state <> 'DEPOSITED' or lot <> ''", name="outcome_deposited_as_lot"),
    Index("outcome_by_state", "state", "outcome"),
    Index("outcome_of_account", "account"),
)

outcome_file = Table(
    "outcome_file",
    metadata,
    Column("outcome", String(128), ForeignKey("outcome.outcome"), primary_key=True),
    Column("digest", LargeBinary(32), primary_key=True),
    Column("kind", String(24), nullable=False),
    Column("size", BigInteger, nullable=False),
    Column("media_type", String(64), nullable=False),
)

hours_account = Table(
    "hours_account",
    metadata,
    Column("account", String(20), ForeignKey("learner.account"), primary_key=True),
    Column("programme", String(160), primary_key=True),
    Column("awards", BigInteger, nullable=False),
    Column("remainder_minutes", BigInteger, nullable=False),
)

hours_record = Table(
    "hours_record",
    metadata,
    Column("account", String(20), primary_key=True),
    Column("programme", String(160), primary_key=True),
    Column("record", String(128), primary_key=True),
    Column("form", String(32), nullable=False),
    Column("minutes", BigInteger, nullable=False),
    CheckConstraint("minutes > 0", name="hours_record_positive"),
)

expert = Table(
    "expert",
    metadata,
    Column("expert", String(64), primary_key=True),
    Column("account", String(64), nullable=False, unique=True),
    Column("document", LargeBinary, nullable=False),
)

review = Table(
    "review",
    metadata,
    Column("peer", String(8), primary_key=True),
    Column("exchange_id", LargeBinary(16), primary_key=True),
    Column("state", String(16), nullable=False),
    Column("due_us", BigInteger, nullable=False),
    Column("case_document", LargeBinary, nullable=False),
    Column("questions", LargeBinary, nullable=False),
    Column("decision", LargeBinary, nullable=False),
    Column("version", Integer, nullable=False),
    Index("review_by_state", "state", "due_us"),
)

review_draw = Table(
    "review_draw",
    metadata,
    Column("peer", String(8), primary_key=True),
    Column("exchange_id", LargeBinary(16), primary_key=True),
    Column("draw_round", Integer, primary_key=True),
    Column("notice", LargeBinary, nullable=False),
    Column("secret", LargeBinary(32), nullable=False),
    Column("seed", LargeBinary, nullable=False),
    Column("timestamp", LargeBinary, nullable=False),
    ForeignKeyConstraint(["peer", "exchange_id"], ["review.peer", "review.exchange_id"]),
)

review_ballot = Table(
    "review_ballot",
    metadata,
    Column("peer", String(8), primary_key=True),
    Column("exchange_id", LargeBinary(16), primary_key=True),
    Column("draw_round", Integer, primary_key=True),
    Column("expert", String(64), primary_key=True),
    Column("question", String(16), primary_key=True),
    Column("granted", BigInteger, nullable=False),
    Column("reasons", Text, nullable=False),
    Column("cast_us", BigInteger, nullable=False),
    ForeignKeyConstraint(["peer", "exchange_id"], ["review.peer", "review.exchange_id"]),
    CheckConstraint("granted >= 0", name="ballot_not_negative"),
)


def upgrade() -> None:
    """Make the new tables."""
    metadata.create_all(op.get_bind())


def downgrade() -> None:
    """Undo it."""
    made = [table for table in reversed(metadata.sorted_tables) if table.name != learner.name]
    metadata.drop_all(op.get_bind(), tables=made)
