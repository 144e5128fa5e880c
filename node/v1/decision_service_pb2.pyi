from google.protobuf.internal import containers as _containers
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class GetDecisionRequest(_message.Message):
    __slots__ = ("peer", "exchange")
    PEER_FIELD_NUMBER: _ClassVar[int]
    EXCHANGE_FIELD_NUMBER: _ClassVar[int]
    peer: str
    exchange: str
    def __init__(self, peer: _Optional[str] = ..., exchange: _Optional[str] = ...) -> None: ...

class GetDecisionResponse(_message.Message):
    __slots__ = ("is_decided", "wanted_targets", "rule", "rule_version", "rule_digest", "decided_on", "valid_until_us", "appeal_until_us", "lots", "groups", "caps", "track", "may_ask_person", "record_digest", "record_state", "record", "papers")
    IS_DECIDED_FIELD_NUMBER: _ClassVar[int]
    WANTED_TARGETS_FIELD_NUMBER: _ClassVar[int]
    RULE_FIELD_NUMBER: _ClassVar[int]
    RULE_VERSION_FIELD_NUMBER: _ClassVar[int]
    RULE_DIGEST_FIELD_NUMBER: _ClassVar[int]
    DECIDED_ON_FIELD_NUMBER: _ClassVar[int]
    VALID_UNTIL_US_FIELD_NUMBER: _ClassVar[int]
    APPEAL_UNTIL_US_FIELD_NUMBER: _ClassVar[int]
    LOTS_FIELD_NUMBER: _ClassVar[int]
    GROUPS_FIELD_NUMBER: _ClassVar[int]
    CAPS_FIELD_NUMBER: _ClassVar[int]
    TRACK_FIELD_NUMBER: _ClassVar[int]
    MAY_ASK_PERSON_FIELD_NUMBER: _ClassVar[int]
    RECORD_DIGEST_FIELD_NUMBER: _ClassVar[int]
    RECORD_STATE_FIELD_NUMBER: _ClassVar[int]
    RECORD_FIELD_NUMBER: _ClassVar[int]
    PAPERS_FIELD_NUMBER: _ClassVar[int]
    is_decided: bool
    wanted_targets: _containers.RepeatedScalarFieldContainer[str]
    rule: str
    rule_version: int
    rule_digest: str
    decided_on: str
    valid_until_us: int
    appeal_until_us: int
    lots: _containers.RepeatedCompositeFieldContainer[LotDecision]
    groups: _containers.RepeatedCompositeFieldContainer[DecidedGroup]
    caps: _containers.RepeatedCompositeFieldContainer[CapArithmetic]
    track: str
    may_ask_person: bool
    record_digest: str
    record_state: str
    record: bytes
    papers: _containers.RepeatedCompositeFieldContainer[DecisionPaper]
    def __init__(self, is_decided: _Optional[bool] = ..., wanted_targets: _Optional[_Iterable[str]] = ..., rule: _Optional[str] = ..., rule_version: _Optional[int] = ..., rule_digest: _Optional[str] = ..., decided_on: _Optional[str] = ..., valid_until_us: _Optional[int] = ..., appeal_until_us: _Optional[int] = ..., lots: _Optional[_Iterable[_Union[LotDecision, _Mapping]]] = ..., groups: _Optional[_Iterable[_Union[DecidedGroup, _Mapping]]] = ..., caps: _Optional[_Iterable[_Union[CapArithmetic, _Mapping]]] = ..., track: _Optional[str] = ..., may_ask_person: _Optional[bool] = ..., record_digest: _Optional[str] = ..., record_state: _Optional[str] = ..., record: _Optional[bytes] = ..., papers: _Optional[_Iterable[_Union[DecisionPaper, _Mapping]]] = ...) -> None: ...

