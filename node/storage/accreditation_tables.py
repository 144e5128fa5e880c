"""Tables of outcomes on their way to credit, of who reviews them, and of hours that add up."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    String,
    Table,
    Text,
    text,
)

from node.storage import shanghai_tables as shanghai_tables
from node.storage.metadata import metadata

# Who reviews, by local account; person is what tells two accounts of one person from two persons.
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
    # What is known of it, as JSON; empty once erased.
    Column("facts", LargeBinary, nullable=False),
    Column("changed_us", BigInteger, nullable=False),
    Column("version", Integer, nullable=False),
    CheckConstraint("(hundredths > 0) <> (minutes > 0)", name="outcome_credit_or_hours"),
    CheckConstraint("state <> 'DEPOSITED' or lot <> ''", name="outcome_deposited_as_lot"),
    Index("outcome_by_state", "state", "outcome"),
    Index("outcome_of_account", "account"),
)
# Which outcome a lot was, and whose last day is over.
Index(
    "outcome_by_lot",
    outcome.c.lot,
    sqlite_where=text("lot <> ''"),
    postgresql_where=text("lot <> ''"),
)
Index(
    "outcome_by_expiry",
    outcome.c.expires,
    sqlite_where=text("expires <> ''"),
    postgresql_where=text("expires <> ''"),
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
