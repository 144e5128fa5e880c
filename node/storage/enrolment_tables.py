"""The table of enrolments: in which version of a programme a learner studies, and studied."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Index, String, Table, text

from node.storage.metadata import metadata

enrolment = Table(
    "enrolment",
    metadata,
    Column("account", String(20), primary_key=True),
    # Of one account it also tells which enrolment is the newest.
    Column("enrolled_us", BigInteger, primary_key=True, autoincrement=False),
    Column("programme", String(80), nullable=False),
    Column("version", String(64), nullable=False),
    Column("digest", String(64), nullable=False),
    Column("enrolled_by", String(64), nullable=False),
    # 0 while it is in force.
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
