"""What reviews by people need of the store."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Protocol

from node.domain.exchange import ExchangeKey
from node.domain.experts import Expert
from node.domain.panel import Ballot
from node.domain.review_form import Review

# Notice, secret, seed and the timestamp it was made with; the last two empty before the draw.
Draw = tuple[bytes, bytes, bytes, bytes]


class ReviewReading(Protocol):
    """What can be asked about experts and cases."""

    def experts(self) -> dict[str, Expert]: ...
    def review(self, key: ExchangeKey) -> Review | None: ...
    def reviews(self, states: Collection[str]) -> list[tuple[ExchangeKey, Review]]: ...
    def draws(self, key: ExchangeKey) -> list[Draw]: ...
    def ballots(self, key: ExchangeKey, draw_round: int) -> list[Ballot]: ...


class ReviewWriting(Protocol):
    """What a step leaves behind."""

    def keep_experts(self, experts: Sequence[tuple[str, Expert]]) -> None: ...
    def add_review(self, key: ExchangeKey, review: Review) -> None: ...
    def move_review(self, key: ExchangeKey, before: Review, after: Review) -> None: ...
    def keep_draw(self, key: ExchangeKey, draw_round: int, draw: Draw) -> None: ...
    def cast(
        self, key: ExchangeKey, draw_round: int, ballots: Sequence[Ballot], now_us: int
    ) -> None: ...
