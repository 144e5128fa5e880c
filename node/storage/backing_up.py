"""A SQLite store copied while it is in use, and a copy read through."""

from __future__ import annotations

import shutil
import tempfile
from contextlib import closing
from pathlib import Path

import pysqlite3.dbapi2 as driver

from node.storage.moving import Summary, at_rest, summarise
from node.storage.opening import SQLITE

PAGES = 4096


def copy_store(source: Path, target: Path) -> None:
    """Copy a store as it is at one moment, by SQLite's online backup; its node may be running."""
    with (
        closing(driver.connect(f"file:{source}?mode=ro", uri=True)) as old,
        closing(driver.connect(target)) as new,
    ):
        old.backup(new, pages=PAGES)
        # One file, whole by itself, without a write-ahead log beside it.
        new.execute("PRAGMA journal_mode=DELETE")
    target.chmod(0o600)


def inspect_copy(copy: Path) -> Summary:
    """Read a copy through: structure, log root, balances, message hashes; it stays as it is."""
    with tempfile.TemporaryDirectory() as folder:
        scratch = Path(folder) / copy.name
        shutil.copyfile(copy, scratch)
        with closing(driver.connect(scratch)) as connection:
            told = [row[0] for row in connection.execute("PRAGMA integrity_check")]
        with at_rest(f"{SQLITE}{scratch}", may_be_made=True) as connection:
            found = summarise(connection)
    broken = tuple(f"integrity_check: {one}" for one in told if one != "ok")
    return Summary(
        counts=found.counts,
        digests=found.digests,
        balance_hundredths=found.balance_hundredths,
        log_size=found.log_size,
        log_root=found.log_root,
        faults=(*broken, *found.faults),
    )
