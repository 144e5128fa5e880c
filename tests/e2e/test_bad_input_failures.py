"""What nobody foresaw: a failure of our own is told as INTERNAL, and its text stays at home."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import grpc
import pytest

from federation.base.clock import SystemClock
from federation.transport.certificates import node_host, open_authority
from federation.transport.peer_client import DELIVER
from node.edges.local_services import AccountServicer
from node.edges.operator_service import OperationServicer
from node.edges.peer_service import PeerService
from node.edges.servers import make_server
from node.v1.account_service_pb2_grpc import add_AccountServiceServicer_to_server
from node.v1.operation_service_pb2_grpc import add_OperationServiceServicer_to_server
from tests.e2e.answers import refused
from tests.e2e.federation_of_two import free_port

METHODS = (
    DELIVER,
    "/node.v1.AccountService/GetArchive",
    "/node.v1.AccountService/OpenAccounts",
    "/node.v1.OperationService/ExportTranscripts",
)


class Broken:
    """A gate and a door that fail."""

    def identify(self, *_given: object, **_named: object) -> None:
        """Fail."""
        raise RuntimeError("secret words of /a/path")

    admit = identify


@pytest.fixture
def wire(tmp_path: Path) -> Iterator[grpc.Channel]:
    """Serve every door of a node in which nothing works."""
    now_us = SystemClock().now_us()
    authority = open_authority(tmp_path, "CN-33", b"test", now_us=now_us)
    pem, identity = authority.certificate_pem.encode(), authority.issue(now_us=now_us)
    listen = f"127.0.0.1:{free_port()}"
    server = make_server(listen, identity=lambda: identity, callers=lambda: pem, workers=2)
    server.add_generic_rpc_handlers((PeerService(Broken(), *[None] * 5),))
    add_AccountServiceServicer_to_server(AccountServicer(Broken(), None), server)
    operations = OperationServicer(Broken(), *[None] * 3, "CN-33")
    add_OperationServiceServicer_to_server(operations, server)
    server.start()
    credentials = grpc.ssl_channel_credentials(
        pem, identity.key_pem, identity.certificate_pem.encode()
    )
    options = [("grpc.ssl_target_name_override", node_host("CN-33"))]
    with grpc.secure_channel(listen, credentials, options) as channel:
        yield channel
    server.stop(None).wait()


@pytest.mark.parametrize("method", METHODS)
def test_the_text_of_an_exception_reaches_nobody(wire: grpc.Channel, method: str) -> None:
    call = wire.stream_stream(method, None, None)(iter([b""]), timeout=20)
    with pytest.raises(grpc.RpcError) as caught:
        list(call)
    answer = refused(caught.value)
    assert (answer.code, answer.reason) == ("INTERNAL", "INTERNAL")
    told = repr([*caught.value.trailing_metadata(), caught.value.details()])
    assert not [word for word in ("secret", "path", "RuntimeError") if word in told]
