"""What other provinces read of our evidence files: streams with limits, each logged."""

from __future__ import annotations

import logging
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import grpc

from federation.base.errors import Breach, CreditBankError, Unavailable
from federation.transport.evidence_client import DEADLINE_S, FETCH_EVIDENCE
from federation.transport.gate import Gate
from federation.v1 import evidence_service_pb2 as service
from federation.wire import strict
from federation.wire.status import abort
from node.usecases.evidence import Evidence

_LOG = logging.getLogger("creditbank.evidence")
# A stream holds a thread of the server; these leave most of them to messages.
MOST_STREAMS = 6
MOST_OF_ONE_PEER = 2
_SLACK_S = 5.0
_LARGEST_REQUEST = 1024


class EvidencePeerService(grpc.GenericRpcHandler):  # type: ignore[type-arg, unused-ignore]
    """The evidence service on raw bytes, behind the gate."""

    def __init__(
        self, gate: Gate, evidence: Evidence, *, most_of_one_peer: int = MOST_OF_ONE_PEER
    ) -> None:
        self._gate = gate
        self._evidence = evidence
        self._most_of_one_peer = most_of_one_peer
        self._lock = threading.Lock()
        self._streams: Counter[str] = Counter()
        self._fetch = grpc.unary_stream_rpc_method_handler(self._handle)

    def service(
        self, handler_call_details: grpc.HandlerCallDetails
    ) -> grpc.RpcMethodHandler | None:  # type: ignore[type-arg, unused-ignore]
        """Return the handler of a method, or None for methods that are not there."""
        return self._fetch if handler_call_details.method == FETCH_EVIDENCE else None

    def _handle(self, request: bytes, context: grpc.ServicerContext) -> Iterator[bytes]:
        peer = "stranger"
        try:
            certificates = context.auth_context().get("x509_pem_cert")
            peer = self._gate.identify(bytes(certificates[0]) if certificates else None).province
            remaining: float | None = context.time_remaining()
            if remaining is None or remaining > DEADLINE_S + _SLACK_S:
                raise Breach("DEADLINE")
            with self._stream_of(peer):
                yield from self._serve(peer, request, context.is_active)
        except CreditBankError as error:
            _LOG.warning("refused %s from %s (%s)", error.reason, peer, error.detail)
            abort(context, error)
        except Exception:
            if not context.is_active():
                return  # The caller is gone; what it read is logged.
            _LOG.exception("a stream to %s failed", peer)
            abort(context, Unavailable("INTERNAL"))

    def _serve(self, peer: str, request: bytes, is_active: Callable[[], bool]) -> Iterator[bytes]:
        if len(request) > _LARGEST_REQUEST:
            raise Breach("TOO_LARGE")
        asked = strict.parse(service.FetchEvidenceRequest, request)
        key = (peer, asked.exchange_id)
        chunks = self._evidence.open(peer, asked.exchange_id, asked.digest, asked.offset)
        sent = 0
        try:
            for chunk in chunks:
                if not is_active():
                    return
                sent += len(chunk)
                yield strict.spell(service.FetchEvidenceResponse(chunk=chunk))
        finally:
            self._evidence.log_reading(key, asked.digest, asked.offset, sent)

    @contextmanager
    def _stream_of(self, peer: str) -> Iterator[None]:
        with self._lock:
            is_full = self._streams[peer] >= self._most_of_one_peer
            if is_full or self._streams.total() >= MOST_STREAMS:
                raise Unavailable("TOO_MANY_STREAMS", retry_after_ms=2000)
            self._streams[peer] += 1
        try:
            yield
        finally:
            with self._lock:
                self._streams[peer] -= 1
