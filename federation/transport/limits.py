"""What one caller may ask of a node at a time: messages, bytes, calls. Pure; time is passed in.

Token buckets: what is not used gathers up to the burst. A call is judged before its body is read,
as one message of no bytes. Its bytes are booked before they are parsed, the other messages it
holds once they are counted; both may leave a debt that the next call waits for. Every member has
buckets of its own. Whoever is none shares one small set with all other strangers.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from federation.base.clock import SECOND
from federation.base.errors import Unavailable

STRANGERS = ""
BURST_SECONDS = 10
# Until a call in hand has ended; how long that takes nobody knows.
CALLS_RETRY_MS = 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class Allowance:
    """What one caller may use.

    Attributes:
        messages: messages a second.
        size_bytes: bytes a second.
        calls: calls at a time.
    """

    messages: int
    size_bytes: int
    calls: int


# Far above what two nodes say to each other at full speed, far below what stops a node.
MEMBER = Allowance(messages=5_000, size_bytes=64 * 1024 * 1024, calls=8)
STRANGER = Allowance(messages=10, size_bytes=64 * 1024, calls=2)


@dataclass(slots=True)
class _Bucket:
    per_second: int
    level: float
    filled_us: int

    def fill(self, now_us: int) -> None:
        # A clock that was set back fills nothing, and does not wait for itself.
        passed_us, self.filled_us = max(now_us - self.filled_us, 0), now_us
        most = self.per_second * BURST_SECONDS
        self.level = min(self.level + self.per_second * passed_us / SECOND, most)

    def wait_ms(self, wanted: int) -> int:
        """Return how long until so much is there; zero when it is."""
        lacking = wanted - self.level
        return 0 if lacking <= 0 else max(int(lacking * 1000 / self.per_second), 1)


@dataclass(slots=True)
class _Account:
    allowance: Allowance
    messages: _Bucket
    size_bytes: _Bucket
    calls: int = 0


@dataclass(slots=True)
class Limits:
    """The accounts of all callers.

    Args:
        member: what every member may use.
        stranger: what all others may use together.
    """

    member: Allowance = MEMBER
    stranger: Allowance = STRANGER
    _accounts: dict[str, _Account] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    @contextmanager
    def call(self, caller: str, now_us: int) -> Iterator[None]:
        """Count a call as one at a time while it is in hand, and as one message.

        Args:
            caller: the province, or :data:`STRANGERS`.

        Raises:
            Unavailable: CONCURRENCY, or RATE_LIMIT with the time until it may come again.
        """
        self._begin(caller, now_us)
        try:
            yield
        finally:
            with self._lock:
                self._accounts[caller].calls -= 1

    def book(self, caller: str, now_us: int, *, messages: int = 0, size_bytes: int = 0) -> None:
        """Book what a call holds beyond the message it was counted as."""
        with self._lock:
            account = self._account(caller, now_us)
            account.messages.level -= messages
            account.size_bytes.level -= size_bytes

    def _begin(self, caller: str, now_us: int) -> None:
        with self._lock:
            account = self._account(caller, now_us)
            wait_ms = max(account.messages.wait_ms(1), account.size_bytes.wait_ms(0))
            if wait_ms:
                raise Unavailable("RATE_LIMIT", detail=caller, retry_after_ms=wait_ms)
            if account.calls >= account.allowance.calls:
                raise Unavailable("CONCURRENCY", detail=caller, retry_after_ms=CALLS_RETRY_MS)
            account.messages.level -= 1
            account.calls += 1

    def _account(self, caller: str, now_us: int) -> _Account:
        account = self._accounts.get(caller)
        if account is None:
            allowance = self.stranger if caller == STRANGERS else self.member
            account = self._accounts[caller] = _Account(
                allowance,
                _full(allowance.messages, now_us),
                _full(allowance.size_bytes, now_us),
            )
        account.messages.fill(now_us)
        account.size_bytes.fill(now_us)
        return account


def _full(per_second: int, now_us: int) -> _Bucket:
    return _Bucket(per_second, per_second * BURST_SECONDS, now_us)
