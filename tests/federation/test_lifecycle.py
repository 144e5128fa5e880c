"""The one table: every step that is there, every step that is not, and every cause."""

from __future__ import annotations

from itertools import product

import pytest

from federation.base.errors import Breach
from federation.protocol.lifecycle import (
    ALLOWED_CAUSES,
    CAUSELESS,
    FINAL,
    TRANSITIONS,
    Direction,
    Event,
    advance,
    check_cause,
    event_of,
)
from federation.protocol.messages import MessageType, Mode, State, Verdict
from tests.federation.message_values import VOTE, header

S, R = Direction.SENT, Direction.RECEIVED
# Written out once more by hand from the design, not derived from the table under test.
LEGAL = {
    ("UNKNOWN", S, "REQUEST"): "REQUESTED",
    ("UNKNOWN", R, "REQUEST"): "UNKNOWN",
    ("UNKNOWN", S, "PREPARE"): "LOCKED",
    ("UNKNOWN", R, "PREPARE"): "RECEIVED",
    ("REQUESTED", R, "PREPARE"): "RECEIVED",
    ("RECEIVED", S, "VOTE_ACCEPT"): "ACCEPTED",
    ("RECEIVED", S, "VOTE_REJECT"): "REJECTED",
    ("RECEIVED", S, "VOTE_RECOGNISE"): "RECOGNISED",
    ("LOCKED", R, "VOTE_ACCEPT"): "PREPARED",
    ("LOCKED", R, "VOTE_REJECT"): "PREPARED",
    ("LOCKED", R, "VOTE_RECOGNISE"): "RECOGNISED",
    ("PREPARED", S, "COMMIT"): "COMMITTED",
    ("ACCEPTED", R, "COMMIT"): "CREDITED",
    ("UNKNOWN", S, "ABORT"): "ABORTED",
    ("LOCKED", S, "ABORT"): "ABORTED",
    ("PREPARED", S, "ABORT"): "ABORTED",
    ("UNKNOWN", R, "ABORT"): "RELEASED",
    ("REQUESTED", R, "ABORT"): "RELEASED",
    ("REQUESTED", R, "UNKNOWN_THERE"): "RELEASED",
    ("RECEIVED", R, "ABORT"): "RELEASED",
    ("ACCEPTED", R, "ABORT"): "RELEASED",
    ("REJECTED", R, "ABORT"): "RELEASED",
    ("RELEASED", R, "PREPARE"): "RELEASED",
    ("CREDITED", S, "RECEIPT"): "CREDITED",
    ("RELEASED", S, "RECEIPT"): "RELEASED",
    ("COMMITTED", R, "RECEIPT"): "CLOSED",
    ("ABORTED", R, "RECEIPT"): "CLOSED",
    ("ABORTED", R, "VOTE_ACCEPT"): "ABORTED",
    ("ABORTED", R, "VOTE_REJECT"): "ABORTED",
    ("ABORTED", R, "VOTE_RECOGNISE"): "ABORTED",
    ("CLOSED", R, "VOTE_ACCEPT"): "CLOSED",
    ("CLOSED", R, "VOTE_REJECT"): "CLOSED",
    ("CLOSED", R, "VOTE_RECOGNISE"): "CLOSED",
}
EVERY = list(product(State, Direction, Event))
DECIDED = {"REJECTED", "RELEASED", "CREDITED", "RECOGNISED"}


def test_the_table_has_no_row_beyond_the_design() -> None:
    assert {(s.name, d, e.value): n.name for (s, d, e), n in TRANSITIONS.items()} == LEGAL


@pytest.mark.parametrize(
    ("state", "direction", "event"), EVERY, ids=lambda one: getattr(one, "name", str(one))
)
def test_a_step_is_in_the_table_or_refused(
    state: State, direction: Direction, event: Event
) -> None:
    expected = LEGAL.get((state.name, direction, event.value))
    if expected is not None:
        assert advance(state, direction, event) is State[expected]
        return
    with pytest.raises(Breach) as refused:
        advance(state, direction, event)
    if event in (Event.COMMIT, Event.ABORT) and state.name in DECIDED:
        assert refused.value.reason == "EQUIVOCATION"
    elif event is Event.RECEIPT and state is State.UNKNOWN:
        assert refused.value.reason == "NOT_PARTY"
    else:
        assert refused.value.reason == "NO_SUCH_STEP"


