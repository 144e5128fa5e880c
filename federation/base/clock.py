"""The only place that reads the machine's clock. Times are UTC microseconds since 1970."""

from __future__ import annotations

import time
from typing import Protocol

SECOND = 1_000_000
MINUTE = 60 * SECOND
HOUR = 60 * MINUTE
DAY = 24 * HOUR


class Clock(Protocol):
    """A source of the present time."""

    def now_us(self) -> int:
        """Return the present as UTC microseconds."""
        ...


class SystemClock:
    """The clock of the operating system."""

    def now_us(self) -> int:
        """Return the present as UTC microseconds."""
        return time.time_ns() // 1000
