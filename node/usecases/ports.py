"""What the use cases need of the outside: a store, the registry, and peers.

Reads and writes are in sets: a transaction loads all that a batch of messages touches, decides in
memory, and writes all that follows at once.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol, TypeVar

from federation.log.checkpoint import Checkpoint
from federation.log.witness import Advance, Known, Spend
from federation.protocol.lots import CommittedLot
from federation.trust.members import Member
from federation.trust.registry import RegistryView
from federation.wire.delivery import DeliveryOutcome
from federation.wire.envelope import Batch, Evidence
from node.domain.cap_book import CapBook
from node.domain.cases import OpenCase
from node.domain.changes import Changes, InboxKey, InboxRow
from node.domain.exchange import Exchange, ExchangeKey, Role
from node.domain.files import NamedFile
from node.domain.learner import Learner, TransferCode
from node.domain.lot import Lot
from node.domain.statistics import Tally
from node.domain.witnessing import Doubted, KeptMisconduct, NewestSeal, WitnessedSize
from node.usecases.accreditation_ports import AccreditationReading, AccreditationWriting
from node.usecases.enrolment_ports import EnrolmentReading, EnrolmentWriting
from node.usecases.open_data_ports import OpenDataReading
from node.usecases.precedent_ports import PrecedentReading
from node.usecases.publication_ports import PublicationReading, PublicationWriting
from node.usecases.recovery_ports import RecoveryReading, RecoveryWriting
from node.usecases.review_ports import ReviewReading, ReviewWriting
from node.usecases.shanghai_ports import ShanghaiReading, ShanghaiWriting

Result = TypeVar("Result")
# A peer, and on which side of an exchange with it this node stands.
Side = tuple[str, Role]


@dataclass(frozen=True, slots=True, kw_only=True)
class LogState:
    """The log as integrated so far; ``note`` is empty before the first checkpoint."""

    checkpoint: Checkpoint
    note: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredMessage:
    """A message as stored, sent or received.

    Attributes:
        is_erased: whether its openings were erased here.
        evidence: absent while a sent message is not yet sealed.
        log_index: place in the sender's log; -1 while not integrated.
    """

    digest: bytes
    type: str
    payload: bytes
    openings: bytes
    peer: str
    exchange_id: bytes
    is_sent: bool
    is_erased: bool
    log_index: int
    evidence: Evidence | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ReceivedVote:
    """A VOTE that was counted on an application begun here, with what came beside it."""

    reference: str
    peer: str
    exchange_id: bytes
    payload: bytes
    openings: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """A message in the outbox."""

    digest: bytes
    peer: str
    exchange_id: bytes
    type: str
    attempts: int
    due_us: int


@dataclass(frozen=True, slots=True, kw_only=True)
class PeerLag:
    """What waits for a peer.

    Attributes:
        oldest_us: when the oldest waiting message was made.
        oldest_type: its type.
        oldest_exchange: its exchange.
        first_failure_us: since when delivery fails; 0 when it does not.
        failure: why the message fails that fails the longest.
        next_attempt_us: when the next message is due.
    """

    peer: str
    waiting: int
    oldest_us: int
    oldest_type: str
    oldest_exchange: bytes
    first_failure_us: int
    failure: str
    next_attempt_us: int


@dataclass(frozen=True, slots=True, kw_only=True)
class PairBooked:
    """An exchange as the ledger has it for one ordered pair."""

    exchange_id: bytes
    source_hundredths: int
    granted_hundredths: int


@dataclass(frozen=True, slots=True, kw_only=True)
class RejectedRow:
    """A row of an import that was not taken."""

    source: str
    line: int
    reference: str
    reason: str


class MirrorReading(Protocol):
    """What can be asked about logs, witnesses, proofs and cases."""

    def known_log(self, origin: str) -> Known: ...
    def known_logs(self) -> list[Known]: ...
    def mirrored_hashes(self, origin: str, start: int, limit: int) -> list[bytes]: ...
    def spends_of(self, origin: str, nullifiers: Collection[bytes]) -> list[Spend]: ...
    def spends_in(self, origin: str, start: int, end: int) -> list[Spend]: ...
    def newest_seal(self, peer: str) -> NewestSeal | None: ...
    def fenced_incarnation(self, peer: str) -> int: ...
    def witnessed(self) -> WitnessedSize: ...
    def has_witnessable(self) -> bool: ...
    def doubted(self, peer: str = "") -> list[Doubted]: ...
    def credited_by(self, peer: str, commits: Collection[bytes]) -> list[Doubted]: ...
    def lots_brought_by(self, commit: bytes) -> list[bytes]: ...
    def unwitnessed_origins(self, origins: Collection[bytes]) -> set[bytes]: ...
    def witnessed_counts(self) -> Mapping[str, int]: ...
    def misconducts(self) -> list[KeptMisconduct]: ...
    def contradicted(self, after: int, limit: int) -> list[tuple[int, bytes, Evidence]]: ...
    def open_cases(self) -> list[OpenCase]: ...


class Reading(
    MirrorReading,
    RecoveryReading,
    PublicationReading,
    AccreditationReading,
    ReviewReading,
    OpenDataReading,
    ShanghaiReading,
    PrecedentReading,
    EnrolmentReading,
    Protocol,
):
    """What can be asked of the store."""

    def inbox(self, keys: Collection[InboxKey]) -> Mapping[InboxKey, InboxRow]: ...
    def exchanges(self, keys: Collection[ExchangeKey]) -> Mapping[ExchangeKey, Exchange]: ...
    def exchanges_by_reference(self, references: Collection[str]) -> Mapping[str, Exchange]: ...
    def votes_received(self, references: Collection[str]) -> list[ReceivedVote]: ...
    def list_exchanges(
        self, *, references: Sequence[str], states: Sequence[int], after: int, limit: int
    ) -> list[tuple[int, Exchange]]: ...
    def lapsed(self, now_us: int, limit: int) -> list[Exchange]: ...
    def silent(
        self, states: Sequence[int], after: int, before_us: int, limit: int
    ) -> list[tuple[int, Exchange]]: ...
    def open_exchanges(self, account: str) -> int: ...
    def open_with(
        self, sides: Collection[Side], tombstones_since_us: int
    ) -> Mapping[Side, int]: ...
    def moved(
        self, claims: Collection[tuple[str, Side]], since_us: int, until_us: int
    ) -> Mapping[tuple[str, Side], int]: ...
    def tallies(self, since_us: int, until_us: int) -> list[Tally]: ...
    def lots(self, lot_ids: Collection[bytes]) -> Mapping[bytes, Lot]: ...
    def lots_brought(self, account: str, origin: bytes) -> list[bytes]: ...
    def peek_lot(self, lot_id: bytes) -> Lot | None: ...
    def lot_files(self, lot_ids: Collection[bytes]) -> list[NamedFile]: ...
    def exchange_files(self, key: ExchangeKey) -> list[NamedFile]: ...
    def relating(self, peer: str, relates_to: bytes) -> list[Exchange]: ...
    def wanted_files(self) -> set[bytes]: ...
    def evidence_readings(self, key: ExchangeKey) -> list[tuple[bytes, int, int, int]]: ...
    def lots_of(self, account: str) -> list[Lot]: ...
    def cap_books(self, accounts: Collection[str]) -> Mapping[str, CapBook]: ...
    def balance(self, account: str) -> int: ...
    def learners(self, accounts: Collection[str]) -> Mapping[str, Learner]: ...
    def learners_by_reference(
        self, source: str, references: Collection[str]
    ) -> Mapping[str, Learner]: ...
    def learners_by_index(self, indexes: Collection[bytes]) -> Mapping[bytes, Learner]: ...
    def codes(self, digests: Collection[bytes]) -> Mapping[bytes, TransferCode]: ...
    def codes_by_reference(self, references: Collection[str]) -> Mapping[str, TransferCode]: ...
    def deposited(self, source: str, references: Collection[str]) -> set[str]: ...
    def deposit_progress(self, source: str) -> tuple[int, int]: ...
    def rejected_rows(self, source: str) -> list[RejectedRow]: ...
    def messages(self, digests: Collection[bytes]) -> Mapping[bytes, StoredMessage]: ...
    def messages_of(self, keys: Collection[ExchangeKey]) -> list[StoredMessage]: ...
    def due(self, peer: str, now_us: int, limit: int) -> list[Waiting]: ...
    def next_due_us(self) -> Mapping[str, int]: ...
    def lags(self) -> list[PeerLag]: ...
    def is_failing(self, peer: str) -> bool: ...
    def credited(self, source: str, lots: Collection[CommittedLot]) -> set[bytes]: ...
    def log_state(self) -> LogState: ...
    def log_places(self, subjects: Collection[bytes]) -> Mapping[bytes, int]: ...
    def log_nodes(
        self, addresses: Iterable[tuple[int, int]]
    ) -> Mapping[tuple[int, int], bytes]: ...
    def log_entries(self, start: int, limit: int) -> list[bytes]: ...
    def pair_booked(self, account: str, own_unit: str) -> list[PairBooked]: ...
    def exchange_counts(self) -> Mapping[str, int]: ...
    def deposit_count(self) -> int: ...
    def registry_files(self) -> Mapping[str, bytes] | None: ...
    def registry_mark(self) -> bytes | None: ...
    def fact(self, name: str) -> str | None: ...


class Transaction(
    Reading,
    RecoveryWriting,
    PublicationWriting,
    AccreditationWriting,
    ReviewWriting,
    ShanghaiWriting,
    EnrolmentWriting,
    Protocol,
):
    """A transaction: what it reads holds until it ends, and what it writes is all or nothing."""

    def apply(self, changes: Changes, *, is_recovering: bool = False) -> None: ...
    def take_serials(self, count: int) -> int: ...
    def record_seals(self, batch: Batch, unsealed: Collection[bytes]) -> None: ...
    def reschedule(
        self, digests: Collection[bytes], *, due_us: int, failure: str, now_us: int
    ) -> None: ...
    def make_due(self, peer: str, now_us: int) -> int: ...
    def forget_waiting(self, digests: Collection[bytes]) -> None: ...
    def record_rejected(self, rows: Sequence[RejectedRow]) -> None: ...
    def record_progress(self, source: str, line: int) -> None: ...
    def keep_registry(self, version: int, files: Mapping[str, bytes]) -> None: ...
    def set_fact(self, name: str, value: str) -> None: ...
    def erase(self, account: str, now_us: int) -> int: ...
    def extend_mirror(self, step: Advance, now_us: int) -> None: ...
    def keep_quorum(self, known: Known, now_us: int) -> None: ...
    def keep_witnessed(self, newest: WitnessedSize) -> int: ...
    def mark_witnessed(self, now_us: int) -> int: ...
    def keep_misconduct(self, found: KeptMisconduct) -> bool: ...
    def open_cases_for(self, cases: Sequence[OpenCase]) -> None: ...
    def attach_file(self, file: NamedFile, now_us: int) -> None: ...
    def log_reading(
        self, key: ExchangeKey, digest: bytes, *, first: int, sent: int, now_us: int
    ) -> None: ...


class Store(Protocol):
    """The node's durable memory."""

    def transact(self, work: Callable[[Transaction], Result]) -> Result:
        """Run work in one durable transaction; it may be run again from its start."""
        ...

    def read(self, work: Callable[[Reading], Result]) -> Result:
        """Run work on one consistent state without writing."""
        ...

    def scrub(self) -> None:
        """Leave nothing that was erased in files beside the database, as far as can be done now."""
        ...

    def take_due(self, peer: str, now_us: int, limit: int) -> list[Waiting]:
        """Take integrated messages due for a peer; while they are under way nobody else does."""
        ...

    def settle(self) -> None:
        """Integrate what was logged while this process was held."""
        ...

    def close(self) -> None:
        """Finish what waits and let go of the database."""
        ...


