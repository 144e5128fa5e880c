"""A decision record as a document, with a seal on every field.

The VOTE names the document by its digest; that alone shows whether it was altered. The seals
show where: each is the first 64 bits of HMAC-SHA256 over path and value, under the record's salt.
They bind nothing by themselves, and need not: whoever forges one has changed the digest.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from typing import Any

from federation.base.errors import Breach
from node.domain.canonical import digest_of, plain, read_canonical, spell, spelled, value_of
from node.domain.decision_record import RECORD_FORM, Record

SALT_SIZE = 16
_REASON = "RECORD_FORM"
_SEAL_DIGITS = 16
_BLOCK_SIZE = 64
_INNER = bytes(byte ^ 0x36 for byte in range(256))
_OUTER = bytes(byte ^ 0x5C for byte in range(256))


def record_document(record: Record, salt: bytes) -> bytes:
    """Return the document of a record.

    Args:
        salt: 16 random bytes; they keep the digest from being guessed from known values.
    """
    if len(salt) != SALT_SIZE:
        raise ValueError("a salt has 16 bytes")
    content = plain(record)
    seals = _Sealer(salt).all_of("$", content)
    return spell({"record": content, "salt": salt.hex(), "seals": seals})


def record_digest(document: bytes) -> str:
    """Return the digest by which a VOTE names the document."""
    return digest_of(document)


def read_record(document: bytes) -> Record:
    """Return the record that a document is, unaltered.

    Raises:
        Breach: RECORD_FORM for what is none; RECORD_ALTERED naming the first altered field.
    """
    content, altered = open_document(document)
    for path in altered:
        raise Breach("RECORD_ALTERED", detail=path)
    return parse_content(content)


def open_document(document: bytes) -> tuple[Any, tuple[str, ...]]:
    """Return a document's content, unparsed, and the paths of the fields that were altered.

    Raises:
        Breach: RECORD_FORM where the bytes are no such document at all.
    """
    whole = read_canonical(document, reason=_REASON)
    if set(whole) != {"record", "salt", "seals"}:
        raise Breach(_REASON, detail="$")
    try:
        salt = bytes.fromhex(whole["salt"])
    except (TypeError, ValueError):
        raise Breach(_REASON, detail="$.salt") from None
    if len(salt) != SALT_SIZE or salt.hex() != whole["salt"]:
        raise Breach(_REASON, detail="$.salt")
    sealer = _Sealer(salt)
    if sealer.all_of("$", whole["record"]) == whole["seals"]:
        return whole["record"], ()
    paths = tuple(_broken(sealer, "$", whole["record"], whole["seals"]))
    every = sum(1 for _ in _leaves(whole["record"]))
    # Another salt breaks every seal at once; then the fields are not what was altered.
    return whole["record"], ("$.salt",) if len(paths) == every > 1 else paths


def parse_content(content: Any) -> Record:
    """Return the record that a document's content is.

    Raises:
        Breach: RECORD_FORM naming the path of what is none.
    """
    try:
        record = value_of(Record, content, reason=_REASON)
    except Breach as breach:
        # Facts that no outcome can have are refused at birth, under reasons of their own.
        raise Breach(_REASON, detail=f"{breach.reason} {breach.detail}") from None
    assert isinstance(record, Record)
    if record.form != RECORD_FORM:
        raise Breach(_REASON, detail="$.form")
    return record


class _Sealer:
    """HMAC-SHA256 (RFC 2104) of many fields under one salt, whose two blocks are hashed once."""

    def __init__(self, salt: bytes) -> None:
        block = salt.ljust(_BLOCK_SIZE, b"\x00")
        self._inner = hashlib.sha256(block.translate(_INNER))
        self._outer = hashlib.sha256(block.translate(_OUTER))

    def all_of(self, path: str, value: Any) -> Any:
        """Return the seals of a value in the shape of the value."""
        kind = type(value)
        if kind is dict and value:
            return {key: self.all_of(f"{path}.{key}", one) for key, one in value.items()}
        if kind is list and value:
            return [self.all_of(f"{path}[{at}]", one) for at, one in enumerate(value)]
        return self.of(path, value)

    def of(self, path: str, value: Any) -> str:
        """Return the seal of one field."""
        inner, outer = self._inner.copy(), self._outer.copy()
        inner.update(f"{path}\x00{spelled(value)}".encode())
        outer.update(inner.digest())
        return outer.hexdigest()[:_SEAL_DIGITS]


def _broken(sealer: _Sealer, path: str, value: Any, seals: Any) -> Iterator[str]:
    if isinstance(value, dict) and value and isinstance(seals, dict):
        for key in sorted({*value, *seals}):
            if key in value and key in seals:
                yield from _broken(sealer, f"{path}.{key}", value[key], seals[key])
            else:
                yield f"{path}.{key}"
    elif isinstance(value, list) and value and isinstance(seals, list):
        for at in range(max(len(value), len(seals))):
            if at < len(value) and at < len(seals):
                yield from _broken(sealer, f"{path}[{at}]", value[at], seals[at])
            else:
                yield f"{path}[{at}]"
    elif isinstance(seals, dict | list) or seals != sealer.of(path, value):
        yield path


def _leaves(value: Any) -> Iterator[Any]:
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    if not inner:
        yield value
    for one in inner:
        yield from _leaves(one)
