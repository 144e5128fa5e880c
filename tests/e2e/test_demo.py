"""The demonstration as a newcomer runs it: real processes, one object, books that agree."""

from __future__ import annotations

import json
import os
import signal
from pathlib import Path
from time import monotonic, sleep

from federation.evidence.audit import audit
from node.edges.demo.ports import is_taken
from tests.e2e.runs import start_demo, totals


def test_everything_reconciles_and_verifies(tmp_path: Path) -> None:
    directory = tmp_path / "demo"
    figures = start_demo(directory, "--exit", "--json").finish()
    assert figures["provinces"] == 3
    assert figures["pairs_reconciled"] == 6
    assert sum(figures["transfers"].values()) == figures["transcripts_verified"] == 12
    assert all(figures["transfers"].values()), "every kind of end came"
    out, into = figures["credits_out_hundredths"], figures["credits_in_hundredths"]
    assert out == into + figures["in_flight_hundredths"] > 0
    assert 0 < figures["granted_hundredths"] < out
    ends = figures["transfers"]
    assert figures["witnessed"] == ends["granted"] + ends["partly_granted"]
    assert figures["decisions"] == figures["decisions_recomputed"] == 12
    assert figures["ready_seconds"] > 0
    report = audit(directory, (directory / "root.json").read_bytes())
    assert report.agrees, report.differences
    again = start_demo(directory, "--exit", "--json").finish()
    assert totals(again) == totals(figures), "a second run on the folder adds nothing"


def test_audit_finds_one_changed_figure(tmp_path: Path) -> None:
    directory = tmp_path / "demo"
    start_demo(directory, "--exit", "--json", transfers=4).finish()
    path = directory / "figures.json"
    figures = json.loads(path.read_text())
    figures["credits_in_hundredths"] += 1
    path.write_text(json.dumps(figures))
    assert [one.reason for one in audit(directory).differences] == ["FIGURE_DIFFERS"]


def test_no_process_outlives_a_killed_parent(tmp_path: Path) -> None:
    directory = tmp_path / "demo"
    run = start_demo(directory, "--json", transfers=4)
    assert run.process.stdout is not None
    assert json.loads(run.process.stdout.readline())["provinces"] == 3
    ports = [port for found in _ports(directory).values() for port in found]
    assert all(is_taken(f"127.0.0.1:{port}") for port in ports)
    os.kill(run.process.pid, signal.SIGKILL)
    run.process.wait()
    until = monotonic() + 15
    while any(is_taken(f"127.0.0.1:{port}") for port in ports) and monotonic() < until:
        sleep(0.1)
    assert not [port for port in ports if is_taken(f"127.0.0.1:{port}")]


def _ports(directory: Path) -> dict[str, list[int]]:
    found: dict[str, list[int]] = json.loads((directory / "plan.json").read_text())["ports"]
    return found
