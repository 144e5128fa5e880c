"""Protocol buffers bent by hand: bytes that no library of ours would write."""

from __future__ import annotations

from collections.abc import Callable

VARINT, LENGTH, OPEN_GROUP, CLOSE_GROUP = 0, 2, 3, 4
FREE_FIELD = 15
Bend = Callable[[bytes], bytes]


def varint(number: int) -> bytes:
    """Return an unsigned number in base 128."""
    spelled = bytearray()
    while number > 0x7F:
        spelled.append(number & 0x7F | 0x80)
        number >>= 7
    return bytes([*spelled, number])


def padded(number: int) -> bytes:
    """Return the same number with one byte more, which adds nothing to it."""
    spelled = varint(number)
    return spelled[:-1] + bytes([spelled[-1] | 0x80, 0])


def tag(field: int, wire: int) -> bytes:
    """Return what stands before a field's content."""
    return varint(field << 3 | wire)


def field(number: int, content: bytes) -> bytes:
    """Return a field whose content has its length before it."""
    return tag(number, LENGTH) + varint(len(content)) + content


def first_field(encoded: bytes) -> tuple[bytes, bytes]:
    """Split a message after its first field."""
    key, at = read_varint(encoded, 0)
    value, at = read_varint(encoded, at)
    if key & 7 == LENGTH:
        at += value
    return encoded[:at], encoded[at:]


def read_varint(encoded: bytes, at: int) -> tuple[int, int]:
    """Return a number and the place after it."""
    number = shift = 0
    while True:
        number |= (encoded[at] & 0x7F) << shift
        at, shift = at + 1, shift + 7
        if encoded[at - 1] < 0x80:
            return number, at


def truncated(encoded: bytes) -> bytes:
    """Leave out the last byte."""
    return encoded[:-1]


def past_the_end(encoded: bytes) -> bytes:
    """Add a field that says it is longer than what is there."""
    return encoded + tag(FREE_FIELD, LENGTH) + varint(1000) + b"x"


def endless_varint(encoded: bytes) -> bytes:
    """Add a number of eleven bytes."""
    return encoded + tag(FREE_FIELD, VARINT) + b"\xff" * 10 + b"\x01"


def padded_varint(encoded: bytes) -> bytes:
    """Write the number in the first field, be it value or length, with a byte too many."""
    number, after = read_varint(encoded, 1)
    return encoded[:1] + padded(number) + encoded[after:]


def swapped(encoded: bytes) -> bytes:
    """Put the first field last."""
    first, rest = first_field(encoded)
    return rest + first


def doubled(encoded: bytes) -> bytes:
    """Say the first field twice."""
    first, rest = first_field(encoded)
    return first + first + rest


def unknown_field(encoded: bytes) -> bytes:
    """Add a field that the message does not have."""
    return encoded + tag(FREE_FIELD, VARINT) + b"\x01"


def group(encoded: bytes) -> bytes:
    """Add a group, which the parser accepts and nobody writes any more."""
    return encoded + tag(FREE_FIELD, OPEN_GROUP) + tag(FREE_FIELD, CLOSE_GROUP)


def open_group(encoded: bytes) -> bytes:
    """Begin a group and never end it."""
    return encoded + tag(FREE_FIELD, OPEN_GROUP)


def deep(encoded: bytes) -> bytes:
    """Add groups within groups, deeper than any parser goes."""
    return encoded + tag(FREE_FIELD, OPEN_GROUP) * 120 + tag(FREE_FIELD, CLOSE_GROUP) * 120


def not_utf8(encoded: bytes) -> bytes:
    """Break the first character of some text that every level has."""
    for text in (b"CN-33", b"learner_name"):
        if text in encoded:
            return encoded.replace(text, b"\xff" + text[1:], 1)
    raise AssertionError("no text to break")
