"""The learner takes the consent back: nothing more is committed, and what was shown is erased."""

from __future__ import annotations

import pytest

from federation.base.clock import MINUTE
from federation.base.errors import Breach, Refusal
from federation.protocol.messages import ConsentWithdrawn, MessageType, Mode, State
from node.domain.exchange import Role
from tests.node.books import check_books
from tests.node.province import Crash, Fate, Province
from tests.node.two_provinces import TwoProvinces


def shown_at(one: Province, exchange_id: bytes) -> list[int]:
    """Return the sizes of what the other party's messages show."""
    rows = one.rows(
        "select openings from message where is_sent = 0 and exchange_id = ?", exchange_id
    )
    return [len(openings) for (openings,) in rows]


def withdraw(two: TwoProvinces, one: Province, exchange_id: bytes) -> State:
    other = two.destination if one is two.source else two.source
    return one.consents.withdraw((other.name, exchange_id))


@pytest.mark.parametrize("role", list(Role))
def test_before_commit_the_source_releases_its_lots_and_the_destination_forgets(
    two: TwoProvinces, role: Role
) -> None:
    person = two.person()
    lot = two.lot(person)
    exchange_id = two.apply(person, lot, whole=False)
    two.run(2)
    assert any(shown_at(two.destination, exchange_id))
    one = two.source if role is Role.SOURCE else two.destination
    after = withdraw(two, one, exchange_id)
    assert after is (State.ABORTED if role is Role.SOURCE else State.ACCEPTED)
    two.run()
    assert two.states(exchange_id) == ("CLOSED", "RELEASED")
    assert two.source.exchange(exchange_id).reasons == ("CONSENT_WITHDRAWN",)
    assert not any(shown_at(two.destination, exchange_id))
    assert two.source.rows("select state from lot") == [("AVAILABLE",)]
    assert [one.waiting() for one in two.both] == [0, 0]
    assert two.answer(exchange_id, accepts=True) == "NO_SUCH_STEP"
    with pytest.raises(Refusal, match="CONSENT_WITHDRAWN"):
        withdraw(two, one, exchange_id)
    check_books(two)


@pytest.mark.parametrize("role", list(Role))
def test_after_commit_the_credits_stay_the_learners_own(two: TwoProvinces, role: Role) -> None:
    person = two.person()
    exchange_id = two.apply(person, two.lot(person), role=role)
    two.run()
    withdraw(two, two.source if role is Role.SOURCE else two.destination, exchange_id)
    two.run()
    asked = two.destination if role is Role.SOURCE else two.source
    ack = two.message(asked, exchange_id, MessageType.CONSENT_ACK)
    assert (ack.is_erased, ack.keeps_record) == (True, True)
    assert not any(shown_at(two.destination, exchange_id))
    archive = two.destination.accounts.archive(person.accounts[two.destination.name])
    assert [lot.facts() is None for lot in archive.lots] == [False]
    assert archive.balance_hundredths == 240
    assert [one.waiting() for one in two.both] == [0, 0]
    check_books(two)


def test_a_commit_that_crosses_the_withdrawal_is_still_credited(two: TwoProvinces) -> None:
    person = two.person()
    exchange_id = two.apply(person, two.lot(person), whole=False)
    two.run(2)
    two.wire.fate = lambda src, dst: Fate.LOSE
    assert two.answer(exchange_id, accepts=True) == ""
    withdraw(two, two.destination, exchange_id)
    assert any(shown_at(two.destination, exchange_id))
    two.wire.fate = lambda src, dst: Fate.CARRY
    two.clock.advance(MINUTE)
    two.run()
    assert two.states(exchange_id) == ("CLOSED", "CREDITED")
    assert not any(shown_at(two.destination, exchange_id))
    check_books(two)


def test_both_may_withdraw_at_once(two: TwoProvinces) -> None:
    person = two.person()
    exchange_id = two.apply(person, two.lot(person), whole=False)
    two.run(2)
    two.wire.fate = lambda src, dst: Fate.LOSE
    for one in two.both:
        withdraw(two, one, exchange_id)
    two.step()
    two.wire.fate = lambda src, dst: Fate.TWICE
    two.clock.advance(MINUTE)
    two.run()
    assert two.states(exchange_id) == ("CLOSED", "RELEASED")
    assert [one.waiting() for one in two.both] == [0, 0]
    for one in two.both:
        assert one.exchange(exchange_id).steps_of(MessageType.CONSENT_ACK) == 2
    check_books(two)


def test_a_withdrawal_overtaken_by_its_abort_is_heard(two: TwoProvinces) -> None:
    person = two.person()
    two.wire.fate = lambda src, dst: Fate.HOLD
    exchange_id = two.apply(person, two.lot(person), whole=False)
    two.step()
    withdraw(two, two.source, exchange_id)
    two.wire.fate = lambda src, dst: Fate.CARRY
    two.clock.advance(MINUTE)
    two.run()
    two.wire.let_go()
    assert two.states(exchange_id) == ("CLOSED", "RELEASED")
    assert [one.waiting() for one in two.both] == [0, 0]
    assert not any(shown_at(two.destination, exchange_id))


@pytest.mark.parametrize("is_before", [True, False])
def test_a_withdrawal_survives_a_crash(two: TwoProvinces, is_before: bool) -> None:
    person = two.person()
    exchange_id = two.apply(person, two.lot(person), whole=False)
    two.run(2)
    two.source.store.cut = (0, is_before)
    with pytest.raises(Crash):
        withdraw(two, two.source, exchange_id)
    two.source.crash()
    if is_before:
        withdraw(two, two.source, exchange_id)
    two.run()
    assert two.states(exchange_id) == ("CLOSED", "RELEASED")
    check_books(two)


def test_a_party_withdraws_in_its_own_step_only(two: TwoProvinces) -> None:
    person = two.person()
    exchange_id = two.apply(person, two.lot(person), whole=False)
    two.run(2)
    prepare = two.source.exchange(exchange_id).hashes[MessageType.PREPARE]
    moment = two.source.office.moment()
    for step, cause, reason in ((2, prepare, "NO_SUCH_STEP"), (1, b"x" * 32, "CHAIN_BROKEN")):
        header = moment.header(two.source.exchange(exchange_id), cause, step=step)
        with pytest.raises(Breach, match=reason):
            two.forge(two.source, ConsentWithdrawn(header=header))
    assert two.destination.exchange(exchange_id).consent_withdrawn_us == 0


def test_a_recognition_stays_as_it_is(two: TwoProvinces) -> None:
    person = two.person()
    exchange_id = two.apply(person, two.lot(person), mode=Mode.RECOGNISE)
    two.run(4)
    withdraw(two, two.source, exchange_id)
    two.run()
    assert two.states(exchange_id) == ("RECOGNISED", "RECOGNISED")
    assert not any(shown_at(two.destination, exchange_id))


def test_there_is_nothing_to_withdraw_before_an_offer(two: TwoProvinces) -> None:
    person = two.person()
    two.wire.fate = lambda src, dst: Fate.LOSE
    exchange_id = two.apply(person, two.lot(person), role=Role.DESTINATION)
    with pytest.raises(Refusal, match="NO_SUCH_STEP"):
        withdraw(two, two.destination, exchange_id)
    with pytest.raises(Refusal, match="EXCHANGE"):
        withdraw(two, two.destination, b"n" * 16)
