"""Files of another province: one stream at a time, from a byte on, whatever broke before."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import grpc

from federation.base.errors import Breach
from federation.trust.members import Member
from federation.v1 import evidence_service_pb2 as service
from federation.wire import strict
from federation.wire.status import error_of

FETCH_EVIDENCE = "/federation.v1.EvidenceService/FetchEvidence"
DEADLINE_S = 60.0
LARGEST_CHUNK = 64 * 1024


class EvidenceClient:
    """Fetches files from members.

    Args:
        channel: returns the kept channel to a member.
    """

    def __init__(self, channel: Callable[[Member], grpc.Channel]) -> None:
        self._channel = channel

    def fetch(
        self, member: Member, *, exchange_id: bytes, digest: bytes, offset: int
    ) -> Iterator[bytes]:
        """Yield the chunks of a file from a byte on.

        Raises:
            Unavailable: when the stream breaks or the member asks for a retry.
            Refusal: when the member refuses.
            Breach: when a chunk is none.
        """
        request = strict.spell(
            service.FetchEvidenceRequest(exchange_id=exchange_id, digest=digest, offset=offset)
        )
        call = self._channel(member).unary_stream(FETCH_EVIDENCE, None, None)
        stream = call(request, timeout=DEADLINE_S)
        try:
            for encoded in stream:
                chunk = strict.parse(service.FetchEvidenceResponse, encoded).chunk
                if not 0 < len(chunk) <= LARGEST_CHUNK:
                    raise Breach("EVIDENCE_SIZE", detail="chunk")
                yield chunk
        except grpc.RpcError as failure:
            raise error_of(failure) from None
        finally:
            stream.cancel()  # type: ignore[no-untyped-call, unused-ignore]
