from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from typing import ClassVar as _ClassVar, Optional as _Optional

DESCRIPTOR: _descriptor.FileDescriptor

class FetchEvidenceRequest(_message.Message):
    __slots__ = ("exchange_id", "digest", "offset")
    EXCHANGE_ID_FIELD_NUMBER: _ClassVar[int]
    DIGEST_FIELD_NUMBER: _ClassVar[int]
    OFFSET_FIELD_NUMBER: _ClassVar[int]
    exchange_id: bytes
    digest: bytes
    offset: int
    def __init__(self, exchange_id: _Optional[bytes] = ..., digest: _Optional[bytes] = ..., offset: _Optional[int] = ...) -> None: ...

class FetchEvidenceResponse(_message.Message):
    __slots__ = ("chunk",)
    CHUNK_FIELD_NUMBER: _ClassVar[int]
    chunk: bytes
    def __init__(self, chunk: _Optional[bytes] = ...) -> None: ...
