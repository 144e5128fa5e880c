"""A coordinator and two nodes as real processes over loopback, and members who only talk.

CN-31 and CN-44 run. CN-33 is enrolled like them but has no process: a test holds its keys and
speaks for it. CN-12 is suspended. CN-33 also lists a key that was revoked and one not yet valid.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import count
from pathlib import Path

import pytest

from federation.base.clock import DAY, HOUR, SystemClock
from federation.base.entropy import SystemEntropy
from federation.base.errors import CreditBankError
from federation.coordinator.ceremony import draft_targets
from federation.coordinator.enrolment import approve, change_status
from federation.signing.keystore import create_key, write_secret
from federation.trust.members import MemberKey, MemberStatus, member_path, render_member
from node.domain.rule_form import canonical_rule
from node.edges.demo.processes import Processes
from node.edges.local_client import LocalClient
from node.founding import found_node, join
from tests.e2e.agreeing import agree
from tests.e2e.ports import await_listening, free_port
from tests.e2e.rogue import Rogue
from tests.e2e.running_node import ROGUE, Learner, Node
from tests.federation.registry_world import PASSPHRASE, World, new_world, present_us
from tests.postgresql import Databases
from tests.raw_sql import sql

RUNNING = ("CN-31", "CN-44")
SUSPENDED = "CN-12"
REVOKED_BELOW = 4
READY_SECONDS = 30.0
RULE = """{"rule":"%s/general","version":1,"title_zh":"规则","title_en":"rule","example":true,
"valid_from":"2020-01-01","valid_until":"","equivalences":[{"id":"e1","source":"*","code":"*",
"target":"T1","ratio":"4/5","minimum_grade":60,"minimum_level":null,"kinds":null}]}"""


@dataclass
class Federation:
    """The running federation.

    Attributes:
        engine: what the nodes keep their stores in.
        rogue: CN-33, which says what a test makes it say.
        suspended: CN-12, likewise.
    """

    engine: str
    world: World
    processes: Processes
    nodes: dict[str, Node]
    rogue: Rogue
    suspended: Rogue

    @property
    def source(self) -> Node:
        """CN-31, where tests keep lots."""
        return self.nodes["CN-31"]

    @property
    def destination(self) -> Node:
        """CN-44, to which CN-33 offers lots."""
        return self.nodes["CN-44"]

    @cached_property
    def learner(self) -> Learner:
        """A learner at the destination for offers that are all refused."""
        return self.destination.enrol()

    @cached_property
    def code(self) -> bytes:
        """A code of that learner which no message ever uses up."""
        return self.destination.code(self.learner)

    @cached_property
    def exchange_of_others(self) -> bytes:
        """An exchange of CN-31 with CN-44, refused for two persons' accounts and over."""
        here, there = self.source.enrol(), self.destination.enrol()
        code = self.destination.code(there, "CN-31")
        exchange_id = self.source.apply(here, self.source.deposit(here, "3"), "CN-44", code=code)
        until = time.monotonic() + READY_SECONDS
        while self.source.state_of(exchange_id) != "CLOSED" and time.monotonic() < until:
            time.sleep(0.02)
        return exchange_id

    @contextmanager
    def unchanged(self, *nodes: Node) -> Iterator[None]:
        """Check that nothing is stored meanwhile, and that the nodes answer afterwards."""
        before = [node.picture() for node in nodes]
        broken = [node.breakages() for node in nodes]
        yield
        self.processes.check()
        assert [node.picture() for node in nodes] == before
        assert [node.breakages() for node in nodes] == broken


@contextmanager
def spared(node: Node) -> Iterator[None]:
    """Check that a node needs no more than 50 MiB more meanwhile, neither at last nor at most."""
    lines = ("VmRSS", "VmHWM")
    before = [node.memory_kib(line) for line in lines]
    yield
    grown = [node.memory_kib(line) - old for line, old in zip(lines, before, strict=True)]
    assert max(grown) < 50 * 1024, grown


