"""Applications: each stands by itself, is named by its caller, and takes whole lots of its own."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from federation.base.errors import Breach
from federation.protocol.lots import WantedLot
from node.domain.exchange import Role
from node.usecases.applications import MOST_TOGETHER
from tests.node.books import check_books
from tests.node.two_provinces import TwoProvinces


def test_a_repeated_application_is_the_same_exchange(two: TwoProvinces) -> None:
    person = two.person()
    wanted = two.application(person, two.lot(person))
    (first,) = two.source.applications.open([wanted])
    before = two.source.dump()
    (again,) = two.source.applications.open([wanted])
    assert again == first
    assert two.source.dump() == before


@pytest.mark.parametrize("role", list(Role))
def test_a_reference_used_for_something_else_is_refused(two: TwoProvinces, role: Role) -> None:
    person = two.person()
    wanted = two.application(person, two.lot(person), role=role)
    here = two.source if role is Role.SOURCE else two.destination
    other = replace(wanted, lots=(two.lot(person),))
    first, second = here.applications.open([wanted, other])
    assert (first.reason, second.reason) == ("", "REFERENCE_DIFFERS")


BENT: list[tuple[dict[str, Any], str]] = [
    ({"reference": ""}, "BAD_TEXT"),
    ({"has_consent": False}, "LEGAL_BASIS"),
    ({"code": b"short"}, "TRANSFER_CODE"),
    ({"lots": ()}, "NO_LOTS"),
    ({"lots": (WantedLot(lot_id=b"L", amount_hundredths=1),)}, "LOT"),
    ({"lots": (WantedLot(lot_id=b"L" * 16, amount_hundredths=0),)}, "AMOUNT"),
    ({"lots": (WantedLot(lot_id=b"L" * 16, amount_hundredths=-1),)}, "AMOUNT"),
    ({"lots": (WantedLot(lot_id=b"L" * 16, amount_hundredths=1),) * 2}, "DUPLICATE_LOT"),
    ({"account": "31000000009999"}, "ACCOUNT"),
    ({"peer": "CN-44"}, "NOT_MEMBER"),
]


@pytest.mark.parametrize("role", list(Role))
@pytest.mark.parametrize(("bent", "reason"), BENT, ids=str)
def test_a_bent_application_is_refused_and_its_neighbours_are_not(
    two: TwoProvinces, role: Role, bent: dict[str, Any], reason: str
) -> None:
    person = two.person()
    sound = [two.application(person, two.lot(person), role=role) for _ in range(3)]
    sound[1] = replace(sound[1], **bent)
    here = two.source if role is Role.SOURCE else two.destination
    opened = here.applications.open(sound)
    assert [one.reason for one in opened] == ["", reason, ""]
    two.run()
    check_books(two)


def test_a_lot_is_taken_whole_and_only_by_its_owner(two: TwoProvinces) -> None:
    person, other = two.person(), two.person("钱二")
    lot = two.lot(person)
    wanted = [
        two.application(person, replace(lot, amount_hundredths=299)),
        two.application(person, replace(lot, amount_hundredths=301)),
        two.application(other, lot),
        two.application(person, replace(lot, lot_id=b"Z" * 16)),
    ]
    opened = two.source.applications.open(wanted)
    assert [one.reason for one in opened] == ["LOTS_WHOLE", "INSUFFICIENT", "LOT", "LOT"]


def test_a_lot_is_never_in_two_live_exchanges(two: TwoProvinces) -> None:
    person = two.person()
    lot = two.lot(person)
    first, second = (two.application(person, lot) for _ in range(2))
    opened = two.source.applications.open([first, second])
    assert [one.reason for one in opened] == ["", "LOT_LOCKED"]
    two.run()
    (third,) = two.source.applications.open([two.application(person, lot)])
    assert third.reason == "LOT_SPENT"


def test_a_lot_asked_for_twice_from_the_other_side_is_offered_once(two: TwoProvinces) -> None:
    person = two.person()
    lot = two.lot(person)
    both = [two.apply(person, lot, role=Role.DESTINATION, whole=False) for _ in range(2)]
    two.run()
    assert sorted(two.states(one) for one in both) == [
        ("CLOSED", "RELEASED"),
        ("PREPARED", "ACCEPTED"),
    ]
    check_books(two)


def test_an_expired_outcome_is_not_offered(two: TwoProvinces) -> None:
    person = two.person()
    last, gone = two.lot(person, expires="2026-03-02"), two.lot(person, expires="2026-03-01")
    opened = two.source.applications.open(
        [two.application(person, last), two.application(person, gone)]
    )
    assert [one.reason for one in opened] == ["", "CREDIT_EXPIRED"]


def test_an_answer_to_nothing_is_refused(two: TwoProvinces) -> None:
    person = two.person()
    exchange_id = two.apply(person, two.lot(person), whole=False)
    assert two.answer(exchange_id, accepts=True) == "NO_SUCH_STEP"
    assert two.answer(b"N" * 16, accepts=True) == "EXCHANGE"


def test_the_destination_does_not_answer_for_the_source(two: TwoProvinces) -> None:
    person = two.person()
    exchange_id = two.apply(person, two.lot(person), role=Role.DESTINATION, whole=False)
    two.run(2)
    key = (two.source.name, exchange_id)
    (answered,) = two.destination.applications.answer([(key, True)])
    assert answered.reason == "EXCHANGE"


def test_too_many_together_are_refused(two: TwoProvinces) -> None:
    with pytest.raises(Breach, match="TOO_MANY_ITEMS"):
        two.source.applications.answer([(("CN-33", b"N" * 16), True)] * (MOST_TOGETHER + 1))


def test_at_the_source_an_amount_left_out_is_the_whole_lot(two: TwoProvinces) -> None:
    person = two.person()
    lot = two.lot(person, 300)
    wanted = two.application(person, replace(lot, amount_hundredths=0))
    (opened,) = two.source.applications.open([wanted])
    assert opened.reason == ""
    assert two.source.exchange(opened.exchange_id).offered_hundredths == 300
    others = two.lot(two.person("钱二"))
    for lot_id in (b"?" * 16, others.lot_id):
        strange = replace(lot, lot_id=lot_id, amount_hundredths=0)
        (refused,) = two.source.applications.open([two.application(person, strange)])
        assert (refused.exchange_id, refused.reason) == (b"", "LOT")
