from google.protobuf.internal import containers as _containers
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class EnrolRequest(_message.Message):
    __slots__ = ("account", "programme", "version")
    ACCOUNT_FIELD_NUMBER: _ClassVar[int]
    PROGRAMME_FIELD_NUMBER: _ClassVar[int]
    VERSION_FIELD_NUMBER: _ClassVar[int]
    account: str
    programme: str
    version: str
    def __init__(self, account: _Optional[str] = ..., programme: _Optional[str] = ..., version: _Optional[str] = ...) -> None: ...

class EnrolResponse(_message.Message):
    __slots__ = ("enrolment",)
    ENROLMENT_FIELD_NUMBER: _ClassVar[int]
    enrolment: Enrolment
    def __init__(self, enrolment: _Optional[_Union[Enrolment, _Mapping]] = ...) -> None: ...

class Enrolment(_message.Message):
    __slots__ = ("account", "programme", "version", "digest", "enrolled_by", "enrolled_us", "left_us")
    ACCOUNT_FIELD_NUMBER: _ClassVar[int]
    PROGRAMME_FIELD_NUMBER: _ClassVar[int]
    VERSION_FIELD_NUMBER: _ClassVar[int]
    DIGEST_FIELD_NUMBER: _ClassVar[int]
    ENROLLED_BY_FIELD_NUMBER: _ClassVar[int]
    ENROLLED_US_FIELD_NUMBER: _ClassVar[int]
    LEFT_US_FIELD_NUMBER: _ClassVar[int]
    account: str
    programme: str
    version: str
    digest: str
    enrolled_by: str
    enrolled_us: int
    left_us: int
    def __init__(self, account: _Optional[str] = ..., programme: _Optional[str] = ..., version: _Optional[str] = ..., digest: _Optional[str] = ..., enrolled_by: _Optional[str] = ..., enrolled_us: _Optional[int] = ..., left_us: _Optional[int] = ...) -> None: ...

class LeaveRequest(_message.Message):
    __slots__ = ("account", "programme")
    ACCOUNT_FIELD_NUMBER: _ClassVar[int]
    PROGRAMME_FIELD_NUMBER: _ClassVar[int]
    account: str
    programme: str
    def __init__(self, account: _Optional[str] = ..., programme: _Optional[str] = ...) -> None: ...

class LeaveResponse(_message.Message):
    __slots__ = ("enrolment",)
    ENROLMENT_FIELD_NUMBER: _ClassVar[int]
    enrolment: Enrolment
    def __init__(self, enrolment: _Optional[_Union[Enrolment, _Mapping]] = ...) -> None: ...

class ListEnrolmentsRequest(_message.Message):
    __slots__ = ("account",)
    ACCOUNT_FIELD_NUMBER: _ClassVar[int]
    account: str
    def __init__(self, account: _Optional[str] = ...) -> None: ...

class ListEnrolmentsResponse(_message.Message):
    __slots__ = ("enrolments",)
    ENROLMENTS_FIELD_NUMBER: _ClassVar[int]
    enrolments: _containers.RepeatedCompositeFieldContainer[Enrolment]
    def __init__(self, enrolments: _Optional[_Iterable[_Union[Enrolment, _Mapping]]] = ...) -> None: ...

class GetStandingRequest(_message.Message):
    __slots__ = ("account", "programme")
    ACCOUNT_FIELD_NUMBER: _ClassVar[int]
    PROGRAMME_FIELD_NUMBER: _ClassVar[int]
    account: str
    programme: str
    def __init__(self, account: _Optional[str] = ..., programme: _Optional[str] = ...) -> None: ...

class GetStandingResponse(_message.Message):
    __slots__ = ("account", "programme", "version", "code", "rule", "rule_version", "caps", "floors")
    ACCOUNT_FIELD_NUMBER: _ClassVar[int]
    PROGRAMME_FIELD_NUMBER: _ClassVar[int]
    VERSION_FIELD_NUMBER: _ClassVar[int]
    CODE_FIELD_NUMBER: _ClassVar[int]
    RULE_FIELD_NUMBER: _ClassVar[int]
    RULE_VERSION_FIELD_NUMBER: _ClassVar[int]
    CAPS_FIELD_NUMBER: _ClassVar[int]
    FLOORS_FIELD_NUMBER: _ClassVar[int]
    account: str
    programme: str
    version: str
    code: str
    rule: str
    rule_version: int
    caps: _containers.RepeatedCompositeFieldContainer[CapLine]
    floors: _containers.RepeatedCompositeFieldContainer[FloorLine]
    def __init__(self, account: _Optional[str] = ..., programme: _Optional[str] = ..., version: _Optional[str] = ..., code: _Optional[str] = ..., rule: _Optional[str] = ..., rule_version: _Optional[int] = ..., caps: _Optional[_Iterable[_Union[CapLine, _Mapping]]] = ..., floors: _Optional[_Iterable[_Union[FloorLine, _Mapping]]] = ...) -> None: ...

class CapLine(_message.Message):
    __slots__ = ("cap", "title_zh", "title_en", "within", "scope", "measure", "has_limit", "limit", "used", "reserved", "left")
    CAP_FIELD_NUMBER: _ClassVar[int]
    TITLE_ZH_FIELD_NUMBER: _ClassVar[int]
    TITLE_EN_FIELD_NUMBER: _ClassVar[int]
    WITHIN_FIELD_NUMBER: _ClassVar[int]
    SCOPE_FIELD_NUMBER: _ClassVar[int]
    MEASURE_FIELD_NUMBER: _ClassVar[int]
    HAS_LIMIT_FIELD_NUMBER: _ClassVar[int]
    LIMIT_FIELD_NUMBER: _ClassVar[int]
    USED_FIELD_NUMBER: _ClassVar[int]
    RESERVED_FIELD_NUMBER: _ClassVar[int]
    LEFT_FIELD_NUMBER: _ClassVar[int]
    cap: str
    title_zh: str
    title_en: str
    within: str
    scope: str
    measure: str
    has_limit: bool
    limit: int
    used: int
    reserved: int
    left: int
    def __init__(self, cap: _Optional[str] = ..., title_zh: _Optional[str] = ..., title_en: _Optional[str] = ..., within: _Optional[str] = ..., scope: _Optional[str] = ..., measure: _Optional[str] = ..., has_limit: _Optional[bool] = ..., limit: _Optional[int] = ..., used: _Optional[int] = ..., reserved: _Optional[int] = ..., left: _Optional[int] = ...) -> None: ...

class FloorLine(_message.Message):
    __slots__ = ("cap", "title_zh", "title_en", "measure", "has_limit", "required", "have", "missing")
    CAP_FIELD_NUMBER: _ClassVar[int]
    TITLE_ZH_FIELD_NUMBER: _ClassVar[int]
    TITLE_EN_FIELD_NUMBER: _ClassVar[int]
    MEASURE_FIELD_NUMBER: _ClassVar[int]
    HAS_LIMIT_FIELD_NUMBER: _ClassVar[int]
    REQUIRED_FIELD_NUMBER: _ClassVar[int]
    HAVE_FIELD_NUMBER: _ClassVar[int]
    MISSING_FIELD_NUMBER: _ClassVar[int]
    cap: str
    title_zh: str
    title_en: str
    measure: str
    has_limit: bool
    required: int
    have: int
    missing: int
    def __init__(self, cap: _Optional[str] = ..., title_zh: _Optional[str] = ..., title_en: _Optional[str] = ..., measure: _Optional[str] = ..., has_limit: _Optional[bool] = ..., required: _Optional[int] = ..., have: _Optional[int] = ..., missing: _Optional[int] = ...) -> None: ...
