"""Certificates, tried over real mutual TLS."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent import futures
from contextlib import contextmanager
from pathlib import Path

import grpc
import pytest

from federation.base.clock import DAY
from federation.base.errors import Breach, Refusal
from federation.transport.certificates import (
    Authority,
    Caller,
    TlsIdentity,
    check_authority,
    days_left,
    fingerprint,
    is_issued_by,
    needs_renewal,
    node_host,
    open_authority,
    open_coordinator,
    open_leaf,
    read_caller,
)
from federation.v1 import registry_service_pb2 as messages
from federation.v1 import registry_service_pb2_grpc as rpc
from tests.federation.registry_world import PASSPHRASE, present_us

NOW = present_us()


@pytest.fixture
def shanghai(tmp_path: Path) -> Authority:
    """The authority of CN-31."""
    return open_authority(tmp_path / "31", "CN-31", PASSPHRASE, now_us=NOW)


@pytest.fixture
def zhejiang(tmp_path: Path) -> Authority:
    """The authority of CN-33."""
    return open_authority(tmp_path / "33", "CN-33", PASSPHRASE, now_us=NOW)


class Echo(rpc.RegistryServiceServicer):
    """Answers with the caller's name."""

    def ReadFile(
        self, request: messages.ReadFileRequest, context: grpc.ServicerContext
    ) -> messages.ReadFileResponse:
        """Return whom the certificate names."""
        caller = read_caller(context.auth_context()["x509_pem_cert"][0])
        return messages.ReadFileResponse(content=f"{caller.province}/{caller.service}".encode())


@contextmanager
def served(identity: TlsIdentity, *trusted: Authority) -> Iterator[int]:
    """Serve with mutual TLS, trusting clients of these authorities."""
    server = grpc.server(futures.ThreadPoolExecutor(2))
    rpc.add_RegistryServiceServicer_to_server(Echo(), server)
    credentials = grpc.ssl_server_credentials(
        [(identity.key_pem, identity.certificate_pem.encode())],
        root_certificates="".join(one.certificate_pem for one in trusted).encode(),
        require_client_auth=True,
    )
    port = server.add_secure_port("127.0.0.1:0", credentials)
    server.start()
    try:
        yield port
    finally:
        server.stop(0).wait()


def call(port: int, server_authority: Authority, identity: TlsIdentity, province: str) -> str:
    """Call as a client that trusts one authority and expects one host."""
    credentials = grpc.ssl_channel_credentials(
        server_authority.certificate_pem.encode(),
        identity.key_pem,
        identity.certificate_pem.encode(),
    )
    options = [("grpc.ssl_target_name_override", node_host(province))]
    with grpc.secure_channel(f"127.0.0.1:{port}", credentials, options=options) as channel:
        stub = rpc.RegistryServiceStub(channel)
        return str(stub.ReadFile(messages.ReadFileRequest(name="x"), timeout=3).content.decode())


def test_provinces_and_service_accounts_are_told_apart(
    shanghai: Authority, zhejiang: Authority
) -> None:
    with served(shanghai.issue(now_us=NOW), shanghai, zhejiang) as port:
        assert call(port, shanghai, zhejiang.issue(now_us=NOW), "CN-31") == "CN-33/None"
        account = shanghai.issue(now_us=NOW, service="lms")
        assert call(port, shanghai, account, "CN-31") == "CN-31/lms"


@pytest.mark.parametrize("fault", ["client expired", "client unknown", "server expired", "host"])
def test_tls_refuses(fault: str, shanghai: Authority, zhejiang: Authority, tmp_path: Path) -> None:
    long_ago = NOW - 100 * DAY
    stranger = open_authority(tmp_path / "x", "CN-33", PASSPHRASE, now_us=NOW)
    server = shanghai.issue(now_us=long_ago if fault == "server expired" else NOW)
    client = (stranger if fault == "client unknown" else zhejiang).issue(
        now_us=long_ago if fault == "client expired" else NOW
    )
    with served(server, shanghai, zhejiang) as port, pytest.raises(grpc.RpcError) as caught:
        call(port, shanghai, client, "CN-33" if fault == "host" else "CN-31")
    assert caught.value.code() is grpc.StatusCode.UNAVAILABLE


def test_a_name_counts_only_with_its_own_authority(
    shanghai: Authority, zhejiang: Authority, tmp_path: Path
) -> None:
    liar = open_authority(tmp_path / "liar", "CN-31", PASSPHRASE, now_us=NOW)
    forged = liar.issue(now_us=NOW).certificate_pem
    assert read_caller(forged) == Caller("CN-31")
    assert not is_issued_by(forged, shanghai.certificate_pem)
    own = shanghai.issue(now_us=NOW).certificate_pem
    assert is_issued_by(own, zhejiang.certificate_pem + shanghai.certificate_pem)
    assert not is_issued_by(own, own)


def test_a_leaf_is_kept_until_thirty_days_remain(tmp_path: Path, shanghai: Authority) -> None:
    path = tmp_path / "tls.pem"
    first = open_leaf(path, shanghai, PASSPHRASE, now_us=NOW)
    assert days_left(first.certificate_pem, now_us=NOW) in (89, 90)
    assert open_leaf(path, shanghai, PASSPHRASE, now_us=NOW + 59 * DAY) == first
    assert needs_renewal(first.certificate_pem, now_us=NOW + 61 * DAY)
    second = open_leaf(path, shanghai, PASSPHRASE, now_us=NOW + 61 * DAY)
    assert fingerprint(second.certificate_pem) != fingerprint(first.certificate_pem)
    assert open_leaf(path, shanghai, PASSPHRASE, now_us=NOW + 61 * DAY) == second
    with pytest.raises(Refusal, match="KEY_FILE"):
        open_leaf(path, shanghai, b"wrong", now_us=NOW + 61 * DAY)


def test_keys_lie_encrypted(tmp_path: Path, shanghai: Authority) -> None:
    open_leaf(tmp_path / "31" / "tls.pem", shanghai, PASSPHRASE, now_us=NOW)
    for name in ("tls-ca.key", "tls.pem"):
        path = tmp_path / "31" / name
        assert b"ENCRYPTED PRIVATE KEY" in path.read_bytes()
        assert path.stat().st_mode & 0o077 == 0


def test_an_authority_interrupted_after_its_key_is_completed(tmp_path: Path) -> None:
    first = open_authority(tmp_path, "CN-31", PASSPHRASE, now_us=NOW)
    leaf = first.issue(now_us=NOW)
    (tmp_path / "tls-ca.pem").unlink()
    again = open_authority(tmp_path, "CN-31", PASSPHRASE, now_us=NOW)
    assert is_issued_by(leaf.certificate_pem, again.certificate_pem)


def test_what_is_no_authority_is_refused(tmp_path: Path, shanghai: Authority) -> None:
    check_authority(shanghai.certificate_pem, now_us=NOW)
    coordinator = open_coordinator(tmp_path / "c.pem", PASSPHRASE, now_us=NOW)
    for text in (coordinator.certificate_pem, "", shanghai.issue(now_us=NOW).certificate_pem):
        with pytest.raises(Breach, match="TLS_AUTHORITY"):
            check_authority(text, now_us=NOW)
    with pytest.raises(Breach, match="TLS_AUTHORITY"):
        check_authority(shanghai.certificate_pem, now_us=NOW + 4000 * DAY)
    with pytest.raises(Breach, match="TLS_IDENTITY"):
        read_caller(coordinator.certificate_pem)
    with pytest.raises(Breach, match="TLS_IDENTITY"):
        read_caller(shanghai.certificate_pem)
