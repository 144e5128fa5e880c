"""Checkpoints after C2SP tlog-checkpoint: a log's origin, size and root, signed by its owner.

The text is three lines: origin, size in decimal, root in base64. Extension lines, which the
specification leaves optional, are refused: nobody could audit them. The owner signs under the
origin as the key's name; lines by others, such as witnesses, must be well-formed and are not
judged here.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Iterable
from dataclasses import dataclass

from federation.base.errors import Breach
from federation.log.merkle import EMPTY_ROOT, HASH_SIZE, LARGEST_SIZE
from federation.log.note import (
    Note,
    NoteSignature,
    is_key_name,
    key_hash,
    parse_note,
    render_note,
)
from federation.signing.keys import PublicKey, Signer

_SIZE = re.compile(rb"0|[1-9][0-9]{0,18}")


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """What a log claims to be at one size.

    Attributes:
        origin: the log's name, also the name of its owner's key; no spaces, no plus sign.
        size: number of leaves, at most ``LARGEST_SIZE``.
        root: RFC 6962 root of those leaves, 32 bytes.

    Raises:
        Breach: CHECKPOINT_INVALID when a part is none.
    """

    origin: str
    size: int
    root: bytes

    def __post_init__(self) -> None:
        if not is_key_name(self.origin):
            raise Breach("CHECKPOINT_INVALID", detail="origin")
        if not 0 <= self.size <= LARGEST_SIZE:
            raise Breach("CHECKPOINT_INVALID", detail="size")
        if len(self.root) != HASH_SIZE or (self.size == 0 and self.root != EMPTY_ROOT):
            raise Breach("CHECKPOINT_INVALID", detail="root")


def body(checkpoint: Checkpoint) -> bytes:
    """Return the text that is signed, its last newline included."""
    root = base64.b64encode(checkpoint.root).decode()
    return f"{checkpoint.origin}\n{checkpoint.size}\n{root}\n".encode()


def sign(checkpoint: Checkpoint, signer: Signer) -> bytes:
    """Return the checkpoint as a note with its owner's signature."""
    text = body(checkpoint)
    name = checkpoint.origin
    line = NoteSignature(name, key_hash(name, signer.public), signer.sign(text))
    return render_note(Note(text, (line,)))


def open_checkpoint(note: bytes, *, origin: str, keys: Iterable[PublicKey]) -> Checkpoint:
    """Verify a note as received and return the checkpoint that the log's owner signed.

    Args:
        note: the bytes received; untrusted.
        origin: the log that the caller means.
        keys: the owner's keys that the caller trusts for this log.

    Raises:
        Breach: CHECKPOINT_INVALID for another log, another spelling, no signature by a trusted
            key, or a false one under the name of a trusted key.
    """
    parsed = parse_note(note)
    trusted = {key_hash(origin, key): key for key in keys}
    owned = [line for line in parsed.signatures if line.name == origin and line.key_hash in trusted]
    if not owned:
        raise Breach("CHECKPOINT_INVALID", detail="no signature by the log's owner")
    for line in owned:
        _verify(trusted[line.key_hash], line.signature, parsed.text)
    checkpoint = _read(parsed.text)
    if checkpoint.origin != origin:
        raise Breach("CHECKPOINT_INVALID", detail="checkpoint of another log")
    return checkpoint


def _verify(key: PublicKey, signature: bytes, text: bytes) -> None:
    try:
        key.verify(signature, text)
    except Breach as breach:
        raise Breach("CHECKPOINT_INVALID", detail=breach.reason) from None


def _read(text: bytes) -> Checkpoint:
    """Return the checkpoint with this text; requires that its signature holds."""
    lines = text.split(b"\n")
    if len(lines) != 4 or not _SIZE.fullmatch(lines[1]):
        raise Breach("CHECKPOINT_INVALID", detail="not an origin, a size and a root")
    try:
        checkpoint = Checkpoint(
            lines[0].decode(), int(lines[1]), base64.b64decode(lines[2], validate=True)
        )
    except ValueError:
        raise Breach("CHECKPOINT_INVALID", detail="not an origin, a size and a root") from None
    if body(checkpoint) != text:
        raise Breach("CHECKPOINT_INVALID", detail="not the canonical spelling")
    return checkpoint
