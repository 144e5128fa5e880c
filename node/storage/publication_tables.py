"""Tables of what two persons publish: catalogues, frameworks, rules, programmes of hours."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    Index,
    Integer,
    LargeBinary,
    String,
    Table,
    Text,
    text,
)

from node.storage.metadata import metadata

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
    Column("retired_by", String(64), nullable=False, server_default=""),
    Column("retired_us", BigInteger, nullable=False, server_default="0"),
    CheckConstraint(
        "state in ('DRAFT', 'APPROVED', 'PUBLISHED', 'RETIRED')", name="publication_state"
    ),
    CheckConstraint("(state = 'RETIRED') = (retired_by <> '')", name="publication_retired"),
    CheckConstraint(
        "published_by = '' or published_by <> approved_by", name="publication_by_two_persons"
    ),
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
    # Files of other banks name outcomes by their titles.
    Index("catalogue_entry_by_title", "name", "version", "title"),
)
# What deposits are held against is asked for with every batch of them, and the rule in force with
# every decision. It holds all that is asked then, for a row's own values lie behind its document.
Index(
    "publication_in_force",
    publication.c.kind,
    publication.c.changed_us,
    publication.c.name,
    publication.c.version,
    publication.c.digest,
    publication.c.state,
    sqlite_where=text("state = 'PUBLISHED'"),
    postgresql_where=text("state = 'PUBLISHED'"),
)
# Decisions cite documents by digest, those of retired versions too.
Index("publication_by_digest", publication.c.digest)
