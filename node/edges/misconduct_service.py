"""What operators call of the node as a witness: proofs of misconduct; and its state as one."""

from __future__ import annotations

from node.edges.local_door import LocalDoor, served
from node.edges.local_services import unhex
from node.usecases.attestation import WitnessingStatus
from node.usecases.proofs import Proofs
from node.v1 import misconduct_service_pb2 as pb
from node.v1.misconduct_service_pb2_grpc import MisconductServiceServicer
from node.v1.witnessing_pb2 import WitnessingStatus as WitnessingBuffer
from node.v1.witnessing_pb2 import WitnessStatus


class MisconductServicer(MisconductServiceServicer):
    """Portable proofs."""

    def __init__(self, door: LocalDoor, proofs: Proofs) -> None:
        self.door = door
        self._proofs = proofs

    @served(operators_only=True)
    def ListMisconduct(
        self, request: pb.ListMisconductRequest, account: str
    ) -> pb.ListMisconductResponse:
        """List the proofs."""
        return pb.ListMisconductResponse(
            proofs=[
                pb.MisconductRow(
                    digest=one.digest.hex(),
                    province=one.province,
                    kind=one.kind,
                    seen_us=one.seen_us,
                )
                for one in self._proofs.list()
            ]
        )

    @served(operators_only=True)
    def ExportMisconduct(
        self, request: pb.ExportMisconductRequest, account: str
    ) -> pb.ExportMisconductResponse:
        """Return a proof as a file."""
        return pb.ExportMisconductResponse(document=self._proofs.export(unhex(request.digest)))


def witnessing_to_buffer(one: WitnessingStatus) -> WitnessingBuffer:
    """Return how far the log is witnessed in its form for answers."""
    return WitnessingBuffer(
        log_size=one.log_size,
        witnessed_size=one.witnessed_size,
        witnessed_us=one.witnessed_us,
        witnesses_count=one.quorum.witnesses,
        tolerated=one.quorum.tolerated,
        needed=one.quorum.needed,
        promise_zh=one.promise.zh,
        promise_en=one.promise.en,
        witnesses=[
            WitnessStatus(
                witness=witness.witness,
                known_size=witness.known_size,
                answered_us=witness.answered_us,
                failing_since_us=witness.failing_since_us,
                failure=witness.failure,
                is_stalled=witness.is_stalled,
            )
            for witness in one.witnesses
        ],
        source_witnessed=one.source_witnessed,
        destination_witnessed=one.destination_witnessed,
        proofs=one.proofs,
        cases=one.cases,
    )
