from node.v1 import case_service_pb2 as _case_service_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class ListedExpert(_message.Message):
    __slots__ = ("expert", "account", "person", "institution", "fields", "is_industry", "interests", "active_from", "active_until")
    EXPERT_FIELD_NUMBER: _ClassVar[int]
    ACCOUNT_FIELD_NUMBER: _ClassVar[int]
    PERSON_FIELD_NUMBER: _ClassVar[int]
    INSTITUTION_FIELD_NUMBER: _ClassVar[int]
    FIELDS_FIELD_NUMBER: _ClassVar[int]
    IS_INDUSTRY_FIELD_NUMBER: _ClassVar[int]
    INTERESTS_FIELD_NUMBER: _ClassVar[int]
    ACTIVE_FROM_FIELD_NUMBER: _ClassVar[int]
    ACTIVE_UNTIL_FIELD_NUMBER: _ClassVar[int]
    expert: str
    account: str
    person: str
    institution: str
    fields: _containers.RepeatedScalarFieldContainer[str]
    is_industry: bool
    interests: _containers.RepeatedScalarFieldContainer[str]
    active_from: str
    active_until: str
    def __init__(self, expert: _Optional[str] = ..., account: _Optional[str] = ..., person: _Optional[str] = ..., institution: _Optional[str] = ..., fields: _Optional[_Iterable[str]] = ..., is_industry: _Optional[bool] = ..., interests: _Optional[_Iterable[str]] = ..., active_from: _Optional[str] = ..., active_until: _Optional[str] = ...) -> None: ...

class ImportExpertsRequest(_message.Message):
    __slots__ = ("experts",)
    EXPERTS_FIELD_NUMBER: _ClassVar[int]
    experts: _containers.RepeatedCompositeFieldContainer[ListedExpert]
    def __init__(self, experts: _Optional[_Iterable[_Union[ListedExpert, _Mapping]]] = ...) -> None: ...

class ImportExpertsResponse(_message.Message):
    __slots__ = ("experts",)
    EXPERTS_FIELD_NUMBER: _ClassVar[int]
    experts: int
    def __init__(self, experts: _Optional[int] = ...) -> None: ...

class ListExpertsRequest(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...

class ListExpertsResponse(_message.Message):
    __slots__ = ("experts",)
    EXPERTS_FIELD_NUMBER: _ClassVar[int]
    experts: _containers.RepeatedCompositeFieldContainer[ListedExpert]
    def __init__(self, experts: _Optional[_Iterable[_Union[ListedExpert, _Mapping]]] = ...) -> None: ...

class ReviewTarget(_message.Message):
    __slots__ = ("lot", "version", "code", "with_lots")
    LOT_FIELD_NUMBER: _ClassVar[int]
    VERSION_FIELD_NUMBER: _ClassVar[int]
    CODE_FIELD_NUMBER: _ClassVar[int]
    WITH_LOTS_FIELD_NUMBER: _ClassVar[int]
    lot: str
    version: str
    code: str
    with_lots: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, lot: _Optional[str] = ..., version: _Optional[str] = ..., code: _Optional[str] = ..., with_lots: _Optional[_Iterable[str]] = ...) -> None: ...

class ReviewQuestion(_message.Message):
    __slots__ = ("question", "lot", "target", "catalogue", "offered_hundredths", "most_hundredths", "with_lots")
    QUESTION_FIELD_NUMBER: _ClassVar[int]
    LOT_FIELD_NUMBER: _ClassVar[int]
    TARGET_FIELD_NUMBER: _ClassVar[int]
    CATALOGUE_FIELD_NUMBER: _ClassVar[int]
    OFFERED_HUNDREDTHS_FIELD_NUMBER: _ClassVar[int]
    MOST_HUNDREDTHS_FIELD_NUMBER: _ClassVar[int]
    WITH_LOTS_FIELD_NUMBER: _ClassVar[int]
    question: str
    lot: str
    target: str
    catalogue: str
    offered_hundredths: int
    most_hundredths: int
    with_lots: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, question: _Optional[str] = ..., lot: _Optional[str] = ..., target: _Optional[str] = ..., catalogue: _Optional[str] = ..., offered_hundredths: _Optional[int] = ..., most_hundredths: _Optional[int] = ..., with_lots: _Optional[_Iterable[str]] = ...) -> None: ...

