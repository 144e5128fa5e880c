from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class Mode(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    MODE_UNSPECIFIED: _ClassVar[Mode]
    MODE_RECOGNISE: _ClassVar[Mode]
    MODE_TRANSFER: _ClassVar[Mode]

class Verdict(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    VERDICT_UNSPECIFIED: _ClassVar[Verdict]
    VERDICT_ACCEPT: _ClassVar[Verdict]
    VERDICT_REJECT: _ClassVar[Verdict]

class Ending(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    ENDING_UNSPECIFIED: _ClassVar[Ending]
    ENDING_CREDITED: _ClassVar[Ending]
    ENDING_RELEASED: _ClassVar[Ending]
MODE_UNSPECIFIED: Mode
MODE_RECOGNISE: Mode
MODE_TRANSFER: Mode
VERDICT_UNSPECIFIED: Verdict
VERDICT_ACCEPT: Verdict
VERDICT_REJECT: Verdict
ENDING_UNSPECIFIED: Ending
ENDING_CREDITED: Ending
ENDING_RELEASED: Ending

class Header(_message.Message):
    __slots__ = ("src", "dst", "exchange_id", "step", "cause", "signed_time_us", "registry_version")
    SRC_FIELD_NUMBER: _ClassVar[int]
    DST_FIELD_NUMBER: _ClassVar[int]
    EXCHANGE_ID_FIELD_NUMBER: _ClassVar[int]
    STEP_FIELD_NUMBER: _ClassVar[int]
    CAUSE_FIELD_NUMBER: _ClassVar[int]
    SIGNED_TIME_US_FIELD_NUMBER: _ClassVar[int]
    REGISTRY_VERSION_FIELD_NUMBER: _ClassVar[int]
    src: str
    dst: str
    exchange_id: bytes
    step: int
    cause: bytes
    signed_time_us: int
    registry_version: int
    def __init__(self, src: _Optional[str] = ..., dst: _Optional[str] = ..., exchange_id: _Optional[bytes] = ..., step: _Optional[int] = ..., cause: _Optional[bytes] = ..., signed_time_us: _Optional[int] = ..., registry_version: _Optional[int] = ...) -> None: ...

class Consent(_message.Message):
    __slots__ = ("given_time_us", "basis", "fields", "agrees_to_whole_grant")
    GIVEN_TIME_US_FIELD_NUMBER: _ClassVar[int]
    BASIS_FIELD_NUMBER: _ClassVar[int]
    FIELDS_FIELD_NUMBER: _ClassVar[int]
    AGREES_TO_WHOLE_GRANT_FIELD_NUMBER: _ClassVar[int]
    given_time_us: int
    basis: str
    fields: _containers.RepeatedScalarFieldContainer[str]
    agrees_to_whole_grant: bool
    def __init__(self, given_time_us: _Optional[int] = ..., basis: _Optional[str] = ..., fields: _Optional[_Iterable[str]] = ..., agrees_to_whole_grant: _Optional[bool] = ...) -> None: ...

class Commitment(_message.Message):
    __slots__ = ("name", "digest")
    NAME_FIELD_NUMBER: _ClassVar[int]
    DIGEST_FIELD_NUMBER: _ClassVar[int]
    name: str
    digest: bytes
    def __init__(self, name: _Optional[str] = ..., digest: _Optional[bytes] = ...) -> None: ...

class LotContent(_message.Message):
    __slots__ = ("lot_id", "unit", "amount_hundredths", "fields")
    LOT_ID_FIELD_NUMBER: _ClassVar[int]
    UNIT_FIELD_NUMBER: _ClassVar[int]
    AMOUNT_HUNDREDTHS_FIELD_NUMBER: _ClassVar[int]
    FIELDS_FIELD_NUMBER: _ClassVar[int]
    lot_id: bytes
    unit: str
    amount_hundredths: int
    fields: _containers.RepeatedCompositeFieldContainer[Commitment]
    def __init__(self, lot_id: _Optional[bytes] = ..., unit: _Optional[str] = ..., amount_hundredths: _Optional[int] = ..., fields: _Optional[_Iterable[_Union[Commitment, _Mapping]]] = ...) -> None: ...

class LotOffer(_message.Message):
    __slots__ = ("content", "deposit_commitment", "deposit_index", "deposit_proof", "deposit_origin", "returns")
    CONTENT_FIELD_NUMBER: _ClassVar[int]
    DEPOSIT_COMMITMENT_FIELD_NUMBER: _ClassVar[int]
    DEPOSIT_INDEX_FIELD_NUMBER: _ClassVar[int]
    DEPOSIT_PROOF_FIELD_NUMBER: _ClassVar[int]
    DEPOSIT_ORIGIN_FIELD_NUMBER: _ClassVar[int]
    RETURNS_FIELD_NUMBER: _ClassVar[int]
    content: LotContent
    deposit_commitment: bytes
    deposit_index: int
    deposit_proof: _containers.RepeatedScalarFieldContainer[bytes]
    deposit_origin: bytes
    returns: bytes
    def __init__(self, content: _Optional[_Union[LotContent, _Mapping]] = ..., deposit_commitment: _Optional[bytes] = ..., deposit_index: _Optional[int] = ..., deposit_proof: _Optional[_Iterable[bytes]] = ..., deposit_origin: _Optional[bytes] = ..., returns: _Optional[bytes] = ...) -> None: ...

class WantedLot(_message.Message):
    __slots__ = ("lot_id", "amount_hundredths")
    LOT_ID_FIELD_NUMBER: _ClassVar[int]
    AMOUNT_HUNDREDTHS_FIELD_NUMBER: _ClassVar[int]
    lot_id: bytes
    amount_hundredths: int
    def __init__(self, lot_id: _Optional[bytes] = ..., amount_hundredths: _Optional[int] = ...) -> None: ...

class Request(_message.Message):
    __slots__ = ("header", "lots", "consent", "code_commitment", "identity_commitment", "mode", "wanted_targets", "asks_person")
    HEADER_FIELD_NUMBER: _ClassVar[int]
    LOTS_FIELD_NUMBER: _ClassVar[int]
    CONSENT_FIELD_NUMBER: _ClassVar[int]
    CODE_COMMITMENT_FIELD_NUMBER: _ClassVar[int]
    IDENTITY_COMMITMENT_FIELD_NUMBER: _ClassVar[int]
    MODE_FIELD_NUMBER: _ClassVar[int]
    WANTED_TARGETS_FIELD_NUMBER: _ClassVar[int]
    ASKS_PERSON_FIELD_NUMBER: _ClassVar[int]
    header: Header
    lots: _containers.RepeatedCompositeFieldContainer[WantedLot]
    consent: Consent
    code_commitment: bytes
    identity_commitment: bytes
    mode: Mode
    wanted_targets: _containers.RepeatedScalarFieldContainer[str]
    asks_person: bool
    def __init__(self, header: _Optional[_Union[Header, _Mapping]] = ..., lots: _Optional[_Iterable[_Union[WantedLot, _Mapping]]] = ..., consent: _Optional[_Union[Consent, _Mapping]] = ..., code_commitment: _Optional[bytes] = ..., identity_commitment: _Optional[bytes] = ..., mode: _Optional[_Union[Mode, str]] = ..., wanted_targets: _Optional[_Iterable[str]] = ..., asks_person: _Optional[bool] = ...) -> None: ...

class Prepare(_message.Message):
    __slots__ = ("header", "mode", "lots", "consent", "code_commitment", "identity_commitment", "learner", "lock_until_us", "checkpoint", "cites", "relates_to", "wanted_targets", "asks_person")
    HEADER_FIELD_NUMBER: _ClassVar[int]
    MODE_FIELD_NUMBER: _ClassVar[int]
    LOTS_FIELD_NUMBER: _ClassVar[int]
    CONSENT_FIELD_NUMBER: _ClassVar[int]
    CODE_COMMITMENT_FIELD_NUMBER: _ClassVar[int]
    IDENTITY_COMMITMENT_FIELD_NUMBER: _ClassVar[int]
    LEARNER_FIELD_NUMBER: _ClassVar[int]
    LOCK_UNTIL_US_FIELD_NUMBER: _ClassVar[int]
    CHECKPOINT_FIELD_NUMBER: _ClassVar[int]
    CITES_FIELD_NUMBER: _ClassVar[int]
    RELATES_TO_FIELD_NUMBER: _ClassVar[int]
    WANTED_TARGETS_FIELD_NUMBER: _ClassVar[int]
    ASKS_PERSON_FIELD_NUMBER: _ClassVar[int]
    header: Header
    mode: Mode
    lots: _containers.RepeatedCompositeFieldContainer[LotOffer]
    consent: Consent
    code_commitment: bytes
    identity_commitment: bytes
    learner: _containers.RepeatedCompositeFieldContainer[Commitment]
    lock_until_us: int
    checkpoint: bytes
    cites: bytes
    relates_to: bytes
    wanted_targets: _containers.RepeatedScalarFieldContainer[str]
    asks_person: bool
    def __init__(self, header: _Optional[_Union[Header, _Mapping]] = ..., mode: _Optional[_Union[Mode, str]] = ..., lots: _Optional[_Iterable[_Union[LotOffer, _Mapping]]] = ..., consent: _Optional[_Union[Consent, _Mapping]] = ..., code_commitment: _Optional[bytes] = ..., identity_commitment: _Optional[bytes] = ..., learner: _Optional[_Iterable[_Union[Commitment, _Mapping]]] = ..., lock_until_us: _Optional[int] = ..., checkpoint: _Optional[bytes] = ..., cites: _Optional[bytes] = ..., relates_to: _Optional[bytes] = ..., wanted_targets: _Optional[_Iterable[str]] = ..., asks_person: _Optional[bool] = ...) -> None: ...

class LotDecision(_message.Message):
    __slots__ = ("lot_id", "verdict", "granted_hundredths", "reasons", "entry", "target")
    LOT_ID_FIELD_NUMBER: _ClassVar[int]
    VERDICT_FIELD_NUMBER: _ClassVar[int]
    GRANTED_HUNDREDTHS_FIELD_NUMBER: _ClassVar[int]
    REASONS_FIELD_NUMBER: _ClassVar[int]
    ENTRY_FIELD_NUMBER: _ClassVar[int]
    TARGET_FIELD_NUMBER: _ClassVar[int]
    lot_id: bytes
    verdict: Verdict
    granted_hundredths: int
    reasons: _containers.RepeatedScalarFieldContainer[str]
    entry: str
    target: str
    def __init__(self, lot_id: _Optional[bytes] = ..., verdict: _Optional[_Union[Verdict, str]] = ..., granted_hundredths: _Optional[int] = ..., reasons: _Optional[_Iterable[str]] = ..., entry: _Optional[str] = ..., target: _Optional[str] = ...) -> None: ...

class DecisionRecord(_message.Message):
    __slots__ = ("rule", "rule_version", "rule_digest", "decided_on", "offered_hundredths", "granted_hundredths", "valid_until_us", "appeal_until_us")
    RULE_FIELD_NUMBER: _ClassVar[int]
    RULE_VERSION_FIELD_NUMBER: _ClassVar[int]
    RULE_DIGEST_FIELD_NUMBER: _ClassVar[int]
    DECIDED_ON_FIELD_NUMBER: _ClassVar[int]
    OFFERED_HUNDREDTHS_FIELD_NUMBER: _ClassVar[int]
    GRANTED_HUNDREDTHS_FIELD_NUMBER: _ClassVar[int]
    VALID_UNTIL_US_FIELD_NUMBER: _ClassVar[int]
    APPEAL_UNTIL_US_FIELD_NUMBER: _ClassVar[int]
    rule: str
    rule_version: int
    rule_digest: bytes
    decided_on: str
    offered_hundredths: int
    granted_hundredths: int
    valid_until_us: int
    appeal_until_us: int
    def __init__(self, rule: _Optional[str] = ..., rule_version: _Optional[int] = ..., rule_digest: _Optional[bytes] = ..., decided_on: _Optional[str] = ..., offered_hundredths: _Optional[int] = ..., granted_hundredths: _Optional[int] = ..., valid_until_us: _Optional[int] = ..., appeal_until_us: _Optional[int] = ...) -> None: ...

class TargetGrant(_message.Message):
    __slots__ = ("target", "granted_hundredths")
    TARGET_FIELD_NUMBER: _ClassVar[int]
    GRANTED_HUNDREDTHS_FIELD_NUMBER: _ClassVar[int]
    target: str
    granted_hundredths: int
    def __init__(self, target: _Optional[str] = ..., granted_hundredths: _Optional[int] = ...) -> None: ...

class LotGroup(_message.Message):
    __slots__ = ("entry", "lot_ids", "grants")
    ENTRY_FIELD_NUMBER: _ClassVar[int]
    LOT_IDS_FIELD_NUMBER: _ClassVar[int]
    GRANTS_FIELD_NUMBER: _ClassVar[int]
    entry: str
    lot_ids: _containers.RepeatedScalarFieldContainer[bytes]
    grants: _containers.RepeatedCompositeFieldContainer[TargetGrant]
    def __init__(self, entry: _Optional[str] = ..., lot_ids: _Optional[_Iterable[bytes]] = ..., grants: _Optional[_Iterable[_Union[TargetGrant, _Mapping]]] = ...) -> None: ...

class Vote(_message.Message):
    __slots__ = ("header", "lots", "record", "accept_until_us", "groups", "record_digest")
    HEADER_FIELD_NUMBER: _ClassVar[int]
    LOTS_FIELD_NUMBER: _ClassVar[int]
    RECORD_FIELD_NUMBER: _ClassVar[int]
    ACCEPT_UNTIL_US_FIELD_NUMBER: _ClassVar[int]
    GROUPS_FIELD_NUMBER: _ClassVar[int]
    RECORD_DIGEST_FIELD_NUMBER: _ClassVar[int]
    header: Header
    lots: _containers.RepeatedCompositeFieldContainer[LotDecision]
    record: DecisionRecord
    accept_until_us: int
    groups: _containers.RepeatedCompositeFieldContainer[LotGroup]
    record_digest: bytes
    def __init__(self, header: _Optional[_Union[Header, _Mapping]] = ..., lots: _Optional[_Iterable[_Union[LotDecision, _Mapping]]] = ..., record: _Optional[_Union[DecisionRecord, _Mapping]] = ..., accept_until_us: _Optional[int] = ..., groups: _Optional[_Iterable[_Union[LotGroup, _Mapping]]] = ..., record_digest: _Optional[bytes] = ...) -> None: ...

class CommittedLot(_message.Message):
    __slots__ = ("lot_id", "amount_hundredths", "granted_hundredths", "nullifier")
    LOT_ID_FIELD_NUMBER: _ClassVar[int]
    AMOUNT_HUNDREDTHS_FIELD_NUMBER: _ClassVar[int]
    GRANTED_HUNDREDTHS_FIELD_NUMBER: _ClassVar[int]
    NULLIFIER_FIELD_NUMBER: _ClassVar[int]
    lot_id: bytes
    amount_hundredths: int
    granted_hundredths: int
    nullifier: bytes
    def __init__(self, lot_id: _Optional[bytes] = ..., amount_hundredths: _Optional[int] = ..., granted_hundredths: _Optional[int] = ..., nullifier: _Optional[bytes] = ...) -> None: ...

class Commit(_message.Message):
    __slots__ = ("header", "lots")
    HEADER_FIELD_NUMBER: _ClassVar[int]
    LOTS_FIELD_NUMBER: _ClassVar[int]
    header: Header
    lots: _containers.RepeatedCompositeFieldContainer[CommittedLot]
    def __init__(self, header: _Optional[_Union[Header, _Mapping]] = ..., lots: _Optional[_Iterable[_Union[CommittedLot, _Mapping]]] = ...) -> None: ...

class Abort(_message.Message):
    __slots__ = ("header", "reasons")
    HEADER_FIELD_NUMBER: _ClassVar[int]
    REASONS_FIELD_NUMBER: _ClassVar[int]
    header: Header
    reasons: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, header: _Optional[_Union[Header, _Mapping]] = ..., reasons: _Optional[_Iterable[str]] = ...) -> None: ...

class Receipt(_message.Message):
    __slots__ = ("header", "ending", "inbound_hundredths", "granted_hundredths")
    HEADER_FIELD_NUMBER: _ClassVar[int]
    ENDING_FIELD_NUMBER: _ClassVar[int]
    INBOUND_HUNDREDTHS_FIELD_NUMBER: _ClassVar[int]
    GRANTED_HUNDREDTHS_FIELD_NUMBER: _ClassVar[int]
    header: Header
    ending: Ending
    inbound_hundredths: int
    granted_hundredths: int
    def __init__(self, header: _Optional[_Union[Header, _Mapping]] = ..., ending: _Optional[_Union[Ending, str]] = ..., inbound_hundredths: _Optional[int] = ..., granted_hundredths: _Optional[int] = ...) -> None: ...
