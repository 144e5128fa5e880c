"""Too much, too long, too many at a time, and a database that cannot (rows 17 and 79-83)."""

from __future__ import annotations

import json
import resource
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager

import grpc
import pytest
from grpc_health.v1 import health_pb2
from typer.testing import CliRunner

from federation.base.clock import SECOND, SystemClock
from federation.base.errors import Breach, Unavailable
from federation.base.working_days import month_before
from federation.coordinator.server import SERVICES
from federation.protocol.messages import Vote
from federation.transport.certificates import COORDINATOR_HOST
from federation.transport.gate import Gate, certificates_of
from federation.transport.health import CHECK
from federation.transport.limits import Allowance, Limits
from federation.transport.peer_client import DELIVER
from federation.wire.status import error_of
from node.config import load_config
from node.edges.cli.main import app
from node.edges.peer_door import PeerDoor
from node.edges.peer_service import PeerService
from node.edges.servers import make_server
from node.v1 import statistics_service_pb2 as statistics
from tests.e2e.answers import Refused, refused
from tests.e2e.federation_of_two import Federation
from tests.e2e.ports import free_port
from tests.e2e.rogue import encode_batch
from tests.e2e.running_node import Node
from tests.e2e.test_bad_input_identity import ask, named, own_identity
from tests.node.province import HandClock
from tests.raw_sql import sql

FEW = Allowance(messages=1, size_bytes=65_536, calls=2)


def call_of(federation: Federation) -> grpc.UnaryUnaryMultiCallable:
    """Return a call by the rogue to the destination."""
    rogue, node = federation.rogue, federation.destination
    return rogue.channel(node, rogue.identity).unary_unary(DELIVER, None, None)


@contextmanager
def door(
    federation: Federation, clock: HandClock, handler: grpc.GenericRpcHandler | None = None
) -> Iterator[str]:
    """Serve a door with little room by real TLS, on a clock moved by hand; return its address."""
    view = federation.rogue.view
    gate = Gate("CN-44", lambda: view, SystemClock())
    limits = Limits(member=FEW, stranger=FEW)
    listen = f"127.0.0.1:{free_port()}"
    identity = own_identity(federation, "CN-44")
    server = make_server(
        listen,
        identity=lambda: identity,
        callers=lambda: certificates_of(list(view.members.values())),
        door=PeerDoor(gate, limits, clock),
    )
    service = PeerService(gate, *[None] * 4, lambda peer: None)
    server.add_generic_rpc_handlers((handler or service,))
    server.start()
    yield listen
    server.stop(None).wait()


# Row 17.


def test_metadata_over_its_limit_is_refused(federation: Federation) -> None:
    with federation.unchanged(federation.destination):
        for size, reason in ((17_000, "METADATA_TOO_LARGE"), (70_000, "")):
            with pytest.raises(grpc.RpcError) as caught:
                call_of(federation)(b"", timeout=20, metadata=[("x-much", "x" * size)])
            # Far beyond, the library hangs up before any code of ours is asked.
            answer = refused(caught.value)
            assert (answer.code, answer.reason) == ("RESOURCE_EXHAUSTED", reason)
            assert error_of(caught.value).reason == "METADATA_TOO_LARGE"


# Row 79.


def test_a_flood_is_put_off_and_told_until_when(federation: Federation) -> None:
    rogue, clock = federation.rogue, HandClock()
    with door(federation, clock) as listen:
        channel = rogue.channel(federation.destination, rogue.identity, endpoint=listen)
        call = channel.unary_unary(DELIVER, None, None)
        told = []
        for _ in range(12):
            with pytest.raises(grpc.RpcError) as caught:
                call(b"", timeout=20)
            told.append(refused(caught.value).reason)
        assert told == ["EMPTY"] * 10 + ["RATE_LIMIT"] * 2
        put_off = error_of(caught.value)
        assert isinstance(put_off, Unavailable)
        assert put_off.retry_after_ms == 1000
        clock.advance(SECOND)
        with pytest.raises(grpc.RpcError) as caught:
            call(b"", timeout=20)
        assert refused(caught.value).reason == "EMPTY"
        # A large body is a debt.
        clock.advance(10 * SECOND)
        with pytest.raises(grpc.RpcError):
            call(b"x" * 4_000_000, timeout=20)
        with pytest.raises(grpc.RpcError) as caught:
            call(b"", timeout=20)
        put_off = error_of(caught.value)
        assert isinstance(put_off, Unavailable)
        assert put_off.reason == "RATE_LIMIT"
        assert put_off.retry_after_ms > 40_000


