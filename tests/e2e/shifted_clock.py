"""A wall clock for the processes of a test that runs ahead of the machine's, by a file.

A small library, compiled by the test, is preloaded into every process; only the wall clock moves,
so timeouts and waits stay what they are.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from federation.base.clock import DAY, SECOND, SystemClock

INSTALL_COMMAND = "apt-get install gcc libc6-dev"
SOURCE = Path(__file__).with_name("shifted_clock.c")


class ShiftedClock:
    """The clock of the processes that are started while :meth:`variables` are set."""

    def __init__(self, folder: Path) -> None:
        self._file = folder / "clock"
        self._file.write_bytes(bytes(8))
        self._library = folder / "shifted_clock.so"
        subprocess.run(
            [_compiler(), "-O1", "-shared", "-fPIC", "-o", str(self._library), str(SOURCE)],
            check=True,
        )
        self._ahead_s = 0

    @property
    def variables(self) -> dict[str, str]:
        """What a process needs in its environment to follow this clock."""
        return {"LD_PRELOAD": str(self._library), "SHIFTED_CLOCK": str(self._file)}

    def now_us(self) -> int:
        """Return the time that the processes read, UTC microseconds."""
        return SystemClock().now_us() + self._ahead_s * SECOND

    def advance(self, us: int) -> None:
        """Move the clock ahead; a process sees it at its next look."""
        self._ahead_s += us // SECOND
        # Eight bytes written at once: no process reads half a number.
        with self._file.open("r+b", buffering=0) as file:
            os.pwrite(file.fileno(), self._ahead_s.to_bytes(8, "little"), 0)

    @property
    def days_ahead(self) -> float:
        """How far it is ahead."""
        return self._ahead_s * SECOND / DAY


def _compiler() -> str:
    for name in ("cc", "gcc"):
        found = shutil.which(name)
        if found:
            return found
    absent = f"no C compiler: {INSTALL_COMMAND}"
    if os.environ.get("CI") == "true":
        pytest.fail(absent)
    pytest.skip(absent)
