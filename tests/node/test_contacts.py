"""Last contacts and storage failures, as a process remembers them, and how status tells them."""

from __future__ import annotations

from typing import Any

import pytest

from federation.base.clock import MINUTE, SECOND
from federation.base.errors import Breach, Unavailable
from node.usecases.contacts import Contacts, NotedPeers
from node.usecases.operations import Operations
from node.usecases.standing import Outside
from node.usecases.storage_watch import WatchedStore
from tests.node.province import Fate, HandClock
from tests.node.two_provinces import TwoProvinces


def test_whoever_refuses_is_reachable_and_whoever_is_silent_is_not() -> None:
    clock = HandClock()
    contacts = Contacts(clock)
    assert contacts.all() == {}
    contacts.heard_from("CN-33")
    assert contacts.all()["CN-33"].reachability == "YES"
    clock.advance(SECOND)
    contacts.failed("CN-33", "UNREACHABLE", contacts.began())
    assert contacts.all()["CN-33"].reachability == "NO"
    clock.advance(SECOND)
    contacts.failed("CN-33", "KEY_REVOKED", contacts.began())
    known = contacts.all()["CN-33"]
    assert (known.reachability, known.failure, known.failed_us) == (
        "YES",
        "KEY_REVOKED",
        clock.us,
    )
    assert known.silent_us == clock.us - SECOND


def test_whoever_calls_while_a_call_to_it_waits_is_there() -> None:
    clock = HandClock()
    contacts = Contacts(clock)
    began_us = contacts.began()
    clock.advance(SECOND)
    contacts.heard_from("CN-33")
    clock.advance(SECOND)
    contacts.failed("CN-33", "UNREACHABLE", began_us)
    assert contacts.all()["CN-33"].reachability == "YES"


class Answering:
    """A peer that answers with whatever it is given."""

    def __init__(self) -> None:
        self.error: Exception | None = None

    def deliver(self, batch: Any, member: Any, *, is_patient: bool = False) -> Any:
        if self.error is not None:
            raise self.error
        return "answer"


def test_each_call_is_noted_and_its_end_is_the_callers(two: TwoProvinces) -> None:
    contacts, answering = Contacts(two.clock), Answering()
    peers, member = NotedPeers(answering, contacts), two.view.members["CN-33"]
    assert peers.deliver(None, member) == "answer"  # type: ignore[arg-type,comparison-overlap]
    assert contacts.all()["CN-33"].answered_us == two.clock.us
    for error in (Unavailable("UNREACHABLE"), Breach("MALFORMED")):
        answering.error = error
        with pytest.raises(type(error)):
            peers.deliver(None, member)  # type: ignore[arg-type]
        assert contacts.all()["CN-33"].failure == error.reason


def test_status_tells_of_a_peer_from_the_database_and_the_process(two: TwoProvinces) -> None:
    source = two.source
    contacts = Contacts(two.clock)
    operations = Operations(
        source.office, source.keys[1].public, source.attestation, Outside(contacts=contacts.all)
    )
    (peer,) = operations.status().peers
    assert (peer.peer, peer.standing, peer.reachability, peer.lag) == (
        "CN-33",
        "ACTIVE",
        "UNKNOWN",
        None,
    )
    person = two.person()
    two.wire.fate = lambda src, dst: Fate.LOSE
    began, exchange_id = two.clock.us, two.apply(person, two.lot(person))
    source.delivery.deliver("CN-33")
    two.clock.advance(6 * MINUTE)
    status = operations.status()
    (peer,) = status.peers
    assert peer.lag is not None
    assert (peer.lag.oldest_us, peer.lag.oldest_exchange) == (began, exchange_id)
    assert peer.lag.oldest_type.endswith("prepare.v1+protobuf")
    assert (peer.lag.failure, peer.reachability) == ("UNREACHABLE", "NO")
    (found,) = status.findings
    assert (status.verdict, found.subject, found.at_us) == ("DEGRADED", "CN-33", began)
    contacts.heard_from("CN-33")
    assert operations.status().peers[0].reachability == "YES"


class Breaking:
    """A store that can be told to fail."""

    def __init__(self, store: Any) -> None:
        self.store, self.fails = store, False

    def transact(self, work: Any) -> Any:
        if self.fails:
            raise Unavailable("STORAGE")
        return self.store.transact(work)

    def read(self, work: Any) -> Any:
        return self.store.read(work)


def test_a_failed_write_is_remembered_until_one_succeeds(two: TwoProvinces) -> None:
    breaking = Breaking(two.source.kept)
    store = WatchedStore(breaking)  # type: ignore[arg-type]
    outside = Outside(storage=lambda: store.failing)
    operations = Operations(
        two.source.office, two.source.keys[1].public, two.source.attestation, outside
    )
    store.probe(1)
    assert store.read(lambda reading: reading.fact("storage_probe")) is None
    breaking.fails = True
    with pytest.raises(Unavailable):
        store.transact(lambda tx: tx.set_fact("name", "value"))
    status = operations.status()
    assert (status.verdict, status.cause) == ("DEGRADED", "STORAGE")
    with pytest.raises(Unavailable):
        store.probe(2)
    breaking.fails = False
    store.probe(3)
    assert operations.status().verdict == "SERVING"