class Registry(Protocol):
    """The registry as verified last."""

    def view(self) -> RegistryView:
        """Return it; Unavailable REGISTRY_MISSING before the first."""
        ...

    def want_refresh(self) -> None:
        """Ask for a refresh soon, because a peer knows a newer one."""
        ...


class Peers(Protocol):
    """Delivery to other provinces."""

    def deliver(self, batch: Batch, member: Member, *, is_patient: bool = False) -> DeliveryOutcome:
        """Send a batch; Unavailable or Breach when it failed as a whole."""
        ...


class WitnessCalls(Protocol):
    """Calls to the witnesses of logs, by province or ``coordinator``."""

    def add_checkpoint(
        self,
        witness: str,
        note: bytes,
        *,
        old_size: int,
        proof: Sequence[bytes],
        entries: Sequence[bytes],
        quorum_note: bytes,
    ) -> tuple[Sequence[bytes], int]:
        """Submit a checkpoint; return cosignature lines and the size known now."""
        ...

    def read_checkpoint(self, witness: str, origin: str) -> tuple[bytes, int]:
        """Return the newest note that a witness knows of a log, and how much it mirrors."""
        ...

    def read_hashes(self, witness: str, origin: str, start: int, limit: int) -> Sequence[bytes]:
        """Return leaf hashes as a witness mirrors them."""
        ...


__all__ = [
    "LogState",
    "MirrorReading",
    "PairBooked",
    "PeerLag",
    "Peers",
    "Reading",
    "ReceivedVote",
    "Registry",
    "RejectedRow",
    "Result",
    "Side",
    "Store",
    "StoredMessage",
    "Transaction",
    "Waiting",
    "WitnessCalls",
]
