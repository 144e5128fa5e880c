"""Takes applications over the network."""

from __future__ import annotations

import grpc

from federation.base.clock import Clock
from federation.base.errors import Breach
from federation.coordinator.answers import answering
from federation.coordinator.enrolment import accept_application
from federation.coordinator.office import Office
from federation.trust.invitation import TOKEN_SIZE
from federation.trust.members import KEYS_MAX
from federation.v1 import enrolment_service_pb2 as messages
from federation.v1 import enrolment_service_pb2_grpc as rpc

REQUEST_BYTES_MAX = 256 * 1024


class EnrolmentService(rpc.EnrolmentServiceServicer):
    """Hands applications to the use case; strangers without a token learn nothing."""

    def __init__(self, office: Office, clock: Clock) -> None:
        self._office = office
        self._clock = clock

    def Join(
        self, request: messages.JoinRequest, context: grpc.ServicerContext
    ) -> messages.JoinResponse:
        """Store an application and return its state."""
        with answering(context):
            if request.ByteSize() > REQUEST_BYTES_MAX:
                raise Breach("TOO_LARGE")
            if len(request.token) != TOKEN_SIZE or len(request.proofs) > KEYS_MAX:
                raise Breach("KEY_PROOF", detail="form of the request")
            state = accept_application(
                self._office,
                token=request.token,
                document=request.document,
                proofs={proof.keyid: proof.signature for proof in request.proofs},
                now_us=self._clock.now_us(),
            )
            return messages.JoinResponse(state=f"APPLICATION_STATE_{state}")
        raise AssertionError("abort() raises")
