"""The book of caps follows every step of real exchanges, on either engine."""

from __future__ import annotations

from dataclasses import replace
from threading import Event, Thread
from typing import Any

import pytest

from federation.base.clock import DAY, MINUTE
from federation.base.errors import Unavailable
from federation.protocol.messages import Fact, MessageType, Mode
from node.domain.exchange import Role
from node.domain.notices import Statement
from tests.node.books import check_books
from tests.node.cap_documents import cap
from tests.node.capped import COURSES, Capped, target_of
from tests.node.province import DESTINATION, Fate, Province
from tests.node.two_provinces import Person, TwoProvinces

TEN = [cap("ten", {"at_most": 1000})]
FULL = ("CAP_CREDITS",)
WAITING_FOR_A_LOCK = (
    "select 1 from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'"
)


@pytest.fixture
def capped(two: TwoProvinces) -> Capped:
    made = Capped(two)
    made.put_in_force(TEN)
    return made


def states(capped: Capped, person: Person) -> list[tuple[int, str]]:
    return [(amount, state) for _, amount, state in capped.uses(person)]


def test_a_grant_is_reserved_consumed_by_its_commit_and_given_back_by_a_return(
    capped: Capped,
) -> None:
    two, person = capped.two, capped.two.person()
    exchange_id = two.apply(person, capped.lot(person, 1, 1000), whole=False)
    two.run(2)
    assert states(capped, person) == [(1000, "RESERVED")]
    other = capped.lot(person, 2, 1)
    assert capped.decided(person, other) == [FULL]
    assert two.answer(exchange_id, accepts=True) == ""
    two.run()
    assert states(capped, person) == [(1000, "CONSUMED")]
    assert capped.decided(person, other) == [FULL]
    capped.give_back(person, exchange_id)
    assert states(capped, person) == []
    capped.transferred(person, other)
    assert states(capped, person) == [(1, "CONSUMED")]
    check_books(two)


def test_a_declined_grant_a_lapsed_lock_and_a_partial_grant_give_their_room_back(
    capped: Capped,
) -> None:
    two, person = capped.two, capped.two.person()
    declined = two.apply(person, capped.lot(person, 1, 1000), whole=False)
    two.run(2)
    assert two.answer(declined, accepts=False) == ""
    two.run()
    assert states(capped, person) == []
    two.apply(person, capped.lot(person, 2, 1000), whole=False)
    two.run(2)
    two.clock.advance(61 * DAY)
    assert states(capped, person) == [(1000, "RESERVED")], "only the source ends it"
    assert two.source.applications.release_lapsed() == 1
    two.run()
    assert states(capped, person) == []
    capped.transferred(person, capped.lot(person, 3, 400))
    lots = capped.lot(person, 4, 600), capped.lot(person, 5, 100)
    partial = two.apply(person, *lots)
    two.run(3)
    assert capped.reasons(partial) == [(), FULL]
    assert two.answer(partial, accepts=True) == ""
    two.run()
    assert states(capped, person) == [(400, "CONSUMED"), (600, "CONSUMED")]


def test_a_recognition_keeps_its_room_until_its_end_and_not_longer(capped: Capped) -> None:
    two, person = capped.two, capped.two.person()
    promise = capped.recognised(person, capped.lot(person, 1, 1000))
    other = capped.lot(person, 2, 1000)
    assert capped.decided(person, other) == [FULL]
    until_us = capped.vote(promise).record.valid_until_us
    two.clock.us = until_us - MINUTE
    assert capped.decided(person, other) == [FULL]
    two.clock.us = until_us + 1
    capped.transferred(person, other)
    assert states(capped, person) == [(1000, "CONSUMED")]


def test_a_transfer_takes_up_what_was_promised_whatever_the_rule_has_become(
    capped: Capped,
) -> None:
    two, person = capped.two, capped.two.person()
    lot = capped.lot(person, 1, 900)
    promise = capped.recognised(person, lot)
    two.clock.advance(5 * DAY)
    capped.put_in_force([cap("ten", {"at_most": 100})], courses=COURSES[1:])
    opened = capped.citing(person, promise, lot)
    two.run()
    assert two.states(opened.exchange_id) == ("CLOSED", "CREDITED")
    assert [(use.claim, use.state.value) for use in capped.book(person).uses] == [
        (f"CN-31:{opened.exchange_id.hex()}", "CONSUMED")
    ]
    record, first = capped.record(opened.exchange_id), capped.record(promise)
    assert record.given.cites == promise.hex()
    assert (record.given.decided_on, record.given.authority) == (
        first.given.decided_on,
        first.given.authority,
    )
    assert capped.recomputed(opened.exchange_id).agrees
    prepare = two.message(two.destination, opened.exchange_id, MessageType.PREPARE)
    assert prepare.cites == two.source.exchange(promise).hashes[MessageType.VOTE]


