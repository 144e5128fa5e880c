"""Asks several provinces at once what would count; none waits for another."""

from __future__ import annotations

import logging
import traceback
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import grpc

from federation.base.errors import Breach, CreditBankError
from federation.transport.what_if_client import DEADLINE_S, WhatIfClient
from federation.trust.members import Member, MemberStatus
from federation.v1 import what_if_service_pb2 as pb
from node.domain.what_if import Question
from node.edges.what_if_form import answer_of, request_of
from node.usecases.ports import Registry
from node.usecases.what_if import WhatIf

_LOG = logging.getLogger("creditbank.whatif")


@dataclass(frozen=True, slots=True, kw_only=True)
class ProvinceAnswer:
    """What one province answered, or the reason why it did not."""

    province: str
    answer: pb.WhatIfResponse | None = None
    reason: str = ""


class WhatIfGateway:
    """Reaches each province at the address that the registry has for it, and the own one at once.

    Args:
        province: the own one.
        channel: returns the kept channel to a member.
        own: answers for the own province.
        deadline_s: how long each province has.
    """

    def __init__(
        self,
        province: str,
        registry: Registry,
        channel: Callable[[Member], grpc.Channel],
        own: WhatIf,
        *,
        deadline_s: float = DEADLINE_S,
    ) -> None:
        self._province = province
        self._registry = registry
        self._channel = channel
        self._own = own
        self._deadline_s = deadline_s

    def ask(self, question: Question, provinces: Sequence[str]) -> list[ProvinceAnswer]:
        """Return an answer or a reason for each province, in their order."""
        request = request_of(question)

        def one(province: str) -> ProvinceAnswer:
            try:
                return ProvinceAnswer(
                    province=province, answer=self._answer(province, question, request)
                )
            except CreditBankError as error:
                return ProvinceAnswer(province=province, reason=error.reason)
            except Exception as failure:
                # The places alone; the text of an exception may hold a value of the question.
                places = "".join(traceback.format_tb(failure.__traceback__))
                _LOG.error("asking %s: %s\n%s", province, type(failure).__name__, places)
                return ProvinceAnswer(province=province, reason="INTERNAL")

        if not provinces:
            return []
        with ThreadPoolExecutor(max_workers=len(provinces)) as asking:
            return list(asking.map(one, provinces))

    def _answer(
        self, province: str, question: Question, request: pb.WhatIfRequest
    ) -> pb.WhatIfResponse:
        if province == self._province:
            return answer_of(self._own.answer(province, lambda: question))
        member = self._registry.view().members.get(province)
        if member is None or member.status is MemberStatus.RETIRED:
            raise Breach("NOT_MEMBER")
        if member.status is not MemberStatus.ACTIVE:
            raise Breach("SUSPENDED")
        return WhatIfClient(self._channel(member)).ask(request, deadline_s=self._deadline_s)
