"""A province's whole log as exported: entries read, root recomputed, signature checked."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from federation.base.errors import Breach
from federation.evidence.examiner import Examiner
from federation.evidence.packing import unpack
from federation.evidence.transcript import ORDER
from federation.log import tree
from federation.log.checkpoint import Checkpoint
from federation.log.merkle import HASH_SIZE, leaf_hash
from federation.protocol.messages import MessageType
from federation.trust.members import Member
from federation.v1.envelope_pb2 import LogEntry
from federation.wire import strict
from federation.wire.entries import DOCUMENT_TYPES, exported_leaf

_KINDS = {kind.value: kind for kind in ORDER}


@dataclass(frozen=True, slots=True)
class Entry:
    """One log entry: of a message, a document, a deposit or a recovery; or of what was lost.

    Attributes:
        kind: of a message; a document has none.
    """

    message_hash: bytes
    kind: MessageType | None
    nullifiers: tuple[bytes, ...]
    deposit_commitment: bytes
    origin: bytes
    recovery: bytes = b""
    lost: bytes = b""


@dataclass(frozen=True, slots=True)
class Logbook:
    """A log whose entries are those under its owner's signed checkpoint.

    Attributes:
        encoded: the entries as logged.
        entries: the same, read.
        checkpoint: signed over exactly these entries.
        nodes: the tree.
    """

    province: str
    encoded: tuple[bytes, ...]
    entries: tuple[Entry, ...]
    checkpoint: Checkpoint
    nodes: Mapping[tree.Address, bytes]

    @property
    def outcomes(self) -> int:
        """Number of deposits that no transfer brought."""
        return sum(1 for one in self.entries if one.deposit_commitment and not one.origin)

    @property
    def lost(self) -> int:
        """Number of entries whose contents were lost with the owner's disk."""
        return sum(1 for one in self.entries if one.lost)

    @property
    def is_loss_declared(self) -> bool:
        """Whether a RECOVERY entry stands after everything that was lost."""
        marks = [at for at, one in enumerate(self.entries) if one.lost]
        said = [at for at, one in enumerate(self.entries) if one.recovery]
        return not marks or bool(said and said[-1] > marks[-1])

    def has_at(self, index: int, encoded: bytes) -> bool:
        """Tell whether this entry stands at this place, or did before its content was lost."""
        if index >= len(self.encoded):
            return False
        lost = self.entries[index].lost
        return lost == leaf_hash(encoded) if lost else self.encoded[index] == encoded

    def continues(self, earlier: Checkpoint) -> bool:
        """Tell whether the log begins with what an earlier checkpoint was signed over."""
        if earlier.size > self.checkpoint.size:
            return False
        return tree.root_at(earlier.size, self.nodes) == earlier.root


def open_logbook(member: Member, packed: bytes, note: bytes, examiner: Examiner) -> Logbook:
    """Return a province's log.

    Raises:
        Breach: EVIDENCE_FORM for what is no pack, LOG_DIFFERS for entries that are not those
            under the checkpoint or that a log may not hold, CHECKPOINT_INVALID.
    """
    checkpoint = examiner.open_checkpoint(note, member)
    encoded = tuple(unpack(packed))
    grown = tree.append([exported_leaf(one) for one in encoded], first_index=0, nodes={})
    if (grown.size, grown.root) != (checkpoint.size, checkpoint.root):
        raise Breach("LOG_DIFFERS", detail="not the entries under the checkpoint")
    entries = tuple(read_entry(one) for one in encoded)
    marks = [one.message_hash or one.deposit_commitment or one.recovery for one in entries]
    _check_distinct([one for one in marks if one])
    nodes = {(level, index): value for level, index, value in grown.nodes}
    return Logbook(member.province, encoded, entries, checkpoint, nodes)


def read_entry(encoded: bytes) -> Entry:
    """Return a log entry.

    Raises:
        Breach: LOG_DIFFERS where it is none that a log holds, or as
            :func:`federation.wire.strict.parse`.
    """
    parsed = strict.parse(LogEntry, encoded)
    entry = Entry(
        parsed.message_hash,
        _KINDS.get(parsed.message_type),
        tuple(parsed.nullifiers),
        parsed.deposit_commitment,
        parsed.origin,
        parsed.recovery,
        parsed.lost,
    )
    if (alone := entry.recovery or entry.lost) and len(alone) == HASH_SIZE:
        alike = LogEntry(recovery=parsed.recovery) if parsed.recovery else LogEntry(lost=alone)
        _require(strict.spell(alike) == encoded, "more than a recovery or a loss")
        return entry
    is_of_message = bool(parsed.message_hash)
    hashes = [entry.message_hash or entry.deposit_commitment, *entry.nullifiers]
    hashes += [entry.origin] if entry.origin else []
    _require(all(len(one) == HASH_SIZE for one in hashes), "a hash")
    _require(is_of_message is not bool(entry.deposit_commitment), "neither message nor deposit")
    _require(is_of_message is bool(parsed.message_type), "type of a deposit")
    is_document = parsed.message_type in DOCUMENT_TYPES
    _require(is_of_message is (entry.kind is not None or is_document), "type of message")
    _require(not (is_of_message and entry.origin), "origin of a message")
    _require(bool(entry.nullifiers) is (entry.kind is MessageType.COMMIT), "nullifiers")
    return entry


def _check_distinct(marks: Sequence[bytes]) -> None:
    _require(len(set(marks)) == len(marks), "one message or deposit twice")


def _require(holds: bool, what: str) -> None:
    if not holds:
        raise Breach("LOG_DIFFERS", detail=what)