def test_a_promise_taken_up_and_declined_may_be_taken_up_again(capped: Capped) -> None:
    two, person = capped.two, capped.two.person()
    lot = capped.lot(person, 1, 900)
    promise = capped.recognised(person, lot)
    declined = capped.citing(person, promise, lot, whole=False).exchange_id
    two.run(2)
    assert states(capped, person) == [(900, "RESERVED")]
    assert two.answer(declined, accepts=False) == ""
    two.run()
    capped.put_in_force(TEN, courses=COURSES[1:])
    again = capped.citing(person, promise, lot).exchange_id
    two.run()
    assert two.states(again) == ("CLOSED", "CREDITED")


def test_only_a_promise_of_these_lots_to_this_learner_is_taken_up(capped: Capped) -> None:
    two, person, other = capped.two, capped.two.person(), capped.two.person("钱二")
    lot, more, foreign = (
        capped.lot(person, 1, 100),
        capped.lot(person, 2, 100),
        capped.lot(other, 3, 100),
    )
    promise = capped.recognised(person, lot)
    theirs = capped.recognised(other, foreign)
    assert capped.citing(person, promise, lot, more).reason == "PROMISE_UNKNOWN"
    assert capped.citing(person, theirs, lot).reason == "PROMISE_UNKNOWN"
    assert capped.citing(person, bytes(16), lot).reason == "EXCHANGE"
    for cites in (promise, theirs):
        # What a source that checks nothing itself may cite.
        exchange_id = two.apply(person, more, whole=False)
        prepare = two.message(two.source, exchange_id, MessageType.PREPARE)
        vote = two.source.exchange(cites).hashes[MessageType.VOTE]
        shown = two.source.rows("select openings from message where type = ?", MessageType.PREPARE)
        answered = forged(capped, replace(prepare, cites=vote), shown[-1][0])
        assert [one.reasons for one in answered.lots] == [("PROMISE_UNKNOWN",)]
        assert two.answer(exchange_id, accepts=False) in ("", "NO_SUCH_STEP")
        two.run()
    two.clock.us = capped.vote(promise).record.valid_until_us + 1
    assert capped.citing(person, promise, lot).reason == "PROMISE_ENDED"


def forged(capped: Capped, prepare: Any, openings: bytes) -> Any:
    """Let the source say another PREPARE in the place of the one that waits."""
    from federation.wire import codec

    two = capped.two
    exchange_id = two.source.entropy.token(16)
    header = replace(prepare.header, exchange_id=exchange_id)
    two.forge(two.source, replace(prepare, header=header), codec.decode_openings(openings))
    return two.message(two.destination, exchange_id, MessageType.VOTE)


def test_a_transfer_that_cites_nothing_takes_the_place_of_a_promise_only_where_it_grants(
    capped: Capped,
) -> None:
    two, person = capped.two, capped.two.person()
    first, second = capped.lot(person, 1, 400), capped.lot(person, 2, 500)
    promise = capped.recognised(person, first, second)
    capped.put_in_force(TEN, courses=[*COURSES[:1], *COURSES[2:]])
    mixed = two.apply(person, first, second, whole=False)
    two.run(3)
    assert capped.reasons(mixed) == [(), ("NOT_EQUIVALENT",)]
    assert sorted((use.part.hundredths, use.until_us > 0) for use in capped.book(person).uses) == [
        (400, False),
        (500, True),
    ]
    assert two.answer(mixed, accepts=True) == ""
    two.run()
    # The promise for the other lot stands, and its room was never given away.
    assert capped.decided(person, capped.lot(person, 3, 101)) == [FULL]
    taken_up = capped.citing(person, promise, second).exchange_id
    two.run()
    assert two.states(taken_up) == ("CLOSED", "CREDITED")
    assert states(capped, person) == [(400, "CONSUMED"), (500, "CONSUMED")]


def test_a_withdrawn_consent_ends_a_promise(capped: Capped) -> None:
    two, person = capped.two, capped.two.person()
    for at, (one, other) in enumerate((two.both, two.both[::-1]), start=1):
        promise = capped.recognised(person, capped.lot(person, at, 1000))
        assert states(capped, person) == [(1000, "RESERVED")]
        one.consents.withdraw((other.name, promise))
        two.run()
        assert states(capped, person) == []


