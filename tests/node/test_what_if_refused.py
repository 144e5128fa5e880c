"""Questions out of form or too many, and answers that are none."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from federation.base.clock import SECOND
from federation.base.errors import Breach, CreditBankError, Unavailable
from federation.transport.what_if_client import read_answer
from federation.v1.what_if_service_pb2 import WhatIfRequest, WhatIfResponse
from node.domain.what_if import Question
from node.edges.what_if_form import request_of
from node.edges.what_if_peer_service import MEMBER
from tests.node.province import DESTINATION, SOURCE
from tests.node.two_provinces import TwoProvinces
from tests.node.what_if_desk import Desk


@pytest.fixture
def desk(two: TwoProvinces) -> Desk:
    return Desk(two)


def question_bytes(desk: Desk, **change: Any) -> WhatIfRequest:
    """A question in order, to bend."""
    person = desk.two.person()
    desk.two.lot(person, 300)
    outcomes = desk.enquiries.outcomes_of(person.accounts[SOURCE], (), with_days=True)
    return request_of(Question(outcomes=outcomes))


def test_a_question_out_of_form_is_refused_by_its_reason(desk: Desk) -> None:
    right = question_bytes(desk)
    encoded = right.SerializeToString(deterministic=True)
    many = WhatIfRequest(outcomes=[right.outcomes[0]] * 101)
    for request, reason in (
        (b"", "EMPTY"),
        (b"\xff\xff", "MALFORMED"),
        (encoded[:-1], "MALFORMED"),
        (encoded + b"\x78\x01", "UNKNOWN_FIELD"),
        (b"\x12\x01T" + encoded, "NON_CANONICAL"),
        (many.SerializeToString(deterministic=True), "TOO_MANY_ITEMS"),
        (b"\x12\x00" * 3000, "TOO_MANY_ITEMS"),
        (b"\x12\x7fx" * 100_000, "TOO_LARGE"),
    ):
        with pytest.raises(CreditBankError) as caught:
            desk.line.service.answer(SOURCE, request)
        assert caught.value.reason == reason
        desk.two.clock.advance(SECOND)


def test_a_field_that_names_a_learner_does_not_exist(desk: Desk) -> None:
    """Whatever another node adds to an outcome, a name for instance, the question is refused."""
    encoded = question_bytes(desk).SerializeToString(deterministic=True)
    inner = encoded[2:] if encoded[1] < 0x80 else encoded[3:]
    name = inner + b"\x8a\x01\x09" + "欧阳询".encode()
    size = len(name)
    bent = b"\x0a" + bytes([size & 0x7F | 0x80, size >> 7]) + name
    with pytest.raises(Breach) as caught:
        desk.line.service.answer(SOURCE, bent)
    assert caught.value.reason == "UNKNOWN_FIELD"


def test_a_member_asks_so_often_and_no_oftener(desk: Desk) -> None:
    encoded = question_bytes(desk).SerializeToString(deterministic=True)
    service = desk.line.service
    for _ in range(MEMBER.messages * 10):
        service.answer(SOURCE, encoded)
    with pytest.raises(Unavailable) as caught:
        service.answer(SOURCE, encoded)
    assert caught.value.reason == "RATE_LIMIT"
    # Another member is not held up by it.
    assert service.answer(DESTINATION, encoded)
    desk.two.clock.advance(caught.value.retry_after_ms * 1000)
    assert service.answer(SOURCE, encoded)


LIES: list[tuple[Callable[[WhatIfResponse], Any], str]] = [
    (lambda told: setattr(told, "standing", "PROMISE"), "MALFORMED"),
    (lambda told: told.outcomes.add(verdict="ACCEPT"), "MALFORMED"),
    (lambda told: told.groups[0].outcomes.append(7), "MALFORMED"),
    (lambda told: setattr(told.outcomes[0], "verdict", "MAYBE"), "MALFORMED"),
    (lambda told: told.outcomes[0].reasons.append("not a reason"), "MALFORMED"),
    (lambda told: setattr(told.groups[0].grants[0].target, "title", "\x1b[2J"), "BAD_TEXT"),
    (lambda told: setattr(told.rule, "name", "a\u202eb"), "BAD_TEXT"),
    (lambda told: setattr(told, "agreement", "x" * 2**21), "TOO_LARGE"),
]


@pytest.mark.parametrize(("bend", "reason"), LIES)
def test_an_answer_that_is_none_is_not_shown(
    desk: Desk, bend: Callable[[WhatIfResponse], Any], reason: str
) -> None:
    person = desk.two.person()
    desk.two.lot(person, 300)
    answer = desk.ask(person)
    assert read_answer(answer.SerializeToString(deterministic=True), outcomes=1) == answer
    bend(answer)
    with pytest.raises(Breach) as caught:
        read_answer(answer.SerializeToString(deterministic=True), outcomes=1)
    assert caught.value.reason == reason