class ReviewSubstitute(_message.Message):
    __slots__ = ("leaving", "reason", "joining")
    LEAVING_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    JOINING_FIELD_NUMBER: _ClassVar[int]
    leaving: str
    reason: str
    joining: str
    def __init__(self, leaving: _Optional[str] = ..., reason: _Optional[str] = ..., joining: _Optional[str] = ...) -> None: ...

class OpenReviewRequest(_message.Message):
    __slots__ = ("name", "targets", "track", "field", "is_person_wanted")
    NAME_FIELD_NUMBER: _ClassVar[int]
    TARGETS_FIELD_NUMBER: _ClassVar[int]
    TRACK_FIELD_NUMBER: _ClassVar[int]
    FIELD_FIELD_NUMBER: _ClassVar[int]
    IS_PERSON_WANTED_FIELD_NUMBER: _ClassVar[int]
    name: _case_service_pb2.CaseName
    targets: _containers.RepeatedCompositeFieldContainer[ReviewTarget]
    track: str
    field: str
    is_person_wanted: bool
    def __init__(self, name: _Optional[_Union[_case_service_pb2.CaseName, _Mapping]] = ..., targets: _Optional[_Iterable[_Union[ReviewTarget, _Mapping]]] = ..., track: _Optional[str] = ..., field: _Optional[str] = ..., is_person_wanted: _Optional[bool] = ...) -> None: ...

class OpenReviewResponse(_message.Message):
    __slots__ = ("review",)
    REVIEW_FIELD_NUMBER: _ClassVar[int]
    review: Review
    def __init__(self, review: _Optional[_Union[Review, _Mapping]] = ...) -> None: ...

class Review(_message.Message):
    __slots__ = ("name", "state", "track", "due_us", "days_left", "limit_us", "is_overdue", "holder", "holder_until_us", "proposed_by", "members", "voted", "draw_round", "waits_for", "questions", "decision", "document", "log_index", "substitutes", "closed", "is_person_wanted", "appeals")
    NAME_FIELD_NUMBER: _ClassVar[int]
    STATE_FIELD_NUMBER: _ClassVar[int]
    TRACK_FIELD_NUMBER: _ClassVar[int]
    DUE_US_FIELD_NUMBER: _ClassVar[int]
    DAYS_LEFT_FIELD_NUMBER: _ClassVar[int]
    LIMIT_US_FIELD_NUMBER: _ClassVar[int]
    IS_OVERDUE_FIELD_NUMBER: _ClassVar[int]
    HOLDER_FIELD_NUMBER: _ClassVar[int]
    HOLDER_UNTIL_US_FIELD_NUMBER: _ClassVar[int]
    PROPOSED_BY_FIELD_NUMBER: _ClassVar[int]
    MEMBERS_FIELD_NUMBER: _ClassVar[int]
    VOTED_FIELD_NUMBER: _ClassVar[int]
    DRAW_ROUND_FIELD_NUMBER: _ClassVar[int]
    WAITS_FOR_FIELD_NUMBER: _ClassVar[int]
    QUESTIONS_FIELD_NUMBER: _ClassVar[int]
    DECISION_FIELD_NUMBER: _ClassVar[int]
    DOCUMENT_FIELD_NUMBER: _ClassVar[int]
    LOG_INDEX_FIELD_NUMBER: _ClassVar[int]
    SUBSTITUTES_FIELD_NUMBER: _ClassVar[int]
    CLOSED_FIELD_NUMBER: _ClassVar[int]
    IS_PERSON_WANTED_FIELD_NUMBER: _ClassVar[int]
    APPEALS_FIELD_NUMBER: _ClassVar[int]
    name: _case_service_pb2.CaseName
    state: str
    track: str
    due_us: int
    days_left: int
    limit_us: int
    is_overdue: bool
    holder: str
    holder_until_us: int
    proposed_by: str
    members: _containers.RepeatedScalarFieldContainer[str]
    voted: _containers.RepeatedScalarFieldContainer[str]
    draw_round: int
    waits_for: int
    questions: _containers.RepeatedCompositeFieldContainer[ReviewQuestion]
    decision: str
    document: bytes
    log_index: int
    substitutes: _containers.RepeatedCompositeFieldContainer[ReviewSubstitute]
    closed: str
    is_person_wanted: bool
    appeals: str
    def __init__(self, name: _Optional[_Union[_case_service_pb2.CaseName, _Mapping]] = ..., state: _Optional[str] = ..., track: _Optional[str] = ..., due_us: _Optional[int] = ..., days_left: _Optional[int] = ..., limit_us: _Optional[int] = ..., is_overdue: _Optional[bool] = ..., holder: _Optional[str] = ..., holder_until_us: _Optional[int] = ..., proposed_by: _Optional[str] = ..., members: _Optional[_Iterable[str]] = ..., voted: _Optional[_Iterable[str]] = ..., draw_round: _Optional[int] = ..., waits_for: _Optional[int] = ..., questions: _Optional[_Iterable[_Union[ReviewQuestion, _Mapping]]] = ..., decision: _Optional[str] = ..., document: _Optional[bytes] = ..., log_index: _Optional[int] = ..., substitutes: _Optional[_Iterable[_Union[ReviewSubstitute, _Mapping]]] = ..., closed: _Optional[str] = ..., is_person_wanted: _Optional[bool] = ..., appeals: _Optional[str] = ...) -> None: ...

