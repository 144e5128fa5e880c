"""The composition root: the only place where storage and edges meet."""

from __future__ import annotations

import faulthandler
import logging
import signal
import threading
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from federation.base.clock import Clock, SystemClock
from federation.base.entropy import SystemEntropy
from federation.base.errors import CreditBankError, Unavailable
from federation.log import checkpoint
from federation.signing.keystore import load_key
from federation.signing.vault import load_vault
from federation.transport.certificates import TlsIdentity, open_authority, open_leaf
from federation.transport.evidence_client import EvidenceClient
from federation.transport.gate import Gate, certificates_of
from federation.transport.peer_client import PeerClient
from federation.trust.invitation import read_invitation
from federation.wire.entries import origin_of
from node.config import NodeConfig, load_config, read_passphrase
from node.edges.case_services import CaseServicer, LotServicer
from node.edges.couriers import Couriers
from node.edges.evidence_service import EvidencePeerService
from node.edges.local_door import LocalDoor
from node.edges.local_services import AccountServicer, ApplicationServicer, DepositServicer
from node.edges.operator_service import OperationServicer
from node.edges.peer_service import PeerService
from node.edges.registry_keeper import RegistryKeeper
from node.edges.servers import make_server
from node.founding import IDENTITY_KEY, LEAF, LOG_KEY, message_signers
from node.storage.evidence_shelf import EvidenceShelf
from node.storage.opening import open_store
from node.upkeep import only_process
from node.usecases.accounts import Accounts
from node.usecases.applications import Applications
from node.usecases.asking import Asking
from node.usecases.consents import Consents
from node.usecases.deciding import Deciding
from node.usecases.delivery import Delivery
from node.usecases.deposits import Deposits
from node.usecases.evidence import Evidence
from node.usecases.incoming import Incoming
from node.usecases.inquiries import Inquiries
from node.usecases.lots import Lots
from node.usecases.office import Office, Terms
from node.usecases.operations import Operations
from node.usecases.ports import Store
from node.usecases.reconciliation import Reconciliation
from node.usecases.sealing import Sealing
from node.v1.account_service_pb2_grpc import add_AccountServiceServicer_to_server
from node.v1.application_service_pb2_grpc import add_ApplicationServiceServicer_to_server
from node.v1.case_service_pb2_grpc import add_CaseServiceServicer_to_server
from node.v1.deposit_service_pb2_grpc import add_DepositServiceServicer_to_server
from node.v1.lot_service_pb2_grpc import add_LotServiceServicer_to_server
from node.v1.operation_service_pb2_grpc import add_OperationServiceServicer_to_server

_LOG = logging.getLogger("creditbank")
CHORES_S = 2.0
AWAITING_S = 0.1
ASKING_S = 60.0
TIDYING_S = 600.0
GRACE_S = 3.0


@dataclass(slots=True)
class _Core:
    """The use cases of one node on its ports."""

    office: Office
    registry: RegistryKeeper
    gate: Gate
    sealing: Sealing
    peers: PeerClient
    incoming: Incoming
    couriers: Couriers
    evidence: Evidence
    identity: Callable[[], TlsIdentity]


def serve(directory: Path) -> int:
    """Run the node of a directory until it is told to stop; return the exit code."""
    # Should native code of a library fail, the log says where.
    faulthandler.enable()
    config = load_config(directory)
    logging.basicConfig(
        level=config.log_level, format="%(asctime)s %(levelname)s %(name)s %(message)s"
    )
    logging.getLogger("tuf").setLevel(logging.WARNING)
    clock = SystemClock()
    stop = threading.Event()
    for name in (signal.SIGTERM, signal.SIGINT):
        signal.signal(name, lambda *_: stop.set())
    with only_process(config), ExitStack() as closing:
        core = _build(config, clock, closing)
        applications = Applications(core.office)
        # Whoever asks locally may take a member that answers for one that peers reach.
        was_member = _is_member(config, core)
        if was_member:
            _serve_peers(config, core, closing)
        _serve_local(config, core, applications, closing)
        core.registry.start()
        closing.callback(core.registry.close)
        while not (stop.is_set() or _is_member(config, core)):
            stop.wait(AWAITING_S)
        # Before membership nobody may call; from then on the authorities let in rarely change.
        if not (stop.is_set() or was_member):
            _serve_peers(config, core, closing)
        core.couriers.start()
        closing.callback(core.couriers.close)
        _LOG.info("%s serves peers at %s", config.province, config.peer_listen)
        asking = Asking(core.office, core.sealing, core.peers, core.incoming)
        closing.callback(_every(ASKING_S, asking.ask_silent))
        closing.callback(_every(TIDYING_S, core.evidence.tidy))
        while not stop.wait(CHORES_S):
            _attempt(applications.release_lapsed)
            _attempt(core.couriers.sweep)
        _LOG.info("%s stops", config.province)
    return 0


