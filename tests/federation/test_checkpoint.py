"""Checkpoints: the published example, one spelling, and every flipped bit found."""

from __future__ import annotations

import base64

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, ed25519
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from federation.base.errors import Breach
from federation.log.checkpoint import Checkpoint, body, open_checkpoint, sign
from federation.log.merkle import EMPTY_ROOT, LARGEST_SIZE, leaf_hash
from federation.log.note import Note, NoteSignature, key_hash, parse_note, render_note
from federation.signing.keys import public_key
from federation.signing.keystore import FileSigner

OWNER = FileSigner(ed25519.Ed25519PrivateKey.from_private_bytes(bytes(range(32))))
WITNESS = FileSigner(ed25519.Ed25519PrivateKey.from_private_bytes(bytes(32)))
TOKEN = FileSigner(ec.derive_private_key(7, ec.SECP256R1()))
ORIGIN = "creditbank.example/CN-33"
CHECKPOINT = Checkpoint(ORIGIN, 20852163, leaf_hash(b"root"))


def opened(note: bytes, signer: FileSigner = OWNER) -> Checkpoint:
    return open_checkpoint(note, origin=ORIGIN, keys=[signer.public])


def refused(note: bytes, signer: FileSigner = OWNER) -> str:
    with pytest.raises(Breach) as breach:
        opened(note, signer)
    assert breach.value.reason == "CHECKPOINT_INVALID"
    return breach.value.detail


def resigned(text: bytes) -> bytes:
    """A text signed by the owner, whatever it says."""
    line = NoteSignature(ORIGIN, key_hash(ORIGIN, OWNER.public), OWNER.sign(text))
    return render_note(Note(text, (line,)))


def test_the_body_is_three_lines():
    root = base64.b64encode(CHECKPOINT.root).decode()
    assert body(CHECKPOINT).decode() == f"{ORIGIN}\n20852163\n{root}\n"


def test_a_key_hash_is_that_of_the_specification():
    # The public verifier key of sum.golang.org, whose name carries its key hash.
    name, stated = "sum.golang.org", "033de0ae"
    raw = base64.b64decode("Ac4zctda0e5eza+HJyk9SxEdh+s3Ux18htTTAD8OuAn8")[1:]
    key = ed25519.Ed25519PublicKey.from_public_bytes(raw)
    pem = key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()
    assert key_hash(name, public_key(pem, "00")).hex() == stated


@pytest.mark.parametrize("signer", [OWNER, TOKEN], ids=["ed25519", "p256"])
@pytest.mark.parametrize("size", [1, 9, 20852163, LARGEST_SIZE])
def test_what_is_signed_opens_again(signer, size):
    checkpoint = Checkpoint(ORIGIN, size, leaf_hash(b"root"))
    assert opened(sign(checkpoint, signer), signer) == checkpoint


def test_the_empty_log_has_its_one_root():
    checkpoint = Checkpoint(ORIGIN, 0, EMPTY_ROOT)
    assert opened(sign(checkpoint, OWNER)) == checkpoint
    with pytest.raises(Breach):
        Checkpoint(ORIGIN, 0, leaf_hash(b"root"))


@pytest.mark.parametrize("signer", [OWNER, TOKEN], ids=["ed25519", "p256"])
def test_every_flipped_bit_is_found(signer):
    note = sign(CHECKPOINT, signer)
    for at in range(len(note)):
        for bit in range(8):
            bent = bytearray(note)
            bent[at] ^= 1 << bit
            refused(bytes(bent), signer)


def test_every_cut_and_every_extra_byte_is_found():
    note = sign(CHECKPOINT, OWNER)
    for at in range(len(note)):
        refused(note[:at])
        refused(note[:at] + note[at + 1 :])
        for extra in (b"\n", b" ", b"=", b"0"):
            refused(note[:at] + extra + note[at:])


def test_other_spellings_are_refused_even_when_signed():
    root = base64.b64encode(CHECKPOINT.root)
    origin = ORIGIN.encode()
    for text in (
        origin + b"\n020852163\n" + root + b"\n",
        origin + b"\n+1\n" + root + b"\n",
        origin + b"\n-1\n" + root + b"\n",
        origin + b"\n%d\n" % (LARGEST_SIZE + 1) + root + b"\n",
        origin + b"\n" + b"9" * 5000 + b"\n" + root + b"\n",
        origin + "\n１\n".encode() + root + b"\n",
        origin + b"\n1\n" + root.rstrip(b"=") + b"\n",
        origin + b"\n1\n" + root[:-2] + b"5=\n",
        origin + b"\n1\n" + base64.b64encode(bytes(31)) + b"\n",
        origin + b"\n1\n" + root + b"\nextension\n",
        origin + b"\n1\n" + root + b"\r\n",
        origin + b"\n0\n" + root + b"\n",
        b"\n1\n" + root + b"\n",
        b"\xff\n1\n" + root + b"\n",
        b"another.example\n1\n" + root + b"\n",
        b"\n",
    ):
        refused(resigned(text))


def test_lines_of_others_are_ignored_but_well_formed():
    text = body(CHECKPOINT)
    witness = NoteSignature("witness.example", key_hash("witness.example", WITNESS.public), b"x")
    stranger = NoteSignature(ORIGIN, b"\x00\x00\x00\x00", bytes(64))
    owner = parse_note(sign(CHECKPOINT, OWNER)).signatures[0]
    assert opened(render_note(Note(text, (witness, owner, stranger)))) == CHECKPOINT
    assert "owner" in refused(render_note(Note(text, (witness, stranger))))
    assert "one key" in refused(render_note(Note(text, (owner, owner))))
    refused(sign(CHECKPOINT, OWNER) + "— witness.example !!!!\n".encode())
    refused(sign(CHECKPOINT, OWNER) + "— wit+ness AAAAAAAA\n".encode())
    refused(sign(CHECKPOINT, OWNER) + "— witness.example AAAAAA==\n".encode())
    refused(
        render_note(Note(text, tuple(NoteSignature(f"w{at}", b"1234", b"x") for at in range(65))))
    )
    refused(sign(CHECKPOINT, OWNER) * 400)


def test_during_rotation_either_key_opens_and_a_false_line_of_one_spoils_both():
    first, second = parse_note(sign(CHECKPOINT, OWNER)), parse_note(sign(CHECKPOINT, TOKEN))
    keys = [OWNER.public, TOKEN.public]
    for line in (first.signatures, second.signatures, first.signatures + second.signatures):
        note = render_note(Note(first.text, line))
        assert open_checkpoint(note, origin=ORIGIN, keys=keys) == CHECKPOINT
    false = NoteSignature(ORIGIN, first.signatures[0].key_hash, bytes(63) + b"\x01")
    note = render_note(Note(first.text, (false, *second.signatures)))
    with pytest.raises(Breach, match="SIGNATURE_INVALID"):
        open_checkpoint(note, origin=ORIGIN, keys=keys)


def test_no_keys_open_nothing_and_a_name_is_part_of_the_key():
    note = sign(CHECKPOINT, OWNER)
    with pytest.raises(Breach):
        open_checkpoint(note, origin=ORIGIN, keys=[])
    with pytest.raises(Breach):
        open_checkpoint(note, origin="creditbank.example/CN-44", keys=[OWNER.public])
    assert key_hash("a", OWNER.public) != key_hash("b", OWNER.public)


@pytest.mark.parametrize("origin", ["", "two words", "a+b", "line\nbreak", "a\u2003b", "a\u202eb"])
def test_an_origin_is_a_key_name(origin):
    with pytest.raises(Breach):
        Checkpoint(origin, 1, bytes(32))
