from federation.v1 import what_if_service_pb2 as _what_if_service_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class AskProvincesRequest(_message.Message):
    __slots__ = ("account", "lots", "outcomes", "wanted_targets", "provinces", "with_days")
    ACCOUNT_FIELD_NUMBER: _ClassVar[int]
    LOTS_FIELD_NUMBER: _ClassVar[int]
    OUTCOMES_FIELD_NUMBER: _ClassVar[int]
    WANTED_TARGETS_FIELD_NUMBER: _ClassVar[int]
    PROVINCES_FIELD_NUMBER: _ClassVar[int]
    WITH_DAYS_FIELD_NUMBER: _ClassVar[int]
    account: str
    lots: _containers.RepeatedScalarFieldContainer[str]
    outcomes: _containers.RepeatedCompositeFieldContainer[_what_if_service_pb2.WhatIfOutcome]
    wanted_targets: _containers.RepeatedScalarFieldContainer[str]
    provinces: _containers.RepeatedScalarFieldContainer[str]
    with_days: bool
    def __init__(self, account: _Optional[str] = ..., lots: _Optional[_Iterable[str]] = ..., outcomes: _Optional[_Iterable[_Union[_what_if_service_pb2.WhatIfOutcome, _Mapping]]] = ..., wanted_targets: _Optional[_Iterable[str]] = ..., provinces: _Optional[_Iterable[str]] = ..., with_days: _Optional[bool] = ...) -> None: ...

class AskProvincesResponse(_message.Message):
    __slots__ = ("outcomes", "answers")
    OUTCOMES_FIELD_NUMBER: _ClassVar[int]
    ANSWERS_FIELD_NUMBER: _ClassVar[int]
    outcomes: _containers.RepeatedCompositeFieldContainer[_what_if_service_pb2.WhatIfOutcome]
    answers: _containers.RepeatedCompositeFieldContainer[ProvinceAnswer]
    def __init__(self, outcomes: _Optional[_Iterable[_Union[_what_if_service_pb2.WhatIfOutcome, _Mapping]]] = ..., answers: _Optional[_Iterable[_Union[ProvinceAnswer, _Mapping]]] = ...) -> None: ...

class ProvinceAnswer(_message.Message):
    __slots__ = ("province", "answer", "reason")
    PROVINCE_FIELD_NUMBER: _ClassVar[int]
    ANSWER_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    province: str
    answer: _what_if_service_pb2.WhatIfResponse
    reason: str
    def __init__(self, province: _Optional[str] = ..., answer: _Optional[_Union[_what_if_service_pb2.WhatIfResponse, _Mapping]] = ..., reason: _Optional[str] = ...) -> None: ...

class CountQuestionsRequest(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...

class CountQuestionsResponse(_message.Message):
    __slots__ = ("answered", "refused")
    ANSWERED_FIELD_NUMBER: _ClassVar[int]
    REFUSED_FIELD_NUMBER: _ClassVar[int]
    answered: int
    refused: int
    def __init__(self, answered: _Optional[int] = ..., refused: _Optional[int] = ...) -> None: ...
