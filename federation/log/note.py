"""Signed notes after C2SP signed-note: a text, a blank line, and lines of signatures.

A signature line is an em dash, the key's name, and base64 of a four-byte key hash and the
signature. Name and hash only select a key; neither is trusted until the signature holds.

Key hashes are the first four bytes of SHA-256 over name, newline, type and public key. Ed25519
has type 0x01 and the raw 32 bytes. P-256 has type 0xff with the identifier
``creditbank/ecdsa-p256-sha256/v1`` and the DER SubjectPublicKeyInfo: the type that C2SP assigned
to ECDSA leaves the key's name out of the hash, and ours shall bind it.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
from dataclasses import dataclass

from federation.base.errors import Breach
from federation.signing.keys import ED25519, PublicKey

LARGEST_NOTE_BYTES = 65_536
MOST_SIGNATURES = 64
KEY_HASH_SIZE = 4
_DASH = "\u2014 "
_RAW_ED25519_SIZE = 32
_TYPE_ED25519 = b"\x01"
_TYPE_P256 = b"\xffcreditbank/ecdsa-p256-sha256/v1"


@dataclass(frozen=True, slots=True)
class NoteSignature:
    """One signature line, well-formed but not verified.

    Attributes:
        name: the key's name; a hint.
        key_hash: four bytes; a hint.
        signature: the bytes to verify over the note's text.
    """

    name: str
    key_hash: bytes
    signature: bytes


@dataclass(frozen=True, slots=True)
class Note:
    """A note taken apart, none of it verified.

    Attributes:
        text: what is signed, its last newline included.
        signatures: the lines in the order received, no key twice.
    """

    text: bytes
    signatures: tuple[NoteSignature, ...]


def key_hash(name: str, key: PublicKey) -> bytes:
    """Return the four bytes by which signature lines point at a key of this name."""
    return typed_key_hash(name, key, _TYPE_ED25519 if key.algorithm == ED25519 else _TYPE_P256)


def typed_key_hash(name: str, key: PublicKey, kind: bytes) -> bytes:
    """Return the four bytes for signatures of a kind, which C2SP signed-note numbers."""
    der = base64.b64decode("".join(key.pem.splitlines()[1:-1]))
    # An Ed25519 SubjectPublicKeyInfo ends with the raw point (RFC 8410 section 4).
    public = der[-_RAW_ED25519_SIZE:] if key.algorithm == ED25519 else der
    return hashlib.sha256(name.encode() + b"\n" + kind + public).digest()[:KEY_HASH_SIZE]


def is_key_name(name: str) -> bool:
    """Tell whether a key may be called so: printable, without spaces or a plus sign."""
    return bool(name) and name.isprintable() and not any(c == "+" or c.isspace() for c in name)


def render_note(note: Note) -> bytes:
    """Return the note's only spelling."""
    return note.text + b"\n" + b"".join(render_line(line) for line in note.signatures)


def render_line(line: NoteSignature) -> bytes:
    """Return a signature line's only spelling, its newline included."""
    encoded = base64.b64encode(line.key_hash + line.signature).decode()
    return f"{_DASH}{line.name} {encoded}\n".encode()


def parse_line(received: bytes) -> NoteSignature:
    """Take a signature line apart, its newline included, without trusting any of it.

    Raises:
        Breach: CHECKPOINT_INVALID for what is none, or another spelling.
    """
    if len(received) > LARGEST_NOTE_BYTES or not received.endswith(b"\n"):
        raise Breach("CHECKPOINT_INVALID", detail="not a signature line")
    line = _signature(received[:-1])
    if render_line(line) != received:
        raise Breach("CHECKPOINT_INVALID", detail="not the canonical spelling")
    return line


def parse_note(received: bytes) -> Note:
    """Take a note apart without trusting any of it.

    Raises:
        Breach: CHECKPOINT_INVALID for other spellings, too many signatures or one key twice.
    """
    if len(received) > LARGEST_NOTE_BYTES:
        raise Breach("CHECKPOINT_INVALID", detail=f"a note of {len(received)} bytes")
    head, blank, tail = received.rpartition(b"\n\n")
    lines = tail.split(b"\n")
    if not head or not blank or lines.pop() != b"" or not 0 < len(lines) <= MOST_SIGNATURES:
        raise Breach("CHECKPOINT_INVALID", detail="not a text, a blank line and signatures")
    note = Note(head + b"\n", tuple(_signature(line) for line in lines))
    if len({(line.name, line.key_hash) for line in note.signatures}) != len(lines):
        raise Breach("CHECKPOINT_INVALID", detail="two signatures by one key")
    if render_note(note) != received:
        raise Breach("CHECKPOINT_INVALID", detail="not the canonical spelling")
    return note


def _signature(line: bytes) -> NoteSignature:
    try:
        dash, name, encoded = line.decode().split(" ")
        blob = base64.b64decode(encoded, validate=True)
    except (ValueError, binascii.Error):
        raise Breach("CHECKPOINT_INVALID", detail="not a signature line") from None
    if f"{dash} " != _DASH or not is_key_name(name) or len(blob) <= KEY_HASH_SIZE:
        raise Breach("CHECKPOINT_INVALID", detail="not a signature line")
    return NoteSignature(name, blob[:KEY_HASH_SIZE], blob[KEY_HASH_SIZE:])
