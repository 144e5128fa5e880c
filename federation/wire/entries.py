"""What a node's log keeps: messages that it signed and deposits, never a value of a learner."""

from __future__ import annotations

from federation.log.merkle import leaf_hash
from federation.protocol.inquiries import Message
from federation.protocol.messages import Commit, MessageType
from federation.signing.dsse import message_hash
from federation.v1.envelope_pb2 import LogEntry
from federation.wire import strict

# Documents that a node's log keeps beside messages: what people decided.
MINUTE_TYPE = "application/vnd.creditbank.minute.v1+json"
FINDING_TYPE = "application/vnd.creditbank.finding.v1+json"
DOCUMENT_TYPES = frozenset({MINUTE_TYPE, FINDING_TYPE})


def origin_of(province: str) -> str:
    """Return the name of a province's log in its checkpoints."""
    return f"creditbank/{province}"


def message_entry(kind: MessageType, digest: bytes, message: Message) -> bytes:
    """Return the log entry of a message; a COMMIT also leaves the nullifier of each lot."""
    nullifiers = [lot.nullifier for lot in message.lots] if isinstance(message, Commit) else []
    return strict.spell(
        LogEntry(message_hash=digest, message_type=kind.value, nullifiers=nullifiers)
    )


def document_entry(kind: str, document: bytes) -> tuple[bytes, bytes]:
    """Return the hash of a document of one of ``DOCUMENT_TYPES``, and its log entry."""
    digest = message_hash(kind, document)
    return digest, strict.spell(LogEntry(message_hash=digest, message_type=kind))


def deposit_entry(commitment: bytes, origin: bytes = b"") -> bytes:
    """Return the log entry of a deposit; ``origin`` is the COMMIT that brought it, if any."""
    return strict.spell(LogEntry(deposit_commitment=commitment, origin=origin))


def deposit_leaf(commitment: bytes, origin: bytes = b"") -> bytes:
    """Return the leaf hash of a deposit."""
    return leaf_hash(deposit_entry(commitment, origin))


def recovery_entry(document_hash: bytes) -> bytes:
    """Return the log entry of a recovery: what was lost is named by a document of this hash."""
    return strict.spell(LogEntry(recovery=document_hash))


def lost_entry(hashed: bytes) -> bytes:
    """Return what an export shows for an entry of which only its leaf hash is left."""
    return strict.spell(LogEntry(lost=hashed))


def exported_leaf(encoded: bytes) -> bytes:
    """Return the leaf hash of an entry as exported; of a lost one it is all that is shown.

    Raises:
        Breach: as :func:`federation.wire.strict.parse`.
    """
    return strict.parse(LogEntry, encoded).lost or leaf_hash(encoded)
