"""The database gone in the middle: a node says so, keeps nothing half, and goes on by itself."""

from __future__ import annotations

import os
import resource
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

from federation.base.errors import Unavailable
from node.edges.demo.cluster import Cluster
from node.v1 import application_service_pb2 as applications
from tests.e2e.realm import PATIENCE_SECONDS, Realm, open_account, realm, until_true
from tests.e2e.running_node import Node

S, D = "CN-31", "CN-44"
TMPFS_BYTES = 16 * 1024 * 1024


@pytest.fixture
def land(tmp_path: Path) -> Iterator[Realm]:
    """A realm whose coordinator runs."""
    with realm(tmp_path) as made:
        made.start_coordinator()
        yield made


def test_postgresql_stops_under_load_and_returns(land: Realm, own_server: Cluster) -> None:
    own_server.make_databases(["source"])
    land.found((S, D), databases={S: own_server.url("source")})
    source, destination = land.start(S), land.start(D)
    land.launch(S, "twin")
    until_true(lambda: land.status(S).code == 0, "not well")
    waiting = land.begin(source, destination)
    until_true(lambda: land.states(S).get(waiting) == "PREPARED", "no VOTE came")
    load, back = Load(source, destination, 30), prepared(destination, source)
    with load.running():
        until_true(lambda: len(load.opened) >= 5, "nothing moves")
        own_server.stop()
        until_true(lambda: load.failures, "nobody noticed")
        told = land.status(S)
        assert (told.code, told["verdict"], told["cause"]) == (3, "DOWN", "STORAGE")
        assert land.ask(S, "request", "accept", waiting).code == 3
        assert not seen(land, S, "database").get("is_sound")
        # What a peer is told meanwhile stands in its own status.
        (asked,) = destination.open_applications(back)
        until_true(lambda: land.peer(D, S)["failure"] == "STORAGE", "the peer was not told")
        assert [one["subject"] for one in land.status(D)["findings"]] == [S]
        own_server.start()
    assert {one.reason for one in load.failures} <= {"STORAGE", "RETRY"}
    assert all(one.retry_after_ms > 0 for one in load.failures)
    for province in (S, D):
        until_true(lambda one=province: land.status(one).code == 0, f"{province} is not well")
    assert seen(land, S, "database")["is_sound"]
    assert land.ask(S, "request", "accept", waiting).code == 0
    exchanges = {waiting, *load.opened.values()}
    assert len(exchanges) == 31
    until_true(lambda: closed(land, S) >= {*exchanges, asked.exchange}, "not all is closed")
    pair = land.ask(S, "peer", "ping", D)["pair"]
    assert (pair["agrees"], pair["exchanges"], pair["in_flight"]) == (True, 31, "0.00")
    assert "Traceback" not in land.log(S) + land.log(D)


def test_a_full_disk_stops_writing_and_nothing_else(land: Realm, tmp_path: Path) -> None:
    with small_disk(tmp_path / "disk") as disk:
        land.found((S, D), databases={S: f"sqlite:///{disk.folder / 'node.db'}"})
        source, destination = land.start(S), land.start(D)
        until_true(lambda: land.status(S).code == 0, "not well")
        done, waiting = (land.begin(source, destination, agrees=one) for one in (True, False))
        until_true(lambda: land.states(S).get(done) == "CLOSED", "does not close")
        until_true(lambda: land.states(S).get(waiting) == "PREPARED", "no VOTE came")
        learner = land.person(source)[0]
        disk.fill(source.pid)
        refused = until_refused(lambda: source.deposit(learner, "3"))
        assert (refused.reason, refused.retry_after_ms > 0) == ("STORAGE", True)
        told = land.status(S)
        assert (told.code, told["verdict"], told["cause"]) == (1, "DEGRADED", "STORAGE")
        # Reading goes on, and nothing of what is refused is there.
        lots = len(source.archive(learner).lots)
        until_refused(lambda: source.deposit(learner, "3"))
        assert len(source.archive(learner).lots) == lots
        assert land.ask(S, "request", "accept", waiting).code == 3
        assert land.states(S)[waiting] == "PREPARED"
        disk.empty(source.pid)
        until_true(lambda: land.status(S).code == 0, "does not recover by itself")
        assert land.ask(S, "request", "accept", waiting).code == 0
        until_true(lambda: land.states(S)[waiting] == "CLOSED", "does not close")
        assert land.ask(S, "peer", "ping", D)["pair"]["agrees"]
        assert "Traceback" not in land.log(S)
        land.children.end_one(S)


