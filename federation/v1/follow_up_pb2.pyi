from federation.v1 import exchange_pb2 as _exchange_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class Fact(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    FACT_UNSPECIFIED: _ClassVar[Fact]
    FACT_FROZEN: _ClassVar[Fact]
    FACT_UNFROZEN: _ClassVar[Fact]
    FACT_REVOKED: _ClassVar[Fact]
    FACT_EXPIRED: _ClassVar[Fact]
    FACT_CORRECTED: _ClassVar[Fact]

class Outcome(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    OUTCOME_UNSPECIFIED: _ClassVar[Outcome]
    OUTCOME_KEPT: _ClassVar[Outcome]
    OUTCOME_FROZEN: _ClassVar[Outcome]
    OUTCOME_REVERSED: _ClassVar[Outcome]
FACT_UNSPECIFIED: Fact
FACT_FROZEN: Fact
FACT_UNFROZEN: Fact
FACT_REVOKED: Fact
FACT_EXPIRED: Fact
FACT_CORRECTED: Fact
OUTCOME_UNSPECIFIED: Outcome
OUTCOME_KEPT: Outcome
OUTCOME_FROZEN: Outcome
OUTCOME_REVERSED: Outcome

class LotQuestion(_message.Message):
    __slots__ = ("lot_id", "reasons")
    LOT_ID_FIELD_NUMBER: _ClassVar[int]
    REASONS_FIELD_NUMBER: _ClassVar[int]
    lot_id: bytes
    reasons: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, lot_id: _Optional[bytes] = ..., reasons: _Optional[_Iterable[str]] = ...) -> None: ...

class SupplementAsked(_message.Message):
    __slots__ = ("header", "lots")
    HEADER_FIELD_NUMBER: _ClassVar[int]
    LOTS_FIELD_NUMBER: _ClassVar[int]
    header: _exchange_pb2.Header
    lots: _containers.RepeatedCompositeFieldContainer[LotQuestion]
    def __init__(self, header: _Optional[_Union[_exchange_pb2.Header, _Mapping]] = ..., lots: _Optional[_Iterable[_Union[LotQuestion, _Mapping]]] = ...) -> None: ...

class EvidenceFile(_message.Message):
    __slots__ = ("file", "size_bytes", "media_type")
    FILE_FIELD_NUMBER: _ClassVar[int]
    SIZE_BYTES_FIELD_NUMBER: _ClassVar[int]
    MEDIA_TYPE_FIELD_NUMBER: _ClassVar[int]
    file: _exchange_pb2.Commitment
    size_bytes: int
    media_type: str
    def __init__(self, file: _Optional[_Union[_exchange_pb2.Commitment, _Mapping]] = ..., size_bytes: _Optional[int] = ..., media_type: _Optional[str] = ...) -> None: ...

class LotEvidence(_message.Message):
    __slots__ = ("lot_id", "files")
    LOT_ID_FIELD_NUMBER: _ClassVar[int]
    FILES_FIELD_NUMBER: _ClassVar[int]
    lot_id: bytes
    files: _containers.RepeatedCompositeFieldContainer[EvidenceFile]
    def __init__(self, lot_id: _Optional[bytes] = ..., files: _Optional[_Iterable[_Union[EvidenceFile, _Mapping]]] = ...) -> None: ...

class Supplement(_message.Message):
    __slots__ = ("header", "lots")
    HEADER_FIELD_NUMBER: _ClassVar[int]
    LOTS_FIELD_NUMBER: _ClassVar[int]
    header: _exchange_pb2.Header
    lots: _containers.RepeatedCompositeFieldContainer[LotEvidence]
    def __init__(self, header: _Optional[_Union[_exchange_pb2.Header, _Mapping]] = ..., lots: _Optional[_Iterable[_Union[LotEvidence, _Mapping]]] = ...) -> None: ...

class LotNotice(_message.Message):
    __slots__ = ("lot_id", "fact", "amount_hundredths", "reason")
    LOT_ID_FIELD_NUMBER: _ClassVar[int]
    FACT_FIELD_NUMBER: _ClassVar[int]
    AMOUNT_HUNDREDTHS_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    lot_id: bytes
    fact: Fact
    amount_hundredths: int
    reason: str
    def __init__(self, lot_id: _Optional[bytes] = ..., fact: _Optional[_Union[Fact, str]] = ..., amount_hundredths: _Optional[int] = ..., reason: _Optional[str] = ...) -> None: ...

class Notice(_message.Message):
    __slots__ = ("header", "lots")
    HEADER_FIELD_NUMBER: _ClassVar[int]
    LOTS_FIELD_NUMBER: _ClassVar[int]
    header: _exchange_pb2.Header
    lots: _containers.RepeatedCompositeFieldContainer[LotNotice]
    def __init__(self, header: _Optional[_Union[_exchange_pb2.Header, _Mapping]] = ..., lots: _Optional[_Iterable[_Union[LotNotice, _Mapping]]] = ...) -> None: ...

class LotDisposition(_message.Message):
    __slots__ = ("lot_id", "outcome", "remaining_hundredths", "shortfall_hundredths")
    LOT_ID_FIELD_NUMBER: _ClassVar[int]
    OUTCOME_FIELD_NUMBER: _ClassVar[int]
    REMAINING_HUNDREDTHS_FIELD_NUMBER: _ClassVar[int]
    SHORTFALL_HUNDREDTHS_FIELD_NUMBER: _ClassVar[int]
    lot_id: bytes
    outcome: Outcome
    remaining_hundredths: int
    shortfall_hundredths: int
    def __init__(self, lot_id: _Optional[bytes] = ..., outcome: _Optional[_Union[Outcome, str]] = ..., remaining_hundredths: _Optional[int] = ..., shortfall_hundredths: _Optional[int] = ...) -> None: ...

class Disposition(_message.Message):
    __slots__ = ("header", "lots", "policy")
    HEADER_FIELD_NUMBER: _ClassVar[int]
    LOTS_FIELD_NUMBER: _ClassVar[int]
    POLICY_FIELD_NUMBER: _ClassVar[int]
    header: _exchange_pb2.Header
    lots: _containers.RepeatedCompositeFieldContainer[LotDisposition]
    policy: str
    def __init__(self, header: _Optional[_Union[_exchange_pb2.Header, _Mapping]] = ..., lots: _Optional[_Iterable[_Union[LotDisposition, _Mapping]]] = ..., policy: _Optional[str] = ...) -> None: ...

class ConsentWithdrawn(_message.Message):
    __slots__ = ("header",)
    HEADER_FIELD_NUMBER: _ClassVar[int]
    header: _exchange_pb2.Header
    def __init__(self, header: _Optional[_Union[_exchange_pb2.Header, _Mapping]] = ...) -> None: ...

class ConsentAck(_message.Message):
    __slots__ = ("header", "is_erased", "keeps_record")
    HEADER_FIELD_NUMBER: _ClassVar[int]
    IS_ERASED_FIELD_NUMBER: _ClassVar[int]
    KEEPS_RECORD_FIELD_NUMBER: _ClassVar[int]
    header: _exchange_pb2.Header
    is_erased: bool
    keeps_record: bool
    def __init__(self, header: _Optional[_Union[_exchange_pb2.Header, _Mapping]] = ..., is_erased: _Optional[bool] = ..., keeps_record: _Optional[bool] = ...) -> None: ...
