"""What operators call: status, reconciliation and evidence."""

from __future__ import annotations

from collections.abc import Iterator

from federation.trust.registry import RegistryView
from node.edges.local_door import LocalDoor, served, served_stream
from node.edges.local_services import unhex
from node.edges.misconduct_service import witnessing_to_buffer
from node.edges.registry_keeper import RegistryKeeper
from node.edges.status_form import finding, peer_status, term
from node.usecases.operations import Operations
from node.usecases.reconciliation import PairResult, Reconciliation
from node.v1 import operation_service_pb2 as pb
from node.v1.operation_service_pb2_grpc import OperationServiceServicer


class OperationServicer(OperationServiceServicer):
    """Running a node."""

    def __init__(
        self,
        door: LocalDoor,
        operations: Operations,
        reconciliation: Reconciliation,
        registry: RegistryKeeper,
        province: str,
    ) -> None:
        self.door = door
        self._operations = operations
        self._reconciliation = reconciliation
        self._registry = registry
        self._province = province

    @served()
    def GetStatus(self, request: pb.GetStatusRequest, account: str) -> pb.GetStatusResponse:
        """Return what the node knows of itself."""
        status = self._operations.status()
        return pb.GetStatusResponse(
            province=self._province,
            verdict=status.verdict,
            cause=status.cause,
            registry_version=status.registry_version,
            log_size=status.log_size,
            exchanges=dict(status.exchanges),
            lots_deposited=status.lots_deposited,
            witnessing=witnessing_to_buffer(status.witnessing) if status.witnessing else None,
            peers=[peer_status(one, status.now_us) for one in status.peers],
            findings=[finding(one) for one in status.findings],
            terms=[term(one, status.now_us) for one in status.terms],
        )

    @served(operators_only=True)
    def Reconcile(self, request: pb.ReconcileRequest, account: str) -> pb.ReconcileResponse:
        """Compare books with peers."""
        pairs = self._reconciliation.reconcile(list(request.peers))
        return pb.ReconcileResponse(pairs=[_pair(one) for one in pairs])

    @served_stream(operators_only=True)
    def ExportTranscripts(
        self, request: pb.ExportTranscriptsRequest, account: str
    ) -> Iterator[pb.ExportTranscriptsResponse]:
        """Stream transcripts; those named carry the registry, the whole archive's do not."""
        keys = [(one.peer, unhex(one.exchange)) for one in request.exchanges]
        wanted = keys or self._operations.source_exchanges()
        for key, made in self._operations.transcripts(wanted, with_registry=bool(keys)):
            yield pb.ExportTranscriptsResponse(
                exchange=pb.ExchangeName(peer=key[0], exchange=key[1].hex()), transcript=made
            )

    @served_stream(operators_only=True)
    def ExportLog(
        self, request: pb.ExportLogRequest, account: str
    ) -> Iterator[pb.ExportLogResponse]:
        """Stream the log and its checkpoint."""
        pages, note = self._operations.log()
        for entries in pages:
            yield pb.ExportLogResponse(entries=entries)
        yield pb.ExportLogResponse(checkpoint=note)

    @served(operators_only=True)
    def ExportRegistry(
        self, request: pb.ExportRegistryRequest, account: str
    ) -> pb.ExportRegistryResponse:
        """Return the registry as verified last."""
        view: RegistryView = self._registry.view()
        return pb.ExportRegistryResponse(
            files=[
                pb.ExportedFile(name=name, content=content)
                for name, content in sorted(view.files.items())
            ],
            pinned_root=self._registry.pinned_root,
        )

    @served(operators_only=True)
    def RetryPeer(self, request: pb.RetryPeerRequest, account: str) -> pb.RetryPeerResponse:
        """Make what waits for a peer due."""
        return pb.RetryPeerResponse(messages=self._operations.retry(request.peer))


def _pair(one: PairResult) -> pb.PairResult:
    return pb.PairResult(
        source=one.source,
        destination=one.destination,
        outbound_hundredths=one.outbound_hundredths,
        inbound_hundredths=one.inbound_hundredths,
        granted_hundredths=one.granted_hundredths,
        in_flight_hundredths=one.in_flight_hundredths,
        exchanges=one.exchanges,
        agrees=one.agrees,
        reason=one.reason,
        healed=one.healed,
    )
