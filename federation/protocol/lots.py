"""What messages say of lots: wanted, granted together, committed."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class WantedLot:
    """A lot that the learner wants to count elsewhere."""

    lot_id: bytes
    amount_hundredths: int


@dataclass(frozen=True, slots=True, kw_only=True)
class TargetGrant:
    """What a group counts as."""

    target: str
    granted_hundredths: int


@dataclass(frozen=True, slots=True, kw_only=True)
class LotGroup:
    """Accepted lots that satisfy one entry together."""

    entry: str
    lot_ids: tuple[bytes, ...]
    grants: tuple[TargetGrant, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class CommittedLot:
    """A lot that leaves its source."""

    lot_id: bytes
    amount_hundredths: int
    granted_hundredths: int
    nullifier: bytes