def test_strangers_share_what_little_they_get(federation: Federation) -> None:
    rogue, clock = federation.rogue, HandClock()
    with door(federation, clock) as listen:
        for province, reason in (("CN-50", "NOT_MEMBER"), ("CN-51", "RATE_LIMIT")):
            identity = named(rogue, province)
            channel = rogue.channel(federation.destination, identity, endpoint=listen)
            for _ in range(10 if reason == "NOT_MEMBER" else 1):
                answer = rogue.through(channel, b"")
                assert isinstance(answer, Refused)
                assert answer.reason == reason
        channel = rogue.channel(federation.destination, rogue.identity, endpoint=listen)
        answer = rogue.through(channel, b"")
        assert isinstance(answer, Refused)
        assert answer.reason == "EMPTY", "members do not pay for strangers"


# Row 80.


def test_a_thousand_open_calls_leave_room_for_others(federation: Federation) -> None:
    rogue, node = federation.rogue, federation.destination
    silence, refusals = threading.Event(), Counter[str]()
    most, done = load_config(node.directory).peer_calls, threading.Semaphore(0)

    def nothing() -> Iterator[bytes]:
        silence.wait(60)
        yield from ()

    def count(call: grpc.Future) -> None:
        failure = call.exception()
        assert isinstance(failure, grpc.RpcError)
        answer = refused(failure)
        refusals[answer.reason or answer.code] += 1
        done.release()

    with federation.unchanged(node):
        method = rogue.channel(node, rogue.identity).stream_unary(DELIVER, None, None)
        for _ in range(1000):
            method.future(nothing(), timeout=60).add_done_callback(count)
        assert all(done.acquire(timeout=30) for _ in range(1000 - most))
        # Whoever is not to blame is answered, and who is learns when to come back.
        other = rogue.call(
            node, encode_batch(ask(federation)), identity=own_identity(federation, "CN-31")
        )
        assert isinstance(other, Refused)
        assert other.reason == "IDENTITY_MISMATCH"
        again = rogue.call(node, encode_batch(ask(federation)))
        assert isinstance(again, Refused)
        assert (again.code, again.reason) == ("RESOURCE_EXHAUSTED", "CONCURRENCY")
        silence.set()
        assert all(done.acquire(timeout=30) for _ in range(most))
        # Some streams HTTP/2 itself refuses (REFUSED_STREAM), before they are calls.
        assert refusals["CONCURRENCY"] > 0
        assert refusals["CONCURRENCY"] + refusals["UNAVAILABLE"] == 1000 - most
        assert refusals["EMPTY"] == most
        assert not isinstance(rogue.call(node, encode_batch(ask(federation))), Refused)


# Row 81.


@pytest.mark.parametrize("deadline_s", [None, 61.5, 3600])
def test_a_call_without_an_end_in_sight_is_refused(
    federation: Federation, deadline_s: float | None
) -> None:
    request = encode_batch(ask(federation))
    with federation.unchanged(federation.destination):
        with pytest.raises(grpc.RpcError) as caught:
            call_of(federation)(request, timeout=deadline_s)
        answer = refused(caught.value)
        assert (answer.code, answer.reason) == ("INVALID_ARGUMENT", "DEADLINE")
        call_of(federation)(request, timeout=60)


# Row 82.


