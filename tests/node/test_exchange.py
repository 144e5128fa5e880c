"""One exchange between two provinces, told in every order that a network can tell it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from federation.base.clock import DAY, MINUTE, SECOND
from federation.base.errors import Breach
from federation.protocol.lifecycle import TRANSITIONS, Direction, event_of
from federation.protocol.messages import MessageType, Mode, State
from federation.v1.exchange_service_pb2 import DeliverResponse
from node.domain.exchange import Exchange, Role
from tests.federation.message_values import ABORT, COMMIT, PREPARE, RECEIPT, REQUEST, VOTE
from tests.node.books import check_books, check_same_story
from tests.node.province import Crash, Fate
from tests.node.two_provinces import TwoProvinces


def lot_states(two: TwoProvinces) -> list[str]:
    return [state for (state,) in two.source.rows("select state from lot order by place")]


def answers_in(response: bytes) -> list[bytes]:
    return [item.payload for item in DeliverResponse.FromString(response).answers.items]


def stored_answers(two: TwoProvinces, at: int) -> list[bytes]:
    """Return the payloads that the receiver of a past batch stored as answers to it."""
    src, dst, request = two.wire.past[at]
    receiver = two.wire.provinces[dst]
    opened = receiver.gate.open_request(request, two.view.members[src])
    found = []
    for arrival in opened:
        found += receiver.rows(
            "select m.payload from inbox i join message m on m.digest = i.answer"
            " where i.digest = ? and i.answer <> ''",
            arrival.digest,  # type: ignore[union-attr]
        )
    return [payload for (payload,) in found]


ILLEGAL = [
    pytest.param(message, direction, state, id=f"{state.name} {direction} {type(message).__name__}")
    for message in (REQUEST, PREPARE, VOTE, COMMIT, ABORT, RECEIPT)
    for direction in Direction
    for state in State
    if (state, direction, event_of(message, Mode.TRANSFER)) not in TRANSITIONS
]


@pytest.mark.parametrize(("message", "direction", "state"), ILLEGAL)
def test_an_illegal_step_leaves_an_exchange_as_it_was(
    message: Any, direction: Direction, state: State
) -> None:
    before = Exchange(
        peer="CN-33", exchange_id=b"X" * 16, role=Role.SOURCE, mode=Mode.TRANSFER, state=state
    )
    untouched = replace(before)
    with pytest.raises(Breach):
        before.with_message(message, b"d" * 32, direction, now_us=9)
    assert before == untouched


@pytest.mark.parametrize("role", list(Role))
@pytest.mark.parametrize("whole", [True, False], ids=["at once", "after an answer"])
def test_a_message_repeated_at_any_point_gets_its_stored_answer_and_changes_nothing(
    two: TwoProvinces, role: Role, whole: bool
) -> None:
    person = two.person()
    exchange_id = two.apply(person, two.lot(person), role=role, whole=whole)
    for turn in range(8):
        if turn == 4 and not whole:
            assert two.answer(exchange_id, accepts=True) == ""
        one, other = two.both if turn % 2 else two.both[::-1]
        one.delivery.deliver(other.name)
        check_books(two)
        known = [one.dump() for one in two.both]
        for at in range(len(two.wire.past)):
            assert answers_in(two.wire.repeat(at)) == stored_answers(two, at)
            # An answer that was never signed before is signed now; that is all.
            for side, before in zip(two.both, known, strict=True):
                changed = {name for name, rows in side.dump().items() if rows != before[name]}
                assert changed <= {"message", "seal"}
            known = [one.dump() for one in two.both]
            two.wire.repeat(at)
            assert [one.dump() for one in two.both] == known
        two.clock.advance(6 * SECOND)
    assert two.states(exchange_id) == ("CLOSED", "CREDITED")
    check_same_story(two)


def test_an_abort_that_arrives_first_leaves_a_tombstone(two: TwoProvinces) -> None:
    person = two.person()
    two.wire.fate = lambda src, dst: Fate.HOLD
    exchange_id = two.apply(person, two.lot(person))
    two.step()
    two.wire.fate = lambda src, dst: Fate.CARRY
    assert two.answer(exchange_id, accepts=False) == ""
    two.run()
    assert two.states(exchange_id) == ("CLOSED", "RELEASED")
    receipt = two.message(two.destination, exchange_id, MessageType.RECEIPT)
    (answer,) = answers_in(two.wire.let_go())
    assert two.states(exchange_id) == ("CLOSED", "RELEASED")
    assert two.message(two.destination, exchange_id, MessageType.RECEIPT) == receipt
    assert answer == stored_answers(two, 0)[0]
    assert lot_states(two) == ["AVAILABLE"]
    assert two.destination.rows(
        "select openings from message where is_sent = 0 and type like ?", "%prepare%"
    ) == [(b"",)]
    check_books(two)


def test_a_vote_that_crosses_an_abort_is_answered_by_it(two: TwoProvinces) -> None:
    person = two.person()
    two.wire.fate = lambda src, dst: Fate.LOSE_ANSWER
    exchange_id = two.apply(person, two.lot(person))
    two.source.delivery.deliver(two.destination.name)
    assert two.answer(exchange_id, accepts=False) == ""
    assert two.states(exchange_id) == ("ABORTED", "ACCEPTED")
    two.wire.fate = lambda src, dst: Fate.CARRY
    two.clock.advance(6 * SECOND)
    two.destination.delivery.deliver(two.source.name)
    assert two.states(exchange_id) == ("ABORTED", "RELEASED")
    two.run()
    assert two.states(exchange_id) == ("CLOSED", "RELEASED")
    check_same_story(two)


def test_a_vote_that_arrives_after_the_end_is_answered_by_the_abort(two: TwoProvinces) -> None:
    person = two.person()
    two.wire.fate = lambda src, dst: Fate.LOSE_ANSWER
    exchange_id = two.apply(person, two.lot(person))
    two.source.delivery.deliver(two.destination.name)
    two.wire.fate = lambda src, dst: Fate.HOLD
    two.clock.advance(6 * SECOND)
    two.destination.delivery.deliver(two.source.name)
    two.wire.fate = lambda src, dst: Fate.CARRY
    assert two.answer(exchange_id, accepts=False) == ""
    two.clock.advance(MINUTE)
    two.run()
    assert two.states(exchange_id) == ("CLOSED", "RELEASED")
    before = two.source.exchange(exchange_id)
    (answer,) = answers_in(two.wire.let_go())
    after = two.source.exchange(exchange_id)
    assert (after.state, after.lots) == (before.state, before.lots)
    abort = two.message(two.source, exchange_id, MessageType.ABORT)
    assert two.message(two.destination, exchange_id, MessageType.ABORT) == abort
    assert b"LEARNER_DECLINED" in answer
    check_same_story(two)


def test_a_commit_signed_in_time_counts_however_late_it_arrives(two: TwoProvinces) -> None:
    person = two.person()
    exchange_id = two.apply(person, two.lot(person), whole=False)
    two.run(2)
    assert two.answer(exchange_id, accepts=True) == ""
    two.wire.fate = lambda src, dst: Fate.LOSE
    two.clock.advance(400 * DAY)
    two.step()
    assert two.states(exchange_id) == ("COMMITTED", "ACCEPTED")
    check_books(two)
    two.wire.fate = lambda src, dst: Fate.CARRY
    two.clock.advance(MINUTE)
    two.run()
    assert two.states(exchange_id) == ("CLOSED", "CREDITED")


def test_a_commit_signed_too_late_credits_nothing(two: TwoProvinces) -> None:
    person = two.person()
    exchange_id = two.apply(person, two.lot(person))
    two.wire.fate = lambda src, dst: Fate.LOSE if two.source.waiting() > 1 else Fate.CARRY
    two.source.delivery.deliver(two.destination.name)
    commit = two.message(two.source, exchange_id, MessageType.COMMIT)
    vote = two.message(two.destination, exchange_id, MessageType.VOTE)
    late = replace(commit.header, signed_time_us=vote.accept_until_us + 1)
    with pytest.raises(Breach, match="COMMIT_TOO_LATE"):
        two.forge(two.source, replace(commit, header=late))
    assert two.destination.exchange(exchange_id).state is State.ACCEPTED
    assert two.destination.rows("select * from entry") == []
    last = replace(commit.header, signed_time_us=vote.accept_until_us)
    two.forge(two.source, replace(commit, header=last))
    assert two.destination.exchange(exchange_id).state is State.CREDITED


def test_the_lock_is_judged_at_the_source_inside_the_commit(two: TwoProvinces) -> None:
    person = two.person()
    exchange_id = two.apply(person, two.lot(person), whole=False)
    two.run(2)
    two.clock.advance(61 * DAY)
    assert lot_states(two) == ["LOCKED"]
    assert two.answer(exchange_id, accepts=True) == "LOCK_EXPIRED"
    assert (lot_states(two), two.source.rows("select * from entry where kind = 'OUTBOUND'")) == (
        ["LOCKED"],
        [],
    )
    assert two.source.applications.release_lapsed() == 1
    assert lot_states(two) == ["AVAILABLE"]
    two.run()
    assert two.states(exchange_id) == ("CLOSED", "RELEASED")


def test_a_destination_never_lets_an_acceptance_lapse_by_itself(two: TwoProvinces) -> None:
    person = two.person()
    exchange_id = two.apply(person, two.lot(person), whole=False)
    two.run(2)
    two.clock.advance(1000 * DAY)
    assert two.destination.applications.release_lapsed() == 0
    assert two.destination.exchange(exchange_id).state is State.ACCEPTED


@pytest.mark.parametrize("role", list(Role))
def test_a_recognition_ends_at_the_vote_with_nothing_locked(two: TwoProvinces, role: Role) -> None:
    person = two.person()
    lot = two.lot(person)
    exchange_id = two.apply(person, lot, role=role, mode=Mode.RECOGNISE)
    for _ in range(4):
        assert lot_states(two) == ["AVAILABLE"]
        two.step()
        two.clock.advance(MINUTE)
    assert two.states(exchange_id) == ("RECOGNISED", "RECOGNISED")
    assert [one.waiting() for one in two.both] == [0, 0]
    assert two.destination.exchange(exchange_id).granted_hundredths == 240
    assert two.destination.rows("select * from entry") == []
    check_books(two)


def test_a_recognition_cannot_be_declined_as_nothing_is_held(two: TwoProvinces) -> None:
    person = two.person()
    two.wire.fate = lambda src, dst: Fate.LOSE_ANSWER
    exchange_id = two.apply(person, two.lot(person), mode=Mode.RECOGNISE)
    two.step()
    assert two.answer(exchange_id, accepts=False) == "NO_SUCH_STEP"
    two.wire.fate = lambda src, dst: Fate.CARRY
    two.clock.advance(MINUTE)
    two.run()
    assert two.states(exchange_id) == ("RECOGNISED", "RECOGNISED")


@pytest.mark.parametrize("role", list(Role))
def test_a_partial_grant_debits_the_granted_lots_and_frees_the_others_at_once(
    two: TwoProvinces, role: Role
) -> None:
    person = two.person()
    lots = [two.lot(person, 300), two.lot(person, 200, code="XX-1"), two.lot(person, 100)]
    exchange_id = two.apply(person, *lots, role=role)
    two.run(3)
    assert two.states(exchange_id) == ("PREPARED", "ACCEPTED")
    assert lot_states(two) == ["LOCKED"] * 3
    check_books(two)
    two.source.store.cut = (0, True)
    with pytest.raises(Crash):
        two.answer(exchange_id, accepts=True)
    assert (two.source.exchange(exchange_id).state.name, lot_states(two)) == (
        "PREPARED",
        ["LOCKED"] * 3,
    )
    two.source.crash()
    assert two.answer(exchange_id, accepts=True) == ""
    assert lot_states(two) == ["SPENT", "AVAILABLE", "SPENT"]
    check_books(two)
    two.run()
    archive = two.destination.accounts.archive(person.accounts[two.destination.name])
    assert [lot.amount_hundredths for lot in archive.lots] == [240, 80]
    assert archive.balance_hundredths == 320


def test_an_offer_refused_whole_is_aborted_and_its_lots_are_free(two: TwoProvinces) -> None:
    person = two.person()
    exchange_id = two.apply(person, two.lot(person, code="XX-1"))
    two.run()
    assert two.states(exchange_id) == ("CLOSED", "RELEASED")
    assert two.source.exchange(exchange_id).reasons == ("ALL_REFUSED", "NOT_EQUIVALENT")
    assert lot_states(two) == ["AVAILABLE"]


def test_a_declined_grant_frees_its_lots(two: TwoProvinces) -> None:
    person = two.person()
    exchange_id = two.apply(person, two.lot(person), whole=False)
    two.run(2)
    assert two.answer(exchange_id, accepts=False) == ""
    assert lot_states(two) == ["AVAILABLE"]
    assert two.answer(exchange_id, accepts=True) == "NO_SUCH_STEP"
    two.run()
    assert two.states(exchange_id) == ("CLOSED", "RELEASED")
    check_books(two)


def test_two_messages_under_one_key_are_both_kept_and_nothing_else_changes(
    two: TwoProvinces,
) -> None:
    person = two.person()
    exchange_id = two.apply(person, two.lot(person), whole=False)
    two.run(2)
    vote = two.message(two.destination, exchange_id, MessageType.VOTE)
    before = two.source.dump()
    other = replace(vote, accept_until_us=vote.accept_until_us - 1)
    with pytest.raises(Breach, match="EQUIVOCATION"):
        two.forge(two.destination, other)
    with pytest.raises(Breach, match="EQUIVOCATION"):
        two.wire.repeat(-1)
    after = two.source.dump()
    assert {name for name in after if after[name] != before[name]} == {"contradiction", "seal"}
    (kept,) = two.source.rows("select applied, payload from contradiction")
    assert kept[0] == two.source.exchange(exchange_id).hashes[MessageType.VOTE]
    assert two.answer(exchange_id, accepts=True) == ""
