"""The use cases of one node, joined with their storage and edges."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass

from federation.base.clock import Clock
from federation.base.entropy import SystemEntropy
from federation.base.errors import Unavailable
from federation.log import checkpoint
from federation.signing.keystore import load_key
from federation.signing.vault import load_vault
from federation.transport.certificates import TlsIdentity, open_authority, open_leaf
from federation.transport.evidence_client import EvidenceClient
from federation.transport.gate import Gate
from federation.transport.peer_client import PeerClient
from federation.trust.invitation import read_invitation
from federation.wire.entries import origin_of
from node.config import NodeConfig, read_passphrase
from node.edges.attestors import Attestors
from node.edges.couriers import Couriers
from node.edges.registry_keeper import RegistryKeeper
from node.edges.what_if_gateway import WhatIfGateway
from node.edges.witness_gateway import WitnessGateway
from node.founding import IDENTITY_KEY, LEAF, LOG_KEY, message_signers
from node.storage.evidence_shelf import EvidenceShelf
from node.storage.opening import open_store
from node.usecases.asking import Asking
from node.usecases.attestation import Attestation
from node.usecases.contacts import Contacts, NotedPeers
from node.usecases.crosschecking import Crosschecking
from node.usecases.delivery import Delivery
from node.usecases.evidence import Evidence
from node.usecases.incoming import Incoming
from node.usecases.office import Office, Terms
from node.usecases.ports import Peers, Store
from node.usecases.quarantine import Hold
from node.usecases.recall import Recall
from node.usecases.reconciliation import Reconciliation
from node.usecases.recovery import Recovery
from node.usecases.sealing import Sealing
from node.usecases.storage_watch import WatchedStore
from node.usecases.what_if import WhatIf
from node.usecases.witnessing import Witnessing

_LOG = logging.getLogger("creditbank")


@dataclass(slots=True)
class Core:
    """The use cases of one node on its ports."""

    office: Office
    store: WatchedStore
    registry: RegistryKeeper
    gate: Gate
    sealing: Sealing
    peers: Peers
    contacts: Contacts
    incoming: Incoming
    couriers: Couriers
    evidence: Evidence
    identity: Callable[[], TlsIdentity]
    witnessing: Witnessing
    attestation: Attestation
    attestors: Attestors
    crosschecking: Crosschecking
    recovery: Recovery
    asking: Asking
    reconciliation: Reconciliation
    what_if: WhatIf
    what_if_gateway: WhatIfGateway


def build(config: NodeConfig, clock: Clock, closing: ExitStack) -> Core:
    """Join the parts of a node; what must be ended at last is put into ``closing``."""
    passphrase = read_passphrase(config)
    log_signer = load_key(config.keys / LOG_KEY, passphrase)
    hold = Hold(is_held=True)
    store = WatchedStore(
        open_store(
            config.database_url,
            origin=origin_of(config.province),
            sign=lambda one: checkpoint.sign(one, log_signer),
            may_sign=hold.may_sign,
        )
    )
    closing.callback(store.close)
    registry = _registry(config, store)
    hold.is_held = registry.is_member()
    office = _office(config, store, registry, passphrase, clock, hold)
    identity = _identity(config, passphrase, clock)
    gate = Gate(config.province, registry.view, clock)
    client, contacts = PeerClient(gate, identity), Contacts(clock)
    closing.callback(client.close)
    peers = NotedPeers(client, contacts)
    witnesses = WitnessGateway(client, registry)
    closing.callback(witnesses.close)
    recall = Recall(office, witnesses)
    sealing = Sealing(office, message_signers(config), recall)
    incoming = Incoming(office)
    asking = Asking(office, sealing, peers, incoming)
    couriers = Couriers(Delivery(office, sealing, peers, incoming), store, clock)
    office.wake = couriers.wake
    witnessing = Witnessing(office, log_signer)
    what_if = WhatIf(office)
    attestation = Attestation(office, witnesses, lambda one: checkpoint.sign(one, log_signer))
    return Core(
        office=office,
        store=store,
        registry=registry,
        gate=gate,
        sealing=sealing,
        peers=peers,
        contacts=contacts,
        incoming=incoming,
        couriers=couriers,
        evidence=_evidence(config, office, client),
        identity=identity,
        witnessing=witnessing,
        attestation=attestation,
        attestors=Attestors(attestation, witnessing.judge),
        crosschecking=Crosschecking(office, witnesses, witnessing),
        asking=asking,
        reconciliation=Reconciliation(office, sealing, peers, asking),
        recovery=Recovery(office, sealing, peers, incoming, recall),
        what_if=what_if,
        what_if_gateway=WhatIfGateway(config.province, registry, client.channel, what_if),
    )


def _office(
    config: NodeConfig,
    store: Store,
    registry: RegistryKeeper,
    passphrase: bytes,
    clock: Clock,
    hold: Hold,
) -> Office:
    return Office(
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
        reviews_by_person=config.review == "person",
        calendar=config.calendar,
        checks_catalogues=config.deposits == "catalogued",
    )


def _evidence(config: NodeConfig, office: Office, client: PeerClient) -> Evidence:
    return Evidence(
        office,
        EvidenceShelf(config.evidence),
        EvidenceClient(client.channel),
        largest=config.evidence_mib * 1024 * 1024,
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

    def opened(last: TlsIdentity | None) -> TlsIdentity:
        try:
            return open_leaf(config.keys / LEAF, authority, passphrase, now_us=clock.now_us())
        except OSError as error:
            if last is None:
                raise
            # A full disk must not end calls while the leaf is good for a month.
            _LOG.warning("certificate not renewed: %s", error.strerror)
            return last

    def identity() -> TlsIdentity:
        hour = clock.now_us() // 3_600_000_000
        with lock:
            if not kept or kept[0][0] != hour:
                kept[:] = [(hour, opened(kept[0][1] if kept else None))]
            return kept[0][1]

    return identity
