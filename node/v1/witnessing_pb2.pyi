from google.protobuf.internal import containers as _containers
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class WitnessingStatus(_message.Message):
    __slots__ = ("log_size", "witnessed_size", "witnessed_us", "witnesses_count", "tolerated", "needed", "promise_zh", "promise_en", "witnesses", "source_witnessed", "destination_witnessed", "proofs", "cases")
    LOG_SIZE_FIELD_NUMBER: _ClassVar[int]
    WITNESSED_SIZE_FIELD_NUMBER: _ClassVar[int]
    WITNESSED_US_FIELD_NUMBER: _ClassVar[int]
    WITNESSES_COUNT_FIELD_NUMBER: _ClassVar[int]
    TOLERATED_FIELD_NUMBER: _ClassVar[int]
    NEEDED_FIELD_NUMBER: _ClassVar[int]
    PROMISE_ZH_FIELD_NUMBER: _ClassVar[int]
    PROMISE_EN_FIELD_NUMBER: _ClassVar[int]
    WITNESSES_FIELD_NUMBER: _ClassVar[int]
    SOURCE_WITNESSED_FIELD_NUMBER: _ClassVar[int]
    DESTINATION_WITNESSED_FIELD_NUMBER: _ClassVar[int]
    PROOFS_FIELD_NUMBER: _ClassVar[int]
    CASES_FIELD_NUMBER: _ClassVar[int]
    log_size: int
    witnessed_size: int
    witnessed_us: int
    witnesses_count: int
    tolerated: int
    needed: int
    promise_zh: str
    promise_en: str
    witnesses: _containers.RepeatedCompositeFieldContainer[WitnessStatus]
    source_witnessed: int
    destination_witnessed: int
    proofs: int
    cases: int
    def __init__(self, log_size: _Optional[int] = ..., witnessed_size: _Optional[int] = ..., witnessed_us: _Optional[int] = ..., witnesses_count: _Optional[int] = ..., tolerated: _Optional[int] = ..., needed: _Optional[int] = ..., promise_zh: _Optional[str] = ..., promise_en: _Optional[str] = ..., witnesses: _Optional[_Iterable[_Union[WitnessStatus, _Mapping]]] = ..., source_witnessed: _Optional[int] = ..., destination_witnessed: _Optional[int] = ..., proofs: _Optional[int] = ..., cases: _Optional[int] = ...) -> None: ...

class WitnessStatus(_message.Message):
    __slots__ = ("witness", "known_size", "answered_us", "failing_since_us", "failure", "is_stalled")
    WITNESS_FIELD_NUMBER: _ClassVar[int]
    KNOWN_SIZE_FIELD_NUMBER: _ClassVar[int]
    ANSWERED_US_FIELD_NUMBER: _ClassVar[int]
    FAILING_SINCE_US_FIELD_NUMBER: _ClassVar[int]
    FAILURE_FIELD_NUMBER: _ClassVar[int]
    IS_STALLED_FIELD_NUMBER: _ClassVar[int]
    witness: str
    known_size: int
    answered_us: int
    failing_since_us: int
    failure: str
    is_stalled: bool
    def __init__(self, witness: _Optional[str] = ..., known_size: _Optional[int] = ..., answered_us: _Optional[int] = ..., failing_since_us: _Optional[int] = ..., failure: _Optional[str] = ..., is_stalled: _Optional[bool] = ...) -> None: ...
