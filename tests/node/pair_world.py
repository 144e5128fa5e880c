"""Two provinces in one process: real keys, databases, gate, registry; only the network is ours."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from federation.base.entropy import SystemEntropy
from federation.base.errors import Unavailable
from federation.log import checkpoint
from federation.protocol.lots import WantedLot
from federation.protocol.messages import Mode, State
from federation.signing.keys import Signer
from federation.signing.vault import create_vault
from federation.transport.certificates import TlsIdentity
from federation.transport.gate import Gate
from federation.transport.peer_client import PeerClient
from federation.trust.members import Member
from federation.trust.refresh import refresh
from federation.trust.registry import RegistryView
from federation.v1.exchange_service_pb2 import DeliverResponse
from federation.wire import strict
from federation.wire.delivery import Arrival, DeliveryOutcome, Disposal, ItemOutcome
from federation.wire.entries import origin_of
from federation.wire.envelope import Batch, batch_from_buffer
from node.domain.exchange import Exchange, Role
from node.edges.peer_service import PeerService
from node.edges.witness_gateway import WitnessGateway
from node.storage.sqlite import SqliteStore
from node.usecases.accounts import Accounts, CodeWanted, NewLearner
from node.usecases.applications import Application, Applications, Opened
from node.usecases.attestation import Attestation
from node.usecases.delivery import Delivery
from node.usecases.deposits import Deposits, OutcomeRow
from node.usecases.incoming import Incoming
from node.usecases.inquiries import Inquiries
from node.usecases.office import Office, Terms
from node.usecases.operations import Operations
from node.usecases.sealing import Sealing
from tests.federation.registry_world import PASSPHRASE, Applicant, World
from tests.node.published import publish_rule
from tests.node.rule_documents import DOCUMENT, spelled

FACTS = {
    "code": "CS-101",
    "catalogue": "2026",
    "title": "学术英语",
    "grade": "85",
    "scale": "percent",
    "level": "0",
    "field": "",
    "hours": "48",
    "earned": "2026-01-31",
    "expires": "",
    "kind": "DEGREE",
    "issuer": "上海开放大学",
}


@dataclass
class Time:
    """A clock that tests set."""

    us: int

    def now_us(self) -> int:
        """Return the present."""
        return self.us


@dataclass
class Known:
    """The registry as one node knows it."""

    world: World
    seen: RegistryView | None = None
    wanted: int = 0

    def view(self) -> RegistryView:
        """Return the view verified last."""
        assert self.seen is not None
        return self.seen

    def want_refresh(self) -> None:
        """Count who asks."""
        self.wanted += 1

    def learn(self) -> None:
        """Refresh."""
        self.seen = refresh(self.world.pinned(), self.seen, self.world.read)


@dataclass
class Node:
    """A province's node without its edges."""

    province: str
    office: Office
    known: Known
    gate: Gate
    sealing: Sealing
    incoming: Incoming
    signers: list[Signer]
    applications: Applications
    operations: Operations
    others: dict[str, Node] = field(default_factory=dict)
    is_reachable: bool = True

    def deliver(self, batch: Batch, member: Member) -> DeliveryOutcome:
        """Carry a batch to its receiver, as gRPC would, and its answers back."""
        other = self.others[member.province]
        if not other.is_reachable:
            raise Unavailable("UNREACHABLE")
        opened = other.gate.open_batch(batch, other.known.view().members[self.province])
        response = strict.parse(DeliverResponse, other.service()._answer(self.province, opened))
        outcomes = tuple(
            ItemOutcome(Disposal(one.disposal), one.reason, one.retry_after_ms)
            for one in response.results
        )
        if not response.HasField("answers"):
            return DeliveryOutcome(outcomes, ())
        told = self.gate.open_batch(batch_from_buffer(response.answers), member)
        for one in told:
            if isinstance(one, Unavailable):
                raise one
        return DeliveryOutcome(outcomes, tuple(one for one in told if isinstance(one, Arrival)))

    def service(self) -> PeerService:
        """Return what answers other provinces."""
        return PeerService(
            self.gate,
            self.incoming,
            Inquiries(self.office),
            self.sealing,
            self.known,
            lambda peer: None,
        )

    def send(self, peer: str) -> str:
        """Deliver what waits for a peer, due or not, and return the failure that is noted."""
        now_us = self.office.clock.now_us()
        self.office.store.transact(lambda tx: tx.make_due(peer, now_us))
        Delivery(self.office, self.sealing, self, self.incoming).deliver(peer)
        lags = self.office.store.read(lambda reading: reading.lags())
        return next((one.failure for one in lags if one.peer == peer), "")

    def exchanges(self) -> list[Exchange]:
        """Return all exchanges."""
        listed = self.office.store.read(
            lambda reading: reading.list_exchanges(references=(), states=(), after=0, limit=100)
        )
        return [one for _, one in listed]

    def states(self) -> list[State]:
        """Return the state of every exchange."""
        return [one.state for one in self.exchanges()]


