"""What is said of a message that arrived: applied, answered, held, done, or to be sent again."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from federation.base.errors import CreditBankError
from federation.protocol.inquiries import Message
from federation.protocol.lifecycle import FINAL
from federation.protocol.messages import (
    ConsentAck,
    Disposition,
    ExchangeMessage,
    Prepare,
    State,
    Supplement,
    SupplementAsked,
    Vote,
)
from federation.wire.delivery import Arrival, Disposal
from node.domain.exchange import Exchange
from node.usecases.ports import Reading
from node.usecases.quarantine import recovering
from node.usecases.workspace import inbox_key


@dataclass(frozen=True, slots=True)
class Applied:
    """What became of one arrival.

    Attributes:
        answer: hash of the stored answer, or empty.
        error: why it was not applied, or None.
    """

    disposal: Disposal
    answer: bytes = b""
    error: CreditBankError | None = None


def repeated(reading: Reading, peer: str, arrivals: Sequence[Arrival]) -> list[Applied]:
    """Return what became of messages as far as the inbox knows; others are to be sent again."""
    known = reading.inbox([inbox_key(arrival) for arrival in arrivals])
    exchanges = reading.exchanges([(peer, one.message.header.exchange_id) for one in arrivals])
    applied = []
    for arrival in arrivals:
        row = known.get(inbox_key(arrival))
        exchange = exchanges.get((peer, arrival.message.header.exchange_id))
        if row is None or row.digest != arrival.digest or exchange is None:
            applied.append(Applied(Disposal.RETRY, error=recovering()))
        elif row.answer:
            applied.append(Applied(Disposal.ANSWERED, row.answer))
        else:
            is_over = exchange.state in FINAL
            applied.append(Applied(Disposal.DONE if is_over else Disposal.HELD))
    return applied


def has_crossed(message: ExchangeMessage, exchange: Exchange) -> bool:
    """Tell whether our last message, sent before this one came, answers it."""
    if isinstance(message, Vote | SupplementAsked):
        return bool(exchange.reasons)  # It crossed our ABORT.
    # An offer arrived after its ABORT, or a SUPPLEMENT crossed our VOTE.
    is_over = exchange.state is not State.RECEIVED
    return isinstance(message, Prepare | Supplement) and is_over


def unanswered(message: Message, exchange: Exchange) -> Disposal:
    """Tell whether an answer will follow."""
    is_last_word = isinstance(message, Disposition | ConsentAck)
    return Disposal.DONE if is_last_word or exchange.state in FINAL else Disposal.HELD
