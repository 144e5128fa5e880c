"""SQLite: one file, one writer thread with group commit, readers beside it.

Work that waits together is committed together, each piece in a savepoint of its own, and the log
is integrated inside the same transaction, so that one fsync serves all of it. WAL with
synchronous=FULL syncs every commit; libraries with the WAL-reset race (3.7.0 to 3.51.2) are
refused.
"""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable
from concurrent.futures import Future
from pathlib import Path
from typing import Any

import pysqlite3.dbapi2 as driver
from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.exc import DBAPIError
from sqlalchemy.pool import QueuePool

from federation.base.errors import CreditBankError, Refusal, Unavailable
from node.storage.integration import (
    MOST_LEAVES,
    MaySign,
    SignCheckpoint,
    at_once,
    integrate,
)
from node.storage.reading import SqlReading
from node.storage.schema import keep_origin, upgrade
from node.storage.writing import SqlTransaction
from node.usecases.ports import Reading, Result, Transaction, Waiting

SAFE_VERSION = (3, 51, 3)
MOST_TOGETHER = 64
# Only another program on the file can make us wait.
BUSY_S = 5
_BUSY = "SQLITE_BUSY"
_Work = tuple[Callable[[Transaction], Any], "Future[Any]"]


class SqliteStore:
    """The store in one SQLite file.

    Args:
        path: the file; made when absent.
        origin: name of the node's log.
        sign: signs checkpoints.
        may_sign: while it says no, what is logged waits and nothing new is said.
    """

    def __init__(
        self, path: Path, *, origin: str, sign: SignCheckpoint, may_sign: MaySign = at_once
    ) -> None:
        if driver.sqlite_version_info < SAFE_VERSION:
            raise Refusal("STORAGE", detail=f"SQLite {driver.sqlite_version} may lose commits")
        self._origin = origin
        self._sign = sign
        self._may_sign = may_sign
        self._engine = sqlite_engine(path)
        _make_schema(self._engine, path, origin)
        self._queue: queue.Queue[_Work | None] = queue.Queue(maxsize=4096)
        self._closing = threading.Lock()
        self._is_closed = False
        self._writer = threading.Thread(target=self._write, name="writer", daemon=True)
        self._writer.start()

    def transact(self, work: Callable[[Transaction], Result]) -> Result:
        """Run work in one durable transaction, together with whatever else is waiting.

        Raises:
            Unavailable: STORAGE when the database could not do it, STOPPING once the store is
                closed; nothing of it was kept.
        """
        done: Future[Result] = Future()
        with self._closing:
            if self._is_closed:
                raise Unavailable("STOPPING")
            self._queue.put((work, done))
        return done.result()

    def read(self, work: Callable[[Reading], Result]) -> Result:
        """Run work on one consistent state without writing."""
        try:
            with self._engine.connect() as connection, begun(connection, "BEGIN"):
                return work(SqlReading(connection, self._origin))
        except DBAPIError as failure:
            raise _unavailable(failure) from failure

    def scrub(self) -> None:
        """Move the write-ahead log into the database and truncate it; readers may delay that."""
        with self._engine.connect() as connection:
            connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")

    def take_due(self, peer: str, now_us: int, limit: int) -> list[Waiting]:
        """Take messages due for a peer; there is no other process that could."""
        return self.read(lambda reading: reading.due(peer, now_us, limit))

    def settle(self) -> None:
        """Integrate what was logged while this process was held."""
        self.transact(lambda tx: None)

    def close(self) -> None:
        """Finish what waits and close the file."""
        with self._closing:
            if self._is_closed:
                return
            self._is_closed = True
            self._queue.put(None)
        self._writer.join(timeout=30)
        self._engine.dispose()

    def _write(self) -> None:
        while (first := self._queue.get()) is not None:
            works = [first]
            while len(works) < MOST_TOGETHER:
                try:
                    following = self._queue.get_nowait()
                except queue.Empty:
                    break
                if following is None:
                    self._queue.put(None)
                    break
                works.append(following)
            self._commit_together(works)

    def _commit_together(self, works: list[_Work]) -> None:
        results: list[tuple[Future[Any], Any, BaseException | None]] = []
        try:
            with self._engine.connect() as connection, begun(connection, "BEGIN IMMEDIATE"):
                results = [self._run(connection, *work) for work in works]
                while (
                    self._may_sign()
                    and integrate(connection, self._origin, self._sign) == MOST_LEAVES
                ):
                    pass
        except Exception as failure:
            broken = _unavailable(failure) if isinstance(failure, DBAPIError) else failure
            results = [(done, None, broken) for _, done in works]
        for done, result, error in results:
            if error is None:
                done.set_result(result)
            else:
                done.set_exception(error)

    def _run(
        self, connection: Connection, work: Callable[[Transaction], Any], done: Future[Any]
    ) -> tuple[Future[Any], Any, BaseException | None]:
        connection.exec_driver_sql("SAVEPOINT work")
        try:
            tx = SqlTransaction(connection, self._origin)
            tx.may_sign = self._may_sign
            result = work(tx)
        except Exception as error:
            connection.exec_driver_sql("ROLLBACK TO work")
            connection.exec_driver_sql("RELEASE work")
            if isinstance(error, DBAPIError) and not isinstance(error, CreditBankError):
                return done, None, _unavailable(error)
            return done, None, error
        connection.exec_driver_sql("RELEASE work")
        return done, result, None


class begun:
    """A transaction begun in a given mode on a connection in driver-level autocommit."""

    def __init__(self, connection: Connection, begin: str) -> None:
        self._connection = connection
        self._begin = begin

    def __enter__(self) -> None:
        self._connection.exec_driver_sql(self._begin)

    def __exit__(self, kind: object, error: object, trace: object) -> None:
        self._connection.exec_driver_sql("COMMIT" if kind is None else "ROLLBACK")


def sqlite_engine(path: Path) -> Engine:
    """Return connections to a file, each transaction begun by hand."""
    engine = create_engine(
        f"sqlite:///{path}",
        module=driver,
        poolclass=QueuePool,
        pool_size=8,
        max_overflow=8,
        connect_args={"check_same_thread": False, "timeout": BUSY_S},
        isolation_level="AUTOCOMMIT",
    )

    @event.listens_for(engine, "connect")
    def _prepare(connection: Any, _record: object) -> None:
        cursor = connection.cursor()
        for pragma in (
            "PRAGMA synchronous=FULL",
            "PRAGMA foreign_keys=ON",
            # What is erased is overwritten, not left in free pages.
            "PRAGMA secure_delete=ON",
            "PRAGMA cache_size=-16000",
            "PRAGMA temp_store=MEMORY",
        ):
            cursor.execute(pragma)
        cursor.close()

    return engine


def _make_schema(engine: Engine, path: Path, origin: str) -> None:
    if not path.exists():
        # The journal of the file's making must itself be durable before WAL takes over.
        with engine.connect() as connection:
            connection.exec_driver_sql("PRAGMA synchronous=EXTRA")
            connection.exec_driver_sql("PRAGMA user_version=0")
    with engine.connect() as connection:
        connection.exec_driver_sql("PRAGMA journal_mode=WAL")
        with begun(connection, "BEGIN IMMEDIATE"):
            upgrade(connection)
            keep_origin(connection, origin)


def _unavailable(failure: BaseException) -> Unavailable:
    original = getattr(failure, "orig", None) or failure
    name = getattr(original, "sqlite_errorname", "")
    reason = "RETRY" if name.startswith(_BUSY) else "STORAGE"
    return Unavailable(reason, detail=f"{type(original).__name__} {name}".rstrip())
