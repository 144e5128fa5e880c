"""Tables align in the cells of a terminal, plain rows are rows, and strangers command nothing."""

from __future__ import annotations

import json

import pytest
from rich.cells import cell_len

from federation.base.errors import Breach, Refusal, Unavailable
from node.edges.cli.output import Output, as_data, show_time
from node.edges.cli.refusals import exit_code, report
from node.v1.application_service_pb2 import ExchangeSummary
from node.v1.operation_service_pb2 import GetStatusResponse

COLUMNS = {"name": "姓名 Name", "credits": "学分 Credits", "state": "状态 State"}
ROWS = [
    {"name": "阿迪力·买买提", "credits": "12.50", "state": "AVAILABLE"},
    {"name": "王𠮷", "credits": "3.00", "state": "已转出"},
    {"name": "Li", "credits": "100.00", "state": "LOCKED"},
]


def shown(capsys: pytest.CaptureFixture[str], output: Output) -> list[str]:
    """Print the table and return its lines."""
    output.table("learners", COLUMNS, ROWS, numbers=["credits"])
    return [line for line in capsys.readouterr().out.splitlines() if line.strip()]


def start_of(line: str, text: str) -> int:
    """Return the display cell in which a text begins."""
    return cell_len(line[: line.index(text)])


def test_columns_align_in_display_cells(capsys: pytest.CaptureFixture[str]) -> None:
    heading, _rule, *rows = shown(capsys, Output())
    states = [start_of(line, row["state"]) for line, row in zip(rows, ROWS, strict=True)]
    assert set(states) == {start_of(heading, "状态")}
    ends = [
        start_of(r, row["credits"]) + len(row["credits"]) for r, row in zip(rows, ROWS, strict=True)
    ]
    assert len(set(ends)) == 1
    assert len({cell_len(line) for line in (heading, *rows)}) == 1


def test_plain_rows_have_tabs_and_nothing_else(capsys: pytest.CaptureFixture[str]) -> None:
    lines = shown(capsys, Output(plain=True))
    assert lines[0] == "姓名 Name\t学分 Credits\t状态 State"
    assert [line.split("\t")[0] for line in lines[1:]] == [row["name"] for row in ROWS]


def test_json_is_one_versioned_object(capsys: pytest.CaptureFixture[str]) -> None:
    lines = shown(capsys, Output(as_json=True))
    assert json.loads("".join(lines)) == {"version": 1, "learners": ROWS}


def test_no_color_means_no_escapes(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    monkeypatch.setenv("FORCE_COLOR", "1")
    report(Refusal("ACCOUNT"))
    assert "\x1b[3" not in capsys.readouterr().err


@pytest.mark.parametrize("plain", [True, False])
def test_a_value_cannot_break_a_row_or_command_the_terminal(
    capsys: pytest.CaptureFixture[str], plain: bool
) -> None:
    rows = [{"name": "a\tb\nc\x1b[31m[bold]\x9b1m"}]
    Output(plain=plain).table("learners", {"name": "Name"}, rows)
    out = capsys.readouterr().out
    assert "\x1b" not in out
    assert "\x9b" not in out
    assert "a b c" in out
    assert "[bold]" in out


def test_a_buffer_becomes_plain_values() -> None:
    status = GetStatusResponse(province="CN-31", exchanges={"CLOSED": 2}, log_size=2**60)
    status.peers.add(peer="CN-33", waiting=1)
    data = as_data(status)
    assert data["log_size"] == 2**60
    assert data["exchanges"] == {"CLOSED": 2}
    assert data["peers"][0]["peer"] == "CN-33"
    assert as_data(ExchangeSummary(reasons=["A"]))["reasons"] == ["A"]


def test_times_are_beijings() -> None:
    assert show_time(0) == ""
    assert show_time(1_700_000_000_000_000) == "2023-11-15 06:13:20 北京时间"


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (Refusal("ACCOUNT"), 1),
        (Breach("SIGNATURE_INVALID"), 1),
        (Breach("PROVINCE_UNKNOWN"), 2),
        (Unavailable("NODE_DOWN"), 3),
        (Unavailable("COORDINATOR_UNREACHABLE"), 3),
        (Unavailable("WAITING"), 4),
        (Unavailable("NOT_JOINED"), 1),
    ],
)
def test_exit_codes_tell_refused_from_down_and_waiting(error: Refusal, code: int) -> None:
    assert exit_code(error) == code


@pytest.mark.parametrize(("as_json", "plain"), [(False, False), (False, True), (True, False)])
def test_an_error_has_reason_cause_effect_and_next_command(
    capsys: pytest.CaptureFixture[str], as_json: bool, plain: bool
) -> None:
    report(Unavailable("NODE_DOWN", detail="somewhere"), as_json=as_json, plain=plain)
    captured = capsys.readouterr()
    assert captured.out == ""
    words = ("NODE_DOWN", "节点没有运行。", "The node is not running.", "数据未变。")
    for text in (*words, "Nothing was changed.", "creditbank run", "somewhere"):
        assert text in captured.err
