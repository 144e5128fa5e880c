"""A coordinator and two nodes as real processes over loopback, and members who only talk.

CN-31 and CN-44 run. CN-33 is enrolled like them but has no process: a test holds its keys and
speaks for it. CN-12 is suspended. CN-33 also lists a key that was revoked and one not yet valid.
"""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import count
from pathlib import Path
from typing import Any

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
from node.v1 import account_service_pb2 as accounts
from node.v1 import application_service_pb2 as applications
from node.v1 import deposit_service_pb2 as deposits
from node.v1 import operation_service_pb2 as operations
from tests.e2e.agreeing import agree
from tests.e2e.ports import await_listening, free_port
from tests.e2e.rogue import Rogue
from tests.federation.registry_world import PASSPHRASE, World, new_world, present_us

RUNNING = ("CN-31", "CN-44")
ROGUE, SUSPENDED = "CN-33", "CN-12"
REVOKED_BELOW = 4
READY_SECONDS = 30.0
# Nobody answers for CN-33, which a node rightly calls a degradation.
ANSWERING = ("SERVING", "DEGRADED")
RULE = """{"rule":"%s/general","version":1,"title_zh":"规则","title_en":"rule","example":true,
"valid_from":"2020-01-01","valid_until":"","equivalences":[{"id":"e1","source":"*","code":"*",
"target":"T1","ratio":"4/5","minimum_grade":60,"minimum_level":null,"kinds":null}]}"""
FACTS = {
    "code": "MATH101",
    "catalogue": "2024",
    "title": "高等数学",
    "grade": "85",
    "scale": "percent",
    "level": "5",
    "field": "110",
    "hours": "64",
    "earned": "2024-06-30",
    "expires": "",
    "kind": "DEGREE",
    "issuer": "开放大学",
}
# What never shrinks and grows with everything that a node takes in.
TABLES = (
    *("exchange", "exchange_lot", "lot", "entry", "posting", "inbox", "message"),
    *("contradiction", "log_leaf", "transfer_code", "learner", "import_rejected"),
)


@dataclass(frozen=True)
class Learner:
    """A learner with an account at a node."""

    account: str
    number: str
    document_type: str = "LOCAL"


