from google.protobuf.internal import containers as _containers
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class WhatIfRequest(_message.Message):
    __slots__ = ("outcomes", "wanted_targets")
    OUTCOMES_FIELD_NUMBER: _ClassVar[int]
    WANTED_TARGETS_FIELD_NUMBER: _ClassVar[int]
    outcomes: _containers.RepeatedCompositeFieldContainer[WhatIfOutcome]
    wanted_targets: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, outcomes: _Optional[_Iterable[_Union[WhatIfOutcome, _Mapping]]] = ..., wanted_targets: _Optional[_Iterable[str]] = ...) -> None: ...

class WhatIfOutcome(_message.Message):
    __slots__ = ("source", "kind", "form", "title", "code", "catalogue", "issuer", "level", "field", "hours", "amount_hundredths", "scale", "grade", "earned", "expires", "is_converted")
    SOURCE_FIELD_NUMBER: _ClassVar[int]
    KIND_FIELD_NUMBER: _ClassVar[int]
    FORM_FIELD_NUMBER: _ClassVar[int]
    TITLE_FIELD_NUMBER: _ClassVar[int]
    CODE_FIELD_NUMBER: _ClassVar[int]
    CATALOGUE_FIELD_NUMBER: _ClassVar[int]
    ISSUER_FIELD_NUMBER: _ClassVar[int]
    LEVEL_FIELD_NUMBER: _ClassVar[int]
    FIELD_FIELD_NUMBER: _ClassVar[int]
    HOURS_FIELD_NUMBER: _ClassVar[int]
    AMOUNT_HUNDREDTHS_FIELD_NUMBER: _ClassVar[int]
    SCALE_FIELD_NUMBER: _ClassVar[int]
    GRADE_FIELD_NUMBER: _ClassVar[int]
    EARNED_FIELD_NUMBER: _ClassVar[int]
    EXPIRES_FIELD_NUMBER: _ClassVar[int]
    IS_CONVERTED_FIELD_NUMBER: _ClassVar[int]
    source: str
    kind: str
    form: str
    title: str
    code: str
    catalogue: str
    issuer: str
    level: int
    field: str
    hours: int
    amount_hundredths: int
    scale: str
    grade: str
    earned: str
    expires: str
    is_converted: bool
    def __init__(self, source: _Optional[str] = ..., kind: _Optional[str] = ..., form: _Optional[str] = ..., title: _Optional[str] = ..., code: _Optional[str] = ..., catalogue: _Optional[str] = ..., issuer: _Optional[str] = ..., level: _Optional[int] = ..., field: _Optional[str] = ..., hours: _Optional[int] = ..., amount_hundredths: _Optional[int] = ..., scale: _Optional[str] = ..., grade: _Optional[str] = ..., earned: _Optional[str] = ..., expires: _Optional[str] = ..., is_converted: _Optional[bool] = ...) -> None: ...

class WhatIfResponse(_message.Message):
    __slots__ = ("standing", "rule", "judged_on", "catalogues", "agreement", "is_by_person", "depends_on_day", "outcomes", "groups", "missing", "caps", "is_cut")
    STANDING_FIELD_NUMBER: _ClassVar[int]
    RULE_FIELD_NUMBER: _ClassVar[int]
    JUDGED_ON_FIELD_NUMBER: _ClassVar[int]
    CATALOGUES_FIELD_NUMBER: _ClassVar[int]
    AGREEMENT_FIELD_NUMBER: _ClassVar[int]
    IS_BY_PERSON_FIELD_NUMBER: _ClassVar[int]
    DEPENDS_ON_DAY_FIELD_NUMBER: _ClassVar[int]
    OUTCOMES_FIELD_NUMBER: _ClassVar[int]
    GROUPS_FIELD_NUMBER: _ClassVar[int]
    MISSING_FIELD_NUMBER: _ClassVar[int]
    CAPS_FIELD_NUMBER: _ClassVar[int]
    IS_CUT_FIELD_NUMBER: _ClassVar[int]
    standing: str
    rule: WhatIfRule
    judged_on: str
    catalogues: _containers.RepeatedCompositeFieldContainer[WhatIfCatalogue]
    agreement: str
    is_by_person: bool
    depends_on_day: bool
    outcomes: _containers.RepeatedCompositeFieldContainer[WhatIfVerdict]
    groups: _containers.RepeatedCompositeFieldContainer[WhatIfGroup]
    missing: _containers.RepeatedCompositeFieldContainer[WhatIfShortfall]
    caps: _containers.RepeatedCompositeFieldContainer[WhatIfCap]
    is_cut: bool
    def __init__(self, standing: _Optional[str] = ..., rule: _Optional[_Union[WhatIfRule, _Mapping]] = ..., judged_on: _Optional[str] = ..., catalogues: _Optional[_Iterable[_Union[WhatIfCatalogue, _Mapping]]] = ..., agreement: _Optional[str] = ..., is_by_person: _Optional[bool] = ..., depends_on_day: _Optional[bool] = ..., outcomes: _Optional[_Iterable[_Union[WhatIfVerdict, _Mapping]]] = ..., groups: _Optional[_Iterable[_Union[WhatIfGroup, _Mapping]]] = ..., missing: _Optional[_Iterable[_Union[WhatIfShortfall, _Mapping]]] = ..., caps: _Optional[_Iterable[_Union[WhatIfCap, _Mapping]]] = ..., is_cut: _Optional[bool] = ...) -> None: ...

