"""What operators ask of a month's exchanges."""

from __future__ import annotations

from federation.trust.statistics import StatisticsRow
from node.edges.local_door import LocalDoor, served
from node.usecases.statistics import Statistician
from node.v1 import statistics_service_pb2 as messages
from node.v1 import statistics_service_pb2_grpc as rpc


class StatisticsServicer(rpc.StatisticsServiceServicer):
    """The statistics service."""

    def __init__(self, door: LocalDoor, statistician: Statistician) -> None:
        self.door = door
        self._statistician = statistician

    @served(operators_only=True)
    def GetStatistics(
        self, request: messages.GetStatisticsRequest, _account: str
    ) -> messages.GetStatisticsResponse:
        """Return the counts of a month."""
        rows = self._statistician.rows(request.month, is_exact=request.is_exact)
        return messages.GetStatisticsResponse(rows=[_to_buffer(row) for row in rows])


def _to_buffer(row: StatisticsRow) -> messages.PeerStatistics:
    return messages.PeerStatistics(
        peer=row.peer,
        direction=row.direction,
        begun=row.begun,
        granted=row.granted,
        refused=row.refused,
        hundredths=row.hundredths,
    )
