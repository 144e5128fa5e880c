"""The one table of an exchange: states, messages and allowed causes, blind to role.

A side's state moves when it sends or receives a message; the table knows directions, not who is
source or destination, so both parties obey the same rows. An illegal step raises and changes
nothing. Source states are LOCKED, PREPARED, COMMITTED, ABORTED, CLOSED; destination states are
REQUESTED, RECEIVED, ACCEPTED, REJECTED, CREDITED, RELEASED; RECOGNISED ends a mere judgement at
both. Messages that accompany or follow an exchange are rows that leave the state as it is.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType

from federation.base.errors import Breach, Kind
from federation.protocol.messages import (
    TYPE_OF,
    ExchangeMessage,
    MessageType,
    Mode,
    State,
    Vote,
)

# Those of which an exchange may have several, told apart by rising steps. Consent may be withdrawn
# by each party once: by the source in step 1, by the destination in step 2.
REPEATABLE = frozenset(
    {
        MessageType.SUPPLEMENT_ASKED,
        MessageType.SUPPLEMENT,
        MessageType.NOTICE,
        MessageType.DISPOSITION,
        MessageType.CONSENT_WITHDRAWN,
        MessageType.CONSENT_ACK,
    }
)
# Those that stand by themselves: no other message of the exchange supersedes them, or they it.
STANDING = frozenset(
    {
        MessageType.NOTICE,
        MessageType.DISPOSITION,
        MessageType.CONSENT_WITHDRAWN,
        MessageType.CONSENT_ACK,
    }
)
MOST_STEPS = 255


class Direction(StrEnum):
    """Whether this side sends or receives the message."""

    SENT = "SENT"
    RECEIVED = "RECEIVED"


class Event(StrEnum):
    """A message as the table sees it: a VOTE counts by what it says."""

    REQUEST = "REQUEST"
    PREPARE = "PREPARE"
    VOTE_ACCEPT = "VOTE_ACCEPT"
    VOTE_REJECT = "VOTE_REJECT"
    VOTE_RECOGNISE = "VOTE_RECOGNISE"
    COMMIT = "COMMIT"
    ABORT = "ABORT"
    RECEIPT = "RECEIPT"
    SUPPLEMENT_ASKED = "SUPPLEMENT_ASKED"
    SUPPLEMENT = "SUPPLEMENT"
    NOTICE = "NOTICE"
    DISPOSITION = "DISPOSITION"
    CONSENT_WITHDRAWN = "CONSENT_WITHDRAWN"
    CONSENT_ACK = "CONSENT_ACK"
    UNKNOWN_THERE = "UNKNOWN_THERE"


_VOTES = (Event.VOTE_ACCEPT, Event.VOTE_REJECT, Event.VOTE_RECOGNISE)
_S, _R = Direction.SENT, Direction.RECEIVED
# Where consent was shown by one party and has come to the other.
_CONSENTED = tuple(one for one in State if one not in (State.UNKNOWN, State.REQUESTED))
# In which states a message may be sent or received that moves nothing.
_ACCOMPANYING: Mapping[tuple[Direction, Event], tuple[State, ...]] = {
    (_S, Event.SUPPLEMENT_ASKED): (State.RECEIVED,),
    # What crossed an ABORT is taken note of.
    (_R, Event.SUPPLEMENT_ASKED): (State.LOCKED, State.ABORTED, State.CLOSED),
    (_S, Event.SUPPLEMENT): (State.LOCKED,),
    # So is what crossed a VOTE.
    (_R, Event.SUPPLEMENT): (State.RECEIVED, State.ACCEPTED, State.REJECTED, State.RECOGNISED),
    (_S, Event.NOTICE): (State.COMMITTED, State.CLOSED),
    (_R, Event.NOTICE): (State.CREDITED,),
    (_S, Event.DISPOSITION): (State.CREDITED,),
    (_R, Event.DISPOSITION): (State.COMMITTED, State.CLOSED),
    (_S, Event.CONSENT_WITHDRAWN): _CONSENTED,
    (_R, Event.CONSENT_WITHDRAWN): _CONSENTED,
    (_S, Event.CONSENT_ACK): _CONSENTED,
    (_R, Event.CONSENT_ACK): _CONSENTED,
}

TRANSITIONS: Mapping[tuple[State, Direction, Event], State] = {
    # The learner applies at the destination.
    (State.UNKNOWN, _S, Event.REQUEST): State.REQUESTED,
    (State.UNKNOWN, _R, Event.REQUEST): State.UNKNOWN,
    # The source offers, locking in a TRANSFER.
    (State.UNKNOWN, _S, Event.PREPARE): State.LOCKED,
    (State.UNKNOWN, _R, Event.PREPARE): State.RECEIVED,
    (State.REQUESTED, _R, Event.PREPARE): State.RECEIVED,
    # The destination judges.
    (State.RECEIVED, _S, Event.VOTE_ACCEPT): State.ACCEPTED,
    (State.RECEIVED, _S, Event.VOTE_REJECT): State.REJECTED,
    (State.RECEIVED, _S, Event.VOTE_RECOGNISE): State.RECOGNISED,
    (State.LOCKED, _R, Event.VOTE_ACCEPT): State.PREPARED,
    (State.LOCKED, _R, Event.VOTE_REJECT): State.PREPARED,
    (State.LOCKED, _R, Event.VOTE_RECOGNISE): State.RECOGNISED,
    # The source decides; COMMIT is the point of no return.
    (State.PREPARED, _S, Event.COMMIT): State.COMMITTED,
    (State.ACCEPTED, _R, Event.COMMIT): State.CREDITED,
    (State.UNKNOWN, _S, Event.ABORT): State.ABORTED,
    (State.LOCKED, _S, Event.ABORT): State.ABORTED,
    (State.PREPARED, _S, Event.ABORT): State.ABORTED,
    (State.REQUESTED, _R, Event.ABORT): State.RELEASED,
    (State.RECEIVED, _R, Event.ABORT): State.RELEASED,
    (State.ACCEPTED, _R, Event.ABORT): State.RELEASED,
    (State.REJECTED, _R, Event.ABORT): State.RELEASED,
    # A tombstone: whatever of this exchange arrives later meets RELEASED.
    (State.UNKNOWN, _R, Event.ABORT): State.RELEASED,
    (State.RELEASED, _R, Event.PREPARE): State.RELEASED,
    # A REQUEST too old to be taken, and by the source's signed STATUS never taken.
    (State.REQUESTED, _R, Event.UNKNOWN_THERE): State.RELEASED,
    # The destination reports.
    (State.CREDITED, _S, Event.RECEIPT): State.CREDITED,
    (State.RELEASED, _S, Event.RECEIPT): State.RELEASED,
    (State.COMMITTED, _R, Event.RECEIPT): State.CLOSED,
    (State.ABORTED, _R, Event.RECEIPT): State.CLOSED,
    # A VOTE that crossed the ABORT on its way.
    **{(State.ABORTED, _R, vote): State.ABORTED for vote in _VOTES},
    **{(State.CLOSED, _R, vote): State.CLOSED for vote in _VOTES},
    **{
        (state, direction, event): state
        for (direction, event), states in _ACCOMPANYING.items()
        for state in states
    },
}

ALLOWED_CAUSES: Mapping[MessageType, frozenset[MessageType]] = {
    MessageType.REQUEST: frozenset(),
    MessageType.PREPARE: frozenset({MessageType.REQUEST}),
    MessageType.VOTE: frozenset({MessageType.PREPARE, MessageType.SUPPLEMENT}),
    MessageType.COMMIT: frozenset({MessageType.VOTE}),
    MessageType.ABORT: frozenset({MessageType.REQUEST, MessageType.PREPARE, MessageType.VOTE}),
    MessageType.RECEIPT: frozenset({MessageType.COMMIT, MessageType.ABORT}),
    MessageType.SUPPLEMENT_ASKED: frozenset({MessageType.PREPARE, MessageType.SUPPLEMENT}),
    MessageType.SUPPLEMENT: frozenset({MessageType.SUPPLEMENT_ASKED}),
    MessageType.NOTICE: frozenset({MessageType.COMMIT, MessageType.NOTICE}),
    MessageType.DISPOSITION: frozenset({MessageType.NOTICE}),
    MessageType.CONSENT_WITHDRAWN: frozenset({MessageType.REQUEST, MessageType.PREPARE}),
    MessageType.CONSENT_ACK: frozenset({MessageType.CONSENT_WITHDRAWN}),
}
# Which step of its cause a message of step n follows: its own, or the one before it.
_SAME_STEP = {
    MessageType.SUPPLEMENT: MessageType.SUPPLEMENT_ASKED,
    MessageType.DISPOSITION: MessageType.NOTICE,
    MessageType.CONSENT_ACK: MessageType.CONSENT_WITHDRAWN,
}
_STEP_BEFORE = {
    MessageType.SUPPLEMENT_ASKED: (MessageType.PREPARE, MessageType.SUPPLEMENT),
    MessageType.NOTICE: (MessageType.COMMIT, MessageType.NOTICE),
}
_ONCE_EACH = frozenset({MessageType.CONSENT_WITHDRAWN, MessageType.CONSENT_ACK})
Series = Mapping[tuple[MessageType, int], bytes]

# The first message of an exchange has no cause to name.
CAUSELESS = frozenset({MessageType.REQUEST, MessageType.PREPARE})

# States in which the destination may not yet have what an ABORT names as its cause.
_CAUSE_MAY_BE_LATE = frozenset({State.UNKNOWN, State.REQUESTED})

FINAL = frozenset({State.CREDITED, State.RELEASED, State.CLOSED, State.RECOGNISED})


def event_of(message: ExchangeMessage, mode: Mode) -> Event:
    """Return how the table sees a message in an exchange of this mode."""
    if isinstance(message, Vote):
        if mode is Mode.RECOGNISE:
            return Event.VOTE_RECOGNISE
        return Event.VOTE_ACCEPT if message.accepted else Event.VOTE_REJECT
    return Event(TYPE_OF[type(message)].name)


def advance(state: State, direction: Direction, event: Event) -> State:
    """Return the state after a message.

    Raises:
        Breach: EQUIVOCATION when the message contradicts a decision already exchanged,
            NOT_PARTY for a receipt of nothing, NO_SUCH_STEP for any other row that is not there.
    """
    following = TRANSITIONS.get((state, direction, event))
    if following is not None:
        return following
    decided = {State.REJECTED, State.RELEASED, State.CREDITED, State.RECOGNISED}
    if event in (Event.COMMIT, Event.ABORT) and state in decided:
        raise Breach(
            "EQUIVOCATION", kind=Kind.FAILED_PRECONDITION, detail=f"{event} in {state.name}"
        )
    if event is Event.RECEIPT and state is State.UNKNOWN:
        raise Breach("NOT_PARTY")
    raise Breach("NO_SUCH_STEP", detail=f"{direction} {event} in {state.name}")


def check_step(kind: MessageType, step: int, series: Series) -> None:
    """Check that a message is the next of its type.

    Args:
        series: the repeatable messages of the exchange so far, by type and step.

    Raises:
        Breach: NO_SUCH_STEP while the one before it is not known here, or when it is.
    """
    if kind not in REPEATABLE:
        return
    is_next = kind in _ONCE_EACH or step == 1 or (kind, step - 1) in series
    if not is_next or (kind, step) in series:
        raise Breach("NO_SUCH_STEP", detail=f"{kind.name} {step}")


def check_cause(
    kind: MessageType,
    cause: bytes,
    known: Mapping[MessageType, bytes],
    state: State,
    *,
    step: int = 1,
    series: Series = MappingProxyType({}),
) -> None:
    """Check that the cause a message names is a message of this exchange that may cause it.

    Raises:
        Breach: CHAIN_BROKEN when it is unknown here or not allowed.
    """
    if cause and kind in REPEATABLE:
        if _is_followed(kind, cause, known, state, step, series):
            return
        raise Breach("CHAIN_BROKEN", detail=f"{kind.name} {step}")
    if cause and kind is MessageType.VOTE and _is_in(MessageType.SUPPLEMENT, cause, series):
        return
    if not cause and kind in CAUSELESS and not (known.keys() & ALLOWED_CAUSES[kind]):
        return
    if cause and any(known.get(allowed) == cause for allowed in ALLOWED_CAUSES[kind]):
        return
    if cause and kind is MessageType.ABORT and state in _CAUSE_MAY_BE_LATE:
        return
    raise Breach("CHAIN_BROKEN", detail=kind.name)


def _is_followed(
    kind: MessageType,
    cause: bytes,
    known: Mapping[MessageType, bytes],
    state: State,
    step: int,
    series: Series,
) -> bool:
    if kind in _SAME_STEP:
        return series.get((_SAME_STEP[kind], step)) == cause
    if kind in _STEP_BEFORE:
        first, later = _STEP_BEFORE[kind]
        expected = known.get(first) if step == 1 else series.get((later, step - 1))
        return expected == cause
    # The consent came with an offer that its ABORT overtook.
    if state is State.RELEASED and MessageType.PREPARE not in known:
        return True
    return any(known.get(allowed) == cause for allowed in ALLOWED_CAUSES[kind])


def _is_in(kind: MessageType, cause: bytes, series: Series) -> bool:
    return any(one is kind and digest == cause for (one, _), digest in series.items())
