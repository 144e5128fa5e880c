"""A bank that takes Shanghai's files in: its reviewers, a catalogue, a framework."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any

from node.domain.archive import Staff
from node.domain.catalogue import CatalogueEntry
from node.domain.catalogue_form import canonical_catalogue, make_catalogue
from node.domain.examples import OUC_10, example_document
from node.domain.national_id import check_character
from node.domain.outcome_life import OutcomeRole
from node.domain.publication import PublicationStep
from node.domain.shanghai import COLUMNS, Row
from node.domain.shanghai_codes import Template
from node.domain.shanghai_form import write_file
from node.domain.shanghai_kept import KINDS, GivenRow
from node.domain.sheets import read_sheet
from node.storage.evidence_shelf import EvidenceShelf
from node.usecases.accounts import Accounts
from node.usecases.accreditation import Accreditation
from node.usecases.evidence import Evidence
from node.usecases.office import Office
from node.usecases.publications import CATALOGUE, FRAMEWORK, Publications
from node.usecases.shanghai_batch import Batch, TakenIn
from node.usecases.shanghai_import import ShanghaiImport
from tests.node.province import FixedRegistry
from tests.node.shanghai_rows import TODAY
from tests.node.two_provinces import make_view

SCHOOL = "上海开放大学"
CLERK, BANKER, SECOND_BANKER = "jwc-li", "bank-wang", "bank-zhao"
NAME = "CN-31/courses"


def entry(code: str, title: str, hundredths: int, kind: str = "DEGREE") -> CatalogueEntry:
    return CatalogueEntry(
        code=code,
        title=title,
        level=0 if kind == "DEGREE" else 4,
        field="",
        credits_hundredths=hundredths,
        hours=40,
        kind=kind,
        category="",
        valid_from="",
        valid_until="",
    )


ODD_TITLE = 'a"b,c㛃䶮𬭚'
ENTRIES = (
    entry("C1", "数据库原理", 250),
    entry("C2", "操作系统", 300),
    entry("C3", "课程零", 0),
    entry("C4", ODD_TITLE, 250),
    entry("K1", "全国计算机等级考试二级", 200, "CERTIFICATE"),
)


def publish(office: Office, kind: str, document: bytes) -> None:
    desk = Publications(office)
    made = desk.hand_in(kind, document, by="operator-li")
    for step, by in (
        (PublicationStep.APPROVE, "operator-li"),
        (PublicationStep.PUBLISH, "operator"),
    ):
        desk.take_step(kind, made.name, made.version, step, by=by, digest=made.digest)


def publish_catalogue(
    office: Office, entries: Sequence[CatalogueEntry] = ENTRIES, name: str = NAME
) -> None:
    made = make_catalogue(name=name, version="2026.1", title="课程目录", entries=tuple(entries))
    publish(office, CATALOGUE, canonical_catalogue(made))


def citizen(serial: int) -> str:
    first = f"31010119900101{serial:03d}"
    return first + check_character(first)


class ShanghaiBank:
    """A province with what its import needs."""

    def __init__(self, office: Office, files: Any) -> None:
        self.office = office
        office.registry = FixedRegistry(make_view({}))
        self.evidence = Evidence(office, EvidenceShelf(files), None)  # type: ignore[arg-type]
        self.accreditation = Accreditation(office, self.evidence)
        self.importing = ShanghaiImport(office)
        self.accounts = Accounts(office)
        self.appoint(CLERK, OutcomeRole.INSTITUTION)
        self.appoint(BANKER, OutcomeRole.BANK)
        self.appoint(SECOND_BANKER, OutcomeRole.BANK)
        publish_catalogue(office)
        publish(office, FRAMEWORK, example_document(OUC_10))

    def appoint(
        self, account: str, role: OutcomeRole, school: str = SCHOOL, person: str = ""
    ) -> None:
        institution = school if role is OutcomeRole.INSTITUTION else ""
        staff = Staff(account=account, role=role, institution=institution, person=person or account)
        self.accreditation.appoint(staff, by="operator")

    def take(self, *rows: Row, by: str = CLERK, **changes: Any) -> TakenIn:
        """Let a reviewer take the step for some rows."""
        return self.importing.take_in(batch(rows, **changes), by=by)

    def deposit(self, *rows: Row) -> None:
        """Let both reviewers take their steps."""
        assert self.take(*rows).rejects == ()
        assert self.take(*rows, by=BANKER).rejects == ()

    def account(self, row: Row) -> str:
        mark = self.office.vault.blind_index("RESIDENT_ID", row.citizen_id)
        found = self.office.store.read(lambda reading: reading.learners_by_index([mark]))
        return found[mark].account

    def lots(self, row: Row) -> list[Any]:
        return list(self.accounts.archive(self.account(row)).lots)


def given(rows: Iterable[Row], template: Template = Template.FIRST) -> list[GivenRow]:
    """Return rows as their cells."""
    listed = list(rows)
    kind = type(listed[0])
    written = write_file(listed, kind, today=TODAY, template=template)
    assert written.rejects == (), written.rejects
    sheet = read_sheet(written.document, reason="SHANGHAI_FORM")
    names = [column.name for column in COLUMNS[kind]]
    return [GivenRow(one.line, tuple(one.cells[name] for name in names)) for one in sheet.rows]


def batch(some: Sequence[Row], **changes: Any) -> Batch:
    kinds = {kind: name for name, kind in KINDS.items()}
    made = Batch(
        kind=kinds[type(some[0])],
        institution=SCHOOL,
        catalogue="",
        framework="",
        template=Template.FIRST,
        file=hashlib.sha256(b"file").digest(),
        rows=given(some),
    )
    return replace(made, **changes)
