"""What a caller may ask for at a time, on a clock moved by hand."""

from __future__ import annotations

from contextlib import ExitStack

import pytest

from federation.base.clock import SECOND
from federation.base.errors import Kind, Unavailable
from federation.transport.limits import BURST_SECONDS, STRANGERS, Allowance, Limits
from federation.wire.status import code_of

NOW = 1_800_000_000 * SECOND
FEW = Allowance(messages=2, size_bytes=1000, calls=2)


def take(limits: Limits, caller: str, now_us: int, **held: int) -> int:
    """Make a call and return how long it is told to wait; zero when it was let in."""
    try:
        with limits.call(caller, now_us):
            limits.book(caller, now_us, **held)
    except Unavailable as error:
        return error.retry_after_ms
    return 0


def test_a_burst_is_let_through_and_then_a_steady_rate() -> None:
    limits = Limits(member=FEW)
    assert [take(limits, "CN-31", NOW) for _ in range(2 * BURST_SECONDS)] == [0] * 20
    assert take(limits, "CN-31", NOW) == 500
    assert take(limits, "CN-31", NOW + SECOND // 2) == 0
    assert take(limits, "CN-31", NOW + SECOND // 2) == 500
    with pytest.raises(Unavailable, match="RATE_LIMIT") as caught:
        limits.call("CN-31", NOW + SECOND // 2).__enter__()
    assert code_of(caught.value).name == Kind.RESOURCE_EXHAUSTED


def test_what_a_call_held_is_a_debt_for_the_next() -> None:
    limits = Limits(member=FEW)
    assert take(limits, "CN-31", NOW, messages=63) == 0
    assert take(limits, "CN-31", NOW) == (64 - 20 + 1) * 500
    assert take(limits, "CN-44", NOW, size_bytes=11_000) == 0
    assert take(limits, "CN-44", NOW) == 1000
    assert take(limits, "CN-44", NOW + SECOND) == 0


def test_one_caller_takes_nothing_from_another_and_strangers_share() -> None:
    limits = Limits(member=FEW, stranger=FEW)
    take(limits, "CN-31", NOW, messages=1000)
    assert take(limits, "CN-31", NOW) > 0
    assert take(limits, "CN-44", NOW) == 0
    take(limits, STRANGERS, NOW, messages=1000)
    assert take(limits, STRANGERS, NOW) > 0


def test_a_clock_that_is_set_back_neither_fills_nor_blocks() -> None:
    limits = Limits(member=FEW)
    take(limits, "CN-31", NOW, messages=19)
    assert take(limits, "CN-31", NOW - 3600 * SECOND) == 500
    assert take(limits, "CN-31", NOW - 3599 * SECOND) == 0


def test_no_more_calls_at_a_time_than_are_allowed() -> None:
    limits = Limits(member=FEW)
    with ExitStack() as held:
        for _ in range(2):
            held.enter_context(limits.call("CN-31", NOW))
        with pytest.raises(Unavailable, match="CONCURRENCY"), limits.call("CN-31", NOW):
            pass
        with limits.call("CN-44", NOW):
            pass
    with limits.call("CN-31", NOW):
        pass
