"""Signed batches: one signature over the RFC 6962 root of the messages' hashes.

Each message can be taken out as evidence by itself: its place under the root, the signed
statement, its place in the sender's log, the log's checkpoint.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from federation.base.errors import Breach
from federation.log import merkle, tree
from federation.protocol.messages import BATCH_TYPE
from federation.signing.dsse import message_hash, pae
from federation.signing.keys import Signer
from federation.v1 import envelope_pb2
from federation.wire import strict

# Versions of what travels between nodes that this program speaks.
WIRE_MIN = 1
WIRE_MAX = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Statement:
    """What a batch signature covers; the proto says what each field means."""

    wire_version: int
    src: str
    dst: str
    size: int
    root: bytes
    incarnation: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Seal:
    """A signed statement with the sender's checkpoint of that time.

    Attributes:
        statement: bytes as signed.
        keyid: the key as the registry names it.
        algorithm: as the sender says; must be the registry's.
        signature: over the DSSE encoding of batch type and statement.
        checkpoint: C2SP signed note, or empty where nothing in the batch is logged.
    """

    statement: bytes
    keyid: str
    algorithm: str
    signature: bytes
    checkpoint: bytes

    @property
    def signed(self) -> bytes:
        """The bytes under the signature."""
        return pae(BATCH_TYPE, self.statement)


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """One message as it travels; ``log_index`` is -1 for an inquiry, which is not logged.

    Attributes:
        digest: the identity of the message.
    """

    type: str
    payload: bytes
    openings: bytes = b""
    log_index: int = -1
    log_proof: tuple[bytes, ...] = ()
    digest: bytes = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "digest", message_hash(self.type, self.payload))


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """One message with all that proves it, apart from the registry."""

    item: Item
    seal: Seal
    batch_index: int
    batch_proof: tuple[bytes, ...]


@dataclass(frozen=True, slots=True)
class Batch:
    """Messages under one seal, in the order of its root."""

    seal: Seal
    items: tuple[Item, ...]

    def evidence(self) -> list[Evidence]:
        """Return each message as evidence by itself."""
        hashes = [item.digest for item in self.items]
        return [
            Evidence(item=item, seal=self.seal, batch_index=at, batch_proof=proof)
            for at, (item, proof) in enumerate(zip(self.items, _proofs(hashes), strict=True))
        ]


def seal_batch(
    items: Sequence[Item],
    *,
    src: str,
    dst: str,
    wire_version: int,
    incarnation: int,
    signer: Signer,
    checkpoint: bytes,
) -> Batch:
    """Sign messages as one batch."""
    statement = strict.spell(
        envelope_pb2.BatchStatement(
            wire_version=wire_version,
            src=src,
            dst=dst,
            size=len(items),
            root=merkle.tree_root([item.digest for item in items]),
            incarnation=incarnation,
        )
    )
    public = signer.public
    seal = Seal(
        statement=statement,
        keyid=public.keyid,
        algorithm=public.algorithm,
        signature=signer.sign(pae(BATCH_TYPE, statement)),
        checkpoint=checkpoint,
    )
    return Batch(seal, tuple(items))


def common_version(wire_min: int, wire_max: int) -> int:
    """Return the version for a receiver with this range: the newest that both speak.

    Raises:
        Breach: VERSION_UNSUPPORTED where the ranges do not meet.
    """
    version = min(WIRE_MAX, wire_max)
    if version < max(WIRE_MIN, wire_min):
        raise Breach("VERSION_UNSUPPORTED", detail=f"the receiver speaks {wire_min} to {wire_max}")
    return version


def read_statement(encoded: bytes) -> Statement:
    """Return a statement; whether it is signed is for the caller to know.

    Raises:
        Breach: as :func:`federation.wire.strict.parse`.
    """
    parsed = strict.parse(envelope_pb2.BatchStatement, encoded)
    return Statement(
        wire_version=parsed.wire_version,
        src=parsed.src,
        dst=parsed.dst,
        size=parsed.size,
        root=parsed.root,
        incarnation=parsed.incarnation,
    )


def batch_to_buffer(batch: Batch) -> envelope_pb2.SignedBatch:
    """Return a batch in its form for the wire."""
    seal = batch.seal
    return envelope_pb2.SignedBatch(
        statement=seal.statement,
        signatures=[_signature(seal)],
        items=[
            envelope_pb2.MessageItem(
                type=item.type,
                payload=item.payload,
                openings=item.openings,
                log_index=max(item.log_index, 0),
                log_proof=item.log_proof,
            )
            for item in batch.items
        ],
        checkpoint=seal.checkpoint,
    )


def batch_from_buffer(buffer: envelope_pb2.SignedBatch) -> Batch:
    """Return a batch as received, nothing in it proven yet.

    Raises:
        Breach: SIGNATURE_MISSING, DUPLICATE_SIGNER or EMPTY.
    """
    if not buffer.signatures or not buffer.signatures[0].signature:
        raise Breach("SIGNATURE_MISSING")
    if len(buffer.signatures) != 1:
        raise Breach("DUPLICATE_SIGNER")
    if not buffer.items:
        raise Breach("EMPTY")
    signature = buffer.signatures[0]
    seal = Seal(
        statement=buffer.statement,
        keyid=signature.keyid,
        algorithm=signature.algorithm,
        signature=signature.signature,
        checkpoint=buffer.checkpoint,
    )
    return Batch(
        seal,
        tuple(
            Item(
                type=item.type,
                payload=item.payload,
                openings=item.openings,
                log_index=item.log_index,
                log_proof=tuple(item.log_proof),
            )
            for item in buffer.items
        ),
    )


def evidence_to_buffer(evidence: Evidence) -> envelope_pb2.SignedMessage:
    """Return evidence in its form for files and answers."""
    item, seal = evidence.item, evidence.seal
    return envelope_pb2.SignedMessage(
        type=item.type,
        payload=item.payload,
        statement=seal.statement,
        signature=_signature(seal),
        batch_index=evidence.batch_index,
        batch_proof=evidence.batch_proof,
        log_index=max(item.log_index, 0),
        log_proof=item.log_proof,
        checkpoint=seal.checkpoint,
    )


def evidence_from_buffer(buffer: envelope_pb2.SignedMessage) -> Evidence:
    """Return evidence as read, nothing in it proven yet."""
    return Evidence(
        item=Item(
            type=buffer.type,
            payload=buffer.payload,
            log_index=buffer.log_index,
            log_proof=tuple(buffer.log_proof),
        ),
        seal=Seal(
            statement=buffer.statement,
            keyid=buffer.signature.keyid,
            algorithm=buffer.signature.algorithm,
            signature=buffer.signature.signature,
            checkpoint=buffer.checkpoint,
        ),
        batch_index=buffer.batch_index,
        batch_proof=tuple(buffer.batch_proof),
    )


def _signature(seal: Seal) -> envelope_pb2.Signature:
    return envelope_pb2.Signature(
        keyid=seal.keyid, algorithm=seal.algorithm, signature=seal.signature
    )


def _proofs(hashes: Sequence[bytes]) -> list[tuple[bytes, ...]]:
    grown = tree.append(hashes, first_index=0, nodes={})
    nodes = {(level, index): value for level, index, value in grown.nodes}
    proofs = tree.inclusion_proofs(range(len(hashes)), len(hashes), nodes)
    return [tuple(proof) for proof in proofs]
