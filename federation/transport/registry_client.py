"""A node's side of the coordinator: first contact by invitation, and reading the registry.

At first contact nothing is trusted but the fingerprints in the invitation: the certificate that
the coordinator shows must be the invited one before a byte is sent, and root 1 must be the
invited one before it is pinned.
"""

from __future__ import annotations

import ssl
from collections.abc import Sequence
from dataclasses import dataclass
from types import TracebackType

import grpc

from federation.base.errors import Breach, Refusal, Unavailable
from federation.signing.keys import Signer
from federation.transport.certificates import COORDINATOR_HOST
from federation.transport.certificates import fingerprint as certificate_fingerprint
from federation.trust.invitation import Invitation, join_proof_message, read_invitation
from federation.trust.registry import fingerprint, root_name
from federation.v1 import enrolment_service_pb2 as enrolment
from federation.v1 import registry_service_pb2 as registry
from federation.v1.enrolment_service_pb2_grpc import EnrolmentServiceStub
from federation.v1.registry_service_pb2_grpc import RegistryServiceStub
from federation.wire.status import error_of

__all__ = [
    "FirstContact",
    "RegistryReader",
    "coordinator_channel",
    "fetch_pinned_root",
    "read_invitation",
    "submit_application",
]

DEADLINE_SECONDS = 5.0
FILE_BYTES_MAX = 8 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class FirstContact:
    """What a joining node keeps: the root to pin, and the coordinator's certificate."""

    root: bytes
    certificate_pem: str


class RegistryReader:
    """Reads registry files from one coordinator; close it after use."""

    def __init__(
        self, endpoint: str, certificate_pem: str, *, deadline_seconds: float = DEADLINE_SECONDS
    ) -> None:
        self._deadline_seconds = deadline_seconds
        self._channel = coordinator_channel(endpoint, certificate_pem)
        self._stub = RegistryServiceStub(self._channel)

    def read(self, name: str) -> bytes | None:
        """Return a file, or None when there is none.

        Raises:
            Unavailable: COORDINATOR_UNREACHABLE when no answer came.
        """
        try:
            answer = self._stub.ReadFile(
                registry.ReadFileRequest(name=name), timeout=self._deadline_seconds
            )
        except grpc.RpcError as fault:
            if fault.code() is grpc.StatusCode.NOT_FOUND:
                return None
            raise _unreachable(fault) from None
        return bytes(answer.content)

    def close(self) -> None:
        """Close the connection."""
        self._channel.close()

    def __enter__(self) -> RegistryReader:
        """Return the reader."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        fault: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Close the reader."""
        self.close()


def fetch_pinned_root(invitation: Invitation) -> FirstContact:
    """Return the root that the invitation names, fetched from the coordinator it names.

    Raises:
        Breach: COORDINATOR_IDENTITY when the certificate is another one, ROOT_FINGERPRINT when
            the root is.
        Unavailable: COORDINATOR_UNREACHABLE when there is no answer.
    """
    certificate_pem = _fetch_certificate(invitation)
    with RegistryReader(invitation.address, certificate_pem) as reader:
        root = reader.read(root_name(1))
    if root is None or fingerprint(root) != invitation.root_sha256:
        raise Breach("ROOT_FINGERPRINT", detail=invitation.address)
    return FirstContact(root, certificate_pem)


def submit_application(
    invitation: Invitation,
    contact: FirstContact,
    document: bytes,
    signers: Sequence[Signer],
) -> str:
    """Send an application with a proof by each key and return its state, as ``PENDING``.

    Raises:
        Refusal: with the coordinator's reason when it does not take the application.
        Unavailable: COORDINATOR_UNREACHABLE when there is no answer; send the same again.
    """
    message = join_proof_message(invitation.token, document)
    request = enrolment.JoinRequest(
        token=invitation.token,
        document=document,
        proofs=[
            enrolment.KeyProof(keyid=signer.public.keyid, signature=signer.sign(message))
            for signer in signers
        ],
    )
    with coordinator_channel(invitation.address, contact.certificate_pem) as channel:
        try:
            answer = EnrolmentServiceStub(channel).Join(request, timeout=DEADLINE_SECONDS)
        except grpc.RpcError as fault:
            raise _refused(fault) from None
    name = enrolment.ApplicationState.Name(answer.state)
    return name.removeprefix("APPLICATION_STATE_")


def _fetch_certificate(invitation: Invitation) -> str:
    host, _, port = invitation.address.rpartition(":")
    try:
        pem = ssl.get_server_certificate((host.strip("[]"), int(port)), timeout=DEADLINE_SECONDS)
    except OSError as fault:
        raise Unavailable("COORDINATOR_UNREACHABLE", detail=str(fault)) from None
    if certificate_fingerprint(pem) != invitation.tls_sha256:
        raise Breach("COORDINATOR_IDENTITY", detail=invitation.address)
    return pem


def coordinator_channel(endpoint: str, certificate_pem: str) -> grpc.Channel:
    """Return a channel to the coordinator that has this certificate."""
    return grpc.secure_channel(
        endpoint,
        grpc.ssl_channel_credentials(certificate_pem.encode()),
        options=[
            ("grpc.ssl_target_name_override", COORDINATOR_HOST),
            ("grpc.max_receive_message_length", FILE_BYTES_MAX),
            # A proxy named in the environment is for other traffic.
            ("grpc.enable_http_proxy", 0),
        ],
    )


def _refused(fault: grpc.RpcError) -> Refusal | Unavailable:
    error = error_of(fault)
    if isinstance(error, Unavailable):
        return _unreachable(fault)
    return Refusal(error.reason, detail="the coordinator's answer", kind=error.kind)


def _unreachable(fault: grpc.RpcError) -> Unavailable:
    return Unavailable("COORDINATOR_UNREACHABLE", detail=str(fault.code()))
