from google.protobuf.internal import containers as _containers
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class GetRecoveryRequest(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...

class GetRecoveryResponse(_message.Message):
    __slots__ = ("stage", "cause", "witness", "since_us", "blocked", "silent", "confirmed", "incarnation", "lost", "open_cases")
    STAGE_FIELD_NUMBER: _ClassVar[int]
    CAUSE_FIELD_NUMBER: _ClassVar[int]
    WITNESS_FIELD_NUMBER: _ClassVar[int]
    SINCE_US_FIELD_NUMBER: _ClassVar[int]
    BLOCKED_FIELD_NUMBER: _ClassVar[int]
    SILENT_FIELD_NUMBER: _ClassVar[int]
    CONFIRMED_FIELD_NUMBER: _ClassVar[int]
    INCARNATION_FIELD_NUMBER: _ClassVar[int]
    LOST_FIELD_NUMBER: _ClassVar[int]
    OPEN_CASES_FIELD_NUMBER: _ClassVar[int]
    stage: str
    cause: str
    witness: str
    since_us: int
    blocked: str
    silent: _containers.RepeatedScalarFieldContainer[str]
    confirmed: _containers.RepeatedScalarFieldContainer[str]
    incarnation: int
    lost: _containers.RepeatedCompositeFieldContainer[LogRange]
    open_cases: int
    def __init__(self, stage: _Optional[str] = ..., cause: _Optional[str] = ..., witness: _Optional[str] = ..., since_us: _Optional[int] = ..., blocked: _Optional[str] = ..., silent: _Optional[_Iterable[str]] = ..., confirmed: _Optional[_Iterable[str]] = ..., incarnation: _Optional[int] = ..., lost: _Optional[_Iterable[_Union[LogRange, _Mapping]]] = ..., open_cases: _Optional[int] = ...) -> None: ...

class LogRange(_message.Message):
    __slots__ = ("first", "count")
    FIRST_FIELD_NUMBER: _ClassVar[int]
    COUNT_FIELD_NUMBER: _ClassVar[int]
    first: int
    count: int
    def __init__(self, first: _Optional[int] = ..., count: _Optional[int] = ...) -> None: ...

class ConfirmRecoveryRequest(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...

class ConfirmRecoveryResponse(_message.Message):
    __slots__ = ("confirmed",)
    CONFIRMED_FIELD_NUMBER: _ClassVar[int]
    confirmed: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, confirmed: _Optional[_Iterable[str]] = ...) -> None: ...

class ListCasesRequest(_message.Message):
    __slots__ = ("with_closed",)
    WITH_CLOSED_FIELD_NUMBER: _ClassVar[int]
    with_closed: bool
    def __init__(self, with_closed: _Optional[bool] = ...) -> None: ...

class ListCasesResponse(_message.Message):
    __slots__ = ("cases",)
    CASES_FIELD_NUMBER: _ClassVar[int]
    cases: _containers.RepeatedCompositeFieldContainer[Case]
    def __init__(self, cases: _Optional[_Iterable[_Union[Case, _Mapping]]] = ...) -> None: ...

class Case(_message.Message):
    __slots__ = ("case_id", "kind", "peer", "exchange", "subject", "hundredths", "opened_us", "closed_us", "note")
    CASE_ID_FIELD_NUMBER: _ClassVar[int]
    KIND_FIELD_NUMBER: _ClassVar[int]
    PEER_FIELD_NUMBER: _ClassVar[int]
    EXCHANGE_FIELD_NUMBER: _ClassVar[int]
    SUBJECT_FIELD_NUMBER: _ClassVar[int]
    HUNDREDTHS_FIELD_NUMBER: _ClassVar[int]
    OPENED_US_FIELD_NUMBER: _ClassVar[int]
    CLOSED_US_FIELD_NUMBER: _ClassVar[int]
    NOTE_FIELD_NUMBER: _ClassVar[int]
    case_id: int
    kind: str
    peer: str
    exchange: str
    subject: str
    hundredths: int
    opened_us: int
    closed_us: int
    note: str
    def __init__(self, case_id: _Optional[int] = ..., kind: _Optional[str] = ..., peer: _Optional[str] = ..., exchange: _Optional[str] = ..., subject: _Optional[str] = ..., hundredths: _Optional[int] = ..., opened_us: _Optional[int] = ..., closed_us: _Optional[int] = ..., note: _Optional[str] = ...) -> None: ...

class CloseCaseRequest(_message.Message):
    __slots__ = ("case_id", "note")
    CASE_ID_FIELD_NUMBER: _ClassVar[int]
    NOTE_FIELD_NUMBER: _ClassVar[int]
    case_id: int
    note: str
    def __init__(self, case_id: _Optional[int] = ..., note: _Optional[str] = ...) -> None: ...

class CloseCaseResponse(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...
