from node.v1 import operation_service_pb2 as _operation_service_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class DryRunRequest(_message.Message):
    __slots__ = ("chunk",)
    CHUNK_FIELD_NUMBER: _ClassVar[int]
    chunk: bytes
    def __init__(self, chunk: _Optional[bytes] = ...) -> None: ...

class DryRunResponse(_message.Message):
    __slots__ = ("changes", "sums")
    CHANGES_FIELD_NUMBER: _ClassVar[int]
    SUMS_FIELD_NUMBER: _ClassVar[int]
    changes: _containers.RepeatedCompositeFieldContainer[CaseChange]
    sums: DryRunSums
    def __init__(self, changes: _Optional[_Iterable[_Union[CaseChange, _Mapping]]] = ..., sums: _Optional[_Union[DryRunSums, _Mapping]] = ...) -> None: ...

class CaseChange(_message.Message):
    __slots__ = ("name", "decided_on", "track", "targets", "lots")
    NAME_FIELD_NUMBER: _ClassVar[int]
    DECIDED_ON_FIELD_NUMBER: _ClassVar[int]
    TRACK_FIELD_NUMBER: _ClassVar[int]
    TARGETS_FIELD_NUMBER: _ClassVar[int]
    LOTS_FIELD_NUMBER: _ClassVar[int]
    name: _operation_service_pb2.ExchangeName
    decided_on: str
    track: str
    targets: _containers.RepeatedCompositeFieldContainer[TargetChange]
    lots: _containers.RepeatedCompositeFieldContainer[LotChange]
    def __init__(self, name: _Optional[_Union[_operation_service_pb2.ExchangeName, _Mapping]] = ..., decided_on: _Optional[str] = ..., track: _Optional[str] = ..., targets: _Optional[_Iterable[_Union[TargetChange, _Mapping]]] = ..., lots: _Optional[_Iterable[_Union[LotChange, _Mapping]]] = ...) -> None: ...

class TargetChange(_message.Message):
    __slots__ = ("target", "before_hundredths", "after_hundredths")
    TARGET_FIELD_NUMBER: _ClassVar[int]
    BEFORE_HUNDREDTHS_FIELD_NUMBER: _ClassVar[int]
    AFTER_HUNDREDTHS_FIELD_NUMBER: _ClassVar[int]
    target: str
    before_hundredths: int
    after_hundredths: int
    def __init__(self, target: _Optional[str] = ..., before_hundredths: _Optional[int] = ..., after_hundredths: _Optional[int] = ...) -> None: ...

class LotChange(_message.Message):
    __slots__ = ("lot", "before", "after", "reasons_before", "reasons_after")
    LOT_FIELD_NUMBER: _ClassVar[int]
    BEFORE_FIELD_NUMBER: _ClassVar[int]
    AFTER_FIELD_NUMBER: _ClassVar[int]
    REASONS_BEFORE_FIELD_NUMBER: _ClassVar[int]
    REASONS_AFTER_FIELD_NUMBER: _ClassVar[int]
    lot: str
    before: str
    after: str
    reasons_before: _containers.RepeatedScalarFieldContainer[str]
    reasons_after: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, lot: _Optional[str] = ..., before: _Optional[str] = ..., after: _Optional[str] = ..., reasons_before: _Optional[_Iterable[str]] = ..., reasons_after: _Optional[_Iterable[str]] = ...) -> None: ...

class DryRunSums(_message.Message):
    __slots__ = ("cases", "changed", "learners", "unrecorded", "more_hundredths", "less_hundredths", "entries", "reasons")
    CASES_FIELD_NUMBER: _ClassVar[int]
    CHANGED_FIELD_NUMBER: _ClassVar[int]
    LEARNERS_FIELD_NUMBER: _ClassVar[int]
    UNRECORDED_FIELD_NUMBER: _ClassVar[int]
    MORE_HUNDREDTHS_FIELD_NUMBER: _ClassVar[int]
    LESS_HUNDREDTHS_FIELD_NUMBER: _ClassVar[int]
    ENTRIES_FIELD_NUMBER: _ClassVar[int]
    REASONS_FIELD_NUMBER: _ClassVar[int]
    cases: int
    changed: int
    learners: int
    unrecorded: int
    more_hundredths: int
    less_hundredths: int
    entries: _containers.RepeatedCompositeFieldContainer[EntryChange]
    reasons: _containers.RepeatedCompositeFieldContainer[ReasonChange]
    def __init__(self, cases: _Optional[int] = ..., changed: _Optional[int] = ..., learners: _Optional[int] = ..., unrecorded: _Optional[int] = ..., more_hundredths: _Optional[int] = ..., less_hundredths: _Optional[int] = ..., entries: _Optional[_Iterable[_Union[EntryChange, _Mapping]]] = ..., reasons: _Optional[_Iterable[_Union[ReasonChange, _Mapping]]] = ...) -> None: ...