class WhatIfRule(_message.Message):
    __slots__ = ("name", "version", "digest")
    NAME_FIELD_NUMBER: _ClassVar[int]
    VERSION_FIELD_NUMBER: _ClassVar[int]
    DIGEST_FIELD_NUMBER: _ClassVar[int]
    name: str
    version: int
    digest: str
    def __init__(self, name: _Optional[str] = ..., version: _Optional[int] = ..., digest: _Optional[str] = ...) -> None: ...

class WhatIfCatalogue(_message.Message):
    __slots__ = ("source", "name", "version", "digest")
    SOURCE_FIELD_NUMBER: _ClassVar[int]
    NAME_FIELD_NUMBER: _ClassVar[int]
    VERSION_FIELD_NUMBER: _ClassVar[int]
    DIGEST_FIELD_NUMBER: _ClassVar[int]
    source: str
    name: str
    version: str
    digest: str
    def __init__(self, source: _Optional[str] = ..., name: _Optional[str] = ..., version: _Optional[str] = ..., digest: _Optional[str] = ...) -> None: ...

class WhatIfVerdict(_message.Message):
    __slots__ = ("verdict", "granted_hundredths", "reasons")
    VERDICT_FIELD_NUMBER: _ClassVar[int]
    GRANTED_HUNDREDTHS_FIELD_NUMBER: _ClassVar[int]
    REASONS_FIELD_NUMBER: _ClassVar[int]
    verdict: str
    granted_hundredths: int
    reasons: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, verdict: _Optional[str] = ..., granted_hundredths: _Optional[int] = ..., reasons: _Optional[_Iterable[str]] = ...) -> None: ...

class WhatIfGroup(_message.Message):
    __slots__ = ("entry", "track", "verdict", "outcomes", "grants", "reasons")
    ENTRY_FIELD_NUMBER: _ClassVar[int]
    TRACK_FIELD_NUMBER: _ClassVar[int]
    VERDICT_FIELD_NUMBER: _ClassVar[int]
    OUTCOMES_FIELD_NUMBER: _ClassVar[int]
    GRANTS_FIELD_NUMBER: _ClassVar[int]
    REASONS_FIELD_NUMBER: _ClassVar[int]
    entry: str
    track: str
    verdict: str
    outcomes: _containers.RepeatedScalarFieldContainer[int]
    grants: _containers.RepeatedCompositeFieldContainer[WhatIfGrant]
    reasons: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, entry: _Optional[str] = ..., track: _Optional[str] = ..., verdict: _Optional[str] = ..., outcomes: _Optional[_Iterable[int]] = ..., grants: _Optional[_Iterable[_Union[WhatIfGrant, _Mapping]]] = ..., reasons: _Optional[_Iterable[str]] = ...) -> None: ...

