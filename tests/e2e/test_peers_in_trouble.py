"""Peers that are slow, dead, lying, revoked or of another time: each has its line in ``status``,
and the couriers of others are not held up by any."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from federation.base.clock import HOUR, SystemClock
from federation.base.errors import Breach, Unavailable
from federation.v1 import exchange_service_pb2 as service
from node.edges.cli.refusals import OK
from tests.e2e.liar import Liar
from tests.e2e.realm import Realm, command, realm, until_true
from tests.e2e.rogue import Rogue
from tests.e2e.running_node import Node

S, D, X, LIAR = "CN-31", "CN-44", "CN-33", "CN-34"


@dataclass
class Troubled:
    """S, which is watched; D, which is well; X, to which things happen; and a liar."""

    land: Realm
    source: Node
    destination: Node
    other: Node
    liar: Liar

    def offer_to(self, peer: str) -> str:
        """Begin a transfer of S to somebody with whom it will not come to its end yet."""
        here = self.land.person(self.source)[0]
        lots = self.source.deposit(here, "3")
        return self.source.apply(here, lots, peer).hex()

    def check_others(self) -> None:
        """Check that a transfer between S and D comes to its end meanwhile."""
        exchange = self.land.begin(self.source, self.destination, agrees=True)
        until_true(
            lambda: self.source.state_of(bytes.fromhex(exchange)) == "CLOSED", "D waits for others"
        )

    def is_told(self, peer: str, reason: str) -> dict[str, Any]:
        """Wait until S knows of a failure, and return the peer's line in its status."""

        def is_known() -> bool:
            told = {one.peer: one.failure for one in self.source.status().peers}
            return told[peer] == reason

        until_true(is_known, f"{peer}: never {reason}")
        told = self.land.status(S)
        assert (reason, peer) in {(one["reason"], one["subject"]) for one in told["findings"]}
        (line,) = [one for one in told["peers"] if one["peer"] == peer]
        assert line["failure"] == reason
        assert line["first_failure_us"] > 0
        return dict(line)


@pytest.fixture(scope="module")
def troubled(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Troubled]:
    with realm(tmp_path_factory.mktemp("troubled")) as land:
        land.start_coordinator()
        land.found((S, D, X, LIAR))
        nodes = [land.start(one) for one in (S, D, X)]
        until_true(lambda: land.status(S).code == OK, "not well")
        with Liar(Rogue.open(land.folder / LIAR, land.world.view())) as liar:
            yield Troubled(land, *nodes, liar)
        land.children.check()
        for province in (S, D, X):
            assert "Traceback" not in land.log(province), province


def test_a_dead_peer_is_told_of_and_served_when_it_returns(troubled: Troubled) -> None:
    land = troubled.land
    before = land.begin(troubled.source, troubled.other)
    until_true(lambda: land.states(S).get(before) == "PREPARED", "no VOTE came")
    assert land.peer(S, X)["reachability"] == "YES"
    land.children.end_one(X, signal.SIGKILL)
    assert land.ask(S, "request", "accept", before).code == OK
    line = troubled.is_told(X, "UNREACHABLE")
    listed = {one["peer"]: one["failure"] for one in land.ask(S, "peer", "list")["peers"]}
    assert listed == {D: "", X: "UNREACHABLE", LIAR: ""}
    assert (line["reachability"], line["waiting"]) == ("NO", 1)
    assert str(line["oldest_type"]).endswith("commit.v1+protobuf")
    assert line["oldest_exchange"] == before
    troubled.check_others()
    troubled.other = land.start(X)
    until_true(lambda: land.states(S)[before] == "CLOSED", "X returned in vain")
    assert land.ask(S, "peer", "ping", X)["pair"]["agrees"]
    line = land.peer(S, X)
    assert (line["reachability"], line["failure"], line["waiting"]) == ("YES", "", 0)


def test_slow_peers_keep_only_their_own_couriers_busy(troubled: Troubled) -> None:
    land, pid = troubled.land, troubled.other.pid
    exchange = land.begin(troubled.source, troubled.other)
    until_true(lambda: land.states(S).get(exchange) == "PREPARED", "no VOTE came")

    def answer_late(request: bytes) -> bytes:
        time.sleep(25)
        return troubled.liar.votes(request).SerializeToString()

    troubled.liar.answer = answer_late
    late = troubled.offer_to(LIAR)
    os.kill(pid, signal.SIGSTOP)
    try:
        assert land.ask(S, "request", "accept", exchange).code == OK
        troubled.check_others()
        for peer in (X, LIAR):
            troubled.is_told(peer, "UNREACHABLE")
        troubled.check_others()
    finally:
        os.kill(pid, signal.SIGCONT)
    land.ask(S, "peer", "retry", X)
    until_true(lambda: land.states(S)[exchange] == "CLOSED", "X goes on in vain")
    assert land.states(S)[late] == "LOCKED"


