from google.protobuf.internal import containers as _containers
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class OpenApplicationsRequest(_message.Message):
    __slots__ = ("applications",)
    APPLICATIONS_FIELD_NUMBER: _ClassVar[int]
    applications: _containers.RepeatedCompositeFieldContainer[Application]
    def __init__(self, applications: _Optional[_Iterable[_Union[Application, _Mapping]]] = ...) -> None: ...

class Application(_message.Message):
    __slots__ = ("reference", "account", "peer", "is_source", "lots", "transfer_code", "mode", "has_consent", "agrees_to_whole_grant", "shows_evidence", "returns", "wanted_targets", "cites", "appeals", "asks_person")
    REFERENCE_FIELD_NUMBER: _ClassVar[int]
    ACCOUNT_FIELD_NUMBER: _ClassVar[int]
    PEER_FIELD_NUMBER: _ClassVar[int]
    IS_SOURCE_FIELD_NUMBER: _ClassVar[int]
    LOTS_FIELD_NUMBER: _ClassVar[int]
    TRANSFER_CODE_FIELD_NUMBER: _ClassVar[int]
    MODE_FIELD_NUMBER: _ClassVar[int]
    HAS_CONSENT_FIELD_NUMBER: _ClassVar[int]
    AGREES_TO_WHOLE_GRANT_FIELD_NUMBER: _ClassVar[int]
    SHOWS_EVIDENCE_FIELD_NUMBER: _ClassVar[int]
    RETURNS_FIELD_NUMBER: _ClassVar[int]
    WANTED_TARGETS_FIELD_NUMBER: _ClassVar[int]
    CITES_FIELD_NUMBER: _ClassVar[int]
    APPEALS_FIELD_NUMBER: _ClassVar[int]
    ASKS_PERSON_FIELD_NUMBER: _ClassVar[int]
    reference: str
    account: str
    peer: str
    is_source: bool
    lots: _containers.RepeatedCompositeFieldContainer[ApplicationLot]
    transfer_code: str
    mode: str
    has_consent: bool
    agrees_to_whole_grant: bool
    shows_evidence: bool
    returns: str
    wanted_targets: _containers.RepeatedScalarFieldContainer[str]
    cites: str
    appeals: str
    asks_person: bool
    def __init__(self, reference: _Optional[str] = ..., account: _Optional[str] = ..., peer: _Optional[str] = ..., is_source: _Optional[bool] = ..., lots: _Optional[_Iterable[_Union[ApplicationLot, _Mapping]]] = ..., transfer_code: _Optional[str] = ..., mode: _Optional[str] = ..., has_consent: _Optional[bool] = ..., agrees_to_whole_grant: _Optional[bool] = ..., shows_evidence: _Optional[bool] = ..., returns: _Optional[str] = ..., wanted_targets: _Optional[_Iterable[str]] = ..., cites: _Optional[str] = ..., appeals: _Optional[str] = ..., asks_person: _Optional[bool] = ...) -> None: ...

class ApplicationLot(_message.Message):
    __slots__ = ("lot", "amount_hundredths")
    LOT_FIELD_NUMBER: _ClassVar[int]
    AMOUNT_HUNDREDTHS_FIELD_NUMBER: _ClassVar[int]
    lot: str
    amount_hundredths: int
    def __init__(self, lot: _Optional[str] = ..., amount_hundredths: _Optional[int] = ...) -> None: ...

class OpenApplicationsResponse(_message.Message):
    __slots__ = ("applications",)
    APPLICATIONS_FIELD_NUMBER: _ClassVar[int]
    applications: _containers.RepeatedCompositeFieldContainer[OpenedApplication]
    def __init__(self, applications: _Optional[_Iterable[_Union[OpenedApplication, _Mapping]]] = ...) -> None: ...

class OpenedApplication(_message.Message):
    __slots__ = ("reference", "exchange", "reason")
    REFERENCE_FIELD_NUMBER: _ClassVar[int]
    EXCHANGE_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    reference: str
    exchange: str
    reason: str
    def __init__(self, reference: _Optional[str] = ..., exchange: _Optional[str] = ..., reason: _Optional[str] = ...) -> None: ...

class AnswerGrantsRequest(_message.Message):
    __slots__ = ("answers",)
    ANSWERS_FIELD_NUMBER: _ClassVar[int]
    answers: _containers.RepeatedCompositeFieldContainer[GrantAnswer]
    def __init__(self, answers: _Optional[_Iterable[_Union[GrantAnswer, _Mapping]]] = ...) -> None: ...

class GrantAnswer(_message.Message):
    __slots__ = ("peer", "exchange", "accepts")
    PEER_FIELD_NUMBER: _ClassVar[int]
    EXCHANGE_FIELD_NUMBER: _ClassVar[int]
    ACCEPTS_FIELD_NUMBER: _ClassVar[int]
    peer: str
    exchange: str
    accepts: bool
    def __init__(self, peer: _Optional[str] = ..., exchange: _Optional[str] = ..., accepts: _Optional[bool] = ...) -> None: ...

class AnswerGrantsResponse(_message.Message):
    __slots__ = ("answers",)
    ANSWERS_FIELD_NUMBER: _ClassVar[int]
    answers: _containers.RepeatedCompositeFieldContainer[AnsweredGrant]
    def __init__(self, answers: _Optional[_Iterable[_Union[AnsweredGrant, _Mapping]]] = ...) -> None: ...

