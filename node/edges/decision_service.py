"""Decisions, as a province's own systems ask for them: translation, nothing more."""

from __future__ import annotations

from node.edges.decision_form import decision_message
from node.edges.local_door import LocalDoor, served
from node.edges.local_services import unhex
from node.usecases.decisions import Decisions
from node.v1 import decision_service_pb2 as pb
from node.v1.decision_service_pb2_grpc import DecisionServiceServicer


class DecisionServicer(DecisionServiceServicer):
    """Decisions made here or received."""

    def __init__(self, door: LocalDoor, decisions: Decisions) -> None:
        self.door = door
        self._decisions = decisions

    @served()
    def GetDecision(self, request: pb.GetDecisionRequest, account: str) -> pb.GetDecisionResponse:
        """Return what was decided on an exchange."""
        known = self._decisions.show((request.peer, unhex(request.exchange)))
        return decision_message(
            vote=known.vote,
            record=known.record,
            state=known.state,
            wanted=known.wanted,
            documents=(known.papers.rule, *known.papers.documents),
        )
