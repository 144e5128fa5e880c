"""What open data needs of the store."""

from __future__ import annotations

from typing import Protocol

from node.domain.refusal_rates import CastVote


class OpenDataReading(Protocol):
    """What can be asked about decisions over all learners."""

    def first_exchange_us(self) -> int: ...
    def votes_cast(
        self, since_us: int, until_us: int, *, after: int, limit: int
    ) -> list[CastVote]: ...
