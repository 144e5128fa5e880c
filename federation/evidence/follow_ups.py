"""What accompanied or followed an exchange: whether each answer fits what it answers."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from federation.base.errors import Breach
from federation.evidence.examiner import Proven
from federation.evidence.parts import part
from federation.protocol.messages import (
    Commit,
    Disposition,
    Fact,
    Notice,
    Outcome,
    Prepare,
    Supplement,
    SupplementAsked,
)


def check_follow_ups(messages: Sequence[Proven]) -> None:
    """Check that questions, files and notices name lots of the exchange, and answers theirs.

    Raises:
        PartFailed: naming the first message that does not fit.
    """
    offered: set[bytes] = set()
    granted: dict[bytes, int] = {}
    notices: dict[int, Notice] = {}
    for one in messages:
        message = one.message
        if isinstance(message, Prepare):
            offered = {lot.content.lot_id for lot in message.lots}
        elif isinstance(message, Commit):
            granted = {lot.lot_id: lot.granted_hundredths for lot in message.lots}
        elif isinstance(message, SupplementAsked | Supplement):
            with part(f"{one.kind.name}: lots"):
                _check_named([lot.lot_id for lot in message.lots], offered)
        elif isinstance(message, Notice):
            notices[message.header.step] = message
            with part("NOTICE: lots"):
                _check_named([lot.lot_id for lot in message.lots], granted.keys())
        elif isinstance(message, Disposition):
            _check_disposition(message, notices[message.header.step], granted)


def reissued_lots(messages: Sequence[Proven]) -> int:
    """Return how many lots the destination says it issued anew after corrections."""
    return sum(
        1
        for one in messages
        if isinstance(one.message, Disposition)
        for lot in one.message.lots
        if lot.outcome is Outcome.REVERSED
        and lot.remaining_hundredths
        and not lot.shortfall_hundredths
    )


def corrections(messages: Sequence[Proven]) -> int:
    """Return how many notices correct an amount, whether or not they were answered yet."""
    return sum(
        1
        for one in messages
        if isinstance(one.message, Notice)
        and any(lot.fact is Fact.CORRECTED for lot in one.message.lots)
    )


def _check_disposition(message: Disposition, notice: Notice, granted: dict[bytes, int]) -> None:
    with part("DISPOSITION: lots"):
        if [lot.lot_id for lot in message.lots] != [lot.lot_id for lot in notice.lots]:
            raise Breach("LOTS_DIFFER", detail="not the lots of the notice")
    with part("DISPOSITION: sums"):
        for lot in message.lots:
            if lot.remaining_hundredths + lot.shortfall_hundredths > granted[lot.lot_id]:
                raise Breach("SUMS_DIFFER", detail="more than was granted")


def _check_named(lot_ids: Sequence[bytes], known: Collection[bytes]) -> None:
    if not set(lot_ids) <= set(known):
        raise Breach("LOTS_DIFFER", detail="a lot of no concern")
