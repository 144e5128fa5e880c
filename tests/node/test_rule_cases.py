"""Cases that people write for a rule: what is expected, what is said, what is faulty."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from node.domain.file_faults import FileBreach
from node.domain.rule_cases import COLUMNS, read_cases, try_case
from node.domain.rule_guide import rule_guide
from node.domain.rule_judge import open_rule
from node.domain.rulebook_form import canonical_document
from node.edges.cli.main import run
from tests.node.rule_documents import DOCUMENT as FIRST
from tests.node.rule_documents import spelled
from tests.node.rulebook_documents import course, document, entry, grant, written

ON = "2026-11-23"
HEADER = "case,source,credits,code,catalogue,title,earned,kind,issuer,grade,scale,level"
BOTH = entry(
    {"all": [course("A"), course("B")]}, grant("T1", credits_hundredths=500), grade_written="AS_IS"
)
RULE = document(BOTH, entry(course("C", minimum_grade=90), grant("T2")))


def row(case: str, code: str, *more: str, grade: str = "85") -> str:
    facts = (case, "CN-33", "4", code, "1", f"课程 {code}", "2024-06-30", "DEGREE", "浙江开放大学")
    return ",".join((*facts, grade, "percent", "6", *more))


def table(*rows: str, columns: str = ",wanted,expected,reasons") -> bytes:
    return "\n".join((HEADER + columns, *rows)).encode()


def tried(*rows: str) -> dict[str, tuple[bool | None, dict[str, int], tuple[str, ...]]]:
    judge = open_rule(canonical_document(written(RULE)))
    found = [try_case(judge, one, on=ON) for one in read_cases(table(*rows))]
    return {one.case.name: (one.agrees, dict(one.granted), one.reasons) for one in found}


def test_rows_of_one_name_are_judged_together_and_compared() -> None:
    said = tried(
        row("both", "A", "T1", "T1=5.00", ""),
        row("both", "B", "", "", ""),
        row("one", "A", "", "-", "REQUIREMENT_INCOMPLETE"),
        row("low", "C", "", "T2=4", ""),
        row("", "C", "", "", "", grade="95"),
        row("why", "C", "", "", "GRADE_UNKNOWN"),
    )
    assert said["both"] == (True, {"T1": 500}, ())
    assert said["one"] == (True, {}, ("REQUIREMENT_INCOMPLETE",))
    assert said["low"] == (False, {}, ("GRADE_BELOW_MINIMUM",))
    assert said["#6"] == (None, {"T2": 400}, ())
    assert said["why"] == (False, {}, ("GRADE_BELOW_MINIMUM",))


@pytest.mark.parametrize(
    ("rows", "line", "column", "cause"),
    [
        ((row("a", "A", "", "T1", ""),), 2, "expected", "EXPECTED"),
        ((row("a", "A", "", "T1=0", ""),), 2, "expected", "EXPECTED"),
        ((row("a", "A", "", "T1=1 T1=2", ""),), 2, "expected", "EXPECTED"),
        ((row("a", "A", "T1", "", ""), row("a", "B", "T2", "", "")), 3, "wanted", "SAID_TWICE"),
        ((row("a", "A", "", "", ""), row("b", "B", "", "", "", grade="?")), 3, "grade", "GRADE"),
        ((row("a", "A", "", "", "").replace("CN-33", "CN-99"),), 2, "source", "PROVINCE_UNKNOWN"),
        ((row("a", "A", "", "", "").replace(",4,", ",x,"),), 2, "credits", "AMOUNT"),
        ((row("a", "A", "", "", "").replace("DEGREE", "OTHER"),), 2, "kind", "FIELDS"),
        ((row("a", "A", ""),), 2, "", "CELL_COUNT"),
        ((), 1, "", "NO_ROWS"),
    ],
)
def test_a_faulty_table_names_line_column_and_cause(
    rows: tuple[str, ...], line: int, column: str, cause: str
) -> None:
    with pytest.raises(FileBreach, match="RULE_CASES") as breach:
        read_cases(table(*rows))
    assert [(one.line, one.column, one.cause) for one in breach.value.faults] == [
        (line, column, cause)
    ]
    (fault,) = breach.value.faults
    assert all((fault.text.cause_zh, fault.text.remedy_zh, fault.text.cause_en))


def test_an_unknown_a_repeated_and_a_missing_column_are_named() -> None:
    faulty = b"source,credits,credits,colour\n"
    with pytest.raises(FileBreach) as breach:
        read_cases(faulty)
    found = {(one.column, one.cause) for one in breach.value.faults}
    assert found >= {("colour", "HEADER_UNKNOWN"), ("credits", "HEADER_REPEATED")}
    assert ("title", "HEADER_MISSING") in found


def test_the_guide_explains_every_column() -> None:
    guide = rule_guide()
    assert all(f"| `{name}` |" in guide for name in COLUMNS)


@pytest.mark.parametrize("form", [1, 2])
def test_the_command_prints_what_was_expected_and_said(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], form: int
) -> None:
    rule, cases = tmp_path / "rule.json", tmp_path / "cases.csv"
    rule.write_bytes(written(RULE) if form == 2 else spelled(FIRST))
    code, target = ("C", "T2=4.00") if form == 2 else ("CS-101", "GD-1=3.20")
    cases.write_bytes(table(row("good", code, "", target, "", grade="95")))
    command = ["rule", "test", str(rule), str(cases), "--on", ON, "--json"]
    assert run(command) == 0
    (said,) = json.loads(capsys.readouterr().out)["cases"]
    assert (said["case"], said["granted"], said["agrees"]) == ("good", [target], True)
    cases.write_bytes(table(row("bad", code, "", "T9=1", "", grade="95")))
    assert run(command) == 1
    (said,) = json.loads(capsys.readouterr().out)["cases"]
    assert (said["expected"], said["granted"], said["agrees"]) == (["T9=1.00"], [target], False)
    cases.write_bytes(table(row("bad", code, "", "T9", "", grade="95")))
    assert run(command) == 1
    (fault,) = json.loads(capsys.readouterr().out)["faults"]
    assert (fault["file"], fault["line"], fault["cause"]) == ("cases.csv", 2, "EXPECTED")
    assert fault["why"]
    assert fault["why_en"]