class DrawPanelRequest(_message.Message):
    __slots__ = ("name",)
    NAME_FIELD_NUMBER: _ClassVar[int]
    name: _case_service_pb2.CaseName
    def __init__(self, name: _Optional[_Union[_case_service_pb2.CaseName, _Mapping]] = ...) -> None: ...

class DrawPanelResponse(_message.Message):
    __slots__ = ("review",)
    REVIEW_FIELD_NUMBER: _ClassVar[int]
    review: Review
    def __init__(self, review: _Optional[_Union[Review, _Mapping]] = ...) -> None: ...

class ClaimReviewRequest(_message.Message):
    __slots__ = ("name", "gives_up")
    NAME_FIELD_NUMBER: _ClassVar[int]
    GIVES_UP_FIELD_NUMBER: _ClassVar[int]
    name: _case_service_pb2.CaseName
    gives_up: bool
    def __init__(self, name: _Optional[_Union[_case_service_pb2.CaseName, _Mapping]] = ..., gives_up: _Optional[bool] = ...) -> None: ...

class ClaimReviewResponse(_message.Message):
    __slots__ = ("review",)
    REVIEW_FIELD_NUMBER: _ClassVar[int]
    review: Review
    def __init__(self, review: _Optional[_Union[Review, _Mapping]] = ...) -> None: ...

class AskEvidenceRequest(_message.Message):
    __slots__ = ("name", "questions")
    NAME_FIELD_NUMBER: _ClassVar[int]
    QUESTIONS_FIELD_NUMBER: _ClassVar[int]
    name: _case_service_pb2.CaseName
    questions: _containers.RepeatedCompositeFieldContainer[_case_service_pb2.Question]
    def __init__(self, name: _Optional[_Union[_case_service_pb2.CaseName, _Mapping]] = ..., questions: _Optional[_Iterable[_Union[_case_service_pb2.Question, _Mapping]]] = ...) -> None: ...

class AskEvidenceResponse(_message.Message):
    __slots__ = ("review",)
    REVIEW_FIELD_NUMBER: _ClassVar[int]
    review: Review
    def __init__(self, review: _Optional[_Union[Review, _Mapping]] = ...) -> None: ...

class ReviewBallot(_message.Message):
    __slots__ = ("question", "granted_hundredths", "reasons")
    QUESTION_FIELD_NUMBER: _ClassVar[int]
    GRANTED_HUNDREDTHS_FIELD_NUMBER: _ClassVar[int]
    REASONS_FIELD_NUMBER: _ClassVar[int]
    question: str
    granted_hundredths: int
    reasons: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, question: _Optional[str] = ..., granted_hundredths: _Optional[int] = ..., reasons: _Optional[_Iterable[str]] = ...) -> None: ...

