"""The integrator on PostgreSQL: a step of its own after the transactions that log something.

Leaves are committed without a place. Whoever committed some asks for the advisory lock, one
process at a time, and numbers all that are committed by then: places, tree and signed checkpoint
are one transaction. Another that holds the lock may have looked before our leaves were there, so
its end is waited for, and then ours. The row that counts integrations is the fence: it is locked
and moved by each, so that two which both believed to hold the lock, as after a failover, still
follow one another, and the keys of ``checkpoint`` and ``log_leaf`` stop whoever saw less.
"""

from __future__ import annotations

import logging
import threading

from sqlalchemy import Connection, Engine, func, select, text
from sqlalchemy.exc import DBAPIError

from federation.base.errors import Unavailable
from node.storage import tables as t
from node.storage.bookkeeping import SqlBookkeeping
from node.storage.engines import STORAGE_ERRORS, is_lock_timeout, unavailable
from node.storage.integration import (
    MOST_LEAVES,
    MaySign,
    SignCheckpoint,
    at_once,
    integrate,
)

_LOG = logging.getLogger("creditbank.integrator")
PERIOD_S = 1.0
WAIT_S = 2.0
FENCE = "integration"
# Advisory locks are of one database; these are ours in it.
INTEGRATION_LOCK, PRESENCE_LOCK, SCHEMA_LOCK = 0x63620001, 0x63620002, 0x63620003
PEER_FENCE_LOCK = 0x63620004


class Integrator:
    """Integrates the log when asked and from time to time, and shows that this process is there."""

    def __init__(
        self, engine: Engine, origin: str, sign: SignCheckpoint, may_sign: MaySign = at_once
    ) -> None:
        self._may_sign = may_sign
        self._engine = engine
        self._origin = origin
        self._sign = sign
        self._turn = threading.Lock()
        self._count = threading.Lock()
        self._begun = 0
        self._done = 0
        self._closing = threading.Event()
        self._present: Connection | None = None
        self._thread = threading.Thread(target=self._run, name="integrator", daemon=True)

    def start(self) -> None:
        """Show this process and integrate what an earlier one left.

        Raises:
            Unavailable: STORE_MOVING while the store is being moved.
        """
        self._appear()
        self.settle()
        self._thread.start()

    def settle(self) -> bool:
        """Integrate what is committed now, or wait a little for who does; tell whether it was.

        Whatever hinders it, what was committed stays committed and is integrated later.
        """
        with self._count:
            wanted = self._begun + 1
        if not self._turn.acquire(timeout=WAIT_S):
            return False
        try:
            if self._done >= wanted:
                return True  # Another thread's integration began after our commit.
            with self._count:
                self._begun += 1
                number = self._begun
            while self._integrate_once() == MOST_LEAVES:
                pass
            self._done = number
        except STORAGE_ERRORS as failure:
            if not (isinstance(failure, DBAPIError) and is_lock_timeout(failure)):
                _LOG.warning("the log waits to be integrated: %s", unavailable(failure).detail)
            return False
        except Exception:
            _LOG.exception("the log waits to be integrated")
            return False
        finally:
            self._turn.release()
        return True

    def close(self) -> None:
        """Stop, and leave."""
        self._closing.set()
        self._thread.join(timeout=10)
        if self._present is not None:
            self._present.invalidate()
            self._present.close()

    def _integrate_once(self) -> int:
        if not self._may_sign():
            return 0
        with self._engine.begin() as connection:
            connection.execute(text(f"SET LOCAL lock_timeout = '{int(WAIT_S * 1000)}ms'"))
            connection.execute(select(func.pg_advisory_xact_lock(INTEGRATION_LOCK)))
            if not _any_waiting(connection):
                return 0
            _Fence(connection, self._origin).pass_through()
            return integrate(connection, self._origin, self._sign)

    def _run(self) -> None:
        while not self._closing.wait(PERIOD_S):
            try:
                self._look()
            except STORAGE_ERRORS as failure:
                _LOG.warning("database: %s", unavailable(failure).detail)
                self._vanish()
            except Unavailable as failure:
                _LOG.warning("database: %s", failure.reason)
            except Exception:
                _LOG.exception("integration failed")

    def _look(self) -> None:
        if self._present is None:
            self._appear()
        assert self._present is not None, "appearing makes a connection or raises"
        if _any_waiting(self._present):
            self.settle()

    def _appear(self) -> None:
        """Hold a shared lock for as long as this process uses the store."""
        connection = self._engine.connect().execution_options(isolation_level="AUTOCOMMIT")
        try:
            is_free = connection.execute(
                select(func.pg_try_advisory_lock_shared(PRESENCE_LOCK))
            ).scalar()
        except STORAGE_ERRORS:
            connection.close()
            raise
        if not is_free:
            connection.close()
            raise Unavailable("STORE_MOVING")
        self._present = connection

    def _vanish(self) -> None:
        if self._present is not None:
            self._present.invalidate()
            self._present.close()
            self._present = None


class _Fence(SqlBookkeeping):
    """The row that counts integrations."""

    def pass_through(self) -> None:
        """Take the next number; whoever follows waits for us, or we for whoever went before."""
        self._take(FENCE, 1)


def _any_waiting(connection: Connection) -> bool:
    waiting = select(t.log_leaf.c.leaf_id).where(t.log_leaf.c.log_index.is_(None)).limit(1)
    return connection.execute(waiting).first() is not None