@pytest.mark.parametrize(
    ("fact", "amount", "left"),
    [
        (Fact.REVOKED, 0, []),
        (Fact.CORRECTED, 300, [(300, "CONSUMED")]),
        (Fact.FROZEN, 0, [(1000, "CONSUMED")]),
        (Fact.EXPIRED, 0, [(1000, "CONSUMED")]),
    ],
)
def test_what_the_source_takes_back_counts_no_longer(
    capped: Capped, fact: Fact, amount: int, left: list[tuple[int, str]]
) -> None:
    two, person = capped.two, capped.two.person()
    lot = capped.lot(person, 1, 1000)
    capped.transferred(person, lot)
    statement = Statement(
        lot_id=lot.lot_id, fact=fact, amount_hundredths=amount, reason="ISSUED_IN_ERROR"
    )
    two.source.lots.state(statement)
    two.run()
    assert states(capped, person) == left


def test_two_offers_of_one_learner_in_one_batch_share_the_room(capped: Capped) -> None:
    two, person = capped.two, capped.two.person()
    made = [two.apply(person, capped.lot(person, at, 600), whole=False) for at in (1, 2)]
    two.source.delivery.deliver(DESTINATION)
    assert len(two.wire.past) == 1, "one batch"
    assert sorted(capped.reasons(one)[0] for one in made) == [(), FULL]
    assert states(capped, person) == [(600, "RESERVED")]


def test_a_commit_and_an_offer_in_one_batch_see_each_other(capped: Capped) -> None:
    two, person = capped.two, capped.two.person()
    first = two.apply(person, capped.lot(person, 1, 1000), whole=False)
    two.run(2)
    assert two.answer(first, accepts=False) == ""
    second = two.apply(person, capped.lot(person, 2, 1000), whole=False)
    before = len(two.wire.past)
    two.source.delivery.deliver(DESTINATION)
    assert len(two.wire.past) == before + 1
    assert two.states(first)[1] == "RELEASED"
    assert capped.reasons(second) in ([()], [FULL]), "by which of the two came first"
    assert sum(amount for amount, _ in states(capped, person)) <= 1000


@pytest.mark.parametrize("two", ["postgresql"], indirect=True)
def test_two_processes_that_judge_one_learner_at_once_share_the_room(capped: Capped) -> None:
    two, person = capped.two, capped.two.person()
    made = [asked_for(capped, person, at) for at in (1, 2)]
    first, second = two.wire.held
    here = two.destination
    beside = Province(
        here.name,
        here.path.parent,
        keys=here.keys,
        view=two.view,
        clock=two.clock,
        wire=two.wire,
        seed=2,
        database=here.database,
    )
    two.wire.provinces[here.name] = here
    judged, go_on = Event(), Event()

    def slowly(work: Any) -> Any:
        def paused(tx: Any) -> Any:
            done = work(tx)
            judged.set()
            go_on.wait(60)
            return done

        return here.kept.transact(paused)

    here.store.transact = slowly  # type: ignore[method-assign]
    one = Thread(target=here.serve, args=(first[0], first[2]))
    other = Thread(target=beside.serve, args=(second[0], second[2]))
    one.start()
    judged.wait(60)
    other.start()
    # Until it is done, as without the learner's lock, or waits for whoever holds it.
    while other.is_alive() and not here.rows(WAITING_FOR_A_LOCK):
        other.join(0.05)
    go_on.set()
    for thread in (one, other):
        thread.join(60)
    del here.store.transact
    granted = [exchange.granted_hundredths for exchange in map(here.exchange, made)]
    beside.close()
    assert granted == [600, 0]
    assert capped.reasons(made[1]) == [FULL]
    assert states(capped, person) == [(600, "RESERVED")]


def asked_for(capped: Capped, person: Person, at: int) -> bytes:
    """Let the learner apply at the destination, and hold a batch with this one offer."""
    two = capped.two
    lot = capped.lot(person, at, 600)
    exchange_id = two.apply(person, lot, role=Role.DESTINATION, whole=False)
    two.wire.fate = lambda src, dst: Fate.LOSE_ANSWER if src == DESTINATION else Fate.HOLD
    two.destination.delivery.deliver(two.source.name)
    offer = two.source.exchange(exchange_id).hashes[MessageType.PREPARE]
    batch = two.source.sealing.seal(DESTINATION, [offer])
    with pytest.raises(Unavailable):
        two.source.peers.deliver(batch, two.view.members[DESTINATION])
    return exchange_id


def test_what_a_course_is_worth_goes_to_its_target(capped: Capped) -> None:
    person = capped.two.person()
    capped.transferred(person, capped.lot(person, 1, 250), mode=Mode.TRANSFER)
    assert capped.uses(person) == [(target_of("C-01"), 250, "CONSUMED")]
