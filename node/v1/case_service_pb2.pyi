from google.protobuf.internal import containers as _containers
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class CaseName(_message.Message):
    __slots__ = ("peer", "exchange")
    PEER_FIELD_NUMBER: _ClassVar[int]
    EXCHANGE_FIELD_NUMBER: _ClassVar[int]
    peer: str
    exchange: str
    def __init__(self, peer: _Optional[str] = ..., exchange: _Optional[str] = ...) -> None: ...

class GetCaseRequest(_message.Message):
    __slots__ = ("name",)
    NAME_FIELD_NUMBER: _ClassVar[int]
    name: CaseName
    def __init__(self, name: _Optional[_Union[CaseName, _Mapping]] = ...) -> None: ...

class CaseLot(_message.Message):
    __slots__ = ("lot", "amount_hundredths", "granted_hundredths", "reasons", "facts", "questions")
    class FactsEntry(_message.Message):
        __slots__ = ("key", "value")
        KEY_FIELD_NUMBER: _ClassVar[int]
        VALUE_FIELD_NUMBER: _ClassVar[int]
        key: str
        value: str
        def __init__(self, key: _Optional[str] = ..., value: _Optional[str] = ...) -> None: ...
    LOT_FIELD_NUMBER: _ClassVar[int]
    AMOUNT_HUNDREDTHS_FIELD_NUMBER: _ClassVar[int]
    GRANTED_HUNDREDTHS_FIELD_NUMBER: _ClassVar[int]
    REASONS_FIELD_NUMBER: _ClassVar[int]
    FACTS_FIELD_NUMBER: _ClassVar[int]
    QUESTIONS_FIELD_NUMBER: _ClassVar[int]
    lot: str
    amount_hundredths: int
    granted_hundredths: int
    reasons: _containers.RepeatedScalarFieldContainer[str]
    facts: _containers.ScalarMap[str, str]
    questions: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, lot: _Optional[str] = ..., amount_hundredths: _Optional[int] = ..., granted_hundredths: _Optional[int] = ..., reasons: _Optional[_Iterable[str]] = ..., facts: _Optional[_Mapping[str, str]] = ..., questions: _Optional[_Iterable[str]] = ...) -> None: ...

class CaseFile(_message.Message):
    __slots__ = ("lot", "digest", "size_bytes", "media_type", "path")
    LOT_FIELD_NUMBER: _ClassVar[int]
    DIGEST_FIELD_NUMBER: _ClassVar[int]
    SIZE_BYTES_FIELD_NUMBER: _ClassVar[int]
    MEDIA_TYPE_FIELD_NUMBER: _ClassVar[int]
    PATH_FIELD_NUMBER: _ClassVar[int]
    lot: str
    digest: str
    size_bytes: int
    media_type: str
    path: str
    def __init__(self, lot: _Optional[str] = ..., digest: _Optional[str] = ..., size_bytes: _Optional[int] = ..., media_type: _Optional[str] = ..., path: _Optional[str] = ...) -> None: ...

class GetCaseResponse(_message.Message):
    __slots__ = ("state", "lots", "files", "consent_withdrawn_us", "questions_asked", "questions_answered", "appeal_until_us", "decided_by", "relates_to")
    STATE_FIELD_NUMBER: _ClassVar[int]
    LOTS_FIELD_NUMBER: _ClassVar[int]
    FILES_FIELD_NUMBER: _ClassVar[int]
    CONSENT_WITHDRAWN_US_FIELD_NUMBER: _ClassVar[int]
    QUESTIONS_ASKED_FIELD_NUMBER: _ClassVar[int]
    QUESTIONS_ANSWERED_FIELD_NUMBER: _ClassVar[int]
    APPEAL_UNTIL_US_FIELD_NUMBER: _ClassVar[int]
    DECIDED_BY_FIELD_NUMBER: _ClassVar[int]
    RELATES_TO_FIELD_NUMBER: _ClassVar[int]
    state: str
    lots: _containers.RepeatedCompositeFieldContainer[CaseLot]
    files: _containers.RepeatedCompositeFieldContainer[CaseFile]
    consent_withdrawn_us: int
    questions_asked: int
    questions_answered: int
    appeal_until_us: int
    decided_by: str
    relates_to: str
    def __init__(self, state: _Optional[str] = ..., lots: _Optional[_Iterable[_Union[CaseLot, _Mapping]]] = ..., files: _Optional[_Iterable[_Union[CaseFile, _Mapping]]] = ..., consent_withdrawn_us: _Optional[int] = ..., questions_asked: _Optional[int] = ..., questions_answered: _Optional[int] = ..., appeal_until_us: _Optional[int] = ..., decided_by: _Optional[str] = ..., relates_to: _Optional[str] = ...) -> None: ...

