"""What peers may and may not bring about: each test lets one side lie in one fact."""

from __future__ import annotations

from dataclasses import replace

import pytest
from sqlalchemy import text

from federation.base.errors import Breach
from federation.protocol.messages import MessageType, State
from node.domain.exchange import Role
from tests.node.books import check_books
from tests.node.province import Fate, Province
from tests.node.two_provinces import TwoProvinces


def committed(two: TwoProvinces, count: int = 1) -> list[bytes]:
    """Bring exchanges to where the source committed and the destination does not know it."""
    person = two.person()
    begun = [two.apply(person, two.lot(person)) for _ in range(count)]
    two.source.delivery.deliver(two.destination.name)
    assert {two.states(one) for one in begun} == {("COMMITTED", "ACCEPTED")}
    return begun


def test_a_commit_of_other_amounts_than_granted_credits_nothing(two: TwoProvinces) -> None:
    (exchange_id,) = committed(two)
    commit = two.message(two.source, exchange_id, MessageType.COMMIT)
    more = replace(commit.lots[0], granted_hundredths=241)
    with pytest.raises(Breach, match="COMMIT_MISMATCH"):
        two.forge(two.source, replace(commit, lots=(more,)))
    assert two.destination.rows("select * from entry") == []


def test_a_commit_with_another_nullifier_credits_nothing(two: TwoProvinces) -> None:
    (exchange_id,) = committed(two)
    commit = two.message(two.source, exchange_id, MessageType.COMMIT)
    bent = replace(commit.lots[0], nullifier=b"n" * 32)
    with pytest.raises(Breach, match="COMMIT_MISMATCH"):
        two.forge(two.source, replace(commit, lots=(bent,)))
    assert two.destination.exchange(exchange_id).state is State.ACCEPTED


def run_sql(one: Province, *statements: str) -> None:
    """Make a province's file say what its rules would never write."""
    for statement in statements:
        one.store.transact(lambda tx, statement=statement: tx._connection.execute(text(statement)))


FORGET_LOCK = "update lot set state = 'AVAILABLE', peer = '', exchange_id = origin"
LOCK_AGAIN = "update lot set state = 'LOCKED', peer = 'CN-33', exchange_id = lot_id"
FORGET_COMMIT = "update exchange_lot set is_committed = 0, nullifier = null"
FORGET_DEBIT = "update balance set hundredths = 300"
FORGET_PROMISES = "delete from cap_use"


@pytest.mark.parametrize("together", [False, True], ids=["one by one", "in one batch"])
def test_a_lot_is_credited_once_even_if_its_source_grants_it_twice(
    two: TwoProvinces, together: bool
) -> None:
    person = two.person()
    lot = two.lot(person)
    first = two.apply(person, lot, whole=False)
    two.source.delivery.deliver(two.destination.name)
    run_sql(two.source, FORGET_LOCK)
    run_sql(two.destination, FORGET_PROMISES)
    second = two.apply(person, lot, whole=False)
    two.source.delivery.deliver(two.destination.name)
    sent = []
    for exchange_id in (first, second):
        run_sql(two.source, LOCK_AGAIN, FORGET_COMMIT, FORGET_DEBIT)
        assert two.answer(exchange_id, accepts=True) == ""
        sent.append(two.source.exchange(exchange_id).hashes[MessageType.COMMIT])
    reasons = []
    for digests in [sent] if together else [[one] for one in sent]:
        batch = two.source.sealing.seal(two.destination.name, digests)
        try:
            outcome = two.source.peers.deliver(batch, two.view.members[two.destination.name])
            reasons += [item.reason for item in outcome.items]
        except Breach as refused:
            reasons.append(refused.reason)
    assert reasons == ["", "DOUBLE_GRANT"]
    assert [two.states(one)[1] for one in (first, second)] == ["CREDITED", "ACCEPTED"]
    assert two.destination.rows("select count(*) from lot") == [(1,)]


