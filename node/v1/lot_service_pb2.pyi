from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from typing import ClassVar as _ClassVar, Optional as _Optional

DESCRIPTOR: _descriptor.FileDescriptor

class StateFactRequest(_message.Message):
    __slots__ = ("lot", "fact", "reason", "amount_hundredths")
    LOT_FIELD_NUMBER: _ClassVar[int]
    FACT_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    AMOUNT_HUNDREDTHS_FIELD_NUMBER: _ClassVar[int]
    lot: str
    fact: str
    reason: str
    amount_hundredths: int
    def __init__(self, lot: _Optional[str] = ..., fact: _Optional[str] = ..., reason: _Optional[str] = ..., amount_hundredths: _Optional[int] = ...) -> None: ...

class StateFactResponse(_message.Message):
    __slots__ = ("lot", "state", "hold", "told")
    LOT_FIELD_NUMBER: _ClassVar[int]
    STATE_FIELD_NUMBER: _ClassVar[int]
    HOLD_FIELD_NUMBER: _ClassVar[int]
    TOLD_FIELD_NUMBER: _ClassVar[int]
    lot: str
    state: str
    hold: str
    told: str
    def __init__(self, lot: _Optional[str] = ..., state: _Optional[str] = ..., hold: _Optional[str] = ..., told: _Optional[str] = ...) -> None: ...

class AttachFileRequest(_message.Message):
    __slots__ = ("lot", "chunk")
    LOT_FIELD_NUMBER: _ClassVar[int]
    CHUNK_FIELD_NUMBER: _ClassVar[int]
    lot: str
    chunk: bytes
    def __init__(self, lot: _Optional[str] = ..., chunk: _Optional[bytes] = ...) -> None: ...

class AttachFileResponse(_message.Message):
    __slots__ = ("digest", "size_bytes", "media_type")
    DIGEST_FIELD_NUMBER: _ClassVar[int]
    SIZE_BYTES_FIELD_NUMBER: _ClassVar[int]
    MEDIA_TYPE_FIELD_NUMBER: _ClassVar[int]
    digest: str
    size_bytes: int
    media_type: str
    def __init__(self, digest: _Optional[str] = ..., size_bytes: _Optional[int] = ..., media_type: _Optional[str] = ...) -> None: ...
