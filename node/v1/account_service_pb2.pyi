from google.protobuf.internal import containers as _containers
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class OpenAccountsRequest(_message.Message):
    __slots__ = ("reference", "name", "document_type", "document_number")
    REFERENCE_FIELD_NUMBER: _ClassVar[int]
    NAME_FIELD_NUMBER: _ClassVar[int]
    DOCUMENT_TYPE_FIELD_NUMBER: _ClassVar[int]
    DOCUMENT_NUMBER_FIELD_NUMBER: _ClassVar[int]
    reference: str
    name: str
    document_type: str
    document_number: str
    def __init__(self, reference: _Optional[str] = ..., name: _Optional[str] = ..., document_type: _Optional[str] = ..., document_number: _Optional[str] = ...) -> None: ...

class RejectedRow(_message.Message):
    __slots__ = ("line", "reference", "reason")
    LINE_FIELD_NUMBER: _ClassVar[int]
    REFERENCE_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    line: int
    reference: str
    reason: str
    def __init__(self, line: _Optional[int] = ..., reference: _Optional[str] = ..., reason: _Optional[str] = ...) -> None: ...

class OpenedAccount(_message.Message):
    __slots__ = ("reference", "account")
    REFERENCE_FIELD_NUMBER: _ClassVar[int]
    ACCOUNT_FIELD_NUMBER: _ClassVar[int]
    reference: str
    account: str
    def __init__(self, reference: _Optional[str] = ..., account: _Optional[str] = ...) -> None: ...

class OpenAccountsResponse(_message.Message):
    __slots__ = ("accounts", "rejected")
    ACCOUNTS_FIELD_NUMBER: _ClassVar[int]
    REJECTED_FIELD_NUMBER: _ClassVar[int]
    accounts: _containers.RepeatedCompositeFieldContainer[OpenedAccount]
    rejected: _containers.RepeatedCompositeFieldContainer[RejectedRow]
    def __init__(self, accounts: _Optional[_Iterable[_Union[OpenedAccount, _Mapping]]] = ..., rejected: _Optional[_Iterable[_Union[RejectedRow, _Mapping]]] = ...) -> None: ...

class GetArchiveRequest(_message.Message):
    __slots__ = ("account",)
    ACCOUNT_FIELD_NUMBER: _ClassVar[int]
    account: str
    def __init__(self, account: _Optional[str] = ...) -> None: ...

class ArchivedLot(_message.Message):
    __slots__ = ("lot", "state", "amount_hundredths", "facts", "exchange", "hold")
    class FactsEntry(_message.Message):
        __slots__ = ("key", "value")
        KEY_FIELD_NUMBER: _ClassVar[int]
        VALUE_FIELD_NUMBER: _ClassVar[int]
        key: str
        value: str
        def __init__(self, key: _Optional[str] = ..., value: _Optional[str] = ...) -> None: ...
    LOT_FIELD_NUMBER: _ClassVar[int]
    STATE_FIELD_NUMBER: _ClassVar[int]
    AMOUNT_HUNDREDTHS_FIELD_NUMBER: _ClassVar[int]
    FACTS_FIELD_NUMBER: _ClassVar[int]
    EXCHANGE_FIELD_NUMBER: _ClassVar[int]
    HOLD_FIELD_NUMBER: _ClassVar[int]
    lot: str
    state: str
    amount_hundredths: int
    facts: _containers.ScalarMap[str, str]
    exchange: str
    hold: str
    def __init__(self, lot: _Optional[str] = ..., state: _Optional[str] = ..., amount_hundredths: _Optional[int] = ..., facts: _Optional[_Mapping[str, str]] = ..., exchange: _Optional[str] = ..., hold: _Optional[str] = ...) -> None: ...

class GetArchiveResponse(_message.Message):
    __slots__ = ("account", "name", "balance_hundredths", "lots", "erased")
    ACCOUNT_FIELD_NUMBER: _ClassVar[int]
    NAME_FIELD_NUMBER: _ClassVar[int]
    BALANCE_HUNDREDTHS_FIELD_NUMBER: _ClassVar[int]
    LOTS_FIELD_NUMBER: _ClassVar[int]
    ERASED_FIELD_NUMBER: _ClassVar[int]
    account: str
    name: str
    balance_hundredths: int
    lots: _containers.RepeatedCompositeFieldContainer[ArchivedLot]
    erased: bool
    def __init__(self, account: _Optional[str] = ..., name: _Optional[str] = ..., balance_hundredths: _Optional[int] = ..., lots: _Optional[_Iterable[_Union[ArchivedLot, _Mapping]]] = ..., erased: _Optional[bool] = ...) -> None: ...

class IssueTransferCodesRequest(_message.Message):
    __slots__ = ("wanted",)
    WANTED_FIELD_NUMBER: _ClassVar[int]
    wanted: _containers.RepeatedCompositeFieldContainer[TransferCodeWanted]
    def __init__(self, wanted: _Optional[_Iterable[_Union[TransferCodeWanted, _Mapping]]] = ...) -> None: ...

class TransferCodeWanted(_message.Message):
    __slots__ = ("account", "peer", "reference")
    ACCOUNT_FIELD_NUMBER: _ClassVar[int]
    PEER_FIELD_NUMBER: _ClassVar[int]
    REFERENCE_FIELD_NUMBER: _ClassVar[int]
    account: str
    peer: str
    reference: str
    def __init__(self, account: _Optional[str] = ..., peer: _Optional[str] = ..., reference: _Optional[str] = ...) -> None: ...

class IssueTransferCodesResponse(_message.Message):
    __slots__ = ("codes",)
    CODES_FIELD_NUMBER: _ClassVar[int]
    codes: _containers.RepeatedCompositeFieldContainer[IssuedTransferCode]
    def __init__(self, codes: _Optional[_Iterable[_Union[IssuedTransferCode, _Mapping]]] = ...) -> None: ...

class IssuedTransferCode(_message.Message):
    __slots__ = ("reference", "code", "reason", "expires_us")
    REFERENCE_FIELD_NUMBER: _ClassVar[int]
    CODE_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    EXPIRES_US_FIELD_NUMBER: _ClassVar[int]
    reference: str
    code: str
    reason: str
    expires_us: int
    def __init__(self, reference: _Optional[str] = ..., code: _Optional[str] = ..., reason: _Optional[str] = ..., expires_us: _Optional[int] = ...) -> None: ...

class EraseLearnerRequest(_message.Message):
    __slots__ = ("account",)
    ACCOUNT_FIELD_NUMBER: _ClassVar[int]
    account: str
    def __init__(self, account: _Optional[str] = ...) -> None: ...

class EraseLearnerResponse(_message.Message):
    __slots__ = ("values_erased",)
    VALUES_ERASED_FIELD_NUMBER: _ClassVar[int]
    values_erased: int
    def __init__(self, values_erased: _Optional[int] = ...) -> None: ...
