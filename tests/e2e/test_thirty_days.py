"""The coordinator is gone for thirty days: the ladder's rungs come in order, and nothing that began
is stopped; when it returns, all goes on."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from federation.base.clock import DAY, HOUR, MINUTE, SystemClock
from tests.e2e.realm import COORDINATOR, Realm, realm, until_true
from tests.e2e.running_node import Node
from tests.e2e.shifted_clock import ShiftedClock

S, D, AWAY = "CN-31", "CN-44", "CN-33"
# Leaves live ninety days and are renewed at thirty: these are to be renewed on the fifteenth day.
FOUNDED_DAYS_AGO = 45


class _Founding:
    """The clock by which the nodes were founded."""

    def now_us(self) -> int:
        return SystemClock().now_us() - FOUNDED_DAYS_AGO * DAY


class Month:
    """Thirty days, and what began before them.

    Attributes:
        undelivered: committed at S while the province of its destination is away.
        answered: judged by D, waits for its learner.
        declined: likewise.
        locked: offered to the province that is away.
    """

    def __init__(self, land: Realm, clock: ShiftedClock) -> None:
        self.land, self.clock = land, clock
        source, destination, away = (land.start(one) for one in (S, D, AWAY))
        self.nodes: dict[str, Node] = {S: source, D: destination}
        for province in (S, D, AWAY):
            until_true(lambda one=province: land.status(one).code == 0, f"{province} is not well")
        self.undelivered = land.begin(source, away)
        self.answered, self.declined = (land.begin(source, destination) for _ in range(2))
        for exchange in (self.undelivered, self.answered, self.declined):
            self.reaches(S, exchange, "PREPARED")
        person = land.person(source, away)
        code = away.code(person[1], S)
        land.children.end_one(AWAY)
        assert land.ask(S, "request", "accept", self.undelivered).code == 0
        lots = source.deposit(person[0], "2")
        self.locked = source.apply(person[0], lots, AWAY, code=code).hex()

    def reaches(self, province: str, exchange: str, state: str) -> None:
        """Wait until an exchange has come so far; now and then make what waits due."""

        def has_come() -> bool:
            found = self.land.states(province).get(exchange)
            if found != state:
                self.clock.advance(2 * MINUTE)
            return found == state

        until_true(has_come, f"{exchange} does not become {state} at {province}")

    def is_told(self, province: str, reason: str, code: int) -> None:
        """Wait until a node's command says so, first of all and by its exit code."""

        def is_so() -> bool:
            told = self.land.status(province)
            return told.code == code and told["cause"] == reason

        until_true(is_so, f"{province}: {self.land.status(province)}, not {reason}")

    def begins(self, *, incoming: bool = False) -> str:
        """Try to begin an exchange of S with D; return why it may not, or nothing."""
        source, destination = self.nodes[S], self.nodes[D]
        if incoming:
            source, destination = destination, source
        here, there = self.land.person(self.nodes[S], self.nodes[D])
        if incoming:
            lots = dict.fromkeys(self.nodes[D].deposit(there, "3"), 300)
            code = self.nodes[D].code(there, S)
        else:
            lots = dict.fromkeys(self.nodes[S].deposit(here, "3"), 300)
            code = self.nodes[D].code(there, S)
        (opened,) = self.nodes[S].open_applications(
            self.nodes[S].application(
                here,
                lots,
                D,
                transfer_code=code.hex(),
                is_source=not incoming,
                agrees_to_whole_grant=True,
            )
        )
        if not opened.reason:
            self.reaches(S, opened.exchange, "CLOSED" if not incoming else "CREDITED")
        return str(opened.reason)


