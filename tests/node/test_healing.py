"""Reconciliation makes good by signed messages what it can, and leaves the rest to people."""

from __future__ import annotations

from sqlalchemy import text

from federation.base.clock import HOUR
from node.usecases.reconciliation import PairResult
from tests.node.books import check_books, check_same_story
from tests.node.province import Fate, Province
from tests.node.two_provinces import TwoProvinces


def forget_outboxes(two: TwoProvinces) -> None:
    """Lose whatever waits to be sent, as no rule of ours would."""
    for one in two.both:
        one.store.transact(lambda tx: tx._connection.execute(text("delete from outbox")))


def reconcile(one: Province) -> PairResult:
    (result,) = one.reconciliation.reconcile()
    return result


def test_a_receipt_that_nobody_sends_again_is_asked_for(two: TwoProvinces) -> None:
    person = two.person()
    exchange_id = two.apply(person, two.lot(person), whole=False)
    two.run(2)
    two.answer(exchange_id, accepts=True)
    two.wire.fate = lambda src, dst: Fate.LOSE_ANSWER
    two.source.delivery.deliver("CN-33")
    two.wire.fate = lambda src, dst: Fate.CARRY
    forget_outboxes(two)
    assert two.states(exchange_id) == ("COMMITTED", "CREDITED")
    two.clock.advance(HOUR)
    result = reconcile(two.source)
    assert (result.agrees, result.in_flight_hundredths, result.healed) == (True, 0, 1)
    assert two.states(exchange_id) == ("CLOSED", "CREDITED")
    assert reconcile(two.source).healed == 0
    check_books(two)
    check_same_story(two)


def test_an_abort_and_a_commit_that_nobody_sends_again_are_said_again(two: TwoProvinces) -> None:
    person = two.person()
    names = [two.apply(person, two.lot(person), whole=False) for _ in range(2)]
    two.run(2)
    two.wire.fate = lambda src, dst: Fate.LOSE
    two.answer(names[0], accepts=True)
    two.answer(names[1], accepts=False)
    two.run(1)
    two.wire.fate = lambda src, dst: Fate.CARRY
    forget_outboxes(two)
    two.clock.advance(HOUR)
    result = reconcile(two.source)
    assert (result.agrees, result.in_flight_hundredths, result.healed) == (True, 0, 2)
    assert [two.states(one) for one in names] == [("CLOSED", "CREDITED"), ("CLOSED", "RELEASED")]
    check_books(two)


def test_either_side_heals_both_directions(two: TwoProvinces) -> None:
    person = two.person()
    exchange_id = two.apply(person, two.lot(person), whole=False)
    two.wire.fate = lambda src, dst: Fate.LOSE
    two.run(1)
    two.wire.fate = lambda src, dst: Fate.CARRY
    forget_outboxes(two)
    two.clock.advance(HOUR)
    # The destination knows nothing of it and asks by its bare name.
    assert reconcile(two.destination).healed == 0
    assert two.states(exchange_id)[1] == "ACCEPTED"
    two.clock.advance(HOUR)
    assert reconcile(two.source).healed == 1
    assert two.states(exchange_id) == ("PREPARED", "ACCEPTED")


def test_what_contradicts_is_a_case_for_people_once(two: TwoProvinces) -> None:
    person = two.person()
    exchange_id = two.apply(person, two.lot(person))
    two.run()
    bend = "update posting set hundredths = 299 where debit like 'inbound:%'"
    two.destination.store.transact(lambda tx: tx._connection.execute(text(bend)))
    for _ in range(2):
        assert reconcile(two.source).reason == "AMOUNTS_DIFFER"
    (case,) = two.source.store.read(lambda reading: reading.cases())
    assert (case.kind, case.peer, case.exchange_id) == ("AMOUNTS_DIFFER", "CN-33", exchange_id)
    assert case.hundredths == 299
