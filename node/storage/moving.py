"""A node's store copied into another database, either engine to either, and compared with it."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Engine,
    String,
    Table,
    collate,
    func,
    insert,
    select,
    text,
)

from federation.base.errors import Refusal
from federation.log import tree
from federation.log.merkle import EMPTY_ROOT, leaf_hash
from federation.signing.dsse import message_hash
from node.domain.ledger import learner_account
from node.storage import tables as t
from node.storage.engines import STORAGE_ERRORS, check_durable, postgresql_engine, unavailable
from node.storage.integrator import PRESENCE_LOCK, SCHEMA_LOCK
from node.storage.opening import SQLITE
from node.storage.schema import Plan, plan, upgrade
from node.storage.sqlite import begun, sqlite_engine

BATCH = 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class Summary:
    """What a store holds, recomputed from its rows.

    Attributes:
        counts: rows by table.
        digests: SHA-256 of each table's rows in the order of their keys.
        balance_hundredths: sum of the learners' balances.
        log_size: leaves with a place.
        log_root: root recomputed from the leaves.
        faults: what the store itself does not hold together, in words.
    """

    counts: Mapping[str, int]
    digests: Mapping[str, str]
    balance_hundredths: int
    log_size: int
    log_root: str
    faults: tuple[str, ...]


@contextmanager
def at_rest(url: str, *, may_be_made: bool = False) -> Iterator[Connection]:
    """Lend a connection within a transaction to a store that no process uses.

    The transaction is committed at a good end. The schema is brought up to date first where the
    store may be made.

    Raises:
        Refusal: NODE_RUNNING while a process uses it, STORAGE when there is none.
        Unavailable: STORAGE when it does not answer.
    """
    engine = _engine(url, may_be_made)
    try:
        with engine.connect() as connection, _alone(connection):
            if may_be_made:
                upgrade(connection)
            yield connection
    except STORAGE_ERRORS as failure:
        raise unavailable(failure) from failure
    finally:
        engine.dispose()


def plan_upgrade(url: str) -> Plan:
    """Return what an upgrade of a database would do; processes may be using it."""
    engine = _engine(url, may_be_made=False)
    try:
        with engine.connect() as connection:
            return plan(connection)
    except STORAGE_ERRORS as failure:
        raise unavailable(failure) from failure
    finally:
        engine.dispose()


def check_empty(connection: Connection) -> None:
    """Check that a store has no rows.

    Raises:
        Refusal: STORE_NOT_EMPTY.
    """
    for table in t.metadata.sorted_tables:
        if connection.execute(select(table).limit(1)).first() is not None:
            raise Refusal("STORE_NOT_EMPTY", detail=table.name)


def copy_rows(
    source: Connection, target: Connection, told: Callable[[str, int], None] = lambda *_: None
) -> None:
    """Copy all tables, those that others refer to first, and tell of each with its rows."""
    for table in t.metadata.sorted_tables:
        copied = 0
        for batch in _pages(source, table):
            target.execute(insert(table), batch)
            copied += len(batch)
        _continue_numbers(target, table)
        told(table.name, copied)


def summarise(connection: Connection) -> Summary:
    """Read a store through and return what it holds."""
    counts, digests = {}, {}
    for table in t.metadata.sorted_tables:
        counts[table.name], digests[table.name] = _fingerprint(connection, table)
    size, root = _log_root(connection)
    balance = connection.execute(
        select(func.coalesce(func.sum(t.balance.c.hundredths), 0))
    ).scalar()
    faults = [*_log_faults(connection, size, root), *_balance_faults(connection)]
    faults += _message_faults(connection)
    return Summary(
        counts=counts,
        digests=digests,
        balance_hundredths=int(balance or 0),
        log_size=size,
        log_root=root.hex(),
        faults=tuple(faults),
    )


def differences(one: Summary, other: Summary) -> list[str]:
    """Name what differs between two stores, and what either does not hold together."""
    tables = [name for name in one.counts if one.digests[name] != other.digests[name]]
    found = [f"{name}: {one.counts[name]} / {other.counts[name]}" for name in tables]
    if one.balance_hundredths != other.balance_hundredths:
        found.append("balances")
    if (one.log_size, one.log_root) != (other.log_size, other.log_root):
        found.append("log")
    return [*found, *one.faults, *other.faults]


def _engine(url: str, may_be_made: bool) -> Engine:
    if not url.startswith(SQLITE):
        engine = postgresql_engine(url)
        check_durable(engine)
        return engine
    path = Path(url.removeprefix(SQLITE))
    if not may_be_made and not path.exists():
        raise Refusal("STORAGE", detail=f"no database at {path}")
    engine = sqlite_engine(path)
    with engine.connect() as connection:
        connection.exec_driver_sql("PRAGMA journal_mode=WAL")
    return engine


@contextmanager
def _alone(connection: Connection) -> Iterator[None]:
    """Begin a transaction that no other process's writing can come into."""
    if connection.dialect.name == "sqlite":
        # Its processes hold the lock of the node's directory, which the caller has.
        with begun(connection, "BEGIN IMMEDIATE"):
            yield
        return
    with connection.begin():
        for patience in ("statement_timeout", "idle_in_transaction_session_timeout"):
            connection.execute(text(f"SET LOCAL {patience} = 0"))
        is_alone = connection.execute(select(func.pg_try_advisory_xact_lock(PRESENCE_LOCK)))
        if not is_alone.scalar():
            raise Refusal("NODE_RUNNING", detail="a process uses the database")
        connection.execute(select(func.pg_advisory_xact_lock(SCHEMA_LOCK)))
        yield