def test_nothing_is_sent_from_a_final_state_but_the_receipt() -> None:
    sent = {(s, e) for (s, d, e) in TRANSITIONS if s in FINAL and d is S}
    assert sent == {(State.CREDITED, Event.RECEIPT), (State.RELEASED, Event.RECEIPT)}


def test_no_step_leads_out_of_a_final_state() -> None:
    assert all(n is s for (s, _, _), n in TRANSITIONS.items() if s in FINAL)


@pytest.mark.parametrize(
    ("mode", "accepts", "event"),
    [
        (Mode.TRANSFER, True, Event.VOTE_ACCEPT),
        (Mode.TRANSFER, False, Event.VOTE_REJECT),
        (Mode.RECOGNISE, True, Event.VOTE_RECOGNISE),
        (Mode.RECOGNISE, False, Event.VOTE_RECOGNISE),
    ],
)
def test_a_vote_counts_by_what_it_says(mode: Mode, accepts: bool, event: Event) -> None:
    lots = [one for one in VOTE.lots if (one.verdict is Verdict.ACCEPT) is accepts]
    vote = type(VOTE)(header=header(), lots=tuple(lots), record=VOTE.record, accept_until_us=1)
    assert event_of(vote, mode) is event


CAUSES = {
    "REQUEST": set(),
    "PREPARE": {"REQUEST"},
    "VOTE": {"PREPARE"},
    "COMMIT": {"VOTE"},
    "ABORT": {"REQUEST", "PREPARE", "VOTE"},
    "RECEIPT": {"COMMIT", "ABORT"},
}
HASHES = {kind: bytes([at]) * 32 for at, kind in enumerate(ALLOWED_CAUSES, start=1)}


@pytest.mark.parametrize("kind", list(ALLOWED_CAUSES))
@pytest.mark.parametrize("cause", list(ALLOWED_CAUSES))
def test_a_message_follows_only_from_its_allowed_causes(
    kind: MessageType, cause: MessageType
) -> None:
    known = {cause: HASHES[cause]}
    if cause.name in CAUSES[kind.name]:
        check_cause(kind, HASHES[cause], known, State.LOCKED)
        return
    with pytest.raises(Breach) as refused:
        check_cause(kind, HASHES[cause], known, State.LOCKED)
    assert refused.value.reason == "CHAIN_BROKEN"


@pytest.mark.parametrize("kind", list(ALLOWED_CAUSES))
def test_only_the_first_message_names_no_cause(kind: MessageType) -> None:
    if kind in CAUSELESS:
        check_cause(kind, b"", {}, State.UNKNOWN)
        return
    with pytest.raises(Breach, match="CHAIN_BROKEN"):
        check_cause(kind, b"", {}, State.LOCKED)


def test_an_offer_that_was_asked_for_names_the_request() -> None:
    with pytest.raises(Breach, match="CHAIN_BROKEN"):
        check_cause(MessageType.PREPARE, b"", {MessageType.REQUEST: b"r" * 32}, State.REQUESTED)


def test_an_unknown_cause_breaks_the_chain() -> None:
    known = {MessageType.PREPARE: b"p" * 32}
    with pytest.raises(Breach, match="CHAIN_BROKEN"):
        check_cause(MessageType.VOTE, b"q" * 32, known, State.LOCKED)


@pytest.mark.parametrize("state", list(State))
def test_an_abort_may_overtake_its_cause(state: State) -> None:
    if state in (State.UNKNOWN, State.REQUESTED):
        check_cause(MessageType.ABORT, b"p" * 32, {}, state)
        return
    with pytest.raises(Breach, match="CHAIN_BROKEN"):
        check_cause(MessageType.ABORT, b"p" * 32, {}, state)
