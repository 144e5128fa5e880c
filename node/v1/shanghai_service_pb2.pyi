from google.protobuf.internal import containers as _containers
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class ImportRowsRequest(_message.Message):
    __slots__ = ("kind", "institution", "catalogue", "framework", "template", "file", "rows", "is_rehearsal")
    KIND_FIELD_NUMBER: _ClassVar[int]
    INSTITUTION_FIELD_NUMBER: _ClassVar[int]
    CATALOGUE_FIELD_NUMBER: _ClassVar[int]
    FRAMEWORK_FIELD_NUMBER: _ClassVar[int]
    TEMPLATE_FIELD_NUMBER: _ClassVar[int]
    FILE_FIELD_NUMBER: _ClassVar[int]
    ROWS_FIELD_NUMBER: _ClassVar[int]
    IS_REHEARSAL_FIELD_NUMBER: _ClassVar[int]
    kind: str
    institution: str
    catalogue: str
    framework: str
    template: str
    file: bytes
    rows: _containers.RepeatedCompositeFieldContainer[ShanghaiRow]
    is_rehearsal: bool
    def __init__(self, kind: _Optional[str] = ..., institution: _Optional[str] = ..., catalogue: _Optional[str] = ..., framework: _Optional[str] = ..., template: _Optional[str] = ..., file: _Optional[bytes] = ..., rows: _Optional[_Iterable[_Union[ShanghaiRow, _Mapping]]] = ..., is_rehearsal: _Optional[bool] = ...) -> None: ...

class ShanghaiRow(_message.Message):
    __slots__ = ("line", "cells")
    LINE_FIELD_NUMBER: _ClassVar[int]
    CELLS_FIELD_NUMBER: _ClassVar[int]
    line: int
    cells: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, line: _Optional[int] = ..., cells: _Optional[_Iterable[str]] = ...) -> None: ...

class ImportRowsResponse(_message.Message):
    __slots__ = ("handed_in", "taken_in", "unchanged", "outcomes", "opened", "rejected")
    HANDED_IN_FIELD_NUMBER: _ClassVar[int]
    TAKEN_IN_FIELD_NUMBER: _ClassVar[int]
    UNCHANGED_FIELD_NUMBER: _ClassVar[int]
    OUTCOMES_FIELD_NUMBER: _ClassVar[int]
    OPENED_FIELD_NUMBER: _ClassVar[int]
    REJECTED_FIELD_NUMBER: _ClassVar[int]
    handed_in: int
    taken_in: int
    unchanged: int
    outcomes: int
    opened: int
    rejected: _containers.RepeatedCompositeFieldContainer[ShanghaiFault]
    def __init__(self, handed_in: _Optional[int] = ..., taken_in: _Optional[int] = ..., unchanged: _Optional[int] = ..., outcomes: _Optional[int] = ..., opened: _Optional[int] = ..., rejected: _Optional[_Iterable[_Union[ShanghaiFault, _Mapping]]] = ...) -> None: ...

class ShanghaiFault(_message.Message):
    __slots__ = ("line", "column", "cause", "see")
    LINE_FIELD_NUMBER: _ClassVar[int]
    COLUMN_FIELD_NUMBER: _ClassVar[int]
    CAUSE_FIELD_NUMBER: _ClassVar[int]
    SEE_FIELD_NUMBER: _ClassVar[int]
    line: int
    column: str
    cause: str
    see: _containers.RepeatedScalarFieldContainer[int]
    def __init__(self, line: _Optional[int] = ..., column: _Optional[str] = ..., cause: _Optional[str] = ..., see: _Optional[_Iterable[int]] = ...) -> None: ...

class ExportRowsRequest(_message.Message):
    __slots__ = ("kind", "template")
    KIND_FIELD_NUMBER: _ClassVar[int]
    TEMPLATE_FIELD_NUMBER: _ClassVar[int]
    kind: str
    template: str
    def __init__(self, kind: _Optional[str] = ..., template: _Optional[str] = ...) -> None: ...

class ExportRowsResponse(_message.Message):
    __slots__ = ("template", "rows", "withheld")
    TEMPLATE_FIELD_NUMBER: _ClassVar[int]
    ROWS_FIELD_NUMBER: _ClassVar[int]
    WITHHELD_FIELD_NUMBER: _ClassVar[int]
    template: str
    rows: _containers.RepeatedCompositeFieldContainer[ShanghaiRow]
    withheld: _containers.RepeatedCompositeFieldContainer[WithheldRow]
    def __init__(self, template: _Optional[str] = ..., rows: _Optional[_Iterable[_Union[ShanghaiRow, _Mapping]]] = ..., withheld: _Optional[_Iterable[_Union[WithheldRow, _Mapping]]] = ...) -> None: ...

class WithheldRow(_message.Message):
    __slots__ = ("outcome", "cause")
    OUTCOME_FIELD_NUMBER: _ClassVar[int]
    CAUSE_FIELD_NUMBER: _ClassVar[int]
    outcome: str
    cause: str
    def __init__(self, outcome: _Optional[str] = ..., cause: _Optional[str] = ...) -> None: ...
