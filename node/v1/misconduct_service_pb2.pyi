from google.protobuf.internal import containers as _containers
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class ListMisconductRequest(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...

class ListMisconductResponse(_message.Message):
    __slots__ = ("proofs",)
    PROOFS_FIELD_NUMBER: _ClassVar[int]
    proofs: _containers.RepeatedCompositeFieldContainer[MisconductRow]
    def __init__(self, proofs: _Optional[_Iterable[_Union[MisconductRow, _Mapping]]] = ...) -> None: ...

class MisconductRow(_message.Message):
    __slots__ = ("digest", "province", "kind", "seen_us")
    DIGEST_FIELD_NUMBER: _ClassVar[int]
    PROVINCE_FIELD_NUMBER: _ClassVar[int]
    KIND_FIELD_NUMBER: _ClassVar[int]
    SEEN_US_FIELD_NUMBER: _ClassVar[int]
    digest: str
    province: str
    kind: str
    seen_us: int
    def __init__(self, digest: _Optional[str] = ..., province: _Optional[str] = ..., kind: _Optional[str] = ..., seen_us: _Optional[int] = ...) -> None: ...

class ExportMisconductRequest(_message.Message):
    __slots__ = ("digest",)
    DIGEST_FIELD_NUMBER: _ClassVar[int]
    digest: str
    def __init__(self, digest: _Optional[str] = ...) -> None: ...

class ExportMisconductResponse(_message.Message):
    __slots__ = ("document",)
    DOCUMENT_FIELD_NUMBER: _ClassVar[int]
    document: bytes
    def __init__(self, document: _Optional[bytes] = ...) -> None: ...
