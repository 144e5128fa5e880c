"""Statements to a database itself, of either engine, past the store."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import Engine

from node.storage.engines import postgresql_engine
from node.storage.sqlite import sqlite_engine

Run = Callable[..., list[Any]]


def engine_of(database: str) -> Engine:
    """Return connections to a database, each statement committed by itself."""
    if database.startswith("sqlite"):
        return sqlite_engine(Path(database.removeprefix("sqlite:///")))
    return postgresql_engine(database).execution_options(isolation_level="AUTOCOMMIT")


@contextmanager
def sql(database: str) -> Iterator[Run]:
    """Lend what runs a statement, its values marked ``?``, and returns the rows."""
    engine = engine_of(database)
    mark = "?" if database.startswith("sqlite") else "%s"
    with engine.connect() as connection:

        def run(statement: str, values: Sequence[Any] = ()) -> list[Any]:
            done = connection.exec_driver_sql(statement.replace("?", mark), tuple(values))
            return [tuple(row) for row in done] if done.returns_rows else []

        yield run
    engine.dispose()