def falsified(liar: Liar, request: bytes) -> bytes:
    """Return a VOTE whose signature has one bit wrong."""
    response = liar.votes(request)
    signature = bytearray(response.answers.signatures[0].signature)
    signature[7] ^= 1
    response.answers.signatures[0].signature = bytes(signature)
    return response.SerializeToString(deterministic=True)


def miscounted(liar: Liar, request: bytes) -> bytes:
    """Return one result too many."""
    response = liar.votes(request)
    response.results.add(disposal=service.DISPOSAL_DONE)
    return response.SerializeToString(deterministic=True)


def claimed(disposal: str) -> Callable[[Liar, bytes], bytes]:
    """Return an answer that claims something and shows nothing."""

    def answer(liar: Liar, request: bytes) -> bytes:
        count = len(liar.prepares(request))
        result = service.ItemResult(disposal=service.Disposal.Value(disposal))
        return service.DeliverResponse(results=[result] * count).SerializeToString()

    return answer


def misdirected(liar: Liar, request: bytes) -> bytes:
    """Return a VOTE that names a cause which S never sent."""
    return liar.votes(request, cause=b"\x05" * 32).SerializeToString(deterministic=True)


def endless(liar: Liar, request: bytes) -> bytes:
    """Return a million results of two bytes each."""
    return b"\x0a\x00" * 1_000_000


def refusing(reason: str) -> Callable[[Liar, bytes], bytes]:
    """Return the refusal of a peer that is too old, too new, restored, or distrusts our key."""

    def answer(liar: Liar, request: bytes) -> bytes:
        raise Breach(reason)

    return answer


def procrastinating(liar: Liar, request: bytes) -> bytes:
    """Ask for a pause of thirty thousand years."""
    raise Unavailable("STORAGE", retry_after_ms=10**15)


LIES: dict[str, tuple[Callable[[Liar, bytes], bytes], str]] = {
    "a signature that does not verify": (falsified, "SIGNATURE_INVALID"),
    "results that do not match": (miscounted, "MALFORMED"),
    "no protocol buffer": (lambda liar, request: b"\xff" * 64, "MALFORMED"),
    "nothing at all": (lambda liar, request: b"", "EMPTY"),
    "more than anybody reads": (endless, "TOO_MANY_ITEMS"),
    "done, it says": (claimed("DISPOSAL_DONE"), "ANSWER_UNPROVEN"),
    "answered, it says": (claimed("DISPOSAL_ANSWERED"), "ANSWER_UNPROVEN"),
    "an answer to something else": (misdirected, "CHAIN_BROKEN"),
    "another wire version": (refusing("VERSION_UNSUPPORTED"), "VERSION_UNSUPPORTED"),
    "restored from a backup": (refusing("RECOVERING"), "RECOVERING"),
    "our key is revoked there": (refusing("KEY_REVOKED"), "KEY_REVOKED"),
    "later, much later": (procrastinating, "STORAGE"),
    "a reason of nobody's": (refusing("x" * 100), "MALFORMED"),
}


@pytest.mark.parametrize("name", LIES)
def test_what_a_peer_says_falsely_or_refuses_is_its_line(troubled: Troubled, name: str) -> None:
    lie, reason = LIES[name]
    troubled.liar.answer = lambda request: lie(troubled.liar, request)
    exchange = troubled.offer_to(LIAR)
    troubled.land.ask(S, "peer", "retry", LIAR)
    line = troubled.is_told(LIAR, reason)
    assert line["reachability"] == "YES"
    assert line["next_attempt_us"] < SystemClock().now_us() + HOUR
    assert troubled.land.states(S)[exchange] == "LOCKED"
    troubled.check_others()


def test_a_peer_whose_key_is_revoked_is_refused_and_both_say_so(troubled: Troubled) -> None:
    land = troubled.land
    files = {one["file"]: one["id"] for one in land.ask(X, "keys", "list")["keys"]}
    revocation = land.folder / "message.revocation"
    size = str(troubled.other.status().log_size)
    words = ("keys", "revoke", files["keys/message.key"], "--log-size", size)
    assert land.ask(X, *words, "--to", str(revocation)).code == OK
    at_the_coordinator = ("--folder", str(land.world.office.folder))
    secret = ("--passphrase-file", str(land.folder / "passphrase"))
    revoked = command("coordinator", "revoke", str(revocation), *at_the_coordinator, *secret)
    assert revoked.code == OK, revoked.error
    until_true(lambda: land.status(X).answer.get("cause") == "KEY_REVOKED", "X does not know")
    told = land.status(X)
    assert (told.code, told["verdict"]) == (1, "DEGRADED")
    assert told["findings"][0]["subject"].startswith("MESSAGE_KEY ")
    version = told["registry_version"]
    until_true(lambda: land.status(S)["registry_version"] == version, "S does not know")
    exchange = land.begin(troubled.other, troubled.source)
    until_true(lambda: land.peer(X, S)["failure"] == "KEY_REVOKED", "X was not refused")
    assert land.peer(S, X)["refusal"] == "KEY_REVOKED"
    assert land.states(X)[exchange] == "LOCKED"
    assert exchange not in land.states(S)
    troubled.check_others()
