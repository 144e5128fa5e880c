"""Protocol buffers with exactly one spelling.

A parser that forgives lets two byte strings mean one thing, or one byte string mean two; whoever
signs bytes must refuse both. Accepted is what re-serialises to itself and has no unknown field.
"""

from __future__ import annotations

from typing import TypeVar

from google.protobuf.message import DecodeError, Message

from federation.base.errors import Breach

Parsed = TypeVar("Parsed", bound=Message)


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


def spell(message: Message) -> bytes:
    """Return the only spelling of a message."""
    return message.SerializeToString(deterministic=True)
