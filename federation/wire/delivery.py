"""What came through the gate and what became of what was sent."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum

from federation.protocol.commitments import Openings
from federation.protocol.inquiries import Message
from federation.wire.envelope import Evidence


class Disposal(IntEnum):
    """What became of one message at its receiver."""

    ANSWERED = 1
    HELD = 2
    DONE = 3
    REFUSED = 4
    RETRY = 5


@dataclass(frozen=True, slots=True)
class Arrival:
    """A message that is proven to be its sender's, in form and in its sender's log."""

    message: Message
    evidence: Evidence
    digest: bytes
    openings: Openings
    incarnation: int


@dataclass(frozen=True, slots=True)
class ItemOutcome:
    """What the peer says became of one message; nothing here is signed but the answers."""

    disposal: Disposal
    reason: str = ""
    retry_after_ms: int = 0


@dataclass(frozen=True, slots=True)
class DeliveryOutcome:
    """What became of a batch: one outcome for each message, and the opened answers.

    Attributes:
        refused: why answers that came with it do not count.
    """

    items: tuple[ItemOutcome, ...]
    answers: tuple[Arrival, ...]
    refused: tuple[str, ...] = ()
