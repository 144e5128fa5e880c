"""One province that asks another what would count: the real parts, without the socket."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from federation.transport.what_if_client import WHAT_IF
from federation.trust.members import Member
from federation.v1.what_if_service_pb2 import WhatIfResponse
from node.domain.rulebook_form import canonical_document
from node.domain.what_if import Question
from node.edges.what_if_gateway import WhatIfGateway
from node.edges.what_if_peer_service import WhatIfPeerService
from node.usecases.enquiries import Enquiries
from node.usecases.what_if import WhatIf
from tests.node.province import DESTINATION, SOURCE, Province
from tests.node.published import publish_rule
from tests.node.rulebook_documents import course, document, entry, grant, written
from tests.node.two_provinces import Person, TwoProvinces

HOME = {"key": "gd", "source": DESTINATION, "name": "本省", "version": "*"}
THEIRS = {"key": "zj", "source": SOURCE, "name": "外省", "version": "2025.1", "sha256": "1" * 64}
UNREACHABLE = "CN-50"


@dataclass
class Line:
    """The channel from the source: calls of the destination's service, and what they held."""

    service: WhatIfPeerService
    sent: list[bytes] = field(default_factory=list)

    def channel(self, member: Member) -> Any:
        assert member.province == DESTINATION
        return self

    def unary_unary(self, method: str, *_: object) -> Callable[..., bytes]:
        assert method == WHAT_IF
        return self.call

    def call(self, request: bytes, **_: object) -> bytes:
        self.sent.append(request)
        return self.service.answer(SOURCE, request)


class Desk:
    """The source asks the destination, and itself."""

    def __init__(self, two: TwoProvinces) -> None:
        self.two = two
        self.what_if = WhatIf(two.destination.office)
        self.line = Line(WhatIfPeerService(two.destination.gate, self.what_if, two.clock))
        self.enquiries = Enquiries(two.source.office)
        self.gateway = WhatIfGateway(
            SOURCE, two.source.registry, self.line.channel, WhatIf(two.source.office)
        )

    def ask(self, person: Person, *wanted: str, with_days: bool = True) -> WhatIfResponse:
        """Ask about all outcomes of a person."""
        outcomes = self.enquiries.outcomes_of(person.accounts[SOURCE], (), with_days=with_days)
        (one,) = self.gateway.ask(Question(outcomes=outcomes, wanted=wanted), [DESTINATION])
        assert one.answer is not None, one.reason
        return one.answer

    def reason(self, person: Person) -> str:
        """Return why there is no answer."""
        outcomes = self.enquiries.outcomes_of(person.accounts[SOURCE], (), with_days=True)
        (one,) = self.gateway.ask(Question(outcomes=outcomes), [DESTINATION])
        assert one.answer is None
        return one.reason


def publish(
    province: Province, *entries: dict[str, Any], home: dict[str, str] = HOME, **change: Any
) -> None:
    """Let a rule of form 2 be in force."""
    named = document(*entries, rule=f"{province.name}/two", catalogues=[home, THEIRS], **change)
    made = canonical_document(written(named))
    publish_rule(province.office, made)


FORM_2 = (
    entry({"all": [course("CS-1"), course("CS-2")]}, grant("T1", credits_hundredths=500)),
    entry(course("CS-3", minimum_grade={"percent": 90}), grant("T2", ratio="1/2")),
)