def _build(config: NodeConfig, clock: Clock, closing: ExitStack) -> _Core:
    passphrase = read_passphrase(config)
    log_signer = load_key(config.keys / LOG_KEY, passphrase)
    store = open_store(
        config.database_url,
        origin=origin_of(config.province),
        sign=lambda one: checkpoint.sign(one, log_signer),
    )
    closing.callback(store.close)
    registry = _registry(config, store)
    office = Office(
        province=config.province,
        store=store,
        registry=registry,
        vault=load_vault(config.keys / IDENTITY_KEY, passphrase),
        clock=clock,
        entropy=SystemEntropy(),
        terms=Terms(
            lock_days=config.lock_days,
            accept_days=config.decision_days + config.answer_days,
            appeal_days=config.lock_days,
            code_days=config.code_days,
        ),
        reviews_by_person=config.review == "person",
    )
    identity = _identity(config, passphrase, clock)
    gate = Gate(config.province, registry.view, clock)
    peers = PeerClient(gate, identity)
    closing.callback(peers.close)
    sealing = Sealing(office, message_signers(config))
    incoming = Incoming(office)
    evidence = Evidence(
        office,
        EvidenceShelf(config.evidence),
        EvidenceClient(peers.channel),
        largest=config.evidence_mib * 1024 * 1024,
    )
    couriers = Couriers(Delivery(office, sealing, peers, incoming), store, clock)
    office.wake = couriers.wake
    return _Core(office, registry, gate, sealing, peers, incoming, couriers, evidence, identity)


def _registry(config: NodeConfig, store: Store) -> RegistryKeeper:
    if not config.root_path.exists():
        raise Unavailable("NOT_JOINED")
    invitation = read_invitation(config.invitation_path.read_text().strip())
    registry = RegistryKeeper(
        store,
        province=config.province,
        pinned_root=config.root_path.read_bytes(),
        endpoint=invitation.address,
        certificate_pem=config.coordinator_path.read_text(),
        period_s=config.refresh_seconds,
    )
    registry.load()
    return registry


def _identity(config: NodeConfig, passphrase: bytes, clock: Clock) -> Callable[[], TlsIdentity]:
    """Return the leaf certificate as a function that renews it when that is due."""
    authority = open_authority(config.keys, config.province, passphrase, now_us=clock.now_us())
    kept: list[tuple[int, TlsIdentity]] = []
    lock = threading.Lock()

    def identity() -> TlsIdentity:
        hour = clock.now_us() // 3_600_000_000
        with lock:
            if not kept or kept[0][0] != hour:
                leaf = open_leaf(config.keys / LEAF, authority, passphrase, now_us=clock.now_us())
                kept[:] = [(hour, leaf)]
            return kept[0][1]

    return identity


def _is_member(config: NodeConfig, core: _Core) -> bool:
    try:
        return config.province in core.registry.view().members
    except Unavailable:
        return False


def _serve_peers(config: NodeConfig, core: _Core, closing: ExitStack) -> None:
    own = (config.keys / "tls-ca.pem").read_bytes()

    def callers() -> bytes:
        try:
            return certificates_of(list(core.registry.view().members.values())) or own
        except CreditBankError:
            return own

    server = make_server(
        config.peer_listen,
        identity=core.identity,
        callers=callers,
        is_shared=not config.is_sqlite,
    )
    service = PeerService(
        core.gate,
        core.incoming,
        Inquiries(core.office),
        core.sealing,
        core.registry,
        core.couriers.heard_from,
    )
    evidence = EvidencePeerService(core.gate, core.evidence)
    server.add_generic_rpc_handlers((service, evidence))
    server.start()
    closing.callback(lambda: server.stop(GRACE_S).wait())


def _serve_local(
    config: NodeConfig, core: _Core, applications: Applications, closing: ExitStack
) -> None:
    authority = (config.keys / "tls-ca.pem").read_text()
    server = make_server(
        config.local_listen,
        identity=core.identity,
        callers=authority.encode,
        workers=8,
        is_shared=not config.is_sqlite,
    )
    door, office = LocalDoor(config.province, authority), core.office
    log_key = load_key(config.keys / LOG_KEY, read_passphrase(config)).public
    operations = OperationServicer(
        door,
        Operations(office, log_key),
        Reconciliation(office, core.sealing, core.peers),
        core.registry,
        config.province,
    )
    add_AccountServiceServicer_to_server(AccountServicer(door, Accounts(office)), server)
    add_DepositServiceServicer_to_server(DepositServicer(door, Deposits(office)), server)
    add_ApplicationServiceServicer_to_server(
        ApplicationServicer(door, applications, office.store), server
    )
    add_OperationServiceServicer_to_server(operations, server)
    cases = CaseServicer(door, Deciding(office), Consents(office), core.evidence)
    add_CaseServiceServicer_to_server(cases, server)
    add_LotServiceServicer_to_server(LotServicer(door, Lots(office), core.evidence), server)
    server.start()
    closing.callback(lambda: server.stop(GRACE_S).wait())


def _every(seconds: float, chore: Callable[[], object]) -> Callable[[], None]:
    """Run a chore from time to time on a thread of its own; return what ends it."""
    done = threading.Event()

    def run() -> None:
        while not done.wait(seconds):
            _attempt(chore)

    thread = threading.Thread(target=run, name="chores", daemon=True)
    thread.start()

    def end() -> None:
        done.set()
        thread.join(timeout=GRACE_S)

    return end


def _attempt(chore: Callable[[], object]) -> None:
    try:
        chore()
    except CreditBankError as error:
        _LOG.warning("chore: %s (%s)", error.reason, error.detail)