@contextmanager
def busy(node: Node) -> Iterator[None]:
    """Keep others from writing, as another program on the database may."""
    with sql(node.client.config.database_url) as run:
        if node.client.config.is_sqlite:
            run("BEGIN IMMEDIATE")
        else:
            run("BEGIN")
            run("LOCK TABLE exchange IN EXCLUSIVE MODE")
        yield
        run("ROLLBACK")


def test_a_busy_database_is_waited_for(federation: Federation) -> None:
    check_puts_off(federation, busy(federation.destination), "RETRY")


# Row 83.


@contextmanager
def full(node: Node) -> Iterator[None]:
    """Let nothing more be written: no larger files, or a server that reads only."""
    if node.client.config.is_sqlite:
        hard = resource.prlimit(node.pid, resource.RLIMIT_FSIZE)[1]
        resource.prlimit(node.pid, resource.RLIMIT_FSIZE, (4096, hard))
        yield
        resource.prlimit(node.pid, resource.RLIMIT_FSIZE, (hard, hard))
        return
    name = node.run("select current_database()")[0][0]
    for order in ("SET default_transaction_read_only = on", "RESET default_transaction_read_only"):
        node.run(f"ALTER DATABASE {name} {order}")
        cut_others(node)
        if order.startswith("SET"):
            yield


def cut_others(node: Node) -> None:
    """Let everybody else connect anew."""
    node.run(
        "select pg_terminate_backend(pid) from pg_stat_activity "
        "where datname = current_database() and pid <> pg_backend_pid()"
    )


def test_a_full_disk_stops_writing_and_not_reading(federation: Federation) -> None:
    check_puts_off(federation, full(federation.destination), "STORAGE")


def check_puts_off(
    federation: Federation, hindrance: AbstractContextManager[None], reason: str
) -> None:
    """Check that an offer is put off while something hinders writing, and taken afterwards."""
    rogue, node, learner = federation.rogue, federation.destination, federation.destination.enrol()
    offer = rogue.offer(node.province, node.code(learner), learner.number)
    said = rogue.say(offer.prepare, offer.openings)
    request = rogue.encoded(node.province, said)
    with federation.unchanged(node), hindrance:
        channel = rogue.channel(node, rogue.identity)
        with pytest.raises(grpc.RpcError) as caught:
            channel.unary_unary(DELIVER, None, None)(request, timeout=20)
        answer, error = refused(caught.value), error_of(caught.value)
        assert (answer.code, answer.reason) == ("UNAVAILABLE", reason)
        assert isinstance(error, Unavailable)
        assert error.retry_after_ms > 0
        # What only reads is served.
        assert not isinstance(rogue.call(node, encode_batch(ask(federation))), Refused)
        assert node.archive(learner).balance_hundredths == 0
    (vote,) = rogue.answers(node, said)
    assert isinstance(vote.message, Vote)
    assert vote.message.accepted


# Health.


def health_of(channel: grpc.Channel, service: str = "") -> str:
    """Ask a server how it is."""
    kinds = health_pb2.HealthCheckResponse
    method = channel.unary_unary(
        CHECK, health_pb2.HealthCheckRequest.SerializeToString, kinds.FromString
    )
    answer = method(health_pb2.HealthCheckRequest(service=service), timeout=10)
    return kinds.ServingStatus.Name(answer.status)


def test_whoever_gets_past_the_handshake_may_ask_how_a_server_is(federation: Federation) -> None:
    rogue, node = federation.rogue, federation.destination
    services = ("", "federation.v1.ExchangeService")
    for identity in (rogue.identity, named(rogue, "CN-50")):
        channel = rogue.channel(node, identity)
        assert [health_of(channel, one) for one in services] == ["SERVING"] * 2
        with pytest.raises(grpc.RpcError) as caught:
            health_of(channel, "node.v1.OperationService")
        answer = refused(caught.value)
        assert (answer.code, answer.reason) == ("NOT_FOUND", "SERVICE")
        watch = channel.unary_stream("/grpc.health.v1.Health/Watch", None, None)
        with pytest.raises(grpc.RpcError) as caught:
            list(watch(b"", timeout=10))
        assert caught.value.code() in (
            grpc.StatusCode.UNIMPLEMENTED,
            grpc.StatusCode.PERMISSION_DENIED,
        )
    certificate = coordinator_certificate(federation)
    credentials = grpc.ssl_channel_credentials(certificate)
    named_so = [("grpc.ssl_target_name_override", COORDINATOR_HOST)]
    address = federation.world.office.address
    with grpc.secure_channel(address, credentials, named_so) as coordinator:
        assert health_of(coordinator) == health_of(coordinator, SERVICES[0]) == "SERVING"