class CastBallotsRequest(_message.Message):
    __slots__ = ("name", "ballots", "declares_no_interest")
    NAME_FIELD_NUMBER: _ClassVar[int]
    BALLOTS_FIELD_NUMBER: _ClassVar[int]
    DECLARES_NO_INTEREST_FIELD_NUMBER: _ClassVar[int]
    name: _case_service_pb2.CaseName
    ballots: _containers.RepeatedCompositeFieldContainer[ReviewBallot]
    declares_no_interest: bool
    def __init__(self, name: _Optional[_Union[_case_service_pb2.CaseName, _Mapping]] = ..., ballots: _Optional[_Iterable[_Union[ReviewBallot, _Mapping]]] = ..., declares_no_interest: _Optional[bool] = ...) -> None: ...

class CastBallotsResponse(_message.Message):
    __slots__ = ("review",)
    REVIEW_FIELD_NUMBER: _ClassVar[int]
    review: Review
    def __init__(self, review: _Optional[_Union[Review, _Mapping]] = ...) -> None: ...

class SecondReviewRequest(_message.Message):
    __slots__ = ("name", "agrees")
    NAME_FIELD_NUMBER: _ClassVar[int]
    AGREES_FIELD_NUMBER: _ClassVar[int]
    name: _case_service_pb2.CaseName
    agrees: bool
    def __init__(self, name: _Optional[_Union[_case_service_pb2.CaseName, _Mapping]] = ..., agrees: _Optional[bool] = ...) -> None: ...

class SecondReviewResponse(_message.Message):
    __slots__ = ("review",)
    REVIEW_FIELD_NUMBER: _ClassVar[int]
    review: Review
    def __init__(self, review: _Optional[_Union[Review, _Mapping]] = ...) -> None: ...

class ReplaceMemberRequest(_message.Message):
    __slots__ = ("name", "expert", "reason")
    NAME_FIELD_NUMBER: _ClassVar[int]
    EXPERT_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    name: _case_service_pb2.CaseName
    expert: str
    reason: str
    def __init__(self, name: _Optional[_Union[_case_service_pb2.CaseName, _Mapping]] = ..., expert: _Optional[str] = ..., reason: _Optional[str] = ...) -> None: ...

class ReplaceMemberResponse(_message.Message):
    __slots__ = ("review",)
    REVIEW_FIELD_NUMBER: _ClassVar[int]
    review: Review
    def __init__(self, review: _Optional[_Union[Review, _Mapping]] = ...) -> None: ...

class WantPersonRequest(_message.Message):
    __slots__ = ("name",)
    NAME_FIELD_NUMBER: _ClassVar[int]
    name: _case_service_pb2.CaseName
    def __init__(self, name: _Optional[_Union[_case_service_pb2.CaseName, _Mapping]] = ...) -> None: ...

class WantPersonResponse(_message.Message):
    __slots__ = ("state",)
    STATE_FIELD_NUMBER: _ClassVar[int]
    state: str
    def __init__(self, state: _Optional[str] = ...) -> None: ...

class MakeMinuteRequest(_message.Message):
    __slots__ = ("name",)
    NAME_FIELD_NUMBER: _ClassVar[int]
    name: _case_service_pb2.CaseName
    def __init__(self, name: _Optional[_Union[_case_service_pb2.CaseName, _Mapping]] = ...) -> None: ...

class MakeMinuteResponse(_message.Message):
    __slots__ = ("review",)
    REVIEW_FIELD_NUMBER: _ClassVar[int]
    review: Review
    def __init__(self, review: _Optional[_Union[Review, _Mapping]] = ...) -> None: ...

class GetReviewRequest(_message.Message):
    __slots__ = ("name",)
    NAME_FIELD_NUMBER: _ClassVar[int]
    name: _case_service_pb2.CaseName
    def __init__(self, name: _Optional[_Union[_case_service_pb2.CaseName, _Mapping]] = ...) -> None: ...

class GetReviewResponse(_message.Message):
    __slots__ = ("review",)
    REVIEW_FIELD_NUMBER: _ClassVar[int]
    review: Review
    def __init__(self, review: _Optional[_Union[Review, _Mapping]] = ...) -> None: ...

class ListReviewsRequest(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...

class ListReviewsResponse(_message.Message):
    __slots__ = ("reviews",)
    REVIEWS_FIELD_NUMBER: _ClassVar[int]
    reviews: _containers.RepeatedCompositeFieldContainer[Review]
    def __init__(self, reviews: _Optional[_Iterable[_Union[Review, _Mapping]]] = ...) -> None: ...
