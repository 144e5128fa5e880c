from node.v1 import witnessing_pb2 as _witnessing_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class GetStatusRequest(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...

class PeerStatus(_message.Message):
    __slots__ = ("peer", "waiting", "oldest_us", "first_failure_us", "failure", "next_attempt_us", "reachability", "heard_us", "answered_us", "last_failure_us", "last_failure", "lag_us", "oldest_type", "oldest_exchange", "standing", "refused_us", "refusal")
    PEER_FIELD_NUMBER: _ClassVar[int]
    WAITING_FIELD_NUMBER: _ClassVar[int]
    OLDEST_US_FIELD_NUMBER: _ClassVar[int]
    FIRST_FAILURE_US_FIELD_NUMBER: _ClassVar[int]
    FAILURE_FIELD_NUMBER: _ClassVar[int]
    NEXT_ATTEMPT_US_FIELD_NUMBER: _ClassVar[int]
    REACHABILITY_FIELD_NUMBER: _ClassVar[int]
    HEARD_US_FIELD_NUMBER: _ClassVar[int]
    ANSWERED_US_FIELD_NUMBER: _ClassVar[int]
    LAST_FAILURE_US_FIELD_NUMBER: _ClassVar[int]
    LAST_FAILURE_FIELD_NUMBER: _ClassVar[int]
    LAG_US_FIELD_NUMBER: _ClassVar[int]
    OLDEST_TYPE_FIELD_NUMBER: _ClassVar[int]
    OLDEST_EXCHANGE_FIELD_NUMBER: _ClassVar[int]
    STANDING_FIELD_NUMBER: _ClassVar[int]
    REFUSED_US_FIELD_NUMBER: _ClassVar[int]
    REFUSAL_FIELD_NUMBER: _ClassVar[int]
    peer: str
    waiting: int
    oldest_us: int
    first_failure_us: int
    failure: str
    next_attempt_us: int
    reachability: str
    heard_us: int
    answered_us: int
    last_failure_us: int
    last_failure: str
    lag_us: int
    oldest_type: str
    oldest_exchange: str
    standing: str
    refused_us: int
    refusal: str
    def __init__(self, peer: _Optional[str] = ..., waiting: _Optional[int] = ..., oldest_us: _Optional[int] = ..., first_failure_us: _Optional[int] = ..., failure: _Optional[str] = ..., next_attempt_us: _Optional[int] = ..., reachability: _Optional[str] = ..., heard_us: _Optional[int] = ..., answered_us: _Optional[int] = ..., last_failure_us: _Optional[int] = ..., last_failure: _Optional[str] = ..., lag_us: _Optional[int] = ..., oldest_type: _Optional[str] = ..., oldest_exchange: _Optional[str] = ..., standing: _Optional[str] = ..., refused_us: _Optional[int] = ..., refusal: _Optional[str] = ...) -> None: ...

class Finding(_message.Message):
    __slots__ = ("reason", "severity", "subject", "at_us")
    REASON_FIELD_NUMBER: _ClassVar[int]
    SEVERITY_FIELD_NUMBER: _ClassVar[int]
    SUBJECT_FIELD_NUMBER: _ClassVar[int]
    AT_US_FIELD_NUMBER: _ClassVar[int]
    reason: str
    severity: str
    subject: str
    at_us: int
    def __init__(self, reason: _Optional[str] = ..., severity: _Optional[str] = ..., subject: _Optional[str] = ..., at_us: _Optional[int] = ...) -> None: ...

class Term(_message.Message):
    __slots__ = ("kind", "name", "ends_us", "days_left", "state")
    KIND_FIELD_NUMBER: _ClassVar[int]
    NAME_FIELD_NUMBER: _ClassVar[int]
    ENDS_US_FIELD_NUMBER: _ClassVar[int]
    DAYS_LEFT_FIELD_NUMBER: _ClassVar[int]
    STATE_FIELD_NUMBER: _ClassVar[int]
    kind: str
    name: str
    ends_us: int
    days_left: int
    state: str
    def __init__(self, kind: _Optional[str] = ..., name: _Optional[str] = ..., ends_us: _Optional[int] = ..., days_left: _Optional[int] = ..., state: _Optional[str] = ...) -> None: ...

class GetStatusResponse(_message.Message):
    __slots__ = ("province", "verdict", "cause", "registry_version", "log_size", "exchanges", "lots_deposited", "peers", "witnessing", "findings", "terms")
    class ExchangesEntry(_message.Message):
        __slots__ = ("key", "value")
        KEY_FIELD_NUMBER: _ClassVar[int]
        VALUE_FIELD_NUMBER: _ClassVar[int]
        key: str
        value: int
        def __init__(self, key: _Optional[str] = ..., value: _Optional[int] = ...) -> None: ...
    PROVINCE_FIELD_NUMBER: _ClassVar[int]
    VERDICT_FIELD_NUMBER: _ClassVar[int]
    CAUSE_FIELD_NUMBER: _ClassVar[int]
    REGISTRY_VERSION_FIELD_NUMBER: _ClassVar[int]
    LOG_SIZE_FIELD_NUMBER: _ClassVar[int]
    EXCHANGES_FIELD_NUMBER: _ClassVar[int]
    LOTS_DEPOSITED_FIELD_NUMBER: _ClassVar[int]
    PEERS_FIELD_NUMBER: _ClassVar[int]
    WITNESSING_FIELD_NUMBER: _ClassVar[int]
    FINDINGS_FIELD_NUMBER: _ClassVar[int]
    TERMS_FIELD_NUMBER: _ClassVar[int]
    province: str
    verdict: str
    cause: str
    registry_version: int
    log_size: int
    exchanges: _containers.ScalarMap[str, int]
    lots_deposited: int
    peers: _containers.RepeatedCompositeFieldContainer[PeerStatus]
    witnessing: _witnessing_pb2.WitnessingStatus
    findings: _containers.RepeatedCompositeFieldContainer[Finding]
    terms: _containers.RepeatedCompositeFieldContainer[Term]
    def __init__(self, province: _Optional[str] = ..., verdict: _Optional[str] = ..., cause: _Optional[str] = ..., registry_version: _Optional[int] = ..., log_size: _Optional[int] = ..., exchanges: _Optional[_Mapping[str, int]] = ..., lots_deposited: _Optional[int] = ..., peers: _Optional[_Iterable[_Union[PeerStatus, _Mapping]]] = ..., witnessing: _Optional[_Union[_witnessing_pb2.WitnessingStatus, _Mapping]] = ..., findings: _Optional[_Iterable[_Union[Finding, _Mapping]]] = ..., terms: _Optional[_Iterable[_Union[Term, _Mapping]]] = ...) -> None: ...

class ReconcileRequest(_message.Message):
    __slots__ = ("peers",)
    PEERS_FIELD_NUMBER: _ClassVar[int]
    peers: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, peers: _Optional[_Iterable[str]] = ...) -> None: ...

