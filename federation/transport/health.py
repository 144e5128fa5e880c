"""The standard health service, grpc.health.v1: answered from what is true at the moment of asking.

Only Check is there. Watch is answered as a method that does not exist, which every client takes
for a server that does not tell; it would hold a thread for each one who watches.
"""

from __future__ import annotations

from collections.abc import Callable

import grpc
from grpc_health.v1 import health_pb2

from federation.base.errors import CreditBankError, Kind, Refusal
from federation.wire import status

SERVICE = "grpc.health.v1.Health"
CHECK = f"/{SERVICE}/Check"


class Health(grpc.GenericRpcHandler):  # type: ignore[type-arg, unused-ignore]
    """Tells whether a server serves.

    Args:
        services: full names of what the server offers; the empty name stands for all of it.
        prove: raises where the server cannot work at present.
    """

    def __init__(self, services: tuple[str, ...], prove: Callable[[], object]) -> None:
        self._services = frozenset(("", *services))
        self._prove = prove
        self._is_stopping = False
        self._check = grpc.unary_unary_rpc_method_handler(
            self._answer,
            request_deserializer=health_pb2.HealthCheckRequest.FromString,
            response_serializer=health_pb2.HealthCheckResponse.SerializeToString,
        )

    def service(
        self, handler_call_details: grpc.HandlerCallDetails
    ) -> grpc.RpcMethodHandler | None:  # type: ignore[type-arg, unused-ignore]
        """Return the handler of Check, or None."""
        return self._check if handler_call_details.method == CHECK else None

    def stop(self) -> None:
        """Say from now on that the server does not serve, while calls in hand are still ended."""
        self._is_stopping = True

    def is_serving(self) -> bool:
        """Tell whether the server can work."""
        if self._is_stopping:
            return False
        try:
            self._prove()
        except CreditBankError:
            return False
        return True

    def _answer(
        self, request: health_pb2.HealthCheckRequest, context: grpc.ServicerContext
    ) -> health_pb2.HealthCheckResponse:
        if request.service not in self._services:
            status.abort(context, Refusal("SERVICE", kind=Kind.NOT_FOUND))
        kinds = health_pb2.HealthCheckResponse
        return kinds(status=kinds.SERVING if self.is_serving() else kinds.NOT_SERVING)
