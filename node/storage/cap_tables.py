"""The table of what counts already: one row for each use of a lot for a target."""

from __future__ import annotations

from sqlalchemy import BigInteger, CheckConstraint, Column, String, Table, Text

from node.storage.metadata import metadata

# ``claim`` names the decision by peer and exchange; ``lot`` the lot by province and identifier.
cap_use = Table(
    "cap_use",
    metadata,
    Column("account", String(20), primary_key=True),
    Column("claim", String(48), primary_key=True),
    Column("part", String(160), primary_key=True),
    Column("lot", String(48), primary_key=True),
    Column("target", String(128), primary_key=True),
    Column("hundredths", BigInteger, nullable=False),
    Column("earlier_hundredths", BigInteger, nullable=False),
    Column("state", String(12), nullable=False),
    # When a promise ends by itself; 0 for never.
    Column("until_us", BigInteger, nullable=False),
    # What the caps ask of a lot and of the decision, as one JSON object.
    Column("facts", Text, nullable=False),
    CheckConstraint("state in ('RESERVED', 'CONSUMED')", name="cap_use_state"),
)
