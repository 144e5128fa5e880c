"""Transfer codes: single use, for one peer and one account, for a time, one permission each."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from federation.base.clock import DAY, MINUTE
from federation.protocol.messages import MessageType
from node.domain.exchange import Role
from node.usecases.accounts import CodeIssued, CodeWanted
from tests.node.two_provinces import Person, TwoProvinces

ROLES = pytest.mark.parametrize("role", list(Role))


def issue(two: TwoProvinces, role: Role, *wanted: tuple[Person, str]) -> Sequence[CodeIssued]:
    """Fetch codes from the side where the learner does not apply."""
    issuer, user = reversed(two.both) if role is Role.SOURCE else two.both
    return issuer.accounts.issue_codes(
        [
            CodeWanted(account=person.accounts[issuer.name], peer=user.name, reference=reference)
            for person, reference in wanted
        ]
    )


def reasons(two: TwoProvinces, exchange_id: bytes, role: Role) -> tuple[str, ...]:
    """Return why an exchange came to nothing, as the source was told or told."""
    exchange = two.source.exchange(exchange_id)
    assert two.states(exchange_id) == ("CLOSED", "RELEASED")
    return tuple(one for one in exchange.reasons if one != "ALL_REFUSED")


@ROLES
def test_a_code_serves_once(two: TwoProvinces, role: Role) -> None:
    person = two.person()
    code = two.transfer_code(person, role)
    first = two.apply(person, two.lot(person), role=role, code=code)
    two.run()
    second = two.apply(person, two.lot(person), role=role, code=code)
    two.run()
    assert two.states(first) == ("CLOSED", "CREDITED")
    assert reasons(two, second, role) == ("TRANSFER_CODE",)


@ROLES
def test_a_code_serves_once_within_one_batch(two: TwoProvinces, role: Role) -> None:
    person = two.person()
    code = two.transfer_code(person, role)
    both = [two.apply(person, two.lot(person), role=role, code=code) for _ in range(2)]
    two.run()
    assert sorted(two.states(one) for one in both) == [
        ("CLOSED", "CREDITED"),
        ("CLOSED", "RELEASED"),
    ]


@ROLES
def test_a_code_is_one_account_s(two: TwoProvinces, role: Role) -> None:
    person, other = two.person(), two.person("钱二")
    code = two.transfer_code(other, role)
    exchange_id = two.apply(person, two.lot(person), role=role, code=code)
    two.run()
    assert reasons(two, exchange_id, role) == ("IDENTITY_DIFFERS",)
    mine = two.apply(other, two.lot(other), role=role, code=code)
    two.run()
    assert two.states(mine) == ("CLOSED", "CREDITED")


@ROLES
def test_a_code_that_was_never_issued_proves_nothing(two: TwoProvinces, role: Role) -> None:
    person = two.person()
    exchange_id = two.apply(person, two.lot(person), role=role, code=b"guessed code 016")
    two.run()
    assert reasons(two, exchange_id, role) == ("TRANSFER_CODE",)


@ROLES
def test_a_code_serves_only_at_the_peer_it_was_issued_for(two: TwoProvinces, role: Role) -> None:
    person = two.person()
    code = two.transfer_code(person, role)
    issuer = two.destination if role is Role.SOURCE else two.source
    issuer.store.transact(
        lambda tx: tx._connection.exec_driver_sql("update transfer_code set peer = 'CN-44'")
    )
    exchange_id = two.apply(person, two.lot(person), role=role, code=code)
    two.run()
    assert reasons(two, exchange_id, role) == ("TRANSFER_CODE",)


@ROLES
@pytest.mark.parametrize(("late_us", "ends"), [(0, "CREDITED"), (1, "RELEASED")])
def test_a_code_expires(two: TwoProvinces, role: Role, late_us: int, ends: str) -> None:
    person = two.person()
    lot, code = two.lot(person), two.transfer_code(person, role)
    two.clock.advance(30 * DAY + late_us)
    exchange_id = two.apply(person, lot, role=role, code=code)
    two.step()
    two.run()
    assert two.states(exchange_id) == ("CLOSED", ends)


@ROLES
def test_codes_of_one_reference_are_one_permission(two: TwoProvinces, role: Role) -> None:
    person = two.person()
    (old,) = issue(two, role, (person, "one"))
    (new,) = issue(two, role, (person, "one"))
    assert old.code != new.code
    first = two.apply(person, two.lot(person), role=role, code=old.code)
    two.run()
    second = two.apply(person, two.lot(person), role=role, code=new.code)
    two.run()
    assert two.states(first) == ("CLOSED", "CREDITED")
    assert reasons(two, second, role) == ("TRANSFER_CODE",)
    (third,) = issue(two, role, (person, "one"))
    assert (third.code, third.reason) == (b"", "")


def test_a_reference_is_one_learner_s(two: TwoProvinces) -> None:
    person, other = two.person(), two.person("钱二")
    mine, theirs = issue(two, Role.SOURCE, (person, "one"), (other, "one"))
    assert mine.code
    assert (theirs.code, theirs.reason) == (b"", "REFERENCE_DIFFERS")
    (again,) = issue(two, Role.SOURCE, (other, "one"))
    assert again.reason == "REFERENCE_DIFFERS"


@ROLES
def test_another_document_is_another_person(two: TwoProvinces, role: Role) -> None:
    person, twin = two.person(), two.person()
    here, there = two.both if role is Role.SOURCE else two.both[::-1]
    mixed = Person(
        person.name,
        person.number,
        {here.name: person.accounts[here.name], there.name: twin.accounts[there.name]},
    )
    code = two.transfer_code(mixed, role)
    exchange_id = two.apply(mixed, two.lot(mixed), role=role, code=code)
    two.run()
    assert reasons(two, exchange_id, role) == ("IDENTITY_DIFFERS",)


def test_only_the_hash_of_a_code_stays_with_its_issuer(two: TwoProvinces) -> None:
    person = two.person()
    code = two.transfer_code(person)
    assert code not in two.destination.stored_bytes()


def test_values_of_someone_without_an_account_are_not_kept(two: TwoProvinces) -> None:
    person = two.person()
    lot = two.lot(person, title="不留之课")
    exchange_id = two.apply(person, lot, code=b"guessed code 016")
    two.step()
    prepare = two.destination.exchange(exchange_id).hashes[MessageType.PREPARE]
    assert two.destination.rows(
        "select openings, is_erased from message where digest = ?", prepare
    ) == [(b"", 1)]
    two.clock.advance(MINUTE)
    two.run()
    assert two.states(exchange_id) == ("CLOSED", "RELEASED")


def test_nobody_without_an_account_gets_a_code(two: TwoProvinces) -> None:
    wanted = [
        CodeWanted(account="33000000000000", peer=peer, reference=peer)
        for peer in ("CN-31", "CN-44", "CN-33")
    ]
    issued = two.destination.accounts.issue_codes(wanted)
    assert [one.reason for one in issued] == ["ACCOUNT", "NOT_MEMBER", "SELF_TRANSFER"]
