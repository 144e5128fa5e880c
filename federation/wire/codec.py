"""Values to protocol buffers and back, by the names that both share.

Each dataclass of ``protocol`` mirrors one generated class field by field. A pair of functions is
built for each class once, at import, so that a message costs one pass.
"""

from __future__ import annotations

import dataclasses
import types
import typing
from collections.abc import Callable
from enum import IntEnum
from operator import attrgetter
from typing import Any, TypeVar

from google.protobuf.message import Message as Buffer

from federation.base.errors import Breach
from federation.protocol import commitments, inquiries, lots, messages
from federation.protocol.inquiries import ALL_TYPES, Message
from federation.protocol.messages import MessageType
from federation.v1 import envelope_pb2, exchange_pb2, follow_up_pb2, inquiry_pb2
from federation.wire import strict

Value = TypeVar("Value")
_Decode = Callable[[Any], Any]
_Encode = Callable[[Any], Any]
_PLAIN = frozenset({str, bytes, int, bool})


def encode(message: Message) -> tuple[MessageType, bytes]:
    """Return type and payload bytes of a message."""
    return ALL_TYPES[type(message)], strict.spell(_ENCODERS[type(message)](message))


def kind_of(message: Message) -> MessageType:
    """Return the type of a message."""
    return ALL_TYPES[type(message)]


def decode(payload_type: str, payload: bytes) -> Message:
    """Return the message of a payload.

    Raises:
        Breach: TYPE_UNKNOWN, or what :func:`federation.wire.strict.parse` raises, or
            FIELD_MISSING where a required part is absent.
    """
    value_class = _CLASS_OF.get(payload_type)
    if value_class is None:
        raise Breach("TYPE_UNKNOWN")
    return typing.cast(Message, _decode(value_class, payload))


def encode_openings(openings: commitments.Openings) -> bytes:
    """Return the detached part as bytes; empty when nothing is shown."""
    return strict.spell(_ENCODERS[commitments.Openings](openings)) if openings.openings else b""


def decode_openings(encoded: bytes) -> commitments.Openings:
    """Return the detached part.

    Raises:
        Breach: as :func:`decode`.
    """
    if not encoded:
        return commitments.Openings()
    return _decode(commitments.Openings, encoded)


def encode_content(content: messages.LotContent) -> bytes:
    """Return a lot's content as bytes."""
    return strict.spell(_ENCODERS[messages.LotContent](content))


def decode_content(encoded: bytes) -> messages.LotContent:
    """Return a lot's content.

    Raises:
        Breach: as :func:`decode`.
    """
    return _decode(messages.LotContent, encoded)


def _decode(value_class: type[Value], encoded: bytes) -> Value:
    buffer = strict.parse(_BUFFER_OF[value_class], encoded)
    try:
        return typing.cast(Value, _DECODERS[value_class](buffer))
    except ValueError:
        raise Breach("MALFORMED", detail="value outside its enumeration") from None


_BUFFER_OF: dict[type, type[Buffer]] = {
    messages.Header: exchange_pb2.Header,
    messages.Consent: exchange_pb2.Consent,
    messages.Commitment: exchange_pb2.Commitment,
    messages.LotContent: exchange_pb2.LotContent,
    messages.LotOffer: exchange_pb2.LotOffer,
    lots.WantedLot: exchange_pb2.WantedLot,
    messages.Request: exchange_pb2.Request,
    messages.Prepare: exchange_pb2.Prepare,
    messages.LotDecision: exchange_pb2.LotDecision,
    messages.DecisionRecord: exchange_pb2.DecisionRecord,
    lots.TargetGrant: exchange_pb2.TargetGrant,
    lots.LotGroup: exchange_pb2.LotGroup,
    messages.Vote: exchange_pb2.Vote,
    lots.CommittedLot: exchange_pb2.CommittedLot,
    messages.Commit: exchange_pb2.Commit,
    messages.Abort: exchange_pb2.Abort,
    messages.Receipt: exchange_pb2.Receipt,
    messages.LotQuestion: follow_up_pb2.LotQuestion,
    messages.SupplementAsked: follow_up_pb2.SupplementAsked,
    messages.EvidenceFile: follow_up_pb2.EvidenceFile,
    messages.LotEvidence: follow_up_pb2.LotEvidence,
    messages.Supplement: follow_up_pb2.Supplement,
    messages.LotNotice: follow_up_pb2.LotNotice,
    messages.Notice: follow_up_pb2.Notice,
    messages.LotDisposition: follow_up_pb2.LotDisposition,
    messages.Disposition: follow_up_pb2.Disposition,
    messages.ConsentWithdrawn: follow_up_pb2.ConsentWithdrawn,
    messages.ConsentAck: follow_up_pb2.ConsentAck,
    inquiries.StatusQuery: inquiry_pb2.StatusQuery,
    inquiries.StatusAnswer: inquiry_pb2.StatusAnswer,
    inquiries.PairQuery: inquiry_pb2.PairQuery,
    inquiries.PairEntry: inquiry_pb2.PairEntry,
    inquiries.Story: inquiry_pb2.Story,
    inquiries.PairAnswer: inquiry_pb2.PairAnswer,
    inquiries.Signature: envelope_pb2.Signature,
    inquiries.SignedMessage: envelope_pb2.SignedMessage,
    inquiries.RefillQuery: inquiry_pb2.RefillQuery,
    inquiries.RefilledMessage: inquiry_pb2.RefilledMessage,
    inquiries.RefillAnswer: inquiry_pb2.RefillAnswer,
    commitments.Opening: envelope_pb2.Opening,
    commitments.Openings: envelope_pb2.Openings,
}
_CLASS_OF: dict[str, type] = {kind.value: cls for cls, kind in ALL_TYPES.items()}
_DECODERS: dict[type, _Decode] = {}
_ENCODERS: dict[type, _Encode] = {}


