"""Questions about evidence files, within one transaction of a connection."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Collection, Mapping
from typing import Any

from sqlalchemy import Connection, Row, Select, select, union

from node.domain.exchange import Exchange, ExchangeKey
from node.domain.files import NamedFile
from node.storage import tables as t


class SqlEvidence(ABC):
    """Which files belong to which lots and exchanges."""

    _connection: Connection

    def lot_files(self, lot_ids: Collection[bytes]) -> list[NamedFile]:
        """Return the files attached to lots."""
        f, of = t.evidence_file.c, t.lot_evidence.c
        query = (
            select(of.lot_id, f.digest, f.size, f.media_type)
            .join(t.evidence_file, f.digest == of.digest)
            .where(of.lot_id.in_(list(lot_ids)))
            .order_by(of.lot_id, f.added_us, f.digest)
        )
        return [_named(row) for row in self._fetched(query)]

    def exchange_files(self, key: ExchangeKey) -> list[NamedFile]:
        """Return the files that an exchange names."""
        c = t.exchange_evidence.c
        query = select(t.exchange_evidence).where(c.peer == key[0], c.exchange_id == key[1])
        return [_named(row) for row in self._fetched(query.order_by(c.lot_id, c.digest))]

    def wanted_files(self) -> set[bytes]:
        """Return the digests of all files that a lot, an exchange or an outcome names."""
        named = union(
            select(t.lot_evidence.c.digest),
            select(t.exchange_evidence.c.digest),
            select(t.accreditation_tables.outcome_file.c.digest),
        )
        return {row.digest for row in self._connection.execute(named).all()}

    def evidence_readings(self, key: ExchangeKey) -> list[tuple[bytes, int, int, int]]:
        """Return who read what of an exchange: digest, first byte, bytes sent, when."""
        c = t.evidence_reading.c
        query = select(c.digest, c.first_byte, c.bytes_sent, c.read_us)
        found = self._fetched(
            query.where(c.peer == key[0], c.exchange_id == key[1]).order_by(c.reading_id)
        )
        return [(row.digest, row.first_byte, row.bytes_sent, row.read_us) for row in found]

    def relating(self, peer: str, relates_to: bytes) -> list[Exchange]:
        """Return the exchanges with a peer that cite another one."""
        c = t.exchange.c
        query = select(c.peer, c.exchange_id).where(c.peer == peer, c.relates_to == relates_to)
        keys = [(row.peer, row.exchange_id) for row in self._fetched(query)]
        return list(self.exchanges(keys).values())

    @abstractmethod
    def exchanges(self, keys: Collection[ExchangeKey]) -> Mapping[ExchangeKey, Exchange]:
        """Return the exchanges under these keys."""

    def _fetched(self, query: Select[Any]) -> list[Row[Any]]:
        return list(self._connection.execute(query).all())


def _named(row: Row[Any]) -> NamedFile:
    return NamedFile(
        lot_id=row.lot_id, digest=row.digest, size_bytes=row.size, media_type=row.media_type
    )
