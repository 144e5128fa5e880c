"""A store that remembers when it failed, so that nobody has to be told by a second failure.

After a failure a write is tried from time to time: a node to which nobody speaks also finds out
that its disk has room again.
"""

from __future__ import annotations

import threading
from collections.abc import Callable

from federation.base.errors import Unavailable
from node.usecases.ports import Reading, Result, Store, Transaction, Waiting

STORAGE = "STORAGE"
PROBE = "storage_probe"
PROBE_BYTES = 256 * 1024


class WatchedStore:
    """A store whose failures are remembered until it works again."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._lock = threading.Lock()
        self._failing = False

    @property
    def failing(self) -> str:
        """STORAGE from a failed write until one is known to succeed, else empty."""
        with self._lock:
            return STORAGE if self._failing else ""

    def transact(self, work: Callable[[Transaction], Result]) -> Result:
        """Run work in one durable transaction; it may be run again from its start."""
        try:
            return self._store.transact(work)
        except Unavailable as error:
            if error.reason == STORAGE:
                self._note(is_failing=True)
            raise

    def read(self, work: Callable[[Reading], Result]) -> Result:
        """Run work on one consistent state without writing."""
        return self._store.read(work)

    def scrub(self) -> None:
        """Leave nothing that was erased in files beside the database, as far as can be done now."""
        self._store.scrub()

    def take_due(self, peer: str, now_us: int, limit: int) -> list[Waiting]:
        """Take integrated messages due for a peer; while they are under way nobody else does."""
        return self._store.take_due(peer, now_us, limit)

    def settle(self) -> None:
        """Integrate what was logged while this process was held."""
        self._store.settle()

    def close(self) -> None:
        """Finish what waits and let go of the database."""
        self._store.close()

    def probe(self, now_us: int) -> None:
        """Write as much as a batch of messages may need, if a write failed before.

        Raises:
            Unavailable: STORAGE while it still fails.
        """
        if not self.failing:
            return
        # Work that happens to write nothing succeeds on a full disk too, and proves nothing.
        self._store.transact(lambda tx: tx.set_fact(PROBE, "0" * PROBE_BYTES))
        self._store.transact(lambda tx: tx.set_fact(PROBE, str(now_us)))
        self._note(is_failing=False)

    def _note(self, *, is_failing: bool) -> None:
        with self._lock:
            self._failing = is_failing
