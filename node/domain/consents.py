"""The learner takes the consent back at either party; the other says what it then keeps.

Before COMMIT nothing is committed any more. After it, the credits stay in the learner's own record
and only what was shown for judging them is erased. While a COMMIT may be on its way, a destination
that accepted keeps what it was shown, for it would be bound to credit that COMMIT.
"""

from __future__ import annotations

from dataclasses import replace

from federation.base.errors import Refusal
from federation.protocol.messages import (
    ConsentAck,
    ConsentWithdrawn,
    MessageType,
    Mode,
    State,
)
from node.domain.exchange import DESTINATION_STEP, SOURCE_STEP, Exchange, Role
from node.domain.step import Moment, Step


def withdraw_consent(moment: Moment, exchange: Exchange) -> Step:
    """Tell the other party that the learner took the consent back.

    Raises:
        Refusal: NO_SUCH_STEP before an offer carried it, CONSENT_WITHDRAWN where it is done.
    """
    prepare = exchange.hashes.get(MessageType.PREPARE)
    if prepare is None:
        raise Refusal("NO_SUCH_STEP")
    if exchange.consent_withdrawn_us:
        raise Refusal("CONSENT_WITHDRAWN")
    step = SOURCE_STEP if exchange.role is Role.SOURCE else DESTINATION_STEP
    return Step(
        exchange=replace(exchange, consent_withdrawn_us=moment.now_us),
        send=ConsentWithdrawn(header=moment.header(exchange, prepare, step=step)),
    )


def on_withdrawn(moment: Moment, exchange: Exchange, message: ConsentWithdrawn) -> Step:
    """Hear that the learner took the consent back at the other party."""
    heard = exchange.series[MessageType.CONSENT_WITHDRAWN, message.header.step]
    return Step(
        exchange=replace(
            exchange, consent_withdrawn_us=exchange.consent_withdrawn_us or moment.now_us
        ),
        send=ConsentAck(
            header=moment.header(exchange, heard, step=message.header.step),
            is_erased=may_erase(exchange),
            keeps_record=any(lot.is_committed for lot in exchange.lots),
        ),
    )


def may_erase(exchange: Exchange) -> bool:
    """Tell whether what the other party showed serves nothing any more."""
    return exchange.state is not State.ACCEPTED


def must_abort(exchange: Exchange) -> bool:
    """Tell whether a source holds lots for which there is no consent any more."""
    is_held = exchange.state in (State.LOCKED, State.PREPARED)
    is_withdrawn = bool(exchange.consent_withdrawn_us) and exchange.role is Role.SOURCE
    return is_held and is_withdrawn and exchange.mode is Mode.TRANSFER