class PairResult(_message.Message):
    __slots__ = ("source", "destination", "outbound_hundredths", "inbound_hundredths", "granted_hundredths", "in_flight_hundredths", "exchanges", "agrees", "reason", "healed")
    SOURCE_FIELD_NUMBER: _ClassVar[int]
    DESTINATION_FIELD_NUMBER: _ClassVar[int]
    OUTBOUND_HUNDREDTHS_FIELD_NUMBER: _ClassVar[int]
    INBOUND_HUNDREDTHS_FIELD_NUMBER: _ClassVar[int]
    GRANTED_HUNDREDTHS_FIELD_NUMBER: _ClassVar[int]
    IN_FLIGHT_HUNDREDTHS_FIELD_NUMBER: _ClassVar[int]
    EXCHANGES_FIELD_NUMBER: _ClassVar[int]
    AGREES_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    HEALED_FIELD_NUMBER: _ClassVar[int]
    source: str
    destination: str
    outbound_hundredths: int
    inbound_hundredths: int
    granted_hundredths: int
    in_flight_hundredths: int
    exchanges: int
    agrees: bool
    reason: str
    healed: int
    def __init__(self, source: _Optional[str] = ..., destination: _Optional[str] = ..., outbound_hundredths: _Optional[int] = ..., inbound_hundredths: _Optional[int] = ..., granted_hundredths: _Optional[int] = ..., in_flight_hundredths: _Optional[int] = ..., exchanges: _Optional[int] = ..., agrees: _Optional[bool] = ..., reason: _Optional[str] = ..., healed: _Optional[int] = ...) -> None: ...