@pytest.fixture(scope="session", params=["sqlite", "postgresql"])
def federation(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Federation]:
    """Run one for each engine, for all tests of the session that bend what is sent to it."""
    folder = tmp_path_factory.mktemp(f"federation-{request.param}")
    if request.param == "sqlite":
        with run_federation(folder) as running:
            yield running
        return
    server: Databases = request.getfixturevalue("postgresql")
    with (
        server.lent_to(RUNNING) as databases,
        run_federation(folder, request.param, databases) as running,
    ):
        yield running


@contextmanager
def run_federation(
    folder: Path, engine: str = "sqlite", databases: Mapping[str, str] | None = None
) -> Iterator[Federation]:
    """Run a federation in a folder, its nodes over these databases or over files."""
    world = new_world(folder, address=f"127.0.0.1:{free_port()}")
    write_secret(folder / "passphrase", PASSPHRASE + b"\n")
    with Processes() as processes, ExitStack() as open_ones:
        start_coordinator(processes, world, folder)
        rogue, suspended = _enrol(world, folder, databases or {})
        nodes = {one: _start(processes, folder / one, one, open_ones) for one in RUNNING}
        for node in nodes.values():
            _await_serving(node, processes)
            document = canonical_rule((RULE % node.province).encode())
            node.publish_rule(document)
        yield Federation(engine, world, processes, nodes, rogue, suspended)
        rogue.close()
        suspended.close()
        for node in nodes.values():
            node.client.close()


def start_coordinator(processes: Processes, world: World, folder: Path) -> None:
    """Start the coordinator and wait until it answers."""
    secret = ("--passphrase-file", str(folder / "passphrase"))
    command = ("coordinator", "run", "--folder", str(world.office.folder), *secret)
    processes.start("coordinator", command, folder / "coordinator.log")
    await_listening(world.office.address)


class _HourAgo:
    """The clock by which members were enrolled: their keys are older than what is bent in time."""

    def now_us(self) -> int:
        return SystemClock().now_us() - HOUR


def _enrol(world: World, folder: Path, databases: Mapping[str, str]) -> tuple[Rogue, Rogue]:
    """Found four members, enrol them by the real path, and spoil two of them."""
    clock, members = _HourAgo(), (*RUNNING, ROGUE, SUSPENDED)
    for province in members:
        found_node(
            folder / province,
            province,
            clock=clock,
            entropy=SystemEntropy(),
            peer_listen=f"127.0.0.1:{free_port()}",
            local_listen=f"127.0.0.1:{free_port()}",
            database=databases.get(province, "sqlite:///node.db"),
        )
        join(folder / province, world.invite(province).text, clock=clock)
    world.publish(approve(world.office, members, now_us=world.now_us))
    revoked, future = (create_key(folder / f"{n}.key", PASSPHRASE) for n in ("revoked", "future"))
    member, now_us = world.view().members[ROGUE], present_us()
    listed = (
        *member.keys,
        MemberKey(revoked.public, "message", now_us - DAY, None, REVOKED_BELOW, now_us),
        MemberKey(future.public, "message", now_us + 30 * DAY),
    )
    document = render_member(replace(member, keys=listed))
    with world.office.store.writing() as books:
        draft_targets(books, {member_path(ROGUE): document}, now_us=world.now_us)
    agree(world, folder, members)
    drafted = change_status(world.office, SUSPENDED, MemberStatus.SUSPENDED, now_us=world.now_us)
    world.publish(drafted)
    view = world.view()
    rogue = Rogue.open(folder / ROGUE, view, revoked=revoked, future=future)
    return rogue, Rogue.open(folder / SUSPENDED, view)


def _start(processes: Processes, directory: Path, province: str, open_ones: ExitStack) -> Node:
    processes.start(province, ("run", "--dir", str(directory)), directory.with_suffix(".log"))
    pid = processes.pids[province]
    client = LocalClient.open(directory)
    run = open_ones.enter_context(sql(client.config.database_url))
    return Node(province, directory, pid, client, count(1), run)


def _await_serving(node: Node, processes: Processes) -> None:
    until = time.monotonic() + READY_SECONDS
    while time.monotonic() < until:
        processes.check()
        try:
            if node.status().verdict == "SERVING":
                return
        except CreditBankError:
            pass
        time.sleep(0.05)
    raise AssertionError(f"{node.province} does not serve")
