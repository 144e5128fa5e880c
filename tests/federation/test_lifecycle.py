"""The one table: every step that is there, every step that is not, and every cause."""

from __future__ import annotations

from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from federation.base.errors import Breach
from federation.protocol.lifecycle import (
    ALLOWED_CAUSES,
    CAUSELESS,
    FINAL,
    REPEATABLE,
    TRANSITIONS,
    Direction,
    Event,
    advance,
    check_cause,
    check_step,
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
CONSENTED = (
    *("RECEIVED", "ACCEPTED", "REJECTED", "CREDITED", "RELEASED", "LOCKED", "PREPARED"),
    *("COMMITTED", "ABORTED", "CLOSED", "RECOGNISED"),
)
# What accompanies or follows an exchange, and where; it moves nothing.
ACCOMPANYING = {
    (S, "SUPPLEMENT_ASKED"): ("RECEIVED",),
    (R, "SUPPLEMENT_ASKED"): ("LOCKED", "ABORTED", "CLOSED"),
    (S, "SUPPLEMENT"): ("LOCKED",),
    (R, "SUPPLEMENT"): ("RECEIVED", "ACCEPTED", "REJECTED", "RECOGNISED"),
    (S, "NOTICE"): ("COMMITTED", "CLOSED"),
    (R, "NOTICE"): ("CREDITED",),
    (S, "DISPOSITION"): ("CREDITED",),
    (R, "DISPOSITION"): ("COMMITTED", "CLOSED"),
    (S, "CONSENT_WITHDRAWN"): CONSENTED,
    (R, "CONSENT_WITHDRAWN"): CONSENTED,
    (S, "CONSENT_ACK"): CONSENTED,
    (R, "CONSENT_ACK"): CONSENTED,
}
LEGAL |= {
    (state, direction, event): state
    for (direction, event), states in ACCOMPANYING.items()
    for state in states
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
    sent = {
        (s, e)
        for (s, d, e) in TRANSITIONS
        if s in FINAL and d is S and (d, e.value) not in ACCOMPANYING
    }
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
    "SUPPLEMENT_ASKED": {"PREPARE"},
    "SUPPLEMENT": {"SUPPLEMENT_ASKED"},
    "NOTICE": {"COMMIT"},
    "DISPOSITION": {"NOTICE"},
    "CONSENT_WITHDRAWN": {"REQUEST", "PREPARE"},
    "CONSENT_ACK": {"CONSENT_WITHDRAWN"},
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
    series = {(cause, 1): HASHES[cause]} if cause in REPEATABLE else {}
    # Once asked for more, a destination judges by the last that it got.
    is_judged = (kind, cause) == (MessageType.VOTE, MessageType.SUPPLEMENT)
    if cause.name in CAUSES[kind.name] or is_judged:
        check_cause(kind, HASHES[cause], known, State.LOCKED, series=series)
        return
    with pytest.raises(Breach) as refused:
        check_cause(kind, HASHES[cause], known, State.LOCKED, series=series)
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


PREDECESSORS = {
    MessageType.SUPPLEMENT_ASKED: MessageType.SUPPLEMENT,
    MessageType.SUPPLEMENT: MessageType.SUPPLEMENT_ASKED,
    MessageType.NOTICE: MessageType.NOTICE,
    MessageType.DISPOSITION: MessageType.NOTICE,
}
WALKED = st.tuples(st.sampled_from(sorted(REPEATABLE)), st.integers(1, 4), st.booleans())


@given(
    state=st.sampled_from(State),
    walk=st.lists(WALKED, max_size=30),
)
def test_no_order_of_accompanying_messages_moves_the_state(
    state: State, walk: list[tuple[MessageType, int, bool]]
) -> None:
    """Whatever is taken leaves the state; each step is taken once, after the one before it."""
    series: dict[tuple[MessageType, int], bytes] = {}
    first = {MessageType.PREPARE: b"p" * 32, MessageType.COMMIT: b"c" * 32}
    for kind, step, is_sent in walk:
        before = dict(series)
        cause_kind = PREDECESSORS.get(kind, MessageType.CONSENT_WITHDRAWN)
        is_own = kind in (MessageType.SUPPLEMENT, MessageType.DISPOSITION, MessageType.CONSENT_ACK)
        cause = series.get((cause_kind, step if is_own else step - 1))
        if kind is MessageType.CONSENT_WITHDRAWN:
            cause = first[MessageType.PREPARE]
        elif step == 1 and not is_own:
            cause = first[MessageType.COMMIT if kind is MessageType.NOTICE else MessageType.PREPARE]
        try:
            after = advance(state, S if is_sent else R, Event(kind.name))
            check_step(kind, step, series)
            check_cause(kind, cause or b"x" * 32, first, State.LOCKED, step=step, series=series)
        except Breach:
            assert series == before
            continue
        assert after is state
        assert cause is not None
        assert (kind, step) not in series
        series[kind, step] = bytes([list(MessageType).index(kind), step]) * 16


def test_a_step_that_is_known_or_skips_one_is_no_step() -> None:
    series = {(MessageType.NOTICE, 1): b"1" * 32, (MessageType.NOTICE, 2): b"2" * 32}
    for step in (1, 2, 4):
        with pytest.raises(Breach, match="NO_SUCH_STEP"):
            check_step(MessageType.NOTICE, step, series)
    check_step(MessageType.NOTICE, 3, series)


def test_an_answer_names_the_step_that_it_answers() -> None:
    series = {(MessageType.NOTICE, 1): b"1" * 32, (MessageType.NOTICE, 2): b"2" * 32}
    known = {MessageType.NOTICE: b"2" * 32}
    check_cause(MessageType.DISPOSITION, b"1" * 32, known, State.CREDITED, step=1, series=series)
    with pytest.raises(Breach, match="CHAIN_BROKEN"):
        check_cause(
            MessageType.DISPOSITION, b"2" * 32, known, State.CREDITED, step=1, series=series
        )
