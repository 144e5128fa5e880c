"""After COMMIT: facts that a source states, what a destination lets follow, and who owes what."""

from __future__ import annotations

from typing import Any

import pytest

from federation.base.clock import MINUTE
from federation.base.errors import Breach, Refusal
from federation.protocol.lots import WantedLot
from federation.protocol.messages import Fact, LotNotice, MessageType, Mode, Notice
from node.domain.exchange import Role
from node.domain.notices import Statement
from node.usecases.accounts import CodeWanted
from node.usecases.applications import Application
from tests.node.books import booked, check_books, check_ledger
from tests.node.province import Crash, Fate, Province
from tests.node.published import publish_rule
from tests.node.rule_documents import DOCUMENT, ENTRY, spelled
from tests.node.two_provinces import Person, TwoProvinces


def state(one: Province, lot_id: bytes, fact: Fact, amount_hundredths: int = 0) -> None:
    one.lots.state(
        Statement(
            lot_id=lot_id, fact=fact, reason="UNDER_REVIEW", amount_hundredths=amount_hundredths
        )
    )


def credited(two: TwoProvinces, *amounts: int) -> tuple[Person, list[bytes], bytes]:
    """Transfer lots and return the learner, the lots at the source and the exchange."""
    person = two.person()
    lots = [two.lot(person, amount) for amount in amounts or (300,)]
    exchange_id = two.apply(person, *lots)
    two.run()
    assert two.states(exchange_id) == ("CLOSED", "CREDITED")
    return person, [lot.lot_id for lot in lots], exchange_id


def archive(one: Province, person: Person) -> tuple[int, list[tuple[int, str, str]]]:
    found = one.accounts.archive(person.accounts[one.name])
    lots = [(lot.amount_hundredths, lot.state.value, lot.hold.value) for lot in found.lots]
    return found.balance_hundredths, lots


def disposition(two: TwoProvinces, exchange_id: bytes) -> list[tuple[str, int, int]]:
    """Return what the source has of the last answer."""
    said = two.message(two.source, exchange_id, MessageType.DISPOSITION)
    return [
        (one.outcome.name, one.remaining_hundredths, one.shortfall_hundredths) for one in said.lots
    ]


def check_corrected(two: TwoProvinces) -> None:
    """Check books in which lots may have been taken back after they were spent."""
    for one in two.both:
        check_ledger(one)
    for source, destination in (two.both, two.both[::-1]):
        ours = booked(source, "OUTBOUND", destination.name)
        assert ours == booked(destination, "INBOUND", source.name)
    assert all(one.agrees for side in two.both for one in side.reconciliation.reconcile())


def spend_onward(two: TwoProvinces, person: Person) -> bytes:
    """Let the learner take the credited lot back to the first province, which judges it anew."""
    here, there = two.destination, two.source
    document = DOCUMENT | {
        "rule": f"{there.name}/general",
        "version": 2,
        "equivalences": [ENTRY | {"code": "GD-*"}],
    }
    publish_rule(there.office, spelled(document))
    account = person.accounts[here.name]
    lot = here.accounts.archive(account).lots[-1]
    wanted = CodeWanted(account=person.accounts[there.name], peer=here.name, reference="onward")
    code = there.accounts.issue_codes([wanted])[0].code
    (opened,) = here.applications.open(
        [
            Application(
                reference="onward",
                account=account,
                peer=there.name,
                role=Role.SOURCE,
                lots=(WantedLot(lot_id=lot.lot_id, amount_hundredths=lot.amount_hundredths),),
                code=code,
                mode=Mode.TRANSFER,
                has_consent=True,
                agrees_to_whole_grant=True,
            )
        ]
    )
    assert not opened.reason, opened.reason
    return opened.exchange_id


def test_a_frozen_lot_is_frozen_where_it_went_and_free_again_when_told(two: TwoProvinces) -> None:
    person, (lot_id,), exchange_id = credited(two)
    state(two.source, lot_id, Fact.FROZEN)
    two.run()
    assert disposition(two, exchange_id) == [("FROZEN", 240, 0)]
    assert archive(two.destination, person) == (240, [(240, "AVAILABLE", "FROZEN")])
    with pytest.raises(AssertionError, match="LOT_FROZEN"):
        spend_onward(two, person)
    state(two.source, lot_id, Fact.UNFROZEN)
    two.run()
    assert disposition(two, exchange_id) == [("KEPT", 240, 0)]
    assert archive(two.destination, person) == (240, [(240, "AVAILABLE", "")])
    assert two.states(exchange_id) == ("CLOSED", "CREDITED")
    assert [one.waiting() for one in two.both] == [0, 0]
    check_books(two)