def _no_identity() -> TlsIdentity:
    raise AssertionError("no socket is opened here")


def build_node(world: World, applicant: Applicant, folder: Path, clock: Time) -> Node:
    """Return a node that holds the keys of an applicant."""
    province = applicant.member.province
    log_signer, known = applicant.signers[1], Known(world)
    store = SqliteStore(
        folder / f"{province}.db",
        origin=origin_of(province),
        sign=lambda one: checkpoint.sign(one, log_signer),
    )
    entropy = SystemEntropy()
    office = Office(
        province=province,
        store=store,
        registry=known,
        vault=create_vault(folder / f"{province}.identity", PASSPHRASE, entropy=entropy),
        clock=clock,
        entropy=entropy,
        terms=Terms(lock_days=30, accept_days=30, appeal_days=30, code_days=30),
    )
    signers: list[Signer] = [applicant.signers[0]]
    known.learn()
    gate = Gate(province, known.view, clock)
    # Nobody is pushed to here; what a status says of witnesses is that they were not asked yet.
    gateway = WitnessGateway(PeerClient(gate, _no_identity), known)
    node = Node(
        province=province,
        office=office,
        known=known,
        gate=gate,
        sealing=Sealing(office, signers),
        incoming=Incoming(office),
        signers=signers,
        applications=Applications(office),
        operations=Operations(
            office,
            log_signer.public,
            Attestation(office, gateway, lambda one: checkpoint.sign(one, log_signer)),
        ),
    )
    rule = DOCUMENT | {"rule": f"{province}/general"}
    publish_rule(node.office, spelled(rule))
    return node


@dataclass
class Pair:
    """A source and a destination with one learner known to both."""

    world: World
    people: dict[str, Applicant]
    clock: Time
    source: Node
    destination: Node
    accounts: dict[str, str]
    count: int = 0

    def apply(self, *, at: Role = Role.SOURCE, mode: Mode = Mode.TRANSFER) -> Opened:
        """Let the learner apply for a lot of their own to count elsewhere."""
        self.count += 1
        name = f"a{self.count}"
        row = OutcomeRow(
            line=self.count, reference=name, learner="learner", credits="3", facts=FACTS
        )
        done = Deposits(self.source.office).deposit("lms", [row])
        assert done.deposited == 1, done
        archive = Accounts(self.source.office).archive(self.accounts[self.source.province])
        here, there = self.source, self.destination
        if at is Role.DESTINATION:
            here, there = there, here
        wanted = CodeWanted(
            account=self.accounts[there.province], peer=here.province, reference=name
        )
        [issued] = Accounts(there.office).issue_codes([wanted])
        [lot] = [one for one in archive.lots if one.reference == name]
        [opened] = here.applications.open(
            [
                Application(
                    reference=name,
                    account=self.accounts[here.province],
                    peer=there.province,
                    role=at,
                    lots=(WantedLot(lot_id=lot.lot_id, amount_hundredths=300),),
                    code=issued.code,
                    mode=mode,
                    has_consent=True,
                    agrees_to_whole_grant=False,
                )
            ]
        )
        return opened

    def accept(self, opened: Opened) -> str:
        """Let the learner accept the grant, and return the reason if it cannot be."""
        key = (self.destination.province, opened.exchange_id)
        [answered] = self.source.applications.answer([(key, True)])
        return answered.reason

    def learn(self) -> None:
        """Let both nodes refresh."""
        self.source.known.learn()
        self.destination.known.learn()

    def close(self) -> None:
        """Close both databases."""
        self.source.office.store.close()
        self.destination.office.store.close()


def build_pair(world: World, folder: Path) -> Pair:
    """Return Shanghai and Zhejiang, listed and without any agreement."""
    people, clock = world.enrol("CN-31", "CN-33"), Time(world.now_us)
    source = build_node(world, people["CN-31"], folder, clock)
    destination = build_node(world, people["CN-33"], folder, clock)
    source.others[destination.province] = destination
    destination.others[source.province] = source
    accounts = {}
    for node in (source, destination):
        learner = NewLearner(
            line=1, reference="learner", name="王一", document_type="LOCAL", document_number="A1"
        )
        [opened] = Accounts(node.office).open("lms", [learner])
        accounts[node.province] = opened.account
    return Pair(world, people, clock, source, destination, accounts)
