"""Shanghai's files through the commands: what goes in comes out, cell by cell."""

from __future__ import annotations

import csv
import stat
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from federation.protocol.messages import Fact
from node.config import NodeConfig
from node.domain.notices import Statement
from node.domain.shanghai import Row
from node.domain.shanghai_codes import Completion, Template
from node.domain.shanghai_form import write_file
from node.domain.sheets import Encoding, read_sheet
from node.edges.cli import shanghai_desk
from node.usecases.lots import Lots
from tests.node.bank_desk import Desk, found, served
from tests.node.shanghai_bank import (
    BANKER,
    CLERK,
    ODD_TITLE,
    SCHOOL,
    ShanghaiBank,
    citizen,
)
from tests.node.shanghai_rows import CERTIFICATE, CONVERSION, GRADE, TODAY
from tests.node.store_world import office, opened

KINDS = {"grades": GRADE, "courses": CONVERSION, "certificates": CERTIFICATE}


@pytest.fixture(scope="module")
def config(tmp_path_factory: pytest.TempPathFactory) -> NodeConfig:
    return found(tmp_path_factory.mktemp("node") / "sh", "CN-31")


@pytest.fixture
def bank(tmp_path: Path) -> Iterator[ShanghaiBank]:
    with opened(f"sqlite:///{tmp_path / 'bank.sqlite'}") as store:
        yield ShanghaiBank(office(store, tmp_path), tmp_path / "files")