def prepared(source: Node, destination: Node) -> applications.Application:
    """Return an application at a node for a new person, ready to be handed in."""
    number = f"P-{next(source.numbers)}"
    here, there = (open_account(node, number) for node in (source, destination))
    code = destination.code(there, source.province)
    lots = dict.fromkeys(source.deposit(here, "3"), 300)
    return source.application(
        here, lots, destination.province, transfer_code=code.hex(), agrees_to_whole_grant=True
    )


class Load:
    """Somebody who hands applications in, each until it is taken.

    Attributes:
        opened: exchanges by reference.
        failures: what the node answered when it could not.
    """

    def __init__(self, source: Node, destination: Node, count: int) -> None:
        self._source = source
        self._wanted = [prepared(source, destination) for _ in range(count)]
        self.opened: dict[str, str] = {}
        self.failures: list[Unavailable] = []

    @contextmanager
    def running(self) -> Iterator[None]:
        """Hand them in meanwhile; all are in at the end."""
        thread = threading.Thread(target=self._run, daemon=True)
        thread.start()
        yield
        thread.join(timeout=PATIENCE_SECONDS)
        assert len(self.opened) == len(self._wanted), self.failures[-1:]

    def _run(self) -> None:
        for one in self._wanted:
            while one.reference not in self.opened:
                try:
                    (opened,) = self._source.open_applications(one)
                except Unavailable as failure:
                    self.failures.append(failure)
                else:
                    assert not opened.reason, opened
                    self.opened[one.reference] = opened.exchange
                time.sleep(0.05)


class SmallDisk:
    """A disk that can be full for a process: a small file system, or a limit on its files."""

    def __init__(self, folder: Path, *, is_mounted: bool) -> None:
        self.folder = folder
        self._is_mounted = is_mounted

    def fill(self, pid: int) -> None:
        """Leave no room."""
        if not self._is_mounted:
            largest = max(one.stat().st_size for one in self.folder.iterdir())
            resource.prlimit(pid, resource.RLIMIT_FSIZE, (largest, resource.RLIM_INFINITY))
            return
        with (self.folder / "filler").open("wb", buffering=0) as filler, suppress(OSError):
            while filler.write(bytes(4096)):
                pass

    def empty(self, pid: int) -> None:
        """Make room again."""
        if self._is_mounted:
            (self.folder / "filler").unlink()
        else:
            unlimited = (resource.RLIM_INFINITY, resource.RLIM_INFINITY)
            resource.prlimit(pid, resource.RLIMIT_FSIZE, unlimited)


@contextmanager
def small_disk(folder: Path) -> Iterator[SmallDisk]:
    """Make a small file system where we may, else an ordinary folder."""
    folder.mkdir()
    words = ["mount", "-t", "tmpfs", "-o", f"size={TMPFS_BYTES}", "none", str(folder)]
    is_root = os.getuid() == 0
    is_mounted = is_root and not subprocess.run(words, capture_output=True, check=False).returncode
    try:
        yield SmallDisk(folder, is_mounted=is_mounted)
    finally:
        if is_mounted:
            subprocess.run(["umount", "-l", str(folder)], check=True)


def until_refused(write: Callable[[], object]) -> Unavailable:
    """Write until there is no room, and return what is said then."""
    until = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < until:
        try:
            write()
        except Unavailable as refused:
            return refused
    raise AssertionError("the disk is never full")


def closed(land: Realm, province: str) -> set[str]:
    """Return the exchanges that are over at a node."""
    states = land.states(province).items()
    return {exchange for exchange, state in states if state in ("CLOSED", "CREDITED")}


def seen(land: Realm, province: str, subject: str) -> dict[str, object]:
    """Return what ``creditbank doctor`` sees of something."""
    told = land.ask(province, "doctor")
    (found,) = [one for one in told["findings"] if subject in one["subject"]]
    return dict(found)
