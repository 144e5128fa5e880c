"""Whether a message is signed and logged by a member: the checks that gate and auditor share.

``find_key`` answers from a verified registry. Keys live for ever in the member's document, so a
signature is judged by what its key was: active or verify-only keys count, a revoked key counts
only for messages whose log place lies below the revocation.
"""

from __future__ import annotations

from federation.base.errors import Breach
from federation.log import merkle
from federation.log.checkpoint import Checkpoint, open_checkpoint
from federation.log.note import key_hash, parse_note
from federation.protocol.inquiries import Message
from federation.protocol.messages import INQUIRIES, MessageType, Prepare
from federation.trust.members import Member, MemberKey
from federation.wire.entries import deposit_leaf, message_entry, origin_of
from federation.wire.envelope import Evidence, Item, Seal, Statement, read_statement


def check_seal(seal: Seal, member: Member) -> tuple[Statement, MemberKey]:
    """Check that a member signed a statement and return it with the key.

    Raises:
        Breach: KEY_UNKNOWN, ALGORITHM_MISMATCH, SIGNATURE_INVALID, or what reading raises.
    """
    registered = member.find_key(seal.keyid, "message")
    if registered is None:
        raise Breach("KEY_UNKNOWN")
    if registered.key.algorithm != seal.algorithm:
        raise Breach("ALGORITHM_MISMATCH")
    registered.key.verify(seal.signature, seal.signed)
    return read_statement(seal.statement), registered


def check_key_time(registered: MemberKey, *, signed_us: int, log_index: int) -> None:
    """Check that a key could sign a message of this time at this place in its sender's log.

    Raises:
        Breach: KEY_REVOKED or KEY_NOT_VALID.
    """
    if not registered.covers(log_index):
        raise Breach("KEY_REVOKED")
    if signed_us < registered.valid_from_us:
        raise Breach("KEY_NOT_VALID")


def check_place(evidence: Evidence, statement: Statement) -> bytes:
    """Check that a message stands under its batch's root and return its hash.

    Raises:
        Breach: SIGNATURE_INVALID: to sign a batch without a message is not to sign the message.
    """
    digest = evidence.item.digest
    try:
        merkle.verify_inclusion(
            digest,
            index=evidence.batch_index,
            size=statement.size,
            proof=evidence.batch_proof,
            root=statement.root,
        )
    except Breach:
        raise Breach("SIGNATURE_INVALID", detail="not under the signed root") from None
    return digest


def open_log_checkpoint(note: bytes, member: Member) -> Checkpoint:
    """Return a member's checkpoint; under a revoked key it counts up to the revocation's size.

    Raises:
        Breach: CHECKPOINT_INVALID or KEY_REVOKED.
    """
    origin = origin_of(member.province)
    owned = {key_hash(origin, one.key): one for one in member.keys if one.use == "log"}
    checkpoint = open_checkpoint(note, origin=origin, keys=[one.key for one in owned.values()])
    lines = {line.key_hash for line in parse_note(note).signatures}
    ends = [one.revoked_log_size for mark, one in owned.items() if mark in lines]
    if all(end is not None and checkpoint.size > end for end in ends):
        raise Breach("KEY_REVOKED", detail="key of the log")
    return checkpoint


def check_logged(item: Item, message: Message, checkpoint: Checkpoint) -> None:
    """Check that a message stands in its sender's log; inquiries are not logged.

    Raises:
        Breach: PROOF_INVALID.
    """
    kind = MessageType(item.type)
    if kind in INQUIRIES:
        return
    entry = message_entry(kind, item.digest, message)
    merkle.verify_inclusion(
        merkle.leaf_hash(entry),
        index=item.log_index,
        size=checkpoint.size,
        proof=item.log_proof,
        root=checkpoint.root,
    )


def check_deposits(message: Prepare, checkpoint: Checkpoint) -> None:
    """Check that every lot offered was deposited in its source's log.

    Args:
        checkpoint: what :func:`open_log_checkpoint` says the message's own is.

    Raises:
        Breach: PROOF_INVALID.
    """
    for lot in message.lots:
        merkle.verify_inclusion(
            deposit_leaf(lot.deposit_commitment, lot.deposit_origin),
            index=lot.deposit_index,
            size=checkpoint.size,
            proof=lot.deposit_proof,
            root=checkpoint.root,
        )
