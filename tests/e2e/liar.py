"""A member with a server of its own, which answers whatever a test makes it answer."""

from __future__ import annotations

from collections.abc import Callable
from types import TracebackType

import grpc

from federation.base.clock import SystemClock
from federation.base.errors import CreditBankError
from federation.protocol.messages import Prepare
from federation.transport.gate import Gate, certificates_of
from federation.transport.peer_client import DELIVER
from federation.v1 import exchange_service_pb2 as service
from federation.wire.delivery import Arrival
from federation.wire.status import abort
from node.edges.servers import make_server
from tests.e2e.exchanges import vote_by
from tests.e2e.rogue import Rogue

Answer = Callable[[bytes], bytes]


class Liar(grpc.GenericRpcHandler):
    """The server of a rogue, at the address that the registry names for it.

    Attributes:
        answer: what it answers to the bytes of a call; a raised error is its refusal.
        calls: how often it was called.
    """

    def __init__(self, rogue: Rogue) -> None:
        self.rogue = rogue
        self.calls = 0
        self.answer: Answer = lambda request: b""
        members = list(rogue.view.members.values())
        self._server = make_server(
            rogue.view.members[rogue.province].endpoint,
            identity=lambda: rogue.identity,
            callers=lambda: certificates_of(members),
        )
        self._server.add_generic_rpc_handlers((self,))

    def service(
        self, handler_call_details: grpc.HandlerCallDetails
    ) -> grpc.RpcMethodHandler | None:
        """Serve deliveries as raw bytes."""
        if handler_call_details.method != DELIVER:
            return None
        return grpc.unary_unary_rpc_method_handler(self._handle)

    def prepares(self, request: bytes) -> list[Prepare]:
        """Return the offers in a call, checked as a node checks them."""
        gate = Gate(self.rogue.province, lambda: self.rogue.view, SystemClock())
        sender = self.rogue.view.members["CN-31"]
        opened = [one for one in gate.open_request(request, sender) if isinstance(one, Arrival)]
        self.digests = [one.digest for one in opened]
        return [one.message for one in opened if isinstance(one.message, Prepare)]

    def votes(self, request: bytes, *, cause: bytes = b"") -> service.DeliverResponse:
        """Return a true answer to offers: a VOTE on each, signed and logged."""
        offers = self.prepares(request)
        said = [
            self.rogue.say(vote_by(self.rogue, offer, cause or digest))
            for offer, digest in zip(offers, self.digests, strict=True)
        ]
        results = [service.ItemResult(disposal=service.DISPOSAL_ANSWERED) for _ in said]
        return service.DeliverResponse(results=results, answers=self.rogue.batch("CN-31", *said))

    def __enter__(self) -> Liar:
        """Start."""
        self._server.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        fault: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Stop."""
        self._server.stop(0.5).wait()
        self.rogue.close()

    def _handle(self, request: bytes, context: grpc.ServicerContext) -> bytes:
        self.calls += 1
        try:
            return self.answer(request)
        except CreditBankError as error:
            abort(context, error)
        raise AssertionError("abort ends the call")
