"""Accreditation as local accounts take part in it: translation, nothing more."""

from __future__ import annotations

from collections.abc import Iterable

from federation.base.errors import Breach, Refusal
from node.domain.archive import ArchivedOutcome, Staff, Submission
from node.domain.outcome_forms import missing_evidence
from node.domain.outcome_life import OutcomeRole, OutcomeStep
from node.edges.local_door import LocalDoor, served
from node.usecases.accreditation import PAGE, Accreditation
from node.v1 import accreditation_service_pb2 as pb
from node.v1.accreditation_service_pb2_grpc import AccreditationServiceServicer


class AccreditationServicer(AccreditationServiceServicer):
    """From submission to credit."""

    def __init__(self, door: LocalDoor, accreditation: Accreditation, *, largest: int) -> None:
        self.door = door
        self._accreditation = accreditation
        self._largest = largest

    @served(operators_only=True)
    def Appoint(self, request: pb.AppointRequest, account: str) -> pb.AppointResponse:
        """Let an account review."""
        wanted = request.staff
        if wanted.role not in OutcomeRole.__members__:
            raise Refusal("OUTCOME_ROLE")
        staff = Staff(
            account=wanted.account,
            role=OutcomeRole[wanted.role],
            institution=wanted.institution,
            person=wanted.person or wanted.account,
        )
        self._accreditation.appoint(staff, by=account)
        return pb.AppointResponse()

    @served()
    def ListStaff(self, request: pb.ListStaffRequest, account: str) -> pb.ListStaffResponse:
        """List who reviews."""
        return pb.ListStaffResponse(
            staff=[
                pb.StaffMember(
                    account=one.account,
                    role=one.role.value,
                    institution=one.institution,
                    person=one.person,
                )
                for one in self._accreditation.staff()
            ]
        )

    @served()
    def SubmitOutcome(
        self, request: pb.SubmitOutcomeRequest, account: str
    ) -> pb.SubmitOutcomeResponse:
        """Put an outcome into the archive."""
        wanted = Submission(
            outcome=request.outcome,
            form=request.form,
            account=request.learner,
            institution=request.institution,
            hundredths=request.hundredths,
            minutes=request.minutes,
            programme=request.programme,
            facts=dict(request.facts),
        )
        done = self._accreditation.submit(wanted, by=account)
        return pb.SubmitOutcomeResponse(outcome=_outcome(done))

    @served()
    def AttachEvidence(
        self, parts: Iterable[pb.AttachEvidenceRequest], account: str
    ) -> pb.AttachEvidenceResponse:
        """Attach evidence."""
        outcome, kind, content = "", "", bytearray()
        for part in parts:
            outcome, kind = outcome or part.outcome, kind or part.kind
            content += part.chunk
            if len(content) > self._largest:
                raise Breach("EVIDENCE_SIZE")
        file = self._accreditation.attach(outcome, kind, bytes(content), by=account)
        return pb.AttachEvidenceResponse(
            digest=file.digest.hex(), size_bytes=file.size_bytes, media_type=file.media_type
        )

    @served()
    def TakeOutcomeStep(
        self, request: pb.TakeOutcomeStepRequest, account: str
    ) -> pb.TakeOutcomeStepResponse:
        """Take a person's step."""
        if request.step not in OutcomeStep.__members__:
            raise Breach("FIELDS", detail="step")
        done = self._accreditation.take_step(
            request.outcome, OutcomeStep[request.step], by=account, reasons=request.reasons
        )
        return pb.TakeOutcomeStepResponse(outcome=_outcome(done))

    @served()
    def GetOutcome(self, request: pb.GetOutcomeRequest, account: str) -> pb.GetOutcomeResponse:
        """Return an outcome."""
        return pb.GetOutcomeResponse(outcome=_outcome(self._accreditation.show(request.outcome)))

    @served()
    def ListOutcomes(
        self, request: pb.ListOutcomesRequest, account: str
    ) -> pb.ListOutcomesResponse:
        """List outcomes."""
        found = self._accreditation.list(
            state=request.state, account=request.learner, after=request.after
        )
        is_full = len(found) == PAGE
        return pb.ListOutcomesResponse(
            outcomes=[_outcome(one) for one in found],
            next_after=found[-1].record.outcome if is_full else "",
        )


def _outcome(one: ArchivedOutcome) -> pb.ArchivedOutcome:
    record = one.record
    missing = missing_evidence(record.form, set(record.evidence.values()))
    return pb.ArchivedOutcome(
        outcome=record.outcome,
        form=record.form,
        learner=record.learner,
        institution=record.institution,
        state=record.state.value,
        hundredths=one.hundredths,
        minutes=one.minutes,
        programme=one.programme,
        facts=one.facts,
        evidence=record.evidence,
        missing=["|".join(place) for place in missing],
        submitted_by=record.submitted_by,
        reviewed_by=record.reviewed_by,
        rereviewed_by=record.rereviewed_by,
        reasons=record.reasons,
        answer_until=record.answer_until,
        lot=record.lot,
        changed_us=one.changed_us,
    )
