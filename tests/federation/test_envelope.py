"""Batches: one signature over all, each message evidence by itself, one way to write it down."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from federation.base.errors import Breach
from federation.log import merkle
from federation.signing.dsse import message_hash, pae
from federation.signing.keystore import FileSigner, create_key
from federation.v1 import envelope_pb2
from federation.wire import strict
from federation.wire.envelope import (
    Batch,
    Item,
    batch_from_buffer,
    batch_to_buffer,
    evidence_from_buffer,
    evidence_to_buffer,
    read_statement,
    seal_batch,
)

SIZES = [1, 2, 3, 7, 8, 64]


@pytest.fixture(scope="module")
def signer(tmp_path_factory: pytest.TempPathFactory) -> FileSigner:
    return create_key(Path(tmp_path_factory.mktemp("keys")) / "message", b"for tests")


def sealed(signer: FileSigner, size: int = 3) -> Batch:
    items = [
        Item(
            type="text/plain",
            payload=f"message {at}".encode(),
            openings=b"shown" if at else b"",
            log_index=at,
            log_proof=(bytes([at]) * 32,),
        )
        for at in range(size)
    ]
    return seal_batch(
        items,
        src="CN-31",
        dst="CN-33",
        wire_version=1,
        incarnation=1,
        signer=signer,
        checkpoint=b"note",
    )


@pytest.mark.parametrize("size", SIZES)
def test_each_message_stands_under_the_signed_root(signer: FileSigner, size: int) -> None:
    batch = sealed(signer, size)
    statement = read_statement(batch.seal.statement)
    assert (statement.src, statement.dst, statement.size) == ("CN-31", "CN-33", size)
    for at, one in enumerate(batch.evidence()):
        assert one.batch_index == at
        merkle.verify_inclusion(
            one.item.digest, index=at, size=size, proof=one.batch_proof, root=statement.root
        )


def test_the_signature_covers_type_and_statement(signer: FileSigner) -> None:
    seal = sealed(signer).seal
    kind = "application/vnd.creditbank.batch.v1+protobuf"
    signer.public.verify(seal.signature, pae(kind, seal.statement))
    with pytest.raises(Breach, match="SIGNATURE_INVALID"):
        signer.public.verify(seal.signature, seal.statement)


def test_a_message_is_known_by_type_and_payload_alone(signer: FileSigner) -> None:
    item = Item(type="a", payload=b"b")
    assert item.digest == message_hash("a", b"b")
    assert item.digest == Item(type="a", payload=b"b", openings=b"o", log_index=9).digest
    assert item.digest != Item(type="ab", payload=b"").digest


@pytest.mark.parametrize("size", SIZES)
def test_a_batch_is_read_as_it_was_written(signer: FileSigner, size: int) -> None:
    batch = sealed(signer, size)
    encoded = strict.spell(batch_to_buffer(batch))
    assert batch_from_buffer(strict.parse(envelope_pb2.SignedBatch, encoded)) == batch


def test_evidence_is_read_as_it_was_written_without_what_it_shows(signer: FileSigner) -> None:
    for one in sealed(signer).evidence():
        read = evidence_from_buffer(evidence_to_buffer(one))
        assert read.item.openings == b""
        assert (read.item.digest, read.seal) == (one.item.digest, one.seal)
        assert (read.batch_index, read.batch_proof) == (one.batch_index, one.batch_proof)
        assert (read.item.log_index, read.item.log_proof) == (
            one.item.log_index,
            one.item.log_proof,
        )


def no_signature(buffer: Any) -> None:
    del buffer.signatures[:]


def empty_signature(buffer: Any) -> None:
    buffer.signatures[0].signature = b""


def two_signatures(buffer: Any) -> None:
    buffer.signatures.add().CopyFrom(buffer.signatures[0])


def no_items(buffer: Any) -> None:
    del buffer.items[:]


@pytest.mark.parametrize(
    ("bend", "reason"),
    [
        (no_signature, "SIGNATURE_MISSING"),
        (empty_signature, "SIGNATURE_MISSING"),
        (two_signatures, "DUPLICATE_SIGNER"),
        (no_items, "EMPTY"),
    ],
)
def test_a_batch_has_messages_and_exactly_one_signature(
    signer: FileSigner, bend: Any, reason: str
) -> None:
    buffer = batch_to_buffer(sealed(signer))
    bend(buffer)
    with pytest.raises(Breach, match=reason):
        batch_from_buffer(buffer)


@pytest.mark.parametrize("bent", [b"", b"\x00", b"\xff"])
def test_a_statement_has_one_spelling(signer: FileSigner, bent: bytes) -> None:
    whole = sealed(signer).seal.statement
    with pytest.raises(Breach):
        read_statement(whole + bent if bent else b"")
