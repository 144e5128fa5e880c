"""A node without sockets, and the wire between such nodes.

The wire loses, repeats and holds back what it is told to, and a node can be cut off before or after
any commit and opened again from its file.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Collection, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from enum import Enum
from pathlib import Path
from typing import Any

from federation.base.errors import Unavailable
from federation.log import checkpoint
from federation.signing.keystore import FileSigner
from federation.signing.vault import Vault
from federation.transport.gate import Gate
from federation.transport.peer_client import PeerClient
from federation.transport.witness_client import (
    ADD_CHECKPOINT,
    READ_CHECKPOINT,
    READ_LEAVES,
    SERVICE,
)
from federation.trust.members import Member
from federation.trust.registry import RegistryView
from federation.wire.entries import origin_of
from node.domain.exchange import Exchange
from node.edges.peer_service import PeerService
from node.edges.witness_gateway import WitnessGateway
from node.edges.witness_service import WitnessService
from node.storage.opening import open_store
from node.storage.tables import metadata
from node.usecases.accounts import Accounts
from node.usecases.applications import Applications
from node.usecases.asking import Asking
from node.usecases.attestation import Attestation
from node.usecases.consents import Consents
from node.usecases.crosschecking import Crosschecking
from node.usecases.delivery import Delivery
from node.usecases.deposits import Deposits
from node.usecases.incoming import Incoming
from node.usecases.inquiries import Inquiries
from node.usecases.lots import Lots
from node.usecases.office import Office, Terms
from node.usecases.operations import Operations
from node.usecases.ports import Store, Waiting
from node.usecases.quarantine import Hold
from node.usecases.recall import Recall
from node.usecases.reconciliation import Reconciliation
from node.usecases.recovery import Recovery
from node.usecases.recovery_ports import Witnesses
from node.usecases.sealing import Sealing
from node.usecases.witnessing import Witnessing
from tests.raw_sql import Run, sql

SOURCE, DESTINATION = "CN-31", "CN-33"
NOON = 1_772_452_800_000_000  # 2026-03-02, noon UTC
TERMS = Terms(lock_days=60, accept_days=30, appeal_days=60, code_days=30)
PASSPHRASE = b"for tests"
LMS = "lms"
FACTS = {
    "catalogue": "2025.1",
    "grade": "85",
    "scale": "percent",
    "level": "6",
    "field": "",
    "hours": "64",
    "earned": "2025-06-30",
    "expires": "",
    "kind": "DEGREE",
    "issuer": "Open University",
}


class Crash(Exception):
    """The process ended here."""


class Fate(Enum):
    """What the wire does to one call."""

    CARRY = "carried"
    LOSE = "the batch is lost"
    LOSE_ANSWER = "the answer is lost"
    TWICE = "the batch arrives twice"
    HOLD = "the batch arrives when it is let go"


class HandClock:
    """A clock that moves when it is told to."""

    def __init__(self, now_us: int = NOON) -> None:
        self.us = now_us

    def now_us(self) -> int:
        return self.us

    def advance(self, us: int) -> None:
        self.us += us


class Drawn:
    """Bytes that are new, and the same in every run."""

    def __init__(self, seed: str) -> None:
        self._random = random.Random(seed)

    def token(self, size: int) -> bytes:
        return self._random.randbytes(size)


@dataclass
class FixedRegistry:
    """A registry that was verified, as far as anyone here is concerned."""

    known: RegistryView
    refreshes_wanted: int = 0

    def view(self) -> RegistryView:
        return self.known

    def want_refresh(self) -> None:
        self.refreshes_wanted += 1


class FragileStore:
    """A store whose process can be cut off: ``cut`` counts down commits to the one that is cut."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self.cut: tuple[int, bool] | None = None

    def transact(self, work: Callable[[Any], Any]) -> Any:
        cut = self.cut
        if cut is None:
            return self.store.transact(work)
        left, is_before = cut
        self.cut = (left - 1, is_before)
        if left:
            return self.store.transact(work)

        def torn(tx: Any) -> None:
            work(tx)
            raise Crash

        if is_before:
            self.store.transact(torn)
        self.store.transact(work)
        raise Crash

    def read(self, work: Callable[[Any], Any]) -> Any:
        return self.store.read(work)

    def take_due(self, peer: str, now_us: int, limit: int) -> list[Waiting]:
        return self.store.take_due(peer, now_us, limit)

    def scrub(self) -> None:
        self.store.scrub()

    def settle(self) -> None:
        self.store.settle()

    def close(self) -> None:
        self.store.close()


