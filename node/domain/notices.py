"""The source's side after COMMIT: facts about its lots, stated here or sent to where they went."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from federation.base.errors import Refusal
from federation.protocol.lifecycle import MOST_STEPS
from federation.protocol.messages import Fact, LotNotice, MessageType, Notice
from node.domain.exchange import Exchange
from node.domain.ledger import Entry, revocation_entry
from node.domain.lot import Hold, Lot, LotState
from node.domain.step import Moment, Step

REASONS = frozenset(
    {
        "UNDER_REVIEW",
        "REVIEW_ENDED",
        "ISSUED_IN_ERROR",
        "MISCONDUCT",
        "RECORD_CORRECTED",
        "VALIDITY_ENDED",
    }
)
_HOLDS = {
    Fact.FROZEN: Hold.FROZEN,
    Fact.UNFROZEN: Hold.NONE,
    Fact.REVOKED: Hold.REVOKED,
    Fact.EXPIRED: Hold.EXPIRED,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Statement:
    """What an office states of one of its lots.

    Attributes:
        amount_hundredths: the corrected amount, or zero.
    """

    lot_id: bytes
    fact: Fact
    reason: str
    amount_hundredths: int = 0


def stated(lot: Lot, statement: Statement) -> Lot:
    """Return a lot with a fact stated of it.

    Raises:
        Refusal: LOT_REVOKED for what was taken back already, LOT_NOT_FROZEN, NOT_COMMITTED for
            the correction of a lot that is still here; CREDIT_EXPIRED or LOT_DISPUTED where it
            would be frozen, for once unfrozen it would be good again.
    """
    if lot.hold is Hold.REVOKED:
        raise Refusal("LOT_REVOKED")
    if statement.fact is Fact.CORRECTED:
        if lot.state is not LotState.SPENT:
            raise Refusal("NOT_COMMITTED")
        return lot
    if statement.fact is Fact.FROZEN and lot.hold in (Hold.EXPIRED, Hold.DISPUTED):
        raise Refusal(lot.hold.reason)
    if statement.fact is Fact.UNFROZEN and lot.hold is not Hold.FROZEN:
        raise Refusal("LOT_NOT_FROZEN")
    return replace(lot, hold=_HOLDS[statement.fact])


def revocation(moment: Moment, lot: Lot) -> tuple[Entry, ...]:
    """Return the entry that takes a lot which is still here out of the learner's balance."""
    return (
        revocation_entry(
            account=lot.account,
            unit=moment.province,
            hundredths=lot.amount_hundredths,
            lot_id=lot.lot_id,
            time_us=moment.now_us,
        ),
    )


def notify(moment: Moment, exchange: Exchange, lots: Sequence[LotNotice]) -> Step:
    """State facts about lots that a COMMIT took away.

    Raises:
        Refusal: STEP when the exchange has had as many notices as it can have.
    """
    step = exchange.steps_of(MessageType.NOTICE) + 1
    if step > MOST_STEPS:
        raise Refusal("STEP")
    before = exchange.series.get((MessageType.NOTICE, step - 1))
    cause = before or exchange.hashes[MessageType.COMMIT]
    return Step(
        exchange=exchange,
        send=Notice(header=moment.header(exchange, cause, step=step), lots=tuple(lots)),
    )
