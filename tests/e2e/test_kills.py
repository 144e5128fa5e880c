"""Killed at any moment and started again, a federation comes to the same end.

``CREDITBANK_KILLS`` says how often it is killed; the ordinary suite is content with three.
"""

from __future__ import annotations

import os
from pathlib import Path
from random import Random

from tests.e2e.runs import start_demo, totals

TRANSFERS = 120
# Stages in the order in which kills meet them, each with the longest delay into it. Nodes go on
# by themselves while a run that was killed starts again, so starting comes more than once.
STAGES = (
    *(("ceremony", 0.1), ("founding", 0.4), ("enrolment", 0.2), ("starting", 1.5)),
    *(("rules", 0.1), ("accounts", 0.1), ("deposits", 0.1), ("codes", 0.1)),
    *(("applications", 0.1), ("applications", 0.2)),
    *(("transfers", 0.1), ("starting", 1.5)) * 4,
    *(("reconciliation", 0.2), ("transcripts", 0.3)),
)
KILLS = int(os.environ.get("CREDITBANK_KILLS", "3"))
SEED = int(os.environ.get("CREDITBANK_KILL_SEED", "1"))


def test_kills_change_nothing_and_lose_nothing(tmp_path: Path) -> None:
    calm = start_demo(tmp_path / "calm", "--exit", "--json", transfers=TRANSFERS).finish()
    directory = tmp_path / "killed"
    acknowledged: list[str] = []
    killed = 0
    for stage, delay_seconds in _moments(Random(SEED)):
        run = start_demo(directory, "--exit", "--json", transfers=TRANSFERS)
        killed += run.kill_in(stage, delay_seconds)
        before, acknowledged = acknowledged, _acknowledged(directory)
        assert acknowledged[: len(before)] == before
    figures = start_demo(directory, "--exit", "--json", transfers=TRANSFERS).finish()
    assert killed > 0
    assert totals(figures) == totals(calm)
    # The run itself asked the nodes for everything in it, after each kill and at its end.
    assert _acknowledged(directory)[: len(acknowledged)] == acknowledged


def _moments(chance: Random) -> list[tuple[str, float]]:
    """Draw stages in the order in which a run comes to them, and a delay into each."""
    places = sorted(chance.randrange(len(STAGES)) for _ in range(KILLS))
    return [(STAGES[place][0], chance.uniform(0, STAGES[place][1])) for place in places]


def _acknowledged(directory: Path) -> list[str]:
    path = directory / "acknowledged.jsonl"
    whole = path.read_text().rpartition("\n")[0] if path.exists() else ""
    return whole.splitlines()
