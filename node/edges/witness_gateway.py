"""Calls to witnesses: provinces over the channel of deliveries, the coordinator over its own."""

from __future__ import annotations

import threading
from collections.abc import Sequence

import grpc

from federation.base.errors import Breach
from federation.log.cosignature import COORDINATOR
from federation.transport.peer_client import PeerClient
from federation.transport.registry_client import coordinator_channel
from federation.transport.witness_client import WitnessClient
from node.usecases.ports import Registry


class WitnessGateway:
    """Reaches each witness at the address that the registry has for it."""

    def __init__(self, peers: PeerClient, registry: Registry) -> None:
        self._peers = peers
        self._registry = registry
        self._lock = threading.Lock()
        self._coordinator: tuple[tuple[str, str], grpc.Channel] | None = None

    def add_checkpoint(
        self,
        witness: str,
        note: bytes,
        *,
        old_size: int,
        proof: Sequence[bytes],
        entries: Sequence[bytes],
        quorum_note: bytes,
    ) -> tuple[Sequence[bytes], int]:
        """Submit a checkpoint; return cosignature lines and the size known now."""
        answer = self.client(witness).add_checkpoint(
            note, old_size=old_size, proof=proof, entries=entries, quorum_note=quorum_note
        )
        return answer.cosignatures, answer.known_size

    def read_checkpoint(self, witness: str, origin: str) -> tuple[bytes, int]:
        """Return the newest note that a witness knows of a log, and how much it mirrors."""
        answer = self.client(witness).read_checkpoint(origin)
        return answer.note, answer.mirrored_size

    def read_hashes(self, witness: str, origin: str, start: int, limit: int) -> Sequence[bytes]:
        """Return leaf hashes as a witness mirrors them."""
        return self.client(witness).read_leaves(origin, start, limit).hashes

    def client(self, witness: str) -> WitnessClient:
        """Return the client of a witness.

        Raises:
            Breach: NOT_MEMBER for nobody's name.
            Unavailable: REGISTRY_MISSING.
        """
        if witness == COORDINATOR:
            return WitnessClient(self._coordinators_channel())
        member = self._registry.view().members.get(witness)
        if member is None:
            raise Breach("NOT_MEMBER")
        return WitnessClient(self._peers.channel(member))

    def close(self) -> None:
        """Close the coordinator's channel."""
        with self._lock:
            if self._coordinator is not None:
                self._coordinator[1].close()
                self._coordinator = None

    def _coordinators_channel(self) -> grpc.Channel:
        record = self._registry.view().coordinator
        key = (record.endpoint, record.tls_certificate_pem)
        with self._lock:
            if self._coordinator is None or self._coordinator[0] != key:
                if self._coordinator is not None:
                    self._coordinator[1].close()
                self._coordinator = (key, coordinator_channel(*key))
            return self._coordinator[1]
