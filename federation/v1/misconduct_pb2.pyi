from federation.v1 import envelope_pb2 as _envelope_pb2
from federation.v1 import transcript_pb2 as _transcript_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class MisconductKind(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    MISCONDUCT_KIND_UNSPECIFIED: _ClassVar[MisconductKind]
    MISCONDUCT_KIND_DOUBLE_GRANT: _ClassVar[MisconductKind]
    MISCONDUCT_KIND_EQUIVOCATION_LOG: _ClassVar[MisconductKind]
    MISCONDUCT_KIND_EQUIVOCATION_MESSAGE: _ClassVar[MisconductKind]
MISCONDUCT_KIND_UNSPECIFIED: MisconductKind
MISCONDUCT_KIND_DOUBLE_GRANT: MisconductKind
MISCONDUCT_KIND_EQUIVOCATION_LOG: MisconductKind
MISCONDUCT_KIND_EQUIVOCATION_MESSAGE: MisconductKind

class Misconduct(_message.Message):
    __slots__ = ("province", "kind", "leaves", "log", "messages", "registry")
    PROVINCE_FIELD_NUMBER: _ClassVar[int]
    KIND_FIELD_NUMBER: _ClassVar[int]
    LEAVES_FIELD_NUMBER: _ClassVar[int]
    LOG_FIELD_NUMBER: _ClassVar[int]
    MESSAGES_FIELD_NUMBER: _ClassVar[int]
    REGISTRY_FIELD_NUMBER: _ClassVar[int]
    province: str
    kind: MisconductKind
    leaves: _containers.RepeatedCompositeFieldContainer[SpendingLeaf]
    log: LogContradiction
    messages: _containers.RepeatedCompositeFieldContainer[_envelope_pb2.SignedMessage]
    registry: _containers.RepeatedCompositeFieldContainer[_transcript_pb2.RegistryFile]
    def __init__(self, province: _Optional[str] = ..., kind: _Optional[_Union[MisconductKind, str]] = ..., leaves: _Optional[_Iterable[_Union[SpendingLeaf, _Mapping]]] = ..., log: _Optional[_Union[LogContradiction, _Mapping]] = ..., messages: _Optional[_Iterable[_Union[_envelope_pb2.SignedMessage, _Mapping]]] = ..., registry: _Optional[_Iterable[_Union[_transcript_pb2.RegistryFile, _Mapping]]] = ...) -> None: ...

class SpendingLeaf(_message.Message):
    __slots__ = ("entry", "log_index", "log_proof", "checkpoint")
    ENTRY_FIELD_NUMBER: _ClassVar[int]
    LOG_INDEX_FIELD_NUMBER: _ClassVar[int]
    LOG_PROOF_FIELD_NUMBER: _ClassVar[int]
    CHECKPOINT_FIELD_NUMBER: _ClassVar[int]
    entry: bytes
    log_index: int
    log_proof: _containers.RepeatedScalarFieldContainer[bytes]
    checkpoint: bytes
    def __init__(self, entry: _Optional[bytes] = ..., log_index: _Optional[int] = ..., log_proof: _Optional[_Iterable[bytes]] = ..., checkpoint: _Optional[bytes] = ...) -> None: ...

class LogContradiction(_message.Message):
    __slots__ = ("note", "other_note", "other_root", "proof")
    NOTE_FIELD_NUMBER: _ClassVar[int]
    OTHER_NOTE_FIELD_NUMBER: _ClassVar[int]
    OTHER_ROOT_FIELD_NUMBER: _ClassVar[int]
    PROOF_FIELD_NUMBER: _ClassVar[int]
    note: bytes
    other_note: bytes
    other_root: bytes
    proof: _containers.RepeatedScalarFieldContainer[bytes]
    def __init__(self, note: _Optional[bytes] = ..., other_note: _Optional[bytes] = ..., other_root: _Optional[bytes] = ..., proof: _Optional[_Iterable[bytes]] = ...) -> None: ...
