"""Cosignatures after C2SP tlog-cosignature: a witness's word that a checkpoint extends what it saw.

What is signed is ``cosignature/v1``, the time, and the checkpoint's text; the line carries eight
bytes of time before the signature. Ed25519 has key type 0x04. P-256, for which C2SP has no
cosignature, has type 0xff with ``creditbank/ecdsa-p256-sha256-cosignature/v1``. Text and key hash
differ from those of a checkpoint's own signature, so a province's log key may serve for both.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from federation.base.errors import Breach
from federation.log.note import (
    Note,
    NoteSignature,
    parse_line,
    parse_note,
    render_line,
    render_note,
    typed_key_hash,
)
from federation.signing.keys import ED25519, PublicKey, Signer

COORDINATOR = "coordinator"
_TYPE_ED25519 = b"\x04"
_TYPE_P256 = b"\xffcreditbank/ecdsa-p256-sha256-cosignature/v1"
_TIME_SIZE = 8


@dataclass(frozen=True, slots=True)
class Cosignature:
    """A verified cosignature.

    Attributes:
        witness: province code, or ``coordinator``.
        time_s: when it was made by the witness's clock, POSIX seconds.
    """

    witness: str
    time_s: int
    line: NoteSignature


def witness_name(witness: str) -> str:
    """Return the key name of a witness: ``creditbank/CN-31/witness``, or with ``coordinator``."""
    return f"creditbank/{witness}/witness"


def cosigner_hash(name: str, key: PublicKey) -> bytes:
    """Return the four bytes by which cosignature lines point at a witness's key."""
    return typed_key_hash(name, key, _TYPE_ED25519 if key.algorithm == ED25519 else _TYPE_P256)


def cosign(text: bytes, *, witness: str, signer: Signer, time_s: int) -> bytes:
    """Return the signature line of a witness under a checkpoint's text, its newline included."""
    name = witness_name(witness)
    signature = time_s.to_bytes(_TIME_SIZE, "big") + signer.sign(_signed(text, time_s))
    return render_line(NoteSignature(name, cosigner_hash(name, signer.public), signature))


def verify_line(
    text: bytes, line: NoteSignature, *, witness: str, keys: Iterable[PublicKey]
) -> Cosignature | None:
    """Return the cosignature of a witness, or None for a line that names none of its keys.

    Raises:
        Breach: CHECKPOINT_INVALID for a false one under the name and hash of a key.
    """
    name = witness_name(witness)
    if line.name != name:
        return None
    for key in keys:
        if cosigner_hash(name, key) != line.key_hash:
            continue
        time_s = int.from_bytes(line.signature[:_TIME_SIZE], "big")
        try:
            key.verify(line.signature[_TIME_SIZE:], _signed(text, time_s))
        except Breach as breach:
            raise Breach("CHECKPOINT_INVALID", detail=f"cosignature: {breach.reason}") from None
        return Cosignature(witness, time_s, line)
    return None


def with_cosignatures(note: bytes, lines: Iterable[bytes]) -> bytes:
    """Return a note with lines added to its own, in the order of their names.

    Raises:
        Breach: CHECKPOINT_INVALID for what is no note or no line.
    """
    parsed = parse_note(note)
    added = {(one.name, one.key_hash): one for one in map(parse_line, lines)}
    for own in parsed.signatures:
        added.pop((own.name, own.key_hash), None)
    return render_note(Note(parsed.text, (*parsed.signatures, *(added[k] for k in sorted(added)))))


def _signed(text: bytes, time_s: int) -> bytes:
    return f"cosignature/v1\ntime {time_s}\n".encode() + text
