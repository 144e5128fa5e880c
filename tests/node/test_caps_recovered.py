"""A restored destination: its caps bind as before, by the records that come back."""

from __future__ import annotations

import pytest

from node.domain.changes import Changes
from tests.node.books import check_books
from tests.node.cap_documents import GUANGDONG, OUC, cap
from tests.node.capped import Capped
from tests.node.restoring import Watched, back_up, restore
from tests.node.rulebook_documents import course, entry, grant
from tests.node.test_recovery import reconciled, settle
from tests.node.two_provinces import Person, TwoProvinces

FULL = ("CAP_CREDITS",)
EXCHANGES = "select exchange_id from exchange where role = 'SOURCE'"
PAIR = entry(
    {"all": [course("P-1"), course("P-2")]},
    grant("T-P1", credits_hundredths=300, course_category="COMPULSORY"),
    grant("T-P2", credits_hundredths=200, course_category="COMPULSORY"),
)
CAPS = [
    *OUC,
    *GUANGDONG,
    cap("year", {"at_most": 4200}, window={"kind": "CALENDAR_YEAR", "starts": [], "days": 0}),
]


@pytest.fixture
def capped(two: TwoProvinces) -> Capped:
    made = Capped(two)
    made.put_in_force(CAPS, entries=[PAIR])
    return made


def lived(capped: Capped, person: Person) -> bytes:
    """Let a learner transfer, be promised, take up, decline, and give back."""
    two = capped.two
    pair = [two.lot(person, 400, code=code, title=code) for code in ("P-1", "P-2")]
    together = capped.transferred(person, *pair)
    returned = capped.transferred(person, capped.lot(person, 1, 700))
    capped.give_back(person, returned, at=2)
    promise = capped.recognised(person, capped.lot(person, 2, 600))
    lot = capped.lot(person, 3, 500)
    taken_up = capped.citing(person, capped.recognised(person, lot), lot)
    two.run()
    assert two.states(taken_up.exchange_id) == ("CLOSED", "CREDITED")
    declined = two.apply(person, capped.lot(person, 4, 100), whole=False)
    two.run(2)
    assert two.answer(declined, accepts=False) == ""
    two.apply(person, capped.lot(person, 5, 250), whole=False)
    two.run()
    assert together
    return promise


def seen(capped: Capped, person: Person) -> list[tuple[object, ...]]:
    return sorted(
        (
            use.part.target,
            use.part.hundredths,
            use.state.value,
            use.part.kind,
            use.part.earned,
            use.part.category,
            use.part.issuer,
            use.occasion.programme,
            use.until_us,
        )
        for use in capped.book(person).uses
    )


def test_after_recovery_the_caps_bind_as_before(capped: Capped) -> None:
    two, watched = capped.two, Watched(capped.two)
    person = two.person()
    capped.enrol(person, graduation="60", compulsory="76.10")
    backup = back_up(two.destination)
    promise = lived(capped, person)
    before, book = seen(capped, person), capped.book(person)
    assert sorted((amount, state) for _, amount, state in capped.uses(person)) == [
        *((100, "CONSUMED"), (100, "CONSUMED"), (150, "CONSUMED"), (150, "CONSUMED")),
        *((250, "RESERVED"), (500, "CONSUMED"), (600, "RESERVED")),
    ]
    watched.follow()
    restore(two.destination, backup)
    assert capped.book(person).uses == ()
    settle(watched)
    assert seen(capped, person) == before
    assert set(capped.book(person).uses) == set(book.uses)
    check_books(two)
    reconciled(watched)
    # 26.63 compulsory in all, of which 18.50 are taken.
    assert capped.decided(person, capped.lot(person, 6, 814)) == [FULL]
    capped.transferred(person, capped.lot(person, 6, 813))
    two.clock.us = capped.vote(promise).record.valid_until_us + 1
    assert capped.decided(person, capped.lot(person, 7, 600)) == [()]


def test_where_the_records_are_erased_the_votes_still_tell_the_amounts(capped: Capped) -> None:
    two, watched = capped.two, Watched(capped.two)
    person = two.person()
    capped.enrol(person, graduation="60", compulsory="76.10")
    backup = back_up(two.destination)
    lived(capped, person)
    amounts = capped.uses(person)
    watched.follow()
    # The source kept what stood beside the VOTEs, and has erased it since.
    keys = {(two.destination.name, one) for (one,) in two.source.rows(EXCHANGES)}
    two.source.store.transact(lambda tx: tx.apply(Changes(openings_erased=list(keys))))
    restore(two.destination, backup)
    settle(watched)
    again = capped.uses(person)
    assert sum(amount for _, amount, _ in again) == sum(amount for _, amount, _ in amounts)
    assert {(target, state) for target, _, state in again} == {
        (target, state) for target, _, state in amounts
    }
    assert capped.decided(person, capped.lot(person, 6, 3001)) == [FULL]


def test_what_the_backup_knows_counts_once(capped: Capped) -> None:
    two, watched = capped.two, Watched(capped.two)
    person = two.person()
    exchange_id = two.apply(person, capped.lot(person, 1, 900), whole=False)
    two.run(2)
    backup = back_up(two.destination)
    assert two.answer(exchange_id, accepts=True) == ""
    two.run()
    watched.follow()
    restore(two.destination, backup)
    assert [state for _, _, state in capped.uses(person)] == ["RESERVED"]
    settle(watched)
    assert [(amount, state) for _, amount, state in capped.uses(person)] == [(900, "CONSUMED")]
