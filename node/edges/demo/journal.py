"""What nodes acknowledged, kept apart from the nodes, so that nothing acknowledged can vanish
unseen.

A line is written only after a node's answer, and is durable before the next step. After a kill,
and at the end, everything in it must still be there.
"""

from __future__ import annotations

import json
import os
import threading
from collections.abc import Iterable
from pathlib import Path
from typing import Any

Fact = dict[str, Any]


class Journal:
    """An append-only file of facts; a line torn by a kill was not yet acknowledged."""

    def __init__(self, path: Path) -> None:
        self._lock = threading.Lock()
        whole, self._lines = _read(path)
        self._file = path.open("ab")
        self._file.truncate(whole)
        self._before = len(self._lines)

    @property
    def facts(self) -> list[Fact]:
        """Everything acknowledged so far, in order."""
        with self._lock:
            return [json.loads(line) for line in self._lines]

    def add(self, facts: Iterable[Fact]) -> None:
        """Write facts that are not yet there, and make them durable."""
        with self._lock:
            new = []
            for fact in facts:
                line = json.dumps(fact, ensure_ascii=False, sort_keys=True)
                if line not in self._lines:
                    self._lines[line] = None
                    new.append(line)
            if new:
                self._file.write("".join(f"{line}\n" for line in new).encode())
                self._file.flush()
                os.fsync(self._file.fileno())

    def close(self) -> None:
        """Close the file."""
        self._file.close()


def _read(path: Path) -> tuple[int, dict[str, None]]:
    """Return the size of the whole lines and the lines."""
    try:
        content = path.read_bytes()
    except FileNotFoundError:
        content = b""
    whole = content.rfind(b"\n") + 1
    return whole, dict.fromkeys(content[:whole].decode().splitlines())