def coordinator_certificate(federation: Federation) -> bytes:
    """Return the coordinator's certificate as the nodes first met it."""
    return load_config(federation.destination.directory).coordinator_path.read_bytes()


def test_a_node_without_its_database_says_so_and_comes_back(federation: Federation) -> None:
    node, rogue = federation.destination, federation.rogue
    channel = rogue.channel(node, rogue.identity)
    if node.client.config.is_sqlite:
        # A file that is open does not go away.
        assert health_of(channel) == "SERVING"
        return
    name = node.run("select current_database()")[0][0]
    for allowed, told in ((False, "NOT_SERVING"), (True, "SERVING")):
        federation.source.run(f"ALTER DATABASE {name} ALLOW_CONNECTIONS {allowed}")
        cut_others(node)
        assert health_of(channel) == told


# Work that nobody waits for, and statistics by the real services.


class Recorder(grpc.GenericRpcHandler):
    """Notes what reaches a method."""

    def __init__(self) -> None:
        self.seen: list[bytes] = []

    def service(self, handler_call_details: grpc.HandlerCallDetails) -> grpc.RpcMethodHandler:
        """Return a handler for whatever is called."""
        return grpc.unary_unary_rpc_method_handler(self._note)

    def _note(self, request: bytes, context: grpc.ServicerContext) -> bytes:
        self.seen.append(request)
        return b""


def test_work_whose_caller_has_gone_is_not_begun(federation: Federation) -> None:
    rogue, recorder = federation.rogue, Recorder()
    with door(federation, HandClock(), recorder) as listen:
        channel = rogue.channel(federation.destination, rogue.identity, endpoint=listen)
        for reply in (1, 2):
            channel.unary_unary("/any/thing", None, None)(b"%d" % reply, timeout=20)
        assert recorder.seen == [b"1", b"2"]
        held = threading.Event()

        def late() -> Iterator[bytes]:
            held.wait(20)
            yield b"late"

        call = channel.stream_unary("/any/thing", None, None).future(late(), timeout=20)
        with pytest.raises(grpc.FutureTimeoutError):
            call.result(timeout=0.3)
        call.cancel()
        held.set()
        channel.unary_unary("/any/thing", None, None)(b"3", timeout=20)
        assert recorder.seen == [b"1", b"2", b"3"]


def test_a_node_tells_its_operators_the_counts_of_a_month(federation: Federation) -> None:
    node, exchange_id = federation.source, federation.exchange_of_others
    assert exchange_id
    month = month_before(SystemClock().now_us(), 0)
    for is_exact in (True, False):
        request = statistics.GetStatisticsRequest(month=month, is_exact=is_exact)
        rows = node.client.statistics.GetStatistics(request).rows
        [row] = [one for one in rows if (one.peer, one.direction) == ("CN-44", "OUT")]
        assert row.HasField("begun") is is_exact
        assert row.HasField("refused") is is_exact
    assert (row.begun, row.refused) == (0, 0), "what is withheld is not there"
    command = ["agreement", "stats", month, "--exact", "--dir", str(node.directory), "--json"]
    [told] = [
        one
        for one in json.loads(CliRunner().invoke(app, command).stdout)["statistics"]
        if one["peer"] == "CN-44"
    ]
    assert (told["direction"], told["begun"], told["granted"]) == ("OUT", 1, 0)
    with pytest.raises(Breach, match="MONTH"):
        node.client.statistics.GetStatistics(statistics.GetStatisticsRequest(month="May"))
