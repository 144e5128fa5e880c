"""The two servers of a node, for peers and for the province's own systems."""

from __future__ import annotations

from contextlib import ExitStack
from functools import partial

import grpc

from federation.base.errors import CreditBankError
from federation.signing.keystore import load_key
from federation.transport.certificates import ends_us
from federation.transport.gate import certificates_of
from federation.transport.health import Health
from federation.transport.limits import Allowance, Limits
from federation.transport.registry_client import submit_statistics
from node.bootstrap.bank import review_policy, serve_bank
from node.bootstrap.chores import GRACE_S, every
from node.bootstrap.core import Core
from node.bootstrap.public import serve_public
from node.config import NodeConfig, read_passphrase
from node.domain.condition import Term, TermKind
from node.edges.case_services import CaseServicer, LotServicer
from node.edges.evidence_service import EvidencePeerService
from node.edges.local_door import LocalDoor
from node.edges.local_services import AccountServicer, ApplicationServicer, DepositServicer
from node.edges.misconduct_service import MisconductServicer
from node.edges.operator_service import OperationServicer
from node.edges.peer_door import PeerDoor
from node.edges.peer_service import PeerService
from node.edges.recovery_service import RecoveryServicer
from node.edges.registry_keeper import RegistryKeeper
from node.edges.servers import make_server
from node.edges.statistics_service import StatisticsServicer
from node.edges.what_if_peer_service import WhatIfPeerService
from node.edges.witness_service import WitnessService
from node.founding import LOG_KEY
from node.usecases.accounts import Accounts
from node.usecases.applications import Applications
from node.usecases.consents import Consents
from node.usecases.deciding import Deciding
from node.usecases.deposits import Deposits
from node.usecases.inquiries import Inquiries
from node.usecases.lots import Lots
from node.usecases.operations import Operations
from node.usecases.proofs import Proofs
from node.usecases.standing import Outside
from node.usecases.statistics import Statistician
from node.v1.account_service_pb2_grpc import add_AccountServiceServicer_to_server
from node.v1.application_service_pb2_grpc import add_ApplicationServiceServicer_to_server
from node.v1.case_service_pb2_grpc import add_CaseServiceServicer_to_server
from node.v1.deposit_service_pb2_grpc import add_DepositServiceServicer_to_server
from node.v1.lot_service_pb2_grpc import add_LotServiceServicer_to_server
from node.v1.misconduct_service_pb2_grpc import add_MisconductServiceServicer_to_server
from node.v1.operation_service_pb2_grpc import add_OperationServiceServicer_to_server
from node.v1.recovery_service_pb2_grpc import add_RecoveryServiceServicer_to_server
from node.v1.statistics_service_pb2_grpc import add_StatisticsServiceServicer_to_server

STATISTICS_S = 3600.0

PEER_SERVICES = (
    "federation.v1.ExchangeService",
    "federation.v1.WitnessService",
    "federation.v1.EvidenceService",
    "federation.v1.WhatIfService",
)
LOCAL_SERVICES = tuple(
    f"node.v1.{name}Service"
    for name in (
        "Account",
        "Accreditation",
        "Application",
        "Case",
        "Decision",
        "Deposit",
        "Lot",
        "Misconduct",
        "OpenData",
        "Operation",
        "Precedent",
        "Programme",
        "Publication",
        "Recovery",
        "Review",
        "Rule",
        "Shanghai",
        "Statistics",
        "WhatIf",
    )
)


def serve_peers(config: NodeConfig, core: Core, closing: ExitStack) -> None:
    """Serve other provinces until the node is closed."""
    own = (config.keys / "tls-ca.pem").read_bytes()

    def callers() -> bytes:
        try:
            return certificates_of(list(core.registry.view().members.values())) or own
        except CreditBankError:
            return own

    clock = core.office.clock
    limits = Limits(
        member=Allowance(
            messages=config.peer_messages_per_second,
            size_bytes=config.peer_bytes_per_second,
            calls=config.peer_calls,
        )
    )
    server = make_server(
        config.peer_listen,
        identity=core.identity,
        callers=callers,
        is_shared=not config.is_sqlite,
        door=PeerDoor(core.gate, limits, clock),
    )

    def heard_from(peer: str) -> None:
        core.contacts.heard_from(peer)
        core.couriers.heard_from(peer)
        core.attestors.heard_from(peer)

    service = PeerService(
        core.gate,
        core.incoming,
        Inquiries(core.office),
        core.sealing,
        core.registry,
        heard_from,
        core.contacts.refused,
        # The call itself was counted as one of them at the door.
        lambda peer, many: limits.book(peer, clock.now_us(), messages=many - 1),
        may_speak=core.office.may_speak,
    )
    witness = WitnessService(core.gate, core.witnessing, heard_from)
    evidence = EvidencePeerService(core.gate, core.evidence)
    what_if = WhatIfPeerService(core.gate, core.what_if, clock)
    server.add_generic_rpc_handlers((service, witness, evidence, what_if))
    _start(server, core, PEER_SERVICES, closing)


def serve_local(
    config: NodeConfig, core: Core, applications: Applications, closing: ExitStack
) -> None:
    """Serve the province's own systems and people until the node is closed."""
    authority = (config.keys / "tls-ca.pem").read_text()
    statistician = Statistician(core.office, core.sealing)
    closing.callback(
        every(STATISTICS_S, lambda: statistician.send_due(partial(_submit, core.registry)))
    )
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
        Operations(office, log_key, core.attestation, _outside(core, authority)),
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
    cases = CaseServicer(door, Deciding(office), Consents(office), core.evidence)
    add_CaseServiceServicer_to_server(cases, server)
    add_LotServiceServicer_to_server(LotServicer(door, Lots(office), core.evidence), server)
    servicer = StatisticsServicer(door, statistician)
    add_StatisticsServiceServicer_to_server(servicer, server)
    serve_bank(server, door, office, core.evidence, review_policy(config))
    serve_public(server, door, core)
    _start(server, core, LOCAL_SERVICES, closing)


def _submit(registry: RegistryKeeper, document: bytes) -> None:
    submit_statistics(*registry.coordinator(), document)


def _start(server: grpc.Server, core: Core, services: tuple[str, ...], closing: ExitStack) -> None:
    """Serve until the node is closed, and tell truly how it is with that."""
    store = core.office.store
    health = Health(services, lambda: store.read(lambda reading: reading.fact("origin")))
    server.add_generic_rpc_handlers((health,))
    server.start()

    def stop() -> None:
        health.stop()
        server.stop(GRACE_S).wait()

    closing.callback(stop)


def _outside(core: Core, authority_pem: str) -> Outside:
    def certificates() -> list[Term]:
        leaf = core.identity().certificate_pem
        ends = {TermKind.TLS_AUTHORITY: ends_us(authority_pem), TermKind.TLS_LEAF: ends_us(leaf)}
        return [Term(kind=kind, name="", ends_us=end) for kind, end in ends.items()]

    return Outside(
        contacts=core.contacts.all,
        certificates=certificates,
        storage=lambda: core.store.failing,
        others=core.attestation.stalled,
    )
