"""A look at a database from outside, while its node runs or stands still; nothing is written."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Engine, func, select

from federation.base.errors import Refusal
from node.storage import tables as t
from node.storage.engines import STORAGE_ERRORS, check_durable, postgresql_engine, unavailable
from node.storage.opening import SQLITE
from node.storage.schema import HEAD, revision
from node.storage.sqlite import sqlite_engine


@dataclass(frozen=True, slots=True)
class Checkup:
    """What was seen of a database.

    Attributes:
        engine: ``sqlite`` or ``postgresql``.
        revision: of its schema; empty before a node first used it.
        is_current: whether this program would leave the schema as it is.
        log_size: leaves that its newest checkpoint covers.
    """

    engine: str
    revision: str
    is_current: bool
    log_size: int


def look_at(url: str) -> Checkup:
    """Look at a node's database.

    Raises:
        Refusal: STORAGE when there is no file, or the server may lose commits.
        Unavailable: STORAGE when it does not answer.
    """
    engine = _engine(url)
    try:
        with engine.connect() as connection:
            found = revision(connection)
            size = select(func.coalesce(func.max(t.checkpoint.c.size), 0))
            leaves = int(connection.execute(size).scalar_one()) if found else 0
    except STORAGE_ERRORS as failure:
        raise unavailable(failure) from failure
    finally:
        engine.dispose()
    return Checkup(engine.dialect.name, found, found == HEAD, leaves)


def _engine(url: str) -> Engine:
    if not url.startswith(SQLITE):
        engine = postgresql_engine(url)
        check_durable(engine)
        return engine
    path = Path(url.removeprefix(SQLITE))
    if not path.exists():
        raise Refusal("STORAGE", detail=f"no database at {path}")
    return sqlite_engine(path)
