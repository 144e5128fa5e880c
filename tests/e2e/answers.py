"""What a node answers, read so strictly that nothing but the catalogue gets past."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import grpc
from google.rpc import error_details_pb2
from grpc_status import rpc_status

from federation.base.reasons import describe
from federation.v1 import exchange_service_pb2 as service
from federation.wire.status import error_of


@dataclass(frozen=True)
class Refused:
    """How a call was refused.

    Attributes:
        reason: from the rich status, or empty where gRPC itself refused.
        told: the whole rich status in bytes.
    """

    code: str
    reason: str
    told: bytes


def refused(failure: grpc.RpcError) -> Refused:
    """Read how a call was refused; whatever is told must stand in the catalogue, and no more."""
    code = failure.code().name
    status = rpc_status.from_call(failure)
    if status is None:
        assert "Exception" not in (failure.details() or "")
        return Refused(code, "", b"")
    info, zh, en = (
        error_details_pb2.ErrorInfo(),
        error_details_pb2.LocalizedMessage(),
        error_details_pb2.LocalizedMessage(),
    )
    for part, packed in zip((info, zh, en), status.details, strict=False):
        assert packed.Unpack(part)
    text = describe(info.reason)
    assert (info.domain, dict(info.metadata)) == ("creditbank", {})
    assert (zh.locale, zh.message) == ("zh-CN", text.zh)
    assert (en.locale, en.message) == ("en", text.en)
    assert status.message == failure.details() == f"{info.reason}: {text.zh} {text.en}"
    # A fourth part says when to try again.
    assert len(status.details) == 3 or code in ("UNAVAILABLE", "INTERNAL", "RESOURCE_EXHAUSTED")
    assert error_of(failure).reason == info.reason
    return Refused(code, info.reason, status.SerializeToString(deterministic=True))


def results(response: service.DeliverResponse | Refused) -> Sequence[tuple[str, str]]:
    """Return what became of each message of a batch: disposal and reason."""
    assert isinstance(response, service.DeliverResponse), response
    names = service.Disposal.Name
    return [(names(one.disposal).removeprefix("DISPOSAL_"), one.reason) for one in response.results]
