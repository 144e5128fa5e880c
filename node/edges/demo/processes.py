"""The processes of a run: started together, watched, and ended with the process that began them.

Every child holds the reading end of a pipe as its standard input and ends when the pipe does, so
that none is left behind even when this process is killed.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from time import monotonic, sleep

from federation.base.errors import Refusal

ENDING_SECONDS = 10.0
_TAIL_BYTES = 2000
_PACKAGES = Path(__file__).resolve().parents[3]


@dataclass(frozen=True, slots=True)
class Child:
    """A started process."""

    name: str
    process: subprocess.Popen[bytes]
    log: Path


class Processes:
    """Children by name; use it as a context."""

    def __init__(self) -> None:
        self._children: dict[str, Child] = {}

    def start(self, name: str, command: Sequence[str], log: Path) -> None:
        """Start ``creditbank`` with these arguments, its output going to a log."""
        with log.open("ab") as output:
            process = subprocess.Popen(  # noqa: S603 - our own interpreter, our own arguments
                [sys.executable, "-P", "-m", "node.edges.cli.attended", *command],
                stdin=subprocess.PIPE,
                stdout=output,
                stderr=subprocess.STDOUT,
                env=_environment(),
            )
        self._children[name] = Child(name, process, log)

    def check(self) -> None:
        """Check that all are still there.

        Raises:
            Refusal: DEMO_PROCESS naming the one that ended, with the end of its log.
        """
        for child in self._children.values():
            status = child.process.poll()
            if status is not None:
                detail = f"{child.name}: status {status}; {child.log}\n{_tail(child.log)}"
                raise Refusal("DEMO_PROCESS", detail=detail)

    @property
    def pids(self) -> dict[str, int]:
        """Process ids by name."""
        return {name: child.process.pid for name, child in self._children.items()}

    def end(self) -> None:
        """End all of them, politely first."""
        alive = [child.process for child in self._children.values()]
        for process in alive:
            process.terminate()
        until = monotonic() + ENDING_SECONDS
        while any(process.poll() is None for process in alive) and monotonic() < until:
            sleep(0.02)
        for process in alive:
            if process.poll() is None:
                process.kill()
            process.wait()
            if process.stdin is not None:
                process.stdin.close()
        self._children.clear()

    def __enter__(self) -> Processes:
        """Return the processes."""
        return self

    def __exit__(self, *_fault: object) -> None:
        """End all."""
        self.end()


def _environment() -> dict[str, str]:
    """Return our environment without settings meant for a single node."""
    kept = {key: text for key, text in os.environ.items() if not key.startswith("CREDITBANK_")}
    # -P takes from a child the folder in which it stands, where this package may lie.
    folders = (str(_PACKAGES), kept.get("PYTHONPATH", ""))
    return kept | {"PYTHONPATH": os.pathsep.join(filter(None, folders))}


def _tail(log: Path) -> str:
    try:
        return log.read_bytes()[-_TAIL_BYTES:].decode(errors="replace").strip()
    except OSError:
        return ""
