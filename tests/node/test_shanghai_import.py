"""Shanghai's rows in the node: two persons, whole or not at all, once, and gone when erased."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from federation.base.errors import Breach, Refusal
from federation.protocol.messages import Fact
from node.domain.notices import Statement
from node.domain.outcome_life import OutcomeRole, OutcomeState, OutcomeStep
from node.domain.shanghai_codes import Stage, Template
from node.domain.shanghai_kept import GivenRow
from node.storage.tables import metadata
from node.usecases.lots import Lots
from node.usecases.ports import Store
from node.usecases.shanghai_batch import MOST_ROWS, TakenIn
from tests.node.shanghai_bank import (
    BANKER,
    CLERK,
    SCHOOL,
    SECOND_BANKER,
    ShanghaiBank,
    batch,
    citizen,
    publish_catalogue,
)
from tests.node.shanghai_rows import CERTIFICATE, CONVERSION, GRADE
from tests.node.store_world import office, opened


@pytest.fixture
def store(database: str) -> Iterator[Store]:
    with opened(database) as store:
        yield store


@pytest.fixture
def bank(store: Store, tmp_path: Path) -> ShanghaiBank:
    return ShanghaiBank(office(store, tmp_path), tmp_path / "files")


def everything(store: Store) -> dict[str, list[Any]]:
    """Return every row of the database."""
    return store.read(
        lambda reading: {
            table.name: [tuple(row) for row in reading._connection.execute(table.select()).all()]
            for table in metadata.sorted_tables
            if table.name != "counter"
        }
    )


def causes(taken: TakenIn) -> list[tuple[int, str]]:
    return [(one.line, one.cause) for one in taken.rejects]


def other(row: Any, serial: int, **changes: Any) -> Any:
    return replace(row, citizen_id=citizen(serial), person_name=f"学员{serial}", **changes)


def test_the_institution_reviews_and_the_bank_deposits(bank: ShanghaiBank, store: Store) -> None:
    rows = [GRADE, replace(GRADE, course="操作系统", credits_hundredths=300), other(GRADE, 1)]
    handed = bank.take(*rows)
    assert (handed.handed_in, handed.outcomes, handed.opened, handed.rejects) == (3, 3, 2, ())
    assert bank.lots(GRADE) == []
    taken = bank.take(*rows, by=BANKER)
    assert (taken.taken_in, taken.outcomes, taken.rejects) == (3, 3, ())
    lots = bank.lots(GRADE)
    facts = lots[0].facts()
    assert [lot.amount_hundredths for lot in lots] == [250, 300]
    assert (facts.code, facts.catalogue, facts.grade, facts.earned, facts.level) == (
        "C1",
        "2026.1",
        "85",
        "2024-06-01",
        7,
    )
    (known, _) = bank.accreditation.list(state="", account=bank.account(GRADE), after="")
    assert (known.record.state, known.record.reviewed_by, known.record.rereviewed_by) == (
        OutcomeState.DEPOSITED,
        CLERK,
        BANKER,
    )
    before = everything(store)
    for by in (CLERK, BANKER, SECOND_BANKER):
        again = bank.take(*rows, by=by)
        assert (again.unchanged, again.handed_in, again.taken_in, again.rejects) == (3, 0, 0, ())
    assert everything(store) == before


def test_the_same_row_is_known_in_the_codes_of_the_other_template(bank: ShanghaiBank) -> None:
    from tests.node.shanghai_bank import given

    bank.deposit(GRADE)
    rows = given([GRADE], Template.NEWER)
    assert bank.take(GRADE, template=Template.NEWER, rows=rows).unchanged == 1


def test_rejects_leave_nothing_and_stop_nobody(bank: ShanghaiBank, store: Store) -> None:
    before = everything(store)
    taken = bank.take(
        other(GRADE, 1, course="无此课程"),
        other(GRADE, 2, course="课程零", credits_hundredths=0),
        other(GRADE, 3, score="55"),
        other(GRADE, 4, score="免修"),
        other(GRADE, 5, credits_hundredths=400),
    )
    assert causes(taken) == [
        (2, "NOT_IN_CATALOGUE"),
        (3, "NO_CREDIT"),
        (4, "NOT_PASSED"),
        (5, "IS_EXEMPTION"),
        (6, "NOT_IN_CATALOGUE"),
    ]
    assert everything(store) == before
    mixed = bank.take(other(GRADE, 1, course="无此课程"), GRADE)
    assert (mixed.handed_in, mixed.opened, causes(mixed)) == (1, 1, [(2, "NOT_IN_CATALOGUE")])


def test_a_cell_that_means_nothing_is_told_by_its_column(bank: ShanghaiBank) -> None:
    (row,) = batch([GRADE]).rows
    cells = (*row.cells[:1], row.cells[1][:-1] + "?", *row.cells[2:])
    taken = bank.take(GRADE, rows=[GivenRow(7, cells), GivenRow(8, row.cells[1:])])
    assert [(one.line, one.column, one.cause) for one in taken.rejects] == [
        (7, "身份证号", "CITIZEN_ID"),
        (8, "", "CELL_COUNT"),
    ]


def test_a_course_that_is_held_is_not_deposited_again_by_another_record(
    bank: ShanghaiBank,
) -> None:
    bank.deposit(GRADE)
    assert causes(bank.take(replace(GRADE, score="95"))) == [(2, "COURSE_HELD")]
    assert causes(bank.take(replace(GRADE, person_name="别人"))) == [(2, "NAME_DIFFERS")]
    # Another stage is another course.
    assert bank.take(replace(GRADE, stage=Stage.COLLEGE)).handed_in == 1
    (lot, *_) = bank.lots(GRADE)
    revoking = Statement(lot_id=lot.lot_id, fact=Fact.REVOKED, reason="RECORD_CORRECTED")
    Lots(bank.office).state(revoking)
    bank.deposit(replace(GRADE, score="95"))
    assert [one.facts().grade for one in bank.lots(GRADE) if not one.hold] == ["95"]


def test_conversions_of_one_outcome_are_one_lot(bank: ShanghaiBank, store: Store) -> None:
    second = replace(CONVERSION, target_code="SH-DB-2", target_credits_hundredths=100)
    bank.deposit(CONVERSION, second)
    (lot,) = bank.lots(CONVERSION)
    assert (lot.amount_hundredths, lot.facts().issuer) == (250, "浙江开放大学")
    assert len(everything(store)["shanghai_row"]) == 2
    # A further conversion needs both persons too, and makes no other lot.
    third = replace(CONVERSION, target_code="SH-DB-3")
    assert bank.take(third).handed_in == 1
    assert bank.take(third, by=BANKER).taken_in == 1
    assert len(bank.lots(CONVERSION)) == 1
    differs = replace(CONVERSION, target_code="SH-DB-4", score="90")
    assert causes(bank.take(differs)) == [(2, "OUTCOME_DIFFERS")]


def test_a_school_that_converted_a_course_and_its_own_speak_of_one_outcome(
    bank: ShanghaiBank,
) -> None:
    bank.deposit(GRADE)
    converted = replace(CONVERSION, institution=SCHOOL, stage=GRADE.stage)
    bank.deposit(converted)
    assert len(bank.lots(GRADE)) == 1


def test_a_certificate_has_the_credits_of_the_catalogue(bank: ShanghaiBank) -> None:
    one_plus_x = replace(
        CERTIFICATE, citizen_id=citizen(9), certificate_type="1+X 职业技能等级证书"
    )
    bank.deposit(CERTIFICATE, one_plus_x)
    (lot,) = bank.lots(CERTIFICATE)
    assert (lot.amount_hundredths, lot.facts().code, lot.facts().kind) == (200, "K1", "CERTIFICATE")
    forms = {one.record.form for one in bank.accreditation.list(state="", account="", after="")}
    assert forms == {"VOCATIONAL_CERTIFICATE", "ONE_PLUS_X"}


def test_the_bank_takes_in_only_what_was_handed_in_and_not_refused(bank: ShanghaiBank) -> None:
    rows = [GRADE, other(GRADE, 1), other(GRADE, 2)]
    bank.take(*rows[:2])
    (known,) = bank.accreditation.list(state="", account=bank.account(rows[1]), after="")
    bank.accreditation.take_step(
        known.record.outcome, OutcomeStep.REFUSE, by=BANKER, reasons=["NOT_GENUINE"]
    )
    taken = bank.take(*rows, by=BANKER)
    assert (taken.taken_in, causes(taken)) == (1, [(3, "NOT_HANDED_IN"), (4, "NOT_HANDED_IN")])


def test_what_was_returned_and_submitted_again_is_reviewed_with_the_file(
    bank: ShanghaiBank,
) -> None:
    bank.take(GRADE)
    (known,) = bank.accreditation.list(state="", account="", after="")
    name = known.record.outcome
    assert set(known.record.evidence.values()) == {"REGISTER_FILE"}
    bank.accreditation.take_step(name, OutcomeStep.RETURN, by=BANKER, reasons=["SYLLABUS_WANTED"])
    assert causes(bank.take(GRADE, by=BANKER)) == [(2, "NOT_HANDED_IN")]
    bank.accreditation.take_step(name, OutcomeStep.RESUBMIT, by=CLERK)
    with pytest.raises(Refusal, match="SAME_PERSON"):
        bank.accreditation.take_step(name, OutcomeStep.REVIEW, by=CLERK)
    bank.appoint("jwc-sun", OutcomeRole.INSTITUTION)
    assert bank.take(GRADE, by="jwc-sun").outcomes == 1
    assert bank.take(GRADE, by=BANKER).taken_in == 1


def test_one_by_one_the_bank_may_review_an_imported_outcome_too(bank: ShanghaiBank) -> None:
    bank.take(GRADE)
    (known,) = bank.accreditation.list(state="", account="", after="")
    for step in (OutcomeStep.REREVIEW, OutcomeStep.ACCREDIT):
        bank.accreditation.take_step(known.record.outcome, step, by=BANKER)
    assert len(bank.lots(GRADE)) == 1
    assert bank.take(GRADE, by=BANKER).taken_in == 1


def test_who_may_take_which_step(bank: ShanghaiBank, store: Store) -> None:
    before = everything(store)
    with pytest.raises(Refusal, match="OUTCOME_ROLE"):
        bank.take(GRADE, by="operator")
    with pytest.raises(Refusal, match="OUTCOME_ROLE"):
        bank.take(GRADE, institution="另一学院")
    with pytest.raises(Breach, match="FIELDS"):
        bank.take(GRADE, by=BANKER, institution="")
    with pytest.raises(Breach, match="FIELDS"):
        bank.take(GRADE, rows=batch([GRADE]).rows * (MOST_ROWS + 1))
    assert everything(store) == before
    bank.take(GRADE)
    bank.appoint("jwc-own", OutcomeRole.INSTITUTION, person=bank.account(GRADE))
    own = replace(GRADE, course="操作系统", credits_hundredths=300)
    assert causes(bank.take(own, by="jwc-own")) == [(2, "SAME_PERSON")]


def test_a_rehearsal_says_what_would_be_and_leaves_nothing(
    bank: ShanghaiBank, store: Store
) -> None:
    before = everything(store)
    told = bank.take(GRADE, other(GRADE, 1, course="无此课程"), is_rehearsal=True)
    assert (told.handed_in, told.opened, causes(told)) == (1, 1, [(3, "NOT_IN_CATALOGUE")])
    assert everything(store) == before
    bank.take(GRADE)
    before = everything(store)
    assert bank.take(GRADE, by=BANKER, is_rehearsal=True).taken_in == 1
    assert everything(store) == before


def test_several_at_once_make_one_outcome_and_one_lot(bank: ShanghaiBank) -> None:
    bank.deposit(replace(GRADE, course="操作系统", credits_hundredths=300))
    rows = [GRADE, replace(GRADE, score="90"), other(GRADE, 1)]
    with ThreadPoolExecutor(6) as threads:
        handed = list(threads.map(bank.take, rows * 2))
    assert sum(one.handed_in for one in handed) == 2
    assert {cause for one in handed for _, cause in causes(one)} <= {"COURSE_HELD"}
    with ThreadPoolExecutor(6) as threads:
        taken = list(threads.map(lambda row: bank.take(row, by=BANKER), rows * 2))
    assert sum(one.outcomes for one in taken) == 2
    assert len(bank.lots(GRADE)) == 2
    assert bank.accounts.archive(bank.account(GRADE)).balance_hundredths == 550


def test_the_catalogue_is_named_where_several_are_published(bank: ShanghaiBank) -> None:
    publish_catalogue(bank.office, name="CN-31/certificates")
    with pytest.raises(Refusal, match="PUBLICATION"):
        bank.take(GRADE)
    assert bank.take(GRADE, catalogue="CN-31/courses@2026.1").handed_in == 1
    with pytest.raises(Refusal, match="PUBLICATION"):
        bank.take(GRADE, catalogue="CN-31/courses@2027.1")


def test_catalogued_deposits_are_held_against_the_catalogue(bank: ShanghaiBank) -> None:
    bank.office.checks_catalogues = True
    bank.deposit(GRADE)
    assert len(bank.lots(GRADE)) == 1


def test_nothing_personal_lies_open_and_erasure_takes_every_row(
    bank: ShanghaiBank, store: Store
) -> None:
    row = replace(GRADE, remark="罕见备注", student_number="S-0099")
    bank.deposit(row, other(GRADE, 1))
    kept = str(everything(store))
    for secret in (row.citizen_id, "S-0099", "罕见备注"):
        assert secret not in kept
        assert repr(secret.encode())[2:-1] not in kept
    account = bank.account(row)
    bank.accounts.erase(account)
    left = everything(store)["shanghai_row"]
    assert [account in one for one in left] == [False]
    (known,) = bank.accreditation.list(state="", account=account, after="")
    assert (known.facts, known.record.evidence) == ({}, {})
