"""What learners of the own province ask of several others: translation, nothing more."""

from __future__ import annotations

from federation.base.errors import Breach
from node.domain.what_if import MOST_OUTCOMES, Question
from node.edges.local_door import LocalDoor, served
from node.edges.local_services import unhex
from node.edges.what_if_form import outcome_of, outcome_to_buffer
from node.edges.what_if_gateway import WhatIfGateway
from node.usecases.enquiries import Enquiries
from node.usecases.what_if import WhatIf
from node.v1 import what_if_service_pb2 as pb
from node.v1.what_if_service_pb2_grpc import WhatIfServiceServicer


class WhatIfServicer(WhatIfServiceServicer):
    """Questions to other provinces.

    Args:
        province: the own one, which holds what is asked about where nothing else is said.
    """

    def __init__(
        self,
        door: LocalDoor,
        province: str,
        enquiries: Enquiries,
        gateway: WhatIfGateway,
        own: WhatIf,
    ) -> None:
        self.door = door
        self._province = province
        self._enquiries = enquiries
        self._gateway = gateway
        self._own = own

    @served()
    def AskProvinces(
        self, request: pb.AskProvincesRequest, account: str
    ) -> pb.AskProvincesResponse:
        """Ask provinces at once."""
        provinces = self._enquiries.provinces(request.provinces)
        question = self._question(request)
        return pb.AskProvincesResponse(
            outcomes=[outcome_to_buffer(one) for one in question.outcomes],
            answers=[
                pb.ProvinceAnswer(province=one.province, answer=one.answer, reason=one.reason)
                for one in self._gateway.ask(question, provinces)
            ],
        )

    @served()
    def CountQuestions(
        self, request: pb.CountQuestionsRequest, account: str
    ) -> pb.CountQuestionsResponse:
        """Tell how many questions came."""
        return pb.CountQuestionsResponse(answered=self._own.answered, refused=self._own.refused)

    def _question(self, request: pb.AskProvincesRequest) -> Question:
        if request.lots and not request.account:
            raise Breach("FIELDS", detail="lots of no account")
        named = []
        for one in request.outcomes[: MOST_OUTCOMES + 1]:
            one.source = one.source or self._province
            named.append(outcome_of(one))
        if request.account:
            lots = [unhex(lot, "LOT") for lot in request.lots]
            named += self._enquiries.outcomes_of(request.account, lots, with_days=request.with_days)
        return Question(outcomes=tuple(named), wanted=tuple(request.wanted_targets))