@pytest.fixture
def desk(
    bank: ShanghaiBank,
    config: NodeConfig,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> Iterator[Desk]:
    with served(config, bank.office, bank.evidence, monkeypatch):
        yield Desk(capsys)


Write = Callable[..., Path]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    def written(*rows: Row, **how: Any) -> Path:
        document = write_file(rows, type(rows[0]), today=TODAY, **how)
        assert document.rejects == ()
        path = tmp_path / "rows.csv"
        path.write_bytes(document.document)
        return path

    return written


def variants(row: Any) -> list[Any]:
    """Return rows that differ in person, in odd characters and in what is left empty."""
    named = replace(row, citizen_id=citizen(2), person_name="阿依古丽·买买提", score="100")
    if row is CERTIFICATE:
        bare = replace(
            row, citizen_id=citizen(3), person_name="𠮷𰻝", score="", certificate_type=""
        )
        return [row, named, bare, replace(row, target_code="SH-X", target_credits_hundredths=0)]
    odd = replace(row, citizen_id=citizen(3), person_name="𠮷𰻝", course=ODD_TITLE, remark='备,注"')
    bare = replace(
        row, citizen_id=citizen(4), person_name="王", major="", season=None, student_number=""
    )
    return [row, named, odd, bare]


def imported(desk: Desk, kind: str, file: Path, *more: str) -> Any:
    """Let both reviewers import a file that has no rejects."""
    first, handed = desk.run("shanghai", "import", kind, str(file), *more, account=CLERK)
    bank = ("shanghai", "import", kind, str(file), "--institution", SCHOOL, *more)
    second, taken = desk.run(*bank, account=BANKER)
    assert (first, second) == (4, 0), (handed, taken)
    assert handed["imported"]["handed_in"] == taken["imported"]["taken_in"]
    return taken["imported"]


@pytest.mark.parametrize("template", list(Template))
@pytest.mark.parametrize("encoding", [Encoding.GB_18030, Encoding.UTF_8, Encoding.UTF_8_MARKED])
@pytest.mark.parametrize("kind", KINDS)
def test_what_was_imported_is_exported_cell_by_cell(
    desk: Desk, write: Write, tmp_path: Path, kind: str, encoding: Encoding, template: Template
) -> None:
    file = write(*variants(KINDS[kind]), encoding=encoding, template=template)
    said = imported(desk, kind, file)
    assert (said["encoding"], said["template"], said["rejected"]) == (encoding, template, 0)
    out = tmp_path / "out.csv"
    told = desk.ok("shanghai", "export", kind, "--out", str(out), "--encoding", encoding)
    assert told["exported"]["written"] == 4
    assert out.read_bytes() == file.read_bytes()
    assert stat.S_IMODE(out.stat().st_mode) == 0o600
    # The same file again changes nothing, whoever hands it over.
    again = desk.ok("shanghai", "import", kind, str(file), account=CLERK)["imported"]
    assert (again["unchanged"], again["handed_in"]) == (4, 0)


def test_spellings_of_cells_are_kept_and_columns_may_stand_in_any_order(
    desk: Desk, write: Write, tmp_path: Path
) -> None:
    file = write(GRADE, encoding=Encoding.UTF_8)
    lines = list(csv.reader(file.read_text("utf-8").splitlines()))
    at = lines[0].index("学分")
    lines[1][at] = "2.5"
    turned = [list(reversed(line)) for line in lines]
    file.write_text("".join(",".join(line) + "\n" for line in turned), "utf-8")
    imported(desk, "grades", file)
    out = tmp_path / "out.csv"
    desk.ok("shanghai", "export", "grades", "--out", str(out), "--encoding", "utf-8")
    assert list(csv.reader(out.read_text("utf-8").splitlines())) == lines


def test_codes_are_written_in_the_other_template_where_it_has_them(
    desk: Desk, write: Write, tmp_path: Path
) -> None:
    left = replace(
        GRADE,
        citizen_id=citizen(5),
        person_name="肄业",
        completion=Completion.COMPLETED_OR_LEFT,
    )
    imported(desk, "grades", write(GRADE, left))
    out = tmp_path / "out.csv"
    newer = ("shanghai", "export", "grades", "--out", str(out), "--template", "NEWER")
    code, said = desk.run(*newer)
    assert (code, said["exported"]["withheld"]) == (1, {"NO_CODE_IN_TEMPLATE": 1})
    expected = write_file([GRADE], type(GRADE), today=TODAY, template=Template.NEWER).document
    assert out.read_bytes() == expected
    # Rows in both templates make no one file unless one of the two is chosen.
    second = replace(GRADE, citizen_id=citizen(6), person_name="新")
    imported(desk, "grades", write(second, template=Template.NEWER))
    assert desk.reason("shanghai", "export", "grades", "--out", str(out)) == "FIELDS"
    assert out.read_bytes() == expected
    assert not list(tmp_path.glob(".out.csv*"))


def test_rejects_lie_beside_the_file_with_cause_and_remedy(
    desk: Desk, write: Write, tmp_path: Path
) -> None:
    lower = replace(GRADE, score="70")
    unknown = replace(GRADE, course="无此课程", citizen_id=citizen(7), person_name="钱七")
    file = write(GRADE, lower, unknown)
    beside = tmp_path / "rows.csv.rejects.csv"
    rehearsed = desk.run("shanghai", "import", "grades", str(file), "--dry-run", account=CLERK)
    code, said = desk.run("shanghai", "import", "grades", str(file), account=CLERK)
    told = said["imported"]
    assert (code, told["handed_in"], told["rejected"]) == (1, 1, 2)
    assert rehearsed[1]["imported"]["causes"] == told["causes"]
    assert told["causes"] == {"LOWER_SCORE": 1, "NOT_IN_CATALOGUE": 1}
    assert told["rejects_file"] == str(beside)
    sheet = read_sheet(beside.read_bytes(), reason="SHANGHAI_FORM")
    assert sheet.encoding is Encoding.UTF_8_MARKED
    found = [
        (row.cells["行 line"], row.cells["原因 cause"], row.cells["参见 see"]) for row in sheet.rows
    ]
    assert found == [("3", "LOWER_SCORE", "2"), ("4", "NOT_IN_CATALOGUE", "")]
    assert all(row.cells["处理"] and row.cells["remedy"] for row in sheet.rows)
    for secret in (unknown.citizen_id, "钱七", "无此课程"):
        assert secret not in beside.read_text("utf-8-sig")
    # Once corrected nothing is left beside it.
    desk.run("shanghai", "import", "grades", str(write(GRADE)), account=CLERK)
    assert not beside.exists()


def test_the_best_score_counts_however_far_apart_the_rows_stand(
    desk: Desk, write: Write, monkeypatch: pytest.MonkeyPatch, bank: ShanghaiBank
) -> None:
    monkeypatch.setattr(shanghai_desk, "BATCH", 1)
    rows = [replace(GRADE, score="61"), replace(GRADE, acquired="202501"), GRADE]
    file = write(*rows)
    code, said = desk.run("shanghai", "import", "grades", str(file), account=CLERK)
    assert (code, said["imported"]["causes"]) == (1, {"LOWER_SCORE": 1, "OLDER_RECORD": 1})
    desk.run("shanghai", "import", "grades", str(file), "--institution", SCHOOL, account=BANKER)
    assert [lot.facts().earned for lot in bank.lots(GRADE)] == ["2025-01-01"]


def test_what_is_no_longer_in_force_is_not_reported(
    desk: Desk, write: Write, tmp_path: Path, bank: ShanghaiBank
) -> None:
    second = replace(GRADE, citizen_id=citizen(8), person_name="孙八")
    imported(desk, "grades", write(GRADE, second))
    (lot,) = bank.lots(GRADE)
    Lots(bank.office).state(
        Statement(lot_id=lot.lot_id, fact=Fact.REVOKED, reason="ISSUED_IN_ERROR")
    )
    out = tmp_path / "out.csv"
    told = desk.ok("shanghai", "export", "grades", "--out", str(out))["exported"]
    assert (told["written"], told["withheld"]) == (1, {"REVOKED": 1})
    bank.accounts.erase(bank.account(second))
    told = desk.ok("shanghai", "export", "grades", "--out", str(out))["exported"]
    assert told["written"] == 0


def test_another_kind_of_file_is_refused_with_its_faults(desk: Desk, write: Write) -> None:
    code, said = desk.run("shanghai", "import", "courses", str(write(GRADE)), account=CLERK)
    assert (code, {one["cause"] for one in said["faults"]}) == (
        1,
        {"HEADER_MISSING", "HEADER_UNKNOWN"},
    )


def test_only_operators_get_rows_out(desk: Desk, tmp_path: Path) -> None:
    out = tmp_path / "out.csv"
    export = ("shanghai", "export", "grades", "--out", str(out))
    assert desk.reason(*export, account=CLERK) == "NOT_LOCAL"
    assert not out.exists()
