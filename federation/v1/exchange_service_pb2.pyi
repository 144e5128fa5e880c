from federation.v1 import envelope_pb2 as _envelope_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class Disposal(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    DISPOSAL_UNSPECIFIED: _ClassVar[Disposal]
    DISPOSAL_ANSWERED: _ClassVar[Disposal]
    DISPOSAL_HELD: _ClassVar[Disposal]
    DISPOSAL_DONE: _ClassVar[Disposal]
    DISPOSAL_REFUSED: _ClassVar[Disposal]
    DISPOSAL_RETRY: _ClassVar[Disposal]
DISPOSAL_UNSPECIFIED: Disposal
DISPOSAL_ANSWERED: Disposal
DISPOSAL_HELD: Disposal
DISPOSAL_DONE: Disposal
DISPOSAL_REFUSED: Disposal
DISPOSAL_RETRY: Disposal

class DeliverRequest(_message.Message):
    __slots__ = ("batch",)
    BATCH_FIELD_NUMBER: _ClassVar[int]
    batch: _envelope_pb2.SignedBatch
    def __init__(self, batch: _Optional[_Union[_envelope_pb2.SignedBatch, _Mapping]] = ...) -> None: ...

class DeliverResponse(_message.Message):
    __slots__ = ("results", "answers")
    RESULTS_FIELD_NUMBER: _ClassVar[int]
    ANSWERS_FIELD_NUMBER: _ClassVar[int]
    results: _containers.RepeatedCompositeFieldContainer[ItemResult]
    answers: _envelope_pb2.SignedBatch
    def __init__(self, results: _Optional[_Iterable[_Union[ItemResult, _Mapping]]] = ..., answers: _Optional[_Union[_envelope_pb2.SignedBatch, _Mapping]] = ...) -> None: ...

class ItemResult(_message.Message):
    __slots__ = ("disposal", "reason", "retry_after_ms")
    DISPOSAL_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    RETRY_AFTER_MS_FIELD_NUMBER: _ClassVar[int]
    disposal: Disposal
    reason: str
    retry_after_ms: int
    def __init__(self, disposal: _Optional[_Union[Disposal, str]] = ..., reason: _Optional[str] = ..., retry_after_ms: _Optional[int] = ...) -> None: ...
