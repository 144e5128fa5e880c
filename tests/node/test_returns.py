"""A return: what an exchange brought goes back whole, once, and is there what it was."""

from __future__ import annotations

from dataclasses import replace

import pytest

from federation.base.clock import MINUTE
from federation.protocol.lots import WantedLot
from federation.protocol.messages import Fact, MessageType, Mode
from node.domain import returns
from node.domain.exchange import Role
from node.domain.notices import Statement
from node.usecases.accounts import CodeWanted
from node.usecases.applications import Application
from tests.node.books import check_books, check_ledger
from tests.node.province import Crash
from tests.node.two_provinces import Person, TwoProvinces


def transferred(two: TwoProvinces, *amounts: int) -> tuple[Person, bytes]:
    person = two.person()
    exchange_id = two.apply(person, *(two.lot(person, amount) for amount in amounts))
    two.run()
    assert two.states(exchange_id) == ("CLOSED", "CREDITED")
    return person, exchange_id


def application(
    two: TwoProvinces, person: Person, exchange_id: bytes, *at: int, reference: str = "back"
) -> Application:
    """Return the application to give back the lots at these places of the archive."""
    here, there = two.destination, two.source
    account = person.accounts[here.name]
    lots = here.accounts.archive(account).lots
    wanted = CodeWanted(account=person.accounts[there.name], peer=here.name, reference=reference)
    return Application(
        reference=reference,
        account=account,
        peer=there.name,
        role=Role.SOURCE,
        lots=tuple(
            WantedLot(lot_id=lots[one].lot_id, amount_hundredths=lots[one].amount_hundredths)
            for one in at
        ),
        code=there.accounts.issue_codes([wanted])[0].code,
        mode=Mode.TRANSFER,
        has_consent=True,
        agrees_to_whole_grant=True,
        returns=exchange_id,
    )


def give_back(two: TwoProvinces, person: Person, exchange_id: bytes, *at: int) -> tuple[str, bytes]:
    asked = application(two, person, exchange_id, *at, reference=f"back {at}")
    (opened,) = two.destination.applications.open([asked])
    two.run()
    return opened.reason, opened.exchange_id


def archive(two: TwoProvinces, person: Person) -> list[tuple[int, str, str]]:
    found = two.source.accounts.archive(person.accounts[two.source.name])
    return [
        (lot.amount_hundredths, lot.state.value, facts.title if (facts := lot.facts()) else "")
        for lot in found.lots
    ]


def test_what_comes_back_is_what_it_was(two: TwoProvinces) -> None:
    person, exchange_id = transferred(two, 301, 200)
    assert [amount for amount, _, _ in archive(two, person)] == [301, 200]
    reason, back = give_back(two, person, exchange_id, 0)
    assert reason == ""
    assert archive(two, person)[-1] == (301, "AVAILABLE", "数据库原理")
    lots = two.source.accounts.archive(person.accounts[two.source.name]).lots
    assert (lots[-1].facts(), lots[-1].amount_hundredths) == (lots[0].facts(), 301)
    stored = two.source.store.read(
        lambda reading: reading.exchanges([(two.destination.name, back)])
    )
    assert stored[two.destination.name, back].relates_to == exchange_id
    vote = two.message(two.source, back, MessageType.VOTE)
    assert (vote.record.rule, vote.record.rule_digest) == (returns.RETURN_RULE, returns.DIGEST)
    assert [one.waiting() for one in two.both] == [0, 0]
    check_books(two)
    assert all(one.agrees for side in two.both for one in side.reconciliation.reconcile())
    # The other lot can follow, in an exchange of its own.
    assert give_back(two, person, exchange_id, 1)[0] == ""
    assert archive(two, person)[-1] == (200, "AVAILABLE", "数据库原理")
    assert two.source.accounts.archive(person.accounts[two.source.name]).balance_hundredths == 501
    check_books(two)


def test_a_lot_of_another_exchange_is_not_given_back(two: TwoProvinces) -> None:
    person, first = transferred(two, 300)
    second = two.apply(person, two.lot(person, 200))
    two.run()
    assert give_back(two, person, first, 1)[0] == "RETURN_UNKNOWN"
    assert give_back(two, person, b"n" * 16, 0)[0] == "EXCHANGE"
    assert give_back(two, person, second, 1)[0] == ""


def test_a_return_is_a_transfer_of_credits_held_here(two: TwoProvinces) -> None:
    person, exchange_id = transferred(two, 300)
    asked = application(two, person, exchange_id, 0)
    (opened,) = two.destination.applications.open([replace(asked, mode=Mode.RECOGNISE)])
    assert opened.reason == "MODE"


def test_a_corrected_or_revoked_lot_does_not_come_back_as_it_was(two: TwoProvinces) -> None:
    person, exchange_id = transferred(two, 300, 200)
    committed = [lot.lot_id for lot in two.source.exchange(exchange_id).lots]
    for lot_id, fact, amount in (
        (committed[0], Fact.CORRECTED, 150),
        (committed[1], Fact.REVOKED, 0),
    ):
        two.source.lots.state(
            Statement(lot_id=lot_id, fact=fact, reason="RECORD_CORRECTED", amount_hundredths=amount)
        )
    two.run()
    assert give_back(two, person, exchange_id, 1)[0] == "LOT_REVOKED"
    reason, back = give_back(two, person, exchange_id, 2)
    assert reason == ""
    assert two.message(two.source, back, MessageType.VOTE).lots[0].reasons == ("RETURN_DIFFERS",)
    for one in two.both:
        check_ledger(one)


def test_a_lot_comes_back_once_whatever_its_holder_says(two: TwoProvinces) -> None:
    """A lying holder mints a second lot that claims to be the same one."""
    person, exchange_id = transferred(two, 300, 300)
    assert give_back(two, person, exchange_id, 0)[0] == ""
    named = [lot.lot_id for lot in two.source.exchange(exchange_id).lots]
    with pytest.MonkeyPatch.context() as bent:
        bent.setattr(
            "node.usecases.applications.returned_lots",
            lambda reading, workspace, key, wanted, *, mode: {
                one.lot_id: named[0] for one in wanted
            },
        )
        _, back = give_back(two, person, exchange_id, 1)
    refused = two.message(two.source, back, MessageType.VOTE).lots[0].reasons
    assert refused == ("RETURNED_ALREADY",)
    assert two.source.accounts.archive(person.accounts[two.source.name]).balance_hundredths == 300
    check_books(two)


@pytest.mark.parametrize("is_before", [True, False])
def test_a_return_survives_a_crash(two: TwoProvinces, is_before: bool) -> None:
    person, exchange_id = transferred(two, 300)
    asked = application(two, person, exchange_id, 0)
    (opened,) = two.destination.applications.open([asked])
    two.source.store.cut = (1, is_before)
    with pytest.raises(Crash):
        two.run()
    two.source.crash()
    two.clock.advance(MINUTE)
    two.run()
    assert two.destination.applications.open([asked])[0].exchange_id == opened.exchange_id
    assert archive(two, person)[-1][:2] == (300, "AVAILABLE")
    check_books(two)


def test_only_a_holder_gives_back(two: TwoProvinces) -> None:
    person, exchange_id = transferred(two, 300)
    asked = two.application(person, two.lot(person, 200))
    (opened,) = two.source.applications.open([replace(asked, returns=exchange_id)])
    assert opened.reason == "EXCHANGE"
