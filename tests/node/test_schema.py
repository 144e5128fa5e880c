"""The schema of a database is that of the program, however it came to be, on either engine."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, text

from federation.base.errors import Refusal
from node.storage import schema
from node.storage import tables as t
from node.storage.engines import postgresql_engine
from node.storage.moving import at_rest, plan_upgrade
from node.storage.sqlite import sqlite_engine
from tests.node.store_world import opened


@contextmanager
def connected(database: str) -> Iterator[Connection]:
    """Connect to a database and commit at the end."""
    if database.startswith("sqlite"):
        engine = sqlite_engine(Path(database.removeprefix("sqlite:///")))
    else:
        engine = postgresql_engine(database)
    with engine.connect() as connection, connection.begin():
        yield connection
    engine.dispose()


def test_migrations_make_the_tables_of_the_program(database: str) -> None:
    """A change of ``tables`` needs a file in ``migrations/versions``, and ``HEAD`` names it."""
    with opened(database):
        pass
    with connected(database) as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, t.metadata) == []
        assert schema.revision(connection) == schema.HEAD


def test_head_is_the_newest_revision() -> None:
    scripts = ScriptDirectory(str(Path(schema.__file__).parent / "migrations"))
    assert scripts.get_heads() == [schema.HEAD]


def test_a_plan_names_what_is_to_be_done(database: str) -> None:
    with connected(database):
        pass
    plan = plan_upgrade(database)
    assert (plan.current, plan.head) == ("", schema.HEAD)
    assert plan.steps[0] == ("0001", "The first schema.")
    with at_rest(database, may_be_made=True):
        pass
    plan = plan_upgrade(database)
    assert (plan.current, plan.steps) == (schema.HEAD, ())


def test_a_database_from_before_revisions_is_taken_up(database: str) -> None:
    first = import_module("node.storage.migrations.versions.0001_first")
    with connected(database) as connection:
        first.metadata.create_all(connection)
        connection.execute(t.fact.insert(), {"name": "schema_version", "value": "1"})
    with opened(database) as store:
        assert store.read(lambda reading: reading.fact("schema_version")) is None
    with connected(database) as connection:
        assert schema.revision(connection) == schema.HEAD


def test_a_newer_database_is_refused_and_unchanged(database: str) -> None:
    with opened(database):
        pass
    with connected(database) as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(Refusal, match="SCHEMA_VERSION"), opened(database):
        pass
    with pytest.raises(Refusal, match="SCHEMA_VERSION"):
        plan_upgrade(database)