def test_a_lot_offered_twice_is_promised_once(two: TwoProvinces) -> None:
    person = two.person()
    lot = two.lot(person)
    first = two.apply(person, lot, whole=False)
    two.source.delivery.deliver(two.destination.name)
    run_sql(two.source, FORGET_LOCK)
    second = two.apply(person, lot, whole=False)
    two.source.delivery.deliver(two.destination.name)
    assert [two.states(one)[1] for one in (first, second)] == ["ACCEPTED", "REJECTED"]
    (said,) = two.message(two.destination, second, MessageType.VOTE).lots
    assert said.reasons == ("LOT_USED_BEFORE",)


def test_a_receipt_of_other_sums_closes_nothing_and_is_not_asked_for_in_a_rush(
    two: TwoProvinces,
) -> None:
    (exchange_id,) = committed(two)
    two.wire.fate = lambda src, dst: Fate.LOSE_ANSWER
    two.source.delivery.deliver(two.destination.name)
    receipt = two.message(two.destination, exchange_id, MessageType.RECEIPT)
    two.wire.fate = lambda src, dst: Fate.CARRY
    with pytest.raises(Breach, match="RECEIPT_MISMATCH"):
        two.forge(two.destination, replace(receipt, granted_hundredths=1))
    assert two.source.exchange(exchange_id).state is State.COMMITTED
    assert two.source.waiting() == 1


def test_a_second_step_of_a_message_is_refused(two: TwoProvinces) -> None:
    (exchange_id,) = committed(two)
    commit = two.message(two.source, exchange_id, MessageType.COMMIT)
    with pytest.raises(Breach, match="STEP"):
        two.forge(two.source, replace(commit, header=replace(commit.header, step=2)))


@pytest.mark.parametrize(
    ("kind", "reason"),
    [
        (MessageType.VOTE, "NO_SUCH_STEP"),
        (MessageType.RECEIPT, "NOT_PARTY"),
        (MessageType.COMMIT, "NO_SUCH_STEP"),
    ],
    ids=["VOTE", "RECEIPT", "COMMIT"],
)
def test_an_exchange_nobody_knows_is_not_begun_in_its_middle(
    two: TwoProvinces, kind: MessageType, reason: str
) -> None:
    (exchange_id,) = committed(two)
    two.run()
    liar = two.source if kind is MessageType.COMMIT else two.destination
    other = two.destination if liar is two.source else two.source
    message = two.message(liar, exchange_id, kind)
    before = other.dump()
    with pytest.raises(Breach, match=reason):
        two.forge(liar, replace(message, header=replace(message.header, exchange_id=b"N" * 16)))
    assert other.dump() == before


def test_a_vote_on_other_lots_is_refused_whole(two: TwoProvinces) -> None:
    person = two.person()
    two.wire.fate = lambda src, dst: Fate.LOSE_ANSWER
    exchange_id = two.apply(person, two.lot(person))
    two.source.delivery.deliver(two.destination.name)
    two.wire.fate = lambda src, dst: Fate.CARRY
    vote = two.message(two.destination, exchange_id, MessageType.VOTE)
    other = replace(vote.lots[0], lot_id=b"Z" * 16)
    with pytest.raises(Breach, match="VOTE_MISMATCH"):
        two.forge(two.destination, replace(vote, lots=(other,)))
    assert two.source.exchange(exchange_id).state is State.LOCKED
    two.run()
    check_books(two)


def test_an_offer_of_other_lots_than_asked_for_is_refused_by_the_vote(two: TwoProvinces) -> None:
    person = two.person()
    asked, other = two.lot(person), two.lot(person)
    two.wire.fate = lambda src, dst: Fate.LOSE
    exchange_id = two.apply(person, asked, other, role=Role.DESTINATION)
    two.wire.fate = lambda src, dst: Fate.CARRY
    run_sql(two.destination, "delete from exchange_lot where position = 1")
    two.run()
    assert two.states(exchange_id) == ("CLOSED", "RELEASED")
    lots = two.destination.exchange(exchange_id).lots
    assert [lot.lot_id for lot in lots] == [asked.lot_id, other.lot_id]
    assert {lot.reasons for lot in lots} == {("NOT_AS_ASKED",)}
    check_books(two)
