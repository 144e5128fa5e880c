"""Delivery: every message waits until it is answered, ever less often, and nothing is given up."""

from __future__ import annotations

from federation.base.clock import HOUR, SECOND
from node.domain.exchange import Role
from node.usecases.delivery import FIRST_RETRY_US, HELD_RETRY_US, LAST_RETRY_US
from node.usecases.ports import PeerLag
from tests.node.province import Fate
from tests.node.two_provinces import TwoProvinces


def lag(two: TwoProvinces) -> PeerLag:
    (one,) = two.source.store.read(lambda reading: reading.lags())
    return one


def test_back_off_doubles_with_jitter_up_to_a_minute(two: TwoProvinces) -> None:
    person = two.person()
    two.apply(person, two.lot(person))
    two.wire.fate = lambda src, dst: Fate.LOSE
    for attempt in range(10):
        assert two.source.delivery.deliver("CN-33") == 0
        pause = lag(two).next_attempt_us - two.clock.us
        longest = min(FIRST_RETRY_US << attempt, LAST_RETRY_US)
        # UNREACHABLE asks for a second at least.
        assert max(longest // 2, SECOND) <= pause <= max(longest, SECOND)
        two.clock.advance(pause)


def test_nothing_is_sent_before_it_is_due(two: TwoProvinces) -> None:
    person = two.person()
    two.apply(person, two.lot(person))
    two.wire.fate = lambda src, dst: Fate.LOSE
    for _ in range(5):
        two.source.delivery.deliver("CN-33")
    assert len(two.wire.past) == 1


def test_a_failure_is_told_with_its_beginning_and_forgotten_when_it_ends(
    two: TwoProvinces,
) -> None:
    person = two.person()
    exchange_id = two.apply(person, two.lot(person), whole=False)
    two.wire.fate = lambda src, dst: Fate.LOSE
    began = two.clock.us
    for _ in range(3):
        two.source.delivery.deliver("CN-33")
        two.clock.advance(10 * SECOND)
    assert (lag(two).failure, lag(two).first_failure_us) == ("UNREACHABLE", began)
    assert two.source.operations.status().cause == "UNREACHABLE"
    two.wire.fate = lambda src, dst: Fate.CARRY
    two.source.delivery.deliver("CN-33")
    assert two.source.store.read(lambda reading: reading.lags()) == []
    assert two.states(exchange_id) == ("PREPARED", "ACCEPTED")


def test_what_a_peer_holds_for_a_person_is_asked_about_hourly(two: TwoProvinces) -> None:
    person = two.person()
    two.apply(person, two.lot(person), whole=False)
    two.source.delivery.deliver("CN-33")
    two.clock.advance(6 * SECOND)
    two.destination.delivery.deliver("CN-31")
    (waiting,) = two.destination.store.read(lambda reading: reading.lags())
    assert waiting.next_attempt_us == two.clock.us + HELD_RETRY_US == two.clock.us + HOUR
    assert (waiting.failure, waiting.first_failure_us) == ("", 0)


def test_an_answer_that_cannot_be_applied_leaves_its_cause_waiting_without_a_rush(
    two: TwoProvinces,
) -> None:
    person = two.person()
    two.destination.store.transact(
        lambda tx: tx._connection.exec_driver_sql("delete from publication where kind = 'RULE'")
    )
    two.apply(person, two.lot(person), role=Role.DESTINATION)
    assert two.destination.delivery.deliver("CN-31") == 1
    assert two.destination.waiting() == 1
    assert two.destination.delivery.deliver("CN-31") == 0
    assert len(two.wire.past) == 1


def test_a_message_keeps_its_bytes_however_often_it_is_sent(two: TwoProvinces) -> None:
    person = two.person()
    two.apply(person, two.lot(person))
    two.wire.fate = lambda src, dst: Fate.LOSE
    for _ in range(3):
        two.source.delivery.deliver("CN-33")
        two.source.crash()
        two.clock.advance(60 * SECOND)
    opened = [
        two.destination.gate.open_request(request, two.view.members[src])[0]
        for src, _, request in two.wire.past
    ]
    assert len(opened) == 3
    assert len({one.digest for one in opened}) == 1  # type: ignore[union-attr]


def test_retry_makes_all_that_waits_due_at_once(two: TwoProvinces) -> None:
    person = two.person()
    two.apply(person, two.lot(person))
    two.wire.fate = lambda src, dst: Fate.LOSE
    two.source.delivery.deliver("CN-33")
    assert two.source.operations.retry("CN-33") == 1
    two.wire.fate = lambda src, dst: Fate.CARRY
    assert two.source.delivery.deliver("CN-33") == 1