class EntryChange(_message.Message):
    __slots__ = ("entry", "cases_before", "cases_after", "before_hundredths", "after_hundredths")
    ENTRY_FIELD_NUMBER: _ClassVar[int]
    CASES_BEFORE_FIELD_NUMBER: _ClassVar[int]
    CASES_AFTER_FIELD_NUMBER: _ClassVar[int]
    BEFORE_HUNDREDTHS_FIELD_NUMBER: _ClassVar[int]
    AFTER_HUNDREDTHS_FIELD_NUMBER: _ClassVar[int]
    entry: str
    cases_before: int
    cases_after: int
    before_hundredths: int
    after_hundredths: int
    def __init__(self, entry: _Optional[str] = ..., cases_before: _Optional[int] = ..., cases_after: _Optional[int] = ..., before_hundredths: _Optional[int] = ..., after_hundredths: _Optional[int] = ...) -> None: ...

class ReasonChange(_message.Message):
    __slots__ = ("reason", "lots_before", "lots_after")
    REASON_FIELD_NUMBER: _ClassVar[int]
    LOTS_BEFORE_FIELD_NUMBER: _ClassVar[int]
    LOTS_AFTER_FIELD_NUMBER: _ClassVar[int]
    reason: str
    lots_before: int
    lots_after: int
    def __init__(self, reason: _Optional[str] = ..., lots_before: _Optional[int] = ..., lots_after: _Optional[int] = ...) -> None: ...

class ListGapsRequest(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...

class ListGapsResponse(_message.Message):
    __slots__ = ("gaps",)
    GAPS_FIELD_NUMBER: _ClassVar[int]
    gaps: _containers.RepeatedCompositeFieldContainer[Gap]
    def __init__(self, gaps: _Optional[_Iterable[_Union[Gap, _Mapping]]] = ...) -> None: ...

class Gap(_message.Message):
    __slots__ = ("source", "issuer", "code", "title", "target", "learners", "reasons")
    SOURCE_FIELD_NUMBER: _ClassVar[int]
    ISSUER_FIELD_NUMBER: _ClassVar[int]
    CODE_FIELD_NUMBER: _ClassVar[int]
    TITLE_FIELD_NUMBER: _ClassVar[int]
    TARGET_FIELD_NUMBER: _ClassVar[int]
    LEARNERS_FIELD_NUMBER: _ClassVar[int]
    REASONS_FIELD_NUMBER: _ClassVar[int]
    source: str
    issuer: str
    code: str
    title: str
    target: str
    learners: int
    reasons: _containers.RepeatedCompositeFieldContainer[GapReason]
    def __init__(self, source: _Optional[str] = ..., issuer: _Optional[str] = ..., code: _Optional[str] = ..., title: _Optional[str] = ..., target: _Optional[str] = ..., learners: _Optional[int] = ..., reasons: _Optional[_Iterable[_Union[GapReason, _Mapping]]] = ...) -> None: ...

class GapReason(_message.Message):
    __slots__ = ("reason", "learners")
    REASON_FIELD_NUMBER: _ClassVar[int]
    LEARNERS_FIELD_NUMBER: _ClassVar[int]
    reason: str
    learners: int
    def __init__(self, reason: _Optional[str] = ..., learners: _Optional[int] = ...) -> None: ...

class DraftRuleRequest(_message.Message):
    __slots__ = ("name",)
    NAME_FIELD_NUMBER: _ClassVar[int]
    name: _operation_service_pb2.ExchangeName
    def __init__(self, name: _Optional[_Union[_operation_service_pb2.ExchangeName, _Mapping]] = ...) -> None: ...

class DraftRuleResponse(_message.Message):
    __slots__ = ("chunk",)
    CHUNK_FIELD_NUMBER: _ClassVar[int]
    chunk: bytes
    def __init__(self, chunk: _Optional[bytes] = ...) -> None: ...