class WireClient(PeerClient):
    """The real client, whose channel is the wire."""

    def __init__(self, gate: Gate, wire: Wire, src: str) -> None:
        super().__init__(gate, lambda: None)  # type: ignore[arg-type, return-value]
        self._wire = wire
        self._src = src

    def _channel(self, member: Member) -> Any:
        return _WireChannel(self._wire, self._src, member.province)


@dataclass
class _WireChannel:
    wire: Wire
    src: str
    dst: str

    def unary_unary(self, method: str, *_: object) -> Callable[..., bytes]:
        if method.startswith(SERVICE):
            return lambda request, **_: self.wire.ask_witness(self.dst, method, request)
        return lambda request, **_: self.wire.carry(self.src, self.dst, request)


@dataclass
class Wire:
    """Carries calls between provinces, remembering every batch that was ever sent."""

    provinces: dict[str, Province] = field(default_factory=dict)
    fate: Callable[[str, str], Fate] = lambda src, dst: Fate.CARRY
    past: list[tuple[str, str, bytes]] = field(default_factory=list)
    held: list[tuple[str, str, bytes]] = field(default_factory=list)
    away: set[str] = field(default_factory=set)

    def carry(self, src: str, dst: str, request: bytes) -> bytes:
        fate = self.fate(src, dst)
        self.past.append((src, dst, request))
        if fate is Fate.HOLD:
            self.held.append((src, dst, request))
        if fate in (Fate.LOSE, Fate.HOLD):
            raise Unavailable("UNREACHABLE")
        answer = self.provinces[dst].serve(src, request)
        if fate is Fate.TWICE:
            answer = self.provinces[dst].serve(src, request)
        if fate is Fate.LOSE_ANSWER:
            raise Unavailable("UNREACHABLE")
        return answer

    def ask_witness(self, witness: str, method: str, request: bytes) -> bytes:
        """Call a province as a witness, unless it is away."""
        if witness in self.away:
            raise Unavailable("UNREACHABLE")
        service = self.provinces[witness].witness_service
        answers = {
            ADD_CHECKPOINT: service.add_checkpoint,
            READ_CHECKPOINT: service.read_checkpoint,
            READ_LEAVES: service.read_leaves,
        }
        return answers[method](request)

    def let_go(self, at: int = 0) -> bytes:
        """Deliver a batch that was held back; whoever sent it no longer listens."""
        src, dst, request = self.held.pop(at)
        return self.provinces[dst].serve(src, request)

    def repeat(self, at: int) -> bytes:
        """Deliver a batch of the past again."""
        src, dst, request = self.past[at]
        return self.provinces[dst].serve(src, request)


