"""Open the store that a database address names."""

from __future__ import annotations

from pathlib import Path

from node.storage.integration import MaySign, SignCheckpoint, at_once
from node.storage.sqlite import SqliteStore
from node.usecases.ports import Store

SQLITE = "sqlite:///"


def open_store(
    url: str, *, origin: str, sign: SignCheckpoint, may_sign: MaySign = at_once
) -> Store:
    """Return the store of a node, its schema brought up to date.

    Args:
        may_sign: while it says no, what is logged waits and nothing new is said.

    Raises:
        Refusal: STORAGE for a database that may lose commits, SCHEMA_VERSION, NODE_EXISTS.
        Unavailable: STORAGE when it does not answer, STORE_MOVING while it is being moved.
    """
    if url.startswith(SQLITE):
        path = Path(url.removeprefix(SQLITE))
        return SqliteStore(path, origin=origin, sign=sign, may_sign=may_sign)
    # Who runs on SQLite need not load the other driver.
    from node.storage.postgresql import PostgresStore

    return PostgresStore(url, origin=origin, sign=sign, may_sign=may_sign)
