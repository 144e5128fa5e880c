"""What recovery needs of the outside: witnesses that remember, and what the store keeps of it."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from federation.log.checkpoint import Checkpoint
from federation.protocol.messages import MessageType
from federation.wire.envelope import Evidence

if TYPE_CHECKING:
    from node.domain.exchange import ExchangeKey
    from node.domain.learner import Learner
    from node.domain.lot import Lot
    from node.usecases.ports import StoredMessage


@dataclass(frozen=True, slots=True, kw_only=True)
class ListedCase:
    """What needs or needed a person.

    Attributes:
        subject: what it is about beside the exchange: a lot, a message; or empty.
        hundredths: the amount in question, or zero.
        closed_us: zero while it is open.
        note: plain words for whoever reads the list; never a learner's data.
    """

    case_id: int
    kind: str
    peer: str
    exchange_id: bytes
    subject: bytes
    hundredths: int
    opened_us: int
    closed_us: int
    note: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RefilledRow:
    """A message that came back, proven, before it is applied.

    Attributes:
        is_sent: whether it is our own.
    """

    evidence: Evidence
    peer: str
    exchange_id: bytes
    is_sent: bool
    signed_us: int


class SpendKnown(Protocol):
    """A lot that a log says was spent."""

    @property
    def nullifier(self) -> bytes: ...
    @property
    def log_index(self) -> int: ...
    @property
    def message_hash(self) -> bytes: ...


class CheckpointKnown(Protocol):
    """What a witness says it knows of a log."""

    @property
    def note(self) -> bytes: ...
    @property
    def quorum_note(self) -> bytes: ...
    @property
    def mirrored_size(self) -> int: ...
    @property
    def incarnation(self) -> int: ...


class Leaves(Protocol):
    """Leaf hashes of a range of a log, and the lots that it spends."""

    @property
    def hashes(self) -> tuple[bytes, ...]: ...
    @property
    def spends(self) -> Sequence[SpendKnown]: ...


class Witness(Protocol):
    """Whoever remembers our log; what it says is its word until it is verified."""

    def read_checkpoint(self, origin: str, *, is_patient: bool = False) -> CheckpointKnown:
        """Return what it knows; Unavailable when it does not answer, Breach when it refuses."""
        ...

    def read_leaves(self, origin: str, start: int, limit: int) -> Leaves:
        """Return at most ``limit`` leaf hashes from an index on."""
        ...


class Witnesses(Protocol):
    """Those who may remember our log."""

    def client(self, witness: str) -> Witness:
        """Return the coordinator or a province by name; Unavailable or Breach for nobody's."""
        ...


class RecoveryReading(Protocol):
    """What recovery asks of the store."""

    def fence(self, peer: str) -> int: ...
    def cases(self) -> list[ListedCase]: ...
    def stories(self, peer: str) -> Mapping[bytes, Mapping[MessageType, bytes]]: ...
    def exchange_ids(self, peer: str, after: bytes, limit: int) -> list[bytes]: ...
    def unapplied(self) -> list[StoredMessage]: ...
    def learners_named(self, name: str) -> list[Learner]: ...
    def spent_by(self, nullifiers: Collection[bytes]) -> set[bytes]: ...
    def unspent_lots(self, after: bytes, limit: int) -> list[Lot]: ...
    def held_source_exchanges(self, lot_ids: Collection[bytes]) -> list[ExchangeKey]: ...
    def opaque_ranges(self) -> list[tuple[int, int]]: ...
    def opaque_hashes(self, start: int, limit: int) -> Mapping[int, bytes]: ...


class RecoveryWriting(Protocol):
    """What recovery writes."""

    def raise_fence(self, peer: str, incarnation: int, now_us: int) -> int: ...
    def close_case(self, case_id: int, note: str, now_us: int) -> bool: ...
    def keep_refilled(self, rows: Sequence[RefilledRow], now_us: int) -> None: ...
    def log_refilled(self, leaves: Sequence[tuple[bytes, bytes]]) -> None: ...
    def extend_log(self, hashes: Sequence[bytes], checkpoint: Checkpoint, note: bytes) -> int: ...
    def hold_lots(self, lot_ids: Collection[bytes], hold: str) -> None: ...
    def forget_openings(self, digests: Collection[bytes]) -> None: ...
