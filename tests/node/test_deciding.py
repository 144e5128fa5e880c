"""A decision and the learner's book are one: what the record grants, the book has reserved."""

from __future__ import annotations

from dataclasses import replace

import pytest

from federation.base.errors import Refusal
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


def test_a_panel_on_appeal_raises_and_what_it_does_not_ask_of_stays():
    smaller = replace(LOTS[0], amount_hundredths=100)
    _, book = decide_case(case(1, smaller), JUDGE, CapBook())
    book = book.consume(f"{1:032x}", {LOTS[0].lot})
    assert reserved(book) == {LOTS[0].lot: 80}
    given = replace(panel_given(), exchange=f"{2:032x}", lots=(LOTS[0], LOTS[6]))
    judge = PanelJudge(panel_minute(), JUDGE)
    appeal, after = decide_case(given, judge, book, appeals=f"{1:032x}")
    # The panel answered for two lots together, and only one of them is here.
    assert [lot.granted_hundredths for lot in appeal.decided.lots] == [80, 0]
    assert [lot.verdict for lot in appeal.decided.lots] == ["ACCEPT", "REJECT"]
    assert after == book
    document = record_document(appeal, SALT)
    assert recompute(document, PANEL_DOCUMENTS, open_capped).agrees