class LotDecision(_message.Message):
    __slots__ = ("lot", "verdict", "granted_hundredths", "reasons", "entry", "grade", "level")
    LOT_FIELD_NUMBER: _ClassVar[int]
    VERDICT_FIELD_NUMBER: _ClassVar[int]
    GRANTED_HUNDREDTHS_FIELD_NUMBER: _ClassVar[int]
    REASONS_FIELD_NUMBER: _ClassVar[int]
    ENTRY_FIELD_NUMBER: _ClassVar[int]
    GRADE_FIELD_NUMBER: _ClassVar[int]
    LEVEL_FIELD_NUMBER: _ClassVar[int]
    lot: str
    verdict: str
    granted_hundredths: int
    reasons: _containers.RepeatedScalarFieldContainer[str]
    entry: str
    grade: str
    level: int
    def __init__(self, lot: _Optional[str] = ..., verdict: _Optional[str] = ..., granted_hundredths: _Optional[int] = ..., reasons: _Optional[_Iterable[str]] = ..., entry: _Optional[str] = ..., grade: _Optional[str] = ..., level: _Optional[int] = ...) -> None: ...

class DecidedGroup(_message.Message):
    __slots__ = ("entry", "is_granted", "lots", "grants", "reasons")
    ENTRY_FIELD_NUMBER: _ClassVar[int]
    IS_GRANTED_FIELD_NUMBER: _ClassVar[int]
    LOTS_FIELD_NUMBER: _ClassVar[int]
    GRANTS_FIELD_NUMBER: _ClassVar[int]
    REASONS_FIELD_NUMBER: _ClassVar[int]
    entry: str
    is_granted: bool
    lots: _containers.RepeatedScalarFieldContainer[str]
    grants: _containers.RepeatedCompositeFieldContainer[DecidedGrant]
    reasons: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, entry: _Optional[str] = ..., is_granted: _Optional[bool] = ..., lots: _Optional[_Iterable[str]] = ..., grants: _Optional[_Iterable[_Union[DecidedGrant, _Mapping]]] = ..., reasons: _Optional[_Iterable[str]] = ...) -> None: ...

class DecidedGrant(_message.Message):
    __slots__ = ("target", "granted_hundredths")
    TARGET_FIELD_NUMBER: _ClassVar[int]
    GRANTED_HUNDREDTHS_FIELD_NUMBER: _ClassVar[int]
    target: str
    granted_hundredths: int
    def __init__(self, target: _Optional[str] = ..., granted_hundredths: _Optional[int] = ...) -> None: ...

class CapArithmetic(_message.Message):
    __slots__ = ("cap", "scope", "window", "measure", "limit", "used_before", "asked", "allowed", "left")
    CAP_FIELD_NUMBER: _ClassVar[int]
    SCOPE_FIELD_NUMBER: _ClassVar[int]
    WINDOW_FIELD_NUMBER: _ClassVar[int]
    MEASURE_FIELD_NUMBER: _ClassVar[int]
    LIMIT_FIELD_NUMBER: _ClassVar[int]
    USED_BEFORE_FIELD_NUMBER: _ClassVar[int]
    ASKED_FIELD_NUMBER: _ClassVar[int]
    ALLOWED_FIELD_NUMBER: _ClassVar[int]
    LEFT_FIELD_NUMBER: _ClassVar[int]
    cap: str
    scope: _containers.RepeatedScalarFieldContainer[str]
    window: str
    measure: str
    limit: int
    used_before: int
    asked: int
    allowed: int
    left: int
    def __init__(self, cap: _Optional[str] = ..., scope: _Optional[_Iterable[str]] = ..., window: _Optional[str] = ..., measure: _Optional[str] = ..., limit: _Optional[int] = ..., used_before: _Optional[int] = ..., asked: _Optional[int] = ..., allowed: _Optional[int] = ..., left: _Optional[int] = ...) -> None: ...

class DecisionPaper(_message.Message):
    __slots__ = ("kind", "name", "digest", "is_here", "minute")
    KIND_FIELD_NUMBER: _ClassVar[int]
    NAME_FIELD_NUMBER: _ClassVar[int]
    DIGEST_FIELD_NUMBER: _ClassVar[int]
    IS_HERE_FIELD_NUMBER: _ClassVar[int]
    MINUTE_FIELD_NUMBER: _ClassVar[int]
    kind: str
    name: str
    digest: str
    is_here: bool
    minute: bytes
    def __init__(self, kind: _Optional[str] = ..., name: _Optional[str] = ..., digest: _Optional[str] = ..., is_here: _Optional[bool] = ..., minute: _Optional[bytes] = ...) -> None: ...
