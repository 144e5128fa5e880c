"""Takes statistics over the network."""

from __future__ import annotations

import grpc

from federation.base.clock import Clock
from federation.coordinator.answers import answering
from federation.coordinator.office import Office
from federation.coordinator.statistics import accept_statistics
from federation.v1 import statistics_service_pb2 as messages
from federation.v1 import statistics_service_pb2_grpc as rpc


class StatisticsService(rpc.StatisticsServiceServicer):
    """Hands documents to the use case; a signature and nothing else lets them in."""

    def __init__(self, office: Office, clock: Clock) -> None:
        self._office = office
        self._clock = clock

    def SubmitStatistics(
        self, request: messages.SubmitStatisticsRequest, context: grpc.ServicerContext
    ) -> messages.SubmitStatisticsResponse:
        """Keep a document."""
        with answering(context):
            accept_statistics(self._office, request.document, now_us=self._clock.now_us())
            return messages.SubmitStatisticsResponse()
        raise AssertionError("abort() raises")
