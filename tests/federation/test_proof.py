"""Whether a member signed and logged a message: each test bends one fact of true evidence."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from federation.base.errors import Breach
from federation.log.checkpoint import Checkpoint
from federation.protocol.messages import Prepare
from federation.trust.members import Member, MemberKey
from federation.wire import codec, proof
from federation.wire.envelope import Evidence
from tests.federation.evidence_world import Exchange, Federation, found_federation


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Federation:
    return found_federation(Path(tmp_path_factory.mktemp("federation")))


@pytest.fixture
def told(world: Federation) -> Exchange:
    return world.exchange().prepare().vote(240, 160).commit()


def signer_of(world: Federation, evidence: Evidence) -> Member:
    return world.view.members[proof.read_statement(evidence.seal.statement).src]


def checkpoint_of(world: Federation, evidence: Evidence) -> Checkpoint:
    return proof.open_log_checkpoint(evidence.seal.checkpoint, signer_of(world, evidence))


def test_what_a_member_signed_and_logged_holds(world: Federation, told: Exchange) -> None:
    for message, evidence in told.sent:
        member = signer_of(world, evidence)
        statement, key = proof.check_seal(evidence.seal, member)
        assert key.use == "message"
        assert proof.check_place(evidence, statement) == evidence.item.digest
        proof.check_logged(evidence.item, message, checkpoint_of(world, evidence))
        if isinstance(message, Prepare):
            deposited = proof.open_log_checkpoint(message.checkpoint, member)
            proof.check_deposits(message, deposited)


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"keyid": "0" * 64}, "KEY_UNKNOWN"),
        ({"algorithm": "ecdsa-sha2-nistp256"}, "ALGORITHM_MISMATCH"),
        ({"algorithm": ""}, "ALGORITHM_MISMATCH"),
        ({"signature": bytes(64)}, "SIGNATURE_INVALID"),
        ({"signature": b"s" * 64}, "SIGNATURE_INVALID"),
        ({"statement": b"other"}, "SIGNATURE_INVALID"),
    ],
    ids=str,
)
def test_a_bent_seal_is_refused(
    world: Federation, told: Exchange, changes: dict[str, Any], reason: str
) -> None:
    _, evidence = told.sent[0]
    with pytest.raises(Breach, match=reason):
        proof.check_seal(replace(evidence.seal, **changes), signer_of(world, evidence))


def test_a_log_key_signs_no_messages(world: Federation, told: Exchange) -> None:
    _, evidence = told.sent[0]
    member = signer_of(world, evidence)
    log_key = next(one for one in member.keys if one.use == "log")
    with pytest.raises(Breach, match="KEY_UNKNOWN"):
        proof.check_seal(replace(evidence.seal, keyid=log_key.key.keyid), member)


def test_another_member_s_key_is_unknown_to_this_one(world: Federation, told: Exchange) -> None:
    _, evidence = told.sent[0]
    with pytest.raises(Breach, match="KEY_UNKNOWN"):
        proof.check_seal(evidence.seal, world.view.members["CN-44"])


def test_another_message_is_not_under_the_root(told: Exchange) -> None:
    (_, first), (_, second), *_ = told.sent
    statement = proof.read_statement(first.seal.statement)
    with pytest.raises(Breach, match="SIGNATURE_INVALID"):
        proof.check_place(replace(first, item=second.item), statement)
    with pytest.raises(Breach, match="SIGNATURE_INVALID"):
        proof.check_place(replace(first, batch_index=1), statement)


def key(told: Exchange, world: Federation, **marks: int) -> MemberKey:
    known = signer_of(world, told.sent[0][1]).keys[0]
    return replace(known, valid_from_us=1000, **marks)


@pytest.mark.parametrize(
    ("marks", "signed_us", "log_index", "reason"),
    [
        ({}, 999, 5, "KEY_NOT_VALID"),
        ({"revoked_log_size": 5, "revoked_at_us": 1}, 2000, 5, "KEY_REVOKED"),
        ({"revoked_log_size": 5, "revoked_at_us": 1}, 2000, -1, "KEY_REVOKED"),
        ({"revoked_log_size": 0, "revoked_at_us": 1}, 2000, 0, "KEY_REVOKED"),
    ],
    ids=str,
)
def test_a_key_counts_within_its_life(
    world: Federation,
    told: Exchange,
    marks: dict[str, int],
    signed_us: int,
    log_index: int,
    reason: str,
) -> None:
    with pytest.raises(Breach, match=reason):
        proof.check_key_time(key(told, world, **marks), signed_us=signed_us, log_index=log_index)


@pytest.mark.parametrize(
    "marks", [{}, {"verify_only_from_us": 1500}, {"revoked_log_size": 6, "revoked_at_us": 1500}]
)
def test_what_an_old_key_signed_in_its_life_counts_for_ever(
    world: Federation, told: Exchange, marks: dict[str, int]
) -> None:
    proof.check_key_time(key(told, world, **marks), signed_us=1000, log_index=5)


@pytest.mark.parametrize(
    "bend",
    [
        lambda item: replace(item, log_index=item.log_index + 1),
        lambda item: replace(item, log_proof=item.log_proof[:-1]),
        lambda item: replace(item, log_proof=(*item.log_proof, b"h" * 32)),
        lambda item: replace(item, payload=item.payload + b"!"),
    ],
    ids=["index", "short proof", "long proof", "payload"],
)
def test_a_message_stands_at_its_place_in_the_log(
    world: Federation, told: Exchange, bend: Any
) -> None:
    message, evidence = told.sent[2]
    with pytest.raises(Breach, match="PROOF_INVALID"):
        proof.check_logged(bend(evidence.item), message, checkpoint_of(world, evidence))


def test_a_commit_logs_the_nullifiers_that_it_says(world: Federation, told: Exchange) -> None:
    message, evidence = told.sent[2]
    hidden = replace(message, lots=message.lots[:1])
    with pytest.raises(Breach, match="PROOF_INVALID"):
        proof.check_logged(evidence.item, hidden, checkpoint_of(world, evidence))


def test_a_checkpoint_is_its_own_member_s(world: Federation, told: Exchange) -> None:
    _, evidence = told.sent[0]
    with pytest.raises(Breach, match="CHECKPOINT_INVALID"):
        proof.open_log_checkpoint(evidence.seal.checkpoint, world.view.members["CN-33"])
    with pytest.raises(Breach, match="CHECKPOINT_INVALID"):
        proof.open_log_checkpoint(b"", signer_of(world, evidence))


@pytest.mark.parametrize(
    "bend",
    [
        lambda lot: replace(lot, deposit_commitment=b"d" * 32),
        lambda lot: replace(lot, deposit_index=lot.deposit_index + 1),
        lambda lot: replace(lot, deposit_proof=()),
        lambda lot: replace(lot, deposit_origin=b"o" * 32),
    ],
    ids=["commitment", "index", "proof", "origin"],
)
def test_a_lot_offered_was_deposited_in_the_log(
    world: Federation, told: Exchange, bend: Any
) -> None:
    prepare, evidence = told.sent[0]
    assert codec.decode(evidence.item.type, evidence.item.payload) == prepare
    bent = replace(prepare, lots=(bend(prepare.lots[0]), *prepare.lots[1:]))
    checkpoint = proof.open_log_checkpoint(bent.checkpoint, signer_of(world, evidence))
    with pytest.raises(Breach, match="PROOF_INVALID"):
        proof.check_deposits(bent, checkpoint)
