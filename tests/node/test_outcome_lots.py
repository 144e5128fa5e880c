"""An outcome and its lot: frozen, revoked and expired together, whichever was spoken of."""

from __future__ import annotations

from pathlib import Path

import pytest

from federation.base.clock import DAY
from federation.base.errors import Refusal
from federation.protocol.messages import Fact, MessageType, WantedLot
from node.domain.lot import Hold, Lot
from node.domain.notices import Statement
from node.domain.outcome_life import OutcomeRecord, OutcomeState, OutcomeStep
from node.usecases.validity import Validity
from tests.node.books import check_books
from tests.node.test_accreditation import SECOND, THIRD, Bank, publish_programme
from tests.node.two_provinces import TwoProvinces

T = OutcomeStep


@pytest.fixture
def bank(two: TwoProvinces, tmp_path: Path) -> Bank:
    return Bank(two, tmp_path)


def deposited(bank: Bank, name: str = "o1", **facts: str) -> Lot:
    bank.submit(name, facts=facts)
    bank.attach(name)
    bank.reviewed(name)
    bank.take(T.ACCREDIT, SECOND, name=name)
    return bank.lots()[-1]


def state(bank: Bank, lot: Lot, fact: Fact, reason: str) -> None:
    bank.node.lots.state(Statement(lot_id=lot.lot_id, fact=fact, reason=reason))


def record(bank: Bank, name: str = "o1") -> OutcomeRecord:
    return bank.desk.show(name).record


def hold(bank: Bank) -> Hold:
    return bank.lots()[-1].hold


def test_what_is_stated_of_a_lot_moves_its_outcome(bank: Bank) -> None:
    lot = deposited(bank)
    state(bank, lot, Fact.FROZEN, "UNDER_REVIEW")
    assert (record(bank).state, record(bank).reasons) == (OutcomeState.FROZEN, ("UNDER_REVIEW",))
    state(bank, lot, Fact.UNFROZEN, "REVIEW_ENDED")
    assert (record(bank).state, record(bank).reasons) == (OutcomeState.DEPOSITED, ())
    state(bank, lot, Fact.EXPIRED, "VALIDITY_ENDED")
    assert record(bank).state is OutcomeState.EXPIRED
    # What has expired would be good again once it were unfrozen.
    with pytest.raises(Refusal, match="CREDIT_EXPIRED"):
        state(bank, lot, Fact.FROZEN, "UNDER_REVIEW")
    state(bank, lot, Fact.REVOKED, "MISCONDUCT")
    assert (record(bank).state, record(bank).reasons) == (OutcomeState.REVOKED, ("MISCONDUCT",))
    check_books(bank.two)


def test_a_step_on_an_outcome_is_stated_of_its_lot(bank: Bank) -> None:
    deposited(bank)
    bank.take(T.FREEZE, THIRD, "NOT_GENUINE")
    assert hold(bank) is Hold.FROZEN
    bank.take(T.UNFREEZE, SECOND)
    assert (hold(bank), record(bank).state) == (Hold.NONE, OutcomeState.DEPOSITED)
    bank.take(T.REVOKE, THIRD, "BELOW_STANDARD")
    assert (hold(bank), record(bank).reasons) == (Hold.REVOKED, ("BELOW_STANDARD",))
    assert bank.node.accounts.archive(bank.account).balance_hundredths == 0
    check_books(bank.two)


@pytest.mark.parametrize("is_refused_by_lot", [True, False])
def test_neither_moves_where_the_other_cannot(bank: Bank, is_refused_by_lot: bool) -> None:
    lot = deposited(bank)
    if is_refused_by_lot:
        bank.node.store.transact(lambda tx: tx.hold_lots([lot.lot_id], Hold.DISPUTED))
        with pytest.raises(Refusal, match="LOT_DISPUTED"):
            bank.take(T.FREEZE, THIRD, "NOT_GENUINE")
        assert (hold(bank), record(bank).state) == (Hold.DISPUTED, OutcomeState.DEPOSITED)
    else:
        with pytest.raises(Refusal, match="OUTCOME_ROLE"):
            bank.take(T.FREEZE, "jwc-li", "NOT_GENUINE")
        assert (hold(bank), record(bank).state) == (Hold.NONE, OutcomeState.DEPOSITED)


def test_where_the_lot_went_is_told_of_a_step(bank: Bank) -> None:
    lot = deposited(bank)
    wanted = WantedLot(lot_id=lot.lot_id, amount_hundredths=300)
    exchange = bank.two.apply(bank.person, wanted)
    bank.two.run()
    bank.take(T.REVOKE, THIRD, "NOT_THE_LEARNERS")
    bank.two.run()
    notice = bank.two.message(bank.node, exchange, MessageType.NOTICE)
    assert [(one.fact, one.reason) for one in notice.lots] == [(Fact.REVOKED, "MISCONDUCT")]
    (there,) = bank.two.destination.accounts.archive(bank.person.accounts["CN-33"]).lots
    assert there.hold is Hold.REVOKED
    assert record(bank).state is OutcomeState.REVOKED
    check_books(bank.two)


def test_hours_are_taken_back_without_the_lot_that_they_filled(bank: Bank) -> None:
    publish_programme(bank)
    bank.hours("h1", 20)
    with pytest.raises(Refusal, match="NOT_HOURS"):
        bank.take(T.FREEZE, THIRD, "NOT_GENUINE", name="h1")
    bank.hours("h2", 12)
    bank.take(T.FREEZE, THIRD, "NOT_GENUINE", name="h2")
    assert hold(bank) is Hold.FROZEN
    bank.take(T.UNFREEZE, THIRD, name="h2")
    bank.take(T.REVOKE, THIRD, "NOT_GENUINE", name="h2")
    assert (hold(bank), record(bank, "h2").state) == (Hold.NONE, OutcomeState.REVOKED)


def test_the_day_after_the_last_both_expire_unless_an_exchange_holds_the_lot(bank: Bank) -> None:
    lots = [deposited(bank, name, expires="2026-04-01") for name in ("o1", "o2", "o3")]
    state(bank, lots[1], Fact.FROZEN, "UNDER_REVIEW")
    bank.two.apply(bank.person, WantedLot(lot_id=lots[2].lot_id, amount_hundredths=300))
    validity = Validity(bank.node.office)
    assert validity.expire_ended() == 0
    bank.two.clock.advance(31 * DAY)
    assert validity.expire_ended() == 2
    assert [record(bank, name).state.value for name in ("o1", "o2", "o3")] == [
        "EXPIRED",
        "EXPIRED",
        "DEPOSITED",
    ]
    assert [lot.hold for lot in bank.lots()] == [Hold.EXPIRED, Hold.EXPIRED, Hold.NONE]
    assert validity.expire_ended() == 0
    bank.two.clock.advance(61 * DAY)
    bank.node.applications.release_lapsed()
    assert validity.expire_ended() == 1
    assert hold(bank) is Hold.EXPIRED
