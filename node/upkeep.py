"""What is done to a node's store besides serving: hold it, bring its schema up to date, move it."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from federation.base.errors import Refusal
from node.config import NodeConfig, load_config, make_config
from node.founding import write_config
from node.storage.checkup import Checkup, look_at
from node.storage.moving import (
    Summary,
    at_rest,
    check_empty,
    copy_rows,
    differences,
    plan_upgrade,
    summarise,
)
from node.storage.schema import Plan

_LOCK_FILE = "node.lock"


@dataclass(frozen=True, slots=True)
class Move:
    """What came of moving a store.

    Attributes:
        old: what the old store holds.
        new: what the new one holds; the same.
        is_switched: whether the configuration names the new one now.
    """

    old: Summary
    new: Summary
    is_switched: bool


@contextmanager
def only_process(config: NodeConfig) -> Iterator[None]:
    """Hold the node's directory: two processes on one SQLite file would be two nodes.

    On PostgreSQL any number of processes may serve one store.

    Raises:
        Refusal: NODE_RUNNING.
    """
    if not config.is_sqlite:
        yield
        return
    with _held(config.directory):
        yield


def look_at_database(config: NodeConfig) -> Checkup | None:
    """Look at a node's database, whether its node runs or not; None before it first ran.

    Raises:
        Refusal: STORAGE when there is none, or it may lose commits.
        Unavailable: STORAGE when it does not answer.
    """
    is_made = (config.directory / _LOCK_FILE).exists() or not config.is_sqlite
    return look_at(config.database_url) if is_made else None


def plan_schema(directory: Path) -> Plan:
    """Return what an upgrade of a node's database would do."""
    return plan_upgrade(load_config(directory).database_url)


def upgrade_schema(directory: Path) -> Plan:
    """Bring the database of a node that stands still up to date; return what was done.

    Raises:
        Refusal: NODE_RUNNING, SCHEMA_VERSION.
    """
    config = load_config(directory)
    with only_process(config):
        done = plan_upgrade(config.database_url)
        with at_rest(config.database_url, may_be_made=True):
            return done


def move_store(
    directory: Path,
    url: str,
    *,
    is_rehearsal: bool = False,
    told: Callable[[str, int], None] = lambda *_: None,
) -> Move:
    """Copy a node's store into an empty database and serve from there when all agrees.

    The old store stays as it is. A rehearsal copies and compares, and keeps nothing of it.

    Args:
        url: as in the configuration; a relative SQLite path lies in the directory.
        told: called with each table and its rows.

    Raises:
        Refusal: NODE_RUNNING, STORE_NOT_EMPTY, STORE_SAME when it is there already, or
            STORE_DIFFERS with what does; the configuration is then unchanged.
    """
    # Variables of this shell do not get into the file.
    config = load_config(directory, variables={})
    moved = make_config(directory, {**config.model_dump(), "database": url})
    if moved.database_url == config.database_url:
        raise Refusal("STORE_SAME")
    with _held(config.directory):
        old, new = _copy(config.database_url, moved.database_url, told, is_rehearsal=is_rehearsal)
        if not is_rehearsal:
            write_config(moved)
    return Move(old, new, is_switched=not is_rehearsal)


class _Rehearsed(Exception):
    """Ends the transaction of a copy that is not wanted."""


def _copy(
    old_url: str, new_url: str, told: Callable[[str, int], None], *, is_rehearsal: bool
) -> tuple[Summary, Summary]:
    new: Summary | None = None
    try:
        with (
            at_rest(old_url, may_be_made=True) as source,
            at_rest(new_url, may_be_made=True) as target,
        ):
            check_empty(target)
            copy_rows(source, target, told)
            old, new = summarise(source), summarise(target)
            found = differences(old, new)
            if found:
                raise Refusal("STORE_DIFFERS", detail="; ".join(found[:5]))
            if is_rehearsal:
                raise _Rehearsed
    except _Rehearsed:
        assert new is not None, "compared before"
        return old, new
    # Once more, from what was committed.
    with at_rest(new_url) as target:
        kept = summarise(target)
    if differences(old, kept):
        raise Refusal("STORE_DIFFERS", detail="after COMMIT")
    return old, kept


@contextmanager
def _held(directory: Path) -> Iterator[None]:
    handle = os.open(directory / _LOCK_FILE, os.O_CREAT | os.O_RDWR, 0o600)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        os.close(handle)
        raise Refusal("NODE_RUNNING", detail=str(directory)) from None
    try:
        yield
    finally:
        os.close(handle)
