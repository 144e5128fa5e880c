"""Messages as others return them: evidence as a part of an answer, and as shown in a question."""

from __future__ import annotations

from federation.protocol.inquiries import Signature, SignedMessage
from federation.v1 import envelope_pb2
from federation.wire import strict
from federation.wire.envelope import (
    Evidence,
    Item,
    Seal,
    evidence_from_buffer,
    evidence_to_buffer,
)


def signed_message(evidence: Evidence) -> SignedMessage:
    """Return evidence as a part of a message."""
    item, seal = evidence.item, evidence.seal
    return SignedMessage(
        type=item.type,
        payload=item.payload,
        statement=seal.statement,
        signature=Signature(keyid=seal.keyid, algorithm=seal.algorithm, signature=seal.signature),
        batch_index=evidence.batch_index,
        batch_proof=evidence.batch_proof,
        log_index=max(item.log_index, 0),
        log_proof=item.log_proof,
        checkpoint=seal.checkpoint,
    )


def evidence_of(signed: SignedMessage, openings: bytes) -> Evidence:
    """Return evidence from a part of a message, nothing in it proven yet."""
    return Evidence(
        item=Item(
            type=signed.type,
            payload=signed.payload,
            openings=openings,
            log_index=signed.log_index,
            log_proof=signed.log_proof,
        ),
        seal=Seal(
            statement=signed.statement,
            keyid=signed.signature.keyid,
            algorithm=signed.signature.algorithm,
            signature=signed.signature.signature,
            checkpoint=signed.checkpoint,
        ),
        batch_index=signed.batch_index,
        batch_proof=signed.batch_proof,
    )


def show(evidence: Evidence) -> bytes:
    """Return evidence as the bytes that a STATUS question shows."""
    return strict.spell(evidence_to_buffer(evidence))


def read_shown(encoded: bytes) -> Evidence:
    """Return the evidence that a STATUS question shows, nothing in it proven yet.

    Raises:
        Breach: as :func:`federation.wire.strict.parse`.
    """
    return evidence_from_buffer(strict.parse(envelope_pb2.SignedMessage, encoded))
