"""The end of a review that its own steps did not bring, within the transaction that brought it."""

from __future__ import annotations

from dataclasses import replace

from federation.protocol.messages import State
from node.domain.exchange import Exchange
from node.domain.review_case import STEPS, withdraw
from node.usecases.ports import Transaction

DECIDED_OTHERWISE = "DECIDED_OTHERWISE"


def close_review(tx: Transaction, exchange: Exchange) -> None:
    """Close the review of an exchange that nobody is to decide any more; others stay as they are.

    The reason is that of the exchange's end.
    """
    known = tx.review(exchange.key)
    if known is None or not STEPS[known.case.state] or exchange.state is State.RECEIVED:
        return
    reason = exchange.reasons[0] if exchange.reasons else DECIDED_OTHERWISE
    tx.move_review(exchange.key, known, replace(known, case=withdraw(known.case, reason)))
