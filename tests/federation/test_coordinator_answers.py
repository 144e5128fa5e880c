"""How a coordinator refuses: with a reason in both languages, and no word of its own text."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import grpc
import pytest
from grpc_health.v1 import health_pb2

from federation.base.clock import SystemClock
from federation.coordinator.server import SERVICES, CoordinatorServer
from federation.transport.certificates import COORDINATOR_HOST
from federation.transport.health import CHECK
from federation.v1.registry_service_pb2 import ReadFileRequest
from tests.e2e.answers import refused
from tests.e2e.ports import free_port
from tests.federation.registry_world import PASSPHRASE, World, new_world

READ = "/federation.v1.RegistryService/ReadFile"
JOIN = "/federation.v1.EnrolmentService/Join"


@pytest.fixture
def world(tmp_path: Path) -> World:
    """Return a federation with a registry."""
    return new_world(tmp_path, address=f"127.0.0.1:{free_port()}")


@pytest.fixture
def wire(world: World) -> Iterator[grpc.Channel]:
    """Serve its coordinator and connect to it."""
    with CoordinatorServer(world.office, PASSPHRASE, clock=SystemClock()):
        credentials = grpc.ssl_channel_credentials(world.office.tls_certificate_pem.encode())
        options = [("grpc.ssl_target_name_override", COORDINATOR_HOST)]
        with grpc.secure_channel(world.office.address, credentials, options) as channel:
            yield channel


def ask(wire: grpc.Channel, method: str, body: bytes) -> tuple[str, str]:
    """Return code and reason of a call that is refused."""
    with pytest.raises(grpc.RpcError) as caught:
        wire.unary_unary(method, None, None)(body, timeout=20)
    answer = refused(caught.value)
    return answer.code, answer.reason


def test_every_refusal_has_its_reason(wire: grpc.Channel) -> None:
    for method in (READ, JOIN):
        assert ask(wire, method, b"\xff\xff") == ("INVALID_ARGUMENT", "MALFORMED")
    absent = ReadFileRequest(name="absent.json").SerializeToString()
    assert ask(wire, READ, absent) == ("NOT_FOUND", "REGISTRY_FILE")
    assert ask(wire, JOIN, b"") == ("UNAUTHENTICATED", "KEY_PROOF")


def test_a_database_that_is_gone_is_told_as_that(wire: grpc.Channel, world: World) -> None:
    def how_it_is() -> str:
        method = wire.unary_unary(
            CHECK,
            health_pb2.HealthCheckRequest.SerializeToString,
            health_pb2.HealthCheckResponse.FromString,
        )
        answers = {
            method(health_pb2.HealthCheckRequest(service=one), timeout=20).status
            for one in ("", *SERVICES)
        }
        (told,) = answers
        return health_pb2.HealthCheckResponse.ServingStatus.Name(told)

    assert how_it_is() == "SERVING"
    with world.office.store.writing() as books:
        books._connection.exec_driver_sql("ALTER TABLE registry_file RENAME TO lost")
    request = ReadFileRequest(name="timestamp.json").SerializeToString()
    assert ask(wire, READ, request) == ("UNAVAILABLE", "STORAGE")
    assert how_it_is() == "NOT_SERVING"


def test_a_failure_of_our_own_is_told_without_its_text(
    wire: grpc.Channel, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise RuntimeError("secret words of /a/path")

    monkeypatch.setattr(type(world.office.store), "reading", fail)
    request = ReadFileRequest(name="timestamp.json").SerializeToString()
    assert ask(wire, READ, request) == ("INTERNAL", "INTERNAL")
