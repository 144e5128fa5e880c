"""DSSE pre-authentication encoding (secure-systems-lab/dsse, protocol.md) and payload hashes."""

from __future__ import annotations

import hashlib


def pae(payload_type: str, payload: bytes) -> bytes:
    """Return the bytes that are signed for a payload: type and payload, each with its length."""
    kind = payload_type.encode()
    return b"DSSEv1 %d %b %d %b" % (len(kind), kind, len(payload), payload)


def message_hash(payload_type: str, payload: bytes) -> bytes:
    """Return the identity of a message: SHA-256 of 0x00 and its encoding (an RFC 6962 leaf)."""
    return hashlib.sha256(b"\x00" + pae(payload_type, payload)).digest()
