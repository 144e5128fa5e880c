"""Tables of evidence files; their bytes lie beside the database."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, ForeignKey, LargeBinary, String, Table

from node.storage.metadata import metadata, serial

# Evidence files by digest; their bytes lie beside the database.
evidence_file = Table(
    "evidence_file",
    metadata,
    Column("digest", LargeBinary(32), primary_key=True),
    Column("size", BigInteger, nullable=False),
    Column("media_type", String(64), nullable=False),
    Column("added_us", BigInteger, nullable=False),
)

lot_evidence = Table(
    "lot_evidence",
    metadata,
    Column("lot_id", LargeBinary(16), ForeignKey("lot.lot_id"), primary_key=True),
    Column("digest", LargeBinary(32), ForeignKey("evidence_file.digest"), primary_key=True),
)

# Files that an exchange names: ours to serve, or the peer's that we may fetch.
exchange_evidence = Table(
    "exchange_evidence",
    metadata,
    Column("peer", String(8), primary_key=True),
    Column("exchange_id", LargeBinary(16), primary_key=True),
    Column("digest", LargeBinary(32), primary_key=True),
    Column("lot_id", LargeBinary(16), nullable=False),
    Column("size", BigInteger, nullable=False),
    Column("media_type", String(64), nullable=False),
)

# Who was shown which file, and how much of it.
evidence_reading = Table(
    "evidence_reading",
    metadata,
    Column("reading_id", serial, primary_key=True, autoincrement=True),
    Column("peer", String(8), nullable=False),
    Column("exchange_id", LargeBinary(16), nullable=False),
    Column("digest", LargeBinary(32), nullable=False),
    Column("first_byte", BigInteger, nullable=False),
    Column("bytes_sent", BigInteger, nullable=False),
    Column("read_us", BigInteger, nullable=False),
)
