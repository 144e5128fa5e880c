"""Ports of loopback, reserved across processes: of two that begin together none takes the other's.

Ports come in blocks. Whoever uses ports of a block holds a lock file of it for as long as it runs;
the operating system lets go of the lock when the process ends, however that comes about.
"""

from __future__ import annotations

import fcntl
import os
import socket
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, suppress
from pathlib import Path
from random import Random
from types import TracebackType

LOOPBACK = "127.0.0.1"
# Below the range from which operating systems take the ports of outgoing connections, so that
# a port chosen today is still free after a restart.
PORTS = range(20_000, 32_000)
BLOCK = 100


class Reservation:
    """Blocks of ports that are ours; use it as a context, or close it.

    Args:
        folder: where the lock files lie, the same for all who share the machine.
    """

    def __init__(self, folder: Path | None = None) -> None:
        self._folder = folder or Path(tempfile.gettempdir())
        self._held: dict[int, int] = {}
        self._fresh: Iterator[int] = iter(())

    def take(self) -> int:
        """Return a port that nothing listens on and nobody else reserves."""
        while True:
            for port in self._fresh:
                if not is_taken(f"{LOOPBACK}:{port}"):
                    return port
            self._fresh = iter(self._next_block())

    def take_many(self, count: int) -> list[int]:
        """Return so many ports, each another one."""
        return [self.take() for _ in range(count)]

    def hold(self, ports: Iterable[int]) -> None:
        """Reserve the blocks of ports that were chosen earlier, as far as nobody else has them."""
        for block in sorted({port // BLOCK for port in ports}):
            self._lock(block)

    def close(self) -> None:
        """Let go of all blocks."""
        for handle in self._held.values():
            os.close(handle)
        self._held.clear()
        self._fresh = iter(())

    def __enter__(self) -> Reservation:
        """Return the reservation."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        fault: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Let go."""
        self.close()

    def _next_block(self) -> range:
        blocks = list(range(PORTS.start // BLOCK, PORTS.stop // BLOCK))
        Random().shuffle(blocks)
        for block in blocks:
            if self._lock(block):
                return range(block * BLOCK, (block + 1) * BLOCK)
        raise OSError("every block of ports is reserved")

    def _lock(self, block: int) -> bool:
        """Reserve a block; tell whether it was nobody's, ours included."""
        if block in self._held:
            return False
        path = self._folder / f"creditbank-ports-{block * BLOCK}.lock"
        with ExitStack() as undoing:
            try:
                # Another user's file may not be opened; the block is then theirs.
                handle = os.open(path, os.O_CREAT | os.O_RDWR | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
                undoing.callback(os.close, handle)
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError:
                return False
            undoing.pop_all()
        self._held[block] = handle
        return True


def is_taken(address: str) -> bool:
    """Tell whether something else listens on an address."""
    host, _, port = address.rpartition(":")
    with socket.socket() as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        with suppress(OSError):
            listener.bind((host, int(port)))
            return False
    return True
