from node.v1 import case_service_pb2 as _case_service_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class FindPrecedentsRequest(_message.Message):
    __slots__ = ("name", "limit")
    NAME_FIELD_NUMBER: _ClassVar[int]
    LIMIT_FIELD_NUMBER: _ClassVar[int]
    name: _case_service_pb2.CaseName
    limit: int
    def __init__(self, name: _Optional[_Union[_case_service_pb2.CaseName, _Mapping]] = ..., limit: _Optional[int] = ...) -> None: ...

class FindPrecedentsResponse(_message.Message):
    __slots__ = ("lots",)
    LOTS_FIELD_NUMBER: _ClassVar[int]
    lots: _containers.RepeatedCompositeFieldContainer[LotAdvice]
    def __init__(self, lots: _Optional[_Iterable[_Union[LotAdvice, _Mapping]]] = ...) -> None: ...

class LotAdvice(_message.Message):
    __slots__ = ("lot", "title", "similar", "candidates")
    LOT_FIELD_NUMBER: _ClassVar[int]
    TITLE_FIELD_NUMBER: _ClassVar[int]
    SIMILAR_FIELD_NUMBER: _ClassVar[int]
    CANDIDATES_FIELD_NUMBER: _ClassVar[int]
    lot: str
    title: str
    similar: _containers.RepeatedCompositeFieldContainer[Precedent]
    candidates: _containers.RepeatedCompositeFieldContainer[Candidate]
    def __init__(self, lot: _Optional[str] = ..., title: _Optional[str] = ..., similar: _Optional[_Iterable[_Union[Precedent, _Mapping]]] = ..., candidates: _Optional[_Iterable[_Union[Candidate, _Mapping]]] = ...) -> None: ...

class RankReason(_message.Message):
    __slots__ = ("aspect", "speaks_for", "zh", "en")
    ASPECT_FIELD_NUMBER: _ClassVar[int]
    SPEAKS_FOR_FIELD_NUMBER: _ClassVar[int]
    ZH_FIELD_NUMBER: _ClassVar[int]
    EN_FIELD_NUMBER: _ClassVar[int]
    aspect: str
    speaks_for: bool
    zh: str
    en: str
    def __init__(self, aspect: _Optional[str] = ..., speaks_for: _Optional[bool] = ..., zh: _Optional[str] = ..., en: _Optional[str] = ...) -> None: ...

class Precedent(_message.Message):
    __slots__ = ("case_id", "title", "issuer", "verdict", "targets", "reasons", "decided_on", "score", "because")
    CASE_ID_FIELD_NUMBER: _ClassVar[int]
    TITLE_FIELD_NUMBER: _ClassVar[int]
    ISSUER_FIELD_NUMBER: _ClassVar[int]
    VERDICT_FIELD_NUMBER: _ClassVar[int]
    TARGETS_FIELD_NUMBER: _ClassVar[int]
    REASONS_FIELD_NUMBER: _ClassVar[int]
    DECIDED_ON_FIELD_NUMBER: _ClassVar[int]
    SCORE_FIELD_NUMBER: _ClassVar[int]
    BECAUSE_FIELD_NUMBER: _ClassVar[int]
    case_id: str
    title: str
    issuer: str
    verdict: str
    targets: _containers.RepeatedScalarFieldContainer[str]
    reasons: _containers.RepeatedScalarFieldContainer[str]
    decided_on: str
    score: int
    because: _containers.RepeatedCompositeFieldContainer[RankReason]
    def __init__(self, case_id: _Optional[str] = ..., title: _Optional[str] = ..., issuer: _Optional[str] = ..., verdict: _Optional[str] = ..., targets: _Optional[_Iterable[str]] = ..., reasons: _Optional[_Iterable[str]] = ..., decided_on: _Optional[str] = ..., score: _Optional[int] = ..., because: _Optional[_Iterable[_Union[RankReason, _Mapping]]] = ...) -> None: ...

class Candidate(_message.Message):
    __slots__ = ("code", "title", "score", "because", "accepted", "refused")
    CODE_FIELD_NUMBER: _ClassVar[int]
    TITLE_FIELD_NUMBER: _ClassVar[int]
    SCORE_FIELD_NUMBER: _ClassVar[int]
    BECAUSE_FIELD_NUMBER: _ClassVar[int]
    ACCEPTED_FIELD_NUMBER: _ClassVar[int]
    REFUSED_FIELD_NUMBER: _ClassVar[int]
    code: str
    title: str
    score: int
    because: _containers.RepeatedCompositeFieldContainer[RankReason]
    accepted: _containers.RepeatedScalarFieldContainer[str]
    refused: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, code: _Optional[str] = ..., title: _Optional[str] = ..., score: _Optional[int] = ..., because: _Optional[_Iterable[_Union[RankReason, _Mapping]]] = ..., accepted: _Optional[_Iterable[str]] = ..., refused: _Optional[_Iterable[str]] = ...) -> None: ...
