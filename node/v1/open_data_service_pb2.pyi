from google.protobuf.internal import containers as _containers
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class GetOpenDataRequest(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...

class GetOpenDataResponse(_message.Message):
    __slots__ = ("province", "made_on", "rules", "rule_entries", "rule_courses", "rule_caps", "versions", "agreements", "refusals")
    PROVINCE_FIELD_NUMBER: _ClassVar[int]
    MADE_ON_FIELD_NUMBER: _ClassVar[int]
    RULES_FIELD_NUMBER: _ClassVar[int]
    RULE_ENTRIES_FIELD_NUMBER: _ClassVar[int]
    RULE_COURSES_FIELD_NUMBER: _ClassVar[int]
    RULE_CAPS_FIELD_NUMBER: _ClassVar[int]
    VERSIONS_FIELD_NUMBER: _ClassVar[int]
    AGREEMENTS_FIELD_NUMBER: _ClassVar[int]
    REFUSALS_FIELD_NUMBER: _ClassVar[int]
    province: str
    made_on: str
    rules: _containers.RepeatedCompositeFieldContainer[OpenRule]
    rule_entries: _containers.RepeatedCompositeFieldContainer[OpenRuleEntry]
    rule_courses: _containers.RepeatedCompositeFieldContainer[OpenRuleCourse]
    rule_caps: _containers.RepeatedCompositeFieldContainer[OpenRuleCap]
    versions: _containers.RepeatedCompositeFieldContainer[OpenVersion]
    agreements: _containers.RepeatedCompositeFieldContainer[OpenAgreement]
    refusals: _containers.RepeatedCompositeFieldContainer[OpenRefusal]
    def __init__(self, province: _Optional[str] = ..., made_on: _Optional[str] = ..., rules: _Optional[_Iterable[_Union[OpenRule, _Mapping]]] = ..., rule_entries: _Optional[_Iterable[_Union[OpenRuleEntry, _Mapping]]] = ..., rule_courses: _Optional[_Iterable[_Union[OpenRuleCourse, _Mapping]]] = ..., rule_caps: _Optional[_Iterable[_Union[OpenRuleCap, _Mapping]]] = ..., versions: _Optional[_Iterable[_Union[OpenVersion, _Mapping]]] = ..., agreements: _Optional[_Iterable[_Union[OpenAgreement, _Mapping]]] = ..., refusals: _Optional[_Iterable[_Union[OpenRefusal, _Mapping]]] = ...) -> None: ...

class OpenRule(_message.Message):
    __slots__ = ("rule", "version", "digest", "title_zh", "title_en", "valid_from", "valid_until", "is_example")
    RULE_FIELD_NUMBER: _ClassVar[int]
    VERSION_FIELD_NUMBER: _ClassVar[int]
    DIGEST_FIELD_NUMBER: _ClassVar[int]
    TITLE_ZH_FIELD_NUMBER: _ClassVar[int]
    TITLE_EN_FIELD_NUMBER: _ClassVar[int]
    VALID_FROM_FIELD_NUMBER: _ClassVar[int]
    VALID_UNTIL_FIELD_NUMBER: _ClassVar[int]
    IS_EXAMPLE_FIELD_NUMBER: _ClassVar[int]
    rule: str
    version: int
    digest: str
    title_zh: str
    title_en: str
    valid_from: str
    valid_until: str
    is_example: bool
    def __init__(self, rule: _Optional[str] = ..., version: _Optional[int] = ..., digest: _Optional[str] = ..., title_zh: _Optional[str] = ..., title_en: _Optional[str] = ..., valid_from: _Optional[str] = ..., valid_until: _Optional[str] = ..., is_example: _Optional[bool] = ...) -> None: ...

class OpenRuleEntry(_message.Message):
    __slots__ = ("rule", "version", "entry", "track", "requires", "target", "target_catalogue", "target_version", "measure", "level", "category", "rounding", "valid_from", "valid_until", "note")
    RULE_FIELD_NUMBER: _ClassVar[int]
    VERSION_FIELD_NUMBER: _ClassVar[int]
    ENTRY_FIELD_NUMBER: _ClassVar[int]
    TRACK_FIELD_NUMBER: _ClassVar[int]
    REQUIRES_FIELD_NUMBER: _ClassVar[int]
    TARGET_FIELD_NUMBER: _ClassVar[int]
    TARGET_CATALOGUE_FIELD_NUMBER: _ClassVar[int]
    TARGET_VERSION_FIELD_NUMBER: _ClassVar[int]
    MEASURE_FIELD_NUMBER: _ClassVar[int]
    LEVEL_FIELD_NUMBER: _ClassVar[int]
    CATEGORY_FIELD_NUMBER: _ClassVar[int]
    ROUNDING_FIELD_NUMBER: _ClassVar[int]
    VALID_FROM_FIELD_NUMBER: _ClassVar[int]
    VALID_UNTIL_FIELD_NUMBER: _ClassVar[int]
    NOTE_FIELD_NUMBER: _ClassVar[int]
    rule: str
    version: int
    entry: str
    track: str
    requires: str
    target: str
    target_catalogue: str
    target_version: str
    measure: str
    level: int
    category: str
    rounding: str
    valid_from: str
    valid_until: str
    note: str
    def __init__(self, rule: _Optional[str] = ..., version: _Optional[int] = ..., entry: _Optional[str] = ..., track: _Optional[str] = ..., requires: _Optional[str] = ..., target: _Optional[str] = ..., target_catalogue: _Optional[str] = ..., target_version: _Optional[str] = ..., measure: _Optional[str] = ..., level: _Optional[int] = ..., category: _Optional[str] = ..., rounding: _Optional[str] = ..., valid_from: _Optional[str] = ..., valid_until: _Optional[str] = ..., note: _Optional[str] = ...) -> None: ...

class OpenRuleCourse(_message.Message):
    __slots__ = ("rule", "version", "entry", "source", "issuer", "catalogue", "catalogue_version", "catalogue_digest", "code", "conditions")
    RULE_FIELD_NUMBER: _ClassVar[int]
    VERSION_FIELD_NUMBER: _ClassVar[int]
    ENTRY_FIELD_NUMBER: _ClassVar[int]
    SOURCE_FIELD_NUMBER: _ClassVar[int]
    ISSUER_FIELD_NUMBER: _ClassVar[int]
    CATALOGUE_FIELD_NUMBER: _ClassVar[int]
    CATALOGUE_VERSION_FIELD_NUMBER: _ClassVar[int]
    CATALOGUE_DIGEST_FIELD_NUMBER: _ClassVar[int]
    CODE_FIELD_NUMBER: _ClassVar[int]
    CONDITIONS_FIELD_NUMBER: _ClassVar[int]
    rule: str
    version: int
    entry: str
    source: str
    issuer: str
    catalogue: str
    catalogue_version: str
    catalogue_digest: str
    code: str
    conditions: str
    def __init__(self, rule: _Optional[str] = ..., version: _Optional[int] = ..., entry: _Optional[str] = ..., source: _Optional[str] = ..., issuer: _Optional[str] = ..., catalogue: _Optional[str] = ..., catalogue_version: _Optional[str] = ..., catalogue_digest: _Optional[str] = ..., code: _Optional[str] = ..., conditions: _Optional[str] = ...) -> None: ...

class OpenRuleCap(_message.Message):
    __slots__ = ("rule", "version", "cap", "title_zh", "title_en", "measure", "limit", "window", "within")
    RULE_FIELD_NUMBER: _ClassVar[int]
    VERSION_FIELD_NUMBER: _ClassVar[int]
    CAP_FIELD_NUMBER: _ClassVar[int]
    TITLE_ZH_FIELD_NUMBER: _ClassVar[int]
    TITLE_EN_FIELD_NUMBER: _ClassVar[int]
    MEASURE_FIELD_NUMBER: _ClassVar[int]
    LIMIT_FIELD_NUMBER: _ClassVar[int]
    WINDOW_FIELD_NUMBER: _ClassVar[int]
    WITHIN_FIELD_NUMBER: _ClassVar[int]
    rule: str
    version: int
    cap: str
    title_zh: str
    title_en: str
    measure: str
    limit: str
    window: str
    within: str
    def __init__(self, rule: _Optional[str] = ..., version: _Optional[int] = ..., cap: _Optional[str] = ..., title_zh: _Optional[str] = ..., title_en: _Optional[str] = ..., measure: _Optional[str] = ..., limit: _Optional[str] = ..., window: _Optional[str] = ..., within: _Optional[str] = ...) -> None: ...

class OpenVersion(_message.Message):
    __slots__ = ("kind", "name", "version", "digest")
    KIND_FIELD_NUMBER: _ClassVar[int]
    NAME_FIELD_NUMBER: _ClassVar[int]
    VERSION_FIELD_NUMBER: _ClassVar[int]
    DIGEST_FIELD_NUMBER: _ClassVar[int]
    kind: str
    name: str
    version: str
    digest: str
    def __init__(self, kind: _Optional[str] = ..., name: _Optional[str] = ..., version: _Optional[str] = ..., digest: _Optional[str] = ...) -> None: ...

class OpenAgreement(_message.Message):
    __slots__ = ("agreement", "version", "parties", "modes", "kinds", "valid_from", "valid_until", "decision_days", "answer_days", "learner_year_cap", "open_exchanges_quota", "requires_witnessed", "is_resting", "sha256")
    AGREEMENT_FIELD_NUMBER: _ClassVar[int]
    VERSION_FIELD_NUMBER: _ClassVar[int]
    PARTIES_FIELD_NUMBER: _ClassVar[int]
    MODES_FIELD_NUMBER: _ClassVar[int]
    KINDS_FIELD_NUMBER: _ClassVar[int]
    VALID_FROM_FIELD_NUMBER: _ClassVar[int]
    VALID_UNTIL_FIELD_NUMBER: _ClassVar[int]
    DECISION_DAYS_FIELD_NUMBER: _ClassVar[int]
    ANSWER_DAYS_FIELD_NUMBER: _ClassVar[int]
    LEARNER_YEAR_CAP_FIELD_NUMBER: _ClassVar[int]
    OPEN_EXCHANGES_QUOTA_FIELD_NUMBER: _ClassVar[int]
    REQUIRES_WITNESSED_FIELD_NUMBER: _ClassVar[int]
    IS_RESTING_FIELD_NUMBER: _ClassVar[int]
    SHA256_FIELD_NUMBER: _ClassVar[int]
    agreement: str
    version: int
    parties: str
    modes: str
    kinds: str
    valid_from: str
    valid_until: str
    decision_days: int
    answer_days: int
    learner_year_cap: str
    open_exchanges_quota: int
    requires_witnessed: bool
    is_resting: bool
    sha256: str
    def __init__(self, agreement: _Optional[str] = ..., version: _Optional[int] = ..., parties: _Optional[str] = ..., modes: _Optional[str] = ..., kinds: _Optional[str] = ..., valid_from: _Optional[str] = ..., valid_until: _Optional[str] = ..., decision_days: _Optional[int] = ..., answer_days: _Optional[int] = ..., learner_year_cap: _Optional[str] = ..., open_exchanges_quota: _Optional[int] = ..., requires_witnessed: _Optional[bool] = ..., is_resting: _Optional[bool] = ..., sha256: _Optional[str] = ...) -> None: ...

class OpenRefusal(_message.Message):
    __slots__ = ("quarter", "source", "entry", "reason", "judged", "refused", "rate")
    QUARTER_FIELD_NUMBER: _ClassVar[int]
    SOURCE_FIELD_NUMBER: _ClassVar[int]
    ENTRY_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    JUDGED_FIELD_NUMBER: _ClassVar[int]
    REFUSED_FIELD_NUMBER: _ClassVar[int]
    RATE_FIELD_NUMBER: _ClassVar[int]
    quarter: str
    source: str
    entry: str
    reason: str
    judged: int
    refused: int
    rate: str
    def __init__(self, quarter: _Optional[str] = ..., source: _Optional[str] = ..., entry: _Optional[str] = ..., reason: _Optional[str] = ..., judged: _Optional[int] = ..., refused: _Optional[int] = ..., rate: _Optional[str] = ...) -> None: ...