def _pages(connection: Connection, table: Table) -> Iterator[list[dict[str, Any]]]:
    query = select(table).order_by(*_key(connection, table))
    found = connection.execute(query.execution_options(yield_per=BATCH))
    for page in found.partitions():
        yield [dict(row._mapping) for row in page]


def _key(connection: Connection, table: Table) -> list[ColumnElement[Any]]:
    """Return what rows are ordered by, to the byte the same on both engines."""
    is_postgresql = connection.dialect.name == "postgresql"
    return [
        collate(column, "C") if is_postgresql and isinstance(column.type, String) else column
        for column in table.primary_key.columns
    ]


def _fingerprint(connection: Connection, table: Table) -> tuple[int, str]:
    digest, count = hashlib.sha256(), 0
    for page in _pages(connection, table):
        for row in page:
            for column in table.columns:
                digest.update(_spell(row[column.name]))
            count += 1
    return count, digest.hexdigest()


def _spell(value: Any) -> bytes:
    """Return a value in a form that no other value has."""
    if value is None:
        return b"n"
    if isinstance(value, int):
        return b"i%d;" % value
    content = value.encode() if isinstance(value, str) else bytes(value)
    return b"%s%d:%s" % (b"t" if isinstance(value, str) else b"b", len(content), content)


def _continue_numbers(connection: Connection, table: Table) -> None:
    """Let PostgreSQL's own numbers go on after those that were copied."""
    column = table.autoincrement_column
    if column is None or connection.dialect.name != "postgresql":
        return
    name = func.pg_get_serial_sequence(table.name, column.name)
    last = select(func.max(column)).scalar_subquery()
    connection.execute(select(func.setval(name, func.coalesce(last, 1), last.is_not(None))))


def _log_root(connection: Connection) -> tuple[int, bytes]:
    c = t.log_leaf.c
    query = select(c.entry, c.opaque_hash).where(c.log_index.is_not(None)).order_by(c.log_index)
    found = connection.execute(query.execution_options(yield_per=BATCH))
    size, root = 0, EMPTY_ROOT
    frontier: dict[tuple[int, int], bytes] = {}
    for page in found.partitions():
        grown = tree.append(
            [row.opaque_hash or leaf_hash(row.entry) for row in page],
            first_index=size,
            nodes=frontier,
        )
        size, root, frontier = grown.size, grown.root, grown.frontier
    return size, root


def _log_faults(connection: Connection, size: int, root: bytes) -> Iterator[str]:
    newest = select(t.checkpoint).order_by(t.checkpoint.c.size.desc()).limit(1)
    row = connection.execute(newest).first()
    if (row.size, row.root) != (size, root) if row is not None else size:
        yield "log: leaves and checkpoint differ"


def _balance_faults(connection: Connection) -> Iterator[str]:
    """Recompute every learner's balance from the postings."""
    p, learners = t.posting.c, learner_account("") + "%"
    moved: dict[str, int] = {}
    for side, sign in ((p.credit, 1), (p.debit, -1)):
        sums = select(side.label("account"), func.sum(p.hundredths).label("moved"))
        for row in connection.execute(sums.where(side.like(learners)).group_by(side)):
            moved[row.account] = moved.get(row.account, 0) + sign * int(row.moved)
    for row in connection.execute(select(t.balance)):
        if moved.pop(row.account, 0) != row.hundredths:
            yield "balances: one is not the sum of its postings"
            return
    if any(moved.values()):
        yield "balances: postings without one"


def _message_faults(connection: Connection) -> Iterator[str]:
    """Recompute the hash of every message."""
    for page in _pages(connection, t.message):
        for row in page:
            if message_hash(row["type"], row["payload"]) != row["digest"]:
                yield "messages: one is not what its hash says"
                return
