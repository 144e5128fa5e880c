"""The coordinator's process: serves registry and enrolment, keeps the online metadata fresh.

Callers are not asked for a certificate: the registry is public, and an applicant has none that
anybody knows yet.
"""

from __future__ import annotations

import logging
import threading
from concurrent import futures

import grpc

from federation.base.clock import Clock
from federation.base.errors import CreditBankError
from federation.coordinator.enrolment_service import EnrolmentService
from federation.coordinator.office import Office, OnlineKeys, open_online_keys, open_tls
from federation.coordinator.publication import keep_fresh
from federation.coordinator.registry_service import RegistryService
from federation.coordinator.witness_service import WitnessService
from federation.evidence.witnessing import LARGEST_REQUEST
from federation.transport.certificates import TlsIdentity
from federation.v1.enrolment_service_pb2_grpc import add_EnrolmentServiceServicer_to_server
from federation.v1.registry_service_pb2_grpc import add_RegistryServiceServicer_to_server

CHECK_SECONDS = 60.0
THREADS = 8
REQUEST_BYTES_MAX = LARGEST_REQUEST + 64 * 1024
_log = logging.getLogger(__name__)


class CoordinatorServer:
    """A coordinator that is being served; use it as a context or call start and stop.

    Attributes:
        port: the port it listens on.
    """

    def __init__(
        self, office: Office, passphrase: bytes, *, clock: Clock, listen: str | None = None
    ) -> None:
        """Bind the port; nothing is served before :meth:`start`.

        Raises:
            Refusal: KEY_FILE when the passphrase is wrong.
            RuntimeError: when the address cannot be bound.
        """
        self._office = office
        self._clock = clock
        self._online = open_online_keys(office, passphrase)
        identity = open_tls(office, passphrase, now_us=clock.now_us())
        self._server = _build_server(office, self._online, clock)
        credentials = _credentials(identity)
        self.port = self._server.add_secure_port(listen or office.address, credentials)
        self._stopping = threading.Event()
        self._freshener = threading.Thread(target=self._keep_fresh, name="registry-freshener")

    def start(self) -> None:
        """Bring the online metadata up to date and begin to serve."""
        freshen(self._office, self._online, self._clock)
        self._server.start()
        self._freshener.start()

    def stop(self, grace_seconds: float = 5.0) -> None:
        """Take no new calls, let running ones end, and stop."""
        self._stopping.set()
        self._server.stop(grace_seconds).wait()
        if self._freshener.is_alive():
            self._freshener.join()

    def __enter__(self) -> CoordinatorServer:
        """Start and return the server."""
        self.start()
        return self

    def __exit__(self, *_fault: object) -> None:
        """Stop the server."""
        self.stop(grace_seconds=0.5)

    def _keep_fresh(self) -> None:
        while not self._stopping.wait(CHECK_SECONDS):
            freshen(self._office, self._online, self._clock)


def freshen(office: Office, online: OnlineKeys, clock: Clock) -> None:
    """Sign anew what is due; a failure is logged and tried again, since serving must go on."""
    try:
        if keep_fresh(office, online, now_us=clock.now_us()):
            _log.info("timestamp signed anew")
    except CreditBankError as fault:
        _log.error("online metadata could not be signed: %s", fault)


def _build_server(office: Office, online: OnlineKeys, clock: Clock) -> grpc.Server:
    server = grpc.server(
        futures.ThreadPoolExecutor(THREADS, thread_name_prefix="coordinator"),
        options=[
            ("grpc.max_receive_message_length", REQUEST_BYTES_MAX),
            ("grpc.so_reuseport", 0),
        ],
    )
    add_RegistryServiceServicer_to_server(RegistryService(office.store), server)
    add_EnrolmentServiceServicer_to_server(EnrolmentService(office, clock), server)
    server.add_generic_rpc_handlers((WitnessService(office, online.witness, clock),))
    return server


def _credentials(identity: TlsIdentity) -> grpc.ServerCredentials:
    pair = (identity.key_pem, identity.certificate_pem.encode())
    return grpc.ssl_server_credentials([pair])
