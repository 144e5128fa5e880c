"""A decision and the learner's book are one: what the record grants, the book has reserved."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from federation.base.errors import Refusal
from node.domain.canonical import digest_of
from node.domain.cap_book import CapBook
from node.domain.caps import Part
from node.domain.deciding import decide_case
from node.domain.decision_record import Record
from node.domain.decision_seals import record_document
from node.domain.judgement import PanelJudge
from node.domain.recompute import recompute
from tests.node.decision_world import (
    DOCUMENTS,
    GIVEN,
    LOTS,
    PANEL_DOCUMENTS,
    RULE,
    SALT,
    open_capped,
    panel_given,
    panel_minute,
)

JUDGE = open_capped(RULE, {})


def case(name: int, *lots, **change):
    return replace(GIVEN, exchange=f"{name:032x}", lots=lots, struck=(), **change)


def assert_agrees(*records: Record) -> None:
    for record in records:
        assert recompute(record_document(record, SALT), DOCUMENTS, open_capped).differences == ()


def reserved(book: CapBook) -> dict[str, int]:
    parts: list[Part] = [use.part for use in book.uses]
    return {part.lot: sum(o.above_earlier for o in parts if o.lot == part.lot) for part in parts}


def test_what_the_record_grants_the_book_has_reserved():
    record, book = decide_case(case(1, *LOTS[:4]), JUDGE, CapBook())
    granted = {lot.lot: lot.granted_hundredths for lot in record.decided.lots}
    assert reserved(book) == {lot: amount for lot, amount in granted.items() if amount}
    assert {use.claim for use in book.uses} == {f"{1:032x}"}
    assert_agrees(record)


def test_a_second_decision_sees_what_the_first_reserved():
    first, book = decide_case(case(1, LOTS[0]), JUDGE, CapBook())
    second, same = decide_case(case(2, LOTS[0], LOTS[3]), JUDGE, book)
    assert second.given.lots[0].is_used
    assert second.decided.lots[0].reasons == ("LOT_USED_BEFORE", "DOUBLE_CONVERSION")
    line = second.decided.caps[0]
    assert (line.cap, line.used_before, line.asked, line.allowed) == ("gd-all", 400, 700, 300)
    assert sum(reserved(same).values()) == 700
    assert_agrees(first, second)


def test_a_promise_is_taken_over_and_an_appeal_asks_for_the_difference():
    promise, book = decide_case(case(1, LOTS[0]), JUDGE, CapBook(), until_us=10)
    transfer, book = decide_case(case(2, LOTS[0]), JUDGE, book, cites=f"{1:032x}")
    assert transfer.decided.granted_hundredths == 400
    assert not transfer.given.lots[0].is_used
    book = book.consume(f"{2:032x}", {LOTS[0].lot})
    # On appeal the same rule grants what it granted, and a better grade changes nothing of it.
    appeal, after = decide_case(case(3, LOTS[0]), JUDGE, book, appeals=f"{2:032x}")
    assert appeal.decided.granted_hundredths == 400
    assert appeal.decided.caps[0].asked == 0
    assert after == book
    assert_agrees(promise, transfer, appeal)
    with pytest.raises(Refusal, match="CLAIM_STATE"):
        decide_case(case(4, LOTS[0]), JUDGE, book, cites=f"{1:032x}")


def test_an_appeal_gives_a_lot_no_second_target():
    _, book = decide_case(case(1, LOTS[0]), JUDGE, CapBook())
    book = book.consume(f"{1:032x}", {LOTS[0].lot})
    other = open_capped(RULE.replace(b'"target":"GD-1"', b'"target":"GD-5"'), {})
    appeal, after = decide_case(case(2, LOTS[0]), other, book, appeals=f"{1:032x}")
    (lot,) = appeal.decided.lots
    assert (lot.verdict, lot.granted_hundredths) == ("ACCEPT", 400)
    assert "LOT_USED_BEFORE" in lot.reasons
    assert after == book


def test_a_panel_on_appeal_raises_and_what_it_does_not_ask_of_stays():
    smaller = replace(LOTS[0], amount_hundredths=100)
    _, book = decide_case(case(1, smaller), JUDGE, CapBook())
    book = book.consume(f"{1:032x}", {LOTS[0].lot})
    assert reserved(book) == {LOTS[0].lot: 80}
    names = (f"{2:032x}", f"{1:032x}")
    given = replace(panel_given(*names), lots=(LOTS[0], LOTS[6]))
    judge = PanelJudge(panel_minute(*names), JUDGE)
    appeal, after = decide_case(given, judge, book, appeals=f"{1:032x}")
    # The panel answered for two lots together, and only one of them is here.
    assert [lot.granted_hundredths for lot in appeal.decided.lots] == [80, 0]
    assert [lot.verdict for lot in appeal.decided.lots] == ["ACCEPT", "REJECT"]
    assert after == book
    document = record_document(appeal, SALT)
    papers = replace(PANEL_DOCUMENTS, minute=panel_minute(*names).document())
    assert recompute(document, papers, open_capped).agrees


def moved(book: CapBook, step: str, claim: str, lots: set[str]) -> CapBook:
    if step == "commit":
        return book.consume(claim, lots)
    return book.release(claim) if step == "abort" else book.give_back(lots)


STEPS = st.lists(
    st.tuples(
        st.sampled_from(["request", "promise", "cite", "appeal", "commit", "abort", "return"]),
        st.integers(0, 5),
        st.sets(st.integers(0, 6), min_size=1, max_size=4),
        st.sampled_from([b"4/5", b"1/2", b"1/1"]),
    ),
    max_size=12,
)


@settings(deadline=None, max_examples=60)
@given(STEPS)
def test_in_any_order_every_record_agrees_and_no_appeal_lowers(steps):
    book, begun = CapBook(), [f"{0:032x}"]
    for number, (step, which, lots, ratio) in enumerate(steps, 1):
        other = begun[which % len(begun)]
        before = reserved(book)
        if step in ("commit", "abort", "return"):
            mine = {use.part.lot for use in book.uses if use.claim == other}
            with suppress(Refusal):
                book = moved(book, step, other, mine)
            continue
        rule = RULE.replace(b'"ratio":"4/5"', b'"ratio":"' + ratio + b'"')
        given_ = case(number, *(LOTS[at] for at in sorted(lots)))
        given_ = replace(given_, authority=replace(given_.authority, rule_digest=digest_of(rule)))
        named = {
            "promise": {"until_us": 10},
            "cite": {"cites": other},
            "appeal": {"appeals": other},
        }.get(step, {})
        try:
            record, book = decide_case(given_, open_capped(rule, {}), book, **named)
        except Refusal:
            continue
        begun.append(given_.exchange)
        document = record_document(record, SALT)
        papers = replace(DOCUMENTS, rule=rule)
        assert recompute(document, papers, open_capped).differences == ()
        for lot in record.decided.lots:
            if step == "appeal" and any(one.earlier for one in record.given.lots):
                assert reserved(book).get(lot.lot, 0) >= before.get(lot.lot, 0)