class ReconcileResponse(_message.Message):
    __slots__ = ("pairs",)
    PAIRS_FIELD_NUMBER: _ClassVar[int]
    pairs: _containers.RepeatedCompositeFieldContainer[PairResult]
    def __init__(self, pairs: _Optional[_Iterable[_Union[PairResult, _Mapping]]] = ...) -> None: ...

class ExportTranscriptsRequest(_message.Message):
    __slots__ = ("exchanges",)
    EXCHANGES_FIELD_NUMBER: _ClassVar[int]
    exchanges: _containers.RepeatedCompositeFieldContainer[ExchangeName]
    def __init__(self, exchanges: _Optional[_Iterable[_Union[ExchangeName, _Mapping]]] = ...) -> None: ...

class ExchangeName(_message.Message):
    __slots__ = ("peer", "exchange")
    PEER_FIELD_NUMBER: _ClassVar[int]
    EXCHANGE_FIELD_NUMBER: _ClassVar[int]
    peer: str
    exchange: str
    def __init__(self, peer: _Optional[str] = ..., exchange: _Optional[str] = ...) -> None: ...

class ExportTranscriptsResponse(_message.Message):
    __slots__ = ("exchange", "transcript")
    EXCHANGE_FIELD_NUMBER: _ClassVar[int]
    TRANSCRIPT_FIELD_NUMBER: _ClassVar[int]
    exchange: ExchangeName
    transcript: bytes
    def __init__(self, exchange: _Optional[_Union[ExchangeName, _Mapping]] = ..., transcript: _Optional[bytes] = ...) -> None: ...

class ExportLogRequest(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...

class ExportLogResponse(_message.Message):
    __slots__ = ("entries", "checkpoint")
    ENTRIES_FIELD_NUMBER: _ClassVar[int]
    CHECKPOINT_FIELD_NUMBER: _ClassVar[int]
    entries: _containers.RepeatedScalarFieldContainer[bytes]
    checkpoint: bytes
    def __init__(self, entries: _Optional[_Iterable[bytes]] = ..., checkpoint: _Optional[bytes] = ...) -> None: ...

class ExportRegistryRequest(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...

class ExportRegistryResponse(_message.Message):
    __slots__ = ("files", "pinned_root")
    FILES_FIELD_NUMBER: _ClassVar[int]
    PINNED_ROOT_FIELD_NUMBER: _ClassVar[int]
    files: _containers.RepeatedCompositeFieldContainer[ExportedFile]
    pinned_root: bytes
    def __init__(self, files: _Optional[_Iterable[_Union[ExportedFile, _Mapping]]] = ..., pinned_root: _Optional[bytes] = ...) -> None: ...

class ExportedFile(_message.Message):
    __slots__ = ("name", "content")
    NAME_FIELD_NUMBER: _ClassVar[int]
    CONTENT_FIELD_NUMBER: _ClassVar[int]
    name: str
    content: bytes
    def __init__(self, name: _Optional[str] = ..., content: _Optional[bytes] = ...) -> None: ...

class RetryPeerRequest(_message.Message):
    __slots__ = ("peer",)
    PEER_FIELD_NUMBER: _ClassVar[int]
    peer: str
    def __init__(self, peer: _Optional[str] = ...) -> None: ...

class RetryPeerResponse(_message.Message):
    __slots__ = ("messages",)
    MESSAGES_FIELD_NUMBER: _ClassVar[int]
    messages: int
    def __init__(self, messages: _Optional[int] = ...) -> None: ...