def _build(value_class: type) -> None:
    hints = typing.get_type_hints(value_class)
    fields = [(one.name, hints[one.name]) for one in dataclasses.fields(value_class)]
    buffer_class = _BUFFER_OF[value_class]
    # Plain values are taken as they are, in one go; the others each by a function of its own.
    plain = [name for name, hint in fields if hint in _PLAIN]
    take = _taker(plain)
    readers = [(name, _reader(name, hint)) for name, hint in fields if hint not in _PLAIN]
    writers = [(name, _writer(hint)) for name, hint in fields if hint not in _PLAIN]

    def read(buffer: Any) -> Any:
        values = dict(zip(plain, take(buffer), strict=True))
        for name, reader in readers:
            values[name] = reader(buffer)
        return value_class(**values)

    def write(value: Any) -> Any:
        values = dict(zip(plain, take(value), strict=True))
        for name, writer in writers:
            values[name] = writer(getattr(value, name))
        return buffer_class(**values)

    _DECODERS[value_class] = read
    _ENCODERS[value_class] = write


def _taker(names: list[str]) -> Callable[[Any], tuple[Any, ...]]:
    """Return what reads these attributes of a value or a buffer."""
    if len(names) > 1:
        return attrgetter(*names)
    return lambda value: tuple([getattr(value, name) for name in names])


def _reader(name: str, hint: Any) -> _Decode:
    if typing.get_origin(hint) is tuple:
        item = typing.get_args(hint)[0]
        if item in _BUFFER_OF:
            nested = _DECODERS[item]
            return lambda buffer: tuple([nested(one) for one in getattr(buffer, name)])
        return lambda buffer: tuple(getattr(buffer, name))
    required, inner = _unwrap(hint)
    if inner in _BUFFER_OF:
        return _nested_reader(name, _DECODERS[inner], required=required)
    if isinstance(inner, type) and issubclass(inner, IntEnum):
        return lambda buffer: inner(getattr(buffer, name))
    return lambda buffer: getattr(buffer, name)


def _nested_reader(name: str, nested: _Decode, *, required: bool) -> _Decode:
    def read(buffer: Any) -> Any:
        if buffer.HasField(name):
            return nested(getattr(buffer, name))
        if required:
            raise Breach("FIELD_MISSING", detail=name)
        return None

    return read


def _writer(hint: Any) -> _Encode:
    if typing.get_origin(hint) is tuple:
        item = typing.get_args(hint)[0]
        if item in _BUFFER_OF:
            nested = _ENCODERS[item]
            return lambda values: [nested(one) for one in values]
        return lambda values: values
    _, inner = _unwrap(hint)
    if inner in _BUFFER_OF:
        write = _ENCODERS[inner]
        return lambda value: None if value is None else write(value)
    return lambda value: value


def _unwrap(hint: Any) -> tuple[bool, Any]:
    """Return whether a value is required, and its type without ``None``."""
    if isinstance(hint, types.UnionType):
        inner = [one for one in typing.get_args(hint) if one is not type(None)]
        return False, inner[0]
    return True, hint


# Parts stand before the wholes that hold them.
for _class in _BUFFER_OF:
    _build(_class)
