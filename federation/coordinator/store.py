"""The coordinator's database: published files, invitations, applications, drafts.

Published files are only ever added. Everything that must change together changes in one
``BEGIN IMMEDIATE`` transaction, so the running server and the command line may share the file.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any

import pysqlite3.dbapi2
from sqlalchemy import (
    BigInteger,
    Column,
    Connection,
    Engine,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    create_engine,
    event,
    insert,
    select,
    update,
)

from federation.coordinator.mirrors import MirrorBooks, mirror_tables

_tables = MetaData()
_registry_file = Table(
    "registry_file",
    _tables,
    Column("name", String, primary_key=True),
    Column("role", String, nullable=False, index=True),
    Column("version", Integer, nullable=False),
    Column("content", LargeBinary, nullable=False),
)
_invitation = Table(
    "invitation",
    _tables,
    Column("token_hash", LargeBinary, primary_key=True),
    Column("province", String, nullable=False),
    Column("expires_us", BigInteger, nullable=False),
    Column("used_us", BigInteger),
)
_application = Table(
    "application",
    _tables,
    Column("token_hash", LargeBinary, primary_key=True),
    Column("province", String, nullable=False, index=True),
    Column("document", LargeBinary, nullable=False),
    Column("state", String, nullable=False),
    Column("received_us", BigInteger, nullable=False),
)
_draft = Table(
    "draft",
    _tables,
    Column("role", String, primary_key=True),
    Column("version", Integer, primary_key=True),
    Column("content", LargeBinary, nullable=False),
)


@dataclass(frozen=True, slots=True)
class StoredFile:
    """A published file."""

    name: str
    version: int
    content: bytes


@dataclass(frozen=True, slots=True)
class StoredInvitation:
    """An invitation; the token itself is not kept."""

    token_hash: bytes
    province: str
    expires_us: int
    used_us: int | None


@dataclass(frozen=True, slots=True)
class StoredApplication:
    """An application; its state is PENDING, APPROVED or REJECTED."""

    token_hash: bytes
    province: str
    document: bytes
    state: str
    received_us: int


class Books(MirrorBooks):
    """What can be read and written inside one transaction."""

    def add_file(self, name: str, role: str, version: int, content: bytes) -> None:
        """Publish a file under a name that was never used before."""
        self._connection.execute(
            insert(_registry_file).values(name=name, role=role, version=version, content=content)
        )

    def find_file(self, name: str) -> bytes | None:
        """Return a published file."""
        found = self._connection.execute(
            select(_registry_file.c.content).where(_registry_file.c.name == name)
        )
        return found.scalar_one_or_none()

    def newest(self, role: str) -> StoredFile | None:
        """Return the newest published version of a role."""
        return next(iter(self.versions(role, newest_only=True)), None)

    def versions(self, role: str, *, newest_only: bool = False) -> list[StoredFile]:
        """Return the published versions of a role, newest first."""
        columns = (_registry_file.c.name, _registry_file.c.version, _registry_file.c.content)
        wanted = select(*columns).where(_registry_file.c.role == role)
        wanted = wanted.order_by(_registry_file.c.version.desc())
        rows = self._connection.execute(wanted.limit(1) if newest_only else wanted)
        return [StoredFile(*row) for row in rows]

    def roles(self) -> set[str]:
        """Return every role of which a version was published."""
        return set(self._connection.execute(select(_registry_file.c.role).distinct()).scalars())

    def add_invitation(self, invitation: StoredInvitation) -> None:
        """Remember an invitation."""
        self._connection.execute(
            insert(_invitation).values(
                token_hash=invitation.token_hash,
                province=invitation.province,
                expires_us=invitation.expires_us,
                used_us=invitation.used_us,
            )
        )

    def find_invitation(self, token_hash: bytes) -> StoredInvitation | None:
        """Return the invitation whose token has this hash."""
        row = self._connection.execute(
            select(_invitation).where(_invitation.c.token_hash == token_hash)
        ).one_or_none()
        return None if row is None else StoredInvitation(**row._mapping)

    def invitations(self) -> list[StoredInvitation]:
        """Return all invitations, by province and end."""
        wanted = select(_invitation).order_by(_invitation.c.province, _invitation.c.expires_us)
        return [StoredInvitation(**row._mapping) for row in self._connection.execute(wanted)]

    def use_invitation(self, application: StoredApplication) -> None:
        """Store an application and use up its invitation."""
        self._connection.execute(
            insert(_application).values(
                token_hash=application.token_hash,
                province=application.province,
                document=application.document,
                state=application.state,
                received_us=application.received_us,
            )
        )
        self._connection.execute(
            update(_invitation)
            .where(_invitation.c.token_hash == application.token_hash)
            .values(used_us=application.received_us)
        )

    def find_application(self, token_hash: bytes) -> StoredApplication | None:
        """Return the application that was made with a token of this hash."""
        row = self._connection.execute(
            select(_application).where(_application.c.token_hash == token_hash)
        ).one_or_none()
        return None if row is None else StoredApplication(**row._mapping)

    def applications(self) -> list[StoredApplication]:
        """Return all applications, oldest first."""
        wanted = select(_application).order_by(_application.c.received_us)
        return [StoredApplication(**row._mapping) for row in self._connection.execute(wanted)]

    def set_state(self, application: StoredApplication, state: str) -> None:
        """Decide on an application."""
        self._connection.execute(
            update(_application)
            .where(_application.c.token_hash == application.token_hash)
            .values(state=state)
        )

    def put_draft(self, role: str, version: int, content: bytes) -> None:
        """Keep a draft in place of the one for the same version, if any."""
        changed = self._connection.execute(
            update(_draft)
            .where(_draft.c.role == role, _draft.c.version == version)
            .values(content=content)
        )
        if changed.rowcount == 0:
            self._connection.execute(
                insert(_draft).values(role=role, version=version, content=content)
            )

    def find_draft(self, role: str, version: int) -> bytes | None:
        """Return the draft for a version of a role."""
        found = self._connection.execute(
            select(_draft.c.content).where(_draft.c.role == role, _draft.c.version == version)
        )
        return found.scalar_one_or_none()


class Store:
    """The database file."""

    def __init__(self, path: Path) -> None:
        self._engine = _open_engine(path)
        _tables.create_all(self._engine)
        mirror_tables.create_all(self._engine)

    @contextmanager
    def writing(self) -> Iterator[Books]:
        """Open a transaction that may write; it commits unless an error leaves it."""
        with self._engine.begin() as connection:
            yield Books(connection)

    @contextmanager
    def reading(self) -> Iterator[Books]:
        """Open a transaction that only reads, and never waits for a writer."""
        with self._engine.connect().execution_options(creditbank_reads=True) as connection:
            yield Books(connection)

    def close(self) -> None:
        """Close all connections."""
        self._engine.dispose()

    def __enter__(self) -> Store:
        """Return the store."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        fault: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Close the store."""
        self.close()


def _open_engine(path: Path) -> Engine:
    engine = create_engine(f"sqlite:///{path}", module=pysqlite3.dbapi2)

    @event.listens_for(engine, "connect")
    def _configure(connection: Any, _record: Any) -> None:
        # The driver must not open transactions by itself: it would do so deferred.
        connection.isolation_level = None
        for setting in ("journal_mode=WAL", "synchronous=FULL", "busy_timeout=10000"):
            connection.execute(f"PRAGMA {setting}")

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        is_reading = connection.get_execution_options().get("creditbank_reads", False)
        connection.exec_driver_sql("BEGIN" if is_reading else "BEGIN IMMEDIATE")

    return engine
