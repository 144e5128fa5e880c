"""The door before everything that other provinces call: who, how often, how much, how long.

Every call is judged before its body is read. Whatever the method expects, the door takes the body
as a stream: the library would wait for it on a worker's thread, and a caller who opens calls and
says nothing would have them all.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from typing import Any

import grpc

from federation.base.clock import MINUTE, Clock
from federation.base.errors import Breach, CreditBankError, Unavailable
from federation.transport.gate import Gate
from federation.transport.health import CHECK
from federation.transport.limits import STRANGERS, Limits
from federation.wire.status import abort

_LOG = logging.getLogger("creditbank.peer")
LONGEST_DEADLINE_S = 60.0
# Between what the caller wrote and what is left of it when the call is looked at.
_ROUNDING_S = 0.5
MOST_METADATA = 16 * 1024
# How much a header counts beside its name and value, as HTTP/2 counts it (RFC 9113, 6.5.2).
_HEADER_OVERHEAD = 32
_FLOODING = frozenset({"RATE_LIMIT", "CONCURRENCY"})


class PeerDoor(grpc.ServerInterceptor):  # type: ignore[type-arg, unused-ignore]
    """Stands before every handler of the peer server, those that do not exist included."""

    def __init__(self, gate: Gate, limits: Limits, clock: Clock) -> None:
        self._gate = gate
        self._limits = limits
        self._clock = clock
        self._told: dict[str, int] = {}

    def intercept_service(
        self, continuation: Callable[[Any], Any], handler_call_details: Any
    ) -> Any:
        """Return the handler of a method with the door before it."""
        handler = continuation(handler_call_details)
        is_open = handler_call_details.method == CHECK
        if handler is not None and handler.response_streaming:
            return grpc.stream_stream_rpc_method_handler(
                lambda bodies, context: self._stream(handler, bodies, context),
                response_serializer=handler.response_serializer,
            )
        return grpc.stream_unary_rpc_method_handler(
            lambda bodies, context: self._call(handler, bodies, context, is_open),
            response_serializer=handler and handler.response_serializer,
        )

    def _call(
        self, handler: Any, bodies: Iterator[bytes], context: grpc.ServicerContext, is_open: bool
    ) -> Any:
        with self._let_in(context, is_open=is_open) as caller:
            if handler is None:
                abort(context, Breach("METHOD"))
            if handler.request_streaming:
                return handler.stream_unary(self._each(bodies, caller), context)
            body = self._body(bodies, caller, context)
            return b"" if body is None else handler.unary_unary(body, context)

    def _stream(
        self, handler: Any, bodies: Iterator[bytes], context: grpc.ServicerContext
    ) -> Iterator[Any]:
        with self._let_in(context, is_open=False) as caller:
            if handler.request_streaming:
                yield from handler.stream_stream(self._each(bodies, caller), context)
                return
            body = self._body(bodies, caller, context)
            if body is not None:
                yield from handler.unary_stream(body, context)

    @contextmanager
    def _let_in(self, context: grpc.ServicerContext, *, is_open: bool) -> Iterator[str]:
        """Count a call as the caller's while it is in hand."""
        caller, stranger = self._identify(context)
        with ExitStack() as held:
            try:
                held.enter_context(self._limits.call(caller, self._clock.now_us()))
            except Unavailable as error:
                self._tell(caller, error)
                abort(context, error)
            if stranger is not None and not is_open:
                self._tell(caller, stranger)
                abort(context, stranger)
            if not is_open:
                _check_form(context)
            yield caller

    def _identify(self, context: grpc.ServicerContext) -> tuple[str, CreditBankError | None]:
        """Return whose limits count, and why the caller is nobody we know."""
        try:
            return self._gate.identify(certificate_of(context)).province, None
        except CreditBankError as error:
            return STRANGERS, error
        except Exception:
            _LOG.exception("a caller could not be identified")
            return STRANGERS, Unavailable("INTERNAL")

    def _body(
        self, bodies: Iterator[bytes], caller: str, context: grpc.ServicerContext
    ) -> bytes | None:
        """Return the one body of a call; None where nobody waits for an answer any more."""
        try:
            body = next(self._each(bodies, caller), None)
        except grpc.RpcError:
            return None
        if body is None:
            # Nothing was sent, or its caller went away before it was; either way nothing begins.
            abort(context, Breach("EMPTY"))
        # What has waited until its caller went away is not begun.
        return body if context.is_active() and context.time_remaining() > 0 else None

    def _each(self, bodies: Iterator[bytes], caller: str) -> Iterator[bytes]:
        for body in bodies:
            self._limits.book(caller, self._clock.now_us(), size_bytes=len(body))
            yield body

    def _tell(self, caller: str, error: CreditBankError) -> None:
        """Log a refusal; of a flood, the first in a minute."""
        if error.reason in _FLOODING:
            now_us = self._clock.now_us()
            if 0 <= now_us - self._told.get(caller, -MINUTE) < MINUTE:
                return
            self._told[caller] = now_us
        _LOG.warning("refused %s from %s (%s)", error.reason, caller or "stranger", error.detail)


def certificate_of(context: grpc.ServicerContext) -> bytes | None:
    """Return the certificate that a caller showed."""
    certificates = context.auth_context().get("x509_pem_cert")
    return bytes(certificates[0]) if certificates else None


def _check_form(context: grpc.ServicerContext) -> None:
    """Check what a call carries beside its body."""
    headers = context.invocation_metadata()
    size = sum(len(name) + len(value) + _HEADER_OVERHEAD for name, value in headers)
    if size >= MOST_METADATA:
        abort(context, Breach("METADATA_TOO_LARGE"))
    remaining_s = context.time_remaining()
    if remaining_s > LONGEST_DEADLINE_S + _ROUNDING_S:
        abort(context, Breach("DEADLINE"))
