from google.protobuf.internal import containers as _containers
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class Signature(_message.Message):
    __slots__ = ("keyid", "algorithm", "signature")
    KEYID_FIELD_NUMBER: _ClassVar[int]
    ALGORITHM_FIELD_NUMBER: _ClassVar[int]
    SIGNATURE_FIELD_NUMBER: _ClassVar[int]
    keyid: str
    algorithm: str
    signature: bytes
    def __init__(self, keyid: _Optional[str] = ..., algorithm: _Optional[str] = ..., signature: _Optional[bytes] = ...) -> None: ...

class BatchStatement(_message.Message):
    __slots__ = ("wire_version", "src", "dst", "size", "root", "incarnation")
    WIRE_VERSION_FIELD_NUMBER: _ClassVar[int]
    SRC_FIELD_NUMBER: _ClassVar[int]
    DST_FIELD_NUMBER: _ClassVar[int]
    SIZE_FIELD_NUMBER: _ClassVar[int]
    ROOT_FIELD_NUMBER: _ClassVar[int]
    INCARNATION_FIELD_NUMBER: _ClassVar[int]
    wire_version: int
    src: str
    dst: str
    size: int
    root: bytes
    incarnation: int
    def __init__(self, wire_version: _Optional[int] = ..., src: _Optional[str] = ..., dst: _Optional[str] = ..., size: _Optional[int] = ..., root: _Optional[bytes] = ..., incarnation: _Optional[int] = ...) -> None: ...

class MessageItem(_message.Message):
    __slots__ = ("type", "payload", "openings", "log_index", "log_proof")
    TYPE_FIELD_NUMBER: _ClassVar[int]
    PAYLOAD_FIELD_NUMBER: _ClassVar[int]
    OPENINGS_FIELD_NUMBER: _ClassVar[int]
    LOG_INDEX_FIELD_NUMBER: _ClassVar[int]
    LOG_PROOF_FIELD_NUMBER: _ClassVar[int]
    type: str
    payload: bytes
    openings: bytes
    log_index: int
    log_proof: _containers.RepeatedScalarFieldContainer[bytes]
    def __init__(self, type: _Optional[str] = ..., payload: _Optional[bytes] = ..., openings: _Optional[bytes] = ..., log_index: _Optional[int] = ..., log_proof: _Optional[_Iterable[bytes]] = ...) -> None: ...

class SignedBatch(_message.Message):
    __slots__ = ("statement", "signatures", "items", "checkpoint")
    STATEMENT_FIELD_NUMBER: _ClassVar[int]
    SIGNATURES_FIELD_NUMBER: _ClassVar[int]
    ITEMS_FIELD_NUMBER: _ClassVar[int]
    CHECKPOINT_FIELD_NUMBER: _ClassVar[int]
    statement: bytes
    signatures: _containers.RepeatedCompositeFieldContainer[Signature]
    items: _containers.RepeatedCompositeFieldContainer[MessageItem]
    checkpoint: bytes
    def __init__(self, statement: _Optional[bytes] = ..., signatures: _Optional[_Iterable[_Union[Signature, _Mapping]]] = ..., items: _Optional[_Iterable[_Union[MessageItem, _Mapping]]] = ..., checkpoint: _Optional[bytes] = ...) -> None: ...

class SignedMessage(_message.Message):
    __slots__ = ("type", "payload", "statement", "signature", "batch_index", "batch_proof", "log_index", "log_proof", "checkpoint")
    TYPE_FIELD_NUMBER: _ClassVar[int]
    PAYLOAD_FIELD_NUMBER: _ClassVar[int]
    STATEMENT_FIELD_NUMBER: _ClassVar[int]
    SIGNATURE_FIELD_NUMBER: _ClassVar[int]
    BATCH_INDEX_FIELD_NUMBER: _ClassVar[int]
    BATCH_PROOF_FIELD_NUMBER: _ClassVar[int]
    LOG_INDEX_FIELD_NUMBER: _ClassVar[int]
    LOG_PROOF_FIELD_NUMBER: _ClassVar[int]
    CHECKPOINT_FIELD_NUMBER: _ClassVar[int]
    type: str
    payload: bytes
    statement: bytes
    signature: Signature
    batch_index: int
    batch_proof: _containers.RepeatedScalarFieldContainer[bytes]
    log_index: int
    log_proof: _containers.RepeatedScalarFieldContainer[bytes]
    checkpoint: bytes
    def __init__(self, type: _Optional[str] = ..., payload: _Optional[bytes] = ..., statement: _Optional[bytes] = ..., signature: _Optional[_Union[Signature, _Mapping]] = ..., batch_index: _Optional[int] = ..., batch_proof: _Optional[_Iterable[bytes]] = ..., log_index: _Optional[int] = ..., log_proof: _Optional[_Iterable[bytes]] = ..., checkpoint: _Optional[bytes] = ...) -> None: ...

class Opening(_message.Message):
    __slots__ = ("subject", "name", "salt", "value")
    SUBJECT_FIELD_NUMBER: _ClassVar[int]
    NAME_FIELD_NUMBER: _ClassVar[int]
    SALT_FIELD_NUMBER: _ClassVar[int]
    VALUE_FIELD_NUMBER: _ClassVar[int]
    subject: bytes
    name: str
    salt: bytes
    value: bytes
    def __init__(self, subject: _Optional[bytes] = ..., name: _Optional[str] = ..., salt: _Optional[bytes] = ..., value: _Optional[bytes] = ...) -> None: ...

class Openings(_message.Message):
    __slots__ = ("openings",)
    OPENINGS_FIELD_NUMBER: _ClassVar[int]
    openings: _containers.RepeatedCompositeFieldContainer[Opening]
    def __init__(self, openings: _Optional[_Iterable[_Union[Opening, _Mapping]]] = ...) -> None: ...

class LogEntry(_message.Message):
    __slots__ = ("message_hash", "message_type", "nullifiers", "deposit_commitment", "origin", "recovery", "lost")
    MESSAGE_HASH_FIELD_NUMBER: _ClassVar[int]
    MESSAGE_TYPE_FIELD_NUMBER: _ClassVar[int]
    NULLIFIERS_FIELD_NUMBER: _ClassVar[int]
    DEPOSIT_COMMITMENT_FIELD_NUMBER: _ClassVar[int]
    ORIGIN_FIELD_NUMBER: _ClassVar[int]
    RECOVERY_FIELD_NUMBER: _ClassVar[int]
    LOST_FIELD_NUMBER: _ClassVar[int]
    message_hash: bytes
    message_type: str
    nullifiers: _containers.RepeatedScalarFieldContainer[bytes]
    deposit_commitment: bytes
    origin: bytes
    recovery: bytes
    lost: bytes
    def __init__(self, message_hash: _Optional[bytes] = ..., message_type: _Optional[str] = ..., nullifiers: _Optional[_Iterable[bytes]] = ..., deposit_commitment: _Optional[bytes] = ..., origin: _Optional[bytes] = ..., recovery: _Optional[bytes] = ..., lost: _Optional[bytes] = ...) -> None: ...
