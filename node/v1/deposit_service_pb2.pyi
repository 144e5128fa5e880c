from node.v1 import account_service_pb2 as _account_service_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class DepositOutcomesRequest(_message.Message):
    __slots__ = ("source", "line", "reference", "learner", "credits", "facts")
    class FactsEntry(_message.Message):
        __slots__ = ("key", "value")
        KEY_FIELD_NUMBER: _ClassVar[int]
        VALUE_FIELD_NUMBER: _ClassVar[int]
        key: str
        value: str
        def __init__(self, key: _Optional[str] = ..., value: _Optional[str] = ...) -> None: ...
    SOURCE_FIELD_NUMBER: _ClassVar[int]
    LINE_FIELD_NUMBER: _ClassVar[int]
    REFERENCE_FIELD_NUMBER: _ClassVar[int]
    LEARNER_FIELD_NUMBER: _ClassVar[int]
    CREDITS_FIELD_NUMBER: _ClassVar[int]
    FACTS_FIELD_NUMBER: _ClassVar[int]
    source: str
    line: int
    reference: str
    learner: str
    credits: str
    facts: _containers.ScalarMap[str, str]
    def __init__(self, source: _Optional[str] = ..., line: _Optional[int] = ..., reference: _Optional[str] = ..., learner: _Optional[str] = ..., credits: _Optional[str] = ..., facts: _Optional[_Mapping[str, str]] = ...) -> None: ...

class DepositOutcomesResponse(_message.Message):
    __slots__ = ("deposited", "repeated_rows", "rejected")
    DEPOSITED_FIELD_NUMBER: _ClassVar[int]
    REPEATED_ROWS_FIELD_NUMBER: _ClassVar[int]
    REJECTED_FIELD_NUMBER: _ClassVar[int]
    deposited: int
    repeated_rows: int
    rejected: _containers.RepeatedCompositeFieldContainer[_account_service_pb2.RejectedRow]
    def __init__(self, deposited: _Optional[int] = ..., repeated_rows: _Optional[int] = ..., rejected: _Optional[_Iterable[_Union[_account_service_pb2.RejectedRow, _Mapping]]] = ...) -> None: ...

class GetDepositProgressRequest(_message.Message):
    __slots__ = ("source",)
    SOURCE_FIELD_NUMBER: _ClassVar[int]
    source: str
    def __init__(self, source: _Optional[str] = ...) -> None: ...

class GetDepositProgressResponse(_message.Message):
    __slots__ = ("line", "deposited", "rejected")
    LINE_FIELD_NUMBER: _ClassVar[int]
    DEPOSITED_FIELD_NUMBER: _ClassVar[int]
    REJECTED_FIELD_NUMBER: _ClassVar[int]
    line: int
    deposited: int
    rejected: _containers.RepeatedCompositeFieldContainer[_account_service_pb2.RejectedRow]
    def __init__(self, line: _Optional[int] = ..., deposited: _Optional[int] = ..., rejected: _Optional[_Iterable[_Union[_account_service_pb2.RejectedRow, _Mapping]]] = ...) -> None: ...
