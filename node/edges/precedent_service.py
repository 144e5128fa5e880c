"""Precedents, as who decides asks for them: translation, nothing more."""

from __future__ import annotations

from node.domain.precedents import RankedTarget, RankReason, SimilarCase
from node.edges.local_door import LocalDoor, served
from node.edges.local_services import unhex
from node.usecases.precedents import Precedents
from node.v1 import precedent_service_pb2 as pb
from node.v1.precedent_service_pb2_grpc import PrecedentServiceServicer

DEFAULT_LIMIT, MOST = 10, 50
_PARTS = 10_000


class PrecedentServicer(PrecedentServiceServicer):
    """Advice."""

    def __init__(self, door: LocalDoor, precedents: Precedents) -> None:
        self.door = door
        self._precedents = precedents

    @served()
    def FindPrecedents(
        self, request: pb.FindPrecedentsRequest, account: str
    ) -> pb.FindPrecedentsResponse:
        """Rank decided cases and candidate targets."""
        key = request.name.peer, unhex(request.name.exchange)
        limit = min(request.limit or DEFAULT_LIMIT, MOST)
        return pb.FindPrecedentsResponse(
            lots=[
                pb.LotAdvice(
                    lot=one.lot_id.hex(),
                    title=one.title,
                    similar=[_precedent(of) for of in one.similar],
                    candidates=[_candidate(of) for of in one.candidates],
                )
                for one in self._precedents.advise(key, limit=limit)
            ]
        )


def _precedent(one: SimilarCase) -> pb.Precedent:
    return pb.Precedent(
        case_id=one.case.case_id,
        title=one.case.outcomes[0].title,
        issuer=one.case.issuer,
        verdict=one.case.verdict.value,
        targets=one.case.targets,
        reasons=one.case.reasons,
        decided_on=one.case.decided_on,
        score=_parts(one.score),
        because=[_reason(of) for of in one.reasons],
    )


def _candidate(one: RankedTarget) -> pb.Candidate:
    return pb.Candidate(
        code=one.target.code,
        title=one.target.described.title,
        score=_parts(one.score),
        because=[_reason(of) for of in one.reasons],
        accepted=one.accepted,
        refused=one.refused,
    )


def _reason(one: RankReason) -> pb.RankReason:
    return pb.RankReason(aspect=one.aspect.value, speaks_for=one.speaks_for, zh=one.zh, en=one.en)


def _parts(score: float) -> int:
    return max(0, round(score * _PARTS))
