"""Taking back what an exchange credited, once it is proven that its COMMIT should not stand.

The books only grow: a linked entry takes from the learner what they still have of it. What they
have used since is owed, in an account of its own, and needs a person.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from node.domain.exchange import Exchange
from node.domain.ledger import Entry, reversal_entry
from node.domain.lot import Hold, Lot, LotState


@dataclass(frozen=True, slots=True)
class Reversal:
    """What a reversal changes.

    Attributes:
        entries: one linked entry, or none where nothing is left to take.
        lots_moved: lots as loaded and as they shall be.
        owed_hundredths: what is gone, in hundredths of the own unit.
    """

    entries: tuple[Entry, ...]
    lots_moved: tuple[tuple[Lot, Lot], ...]
    owed_hundredths: int


def reverse(
    exchange: Exchange, lots: Sequence[Lot], *, commit: bytes, own_unit: str, now_us: int
) -> Reversal:
    """Return how to take back the lots that a COMMIT brought; one revoked before is settled."""
    left = [lot for lot in lots if lot.hold is not Hold.REVOKED]
    usable = [lot for lot in left if lot.state is LotState.AVAILABLE]
    gone = [lot.amount_hundredths for lot in left if lot.state is not LotState.AVAILABLE]
    entry = reversal_entry(
        account=exchange.account,
        peer=exchange.peer,
        own_unit=own_unit,
        taken=[lot.amount_hundredths for lot in usable],
        owed=gone,
        exchange_id=exchange.exchange_id,
        decision=commit,
        time_us=now_us,
    )
    return Reversal(
        entries=(entry,) if entry.postings else (),
        lots_moved=tuple((lot, replace(lot, hold=Hold.REVOKED)) for lot in usable),
        owed_hundredths=sum(gone),
    )
