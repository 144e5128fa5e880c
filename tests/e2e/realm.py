"""A coordinator and provinces as real processes that a test stops, starts and asks by commands.

What a test asks for is asked as an operator would, by ``creditbank … --json`` in a process of its
own: such a process reads the same clock as the nodes do, shifted or not.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from itertools import count
from pathlib import Path
from typing import Any

from federation.base.clock import Clock, SystemClock
from federation.base.entropy import SystemEntropy
from federation.base.errors import CreditBankError
from federation.coordinator.enrolment import approve
from federation.signing.keystore import write_secret
from node.config import load_config
from node.domain.rule_form import canonical_rule
from node.edges.demo.processes import Processes
from node.edges.local_client import LocalClient
from node.founding import found_node, join, write_config
from tests.e2e.agreeing import agree
from tests.e2e.federation_of_two import RULE
from tests.e2e.ports import await_listening, free_port
from tests.e2e.running_node import Learner, Node
from tests.federation.registry_world import PASSPHRASE, World, new_world

ROOT = Path(__file__).resolve().parent.parent.parent
COORDINATOR = "coordinator"
PATIENCE_SECONDS = 60.0


@dataclass(frozen=True)
class Told:
    """What a command printed and how it ended."""

    code: int
    answer: Mapping[str, Any]
    error: str

    def __getitem__(self, key: str) -> Any:
        """Return a part of the answer."""
        return self.answer[key]


class Children(Processes):
    """Processes that may also be ended one by one."""

    def end_one(self, name: str, number: int = signal.SIGTERM) -> None:
        """Send a signal and wait for the end."""
        child = self._children.pop(name).process
        child.send_signal(number)
        child.wait(timeout=PATIENCE_SECONDS)
        assert child.stdin is not None
        child.stdin.close()


class Realm:
    """The coordinator, its officers and the provinces."""

    def __init__(self, folder: Path, children: Children) -> None:
        self.folder = folder
        self.children = children
        self.world: World = new_world(folder, address=f"127.0.0.1:{free_port()}")
        self.provinces: tuple[str, ...] = ()
        self.numbers = count(1)
        write_secret(folder / "passphrase", PASSPHRASE + b"\n")

    def found(
        self,
        provinces: Sequence[str],
        *,
        clock: Clock | None = None,
        databases: Mapping[str, str] | None = None,
        **settings: Any,
    ) -> None:
        """Found provinces by a clock, enrol them by the real path and let them agree."""
        clock = clock or SystemClock()
        for province in provinces:
            found_node(
                self.folder / province,
                province,
                clock=clock,
                entropy=SystemEntropy(),
                peer_listen=f"127.0.0.1:{free_port()}",
                local_listen=f"127.0.0.1:{free_port()}",
                database=(databases or {}).get(province, "sqlite:///node.db"),
            )
            config = load_config(self.folder / province)
            write_config(config.model_copy(update={"refresh_seconds": 1} | settings))
            invitation = self.world.invite(province).text
            join(self.folder / province, invitation, clock=clock)
        self.world.publish(approve(self.world.office, provinces, now_us=self.world.now_us))
        agree(self.world, self.folder, provinces)
        self.provinces = tuple(provinces)

    # Processes.

    def start_coordinator(self) -> None:
        """Start the coordinator and wait until it listens."""
        secret = ("--passphrase-file", str(self.folder / "passphrase"))
        command = ("coordinator", "run", "--folder", str(self.world.office.folder), *secret)
        self.children.start(COORDINATOR, command, self.folder / "coordinator.log")
        await_listening(self.world.office.address)

    def start(self, province: str, *, awaits: bool = True) -> Node:
        """Start a node; wait until it answers as a member, and give it its rule."""
        node = self.launch(province)
        if awaits:
            until_true(lambda: _is_up(node), f"{province} does not serve")
            document = canonical_rule((RULE % province).encode())
            node.publish_rule(document)
        return node

    def launch(self, province: str, name: str = "") -> Node:
        """Start a process of a node and wait for nothing."""
        directory = self.folder / province
        log = directory.with_suffix(".log")
        self.children.start(name or province, ("run", "--dir", str(directory)), log)
        pid = self.children.pids[name or province]
        return Node(province, directory, pid, LocalClient.open(directory), self.numbers)

    # Questions.

    def ask(self, province: str, *words: str) -> Told:
        """Run a command on a node; print whatever it says as JSON."""
        return command(*words, "--dir", str(self.folder / province), "--json")

    def status(self, province: str) -> Told:
        """Ask a node how it is, by its command and exit code."""
        told = self.ask(province, "status")
        return replace(told, answer=told.answer.get("status", {}))

    def peer(self, province: str, peer: str) -> dict[str, Any]:
        """Return the line of a peer."""
        return dict(self.ask(province, "peer", "show", peer)["peer"])

    def states(self, province: str) -> dict[str, str]:
        """Return how far exchanges have come at a node; nothing while it does not answer."""
        listed = self.ask(province, "transfer", "list").answer.get("transfers", ())
        return {one["exchange"]: one["state"] for one in listed}

    def log(self, province: str) -> str:
        """Return what a node has written into its log."""
        return (self.folder / f"{province}.log").read_text()

    # Learners.

    def person(self, *nodes: Node) -> list[Learner]:
        """Open accounts for one person at several nodes."""
        number = f"P-{next(self.numbers)}"
        return [open_account(node, number) for node in nodes]

    def begin(self, source: Node, destination: Node, *, agrees: bool = False) -> str:
        """Begin a transfer of a new lot of a new person; return the exchange."""
        here, there = self.person(source, destination)
        code = destination.code(there, source.province)
        lots = source.deposit(here, "3")
        return source.apply(here, lots, destination.province, agrees=agrees, code=code).hex()


@contextmanager
def realm(folder: Path) -> Iterator[Realm]:
    """Make a realm; all processes end with it."""
    with Children() as children:
        yield Realm(folder, children)


def open_account(node: Node, number: str) -> Learner:
    """Open the account of a person who has this number everywhere."""
    from node.v1 import account_service_pb2 as accounts

    row = accounts.OpenAccountsRequest(
        reference=f"s{next(node.numbers)}",
        name="李䶮",
        document_type="LOCAL",
        document_number=number,
    )
    answer = node.client.accounts.OpenAccounts(iter([row]))
    return Learner(answer.accounts[0].account, number)


def command(*words: str) -> Told:
    """Run ``creditbank`` as a process of its own."""
    done = subprocess.run(
        [sys.executable, "-P", "-m", "node", *words],
        capture_output=True,
        text=True,
        env=os.environ | {"PYTHONPATH": str(ROOT), "NO_COLOR": "1"},
        cwd="/",
        timeout=PATIENCE_SECONDS,
        check=False,
    )
    assert "Traceback" not in done.stderr, done.stderr
    answer = json.loads(done.stdout) if done.stdout.startswith("{") else {}
    return Told(done.returncode, answer, done.stderr)


def until_true(
    holds: Callable[[], Any], otherwise: str, *, seconds: float = PATIENCE_SECONDS
) -> Any:
    """Wait until something holds and return it."""
    until = time.monotonic() + seconds
    while not (found := holds()):
        assert time.monotonic() < until, otherwise
        time.sleep(0.1)
    return found


def _is_up(node: Node) -> bool:
    try:
        return node.status().verdict in ("SERVING", "DEGRADED")
    except CreditBankError:
        return False
