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
from federation.transport.gate import Gate, certificates_of
from federation.transport.peer_client import PeerClient
from federation.trust.invitation import read_invitation
from federation.wire.entries import origin_of
from node.config import NodeConfig, load_config, read_passphrase
from node.edges.attestors import Attestors
from node.edges.couriers import Couriers
from node.edges.local_door import LocalDoor
from node.edges.local_services import AccountServicer, ApplicationServicer, DepositServicer
from node.edges.misconduct_service import MisconductServicer
from node.edges.operator_service import OperationServicer
from node.edges.peer_service import PeerService
from node.edges.recovery_service import RecoveryServicer
from node.edges.registry_keeper import RegistryKeeper
from node.edges.servers import make_server
from node.edges.witness_gateway import WitnessGateway
from node.edges.witness_service import WitnessService
from node.founding import IDENTITY_KEY, LEAF, LOG_KEY, message_signers
from node.storage.opening import open_store
from node.upkeep import only_process
from node.usecases.accounts import Accounts
from node.usecases.applications import Applications
from node.usecases.asking import Asking
from node.usecases.attestation import Attestation
from node.usecases.delivery import Delivery
from node.usecases.deposits import Deposits
from node.usecases.incoming import Incoming
from node.usecases.inquiries import Inquiries
from node.usecases.office import Office, Terms
from node.usecases.operations import Operations
from node.usecases.ports import Store
from node.usecases.proofs import Proofs
from node.usecases.quarantine import Hold
from node.usecases.recall import Recall
from node.usecases.reconciliation import Reconciliation
from node.usecases.recovery import Recovery
from node.usecases.sealing import Sealing
from node.usecases.witnessing import Witnessing
from node.v1.account_service_pb2_grpc import add_AccountServiceServicer_to_server
from node.v1.application_service_pb2_grpc import add_ApplicationServiceServicer_to_server
from node.v1.deposit_service_pb2_grpc import add_DepositServiceServicer_to_server
from node.v1.misconduct_service_pb2_grpc import add_MisconductServiceServicer_to_server
from node.v1.operation_service_pb2_grpc import add_OperationServiceServicer_to_server
from node.v1.recovery_service_pb2_grpc import add_RecoveryServiceServicer_to_server

_LOG = logging.getLogger("creditbank")
CHORES_S = 2.0
AWAITING_S = 0.1
RECOVERING_S = 1.0
ASKING_S = 60.0
RECONCILING_S = 3600.0
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
    identity: Callable[[], TlsIdentity]
    witnessing: Witnessing
    attestation: Attestation
    attestors: Attestors
    recovery: Recovery
    asking: Asking
    reconciliation: Reconciliation


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
        was_member = core.registry.is_member()
        if was_member:
            _serve_peers(config, core, closing)
        _serve_local(config, core, applications, closing)
        core.registry.start()
        closing.callback(core.registry.close)
        while not (stop.is_set() or core.registry.is_member()):
            stop.wait(AWAITING_S)
        # Before membership nobody may call; from then on the authorities let in rarely change.
        if not (stop.is_set() or was_member):
            _serve_peers(config, core, closing)
        # Nothing is signed before it is known that nobody remembers more of us than we do.
        while not (stop.is_set() or _attempt(core.recovery.advance)):
            stop.wait(RECOVERING_S)
        core.couriers.start()
        closing.callback(core.couriers.close)
        core.attestors.start()
        closing.callback(core.attestors.close)
        _LOG.info("%s serves peers at %s", config.province, config.peer_listen)
        closing.callback(_every(ASKING_S, core.asking.ask_silent))
        closing.callback(_every(RECONCILING_S, core.reconciliation.reconcile, first_s=ASKING_S))
        while not stop.wait(CHORES_S):
            if _attempt(core.recovery.advance):
                _attempt(applications.release_lapsed)
                _attempt(core.couriers.sweep)
        _LOG.info("%s stops", config.province)
    return 0


def _build(config: NodeConfig, clock: Clock, closing: ExitStack) -> _Core:
    passphrase = read_passphrase(config)
    log_signer = load_key(config.keys / LOG_KEY, passphrase)
    hold = Hold(is_held=True)
    store = open_store(
        config.database_url,
        origin=origin_of(config.province),
        sign=lambda one: checkpoint.sign(one, log_signer),
        may_sign=hold.may_sign,
    )
    closing.callback(store.close)
    registry = _registry(config, store)
    hold.is_held = registry.is_member()
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
        hold=hold,
    )
    identity = _identity(config, passphrase, clock)
    gate = Gate(config.province, registry.view, clock)
    peers = PeerClient(gate, identity)
    closing.callback(peers.close)
    witnesses = WitnessGateway(peers, registry)
    closing.callback(witnesses.close)
    recall = Recall(office, witnesses)
    sealing = Sealing(office, message_signers(config), recall)
    incoming = Incoming(office)
    asking = Asking(office, sealing, peers, incoming)
    couriers = Couriers(Delivery(office, sealing, peers, incoming), store, clock)
    office.wake = couriers.wake
    witnessing = Witnessing(office, log_signer)
    attestation = Attestation(office, witnesses, lambda one: checkpoint.sign(one, log_signer))
    return _Core(
        office=office,
        registry=registry,
        gate=gate,
        sealing=sealing,
        peers=peers,
        incoming=incoming,
        couriers=couriers,
        identity=identity,
        witnessing=witnessing,
        attestation=attestation,
        attestors=Attestors(attestation, witnessing.judge),
        asking=asking,
        reconciliation=Reconciliation(office, sealing, peers, asking),
        recovery=Recovery(office, sealing, peers, incoming, recall),
    )


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

    def heard_from(peer: str) -> None:
        core.couriers.heard_from(peer)
        core.attestors.heard_from(peer)

    service = PeerService(
        core.gate,
        core.incoming,
        Inquiries(core.office),
        core.sealing,
        core.registry,
        heard_from,
        core.office.may_speak,
    )
    witness = WitnessService(core.gate, core.witnessing, heard_from)
    server.add_generic_rpc_handlers((service, witness))
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
        Operations(office, log_key, core.attestation),
        core.reconciliation,
        core.registry,
        config.province,
    )
    add_AccountServiceServicer_to_server(AccountServicer(door, Accounts(office)), server)
    add_DepositServiceServicer_to_server(DepositServicer(door, Deposits(office)), server)
    add_ApplicationServiceServicer_to_server(
        ApplicationServicer(door, applications, office.store), server
    )
    add_OperationServiceServicer_to_server(operations, server)
    add_MisconductServiceServicer_to_server(MisconductServicer(door, Proofs(office)), server)
    add_RecoveryServiceServicer_to_server(RecoveryServicer(door, core.recovery), server)
    server.start()
    closing.callback(lambda: server.stop(GRACE_S).wait())


def _every(
    seconds: float, chore: Callable[[], object], *, first_s: float = 0.0
) -> Callable[[], None]:
    """Run a chore from time to time on a thread of its own; return what ends it.

    Args:
        first_s: how long to wait before the first time, if not as long as ever.
    """
    done = threading.Event()

    def run() -> None:
        pause_s = first_s or seconds
        while not done.wait(pause_s):
            _attempt(chore)
            pause_s = seconds

    thread = threading.Thread(target=run, name="chores", daemon=True)
    thread.start()

    def end() -> None:
        done.set()
        thread.join(timeout=GRACE_S)

    return end


def _attempt(chore: Callable[[], object]) -> object:
    try:
        return chore()
    except CreditBankError as error:
        _LOG.warning("chore: %s (%s)", error.reason, error.detail)
        return None
