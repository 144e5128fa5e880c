"""What precedents need of the store."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Protocol

from node.domain.exchange import Exchange


class PrecedentReading(Protocol):
    """What can be asked about offers that were decided here."""

    def newest_place(self) -> int: ...
    def newest_offers(self, states: Sequence[int], limit: int) -> list[tuple[int, Exchange]]: ...
    def offers_at(
        self, states: Sequence[int], places: Collection[int]
    ) -> list[tuple[int, Exchange]]: ...
    def offer_places(self, states: Sequence[int], after: int) -> list[int]: ...
    def messages_shown(self, digests: Collection[bytes]) -> set[bytes]: ...
