"""Learners' programmes and standing: translation, nothing more."""

from __future__ import annotations

from federation.base.errors import Breach
from node.domain.cap_standing import CapStanding, FloorStanding
from node.domain.study_programme import Enrolment
from node.edges.local_door import LocalDoor, served
from node.usecases.enrolments import Enrolments
from node.v1 import programme_service_pb2 as pb
from node.v1.programme_service_pb2_grpc import ProgrammeServiceServicer

_LONGEST = 200


class ProgrammeServicer(ProgrammeServiceServicer):
    """Enrolments and standing."""

    def __init__(self, door: LocalDoor, enrolments: Enrolments) -> None:
        self.door = door
        self._enrolments = enrolments

    @served()
    def Enrol(self, request: pb.EnrolRequest, account: str) -> pb.EnrolResponse:
        """Enrol a learner."""
        _check(request.account, request.programme, request.version)
        made = self._enrolments.enrol(
            request.account, request.programme, request.version, by=account
        )
        return pb.EnrolResponse(enrolment=_enrolment(made))

    @served()
    def Leave(self, request: pb.LeaveRequest, account: str) -> pb.LeaveResponse:
        """End an enrolment."""
        _check(request.account, request.programme)
        ended = self._enrolments.leave(request.account, request.programme)
        return pb.LeaveResponse(enrolment=_enrolment(ended))

    @served()
    def ListEnrolments(
        self, request: pb.ListEnrolmentsRequest, account: str
    ) -> pb.ListEnrolmentsResponse:
        """List enrolments."""
        _check(request.account)
        found = self._enrolments.list(request.account)
        return pb.ListEnrolmentsResponse(enrolments=[_enrolment(one) for one in found])

    @served()
    def GetStanding(self, request: pb.GetStandingRequest, account: str) -> pb.GetStandingResponse:
        """Tell where a learner stands."""
        _check(request.account, request.programme)
        found = self._enrolments.standing(request.account, request.programme)
        programme = found.programme
        return pb.GetStandingResponse(
            account=found.account,
            programme=programme.name if programme else "",
            version=programme.version if programme else "",
            code=programme.code if programme else "",
            rule=found.rule,
            rule_version=found.rule_version,
            caps=[_cap(one) for one in found.caps],
            floors=[_floor(one) for one in found.floors],
        )


def _check(*names: str) -> None:
    """Refuse names that none of ours can be, before the database is asked for them."""
    if any("\0" in name or len(name) > _LONGEST for name in names):
        raise Breach("BAD_TEXT")


def _enrolment(one: Enrolment) -> pb.Enrolment:
    return pb.Enrolment(
        account=one.account,
        programme=one.programme,
        version=one.version,
        digest=one.digest,
        enrolled_by=one.enrolled_by,
        enrolled_us=one.enrolled_us,
        left_us=one.left_us,
    )


def _cap(one: CapStanding) -> pb.CapLine:
    scope = [f"{name}={value}" for name, value in one.scope]
    return pb.CapLine(
        cap=one.cap,
        title_zh=one.title_zh,
        title_en=one.title_en,
        within=one.within,
        scope=", ".join([*scope, *([one.window] if one.window else [])]),
        measure=one.measure,
        has_limit=one.limit is not None,
        limit=one.limit or 0,
        used=one.used,
        reserved=one.reserved,
        left=one.left or 0,
    )


def _floor(one: FloorStanding) -> pb.FloorLine:
    return pb.FloorLine(
        cap=one.cap,
        title_zh=one.title_zh,
        title_en=one.title_en,
        measure=one.measure,
        has_limit=one.required is not None,
        required=one.required or 0,
        have=one.have,
        missing=one.missing or 0,
    )
