from google.protobuf.internal import containers as _containers
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class AppointRequest(_message.Message):
    __slots__ = ("staff",)
    STAFF_FIELD_NUMBER: _ClassVar[int]
    staff: StaffMember
    def __init__(self, staff: _Optional[_Union[StaffMember, _Mapping]] = ...) -> None: ...

class AppointResponse(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...

class StaffMember(_message.Message):
    __slots__ = ("account", "role", "institution", "person")
    ACCOUNT_FIELD_NUMBER: _ClassVar[int]
    ROLE_FIELD_NUMBER: _ClassVar[int]
    INSTITUTION_FIELD_NUMBER: _ClassVar[int]
    PERSON_FIELD_NUMBER: _ClassVar[int]
    account: str
    role: str
    institution: str
    person: str
    def __init__(self, account: _Optional[str] = ..., role: _Optional[str] = ..., institution: _Optional[str] = ..., person: _Optional[str] = ...) -> None: ...

class ListStaffRequest(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...

class ListStaffResponse(_message.Message):
    __slots__ = ("staff",)
    STAFF_FIELD_NUMBER: _ClassVar[int]
    staff: _containers.RepeatedCompositeFieldContainer[StaffMember]
    def __init__(self, staff: _Optional[_Iterable[_Union[StaffMember, _Mapping]]] = ...) -> None: ...

class SubmitOutcomeRequest(_message.Message):
    __slots__ = ("outcome", "form", "learner", "institution", "hundredths", "minutes", "programme", "facts")
    class FactsEntry(_message.Message):
        __slots__ = ("key", "value")
        KEY_FIELD_NUMBER: _ClassVar[int]
        VALUE_FIELD_NUMBER: _ClassVar[int]
        key: str
        value: str
        def __init__(self, key: _Optional[str] = ..., value: _Optional[str] = ...) -> None: ...
    OUTCOME_FIELD_NUMBER: _ClassVar[int]
    FORM_FIELD_NUMBER: _ClassVar[int]
    LEARNER_FIELD_NUMBER: _ClassVar[int]
    INSTITUTION_FIELD_NUMBER: _ClassVar[int]
    HUNDREDTHS_FIELD_NUMBER: _ClassVar[int]
    MINUTES_FIELD_NUMBER: _ClassVar[int]
    PROGRAMME_FIELD_NUMBER: _ClassVar[int]
    FACTS_FIELD_NUMBER: _ClassVar[int]
    outcome: str
    form: str
    learner: str
    institution: str
    hundredths: int
    minutes: int
    programme: str
    facts: _containers.ScalarMap[str, str]
    def __init__(self, outcome: _Optional[str] = ..., form: _Optional[str] = ..., learner: _Optional[str] = ..., institution: _Optional[str] = ..., hundredths: _Optional[int] = ..., minutes: _Optional[int] = ..., programme: _Optional[str] = ..., facts: _Optional[_Mapping[str, str]] = ...) -> None: ...

class SubmitOutcomeResponse(_message.Message):
    __slots__ = ("outcome",)
    OUTCOME_FIELD_NUMBER: _ClassVar[int]
    outcome: ArchivedOutcome
    def __init__(self, outcome: _Optional[_Union[ArchivedOutcome, _Mapping]] = ...) -> None: ...

class ArchivedOutcome(_message.Message):
    __slots__ = ("outcome", "form", "learner", "institution", "state", "hundredths", "minutes", "programme", "facts", "evidence", "missing", "submitted_by", "reviewed_by", "rereviewed_by", "reasons", "answer_until", "lot", "changed_us")
    class FactsEntry(_message.Message):
        __slots__ = ("key", "value")
        KEY_FIELD_NUMBER: _ClassVar[int]
        VALUE_FIELD_NUMBER: _ClassVar[int]
        key: str
        value: str
        def __init__(self, key: _Optional[str] = ..., value: _Optional[str] = ...) -> None: ...
    class EvidenceEntry(_message.Message):
        __slots__ = ("key", "value")
        KEY_FIELD_NUMBER: _ClassVar[int]
        VALUE_FIELD_NUMBER: _ClassVar[int]
        key: str
        value: str
        def __init__(self, key: _Optional[str] = ..., value: _Optional[str] = ...) -> None: ...
    OUTCOME_FIELD_NUMBER: _ClassVar[int]
    FORM_FIELD_NUMBER: _ClassVar[int]
    LEARNER_FIELD_NUMBER: _ClassVar[int]
    INSTITUTION_FIELD_NUMBER: _ClassVar[int]
    STATE_FIELD_NUMBER: _ClassVar[int]
    HUNDREDTHS_FIELD_NUMBER: _ClassVar[int]
    MINUTES_FIELD_NUMBER: _ClassVar[int]
    PROGRAMME_FIELD_NUMBER: _ClassVar[int]
    FACTS_FIELD_NUMBER: _ClassVar[int]
    EVIDENCE_FIELD_NUMBER: _ClassVar[int]
    MISSING_FIELD_NUMBER: _ClassVar[int]
    SUBMITTED_BY_FIELD_NUMBER: _ClassVar[int]
    REVIEWED_BY_FIELD_NUMBER: _ClassVar[int]
    REREVIEWED_BY_FIELD_NUMBER: _ClassVar[int]
    REASONS_FIELD_NUMBER: _ClassVar[int]
    ANSWER_UNTIL_FIELD_NUMBER: _ClassVar[int]
    LOT_FIELD_NUMBER: _ClassVar[int]
    CHANGED_US_FIELD_NUMBER: _ClassVar[int]
    outcome: str
    form: str
    learner: str
    institution: str
    state: str
    hundredths: int
    minutes: int
    programme: str
    facts: _containers.ScalarMap[str, str]
    evidence: _containers.ScalarMap[str, str]
    missing: _containers.RepeatedScalarFieldContainer[str]
    submitted_by: str
    reviewed_by: str
    rereviewed_by: str
    reasons: _containers.RepeatedScalarFieldContainer[str]
    answer_until: str
    lot: str
    changed_us: int
    def __init__(self, outcome: _Optional[str] = ..., form: _Optional[str] = ..., learner: _Optional[str] = ..., institution: _Optional[str] = ..., state: _Optional[str] = ..., hundredths: _Optional[int] = ..., minutes: _Optional[int] = ..., programme: _Optional[str] = ..., facts: _Optional[_Mapping[str, str]] = ..., evidence: _Optional[_Mapping[str, str]] = ..., missing: _Optional[_Iterable[str]] = ..., submitted_by: _Optional[str] = ..., reviewed_by: _Optional[str] = ..., rereviewed_by: _Optional[str] = ..., reasons: _Optional[_Iterable[str]] = ..., answer_until: _Optional[str] = ..., lot: _Optional[str] = ..., changed_us: _Optional[int] = ...) -> None: ...

class AttachEvidenceRequest(_message.Message):
    __slots__ = ("outcome", "kind", "chunk")
    OUTCOME_FIELD_NUMBER: _ClassVar[int]
    KIND_FIELD_NUMBER: _ClassVar[int]
    CHUNK_FIELD_NUMBER: _ClassVar[int]
    outcome: str
    kind: str
    chunk: bytes
    def __init__(self, outcome: _Optional[str] = ..., kind: _Optional[str] = ..., chunk: _Optional[bytes] = ...) -> None: ...

class AttachEvidenceResponse(_message.Message):
    __slots__ = ("digest", "size_bytes", "media_type")
    DIGEST_FIELD_NUMBER: _ClassVar[int]
    SIZE_BYTES_FIELD_NUMBER: _ClassVar[int]
    MEDIA_TYPE_FIELD_NUMBER: _ClassVar[int]
    digest: str
    size_bytes: int
    media_type: str
    def __init__(self, digest: _Optional[str] = ..., size_bytes: _Optional[int] = ..., media_type: _Optional[str] = ...) -> None: ...

class TakeOutcomeStepRequest(_message.Message):
    __slots__ = ("outcome", "step", "reasons")
    OUTCOME_FIELD_NUMBER: _ClassVar[int]
    STEP_FIELD_NUMBER: _ClassVar[int]
    REASONS_FIELD_NUMBER: _ClassVar[int]
    outcome: str
    step: str
    reasons: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, outcome: _Optional[str] = ..., step: _Optional[str] = ..., reasons: _Optional[_Iterable[str]] = ...) -> None: ...

class TakeOutcomeStepResponse(_message.Message):
    __slots__ = ("outcome",)
    OUTCOME_FIELD_NUMBER: _ClassVar[int]
    outcome: ArchivedOutcome
    def __init__(self, outcome: _Optional[_Union[ArchivedOutcome, _Mapping]] = ...) -> None: ...

class GetOutcomeRequest(_message.Message):
    __slots__ = ("outcome",)
    OUTCOME_FIELD_NUMBER: _ClassVar[int]
    outcome: str
    def __init__(self, outcome: _Optional[str] = ...) -> None: ...

class GetOutcomeResponse(_message.Message):
    __slots__ = ("outcome",)
    OUTCOME_FIELD_NUMBER: _ClassVar[int]
    outcome: ArchivedOutcome
    def __init__(self, outcome: _Optional[_Union[ArchivedOutcome, _Mapping]] = ...) -> None: ...

class ListOutcomesRequest(_message.Message):
    __slots__ = ("state", "learner", "after")
    STATE_FIELD_NUMBER: _ClassVar[int]
    LEARNER_FIELD_NUMBER: _ClassVar[int]
    AFTER_FIELD_NUMBER: _ClassVar[int]
    state: str
    learner: str
    after: str
    def __init__(self, state: _Optional[str] = ..., learner: _Optional[str] = ..., after: _Optional[str] = ...) -> None: ...

class ListOutcomesResponse(_message.Message):
    __slots__ = ("outcomes", "next_after")
    OUTCOMES_FIELD_NUMBER: _ClassVar[int]
    NEXT_AFTER_FIELD_NUMBER: _ClassVar[int]
    outcomes: _containers.RepeatedCompositeFieldContainer[ArchivedOutcome]
    next_after: str
    def __init__(self, outcomes: _Optional[_Iterable[_Union[ArchivedOutcome, _Mapping]]] = ..., next_after: _Optional[str] = ...) -> None: ...
