"""Cosignatures in the form of C2SP tlog-cosignature, and the quorum they make."""

from __future__ import annotations

import base64
import hashlib
from itertools import combinations
from pathlib import Path

import pytest

from federation.base.errors import Breach
from federation.log import checkpoint as checkpoints
from federation.log.checkpoint import Checkpoint
from federation.log.cosignature import (
    COORDINATOR,
    cosign,
    verify_line,
    with_cosignatures,
    witness_name,
)
from federation.log.note import parse_line, parse_note
from federation.log.quorum import check_quorum, promises, quorum_of, witnesses_of
from federation.signing.keystore import FileSigner, create_key
from federation.trust.members import MemberStatus
from tests.node.two_provinces import make_member, make_view

SECRET = b"for tests"
HEAD = Checkpoint("creditbank/CN-31", 5, bytes(range(32)))
TEXT = checkpoints.body(HEAD)


@pytest.fixture
def signer(tmp_path: Path) -> FileSigner:
    return create_key(tmp_path / "witness", SECRET)


def test_a_line_is_what_the_specification_says(signer: FileSigner) -> None:
    line = cosign(TEXT, witness="CN-33", signer=signer, time_s=1_679_315_147)
    dash, name, encoded = line.decode().rstrip("\n").split(" ")
    blob = base64.b64decode(encoded)
    der = base64.b64decode("".join(signer.public.pem.splitlines()[1:-1]))
    named = name.encode() + b"\n" + b"\x04" + der[-32:]
    assert (dash, name) == ("\u2014", "creditbank/CN-33/witness")
    assert blob[:4] == hashlib.sha256(named).digest()[:4]
    assert int.from_bytes(blob[4:12], "big") == 1_679_315_147
    signer.public.verify(blob[12:], b"cosignature/v1\ntime 1679315147\n" + TEXT)
    assert len(blob) == 4 + 8 + 64


def test_a_cosignature_holds_for_its_text_time_witness_and_key_alone(
    signer: FileSigner, tmp_path: Path
) -> None:
    line = parse_line(cosign(TEXT, witness="CN-33", signer=signer, time_s=7))
    found = verify_line(TEXT, line, witness="CN-33", keys=[signer.public])
    assert found is not None
    assert (found.witness, found.time_s) == ("CN-33", 7)
    assert verify_line(TEXT, line, witness="CN-44", keys=[signer.public]) is None
    other = create_key(tmp_path / "other", SECRET)
    assert verify_line(TEXT, line, witness="CN-33", keys=[other.public]) is None
    with pytest.raises(Breach, match="CHECKPOINT_INVALID"):
        verify_line(TEXT + b"x", line, witness="CN-33", keys=[signer.public])
    later = type(line)(line.name, line.key_hash, b"\x01" + line.signature[1:])
    with pytest.raises(Breach, match="CHECKPOINT_INVALID"):
        verify_line(TEXT, later, witness="CN-33", keys=[signer.public])


def test_an_owners_signature_is_no_cosignature_though_the_key_be_the_same(
    signer: FileSigner,
) -> None:
    note = checkpoints.sign(HEAD, signer)
    line = cosign(TEXT, witness="CN-31", signer=signer, time_s=7)
    (own,) = parse_note(note).signatures
    assert own.key_hash != parse_line(line).key_hash
    assert verify_line(TEXT, own, witness="CN-31", keys=[signer.public]) is None


@pytest.mark.parametrize("bent", [b"", b"\n", b"x y z\n", b"\xe2\x80\x94 a b\n", b"no newline"])
def test_what_is_no_line_is_refused(bent: bytes) -> None:
    with pytest.raises(Breach, match="CHECKPOINT_INVALID"):
        parse_line(bent)


def test_two_quorums_share_an_honest_witness_whatever_their_number() -> None:
    for n in range(1, 41):
        quorum = quorum_of(n)
        assert 0 < quorum.needed <= n
        assert quorum.tolerated == (0 if n < 4 else (n - 1) // 3)
        shared = 2 * quorum.needed - n
        assert shared > quorum.tolerated
        # It is the smallest such number, and honest witnesses alone are enough from four on.
        assert 2 * (quorum.needed - 1) - n <= quorum.tolerated
        assert n - quorum.tolerated >= quorum.needed


def test_every_pair_of_quorums_of_a_small_federation_meets_in_an_honest_one() -> None:
    for n in range(1, 8):
        quorum = quorum_of(n)
        groups = [set(one) for one in combinations(range(n), quorum.needed)]
        liars = [set(one) for one in combinations(range(n), quorum.tolerated)]
        assert all((a & b) - bad for a in groups for b in groups for bad in liars)


def test_a_small_federation_says_what_it_cannot_promise() -> None:
    assert [quorum_of(n).needed for n in (1, 2, 3, 4, 7, 9)] == [1, 2, 2, 3, 5, 6]
    assert "tolerates no dishonest witness" in promises(quorum_of(2)).en
    assert "at most 2" in promises(quorum_of(7)).en
    assert "nothing can be witnessed" in promises(quorum_of(0)).en


def test_owner_and_members_that_are_not_active_never_count(tmp_path: Path) -> None:
    keys = {
        name: [create_key(tmp_path / f"{name}-{use}", SECRET) for use in ("message", "log")]
        for name in ("CN-31", "CN-33", "CN-44", "CN-12")
    }
    members = {name: make_member(name, *pair) for name, pair in keys.items()}
    suspended = make_member("CN-12", *keys["CN-12"], status=MemberStatus.SUSPENDED)
    view = make_view({**members, "CN-12": suspended})
    witnesses = witnesses_of(view, "CN-31")
    assert set(witnesses) == {"CN-33", "CN-44"}
    note = checkpoints.sign(HEAD, keys["CN-31"][1])
    lines = {
        name: cosign(TEXT, witness=name, signer=pair[1], time_s=7) for name, pair in keys.items()
    }
    for missing in ("CN-33", "CN-44"):
        few = with_cosignatures(note, [line for name, line in lines.items() if name != missing])
        with pytest.raises(Breach, match="QUORUM"):
            check_quorum(few, witnesses)
    # One witness twice is one witness.
    again = cosign(TEXT, witness="CN-33", signer=keys["CN-33"][1], time_s=8)
    with pytest.raises(Breach, match="QUORUM"):
        check_quorum(with_cosignatures(note, [lines["CN-33"], again]), witnesses)
    assert set(check_quorum(with_cosignatures(note, lines.values()), witnesses)) == set(witnesses)
    assert witness_name(COORDINATOR) == "creditbank/coordinator/witness"
