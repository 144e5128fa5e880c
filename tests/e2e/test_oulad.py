"""The replay of real records, with few moves: every lot deposited, every pair reconciled."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.e2e.runs import ROOT, Run


@pytest.mark.parametrize("engine", ["sqlite", "postgresql"])
def test_every_result_becomes_a_lot_and_moves_end_in_every_way(
    engine: str, shared: Path, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    if engine == "postgresql":
        request.getfixturevalue("postgresql")
    # Without a folder of its own the run leaves nothing behind, its server's data included.
    arguments = ("--moves", "40", "--seed", "1", "--db", engine, "--json")
    command = ("scripts.oulad_replay", str(shared / "data" / "oulad"), *arguments)
    figures = Run(command, tmp_path / "oulad.log").finish()
    assert figures["lots_deposited"] == 15_385
    assert figures["provinces"] == 13
    assert figures["pairs_reconciled"] == 156
    assert sum(figures["transfers"].values()) == figures["transcripts_verified"] == 40
    assert figures["decisions"] == figures["decisions_recomputed"] == 40
    assert figures["transfers"]["partly_granted"] >= 4
    assert figures["transfers"]["refused"] >= 2
    assert figures["transfers"]["declined"] >= 2
    assert figures["synthesised"] is True
    assert figures["rejected_rows"] == []


def test_an_absent_folder_is_a_usage_error(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-P", "-m", "scripts.oulad_replay", str(tmp_path / "nowhere")],
        env=os.environ | {"PYTHONPATH": str(ROOT), "NO_COLOR": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 2
    assert "OULAD_MISSING" in done.stderr
    assert "nowhere" in done.stderr
    assert done.stdout == ""
