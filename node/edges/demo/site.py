"""The folder of a run: where everything lies, and what was asked for when it was begun.

``plan.json`` is the first file written and never changes. A restart on the same folder must ask
for the same, or is refused; it then goes on where the last process stopped.
"""

from __future__ import annotations

import fcntl
import json
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from federation.base.errors import Refusal
from federation.signing.keystore import replace_file
from node.edges.demo.ports import LOOPBACK, Reservation

PLAN_FILE = "plan.json"
COORDINATOR = "coordinator"


@dataclass(frozen=True, slots=True)
class Site:
    """A folder with what was asked for.

    Attributes:
        options: what was asked for, as plain values.
        ports: by province, its port for peers and its port for local systems; the coordinator has
            one.
    """

    directory: Path
    options: Mapping[str, Any]
    ports: Mapping[str, tuple[int, ...]]
    is_new: bool

    def node(self, province: str) -> Path:
        """Return the directory of a node."""
        return self.directory / province

    def address(self, name: str, place: int = 0) -> str:
        """Return an address of a process; place 0 for peers, 1 for local systems."""
        return f"{LOOPBACK}:{self.ports[name][place]}"

    @property
    def coordinator(self) -> Path:
        """The coordinator's folder."""
        return self.directory / COORDINATOR

    @property
    def officers(self) -> Path:
        """The folder of the officers' keys, which in earnest would lie in five safes."""
        return self.directory / "officers"

    @property
    def passphrase_file(self) -> Path:
        """The file that opens coordinator's and officers' keys."""
        return self.directory / "passphrase"

    @property
    def root_path(self) -> Path:
        """The root of the ceremony, kept where no node writes."""
        return self.directory / "root.json"

    @property
    def journal(self) -> Path:
        """What nodes acknowledged."""
        return self.directory / "acknowledged.jsonl"


@contextmanager
def open_site(
    directory: Path, options: Mapping[str, Any], provinces: tuple[str, ...]
) -> Iterator[Site]:
    """Begin a folder, or take one up again; one process at a time.

    Raises:
        Refusal: DEMO_DIFFERS when the folder was begun with other options, DEMO_BUSY while
            another process works in it, NOT_EMPTY when something else is there.
    """
    directory.mkdir(parents=True, exist_ok=True)
    handle = os.open(directory, os.O_RDONLY)
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise Refusal("DEMO_BUSY", detail=str(directory)) from None
        with Reservation() as reserved:
            yield _open(directory.resolve(), options, provinces, reserved)
    finally:
        os.close(handle)


def _open(
    directory: Path,
    options: Mapping[str, Any],
    provinces: tuple[str, ...],
    reserved: Reservation,
) -> Site:
    path = directory / PLAN_FILE
    is_new = not path.exists()
    if is_new:
        # A killed replacement may have left its hidden file; nothing else may be here.
        if any(not found.name.startswith(".") for found in directory.iterdir()):
            raise Refusal("NOT_EMPTY", detail=str(directory))
        chosen: dict[str, list[int]] = {COORDINATOR: reserved.take_many(1)}
        chosen |= {province: reserved.take_many(2) for province in provinces}
        content = {"options": dict(options), "ports": chosen}
        replace_file(path, json.dumps(content, ensure_ascii=False, indent=1).encode())
    saved = json.loads(path.read_bytes())
    if saved["options"] != dict(options):
        differing = [key for key, value in saved["options"].items() if options.get(key) != value]
        detail = ", ".join(f"{key}={saved['options'][key]}" for key in differing)
        raise Refusal("DEMO_DIFFERS", detail=detail)
    ports = {name: tuple(numbers) for name, numbers in saved["ports"].items()}
    reserved.hold(port for numbers in ports.values() for port in numbers)
    return Site(directory, saved["options"], ports, is_new)
