"""Cases and single lots, as a province's own systems handle them: translation, nothing more."""

from __future__ import annotations

from collections.abc import Iterable

from federation.base.errors import Breach
from federation.protocol.messages import Fact
from node.domain.exchange import ExchangeKey
from node.domain.notices import Statement
from node.edges.local_door import LocalDoor, served
from node.edges.local_services import unhex
from node.usecases.consents import Consents
from node.usecases.deciding import Deciding
from node.usecases.evidence import Evidence, Fetched
from node.usecases.lots import Lots
from node.v1 import case_service_pb2 as pb
from node.v1 import lot_service_pb2 as lots_pb
from node.v1.case_service_pb2_grpc import CaseServiceServicer
from node.v1.lot_service_pb2_grpc import LotServiceServicer


class CaseServicer(CaseServiceServicer):
    """One exchange in hand."""

    def __init__(
        self, door: LocalDoor, deciding: Deciding, consents: Consents, evidence: Evidence
    ) -> None:
        self.door = door
        self._deciding = deciding
        self._consents = consents
        self._evidence = evidence

    @served()
    def GetCase(self, request: pb.GetCaseRequest, account: str) -> pb.GetCaseResponse:
        """Return an exchange lot by lot."""
        key = _key(request.name)
        case = self._deciding.show(key)
        return pb.GetCaseResponse(
            state=case.exchange.state.name,
            lots=[
                pb.CaseLot(
                    lot=lot.lot_id.hex(),
                    amount_hundredths=lot.amount_hundredths,
                    granted_hundredths=lot.granted_hundredths,
                    reasons=lot.reasons,
                    facts=case.facts.get(lot.lot_id, {}),
                    questions=case.questions.get(lot.lot_id, ()),
                )
                for lot in case.exchange.lots
            ],
            files=[_file(one) for one in self._evidence.files(key)],
            consent_withdrawn_us=case.exchange.consent_withdrawn_us,
            questions_asked=case.asked,
            questions_answered=case.answered,
            appeal_until_us=case.appeal_until_us,
            decided_by=case.decided_by,
            relates_to=case.exchange.relates_to.hex(),
        )

    @served()
    def AskSupplement(
        self, request: pb.AskSupplementRequest, account: str
    ) -> pb.AskSupplementResponse:
        """Ask the source for more evidence."""
        questions = {unhex(one.lot, "LOT"): tuple(one.reasons) for one in request.questions}
        state = self._deciding.ask(_key(request.name), questions)
        return pb.AskSupplementResponse(state=state.name)

    @served()
    def Decide(self, request: pb.DecideRequest, account: str) -> pb.DecideResponse:
        """Judge an offer now."""
        return pb.DecideResponse(state=self._deciding.decide(_key(request.name)).name)

    @served()
    def SendSupplement(
        self, request: pb.SendSupplementRequest, account: str
    ) -> pb.SendSupplementResponse:
        """Answer a question with files."""
        files = [(unhex(one.lot, "LOT"), unhex(one.digest, "DIGEST")) for one in request.files]
        state = self._evidence.supplement(_key(request.name), files)
        return pb.SendSupplementResponse(state=state.name)

    @served()
    def FetchFiles(self, request: pb.FetchFilesRequest, account: str) -> pb.FetchFilesResponse:
        """Fetch files from their source."""
        found = self._evidence.fetch(_key(request.name), unhex(request.digest, "DIGEST"))
        return pb.FetchFilesResponse(files=[_file(one) for one in found])

    @served()
    def WithdrawConsent(
        self, request: pb.WithdrawConsentRequest, account: str
    ) -> pb.WithdrawConsentResponse:
        """Book that the learner took the consent back."""
        state = self._consents.withdraw(_key(request.name))
        return pb.WithdrawConsentResponse(state=state.name)


class LotServicer(LotServiceServicer):
    """Single lots."""

    def __init__(self, door: LocalDoor, lots: Lots, evidence: Evidence) -> None:
        self.door = door
        self._lots = lots
        self._evidence = evidence

    @served()
    def StateFact(
        self, request: lots_pb.StateFactRequest, account: str
    ) -> lots_pb.StateFactResponse:
        """State a fact of a lot."""
        if request.fact not in Fact.__members__:
            raise Breach("FACT")
        done = self._lots.state(
            Statement(
                lot_id=unhex(request.lot, "LOT"),
                fact=Fact[request.fact],
                reason=request.reason,
                amount_hundredths=request.amount_hundredths,
            )
        )
        return lots_pb.StateFactResponse(
            lot=done.lot.lot_id.hex(),
            state=done.lot.state.value,
            hold=done.lot.hold.value,
            told=done.lot.peer if done.is_noticed else "",
        )

    @served()
    def AttachFile(
        self, parts: Iterable[lots_pb.AttachFileRequest], account: str
    ) -> lots_pb.AttachFileResponse:
        """Attach a file to a lot."""
        lot, content = "", bytearray()
        for part in parts:
            lot = lot or part.lot
            content += part.chunk
            if len(content) > self._evidence.largest:
                raise Breach("EVIDENCE_SIZE")
        named = self._evidence.attach(unhex(lot, "LOT"), bytes(content))
        return lots_pb.AttachFileResponse(
            digest=named.digest.hex(), size_bytes=named.size_bytes, media_type=named.media_type
        )


def _key(name: pb.CaseName) -> ExchangeKey:
    return name.peer, unhex(name.exchange)


def _file(one: Fetched) -> pb.CaseFile:
    return pb.CaseFile(
        lot=one.file.lot_id.hex(),
        digest=one.file.digest.hex(),
        size_bytes=one.file.size_bytes,
        media_type=one.file.media_type,
        path=one.path,
    )
