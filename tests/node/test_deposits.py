"""Accounts and deposits: one account for a person, one lot for an outcome, rows by themselves."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from federation.base.errors import Breach
from federation.protocol.commitments import commitment_to, deposit_commitment, nullifier
from node.domain.ledger import Entry, inbound_entry, outbound_entry
from node.domain.national_id import RESIDENT_ID
from node.usecases.accounts import NewLearner
from tests.node.books import check_books
from tests.node.province import LMS
from tests.node.two_provinces import TwoProvinces, outcome


def test_a_row_taken_twice_is_one_lot(two: TwoProvinces) -> None:
    account = two.person().accounts["CN-31"]
    row = outcome(account, "o1", "3.00")
    assert two.source.deposits.deposit(LMS, [row]).deposited == 1
    before = two.source.dump()
    done = two.source.deposits.deposit(LMS, [row])
    assert (done.deposited, done.repeated, done.rejected) == (0, 1, ())
    assert two.source.dump() == before


BENT: list[tuple[Callable[[Any], Any], str]] = [
    (lambda row: replace(row, reference=""), "BAD_TEXT"),
    (lambda row: replace(row, reference="o1"), "DUPLICATE_LOT"),
    (lambda row: replace(row, learner="nobody"), "ACCOUNT"),
    (lambda row: replace(row, credits="1.005"), "AMOUNT"),
    (lambda row: replace(row, credits="-1"), "AMOUNT"),
    (lambda row: replace(row, credits="1e3"), "AMOUNT"),
    (lambda row: replace(row, facts=row.facts | {"kind": "COURSE"}), "FIELDS"),
    (lambda row: replace(row, facts=row.facts | {"grade": "101"}), "GRADE"),
]


@pytest.mark.parametrize(("bend", "reason"), BENT, ids=[f"{at}" for at in range(len(BENT))])
def test_a_row_that_cannot_be_taken_is_listed_and_its_neighbours_are_kept(
    two: TwoProvinces, bend: Callable[[Any], Any], reason: str
) -> None:
    account = two.person().accounts["CN-31"]
    rows = [outcome(account, f"o{line}", "1.00", line=line) for line in (1, 2, 3)]
    rows[1] = bend(rows[1])
    done = two.source.deposits.deposit(LMS, rows)
    assert (done.deposited, [one.reason for one in done.rejected]) == (2, [reason])
    progress = two.source.deposits.progress(LMS)
    assert (progress.line, progress.deposited) == (3, 2)
    assert [(one.line, one.reason) for one in progress.rejected] == [(2, reason)]
    check_books(two)


def test_a_lot_commits_to_its_facts_and_is_found_in_the_log(two: TwoProvinces) -> None:
    person = two.person()
    wanted = two.lot(person, 300)
    (lot,) = two.source.accounts.archive(person.accounts["CN-31"]).lots
    assert lot.lot_id == wanted.lot_id
    assert lot.content.fields == tuple(commitment_to(one) for one in lot.openings.openings)
    assert lot.commitment == deposit_commitment(lot.content, lot.secret)
    assert len({one.salt for one in lot.openings.openings}) == len(lot.openings.openings)
    (entry,) = two.source.store.read(lambda reading: reading.log_entries(0, 9))
    assert lot.commitment in entry
    assert nullifier(lot.secret) not in entry


def test_a_transferred_lot_names_the_commit_that_brought_it(two: TwoProvinces) -> None:
    person = two.person()
    exchange_id = two.apply(person, two.lot(person, 300))
    two.run()
    (lot,) = two.destination.accounts.archive(person.accounts["CN-33"]).lots
    assert lot.origin in two.destination.exchange(exchange_id).hashes.values()
    assert (lot.content.unit, lot.amount_hundredths) == ("CN-33", 240)
    facts = lot.facts()
    assert facts is not None
    assert (facts.code, facts.title) == ("GD-1", "数据库原理")


def learner(reference: str, number: str, name: str = "赵一") -> NewLearner:
    return NewLearner(
        line=1,
        reference=reference,
        name=name,
        document_type=RESIDENT_ID,
        document_number=number,
    )


NUMBER, OTHER = "11010519491231002X", "110101199003070011"


def test_a_learner_has_one_account_however_often_it_is_opened(two: TwoProvinces) -> None:
    accounts = two.source.accounts
    (first,), (again,) = (accounts.open(LMS, [learner("r1", NUMBER)]) for _ in range(2))
    assert (again, first.reason) == (first, "")


@pytest.mark.parametrize(
    ("other", "reason"),
    [
        (learner("r1", OTHER), "LEARNER_DIFFERS"),
        (learner("r2", "110105194912310021"), "LEARNER_ID"),
        (learner("", OTHER), "BAD_TEXT"),
        (learner("r2", OTHER, name="a\x00"), "BAD_TEXT"),
    ],
)
def test_a_learner_who_differs_is_refused(
    two: TwoProvinces, other: NewLearner, reason: str
) -> None:
    first, second = two.source.accounts.open(LMS, [learner("r1", NUMBER), replace(other, line=2)])
    assert (first.reason, second.reason, second.account) == ("", reason, "")


def test_one_person_has_one_account_by_whatever_name(two: TwoProvinces) -> None:
    accounts = two.source.accounts
    (first,) = accounts.open(LMS, [learner("r1", NUMBER)])
    (renamed,) = accounts.open(LMS, [learner("r2", NUMBER)])
    (elsewhere,) = accounts.open("registry", [learner("r1", NUMBER)])
    assert first.account == renamed.account == elsewhere.account
    assert {first.reason, renamed.reason, elsewhere.reason} == {""}


def test_a_document_number_is_nowhere_in_the_file(two: TwoProvinces) -> None:
    two.source.accounts.open(LMS, [learner("r1", NUMBER)])
    assert NUMBER.encode() not in two.source.stored_bytes()


def test_a_source_is_an_identifier(two: TwoProvinces) -> None:
    with pytest.raises(Breach, match="BAD_TEXT"):
        two.source.deposits.deposit("", [])


def sums(entry: Entry) -> dict[tuple[str, str], int]:
    found: dict[tuple[str, str], int] = {}
    for one in entry.postings:
        for account, moved in ((one.debit, -one.hundredths), (one.credit, one.hundredths)):
            found[account, one.unit] = found.get((account, one.unit), 0) + moved
    return found


def test_a_debit_moves_each_lot_whole_from_the_learner_to_the_peer() -> None:
    entry = outbound_entry(
        account="A", peer="CN-33", unit="CN-31", amounts=[300, 200], exchange_id=b"E", time_us=1
    )
    assert sums(entry) == {("learner:A", "CN-31"): -500, ("outbound:CN-33", "CN-31"): 500}
    assert len(entry.postings) == 2


def test_a_credit_is_taken_in_at_source_value_retired_and_issued_anew() -> None:
    entry = inbound_entry(
        account="A",
        peer="CN-31",
        own_unit="CN-33",
        amounts=[(300, 240), (200, 160)],
        exchange_id=b"E",
        decision=b"D",
        time_us=1,
    )
    assert sums(entry) == {
        ("inbound:CN-31", "CN-31"): -500,
        ("conversion", "CN-31"): 0,
        ("retired", "CN-31"): 500,
        ("issued", "CN-33"): -400,
        ("learner:A", "CN-33"): 400,
    }
