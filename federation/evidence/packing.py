"""Packs: many records in one file, each with its length before it; one spelling."""

from __future__ import annotations

from collections.abc import Iterator

from federation.base.errors import Breach

LARGEST_RECORD = 16 * 1024 * 1024
_LONGEST_LENGTH = 5


def frame(record: bytes) -> bytes:
    """Return a record as it stands in a pack: its length as a varint, then its bytes.

    Raises:
        Breach: EVIDENCE_FORM for an empty record or one over the limit.
    """
    _require(0 < len(record) <= LARGEST_RECORD, "size of a record")
    length, rest = bytearray(), len(record)
    while rest > 0x7F:
        length.append(rest & 0x7F | 0x80)
        rest >>= 7
    return bytes((*length, rest)) + record


def unpack(packed: bytes) -> Iterator[bytes]:
    """Yield the records of a pack.

    Raises:
        Breach: EVIDENCE_FORM at the first place that is no record in its one spelling.
    """
    at = 0
    while at < len(packed):
        length, at = _read_length(packed, at)
        _require(0 < length <= len(packed) - at, f"record at byte {at}")
        yield packed[at : at + length]
        at += length


def _read_length(packed: bytes, at: int) -> tuple[int, int]:
    length = shift = 0
    for place in range(at, min(at + _LONGEST_LENGTH, len(packed))):
        byte = packed[place]
        length |= (byte & 0x7F) << shift
        shift += 7
        if byte < 0x80:
            # A last byte of nought would spell the same length once more.
            _require(byte > 0 or place == at, f"length at byte {at}")
            return length, place + 1
    raise Breach("EVIDENCE_FORM", detail=f"length at byte {at}")


def _require(holds: bool, what: str) -> None:
    if not holds:
        raise Breach("EVIDENCE_FORM", detail=what)
