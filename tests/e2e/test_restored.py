"""Restored from a backup, as processes: held before the first signature, whole again afterwards."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import Any

import pytest

from federation.base.entropy import SystemEntropy
from federation.base.errors import CreditBankError
from federation.coordinator.enrolment import approve
from federation.signing.keystore import write_secret
from node.domain.rule_form import canonical_rule
from node.edges.demo.processes import Processes
from node.edges.local_client import LocalClient
from node.founding import found_node, join
from node.v1 import account_service_pb2 as accounts
from node.v1 import application_service_pb2 as applications
from node.v1 import operation_service_pb2 as operations
from node.v1 import recovery_service_pb2 as recovery
from tests.e2e.agreeing import agree
from tests.e2e.federation_of_two import RULE, _HourAgo
from tests.e2e.ports import await_listening, free_port
from tests.e2e.running_node import Learner, Node
from tests.federation.registry_world import PASSPHRASE, new_world
from tests.raw_sql import sql

NAMES = ("CN-31", "CN-44")
PATIENCE_S = 60.0


@dataclass
class Pair:
    """Two provinces and a coordinator, each node in processes of its own that a test ends."""

    folder: Path
    coordinator: Processes
    running: dict[str, Processes] = field(default_factory=dict)
    numbers: Iterator[int] = field(default_factory=lambda: count(1))

    def start(self, name: str) -> Node:
        """Start a node and wait until its local services answer."""
        processes = self.running[name] = Processes()
        directory = self.folder / name
        processes.start(name, ("run", "--dir", str(directory)), directory.with_suffix(".log"))
        client = LocalClient.open(directory)

        def run(question: str, *values: Any) -> Any:
            # Between two looks the file may be put back from a backup.
            with sql(client.config.database_url) as look:
                return look(question, *values)

        node = Node(name, directory, processes.pids[name], client, self.numbers, run)
        await_true(lambda: bool(node.status().verdict))
        return node

    def stop(self, *nodes: Node) -> None:
        """End nodes."""
        for node in nodes:
            node.client.close()
            self.running.pop(node.province).end()

    def close(self) -> None:
        """End every process."""
        for processes in self.running.values():
            processes.end()


def await_true(holds: Callable[[], bool]) -> None:
    """Wait for what must come true."""
    until = time.monotonic() + PATIENCE_S
    while time.monotonic() < until:
        try:
            if holds():
                return
        except CreditBankError:
            pass
        time.sleep(0.1)
    raise AssertionError("it did not come true")


@pytest.fixture
def pair(tmp_path: Path) -> Iterator[Pair]:
    """Found a federation of two whose nodes are not yet running."""
    world = new_world(tmp_path, address=f"127.0.0.1:{free_port()}")
    write_secret(tmp_path / "passphrase", PASSPHRASE + b"\n")
    with Processes() as processes, ExitStack() as closing:
        secret = ("--passphrase-file", str(tmp_path / "passphrase"))
        command = ("coordinator", "run", "--folder", str(world.office.folder), *secret)
        processes.start("coordinator", command, tmp_path / "coordinator.log")
        await_listening(world.office.address)
        for name in NAMES:
            found_node(
                tmp_path / name,
                name,
                clock=_HourAgo(),
                entropy=SystemEntropy(),
                peer_listen=f"127.0.0.1:{free_port()}",
                local_listen=f"127.0.0.1:{free_port()}",
            )
            join(tmp_path / name, world.invite(name).text, clock=_HourAgo())
        world.publish(approve(world.office, NAMES, now_us=world.now_us))
        agree(world, tmp_path, NAMES)
        made = Pair(tmp_path, processes)
        closing.callback(made.close)
        yield made


def begin(pair: Pair) -> tuple[Node, Node, Learner, bytes, bytes]:
    """Start both nodes and let a learner's transfer come to where the learner answers."""
    source, destination = (pair.start(name) for name in NAMES)
    for node in (source, destination):
        await_true(lambda node=node: node.status().verdict == "SERVING")  # type: ignore[misc]
        document = canonical_rule((RULE % node.province).encode())
        node.publish_rule(document)
    learner, there = enrol(source), enrol(destination)
    lots = source.deposit(learner, "3.00", "5.00")
    code = destination.code(there, peer="CN-31")
    exchange = source.apply(learner, lots[:1], "CN-44", code=code)
    await_true(lambda: source.state_of(exchange) == "PREPARED")
    return source, destination, learner, exchange, lots[0]


def enrol(node: Node) -> Learner:
    """Open an account for the one learner of these tests."""
    row = accounts.OpenAccountsRequest(
        reference="s1", name="张𠮷", document_type="LOCAL", document_number="L-1"
    )
    answer = node.client.accounts.OpenAccounts(iter([row]))
    return Learner(answer.accounts[0].account, "L-1")


