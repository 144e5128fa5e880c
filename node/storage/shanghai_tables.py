"""The table of rows that came in the files of the Shanghai credit bank, as they were given."""

from __future__ import annotations

from sqlalchemy import Column, ForeignKey, Index, Integer, LargeBinary, String, Table

from node.storage.metadata import metadata, serial

shanghai_row = Table(
    "shanghai_row",
    metadata,
    Column("place", serial, primary_key=True, autoincrement=True),
    # Keyed hash of what the row says, so that the same again is known, and of what it is about.
    # Neither can be tried with guesses by who has the database alone.
    Column("mark", LargeBinary(32), nullable=False, unique=True),
    Column("subject", LargeBinary(32), nullable=False),
    Column("kind", String(16), nullable=False),
    Column("template", String(8), nullable=False),
    Column("outcome", String(128), ForeignKey("outcome.outcome"), nullable=False),
    Column("account", String(20), ForeignKey("learner.account"), nullable=False),
    # Every cell as given, sealed: they hold names and citizens' numbers.
    Column("sealed", LargeBinary, nullable=False),
    # Keyed hash of the file that brought it first, and the line there.
    Column("file", LargeBinary(32), nullable=False),
    Column("line", Integer, nullable=False),
    # Persons of the institution and of the bank; the second is empty until the bank took it in.
    Column("handed_by", String(64), nullable=False),
    Column("taken_by", String(64), nullable=False),
    Index("shanghai_row_by_subject", "subject"),
    Index("shanghai_row_of_outcome", "outcome"),
    Index("shanghai_row_of_account", "account"),
    Index("shanghai_row_by_kind", "kind", "place"),
)
