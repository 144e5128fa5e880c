"""What operators call about recovery, and about cases that people settle."""

from __future__ import annotations

from federation.base.errors import Breach
from federation.base.names import is_clean_text
from node.edges.local_door import LocalDoor, served
from node.usecases.recovery import Recovery
from node.usecases.recovery_ports import ListedCase
from node.v1 import recovery_service_pb2 as pb
from node.v1.recovery_service_pb2_grpc import RecoveryServiceServicer

LONGEST_NOTE = 500


class RecoveryServicer(RecoveryServiceServicer):
    """Recovery and cases."""

    def __init__(self, door: LocalDoor, recovery: Recovery) -> None:
        self.door = door
        self._recovery = recovery

    @served()
    def GetRecovery(self, request: pb.GetRecoveryRequest, account: str) -> pb.GetRecoveryResponse:
        """Return how far a recovery is."""
        status = self._recovery.status()
        kept = status.quarantine
        stage = "RECALLING" if status.is_recalling else "SERVING"
        return pb.GetRecoveryResponse(
            stage="QUARANTINED" if kept else stage,
            cause=kept.cause if kept else "",
            witness=kept.witness if kept else "",
            since_us=kept.since_us if kept else 0,
            blocked=kept.blocked if kept else "",
            silent=kept.silent if kept else (),
            confirmed=kept.confirmed if kept else (),
            incarnation=status.incarnation,
            lost=[pb.LogRange(first=first, count=count) for first, count in status.opaque],
            open_cases=status.open_cases,
        )

    @served()
    def ConfirmRecovery(
        self, request: pb.ConfirmRecoveryRequest, account: str
    ) -> pb.ConfirmRecoveryResponse:
        """Confirm what is lost, as one of two accounts."""
        return pb.ConfirmRecoveryResponse(confirmed=self._recovery.confirm(account))

    @served()
    def ListCases(self, request: pb.ListCasesRequest, account: str) -> pb.ListCasesResponse:
        """List cases."""
        found = self._recovery.cases()
        shown = [one for one in found if request.with_closed or not one.closed_us]
        return pb.ListCasesResponse(cases=[_case(one) for one in shown])

    @served(operators_only=True)
    def CloseCase(self, request: pb.CloseCaseRequest, account: str) -> pb.CloseCaseResponse:
        """Close a case."""
        if not is_clean_text(request.note, longest=LONGEST_NOTE):
            raise Breach("BAD_TEXT")
        self._recovery.close_case(request.case_id, f"{account}: {request.note}")
        return pb.CloseCaseResponse()


def _case(one: ListedCase) -> pb.Case:
    return pb.Case(
        case_id=one.case_id,
        kind=one.kind,
        peer=one.peer,
        exchange=one.exchange_id.hex(),
        subject=one.subject.hex(),
        hundredths=one.hundredths,
        opened_us=one.opened_us,
        closed_us=one.closed_us,
        note=one.note,
    )