def test_a_revoked_lot_is_taken_back_once(two: TwoProvinces) -> None:
    person, lots, exchange_id = credited(two, 300, 200)
    state(two.source, lots[0], Fact.REVOKED)
    two.run()
    assert disposition(two, exchange_id) == [("REVERSED", 0, 0)]
    expected = (160, [(240, "AVAILABLE", "REVOKED"), (160, "AVAILABLE", "")])
    assert archive(two.destination, person) == expected
    with pytest.raises(Refusal, match="LOT_REVOKED"):
        state(two.source, lots[0], Fact.REVOKED)
    check_books(two)
    for at in range(len(two.wire.past)):
        two.wire.repeat(at)
    assert archive(two.destination, person) == expected
    check_corrected(two)


def test_a_correction_issues_the_lower_amount_anew_and_a_higher_one_changes_nothing(
    two: TwoProvinces,
) -> None:
    person, lots, exchange_id = credited(two, 300, 200)
    state(two.source, lots[0], Fact.CORRECTED, 250)
    two.run()
    assert disposition(two, exchange_id) == [("REVERSED", 200, 0)]
    state(two.source, lots[0], Fact.CORRECTED, 400)
    two.run()
    assert disposition(two, exchange_id) == [("KEPT", 200, 0)]
    state(two.source, lots[0], Fact.CORRECTED, 101)
    two.run()
    assert disposition(two, exchange_id) == [("REVERSED", 80, 0)]
    balance, held = archive(two.destination, person)
    assert balance == 240
    assert sorted(amount for amount, _, hold in held if not hold) == [80, 160]
    state(two.source, lots[0], Fact.REVOKED)
    two.run()
    assert archive(two.destination, person)[0] == 160
    check_books(two)


def test_what_was_spent_onward_is_owed_and_the_notice_follows_it(two: TwoProvinces) -> None:
    person, (lot_id,), exchange_id = credited(two)
    onward = spend_onward(two, person)
    two.run()
    assert archive(two.destination, person)[0] == 0
    assert archive(two.source, person)[0] == 192
    state(two.source, lot_id, Fact.CORRECTED, 150)
    two.run()
    assert disposition(two, exchange_id) == [("REVERSED", 120, 120)]
    assert archive(two.source, person)[0] == 96
    state(two.source, lot_id, Fact.REVOKED)
    two.run()
    assert disposition(two, exchange_id) == [("REVERSED", 0, 120)]
    assert archive(two.source, person)[0] == 0
    account = f"owed:{person.accounts[two.destination.name]}"
    owed = two.destination.rows("select hundredths from posting where debit = ?", account)
    assert [amount for (amount,) in owed] == [120, 120]
    cases = two.destination.rows("select kind, hundredths, exchange_id from open_case")
    assert cases == [("SHORTFALL", 120, exchange_id)] * 2
    notices = two.destination.exchange(onward).steps_of(MessageType.NOTICE)
    assert notices == 2
    assert [one.waiting() for one in two.both] == [0, 0]
    check_corrected(two)


def test_a_lot_locked_for_onward_transfer_is_taken_back_and_the_transfer_aborted(
    two: TwoProvinces,
) -> None:
    person, (lot_id,), _ = credited(two)
    two.wire.fate = lambda src, dst: Fate.LOSE
    onward = spend_onward(two, person)
    two.wire.fate = lambda src, dst: Fate.CARRY
    state(two.source, lot_id, Fact.REVOKED)
    two.source.delivery.deliver(two.destination.name)
    assert archive(two.destination, person) == (0, [(240, "LOCKED", "REVOKED")])
    two.run()
    ended = two.destination.exchange(onward)
    assert (ended.state.name, ended.reasons) == ("CLOSED", ("LOT_REVOKED",))
    assert archive(two.destination, person) == (0, [(240, "AVAILABLE", "REVOKED")])
    check_corrected(two)


@pytest.mark.parametrize("fact", [Fact.FROZEN, Fact.REVOKED])
def test_a_lot_held_back_before_its_commit_ends_the_exchange(two: TwoProvinces, fact: Fact) -> None:
    person = two.person()
    lot = two.lot(person)
    exchange_id = two.apply(person, lot, whole=False)
    two.run(2)
    state(two.source, lot.lot_id, fact)
    reason = "LOT_FROZEN" if fact is Fact.FROZEN else "LOT_REVOKED"
    assert two.answer(exchange_id, accepts=True) == reason
    two.run()
    assert two.states(exchange_id) == ("CLOSED", "RELEASED")
    assert two.source.exchange(exchange_id).reasons == (reason,)
    balance = 300 if fact is Fact.FROZEN else 0
    assert archive(two.source, person) == (balance, [(300, "AVAILABLE", fact.name)])
    check_books(two)


