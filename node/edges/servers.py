"""The two gRPC servers of a node: for peers and for the province's own systems, both mutual TLS."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import grpc

from federation.base.errors import Refusal
from federation.protocol.admission import LARGEST_BATCH
from federation.transport.certificates import TlsIdentity
from federation.transport.peer_client import SLACK
from federation.transport.request_form import RequestForm
from node.edges.peer_door import PeerDoor

_NextConfiguration = Callable[[], "grpc.ServerCertificateConfiguration | None"]
WORKERS = 32
MOST_CALLS = 1024
# Calls at a time over one connection; a client that keeps to HTTP/2 waits with more.
MOST_STREAMS = 128
MOST_METADATA = 64 * 1024
_OPTIONS = [
    ("grpc.max_receive_message_length", LARGEST_BATCH + SLACK),
    ("grpc.max_send_message_length", 64 * 1024 * 1024),
    # Above what the door refuses with a reason; the core refuses without one, and between two
    # different limits by chance.
    ("grpc.max_metadata_size", MOST_METADATA),
    ("grpc.absolute_max_metadata_size", MOST_METADATA),
    ("grpc.max_concurrent_streams", MOST_STREAMS),
    ("grpc.http2.min_recv_ping_interval_without_data_ms", 60_000),
    ("grpc.server.max_pending_requests", 10_000),
    ("grpc.server.max_pending_requests_hard_limit", 20_000),
]


def _configurations(
    identity: Callable[[], TlsIdentity], callers: Callable[[], bytes]
) -> tuple[grpc.ServerCertificateConfiguration, _NextConfiguration]:
    """Return what a server starts with, and what tells it of a change.

    The core swaps its handshakers under connections that are just being made, which can end the
    process (grpc/grpc issue 36693), so it is told only what is new: None leaves all as it is.
    """
    lock = threading.Lock()
    shown: list[tuple[TlsIdentity, bytes]] = []

    def following() -> grpc.ServerCertificateConfiguration | None:
        current = (identity(), callers())
        with lock:
            if shown and shown[0] == current:
                return None
            shown[:] = [current]
        own, authorities = current
        pair = (own.key_pem, own.certificate_pem.encode())
        return grpc.ssl_server_certificate_configuration([pair], root_certificates=authorities)

    first = following()
    assert first is not None
    return first, following


def make_server(
    listen: str,
    *,
    identity: Callable[[], TlsIdentity],
    callers: Callable[[], bytes],
    workers: int = WORKERS,
    is_shared: bool = False,
    door: PeerDoor | None = None,
) -> grpc.Server:
    """Return a server bound to an address; certificates are read again for each connection.

    Args:
        callers: returns the authorities whose certificates are let through the handshake.
        is_shared: whether other processes of this node may listen there too. Over SQLite a
            second process on the port would be a second node with the same name.
        door: judges every call before its body is read.

    Raises:
        Refusal: PORT_BUSY when the address cannot be bound.
    """
    server = grpc.server(
        ThreadPoolExecutor(workers, thread_name_prefix="call"),
        interceptors=[*([door] if door else []), RequestForm()],
        options=[*_OPTIONS, ("grpc.so_reuseport", int(is_shared))],
        maximum_concurrent_rpcs=MOST_CALLS,
    )

    first, following = _configurations(identity, callers)
    credentials = grpc.dynamic_ssl_server_credentials(
        first,
        following,  # type: ignore[arg-type]
        True,
    )
    try:
        port = server.add_secure_port(listen, credentials)
    except RuntimeError:
        port = 0
    if not port:
        raise Refusal("PORT_BUSY", detail=listen)
    return server