def accept(node: Node, exchange: bytes, peer: str = "CN-44") -> str:
    """Book the learner's acceptance; return the reason of a refusal."""
    given = applications.GrantAnswer(peer=peer, exchange=exchange.hex(), accepts=True)
    answer = applications.AnswerGrantsRequest(answers=[given])
    return str(node.client.applications.AnswerGrants(answer).answers[0].reason)


def backup(node: Node, name: str) -> Path:
    """Back a running node up by its command."""
    path = node.directory.with_name(name)
    command("backup", "create", str(path), "--dir", str(node.directory))
    command("backup", "verify", str(path))
    return path


def command(*arguments: str, code: int = 0) -> dict[str, object]:
    """Run ``creditbank`` and return what it prints."""
    done = subprocess.run(
        [sys.executable, "-m", "node", *arguments, "--json"],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == code, (arguments, done.stdout, done.stderr)
    return dict(json.loads(done.stdout))


def mirrored(*nodes: Node) -> None:
    """Wait until the coordinator and the others have every leaf."""
    for node in nodes:
        await_true(lambda node=node: witnessed(node) == node.status().log_size)  # type: ignore[misc]


def witnessed(node: Node) -> int:
    """Return how much of a node's log every witness has."""
    status = node.status().witnessing
    return min((one.known_size for one in status.witnesses), default=-1)


def reconciles(node: Node) -> None:
    """Wait until a node's pair agrees with nothing in flight."""

    def agrees() -> bool:
        answer = node.client.operations.Reconcile(operations.ReconcileRequest())
        (found,) = answer.pairs
        return bool(found.agrees) and found.in_flight_hundredths == 0

    await_true(agrees)


def recovered(node: Node) -> None:
    """Let two accounts confirm what is lost, and wait until the node serves."""

    def serves() -> bool:
        answer = node.client.recovery.GetRecovery(recovery.GetRecoveryRequest())
        if answer.blocked == "CONFIRMATION_NEEDED":
            for account in {"operator", "registrar"} - set(answer.confirmed):
                command("recover", "confirm", "--dir", str(node.directory), "--as", account)
        return bool(answer.stage == "SERVING")

    await_true(serves)
    assert node.client.recovery.GetRecovery(recovery.GetRecoveryRequest()).incarnation == 2


def test_a_node_restored_from_before_its_commit_is_held_and_reconciles_to_zero(
    pair: Pair,
) -> None:
    source, destination, _, exchange, _ = begin(pair)
    kept = backup(source, "kept")
    assert accept(source, exchange) == ""
    await_true(lambda: source.state_of(exchange) == "CLOSED")
    mirrored(source, destination)
    # Restored while its peer is away: it may not end its quarantine, and signs nothing.
    pair.stop(source, destination)
    command("backup", "restore", str(kept), "--dir", str(source.directory))
    before = source.count("seal"), source.count("checkpoint")
    source = pair.start("CN-31")
    await_true(lambda: source.status().verdict == "RECOVERING")
    await_true(lambda: recovery_of(source).blocked == "COLLECTING")
    shown = command("recover", "status", "--dir", str(source.directory), code=1)
    assert "QUARANTINED" in json.dumps(shown)
    with pytest.raises(CreditBankError, match="RECOVERING"):
        accept(source, exchange)
    assert (source.count("seal"), source.count("checkpoint")) == before
    destination = pair.start("CN-44")
    recovered(source)
    await_true(lambda: source.state_of(exchange) == "CLOSED")
    for node in (source, destination):
        reconciles(node)
    assert source.breakages() == destination.breakages() == 0


def test_two_nodes_restored_at_once_are_told_apart_and_the_case_is_listed(pair: Pair) -> None:
    source, destination, _, exchange, lot = begin(pair)
    kept = [backup(node, f"kept-{node.province}") for node in (source, destination)]
    assert accept(source, exchange) == ""
    await_true(lambda: source.state_of(exchange) == "CLOSED")
    mirrored(source, destination)
    pair.stop(source, destination)
    for node, path in zip((source, destination), kept, strict=True):
        command("backup", "restore", str(path), "--dir", str(node.directory))
    source, destination = (pair.start(name) for name in NAMES)
    for node in (source, destination):
        await_true(lambda node=node: recovery_of(node).stage != "RECALLING")  # type: ignore[misc]
    for node in (source, destination):
        recovered(node)
    listed = command("recover", "cases", "--dir", str(source.directory))
    assert "TWO_RESTORED" in json.dumps(listed)
    assert lot.hex() in json.dumps(listed)
    for node in (source, destination):
        reconciles(node)
    assert accept(source, exchange) == "LOT_DISPUTED"


def recovery_of(node: Node) -> recovery.GetRecoveryResponse:
    """Ask how far a recovery is."""
    return node.client.recovery.GetRecovery(recovery.GetRecoveryRequest())
