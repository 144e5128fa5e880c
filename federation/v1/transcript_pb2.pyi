from federation.v1 import envelope_pb2 as _envelope_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class Transcript(_message.Message):
    __slots__ = ("messages", "registry", "rule_document", "witnessed_note", "witnessed_proof", "documents")
    MESSAGES_FIELD_NUMBER: _ClassVar[int]
    REGISTRY_FIELD_NUMBER: _ClassVar[int]
    RULE_DOCUMENT_FIELD_NUMBER: _ClassVar[int]
    WITNESSED_NOTE_FIELD_NUMBER: _ClassVar[int]
    WITNESSED_PROOF_FIELD_NUMBER: _ClassVar[int]
    DOCUMENTS_FIELD_NUMBER: _ClassVar[int]
    messages: _containers.RepeatedCompositeFieldContainer[TranscriptMessage]
    registry: _containers.RepeatedCompositeFieldContainer[RegistryFile]
    rule_document: bytes
    witnessed_note: bytes
    witnessed_proof: _containers.RepeatedScalarFieldContainer[bytes]
    documents: _containers.RepeatedScalarFieldContainer[bytes]
    def __init__(self, messages: _Optional[_Iterable[_Union[TranscriptMessage, _Mapping]]] = ..., registry: _Optional[_Iterable[_Union[RegistryFile, _Mapping]]] = ..., rule_document: _Optional[bytes] = ..., witnessed_note: _Optional[bytes] = ..., witnessed_proof: _Optional[_Iterable[bytes]] = ..., documents: _Optional[_Iterable[bytes]] = ...) -> None: ...

class TranscriptMessage(_message.Message):
    __slots__ = ("message", "openings", "is_erased")
    MESSAGE_FIELD_NUMBER: _ClassVar[int]
    OPENINGS_FIELD_NUMBER: _ClassVar[int]
    IS_ERASED_FIELD_NUMBER: _ClassVar[int]
    message: _envelope_pb2.SignedMessage
    openings: bytes
    is_erased: bool
    def __init__(self, message: _Optional[_Union[_envelope_pb2.SignedMessage, _Mapping]] = ..., openings: _Optional[bytes] = ..., is_erased: _Optional[bool] = ...) -> None: ...

class RegistryFile(_message.Message):
    __slots__ = ("name", "content")
    NAME_FIELD_NUMBER: _ClassVar[int]
    CONTENT_FIELD_NUMBER: _ClassVar[int]
    name: str
    content: bytes
    def __init__(self, name: _Optional[str] = ..., content: _Optional[bytes] = ...) -> None: ...