class AnsweredGrant(_message.Message):
    __slots__ = ("exchange", "state", "reason")
    EXCHANGE_FIELD_NUMBER: _ClassVar[int]
    STATE_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    exchange: str
    state: str
    reason: str
    def __init__(self, exchange: _Optional[str] = ..., state: _Optional[str] = ..., reason: _Optional[str] = ...) -> None: ...

class ListExchangesRequest(_message.Message):
    __slots__ = ("references", "states", "after", "limit")
    REFERENCES_FIELD_NUMBER: _ClassVar[int]
    STATES_FIELD_NUMBER: _ClassVar[int]
    AFTER_FIELD_NUMBER: _ClassVar[int]
    LIMIT_FIELD_NUMBER: _ClassVar[int]
    references: _containers.RepeatedScalarFieldContainer[str]
    states: _containers.RepeatedScalarFieldContainer[str]
    after: int
    limit: int
    def __init__(self, references: _Optional[_Iterable[str]] = ..., states: _Optional[_Iterable[str]] = ..., after: _Optional[int] = ..., limit: _Optional[int] = ...) -> None: ...

class ListExchangesResponse(_message.Message):
    __slots__ = ("exchanges", "next_after")
    EXCHANGES_FIELD_NUMBER: _ClassVar[int]
    NEXT_AFTER_FIELD_NUMBER: _ClassVar[int]
    exchanges: _containers.RepeatedCompositeFieldContainer[ExchangeSummary]
    next_after: int
    def __init__(self, exchanges: _Optional[_Iterable[_Union[ExchangeSummary, _Mapping]]] = ..., next_after: _Optional[int] = ...) -> None: ...

class ExchangeSummary(_message.Message):
    __slots__ = ("reference", "peer", "exchange", "is_source", "state", "mode", "offered_hundredths", "granted_hundredths", "committed_hundredths", "reasons", "begun_us", "changed_us", "lots_offered", "lots_granted", "witnessed_us")
    REFERENCE_FIELD_NUMBER: _ClassVar[int]
    PEER_FIELD_NUMBER: _ClassVar[int]
    EXCHANGE_FIELD_NUMBER: _ClassVar[int]
    IS_SOURCE_FIELD_NUMBER: _ClassVar[int]
    STATE_FIELD_NUMBER: _ClassVar[int]
    MODE_FIELD_NUMBER: _ClassVar[int]
    OFFERED_HUNDREDTHS_FIELD_NUMBER: _ClassVar[int]
    GRANTED_HUNDREDTHS_FIELD_NUMBER: _ClassVar[int]
    COMMITTED_HUNDREDTHS_FIELD_NUMBER: _ClassVar[int]
    REASONS_FIELD_NUMBER: _ClassVar[int]
    BEGUN_US_FIELD_NUMBER: _ClassVar[int]
    CHANGED_US_FIELD_NUMBER: _ClassVar[int]
    LOTS_OFFERED_FIELD_NUMBER: _ClassVar[int]
    LOTS_GRANTED_FIELD_NUMBER: _ClassVar[int]
    WITNESSED_US_FIELD_NUMBER: _ClassVar[int]
    reference: str
    peer: str
    exchange: str
    is_source: bool
    state: str
    mode: str
    offered_hundredths: int
    granted_hundredths: int
    committed_hundredths: int
    reasons: _containers.RepeatedScalarFieldContainer[str]
    begun_us: int
    changed_us: int
    lots_offered: int
    lots_granted: int
    witnessed_us: int
    def __init__(self, reference: _Optional[str] = ..., peer: _Optional[str] = ..., exchange: _Optional[str] = ..., is_source: _Optional[bool] = ..., state: _Optional[str] = ..., mode: _Optional[str] = ..., offered_hundredths: _Optional[int] = ..., granted_hundredths: _Optional[int] = ..., committed_hundredths: _Optional[int] = ..., reasons: _Optional[_Iterable[str]] = ..., begun_us: _Optional[int] = ..., changed_us: _Optional[int] = ..., lots_offered: _Optional[int] = ..., lots_granted: _Optional[int] = ..., witnessed_us: _Optional[int] = ...) -> None: ...

class ListVotesRequest(_message.Message):
    __slots__ = ("references",)
    REFERENCES_FIELD_NUMBER: _ClassVar[int]
    references: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, references: _Optional[_Iterable[str]] = ...) -> None: ...

class ListVotesResponse(_message.Message):
    __slots__ = ("votes",)
    VOTES_FIELD_NUMBER: _ClassVar[int]
    votes: _containers.RepeatedCompositeFieldContainer[ReceivedVote]
    def __init__(self, votes: _Optional[_Iterable[_Union[ReceivedVote, _Mapping]]] = ...) -> None: ...

class ReceivedVote(_message.Message):
    __slots__ = ("reference", "peer", "exchange", "vote", "record")
    REFERENCE_FIELD_NUMBER: _ClassVar[int]
    PEER_FIELD_NUMBER: _ClassVar[int]
    EXCHANGE_FIELD_NUMBER: _ClassVar[int]
    VOTE_FIELD_NUMBER: _ClassVar[int]
    RECORD_FIELD_NUMBER: _ClassVar[int]
    reference: str
    peer: str
    exchange: str
    vote: bytes
    record: bytes
    def __init__(self, reference: _Optional[str] = ..., peer: _Optional[str] = ..., exchange: _Optional[str] = ..., vote: _Optional[bytes] = ..., record: _Optional[bytes] = ...) -> None: ...
