from google.protobuf.internal import containers as _containers
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class AddCheckpointRequest(_message.Message):
    __slots__ = ("note", "old_size", "proof", "entries", "quorum_note")
    NOTE_FIELD_NUMBER: _ClassVar[int]
    OLD_SIZE_FIELD_NUMBER: _ClassVar[int]
    PROOF_FIELD_NUMBER: _ClassVar[int]
    ENTRIES_FIELD_NUMBER: _ClassVar[int]
    QUORUM_NOTE_FIELD_NUMBER: _ClassVar[int]
    note: bytes
    old_size: int
    proof: _containers.RepeatedScalarFieldContainer[bytes]
    entries: _containers.RepeatedScalarFieldContainer[bytes]
    quorum_note: bytes
    def __init__(self, note: _Optional[bytes] = ..., old_size: _Optional[int] = ..., proof: _Optional[_Iterable[bytes]] = ..., entries: _Optional[_Iterable[bytes]] = ..., quorum_note: _Optional[bytes] = ...) -> None: ...

class AddCheckpointResponse(_message.Message):
    __slots__ = ("cosignatures", "known_size", "known_note")
    COSIGNATURES_FIELD_NUMBER: _ClassVar[int]
    KNOWN_SIZE_FIELD_NUMBER: _ClassVar[int]
    KNOWN_NOTE_FIELD_NUMBER: _ClassVar[int]
    cosignatures: _containers.RepeatedScalarFieldContainer[bytes]
    known_size: int
    known_note: bytes
    def __init__(self, cosignatures: _Optional[_Iterable[bytes]] = ..., known_size: _Optional[int] = ..., known_note: _Optional[bytes] = ...) -> None: ...

class ReadCheckpointRequest(_message.Message):
    __slots__ = ("origin",)
    ORIGIN_FIELD_NUMBER: _ClassVar[int]
    origin: str
    def __init__(self, origin: _Optional[str] = ...) -> None: ...

class ReadCheckpointResponse(_message.Message):
    __slots__ = ("note", "quorum_note", "mirrored_size", "incarnation")
    NOTE_FIELD_NUMBER: _ClassVar[int]
    QUORUM_NOTE_FIELD_NUMBER: _ClassVar[int]
    MIRRORED_SIZE_FIELD_NUMBER: _ClassVar[int]
    INCARNATION_FIELD_NUMBER: _ClassVar[int]
    note: bytes
    quorum_note: bytes
    mirrored_size: int
    incarnation: int
    def __init__(self, note: _Optional[bytes] = ..., quorum_note: _Optional[bytes] = ..., mirrored_size: _Optional[int] = ..., incarnation: _Optional[int] = ...) -> None: ...

class ReadLeavesRequest(_message.Message):
    __slots__ = ("origin", "start", "limit")
    ORIGIN_FIELD_NUMBER: _ClassVar[int]
    START_FIELD_NUMBER: _ClassVar[int]
    LIMIT_FIELD_NUMBER: _ClassVar[int]
    origin: str
    start: int
    limit: int
    def __init__(self, origin: _Optional[str] = ..., start: _Optional[int] = ..., limit: _Optional[int] = ...) -> None: ...

class ReadLeavesResponse(_message.Message):
    __slots__ = ("hashes", "spends")
    HASHES_FIELD_NUMBER: _ClassVar[int]
    SPENDS_FIELD_NUMBER: _ClassVar[int]
    hashes: _containers.RepeatedScalarFieldContainer[bytes]
    spends: _containers.RepeatedCompositeFieldContainer[Spend]
    def __init__(self, hashes: _Optional[_Iterable[bytes]] = ..., spends: _Optional[_Iterable[_Union[Spend, _Mapping]]] = ...) -> None: ...

class Spend(_message.Message):
    __slots__ = ("nullifier", "log_index", "message_hash")
    NULLIFIER_FIELD_NUMBER: _ClassVar[int]
    LOG_INDEX_FIELD_NUMBER: _ClassVar[int]
    MESSAGE_HASH_FIELD_NUMBER: _ClassVar[int]
    nullifier: bytes
    log_index: int
    message_hash: bytes
    def __init__(self, nullifier: _Optional[bytes] = ..., log_index: _Optional[int] = ..., message_hash: _Optional[bytes] = ...) -> None: ...
