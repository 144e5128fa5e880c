"""Erasing a learner takes every value and salt out of the file and leaves every proof standing."""

from __future__ import annotations

from typing import Any

import pytest

from federation.base.errors import Refusal
from federation.evidence import transcript
from federation.evidence.verify import Verifier
from federation.protocol.lots import WantedLot
from federation.protocol.messages import State
from node.domain.exchange import Role
from node.domain.lot import Lot
from tests.node.books import check_books
from tests.node.province import Province
from tests.node.two_provinces import Person, TwoProvinces

NAME, TITLE, ISSUER = "欧阳无忌", "罕见学课程", "独一无二学院"


def secrets_of(one: Province, person: Person) -> list[bytes]:
    """Return what must be gone: names, values and every salt of the learner's lots."""
    lots = one.accounts.archive(person.accounts[one.name]).lots
    salts = [opening.salt for lot in lots for opening in lot.openings.openings]
    words = (NAME, TITLE, ISSUER, person.number)
    return [*(word.encode() for word in words), *salts]


@pytest.fixture(params=list(Role))
def transferred(two: TwoProvinces, request: Any) -> tuple[Person, bytes]:
    person = two.person(NAME)
    lots = [two.lot(person, title=TITLE, issuer=ISSUER) for _ in range(2)]
    exchange_id = two.apply(person, lots[0], role=request.param)
    two.run()
    assert two.states(exchange_id) == ("CLOSED", "CREDITED")
    return person, exchange_id


@pytest.mark.parametrize("at", [0, 1], ids=["source", "destination"])
def test_nothing_of_an_erased_learner_is_left_in_the_file(
    two: TwoProvinces, transferred: tuple[Person, bytes], at: int
) -> None:
    person, _ = transferred
    one = two.both[at]
    gone = secrets_of(one, person)
    before = Province.stored_bytes(one)
    # A document number lies there sealed and was never to be read.
    assert [value for value in gone if value not in before] == [person.number.encode()]
    assert one.accounts.erase(person.accounts[one.name]) > 12
    after = Province.stored_bytes(one)
    assert [value for value in gone if value in after] == []


def verified(one: Province, exchange_id: bytes) -> Any:
    peer = one.exchange(exchange_id).peer
    ((_, encoded),) = one.operations.transcripts([(peer, exchange_id)], with_registry=False)
    return Verifier(one.registry.view()).verify(transcript.decode(encoded))


@pytest.mark.parametrize("at", [0, 1], ids=["source", "destination"])
def test_the_transcript_of_an_erased_learner_still_verifies(
    two: TwoProvinces, transferred: tuple[Person, bytes], at: int
) -> None:
    person, exchange_id = transferred
    one = two.both[at]
    before = verified(one, exchange_id)
    one.accounts.erase(person.accounts[one.name])
    after = verified(one, exchange_id)
    assert [item.digest for item in after.messages] == [item.digest for item in before.messages]
    assert (after.source_state, after.destination_state) == (State.CLOSED, State.CREDITED)


def test_balance_and_lots_of_an_erased_learner_stay(
    two: TwoProvinces, transferred: tuple[Person, bytes]
) -> None:
    person, _ = transferred
    account = person.accounts[two.source.name]
    before = two.source.accounts.archive(account)
    two.source.accounts.erase(account)
    after = two.source.accounts.archive(account)
    assert after.balance_hundredths == before.balance_hundredths == 300
    assert [one.content for one in after.lots] == [one.content for one in before.lots]
    assert (after.learner.name, after.learner.is_erased) == ("", True)
    check_books(two)


def test_erasing_again_erases_nothing_more(
    two: TwoProvinces, transferred: tuple[Person, bytes]
) -> None:
    account = transferred[0].accounts[two.source.name]
    two.source.accounts.erase(account)
    before = two.source.dump()
    two.clock.advance(5)
    assert two.source.accounts.erase(account) == 0
    assert two.source.dump() == before


@pytest.mark.parametrize("role", list(Role))
@pytest.mark.parametrize("at", [0, 1], ids=["source", "destination"])
def test_a_learner_with_an_open_exchange_is_not_erased(
    two: TwoProvinces, role: Role, at: int
) -> None:
    person = two.person()
    two.apply(person, two.lot(person), role=role, whole=False)
    two.run(3)
    one = two.both[at]
    with pytest.raises(Refusal, match="OPEN_EXCHANGES"):
        one.accounts.erase(person.accounts[one.name])


def test_an_unknown_learner_is_not_erased(two: TwoProvinces) -> None:
    with pytest.raises(Refusal, match="ACCOUNT"):
        two.source.accounts.erase("31000000009999")


def test_an_erased_learner_s_lots_are_not_offered(
    two: TwoProvinces, transferred: tuple[Person, bytes]
) -> None:
    person, _ = transferred
    account = person.accounts[two.source.name]
    left = two.source.accounts.archive(account).lots[1]
    code = two.transfer_code(person)
    two.source.accounts.erase(account)
    wanted = two.application(person, _wanted(left), code=code)
    (opened,) = two.source.applications.open([wanted])
    assert opened.reason == "ACCOUNT_ERASED"


def _wanted(lot: Lot) -> WantedLot:
    return WantedLot(lot_id=lot.lot_id, amount_hundredths=lot.amount_hundredths)