def test_a_notice_and_its_commit_arrive_in_any_order(two: TwoProvinces) -> None:
    person = two.person()
    lot = two.lot(person)
    two.wire.fate = lambda src, dst: Fate.LOSE if two.source.waiting() > 1 else Fate.CARRY
    exchange_id = two.apply(person, lot, whole=False)
    two.run(2)
    two.wire.fate = lambda src, dst: Fate.LOSE
    assert two.answer(exchange_id, accepts=True) == ""
    state(two.source, lot.lot_id, Fact.FROZEN)
    state(two.source, lot.lot_id, Fact.UNFROZEN)
    state(two.source, lot.lot_id, Fact.REVOKED)
    assert two.source.waiting() == 4
    due = two.source.rows("select digest, due_us from outbox order by due_us")
    assert len(due) == 4
    two.wire.fate = lambda src, dst: Fate.CARRY
    commit = two.source.exchange(exchange_id).hashes[MessageType.COMMIT]
    two.source.store.transact(
        lambda tx: tx.reschedule(
            [commit], due_us=two.clock.us + 5 * MINUTE, failure="", now_us=two.clock.us
        )
    )
    two.source.delivery.deliver(two.destination.name)
    assert two.states(exchange_id) == ("COMMITTED", "ACCEPTED")
    two.run(30)
    assert two.states(exchange_id) == ("CLOSED", "CREDITED")
    assert archive(two.destination, person) == (0, [(240, "AVAILABLE", "REVOKED")])
    assert [one.waiting() for one in two.both] == [0, 0]
    check_books(two)


@pytest.mark.parametrize("is_before", [True, False])
@pytest.mark.parametrize("fate", [Fate.LOSE_ANSWER, Fate.TWICE])
def test_a_notice_survives_a_crash_and_a_poor_network(
    two: TwoProvinces, is_before: bool, fate: Fate
) -> None:
    person, (lot_id,), exchange_id = credited(two)
    two.destination.store.cut = (0, is_before)
    state(two.source, lot_id, Fact.REVOKED)
    with pytest.raises(Crash):
        two.source.delivery.deliver(two.destination.name)
    two.destination.crash()
    two.clock.advance(MINUTE)
    two.wire.fate = lambda src, dst: fate
    two.run(3)
    two.wire.fate = lambda src, dst: Fate.CARRY
    two.run()
    assert disposition(two, exchange_id) == [("REVERSED", 0, 0)]
    assert archive(two.destination, person)[0] == 0
    assert [one.waiting() for one in two.both] == [0, 0]
    check_books(two)


def notice(two: TwoProvinces, exchange_id: bytes, lot_id: bytes, step: int, cause: bytes) -> Notice:
    moment = two.source.office.moment()
    return Notice(
        header=moment.header(two.source.exchange(exchange_id), cause, step=step),
        lots=(
            LotNotice(lot_id=lot_id, fact=Fact.FROZEN, amount_hundredths=0, reason="MISCONDUCT"),
        ),
    )


def test_a_notice_out_of_step_or_of_another_lot_is_refused(two: TwoProvinces) -> None:
    _, (lot_id,), exchange_id = credited(two)
    _, (other,), _ = credited(two)
    commit = two.source.exchange(exchange_id).hashes[MessageType.COMMIT]
    before = two.destination.dump()
    bent: list[tuple[Any, str]] = [
        (notice(two, exchange_id, lot_id, 2, commit), "NO_SUCH_STEP"),
        (notice(two, exchange_id, lot_id, 1, b"x" * 32), "CHAIN_BROKEN"),
        (notice(two, exchange_id, lot_id, 1, b""), "CHAIN_BROKEN"),
        (notice(two, exchange_id, other, 1, commit), "LOTS_DIFFER"),
    ]
    for message, reason in bent:
        with pytest.raises(Breach, match=reason):
            two.forge(two.source, message)
        assert two.destination.dump() == before


def test_only_the_source_states_facts(two: TwoProvinces) -> None:
    _, (lot_id,), exchange_id = credited(two)
    commit = two.source.exchange(exchange_id).hashes[MessageType.COMMIT]
    stated = notice(two, exchange_id, lot_id, 1, commit)
    header = two.destination.office.moment().header(two.destination.exchange(exchange_id), commit)
    with pytest.raises(Breach, match="NO_SUCH_STEP"):
        two.forge(two.destination, Notice(header=header, lots=stated.lots))


def test_two_notices_under_one_step_are_kept_as_proof(two: TwoProvinces) -> None:
    _, (lot_id,), exchange_id = credited(two)
    commit = two.source.exchange(exchange_id).hashes[MessageType.COMMIT]
    two.forge(two.source, notice(two, exchange_id, lot_id, 1, commit))
    two.clock.advance(MINUTE)
    with pytest.raises(Breach, match="EQUIVOCATION"):
        two.forge(two.source, notice(two, exchange_id, lot_id, 1, commit))
    assert len(two.destination.rows("select * from contradiction")) == 1