class WhatIfGrant(_message.Message):
    __slots__ = ("target", "granted_hundredths", "level", "grade")
    TARGET_FIELD_NUMBER: _ClassVar[int]
    GRANTED_HUNDREDTHS_FIELD_NUMBER: _ClassVar[int]
    LEVEL_FIELD_NUMBER: _ClassVar[int]
    GRADE_FIELD_NUMBER: _ClassVar[int]
    target: WhatIfTarget
    granted_hundredths: int
    level: int
    grade: str
    def __init__(self, target: _Optional[_Union[WhatIfTarget, _Mapping]] = ..., granted_hundredths: _Optional[int] = ..., level: _Optional[int] = ..., grade: _Optional[str] = ...) -> None: ...

class WhatIfTarget(_message.Message):
    __slots__ = ("code", "title")
    CODE_FIELD_NUMBER: _ClassVar[int]
    TITLE_FIELD_NUMBER: _ClassVar[int]
    code: str
    title: str
    def __init__(self, code: _Optional[str] = ..., title: _Optional[str] = ...) -> None: ...

class WhatIfShortfall(_message.Message):
    __slots__ = ("entry", "targets", "outcomes", "missing")
    ENTRY_FIELD_NUMBER: _ClassVar[int]
    TARGETS_FIELD_NUMBER: _ClassVar[int]
    OUTCOMES_FIELD_NUMBER: _ClassVar[int]
    MISSING_FIELD_NUMBER: _ClassVar[int]
    entry: str
    targets: _containers.RepeatedCompositeFieldContainer[WhatIfTarget]
    outcomes: _containers.RepeatedScalarFieldContainer[int]
    missing: _containers.RepeatedCompositeFieldContainer[WhatIfMissing]
    def __init__(self, entry: _Optional[str] = ..., targets: _Optional[_Iterable[_Union[WhatIfTarget, _Mapping]]] = ..., outcomes: _Optional[_Iterable[int]] = ..., missing: _Optional[_Iterable[_Union[WhatIfMissing, _Mapping]]] = ...) -> None: ...

class WhatIfMissing(_message.Message):
    __slots__ = ("courses", "more_courses", "measure", "amount", "reasons")
    COURSES_FIELD_NUMBER: _ClassVar[int]
    MORE_COURSES_FIELD_NUMBER: _ClassVar[int]
    MEASURE_FIELD_NUMBER: _ClassVar[int]
    AMOUNT_FIELD_NUMBER: _ClassVar[int]
    REASONS_FIELD_NUMBER: _ClassVar[int]
    courses: _containers.RepeatedCompositeFieldContainer[WhatIfCourse]
    more_courses: int
    measure: str
    amount: int
    reasons: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, courses: _Optional[_Iterable[_Union[WhatIfCourse, _Mapping]]] = ..., more_courses: _Optional[int] = ..., measure: _Optional[str] = ..., amount: _Optional[int] = ..., reasons: _Optional[_Iterable[str]] = ...) -> None: ...

class WhatIfCourse(_message.Message):
    __slots__ = ("source", "issuer", "catalogue", "code")
    SOURCE_FIELD_NUMBER: _ClassVar[int]
    ISSUER_FIELD_NUMBER: _ClassVar[int]
    CATALOGUE_FIELD_NUMBER: _ClassVar[int]
    CODE_FIELD_NUMBER: _ClassVar[int]
    source: str
    issuer: str
    catalogue: str
    code: str
    def __init__(self, source: _Optional[str] = ..., issuer: _Optional[str] = ..., catalogue: _Optional[str] = ..., code: _Optional[str] = ...) -> None: ...

class WhatIfCap(_message.Message):
    __slots__ = ("cap", "measure", "limit", "asked", "allowed")
    CAP_FIELD_NUMBER: _ClassVar[int]
    MEASURE_FIELD_NUMBER: _ClassVar[int]
    LIMIT_FIELD_NUMBER: _ClassVar[int]
    ASKED_FIELD_NUMBER: _ClassVar[int]
    ALLOWED_FIELD_NUMBER: _ClassVar[int]
    cap: str
    measure: str
    limit: int
    asked: int
    allowed: int
    def __init__(self, cap: _Optional[str] = ..., measure: _Optional[str] = ..., limit: _Optional[int] = ..., asked: _Optional[int] = ..., allowed: _Optional[int] = ...) -> None: ...
