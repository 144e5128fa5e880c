"""The schema's version: known, planned and brought up to date by Alembic, on both engines."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Connection, delete, inspect, select, text

from federation.base.errors import Refusal
from node.storage import tables as t

# The newest revision in migrations/versions; a node whose database has it need not load Alembic.
HEAD = "0008"
FIRST = "0001"
_SCRIPTS = Path(__file__).parent / "migrations"
_VERSION_TABLE = "alembic_version"
_OLD_FACT = "schema_version"
_ORIGIN = "origin"


@dataclass(frozen=True, slots=True)
class Plan:
    """How far a database is behind the program.

    Attributes:
        current: its revision; empty for an empty database.
        head: the program's.
        steps: revisions to go through with what each does, in order.
    """

    current: str
    head: str
    steps: tuple[tuple[str, str], ...]


def upgrade(connection: Connection) -> None:
    """Bring the database up to date within the caller's transaction, which keeps others out.

    Raises:
        Refusal: SCHEMA_VERSION when a newer program has upgraded it.
    """
    current = revision(connection)
    if current == HEAD:
        return
    _quiet()
    from alembic import command

    config = _config(connection)
    if not current and inspect(connection).has_table(t.fact.name):
        # Made before revisions were written down: it is as the first one makes it.
        command.stamp(config, FIRST)
        connection.execute(delete(t.fact).where(t.fact.c.name == _OLD_FACT))
        current = FIRST
    _check_known(current)
    command.upgrade(config, HEAD)


def revision(connection: Connection) -> str:
    """Return the database's revision, or nothing."""
    if not inspect(connection).has_table(_VERSION_TABLE):
        return ""
    found = connection.execute(text(f"SELECT version_num FROM {_VERSION_TABLE}")).scalar()  # noqa: S608 - our own constant
    return str(found or "")


def plan(connection: Connection) -> Plan:
    """Return what an upgrade would do.

    Raises:
        Refusal: SCHEMA_VERSION when a newer program has upgraded it.
    """
    _quiet()
    from alembic.script import ScriptDirectory

    current = revision(connection)
    if not current and inspect(connection).has_table(t.fact.name):
        current = FIRST
    _check_known(current)
    scripts = ScriptDirectory.from_config(_config(connection))
    behind = [] if current == HEAD else list(scripts.iterate_revisions(HEAD, current or "base"))
    return Plan(
        current=current,
        head=HEAD,
        steps=tuple((one.revision, one.doc.splitlines()[0]) for one in reversed(behind)),
    )


def keep_origin(connection: Connection, origin: str) -> None:
    """Keep whose database this is, and stop before a second node writes into it.

    Raises:
        Refusal: NODE_EXISTS when it is another node's.
    """
    c = t.fact.c
    known = connection.execute(select(c.value).where(c.name == _ORIGIN)).scalar()
    if known is None:
        connection.execute(t.fact.insert(), {"name": _ORIGIN, "value": origin})
    elif known != origin:
        raise Refusal("NODE_EXISTS", detail=f"database of {known}")


def _check_known(current: str) -> None:
    known = {path.name.partition("_")[0] for path in (_SCRIPTS / "versions").glob("[0-9]*.py")}
    if current and current not in known:
        raise Refusal("SCHEMA_VERSION", detail=f"database {current}, program {HEAD}")


def _quiet() -> None:
    # Alembic tells of its plugins as soon as it is imported.
    logging.getLogger("alembic").setLevel(logging.WARNING)


def _config(connection: Connection):  # type: ignore[no-untyped-def]
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(_SCRIPTS).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    return config
