from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class ApplicationState(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    APPLICATION_STATE_UNSPECIFIED: _ClassVar[ApplicationState]
    APPLICATION_STATE_PENDING: _ClassVar[ApplicationState]
    APPLICATION_STATE_APPROVED: _ClassVar[ApplicationState]
    APPLICATION_STATE_REJECTED: _ClassVar[ApplicationState]
APPLICATION_STATE_UNSPECIFIED: ApplicationState
APPLICATION_STATE_PENDING: ApplicationState
APPLICATION_STATE_APPROVED: ApplicationState
APPLICATION_STATE_REJECTED: ApplicationState

class JoinRequest(_message.Message):
    __slots__ = ("token", "document", "proofs")
    TOKEN_FIELD_NUMBER: _ClassVar[int]
    DOCUMENT_FIELD_NUMBER: _ClassVar[int]
    PROOFS_FIELD_NUMBER: _ClassVar[int]
    token: bytes
    document: bytes
    proofs: _containers.RepeatedCompositeFieldContainer[KeyProof]
    def __init__(self, token: _Optional[bytes] = ..., document: _Optional[bytes] = ..., proofs: _Optional[_Iterable[_Union[KeyProof, _Mapping]]] = ...) -> None: ...

class JoinResponse(_message.Message):
    __slots__ = ("state",)
    STATE_FIELD_NUMBER: _ClassVar[int]
    state: ApplicationState
    def __init__(self, state: _Optional[_Union[ApplicationState, str]] = ...) -> None: ...

class KeyProof(_message.Message):
    __slots__ = ("keyid", "signature")
    KEYID_FIELD_NUMBER: _ClassVar[int]
    SIGNATURE_FIELD_NUMBER: _ClassVar[int]
    keyid: str
    signature: bytes
    def __init__(self, keyid: _Optional[str] = ..., signature: _Optional[bytes] = ...) -> None: ...
