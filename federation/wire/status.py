"""Errors as gRPC statuses and back: code, stable reason and a sentence in both languages.

Details travel as google.rpc.ErrorInfo, LocalizedMessage and RetryInfo in the standard trailer.
"""

from __future__ import annotations

from typing import cast

import grpc
from google.protobuf.any_pb2 import Any as Packed
from google.protobuf.duration_pb2 import Duration
from google.protobuf.message import DecodeError
from google.rpc import error_details_pb2, status_pb2
from grpc_status import rpc_status

from federation.base.errors import Breach, CreditBankError, Kind, Refusal, Unavailable
from federation.base.reasons import describe, is_reason

DOMAIN = "creditbank"
# Whoever asks for more is asked again after this, for what waits is somebody's credits.
LONGEST_DELAY_MS = 3_600_000
_CODES = {kind: grpc.StatusCode[kind.value] for kind in Kind}
_TRANSIENT = frozenset({Kind.UNAVAILABLE, Kind.RESOURCE_EXHAUSTED, Kind.INTERNAL})
_KINDS = {code: kind for kind, code in _CODES.items()}


def code_of(error: CreditBankError) -> grpc.StatusCode:
    """Return the gRPC code that an error is answered with."""
    kind = error.kind or describe(error.reason).kind
    if isinstance(error, Unavailable) and kind not in _TRANSIENT:
        # What is refused for good to a caller of our own may be a matter of time for a peer.
        kind = Kind.UNAVAILABLE
    return _CODES[kind]


def abort(context: grpc.ServicerContext, error: CreditBankError) -> None:
    """End a call with an error; nothing of its detail leaves this process."""
    context.abort_with_status(rpc_status.to_status(status_of(error)))


def status_of(error: CreditBankError) -> status_pb2.Status:
    """Return the standard rich status of an error."""
    text = describe(error.reason)
    details = [
        _pack(error_details_pb2.ErrorInfo(reason=error.reason, domain=DOMAIN)),
        _pack(error_details_pb2.LocalizedMessage(locale="zh-CN", message=text.zh)),
        _pack(error_details_pb2.LocalizedMessage(locale="en", message=text.en)),
    ]
    if isinstance(error, Unavailable):
        milliseconds = error.retry_after_ms
        delay = Duration(seconds=milliseconds // 1000, nanos=milliseconds % 1000 * 1_000_000)
        details.append(_pack(error_details_pb2.RetryInfo(retry_delay=delay)))
    number = code_of(error).value[0]
    return status_pb2.Status(
        code=number, message=f"{error.reason}: {text.zh} {text.en}", details=details
    )


def error_of(failure: grpc.RpcError) -> CreditBankError:
    """Return a failed call as an error; the reason is the peer's word and nothing more."""
    code = failure.code()
    try:
        reason, delay_ms = _read_details(failure)
    except (DecodeError, ValueError):
        return Breach("MALFORMED", detail="status details")
    kind = _KINDS.get(code)
    if reason is None:
        if code is grpc.StatusCode.RESOURCE_EXHAUSTED:
            return _refused_by_core(failure.details() or "")
        if code is grpc.StatusCode.UNIMPLEMENTED:
            return Breach("METHOD")
        return Unavailable("UNREACHABLE", detail=code.name)
    if code is grpc.StatusCode.UNAVAILABLE or (
        code is grpc.StatusCode.RESOURCE_EXHAUSTED and delay_ms
    ):
        return Unavailable(reason, retry_after_ms=delay_ms or 1000)
    if kind in (Kind.FAILED_PRECONDITION, Kind.NOT_FOUND):
        return Refusal(reason, kind=kind)
    return Breach(reason, kind=kind)


def _refused_by_core(told: str) -> CreditBankError:
    """Return what the library of the other side refused before any of our code saw it."""
    if "metadata" in told:
        return Breach("METADATA_TOO_LARGE")
    if "Concurrent" in told:
        return Unavailable("CONCURRENCY")
    return Breach("TOO_LARGE")


def _read_details(failure: grpc.RpcError) -> tuple[str | None, int]:
    """Return reason and delay as told; a delay is zero where none is, and an hour at most."""
    status = rpc_status.from_call(cast(grpc.Call, failure))
    reason, delay_ms = None, 0
    for detail in status.details if status is not None else ():
        info, retry = error_details_pb2.ErrorInfo(), error_details_pb2.RetryInfo()
        if detail.Unpack(info) and info.domain == DOMAIN:
            reason = info.reason
        elif detail.Unpack(retry):
            told_ms = retry.retry_delay.seconds * 1000 + retry.retry_delay.nanos // 1_000_000
            delay_ms = min(max(told_ms, 1), LONGEST_DELAY_MS)
    if reason is not None and not is_reason(reason):
        raise ValueError("no reason")
    return reason, delay_ms


def _pack(message: object) -> Packed:
    packed = Packed()
    packed.Pack(message)  # type: ignore[arg-type]
    return packed
