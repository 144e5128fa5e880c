"""Shanghai's exchange files by command: every row is told of, and nothing is lost on the way."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from node.domain.shanghai import CertificateConversion, CourseConversion, CourseGrade, Row
from node.domain.shanghai_form import write_file
from node.domain.sheets import Encoding
from tests.node.bank_desk import Desk
from tests.node.shanghai_rows import CERTIFICATE, CONVERSION, GRADE, TODAY


@pytest.fixture
def desk(capsys: pytest.CaptureFixture[str]) -> Desk:
    return Desk(capsys)


def written(path: Path, *rows: Row, encoding: Encoding = Encoding.GB_18030) -> Path:
    document = write_file(rows, type(rows[0]), today=TODAY, encoding=encoding).document
    path.write_bytes(document)
    return path


@pytest.mark.parametrize("encoding", [Encoding.GB_18030, Encoding.UTF_8, Encoding.UTF_8_MARKED])
@pytest.mark.parametrize(
    "row", [GRADE, CONVERSION, CERTIFICATE], ids=lambda row: type(row).__name__
)
def test_there_and_back_loses_nothing(
    desk: Desk, tmp_path: Path, row: Row, encoding: Encoding
) -> None:
    first = written(tmp_path / "a.csv", row)
    there, back = tmp_path / "b.csv", tmp_path / "c.csv"
    converting = ("shanghai", "convert", str(first), str(there), "--to-encoding", encoding.value)
    done = desk.ok_local(*converting)["converted"]
    assert (done["kind"], done["written"], done["rejects"]) == (type(row).__name__, 1, [])
    desk.ok_local("shanghai", "convert", str(there), str(back))
    assert back.read_bytes() == first.read_bytes()


def test_rejects_and_what_does_not_count_are_told_by_row(desk: Desk, tmp_path: Path) -> None:
    file = written(tmp_path / "a.csv", GRADE, replace(GRADE, score="70"))
    text = file.read_bytes().decode("gb18030")
    broken = text.splitlines()[1].replace(GRADE.citizen_id, GRADE.citizen_id[:-1] + "A")
    file.write_bytes((text + broken + "\r\n").encode("gb18030"))
    code, said = desk.run_local("shanghai", "check", str(file))
    found = said["check"]
    assert (code, found["rows"], found["counting"]) == (1, 2, 1)
    assert [one["line"] for one in found["rejects"]] == [4]
    assert [(one["line"], one["cause"], one["see"]) for one in found["left_out"]] == [
        (3, "LOWER_SCORE", [2])
    ]
    assert GRADE.citizen_id[:-1] not in str(found)
    target = tmp_path / "b.csv"
    code, said = desk.run_local("shanghai", "convert", str(file), str(target), "--selected")
    assert (code, said["converted"]["written"]) == (1, 1)
    assert len(target.read_bytes().splitlines()) == 2


def test_another_table_is_refused(desk: Desk, tmp_path: Path) -> None:
    file = tmp_path / "a.csv"
    file.write_text("a,b\n1,2\n")
    code, said = desk.run_local("shanghai", "check", str(file))
    assert (code, said["error"]["reason"]) == (1, "SHANGHAI_FORM")
    good = written(file, GRADE)
    code, said = desk.run_local(
        "shanghai", "convert", str(good), str(tmp_path / "b.csv"), "--template", "THIRD"
    )
    assert (code, said["error"]["reason"]) == (1, "FIELDS")


def test_the_three_kinds_are_told_apart_by_their_columns(desk: Desk, tmp_path: Path) -> None:
    for row, kind in (
        (GRADE, CourseGrade),
        (CONVERSION, CourseConversion),
        (CERTIFICATE, CertificateConversion),
    ):
        found = desk.ok_local("shanghai", "check", str(written(tmp_path / "a.csv", row)))
        assert found["check"]["kind"] == kind.__name__
