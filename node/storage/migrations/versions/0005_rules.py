"""Rules are published like catalogues, and may be retired."""

from __future__ import annotations

import hashlib

from alembic import op
from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    Connection,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    delete,
    insert,
    select,
    text,
)

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

_RULE = "RULE"
_IN_FORCE = "publication_in_force"
_BY_DIGEST = "publication_by_digest"
_STATE = "publication_state"
_RETIRED = "publication_retired"
_TWO_PERSONS = "publication_by_two_persons"
_PUBLISHED = text("state = 'PUBLISHED'")

before = MetaData()
rule = Table(
    "rule",
    before,
    Column("rule", String(64), primary_key=True),
    Column("version", Integer, primary_key=True),
    Column("document", LargeBinary, nullable=False),
    Column("published_us", BigInteger, nullable=False),
)


def _columns() -> list[Column[str] | Column[bytes] | Column[int]]:
    return [
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
    ]


def _two_persons() -> CheckConstraint:
    return CheckConstraint("published_by = '' or published_by <> approved_by", name=_TWO_PERSONS)


publication = Table(
    "publication",
    before,
    *_columns(),
    CheckConstraint("state in ('DRAFT', 'APPROVED', 'PUBLISHED')", name=_STATE),
    _two_persons(),
)
after = MetaData()
retirable = Table(
    "publication",
    after,
    *_columns(),
    Column("retired_by", String(64), nullable=False, server_default=""),
    Column("retired_us", BigInteger, nullable=False, server_default="0"),
    CheckConstraint("state in ('DRAFT', 'APPROVED', 'PUBLISHED', 'RETIRED')", name=_STATE),
    CheckConstraint("(state = 'RETIRED') = (retired_by <> '')", name=_RETIRED),
    _two_persons(),
)


def upgrade() -> None:
    """Widen the table of publications and take the rules into it."""
    connection = op.get_bind()
    op.drop_index(_IN_FORCE, "publication")
    with op.batch_alter_table("publication", copy_from=publication) as batch:
        batch.add_column(Column("retired_by", String(64), nullable=False, server_default=""))
        batch.add_column(Column("retired_us", BigInteger, nullable=False, server_default="0"))
        batch.drop_constraint(_STATE, type_="check")
        batch.create_check_constraint(
            _STATE, "state in ('DRAFT', 'APPROVED', 'PUBLISHED', 'RETIRED')"
        )
        batch.create_check_constraint(_RETIRED, "(state = 'RETIRED') = (retired_by <> '')")
    _index(["kind", "changed_us", "name", "version", "digest", "state"])
    op.create_index(_BY_DIGEST, "publication", ["digest"])
    for key in connection.execute(select(rule.c.rule, rule.c.version)).all():
        _take_in(connection, *key)
    op.drop_table("rule")


def downgrade() -> None:
    """Undo it; who published a rule, and drafts of rules, are forgotten."""
    connection = op.get_bind()
    rule.create(connection)
    c = retirable.c
    kept = select(c.name, c.version, c.document, c.changed_us).where(
        c.kind == _RULE, c.state.in_(["PUBLISHED", "RETIRED"])
    )
    for name, version, document, changed_us in connection.execute(kept).all():
        values = {"version": int(version), "document": document, "published_us": changed_us}
        connection.execute(insert(rule), {"rule": name, **values})
    connection.execute(delete(retirable).where(c.kind == _RULE))
    op.drop_index(_BY_DIGEST, "publication")
    op.drop_index(_IN_FORCE, "publication")
    with op.batch_alter_table("publication", copy_from=retirable) as batch:
        batch.drop_constraint(_RETIRED, type_="check")
        batch.drop_constraint(_STATE, type_="check")
        batch.create_check_constraint(_STATE, "state in ('DRAFT', 'APPROVED', 'PUBLISHED')")
        batch.drop_column("retired_us")
        batch.drop_column("retired_by")
    _index(["kind", "name"])


def _index(names: list[str]) -> None:
    op.create_index(
        _IN_FORCE,
        "publication",
        names,
        sqlite_where=_PUBLISHED,
        postgresql_where=_PUBLISHED,
    )


def _take_in(connection: Connection, name: str, version: int) -> None:
    """Make a rule that one person published a publication, in which nobody is named."""
    c = rule.c
    found = connection.execute(
        select(c.document, c.published_us).where(c.rule == name, c.version == version)
    ).one()
    connection.execute(
        insert(publication),
        {
            "kind": _RULE,
            "name": name,
            "version": str(version),
            "digest": hashlib.sha256(found.document).hexdigest(),
            "document": found.document,
            "state": "PUBLISHED",
            "drafted_by": "",
            "approved_by": "",
            "published_by": "",
            "changed_us": found.published_us,
        },
    )
