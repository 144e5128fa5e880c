"""A side that hears nothing asks; what was lost is made good, and what never came is let go."""

from __future__ import annotations

from federation.base.clock import DAY, HOUR, MINUTE
from federation.protocol.messages import State
from node.domain.exchange import Role
from tests.node.books import check_books, check_same_story
from tests.node.province import Fate
from tests.node.two_provinces import TwoProvinces


def test_a_request_that_grew_old_on_its_way_is_let_go_once_the_source_says_unknown(
    two: TwoProvinces,
) -> None:
    person = two.person()
    two.wire.fate = lambda src, dst: Fate.LOSE
    exchange_id = two.apply(person, two.lot(person), role=Role.DESTINATION)
    two.run(1)
    two.clock.advance(6 * MINUTE)
    two.wire.fate = lambda src, dst: Fate.CARRY
    two.run()
    assert two.destination.exchange(exchange_id).state is State.REQUESTED
    two.clock.advance(HOUR)
    assert two.destination.asking.ask_silent() == 1
    assert two.destination.exchange(exchange_id).state is State.RELEASED
    assert two.destination.exchange(exchange_id).reasons == ("STALE",)
    assert two.source.rows("select * from exchange") == []
    assert two.destination.waiting() == 0


def test_a_request_that_was_taken_is_answered_however_late_it_comes_again(
    two: TwoProvinces,
) -> None:
    person = two.person()
    two.wire.fate = lambda src, dst: Fate.LOSE_ANSWER
    exchange_id = two.apply(person, two.lot(person), role=Role.DESTINATION)
    two.destination.delivery.deliver(two.source.name)
    assert two.states(exchange_id) == ("LOCKED", "REQUESTED")
    two.clock.advance(HOUR)
    two.wire.fate = lambda src, dst: Fate.CARRY
    two.destination.delivery.deliver(two.source.name)
    assert two.states(exchange_id)[1] in ("RECEIVED", "ACCEPTED")
    two.run()
    assert two.states(exchange_id) == ("CLOSED", "CREDITED")
    check_books(two)
    check_same_story(two)


def test_asking_brings_a_commit_whose_way_was_lost(two: TwoProvinces) -> None:
    person = two.person()
    exchange_id = two.apply(person, two.lot(person), whole=False)
    two.run()
    two.wire.fate = lambda src, dst: Fate.LOSE
    assert two.answer(exchange_id, accepts=True) == ""
    two.run(1)
    assert two.states(exchange_id) == ("COMMITTED", "ACCEPTED")
    two.clock.advance(40 * DAY)
    two.wire.fate = lambda src, dst: Fate.CARRY
    assert two.destination.asking.ask_silent() == 1
    assert two.states(exchange_id)[1] == "CREDITED"
    two.run()
    assert two.states(exchange_id) == ("CLOSED", "CREDITED")
    check_books(two)