class Question(_message.Message):
    __slots__ = ("lot", "reasons")
    LOT_FIELD_NUMBER: _ClassVar[int]
    REASONS_FIELD_NUMBER: _ClassVar[int]
    lot: str
    reasons: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, lot: _Optional[str] = ..., reasons: _Optional[_Iterable[str]] = ...) -> None: ...

class AskSupplementRequest(_message.Message):
    __slots__ = ("name", "questions")
    NAME_FIELD_NUMBER: _ClassVar[int]
    QUESTIONS_FIELD_NUMBER: _ClassVar[int]
    name: CaseName
    questions: _containers.RepeatedCompositeFieldContainer[Question]
    def __init__(self, name: _Optional[_Union[CaseName, _Mapping]] = ..., questions: _Optional[_Iterable[_Union[Question, _Mapping]]] = ...) -> None: ...

class AskSupplementResponse(_message.Message):
    __slots__ = ("state",)
    STATE_FIELD_NUMBER: _ClassVar[int]
    state: str
    def __init__(self, state: _Optional[str] = ...) -> None: ...

class DecideRequest(_message.Message):
    __slots__ = ("name",)
    NAME_FIELD_NUMBER: _ClassVar[int]
    name: CaseName
    def __init__(self, name: _Optional[_Union[CaseName, _Mapping]] = ...) -> None: ...

class DecideResponse(_message.Message):
    __slots__ = ("state",)
    STATE_FIELD_NUMBER: _ClassVar[int]
    state: str
    def __init__(self, state: _Optional[str] = ...) -> None: ...

class LotFile(_message.Message):
    __slots__ = ("lot", "digest")
    LOT_FIELD_NUMBER: _ClassVar[int]
    DIGEST_FIELD_NUMBER: _ClassVar[int]
    lot: str
    digest: str
    def __init__(self, lot: _Optional[str] = ..., digest: _Optional[str] = ...) -> None: ...

class SendSupplementRequest(_message.Message):
    __slots__ = ("name", "files")
    NAME_FIELD_NUMBER: _ClassVar[int]
    FILES_FIELD_NUMBER: _ClassVar[int]
    name: CaseName
    files: _containers.RepeatedCompositeFieldContainer[LotFile]
    def __init__(self, name: _Optional[_Union[CaseName, _Mapping]] = ..., files: _Optional[_Iterable[_Union[LotFile, _Mapping]]] = ...) -> None: ...

class SendSupplementResponse(_message.Message):
    __slots__ = ("state",)
    STATE_FIELD_NUMBER: _ClassVar[int]
    state: str
    def __init__(self, state: _Optional[str] = ...) -> None: ...

class FetchFilesRequest(_message.Message):
    __slots__ = ("name", "digest")
    NAME_FIELD_NUMBER: _ClassVar[int]
    DIGEST_FIELD_NUMBER: _ClassVar[int]
    name: CaseName
    digest: str
    def __init__(self, name: _Optional[_Union[CaseName, _Mapping]] = ..., digest: _Optional[str] = ...) -> None: ...

class FetchFilesResponse(_message.Message):
    __slots__ = ("files",)
    FILES_FIELD_NUMBER: _ClassVar[int]
    files: _containers.RepeatedCompositeFieldContainer[CaseFile]
    def __init__(self, files: _Optional[_Iterable[_Union[CaseFile, _Mapping]]] = ...) -> None: ...

class WithdrawConsentRequest(_message.Message):
    __slots__ = ("name",)
    NAME_FIELD_NUMBER: _ClassVar[int]
    name: CaseName
    def __init__(self, name: _Optional[_Union[CaseName, _Mapping]] = ...) -> None: ...

class WithdrawConsentResponse(_message.Message):
    __slots__ = ("state",)
    STATE_FIELD_NUMBER: _ClassVar[int]
    state: str
    def __init__(self, state: _Optional[str] = ...) -> None: ...
