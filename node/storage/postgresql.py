"""PostgreSQL: several stateless processes over one database, each with threads of its own.

Writing runs at READ COMMITTED with row locks in the order of keys (``locking``), and the whole
transaction is run again when it lost a race: serialisation failure, deadlock, a unique key that
another took, a row no longer as it was loaded. REPEATABLE READ with retries was not chosen: it
misses races against rows that another one only locked, and it makes every pair of writers that
share a counter fail in turn instead of waiting.

Reading runs at REPEATABLE READ READ ONLY: one snapshot for all its questions.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from time import monotonic_ns, sleep

from sqlalchemy import text

from federation.base.clock import SECOND
from federation.base.errors import Unavailable
from node.storage.engines import (
    STORAGE_ERRORS,
    Conflict,
    check_durable,
    may_run_again,
    postgresql_engine,
    unavailable,
)
from node.storage.integration import MaySign, SignCheckpoint, at_once
from node.storage.integrator import SCHEMA_LOCK, Integrator
from node.storage.locking import LockingTransaction
from node.storage.reading import SqlReading
from node.storage.schema import keep_origin, upgrade
from node.usecases.ports import Reading, Result, Transaction, Waiting

_LOG = logging.getLogger("creditbank.storage")
ATTEMPTS = 10
_FIRST_PAUSE_S = 0.004
_LONGEST_PAUSE_S = 0.5
# Longer than a delivery takes at most: what a killed process had taken is sent by another then.
LEASE_US = 30 * SECOND


class PostgresStore:
    """The store in one PostgreSQL database.

    Args:
        url: address of the database; it is this node's alone.
        origin: name of the node's log.
        sign: signs checkpoints.
        may_sign: while it says no, what is logged waits and nothing new is said.
    """

    def __init__(
        self, url: str, *, origin: str, sign: SignCheckpoint, may_sign: MaySign = at_once
    ) -> None:
        self._may_sign = may_sign
        self._origin = origin
        self._closing = threading.Lock()
        self._is_closed = False
        self._engine = postgresql_engine(url)
        self._reads = self._engine.execution_options(
            isolation_level="REPEATABLE READ", postgresql_readonly=True
        )
        check_durable(self._engine)
        try:
            with self._engine.begin() as connection:
                # Another process may be upgrading, and that takes as long as it takes.
                connection.execute(text("SET LOCAL lock_timeout = 0"))
                connection.execute(text(f"SELECT pg_advisory_xact_lock({SCHEMA_LOCK})"))
                upgrade(connection)
                keep_origin(connection, origin)
        except STORAGE_ERRORS as failure:
            raise unavailable(failure) from failure
        self._integrator = Integrator(self._engine, origin, sign, may_sign)
        self._integrator.start()

    def transact(self, work: Callable[[Transaction], Result]) -> Result:
        """Run work in one durable transaction; what it logged is integrated, or soon will be.

        Raises:
            Unavailable: STORAGE when the database could not do it; nothing of it was kept, unless
                the connection broke while it was being committed. RETRY when it lost every race,
                STOPPING once the store is closed.
        """
        result, has_logged = self._commit(lambda tx: (work(tx), tx))
        if has_logged:
            self._integrator.settle()
        return result

    def read(self, work: Callable[[Reading], Result]) -> Result:
        """Run work on one consistent state without writing."""
        for attempt in range(ATTEMPTS):
            try:
                with self._reads.connect() as connection, connection.begin():
                    return work(SqlReading(connection, self._origin))
            except STORAGE_ERRORS as failure:
                if not may_run_again(failure) or attempt + 1 == ATTEMPTS:
                    raise unavailable(failure) from failure
            _pause(attempt)
        raise AssertionError("the last attempt returns or raises")

    def take_due(self, peer: str, now_us: int, limit: int) -> list[Waiting]:
        """Take messages due for a peer; no other process gets them while they are under way."""
        taken, _ = self._commit(
            lambda tx: (tx.take_due(peer, now_us, limit, until_us=now_us + LEASE_US), tx)
        )
        return taken

    def scrub(self) -> None:
        """Let go of what rows were before they were erased.

        The server's write-ahead log and its backups forget when their time has come.
        """
        try:
            with self._engine.connect() as connection:
                free = connection.execution_options(isolation_level="AUTOCOMMIT")
                free.execute(text("VACUUM learner, lot, message, outcome, shanghai_row"))
        except STORAGE_ERRORS as failure:
            _LOG.warning("VACUUM is left to the server: %s", unavailable(failure).detail)

    def settle(self) -> None:
        """Integrate what was logged while this process was held."""
        self._integrator.settle()

    def close(self) -> None:
        """Leave the database."""
        with self._closing:
            if self._is_closed:
                return
            self._is_closed = True
        self._integrator.close()
        self._engine.dispose()

    def _commit(
        self, work: Callable[[LockingTransaction], tuple[Result, LockingTransaction]]
    ) -> tuple[Result, bool]:
        """Run work until it is committed; tell also whether it logged something."""
        if self._is_closed:
            raise Unavailable("STOPPING")
        for attempt in range(ATTEMPTS):
            is_last = attempt + 1 == ATTEMPTS
            is_committing = False
            try:
                with self._engine.connect() as connection:
                    transaction = connection.begin()
                    begun = LockingTransaction(connection, self._origin)
                    begun.may_sign = self._may_sign
                    result, tx = work(begun)
                    is_committing = True
                    transaction.commit()
                    return result, tx.has_logged
            except Conflict as lost:
                if is_last:
                    raise Unavailable("RETRY", detail=str(lost)) from lost
            except STORAGE_ERRORS as failure:
                if is_last or is_committing or not may_run_again(failure):
                    raise unavailable(failure) from failure
            _pause(attempt)
        raise AssertionError("the last attempt returns or raises")


def _pause(attempt: int) -> None:
    """Wait longer after each failure, and not in step with whoever failed beside us."""
    longest_s = min(_FIRST_PAUSE_S * 2**attempt, _LONGEST_PAUSE_S)
    sleep(longest_s * (0.5 + monotonic_ns() // 1000 % 512 / 1024))
