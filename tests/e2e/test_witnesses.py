"""Credited, then witnessed, by real processes; and a member that gives one lot away twice."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from federation.base.errors import Breach
from federation.evidence.conviction import verify_misconduct
from federation.log.cosignature import COORDINATOR
from federation.log.note import parse_note
from federation.log.quorum import check_quorum, witnesses_of
from federation.protocol.lots import CommittedLot
from federation.protocol.messages import Receipt
from federation.signing.dsse import message_hash
from federation.transport.registry_client import coordinator_channel
from federation.transport.witness_client import WitnessClient
from federation.wire import codec
from federation.wire.entries import message_entry
from node.v1 import account_service_pb2 as accounts
from node.v1 import application_service_pb2 as applications
from tests.e2e.exchanges import Judged, judged
from tests.e2e.federation_of_two import Federation, run_federation, start_coordinator
from tests.e2e.running_node import Learner, Node

ROOT = Path(__file__).resolve().parent.parent.parent
LONGEST_SECONDS = 60.0


@pytest.fixture(scope="module")
def watched(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Federation]:
    """Run a federation whose logs hold only what these tests say."""
    with run_federation(tmp_path_factory.mktemp("watched")) as running:
        yield running


def await_that(holds: Callable[[], bool]) -> None:
    until = time.monotonic() + LONGEST_SECONDS
    while not holds():
        assert time.monotonic() < until, "it never came to be"
        time.sleep(0.1)


def enrol(node: Node, number: str) -> str:
    row = accounts.OpenAccountsRequest(
        reference=number, name="张𠮷", document_type="LOCAL", document_number=number
    )
    return node.client.accounts.OpenAccounts(iter([row])).accounts[0].account


def transfer(watched: Federation, number: str) -> bytes:
    """Move a lot of a learner from CN-31 to CN-44; return the exchange once it is credited."""
    source, destination = watched.source, watched.destination
    here, there = (Learner(enrol(node, number), number) for node in (source, destination))
    code = destination.code(there, "CN-31")
    exchange_id = source.apply(here, source.deposit(here, "3"), "CN-44", agrees=True, code=code)
    await_that(lambda: source.state_of(exchange_id) == "CLOSED")
    assert destination.state_of(exchange_id) == "CREDITED"
    return exchange_id


def witnessed_us(node: Node, exchange_id: bytes) -> int:
    request = applications.ListExchangesRequest(limit=2000)
    listed = node.client.applications.ListExchanges(request).exchanges
    return next(one.witnessed_us for one in listed if one.exchange == exchange_id.hex())


def is_witnessed(watched: Federation, exchange_id: bytes) -> bool:
    nodes = (watched.source, watched.destination)
    return all(witnessed_us(node, exchange_id) for node in nodes)


def test_a_commit_is_witnessed_by_the_coordinator_and_the_other_province(
    watched: Federation, tmp_path: Path
) -> None:
    exchange_id = transfer(watched, "W-1")
    await_that(lambda: is_witnessed(watched, exchange_id))
    status = watched.source.status().witnessing
    assert (status.witnesses_count, status.tolerated, status.needed) == (3, 0, 2)
    assert "tolerates no dishonest witness" in status.promise_en
    report = exported(watched, exchange_id, tmp_path)
    assert report["is_witnessed"]
    assert report["witnesses"] == ["CN-44", COORDINATOR]


def exported(watched: Federation, exchange_id: bytes, folder: Path) -> dict[str, Any]:
    """Export a transcript from the source by the command line and verify it with no node."""
    directory = watched.source.directory
    run_creditbank(
        "transfer", "export", exchange_id.hex(), "--to", str(folder), "--dir", str(directory)
    )
    (file,) = folder.glob("*.transcript")
    code, told = verify(watched, file, folder)
    assert code == 0, told
    return dict(json.loads(told))


def run_creditbank(*command: str) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "node", *command],
        cwd=ROOT,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        capture_output=True,
        timeout=LONGEST_SECONDS,
    )
    assert done.returncode == 0, done.stderr.decode()


def verify(watched: Federation, file: Path, folder: Path) -> tuple[int, str]:
    """Verify a file as anybody may who has nothing but the root."""
    root = folder / "root.json"
    root.write_bytes(watched.world.pinned())
    done = subprocess.run(
        [
            *(sys.executable, "-m", "federation.evidence", "verify", str(file)),
            *("--root", str(root), "--json"),
        ],
        cwd=ROOT,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        capture_output=True,
        timeout=LONGEST_SECONDS,
    )
    return done.returncode, done.stdout.decode()


def test_without_the_coordinator_credits_arrive_and_are_witnessed_when_it_returns(
    watched: Federation,
) -> None:
    processes, world = watched.processes, watched.world
    child = processes.pids["coordinator"]
    os.kill(child, signal.SIGTERM)
    await_that(lambda: not is_listening(world.office.address))
    exchange_id = transfer(watched, "W-2")

    def is_missed() -> bool:
        states = watched.source.status().witnessing.witnesses
        return any(one.witness == COORDINATOR and one.failure for one in states)

    await_that(is_missed)
    assert witnessed_us(watched.source, exchange_id) == 0
    assert witnessed_us(watched.destination, exchange_id) == 0
    start_coordinator(processes, world, world.folder)
    await_that(lambda: is_witnessed(watched, exchange_id))


def is_listening(address: str) -> bool:
    host, _, port = address.rpartition(":")
    with socket.socket() as probe:
        return probe.connect_ex((host, int(port))) == 0


def committed_twice(watched: Federation) -> Judged:
    """Let the rogue give a lot away in its log, and then to a learner at CN-44."""
    rogue, one = watched.rogue, judged(watched, 300)
    commit = rogue.commit(one.offer, one.message, one.vote.digest)
    elsewhere = replace(
        commit,
        header=replace(commit.header, dst="CN-31", exchange_id=rogue.new_id()),
        lots=tuple(
            CommittedLot(
                lot_id=lot.lot_id,
                amount_hundredths=lot.amount_hundredths,
                granted_hundredths=lot.granted_hundredths,
                nullifier=lot.nullifier,
            )
            for lot in commit.lots
        ),
    )
    kind, payload = codec.encode(elsewhere)
    rogue.log(message_entry(kind, message_hash(kind, payload), elsewhere))
    (receipt,) = rogue.answers(one.node, rogue.say(commit))
    assert isinstance(receipt.message, Receipt)
    return one


def submit(watched: Federation, client: WitnessClient) -> None:
    rogue = watched.rogue
    client.add_checkpoint(rogue.checkpoint(), old_size=0, proof=(), entries=rogue.entries)


def test_a_lot_given_twice_is_caught_reversed_and_proven_to_anybody(
    watched: Federation, tmp_path: Path
) -> None:
    node, world = watched.destination, watched.world
    held_before = node.held()
    one = committed_twice(watched)
    assert node.held() > held_before
    witness = WitnessClient(watched.rogue.channel(node, watched.rogue.identity))
    with pytest.raises(Breach, match="DOUBLE_GRANT"):
        submit(watched, witness)
    assert node.held() == held_before
    assert {lot.state for lot in node.archive(one.learner).lots} == {"AVAILABLE"}
    channel = coordinator_channel(world.office.address, world.office.tls_certificate_pem)
    with channel, pytest.raises(Breach, match="DOUBLE_GRANT"):
        submit(watched, WitnessClient(channel))
    run_creditbank("misconduct", "export", "--to", str(tmp_path), "--dir", str(node.directory))
    (file,) = tmp_path.glob("*.misconduct")
    code, told = verify(watched, file, tmp_path)
    report = json.loads(told)
    assert code == 0, told
    assert (report["province"], report["kind"]) == ("CN-33", "DOUBLE_GRANT")
    proof = file.read_bytes()
    pinned = world.pinned()
    for at in range(0, len(proof), 97):
        bent = proof[:at] + bytes([proof[at] ^ 1]) + proof[at + 1 :]
        assert not verify_misconduct(bent, pinned_root=pinned).valid, at


def test_a_witness_cosigns_by_the_registry_and_nobody_but_members_may_ask_a_province(
    watched: Federation,
) -> None:
    world, source = watched.world, watched.source
    channel = coordinator_channel(world.office.address, world.office.tls_certificate_pem)
    source.deposit(source.enrol(), "3.00")
    with channel:
        witness = WitnessClient(channel)
        await_that(lambda: bool(witness.read_checkpoint("creditbank/CN-31").quorum_note))
        known = witness.read_checkpoint("creditbank/CN-31")
        assert known.mirrored_size > 0
        view = world.view()
        who = check_quorum(known.quorum_note, witnesses_of(view, "CN-31"))
        assert set(who) == {"CN-44", COORDINATOR}
        text = parse_note(known.note).text
        assert text.startswith(b"creditbank/CN-31\n")
    stranger = WitnessClient(watched.suspended.channel(source, watched.suspended.identity))
    with pytest.raises(Breach, match="SUSPENDED"):
        stranger.read_checkpoint("creditbank/CN-31")
