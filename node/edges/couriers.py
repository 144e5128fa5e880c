"""One courier for each peer with something waiting: a slow peer keeps only its own courier busy."""

from __future__ import annotations

import logging
import threading
from collections.abc import Collection

from federation.base.clock import SECOND, Clock
from federation.base.errors import CreditBankError
from node.usecases.delivery import Delivery
from node.usecases.ports import Store

_LOG = logging.getLogger("creditbank.courier")
LONGEST_SLEEP_S = 5.0


class Couriers:
    """Runs delivery on threads of their own until closed."""

    def __init__(self, delivery: Delivery, store: Store, clock: Clock) -> None:
        self._delivery = delivery
        self._store = store
        self._clock = clock
        self._lock = threading.Lock()
        self._bells: dict[str, threading.Event] = {}
        self._threads: list[threading.Thread] = []
        self._closing = threading.Event()
        self._failing: set[str] = set()

    def start(self) -> None:
        """Take up everything that waits in the outbox."""
        self.wake(self._store.read(lambda reading: list(reading.next_due_us())))

    def sweep(self) -> None:
        """Take up what is due and nobody sends: another process, now gone, may have made it."""
        now_us = self._clock.now_us()
        due = self._store.read(lambda reading: reading.next_due_us())
        self.wake([peer for peer, due_us in due.items() if due_us <= now_us])

    def wake(self, peers: Collection[str]) -> None:
        """Tell couriers that something was made for their peers."""
        for peer in peers:
            with self._lock:
                if self._closing.is_set():
                    return
                bell = self._bells.get(peer)
                if bell is None:
                    bell = self._bells[peer] = threading.Event()
                    thread = threading.Thread(
                        target=self._run, args=(peer, bell), name=f"courier {peer}", daemon=True
                    )
                    self._threads.append(thread)
                    thread.start()
            bell.set()

    def heard_from(self, peer: str) -> None:
        """Take a sign of life as the end of a failure: what waits is due at once."""
        if peer not in self._bells:
            # What we answer it waits for a courier too, even where we never begin anything.
            self.wake([peer])
        if peer in self._failing:
            self._failing.discard(peer)
            now_us = self._clock.now_us()
            self._store.transact(lambda tx: tx.make_due(peer, now_us))
            self.wake([peer])

    def close(self) -> None:
        """Let every courier finish its batch and stop."""
        with self._lock:
            self._closing.set()
        for bell in self._bells.values():
            bell.set()
        for thread in self._threads:
            thread.join(timeout=5)

    def _run(self, peer: str, bell: threading.Event) -> None:
        while not self._closing.is_set():
            bell.clear()
            try:
                while not self._closing.is_set() and self._delivery.deliver(peer):
                    self._failing.discard(peer)
                pause_s = self._pause_s(peer)
            except CreditBankError as error:
                _LOG.warning("delivery to %s: %s (%s)", peer, error.reason, error.detail)
                pause_s = 1.0
            except Exception:
                _LOG.exception("delivery to %s failed", peer)
                pause_s = LONGEST_SLEEP_S
            bell.wait(pause_s)

    def _pause_s(self, peer: str) -> float:
        due, is_failing = self._store.read(
            lambda reading: (reading.next_due_us(), reading.is_failing(peer))
        )
        if is_failing:
            self._failing.add(peer)
        if peer not in due:
            return LONGEST_SLEEP_S
        return min(max((due[peer] - self._clock.now_us()) / SECOND, 0.01), LONGEST_SLEEP_S)
