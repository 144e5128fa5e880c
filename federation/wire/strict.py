"""Protocol buffers with exactly one spelling.

A parser that forgives lets two byte strings mean one thing, or one byte string mean two; whoever
signs bytes must refuse both. Accepted is what re-serialises to itself and has no unknown field.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain
from typing import TypeVar

from google.protobuf.message import DecodeError, Message

from federation.base.errors import Breach

Parsed = TypeVar("Parsed", bound=Message)
# Wire types; those of a fixed size with it, and groups, which have no content of their own.
_VARINT, _LENGTH, _FIXED = 0, 2, {1: 8, 5: 4}
_LONGEST_VARINT = 10


def parse(message_class: type[Parsed], encoded: bytes) -> Parsed:
    """Return the message that these bytes are the only spelling of.

    Raises:
        Breach: EMPTY, MALFORMED, NON_CANONICAL or UNKNOWN_FIELD.
    """
    if not encoded:
        raise Breach("EMPTY")
    try:
        message = message_class.FromString(encoded)
        spelled = message.SerializeToString(deterministic=True)
    except (DecodeError, ValueError):
        raise Breach("MALFORMED") from None
    message.DiscardUnknownFields()  # type: ignore[no-untyped-call, unused-ignore]
    if message.ByteSize() != len(spelled):
        raise Breach("UNKNOWN_FIELD")
    if spelled != encoded:
        raise Breach("NON_CANONICAL")
    return message


def check_breadth(encoded: bytes, *, most: int) -> None:
    """Check how many fields stand in a message and in its parts, before it is parsed.

    A part of a message may cost its sender two bytes, and us a hundred once it is parsed. Bytes
    that are no message are left for :func:`parse` to refuse.

    Raises:
        Breach: TOO_MANY_ITEMS.
    """
    count = 0
    for start, end in _contents(encoded, 0, len(encoded)):
        for _ in chain([start], _contents(encoded, start, end)):
            count += 1
            if count > most:
                raise Breach("TOO_MANY_ITEMS")


def check_fields(encoded: bytes, *, most: int) -> None:
    """Check how many fields stand in a message itself, whatever is in its parts.

    Raises:
        Breach: TOO_MANY_ITEMS.
    """
    for count, _ in enumerate(_contents(encoded, 0, len(encoded)), start=1):
        if count > most:
            raise Breach("TOO_MANY_ITEMS")


def _contents(encoded: bytes, at: int, end: int) -> Iterator[tuple[int, int]]:
    """Walk over the fields between two places as far as they can be told apart."""
    while at < end:
        wire = encoded[at] & 7
        at = _after_varint(encoded, at, end)
        start = at
        if wire in (_VARINT, _LENGTH):
            at = _after_varint(encoded, at, end)
        if wire == _LENGTH:
            start, at = at, at + _number(encoded[start:at])
        yield start, min(at + _FIXED.get(wire, 0), end)
        at += _FIXED.get(wire, 0)


def _after_varint(encoded: bytes, at: int, end: int) -> int:
    for after in range(at + 1, min(at + _LONGEST_VARINT, end) + 1):
        if encoded[after - 1] < 0x80:
            return after
    return end


def _number(varint: bytes) -> int:
    return sum((byte & 0x7F) << 7 * place for place, byte in enumerate(varint))


def spell(message: Message) -> bytes:
    """Return the only spelling of a message."""
    return message.SerializeToString(deterministic=True)
