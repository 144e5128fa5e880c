"""What other provinces ask of our rule. Of who asks nothing is kept, and nothing is written."""

from __future__ import annotations

import logging
import threading
import traceback
from collections.abc import Iterator
from contextlib import contextmanager

import grpc

from federation.base.clock import Clock
from federation.base.errors import CreditBankError, Unavailable
from federation.transport.gate import Gate
from federation.transport.limits import CALLS_RETRY_MS, Allowance, Limits
from federation.transport.what_if_client import WHAT_IF, read_question
from federation.wire import strict
from federation.wire.status import abort
from node.domain.what_if import is_too_complex
from node.edges.peer_door import certificate_of
from node.edges.what_if_form import answer_of, question_of
from node.usecases.what_if import WhatIf

_LOG = logging.getLogger("creditbank.whatif")
# A question may cost as much as a judgement of many lots; a member has few of them at a time, and
# all members together leave most threads of the server to messages.
MEMBER = Allowance(messages=2, size_bytes=256 * 1024, calls=2)
MOST_AT_ONCE = 2
# So many messages a question counts as that took all the steps that a judgement may take.
COMPLEX_COST = 20


class WhatIfPeerService(grpc.GenericRpcHandler):  # type: ignore[type-arg, unused-ignore]
    """The service on raw bytes, behind the gate and limits of its own."""

    def __init__(
        self, gate: Gate, what_if: WhatIf, clock: Clock, *, allowance: Allowance = MEMBER
    ) -> None:
        self._gate = gate
        self._what_if = what_if
        self._clock = clock
        self._limits = Limits(member=allowance)
        self._places = threading.BoundedSemaphore(MOST_AT_ONCE)
        self._ask = grpc.unary_unary_rpc_method_handler(self._handle)

    def service(
        self, handler_call_details: grpc.HandlerCallDetails
    ) -> grpc.RpcMethodHandler | None:  # type: ignore[type-arg, unused-ignore]
        """Return the handler of a method, or None for methods that are not there."""
        return self._ask if handler_call_details.method == WHAT_IF else None

    def answer(self, peer: str, request: bytes) -> bytes:
        """Return the bytes that answer a member's question.

        Raises:
            Unavailable: RATE_LIMIT or CONCURRENCY, or as :meth:`WhatIf.answer`.
            Breach: where the question is none.
        """
        now_us = self._clock.now_us()
        with self._limits.call(peer, now_us), self._place():
            self._limits.book(peer, now_us, size_bytes=len(request))
            answered = self._what_if.answer(peer, lambda: question_of(read_question(request)))
            if is_too_complex(answered.advice.decided):
                self._limits.book(peer, now_us, messages=COMPLEX_COST - 1)
            return strict.spell(answer_of(answered))

    @contextmanager
    def _place(self) -> Iterator[None]:
        if not self._places.acquire(blocking=False):
            raise Unavailable("CONCURRENCY", retry_after_ms=CALLS_RETRY_MS)
        try:
            yield
        finally:
            self._places.release()

    def _handle(self, request: bytes, context: grpc.ServicerContext) -> bytes:
        try:
            peer = self._gate.identify(certificate_of(context)).province
            return self.answer(peer, request)
        except CreditBankError as error:
            # Neither who asked nor what was wrong with it: that would be something of the asker.
            _LOG.info("a question was refused: %s", error.reason)
            abort(context, error)
        except Exception as failure:
            # The places alone; the text of an exception may hold a value of the question.
            places = "".join(traceback.format_tb(failure.__traceback__))
            _LOG.error("a question failed: %s\n%s", type(failure).__name__, places)
            abort(context, Unavailable("INTERNAL"))
        raise AssertionError("abort ends the call")