class Province:
    """One node without sockets; ``open`` builds it anew from its file."""

    def __init__(
        self,
        name: str,
        home: Path,
        *,
        keys: Sequence[FileSigner],
        view: RegistryView,
        clock: HandClock,
        wire: Wire,
        seed: int,
        database: str = "",
    ) -> None:
        self.name = name
        self.path = home / f"{name}.db"
        self.database = database or f"sqlite:///{self.path}"
        self.keys = keys
        self.clock = clock
        self.wire = wire
        self.registry = FixedRegistry(view)
        self.entropy = Drawn(f"{name} {seed}")
        self.vault = Vault(name.encode().ljust(32, b"."))
        self.woken: list[str] = []
        # Who may remember this node's log; with nobody it is as if it were new.
        self.rememberers: Witnesses | None = None
        self._asked = ExitStack()
        self._run: Run | None = None
        wire.provinces[name] = self
        self.open()

    def open(self) -> None:
        """Build everything in memory on the file as it is."""
        message_key, log_key = self.keys
        hold = Hold(is_held=self.rememberers is not None)
        self.kept = open_store(
            self.database,
            origin=origin_of(self.name),
            sign=lambda one: checkpoint.sign(one, log_key),
            may_sign=hold.may_sign,
        )
        self.store = FragileStore(self.kept)
        office = Office(
            province=self.name,
            store=self.store,
            registry=self.registry,
            vault=self.vault,
            clock=self.clock,
            entropy=self.entropy,
            terms=TERMS,
            wake=self._wake,
            hold=hold,
        )
        self.office = office
        self.gate = Gate(self.name, self.registry.view, self.clock)
        recall = Recall(office, self.rememberers) if self.rememberers else None
        self.sealing = Sealing(office, [message_key], recall)
        self.incoming = Incoming(office)
        self.peers = WireClient(self.gate, self.wire, self.name)
        self.delivery = Delivery(office, self.sealing, self.peers, self.incoming)
        self.inquiries = Inquiries(office)
        self.asking = Asking(office, self.sealing, self.peers, self.incoming)
        self.accounts = Accounts(office)
        self.deposits = Deposits(office)
        self.applications = Applications(office)
        self.lots = Lots(office)
        self.consents = Consents(office)
        self.witnesses = WitnessGateway(self.peers, self.registry)
        self.witnessing = Witnessing(office, log_key)
        self.attestation = Attestation(
            office, self.witnesses, lambda one: checkpoint.sign(one, log_key)
        )
        self.crosschecking = Crosschecking(office, self.witnesses, self.witnessing)
        self.witness_service = WitnessService(self.gate, self.witnessing, lambda peer: None)
        self.operations = Operations(office, log_key.public, self.attestation)
        self.reconciliation = Reconciliation(office, self.sealing, self.peers, self.asking)
        self.service = PeerService(
            self.gate,
            self.incoming,
            self.inquiries,
            self.sealing,
            self.registry,
            lambda peer: None,
            may_speak=office.may_speak,
        )
        if recall is not None:
            self.recovery = Recovery(office, self.sealing, self.peers, self.incoming, recall)

    def crash(self) -> None:
        """Lose all that is in memory and start again."""
        self.close()
        self.open()

    def close(self) -> None:
        """Close the database."""
        self._asked.close()
        self.kept.close()

    def serve(self, src: str, request: bytes) -> bytes:
        """Answer a call as the peer service does once TLS has named the caller."""
        member = self.registry.known.members[src]
        return self.service._answer(src, self.gate.open_request(request, member))

    def rows(self, query: str, *values: Any) -> list[Any]:
        """Ask the database itself."""
        if self._run is None:
            self._run = self._asked.enter_context(sql(self.database))
            self._asked.callback(setattr, self, "_run", None)
        return self._run(query, values)

    def dump(self) -> dict[str, list[Any]]:
        """Return every row of every table."""
        return {
            name: sorted(self.rows(f"select * from {name}"), key=repr)  # noqa: S608
            for name in sorted(metadata.tables)
        }

    def stored_bytes(self) -> bytes:
        """Return all that is kept: a file's bytes, or every value in a server."""
        if self.database.startswith("sqlite"):
            self.close()
            found = [path.read_bytes() for path in self.path.parent.glob(f"{self.path.name}*")]
            self.open()
            return b"".join(found)
        values = [one for rows in self.dump().values() for row in rows for one in row]
        return b"".join(one if isinstance(one, bytes) else str(one).encode() for one in values)

    def exchange(self, exchange_id: bytes) -> Exchange:
        """Return an exchange with the other province as stored."""
        peer = SOURCE if self.name == DESTINATION else DESTINATION
        key = (peer, exchange_id)
        return self.store.read(lambda reading: reading.exchanges([key]))[key]

    def waiting(self) -> int:
        """Return how many messages wait in the outbox."""
        return int(self.rows("select count(*) from outbox")[0][0])

    def _wake(self, peers: Collection[str]) -> None:
        self.woken += peers