@pytest.fixture
def clock(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ShiftedClock:
    """A clock that every process of the test reads."""
    made = ShiftedClock(tmp_path)
    for name, value in made.variables.items():
        monkeypatch.setenv(name, value)
    return made


@pytest.fixture
def month(tmp_path: Path, clock: ShiftedClock) -> Iterator[Month]:
    """Three provinces, and exchanges of theirs at every stage."""
    with realm(tmp_path) as land:
        land.start_coordinator()
        # A transfer code would lapse meanwhile, and a lock too.
        land.found((S, D, AWAY), clock=_Founding(), lock_days=60, code_days=60)
        yield Month(land, clock)


def test_thirty_days_without_the_coordinator(month: Month) -> None:
    land, clock = month.land, month.clock
    land.children.end_one(COORDINATOR)
    leaf = (land.folder / S / "keys" / "tls.pem").read_bytes()

    # The first day: all is well but for the province that is away.
    assert month.begins() == ""

    clock.advance(25 * HOUR)
    for province in (S, D):
        month.is_told(province, "TIMESTAMP_EXPIRED", 1)
    assert month.begins() == ""
    assert month.begins(incoming=True) == ""

    clock.advance(7 * DAY)
    for province in (S, D):
        month.is_told(province, "SNAPSHOT_EXPIRED", 1)
    assert month.begins() == "SNAPSHOT_EXPIRED"
    assert month.begins(incoming=True) == "SNAPSHOT_EXPIRED"

    # The twentieth day: learners answer, COMMIT and ABORT pass, peers answer signed questions.
    clock.advance(12 * DAY)
    month.is_told(S, "SNAPSHOT_EXPIRED", 1)
    assert land.ask(S, "request", "accept", month.answered).code == 0
    assert land.ask(S, "request", "decline", month.declined).code == 0
    month.reaches(D, month.answered, "CREDITED")
    month.reaches(D, month.declined, "RELEASED")
    for exchange in (month.answered, month.declined):
        month.reaches(S, exchange, "CLOSED")
    assert land.ask(S, "peer", "ping", D)["pair"]["agrees"]
    renewed = (land.folder / S / "keys" / "tls.pem").read_bytes()
    assert renewed != leaf

    # The thirtieth day: the province that was away returns, and what was committed arrives.
    clock.advance(10 * DAY)
    assert clock.days_ahead > 30
    assert land.states(S)[month.undelivered] == "COMMITTED"
    land.launch(AWAY)
    month.reaches(AWAY, month.undelivered, "CREDITED")
    month.reaches(S, month.undelivered, "CLOSED")
    month.is_told(AWAY, "SNAPSHOT_EXPIRED", 1)
    # What was offered begins nothing there yet, and stays offered.
    until_true(lambda: land.peer(S, AWAY)["failure"] == "SNAPSHOT_EXPIRED", "no such line")
    assert land.states(S)[month.locked] == "LOCKED"

    # The coordinator returns and signs by itself what its online keys may.
    land.start_coordinator()
    month.reaches(S, month.locked, "PREPARED")
    for province in (S, D, AWAY):
        until_true(lambda one=province: land.status(one).code == 0, f"{province} is not well")
        assert land.status(province)["verdict"] == "SERVING"
    assert month.begins() == ""
    assert land.ask(S, "request", "accept", month.locked).code == 0
    month.reaches(AWAY, month.locked, "CREDITED")
    month.reaches(S, month.locked, "CLOSED")
    assert [one for one in (S, D, AWAY) if "Traceback" in land.log(one)] == []


def test_no_expiry_stops_what_was_begun(tmp_path: Path, clock: ShiftedClock) -> None:
    terms = {"lock_days": 140, "decision_days": 100, "answer_days": 20}
    with realm(tmp_path) as land:
        land.start_coordinator()
        land.found((S, D), **terms)
        source, destination = land.start(S), land.start(D)
        exchange = land.begin(source, destination)
        until_true(lambda: land.states(S).get(exchange) == "PREPARED", "no VOTE came")
        land.children.end_one(COORDINATOR)
        # Targets live ninety days, and so do certificates, which nobody renewed step by step.
        clock.advance(95 * DAY)
        told = land.status(S)
        assert (told.code, told["verdict"], told["cause"]) == (1, "DEGRADED", "SNAPSHOT_EXPIRED")
        found = {(one["reason"], one["subject"]) for one in told["findings"]}
        assert ("METADATA_EXPIRED", "TARGETS") in found
        days = {one["kind"]: one["days_left"] for one in told["terms"]}
        assert days["TARGETS"] < 0 < 88 < days["TLS_LEAF"]
        assert land.ask(S, "request", "accept", exchange).code == 0
        until_true(lambda: land.states(D).get(exchange) == "CREDITED", "COMMIT did not arrive")
        until_true(lambda: land.states(S).get(exchange) == "CLOSED", "no RECEIPT came")