@dataclass
class Node:
    """A running node, its local client, and a view of its file from outside."""

    province: str
    directory: Path
    pid: int
    client: LocalClient
    numbers: Iterator[int]

    @property
    def endpoint(self) -> str:
        """Where peers reach it."""
        return self.client.config.peer_listen

    def status(self) -> operations.GetStatusResponse:
        """Ask the node how it is."""
        return self.client.operations.GetStatus(operations.GetStatusRequest())

    def picture(self) -> dict[str, int]:
        """Return how much is stored, told by the node and counted in its file."""
        status = self.status()
        assert status.verdict in ANSWERING, status
        told = {"log": status.log_size, "exchanges": sum(status.exchanges.values())}
        return told | {name: self.count(name) for name in TABLES} | {"held": self.held()}

    def count(self, table: str) -> int:
        """Count the rows of a table."""
        return self._ask(f"select count(*) from {table}")  # noqa: S608 - names of our own

    def held(self) -> int:
        """Sum the balances of all learners."""
        return self._ask("select coalesce(sum(hundredths), 0) from balance")

    def memory_kib(self, line: str = "VmRSS") -> int:
        """Return how much memory the process has in use, or had at most (``VmHWM``)."""
        status = Path(f"/proc/{self.pid}/status").read_text()
        return next(int(one.split()[1]) for one in status.splitlines() if one.startswith(line))

    def breakages(self) -> int:
        """Count the failures that nobody had foreseen, as the node's own log tells them."""
        return self.directory.with_suffix(".log").read_text().count("Traceback")

    def enrol(self) -> Learner:
        """Open an account for a new learner."""
        number = next(self.numbers)
        row = accounts.OpenAccountsRequest(
            reference=f"s{number}",
            name="张𠮷",
            document_type="LOCAL",
            document_number=f"{self.province}-{number}",
        )
        answer = self.client.accounts.OpenAccounts(iter([row]))
        return Learner(answer.accounts[0].account, f"{self.province}-{number}")

    def code(self, learner: Learner, peer: str = ROGUE) -> bytes:
        """Issue a transfer code for use at a peer."""
        wanted = accounts.TransferCodeWanted(
            account=learner.account, peer=peer, reference=f"c{next(self.numbers)}"
        )
        request = accounts.IssueTransferCodesRequest(wanted=[wanted])
        issued = self.client.accounts.IssueTransferCodes(request).codes[0]
        assert not issued.reason, issued
        return bytes.fromhex(issued.code)

    def deposit(self, learner: Learner, *credit_texts: str) -> list[bytes]:
        """Deposit outcomes for a learner and return their lots."""
        rows = [
            deposits.DepositOutcomesRequest(
                source="registry",
                line=(number := next(self.numbers)),
                reference=f"o{number}",
                learner=learner.account,
                credits=text,
                facts=FACTS,
            )
            for text in credit_texts
        ]
        answer = self.client.deposits.DepositOutcomes(iter(rows))
        assert answer.deposited == len(rows), answer
        lots = self.archive(learner).lots[-len(rows) :]
        return [bytes.fromhex(lot.lot) for lot in lots]

    def archive(self, learner: Learner) -> accounts.GetArchiveResponse:
        """Return a learner's archive."""
        return self.client.accounts.GetArchive(accounts.GetArchiveRequest(account=learner.account))

    def application(
        self, learner: Learner, lots: dict[bytes, int], peer: str, **changes: Any
    ) -> applications.Application:
        """Return an application at the source that is in order, apart from the changes."""
        options = {
            "reference": f"a{next(self.numbers)}",
            "account": learner.account,
            "peer": peer,
            "is_source": True,
            "transfer_code": "07" * 16,
            "mode": "TRANSFER",
            "has_consent": True,
        }
        wanted = [
            applications.ApplicationLot(lot=lot.hex(), amount_hundredths=amount)
            for lot, amount in lots.items()
        ]
        return applications.Application(**(options | {"lots": wanted} | changes))

    def open_applications(
        self, *wanted: applications.Application
    ) -> list[applications.OpenedApplication]:
        """Hand applications in and return what became of each."""
        request = applications.OpenApplicationsRequest(applications=wanted)
        return list(self.client.applications.OpenApplications(request).applications)

    def apply(
        self,
        learner: Learner,
        lots: list[bytes],
        peer: str,
        *,
        agrees: bool = False,
        code: bytes = b"\x07" * 16,
    ) -> bytes:
        """Begin an exchange at the source and return its identifier."""
        held = {bytes.fromhex(lot.lot): lot for lot in self.archive(learner).lots}
        application = self.application(
            learner,
            {lot: held[lot].amount_hundredths for lot in lots},
            peer,
            agrees_to_whole_grant=agrees,
            transfer_code=code.hex(),
        )
        (opened,) = self.open_applications(application)
        assert not opened.reason, opened
        return bytes.fromhex(opened.exchange)

    def state_of(self, exchange_id: bytes) -> str:
        """Return how far an exchange has come here."""
        answer = self.client.applications.ListExchanges(
            applications.ListExchangesRequest(limit=2000)
        )
        found = [one.state for one in answer.exchanges if one.exchange == exchange_id.hex()]
        return found[0] if found else ""

    def kept_messages(self, exchange_id: bytes) -> set[bytes]:
        """Return the payloads kept of an exchange, contradictions among them."""
        both = "select payload, exchange_id from message union all "
        both += "select payload, exchange_id from contradiction"
        question = f"select payload from ({both}) where exchange_id = ?"  # noqa: S608 - our own
        with closing(self._open()) as connection:
            return {row[0] for row in connection.execute(question, [exchange_id])}

    def _ask(self, question: str) -> int:
        with closing(self._open()) as connection:
            return int(connection.execute(question).fetchone()[0])

    def _open(self) -> sqlite3.Connection:
        return sqlite3.connect(f"file:{self.directory / 'node.db'}?mode=ro", uri=True)


@dataclass
class Federation:
    """The running federation.

    Attributes:
        rogue: CN-33, which says what a test makes it say.
        suspended: CN-12, likewise.
    """

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


@pytest.fixture(scope="session")
def federation(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Federation]:
    """Run a federation for all tests of the session that bend what is sent to it."""
    with run_federation(tmp_path_factory.mktemp("federation")) as running:
        yield running


@contextmanager
def run_federation(folder: Path) -> Iterator[Federation]:
    """Run a federation in a folder."""
    world = new_world(folder, address=f"127.0.0.1:{free_port()}")
    write_secret(folder / "passphrase", PASSPHRASE + b"\n")
    with Processes() as processes:
        start_coordinator(processes, world, folder)
        rogue, suspended = _enrol(world, folder)
        nodes = {one: _start(processes, folder / one, one) for one in RUNNING}
        for node in nodes.values():
            _await_serving(node, processes)
            document = canonical_rule((RULE % node.province).encode())
            node.client.operations.PublishRule(operations.PublishRuleRequest(document=document))
        yield Federation(world, processes, nodes, rogue, suspended)
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


def _enrol(world: World, folder: Path) -> tuple[Rogue, Rogue]:
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


def _start(processes: Processes, directory: Path, province: str) -> Node:
    processes.start(province, ("run", "--dir", str(directory)), directory.with_suffix(".log"))
    pid = processes.pids[province]
    return Node(province, directory, pid, LocalClient.open(directory), count(1))


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
