"""A store that remembers when it failed, so that nobody has to be told by a second failure.

While the last write failed, a small one is tried from time to time: a node to which nobody speaks
also finds out that its disk has room again.
"""

from __future__ import annotations

import threading
from collections.abc import Callable

from federation.base.errors import Unavailable
from node.usecases.ports import Reading, Result, Store, Transaction, Waiting

STORAGE = "STORAGE"
PROBE = "storage_probe"


class WatchedStore:
    """A store whose failures are remembered until it works again."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._lock = threading.Lock()
        self._failing = False

    @property
    def failing(self) -> str:
        """STORAGE while the last write failed, else empty."""
        with self._lock:
            return STORAGE if self._failing else ""

    def transact(self, work: Callable[[Transaction], Result]) -> Result:
        """Run work in one durable transaction; it may be run again from its start."""
        return self._noted(lambda: self._store.transact(work))

    def read(self, work: Callable[[Reading], Result]) -> Result:
        """Run work on one consistent state without writing."""
        return self._store.read(work)

    def scrub(self) -> None:
        """Leave nothing that was erased in files beside the database, as far as can be done now."""
        self._store.scrub()

    def take_due(self, peer: str, now_us: int, limit: int) -> list[Waiting]:
        """Take integrated messages due for a peer; while they are under way nobody else does."""
        return self._store.take_due(peer, now_us, limit)

    def close(self) -> None:
        """Finish what waits and let go of the database."""
        self._store.close()

    def probe(self, now_us: int) -> None:
        """Write something small if the last write failed.

        Raises:
            Unavailable: STORAGE while it still fails.
        """
        if self.failing:
            self.transact(lambda tx: tx.set_fact(PROBE, str(now_us)))

    def _noted(self, write: Callable[[], Result]) -> Result:
        try:
            done = write()
        except Unavailable as error:
            if error.reason == STORAGE:
                self._note(is_failing=True)
            raise
        self._note(is_failing=False)
        return done

    def _note(self, *, is_failing: bool) -> None:
        with self._lock:
            self._failing = is_failing
