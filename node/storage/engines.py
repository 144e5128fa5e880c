"""PostgreSQL connections: how they are made, what a server must promise, what its errors mean."""

from __future__ import annotations

from sqlalchemy import Engine, create_engine, make_url, text
from sqlalchemy.exc import DBAPIError, SQLAlchemyError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from federation.base.errors import Refusal, Unavailable

STORAGE_RETRY_MS = 1000
_POOL = 8
# Serialisation failure, deadlock, a key that another transaction took meanwhile.
_AGAIN = frozenset({"40001", "40P01", "23505"})
_LOCK_TIMEOUT = "55P03"
# A process that stands still must not keep its locks for ever, nor must others wait for it longer
# than their callers do; a dead server must be noticed.
_OPTIONS = "-c idle_in_transaction_session_timeout=60s -c statement_timeout=60s -c lock_timeout=10s"
_CONNECT = {
    "connect_timeout": 5,
    "application_name": "creditbank",
    "keepalives_idle": 10,
    "keepalives_interval": 5,
    "keepalives_count": 3,
    "tcp_user_timeout": 20_000,
}

STORAGE_ERRORS = (DBAPIError, PoolTimeout)


class Conflict(Exception):
    """The state changed since it was read; the whole transaction is to be run again."""


def postgresql_engine(address: str) -> Engine:
    """Return connections to a database; what the address itself says of them counts first."""
    url = make_url(address).set(drivername="postgresql+psycopg")
    own = {"options": _OPTIONS, **_CONNECT}
    return create_engine(
        url.update_query_dict(
            {key: str(value) for key, value in own.items() if key not in url.query}
        ),
        isolation_level="READ COMMITTED",
        pool_size=_POOL,
        max_overflow=_POOL,
        pool_timeout=10,
        pool_recycle=1800,
    )


def check_durable(engine: Engine) -> None:
    """Check that what the server acknowledges outlives a power cut.

    Raises:
        Refusal: STORAGE when fsync or synchronous_commit is off.
        Unavailable: STORAGE when the server does not answer.
    """
    try:
        with engine.connect() as connection:
            settings = {
                name: str(connection.execute(text(f"SHOW {name}")).scalar_one())
                for name in ("fsync", "synchronous_commit", "full_page_writes")
            }
    except STORAGE_ERRORS as failure:
        raise unavailable(failure) from failure
    loose = [name for name, value in settings.items() if value == "off"]
    if loose:
        raise Refusal("STORAGE", detail=f"PostgreSQL may lose commits: {', '.join(loose)} is off")


def may_run_again(failure: BaseException) -> bool:
    """Tell whether the whole transaction, run again from its start, may succeed.

    A connection that broke before COMMIT was sent left nothing behind.
    """
    if not isinstance(failure, DBAPIError):
        return False
    return failure.connection_invalidated or _state(failure) in _AGAIN


def is_lock_timeout(failure: DBAPIError) -> bool:
    """Tell whether a lock was not to be had in time."""
    return _state(failure) == _LOCK_TIMEOUT


def unavailable(failure: SQLAlchemyError) -> Unavailable:
    """Return what the rest of the node is told; never a statement, which may hold values."""
    original = getattr(failure, "orig", None) or failure
    state = _state(failure) if isinstance(failure, DBAPIError) else ""
    detail = f"{type(original).__name__} {state}".rstrip()
    reason = "RETRY" if state == _LOCK_TIMEOUT else "STORAGE"
    return Unavailable(reason, detail=detail, retry_after_ms=STORAGE_RETRY_MS)


def _state(failure: DBAPIError) -> str:
    return getattr(failure.orig, "sqlstate", None) or ""
