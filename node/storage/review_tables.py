"""Tables of experts and of cases under review by people."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    ForeignKeyConstraint,
    Index,
    Integer,
    LargeBinary,
    String,
    Table,
    Text,
)

from node.storage.metadata import metadata

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
    # The minute of the panel, or the reviewers' finding; before, what they propose, or nothing.
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

# Who could be drawn when a panel was; the next in a seat comes of the same list.
review_roster = Table(
    "review_roster",
    metadata,
    Column("peer", String(8), primary_key=True),
    Column("exchange_id", LargeBinary(16), primary_key=True),
    Column("draw_round", Integer, primary_key=True),
    Column("document", LargeBinary, nullable=False),
    ForeignKeyConstraint(["peer", "exchange_id"], ["review.peer", "review.exchange_id"]),
)

# Who voted how, as a minute names it by digest; it never leaves the province.
ballot_sheet = Table(
    "ballot_sheet",
    metadata,
    Column("peer", String(8), primary_key=True),
    Column("exchange_id", LargeBinary(16), primary_key=True),
    Column("document", LargeBinary, nullable=False),
    ForeignKeyConstraint(["peer", "exchange_id"], ["review.peer", "review.exchange_id"]),
)

# Offers on which the learner asked for a person after they were received.
person_wanted = Table(
    "person_wanted",
    metadata,
    Column("peer", String(8), primary_key=True),
    Column("exchange_id", LargeBinary(16), primary_key=True),
    Column("wanted_us", BigInteger, nullable=False),
)

# Lots that an appeal added, by the lots of the source that it raised and their exchange.
raised_lot = Table(
    "raised_lot",
    metadata,
    Column("lot_id", LargeBinary(16), primary_key=True),
    Column("source_lot", LargeBinary(16), primary_key=True),
    Column("peer", String(8), nullable=False),
    Column("exchange_id", LargeBinary(16), nullable=False),
    Index("raised_lot_of_exchange", "peer", "exchange_id"),
)
