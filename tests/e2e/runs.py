"""Starts the demonstration as people do, as a process group of its own."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from time import sleep
from typing import Any

from node.edges.demo.announcer import TITLES

ROOT = Path(__file__).resolve().parent.parent.parent
LONGEST_SECONDS = 240


class Run:
    """A started command; standard output is one JSON object, the rest goes to a log."""

    def __init__(self, command: Sequence[str], log: Path) -> None:
        self._log = log.open("ab")
        self._began = log.stat().st_size
        self.process = subprocess.Popen(
            [sys.executable, "-P", "-m", *command],
            cwd=log.parent,
            env=os.environ | {"PYTHONPATH": str(ROOT), "NO_COLOR": "1"},
            stdout=subprocess.PIPE,
            stderr=self._log,
            start_new_session=True,
        )

    def finish(self) -> dict[str, Any]:
        """Wait for a good end and return the object printed."""
        out, _ = self.process.communicate(timeout=LONGEST_SECONDS)
        self._log.close()
        assert self.process.returncode == 0, self._told()
        answer = json.loads(out)
        assert isinstance(answer, dict)
        return answer

    def kill_in(self, stage: str, delay_seconds: float) -> bool:
        """Kill the whole group a while after a stage began; tell whether it was still at work."""
        while self.process.poll() is None and TITLES[stage][1] not in self._said():
            sleep(0.01)
        sleep(delay_seconds)
        if self.process.poll() is None:
            os.killpg(self.process.pid, signal.SIGKILL)
        out = self.process.communicate(timeout=LONGEST_SECONDS)[0]
        self._log.close()
        was_killed = self.process.returncode == -signal.SIGKILL
        assert was_killed or self.process.returncode == 0, self._told() + out.decode()
        return was_killed

    def _said(self) -> str:
        """Return what this run, and none before it in the same log, has said."""
        with open(self._log.name, "rb") as log:
            log.seek(self._began)
            return log.read().decode()

    def _told(self) -> str:
        return f"status {self.process.returncode}\n{Path(self._log.name).read_text()[-4000:]}"


def start_demo(directory: Path, *more: str, provinces: int = 3, transfers: int = 12) -> Run:
    """Start a small demonstration."""
    numbers = ("--provinces", str(provinces), "--learners", "6", "--transfers", str(transfers))
    command = ("node", "demo", *numbers, "--seed", "7", "--dir", str(directory), *more)
    return Run(command, directory.with_suffix(".log"))


def totals(figures: dict[str, Any]) -> dict[str, Any]:
    """Return the figures that the seed decides."""
    return {name: value for name, value in figures.items() if name != "ready_seconds"}
