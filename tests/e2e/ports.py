"""Ports of loopback, and who listens on them."""

from __future__ import annotations

import socket
import time

from node.edges.demo.ports import Reservation

READY_SECONDS = 30.0
_RESERVED = Reservation()


def await_listening(address: str) -> None:
    """Wait until somebody listens at an address."""
    host, port = address.split(":")
    until = time.monotonic() + READY_SECONDS
    while time.monotonic() < until:
        with socket.socket() as probe:
            if probe.connect_ex((host, int(port))) == 0:
                return
        time.sleep(0.05)
    raise AssertionError(f"nobody listens at {address}")


def free_port() -> int:
    """Return a port of loopback that nobody uses, reserved until this process ends."""
    return _RESERVED.take()
