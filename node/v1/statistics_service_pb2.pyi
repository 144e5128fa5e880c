from google.protobuf.internal import containers as _containers
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class GetStatisticsRequest(_message.Message):
    __slots__ = ("month", "is_exact")
    MONTH_FIELD_NUMBER: _ClassVar[int]
    IS_EXACT_FIELD_NUMBER: _ClassVar[int]
    month: str
    is_exact: bool
    def __init__(self, month: _Optional[str] = ..., is_exact: _Optional[bool] = ...) -> None: ...

class GetStatisticsResponse(_message.Message):
    __slots__ = ("rows",)
    ROWS_FIELD_NUMBER: _ClassVar[int]
    rows: _containers.RepeatedCompositeFieldContainer[PeerStatistics]
    def __init__(self, rows: _Optional[_Iterable[_Union[PeerStatistics, _Mapping]]] = ...) -> None: ...

class PeerStatistics(_message.Message):
    __slots__ = ("peer", "direction", "begun", "granted", "refused", "hundredths")
    PEER_FIELD_NUMBER: _ClassVar[int]
    DIRECTION_FIELD_NUMBER: _ClassVar[int]
    BEGUN_FIELD_NUMBER: _ClassVar[int]
    GRANTED_FIELD_NUMBER: _ClassVar[int]
    REFUSED_FIELD_NUMBER: _ClassVar[int]
    HUNDREDTHS_FIELD_NUMBER: _ClassVar[int]
    peer: str
    direction: str
    begun: int
    granted: int
    refused: int
    hundredths: int
    def __init__(self, peer: _Optional[str] = ..., direction: _Optional[str] = ..., begun: _Optional[int] = ..., granted: _Optional[int] = ..., refused: _Optional[int] = ..., hundredths: _Optional[int] = ...) -> None: ...
