"""Backups of a province's store, and those who remember its log meanwhile.

A backup is every row of every table, taken and put back on either engine. The coordinator mirrors
a log up to where it last followed it; another province remembers what it holds a signature for.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import delete, insert, select

from federation.base.errors import Unavailable
from federation.log.cosignature import COORDINATOR
from federation.log.merkle import leaf_hash
from federation.v1.envelope_pb2 import LogEntry
from federation.wire import strict
from federation.wire.entries import origin_of
from node.storage.metadata import metadata
from tests.node.province import Province
from tests.node.published import publish_rule
from tests.node.rule_documents import DOCUMENT, ENTRY, spelled
from tests.node.two_provinces import TwoProvinces
from tests.raw_sql import engine_of

Backup = Mapping[str, list[dict[str, Any]]]


def back_up(one: Province) -> Backup:
    """Return every row of a province's store."""
    engine = engine_of(one.database)
    with engine.connect() as connection:
        taken = {
            table.name: [dict(row._mapping) for row in connection.execute(select(table))]
            for table in metadata.sorted_tables
        }
    engine.dispose()
    return taken


def restore(one: Province, backup: Backup) -> None:
    """Stop a province, put a backup in the place of its store, and start it."""
    one.close()
    engine = engine_of(one.database)
    with engine.connect() as connection:
        for table in reversed(metadata.sorted_tables):
            connection.execute(delete(table))
        for table in metadata.sorted_tables:
            if backup[table.name]:
                connection.execute(insert(table), backup[table.name])
    engine.dispose()
    one.open()


@dataclass(frozen=True)
class Known:
    """What a witness says it knows."""

    note: bytes = b""
    quorum_note: bytes = b""
    mirrored_size: int = 0
    incarnation: int = 0


@dataclass(frozen=True)
class Spent:
    """A spend as a witness keeps it."""

    nullifier: bytes
    log_index: int
    message_hash: bytes


@dataclass(frozen=True)
class Page:
    """Leaves as a witness returns them."""

    hashes: tuple[bytes, ...] = ()
    spends: tuple[Spent, ...] = ()


@dataclass
class Mirror:
    """The coordinator as a witness: it has a log as far as it followed it."""

    notes: dict[str, bytes] = field(default_factory=dict)
    entries: dict[str, list[bytes]] = field(default_factory=dict)
    is_away: bool = False

    def follow(self, one: Province) -> None:
        """Take over a province's log as it is now."""
        state = one.store.read(lambda reading: reading.log_state())
        kept = self.entries.setdefault(origin_of(one.name), [])
        kept += one.store.read(
            lambda reading: reading.log_entries(len(kept), state.checkpoint.size - len(kept))
        )
        self.notes[origin_of(one.name)] = state.note

    def read_checkpoint(self, origin: str, *, is_patient: bool = False) -> Known:
        if self.is_away:
            raise Unavailable("COORDINATOR_UNREACHABLE")
        return Known(
            note=self.notes.get(origin, b""), mirrored_size=len(self.entries.get(origin, []))
        )

    def read_leaves(self, origin: str, start: int, limit: int) -> Page:
        if self.is_away:
            raise Unavailable("COORDINATOR_UNREACHABLE")
        page = self.entries.get(origin, [])[start : start + limit]
        read = [(start + at, strict.parse(LogEntry, one)) for at, one in enumerate(page)]
        spends = [
            Spent(mark, index, entry.message_hash)
            for index, entry in read
            for mark in entry.nullifiers
        ]
        return Page(tuple(leaf_hash(one) for one in page), tuple(spends))


@dataclass
class Remembering:
    """Another province as a witness, by its own witnessing."""

    other: Province
    is_away: bool = False
    is_forgetful: bool = False

    def read_checkpoint(self, origin: str, *, is_patient: bool = False) -> Known:
        if self.is_away:
            raise Unavailable("UNREACHABLE")
        if self.is_forgetful:
            return Known()
        known = self.other.witnessing.read_checkpoint(origin)
        return Known(known.note, known.quorum_note, known.mirrored_size, known.incarnation)

    def read_leaves(self, origin: str, start: int, limit: int) -> Page:
        hashes, spends = self.other.witnessing.read_leaves(origin, start, limit)
        return Page(
            tuple(hashes),
            tuple(Spent(one.nullifier, one.log_index, one.message_hash) for one in spends),
        )


@dataclass
class Rememberers:
    """Those whom a province asks what they know of it."""

    mirror: Mirror
    others: dict[str, Remembering]

    def client(self, witness: str) -> Mirror | Remembering:
        return self.mirror if witness == COORDINATOR else self.others[witness]


@dataclass
class Watched:
    """Two provinces whose logs are remembered by a coordinator and by each other."""

    two: TwoProvinces
    mirror: Mirror = field(default_factory=Mirror)

    def __post_init__(self) -> None:
        for one, other in (self.two.both, self.two.both[::-1]):
            one.rememberers = Rememberers(self.mirror, {other.name: Remembering(other)})
            one.crash()
            assert one.recovery.advance()

    def follow(self) -> None:
        """Let the coordinator follow both logs."""
        for one in self.two.both:
            self.mirror.follow(one)

    def witness(self, asking: Province, asked: Province) -> Remembering:
        """Return a province as the other one's witness."""
        assert isinstance(asking.rememberers, Rememberers)
        return asking.rememberers.others[asked.name]


def count_onward(two: TwoProvinces) -> None:
    """Let what a transfer brought count on the way on, too."""
    for one in two.both:
        entries = [ENTRY | {"code": "CS-*"}, ENTRY | {"id": "e2", "code": "GD-1"}]
        document = DOCUMENT | {"rule": f"{one.name}/general", "version": 2}
        publish_rule(one.office, spelled(document | {"equivalences": entries}))
