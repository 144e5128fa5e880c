"""What other provinces call: bytes in, through the gate, to the use cases, signed answers out."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence

import grpc

from federation.base.errors import Breach, CreditBankError, Unavailable
from federation.protocol.messages import INQUIRIES
from federation.transport.gate import Gate, Opened
from federation.transport.peer_client import DELIVER
from federation.v1 import exchange_service_pb2 as service
from federation.wire import strict
from federation.wire.delivery import Arrival, Disposal
from federation.wire.envelope import batch_to_buffer
from federation.wire.status import abort
from node.edges.peer_door import certificate_of
from node.usecases.disposals import Applied
from node.usecases.incoming import Incoming
from node.usecases.inquiries import Inquiries, InquiryAnswer
from node.usecases.ports import Registry
from node.usecases.sealing import Sealing

_LOG = logging.getLogger("creditbank.peer")
STRANGER = "stranger"


class PeerService(grpc.GenericRpcHandler):  # type: ignore[type-arg, unused-ignore]
    """The exchange service on raw bytes, so that nothing is parsed before the gate sees it.

    Args:
        heard_from: called with each member that reached us, so that delivery to it may resume.
        refused: called with a member and the reason for which its call as a whole was refused.
        counted: called with a member and how many messages its call held.
        may_speak: tells whether this node may sign; while it may not, only stored bytes are sent.
    """

    def __init__(
        self,
        gate: Gate,
        incoming: Incoming,
        inquiries: Inquiries,
        sealing: Sealing,
        registry: Registry,
        heard_from: Callable[[str], None],
        refused: Callable[[str, str], None] = lambda peer, reason: None,
        counted: Callable[[str, int], None] = lambda peer, messages: None,
        may_speak: Callable[[], bool] = lambda: True,
    ) -> None:
        self._gate = gate
        self._incoming = incoming
        self._inquiries = inquiries
        self._sealing = sealing
        self._registry = registry
        self._heard_from = heard_from
        self._note_refusal = refused
        self._counted = counted
        self._may_speak = may_speak
        self._deliver = grpc.unary_unary_rpc_method_handler(self._handle)

    def service(
        self, handler_call_details: grpc.HandlerCallDetails
    ) -> grpc.RpcMethodHandler | None:  # type: ignore[type-arg, unused-ignore]
        """Return the handler of a method, or None for methods that are not there."""
        return self._deliver if handler_call_details.method == DELIVER else None

    def _handle(self, request: bytes, context: grpc.ServicerContext) -> bytes:
        peer = STRANGER
        try:
            sender = self._gate.identify(certificate_of(context))
            peer = sender.province
            self._heard_from(peer)
            opened = self._gate.open_request(request, sender)
            self._counted(peer, len(opened))
            return self._answer(peer, opened)
        except CreditBankError as error:
            _LOG.warning("refused %s from %s (%s)", error.reason, peer, error.detail)
            if peer != STRANGER:
                self._note_refusal(peer, error.reason)
            abort(context, error)
        except Exception:
            # Whatever it was, its text is for our log only.
            _LOG.exception("a call from %s failed", peer)
            abort(context, Unavailable("INTERNAL"))
        raise AssertionError("abort ends the call")

    def _answer(self, peer: str, opened: Sequence[Opened]) -> bytes:
        proven = {at: one for at, one in enumerate(opened) if isinstance(one, Arrival)}
        asked = {at: one for at, one in proven.items() if one.evidence.item.type in INQUIRIES}
        arrivals = {at: one for at, one in proven.items() if at not in asked}
        applied = self._apply(peer, arrivals)
        answers: dict[int, InquiryAnswer | None] = {}
        for at, arrival in asked.items():
            try:
                answers[at] = self._inquiries.answer(peer, arrival)
            except Unavailable as busy:
                applied[at] = self._refused(busy)
        for at, one in enumerate(opened):
            if isinstance(one, CreditBankError):
                applied[at] = self._refused(one)
            elif at in answers and answers[at] is None:
                # An answer that nobody asked for in this call.
                applied[at] = self._refused(Breach("NO_SUCH_STEP"))
        if len(opened) == 1 and 0 in applied and (error := applied[0].error) is not None:
            raise error
        return self._respond(peer, len(opened), applied, answers)

    def _apply(self, peer: str, arrivals: dict[int, Arrival]) -> dict[int, Applied]:
        if not arrivals:
            return {}
        found = list(arrivals.values())
        if self._may_speak():
            done = self._incoming.apply(peer, found, answers_travel_back=True)
        else:
            done = self._incoming.repeated(peer, found)
        return dict(zip(arrivals, done, strict=True))

    def _refused(self, error: CreditBankError) -> Applied:
        if error.reason == "REGISTRY_NEWER":
            self._registry.want_refresh()
        is_transient = isinstance(error, Unavailable)
        return Applied(Disposal.RETRY if is_transient else Disposal.REFUSED, error=error)

    def _respond(
        self,
        peer: str,
        count: int,
        applied: dict[int, Applied],
        answers: dict[int, InquiryAnswer | None],
    ) -> bytes:
        results = []
        for at in range(count):
            done = applied.get(at) or Applied(Disposal.ANSWERED)
            error = done.error
            results.append(
                service.ItemResult(
                    disposal=service.Disposal.Name(done.disposal.value),
                    reason=error.reason if error else "",
                    retry_after_ms=error.retry_after_ms if isinstance(error, Unavailable) else 0,
                )
            )
        stored = [done.answer for done in applied.values() if done.answer]
        told = [one for one in answers.values() if one is not None]
        stored += [digest for one in told for digest in one.stored]
        response = service.DeliverResponse(results=results)
        if stored or told:
            unique = list(dict.fromkeys(stored))
            if told or self._may_speak():
                batch = self._sealing.seal(
                    peer, unique, [one.message for one in told], is_answer=True
                )
            else:
                batch = self._sealing.sealed(unique)
            response.answers.CopyFrom(batch_to_buffer(batch))
        return strict.spell(response)
