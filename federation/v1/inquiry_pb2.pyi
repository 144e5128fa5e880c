from federation.v1 import envelope_pb2 as _envelope_pb2
from federation.v1 import exchange_pb2 as _exchange_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class ExchangeState(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    EXCHANGE_STATE_UNSPECIFIED: _ClassVar[ExchangeState]
    EXCHANGE_STATE_UNKNOWN: _ClassVar[ExchangeState]
    EXCHANGE_STATE_REQUESTED: _ClassVar[ExchangeState]
    EXCHANGE_STATE_RECEIVED: _ClassVar[ExchangeState]
    EXCHANGE_STATE_ACCEPTED: _ClassVar[ExchangeState]
    EXCHANGE_STATE_REJECTED: _ClassVar[ExchangeState]
    EXCHANGE_STATE_CREDITED: _ClassVar[ExchangeState]
    EXCHANGE_STATE_RELEASED: _ClassVar[ExchangeState]
    EXCHANGE_STATE_LOCKED: _ClassVar[ExchangeState]
    EXCHANGE_STATE_PREPARED: _ClassVar[ExchangeState]
    EXCHANGE_STATE_COMMITTED: _ClassVar[ExchangeState]
    EXCHANGE_STATE_ABORTED: _ClassVar[ExchangeState]
    EXCHANGE_STATE_CLOSED: _ClassVar[ExchangeState]
    EXCHANGE_STATE_RECOGNISED: _ClassVar[ExchangeState]
EXCHANGE_STATE_UNSPECIFIED: ExchangeState
EXCHANGE_STATE_UNKNOWN: ExchangeState
EXCHANGE_STATE_REQUESTED: ExchangeState
EXCHANGE_STATE_RECEIVED: ExchangeState
EXCHANGE_STATE_ACCEPTED: ExchangeState
EXCHANGE_STATE_REJECTED: ExchangeState
EXCHANGE_STATE_CREDITED: ExchangeState
EXCHANGE_STATE_RELEASED: ExchangeState
EXCHANGE_STATE_LOCKED: ExchangeState
EXCHANGE_STATE_PREPARED: ExchangeState
EXCHANGE_STATE_COMMITTED: ExchangeState
EXCHANGE_STATE_ABORTED: ExchangeState
EXCHANGE_STATE_CLOSED: ExchangeState
EXCHANGE_STATE_RECOGNISED: ExchangeState

class StatusQuery(_message.Message):
    __slots__ = ("header", "nonce", "shown")
    HEADER_FIELD_NUMBER: _ClassVar[int]
    NONCE_FIELD_NUMBER: _ClassVar[int]
    SHOWN_FIELD_NUMBER: _ClassVar[int]
    header: _exchange_pb2.Header
    nonce: bytes
    shown: bytes
    def __init__(self, header: _Optional[_Union[_exchange_pb2.Header, _Mapping]] = ..., nonce: _Optional[bytes] = ..., shown: _Optional[bytes] = ...) -> None: ...

class StatusAnswer(_message.Message):
    __slots__ = ("header", "nonce", "state")
    HEADER_FIELD_NUMBER: _ClassVar[int]
    NONCE_FIELD_NUMBER: _ClassVar[int]
    STATE_FIELD_NUMBER: _ClassVar[int]
    header: _exchange_pb2.Header
    nonce: bytes
    state: ExchangeState
    def __init__(self, header: _Optional[_Union[_exchange_pb2.Header, _Mapping]] = ..., nonce: _Optional[bytes] = ..., state: _Optional[_Union[ExchangeState, str]] = ...) -> None: ...

class PairQuery(_message.Message):
    __slots__ = ("header", "nonce", "source", "bucket")
    HEADER_FIELD_NUMBER: _ClassVar[int]
    NONCE_FIELD_NUMBER: _ClassVar[int]
    SOURCE_FIELD_NUMBER: _ClassVar[int]
    BUCKET_FIELD_NUMBER: _ClassVar[int]
    header: _exchange_pb2.Header
    nonce: bytes
    source: str
    bucket: int
    def __init__(self, header: _Optional[_Union[_exchange_pb2.Header, _Mapping]] = ..., nonce: _Optional[bytes] = ..., source: _Optional[str] = ..., bucket: _Optional[int] = ...) -> None: ...

class PairEntry(_message.Message):
    __slots__ = ("exchange_id", "source_hundredths", "granted_hundredths")
    EXCHANGE_ID_FIELD_NUMBER: _ClassVar[int]
    SOURCE_HUNDREDTHS_FIELD_NUMBER: _ClassVar[int]
    GRANTED_HUNDREDTHS_FIELD_NUMBER: _ClassVar[int]
    exchange_id: bytes
    source_hundredths: int
    granted_hundredths: int
    def __init__(self, exchange_id: _Optional[bytes] = ..., source_hundredths: _Optional[int] = ..., granted_hundredths: _Optional[int] = ...) -> None: ...

class PairAnswer(_message.Message):
    __slots__ = ("header", "nonce", "exchanges", "source_hundredths", "granted_hundredths", "bucket_digests", "entries", "story_digests", "stories")
    HEADER_FIELD_NUMBER: _ClassVar[int]
    NONCE_FIELD_NUMBER: _ClassVar[int]
    EXCHANGES_FIELD_NUMBER: _ClassVar[int]
    SOURCE_HUNDREDTHS_FIELD_NUMBER: _ClassVar[int]
    GRANTED_HUNDREDTHS_FIELD_NUMBER: _ClassVar[int]
    BUCKET_DIGESTS_FIELD_NUMBER: _ClassVar[int]
    ENTRIES_FIELD_NUMBER: _ClassVar[int]
    STORY_DIGESTS_FIELD_NUMBER: _ClassVar[int]
    STORIES_FIELD_NUMBER: _ClassVar[int]
    header: _exchange_pb2.Header
    nonce: bytes
    exchanges: int
    source_hundredths: int
    granted_hundredths: int
    bucket_digests: _containers.RepeatedScalarFieldContainer[bytes]
    entries: _containers.RepeatedCompositeFieldContainer[PairEntry]
    story_digests: _containers.RepeatedScalarFieldContainer[bytes]
    stories: _containers.RepeatedCompositeFieldContainer[Story]
    def __init__(self, header: _Optional[_Union[_exchange_pb2.Header, _Mapping]] = ..., nonce: _Optional[bytes] = ..., exchanges: _Optional[int] = ..., source_hundredths: _Optional[int] = ..., granted_hundredths: _Optional[int] = ..., bucket_digests: _Optional[_Iterable[bytes]] = ..., entries: _Optional[_Iterable[_Union[PairEntry, _Mapping]]] = ..., story_digests: _Optional[_Iterable[bytes]] = ..., stories: _Optional[_Iterable[_Union[Story, _Mapping]]] = ...) -> None: ...

class Story(_message.Message):
    __slots__ = ("exchange_id", "digest")
    EXCHANGE_ID_FIELD_NUMBER: _ClassVar[int]
    DIGEST_FIELD_NUMBER: _ClassVar[int]
    exchange_id: bytes
    digest: bytes
    def __init__(self, exchange_id: _Optional[bytes] = ..., digest: _Optional[bytes] = ...) -> None: ...

class RefillQuery(_message.Message):
    __slots__ = ("header", "nonce", "incarnation", "after")
    HEADER_FIELD_NUMBER: _ClassVar[int]
    NONCE_FIELD_NUMBER: _ClassVar[int]
    INCARNATION_FIELD_NUMBER: _ClassVar[int]
    AFTER_FIELD_NUMBER: _ClassVar[int]
    header: _exchange_pb2.Header
    nonce: bytes
    incarnation: int
    after: bytes
    def __init__(self, header: _Optional[_Union[_exchange_pb2.Header, _Mapping]] = ..., nonce: _Optional[bytes] = ..., incarnation: _Optional[int] = ..., after: _Optional[bytes] = ...) -> None: ...

class RefillAnswer(_message.Message):
    __slots__ = ("header", "nonce", "fence", "messages", "next")
    HEADER_FIELD_NUMBER: _ClassVar[int]
    NONCE_FIELD_NUMBER: _ClassVar[int]
    FENCE_FIELD_NUMBER: _ClassVar[int]
    MESSAGES_FIELD_NUMBER: _ClassVar[int]
    NEXT_FIELD_NUMBER: _ClassVar[int]
    header: _exchange_pb2.Header
    nonce: bytes
    fence: int
    messages: _containers.RepeatedCompositeFieldContainer[RefilledMessage]
    next: bytes
    def __init__(self, header: _Optional[_Union[_exchange_pb2.Header, _Mapping]] = ..., nonce: _Optional[bytes] = ..., fence: _Optional[int] = ..., messages: _Optional[_Iterable[_Union[RefilledMessage, _Mapping]]] = ..., next: _Optional[bytes] = ...) -> None: ...

class RefilledMessage(_message.Message):
    __slots__ = ("message", "openings")
    MESSAGE_FIELD_NUMBER: _ClassVar[int]
    OPENINGS_FIELD_NUMBER: _ClassVar[int]
    message: _envelope_pb2.SignedMessage
    openings: bytes
    def __init__(self, message: _Optional[_Union[_envelope_pb2.SignedMessage, _Mapping]] = ..., openings: _Optional[bytes] = ...) -> None: ...
