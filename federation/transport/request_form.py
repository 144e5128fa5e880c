"""Parse what services are sent, so that what does not parse gets a reason.

The gRPC library would answer it as a failure of its own, INTERNAL and without one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any

import grpc
from google.protobuf.message import DecodeError

from federation.base.errors import Breach
from federation.wire.status import abort


class RequestForm(grpc.ServerInterceptor):  # type: ignore[type-arg, unused-ignore]
    """Takes parsing over from the library; handlers that take raw bytes are left alone."""

    def intercept_service(
        self, continuation: Callable[[Any], Any], handler_call_details: Any
    ) -> Any:
        """Return the handler of a method with our parsing before it."""
        handler = continuation(handler_call_details)
        if handler is None or handler.request_deserializer is None:
            return handler
        parse, render = handler.request_deserializer, handler.response_serializer
        if handler.request_streaming and handler.response_streaming:
            return grpc.stream_stream_rpc_method_handler(
                lambda bodies, context: handler.stream_stream(_each(bodies, parse), context),
                response_serializer=render,
            )
        if handler.request_streaming:
            return grpc.stream_unary_rpc_method_handler(
                lambda bodies, context: handler.stream_unary(_each(bodies, parse), context),
                response_serializer=render,
            )
        if handler.response_streaming:
            return grpc.unary_stream_rpc_method_handler(
                _one(handler.unary_stream, parse), response_serializer=render
            )
        return grpc.unary_unary_rpc_method_handler(
            _one(handler.unary_unary, parse), response_serializer=render
        )


def _one(method: Callable[[Any, Any], Any], parse: Callable[[bytes], Any]) -> Callable[..., Any]:
    def call(body: bytes, context: grpc.ServicerContext) -> Any:
        try:
            request = parse(body)
        except DecodeError:
            abort(context, Breach("MALFORMED"))
        return method(request, context)

    return call


def _each(bodies: Iterable[bytes], parse: Callable[[bytes], Any]) -> Iterator[Any]:
    """Parse a stream as it comes; the door tells its caller of the first that does not parse."""
    for body in bodies:
        try:
            yield parse(body)
        except DecodeError:
            raise Breach("MALFORMED") from None
