"""Promises: a recognition that was granted binds until its end, and a transfer may take it up.

Until then what it grants keeps its room in the caps. A transfer that cites it is judged as it was
then: on that day, by those documents, for that programme. A transfer that cites nothing is judged
anew; where it grants a lot, what was promised for the lot ends.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace

from node.domain.cap_book import CapBook, Use, UseState
from node.domain.deciding import decide_case
from node.domain.decision_record import ACCEPT, Given, Record
from node.domain.judgement import Judge


def decide_anew(
    given: Given, judge: Judge, book: CapBook, *, until_us: int, claim: str
) -> tuple[Record, CapBook]:
    """Decide a case; a promise for a lot ends where the lot is granted anew.

    What is not granted anew keeps its room: it was signed, and stands until its end.

    Args:
        until_us: when this decision's own promise ends; 0 for a transfer.
        claim: name of the decision in the book.
    """
    offered = {lot.lot for lot in given.lots}
    ending = {use.part.lot for use in book.uses if _is_promise(use)} & offered
    while True:
        kept = CapBook(
            tuple(use for use in book.uses if not (_is_promise(use) and use.part.lot in ending))
        )
        record, after = decide_case(given, judge, kept, until_us=until_us, claim=claim)
        granted = {one.lot for one in record.decided.lots if one.verdict == ACCEPT}
        if ending <= granted:
            return record, after
        ending &= granted


def as_promised(given: Given, promise: Given) -> Given:
    """Return a case as it was when it was promised, with the evidence that was seen then."""
    seen = {lot.lot: lot.evidence for lot in promise.lots}
    return replace(
        given,
        cites=promise.exchange,
        decided_on=promise.decided_on,
        offered_on=promise.offered_on,
        track=promise.track,
        authority=promise.authority,
        catalogues=promise.catalogues,
        programme=promise.programme,
        lots=tuple(replace(lot, evidence=seen.get(lot.lot, ())) for lot in given.lots),
    )


def is_promised(
    record: Record, *, lots: Collection[str], wanted: Collection[str], now_us: int
) -> bool:
    """Tell whether a recognition granted all these lots for these targets, and still binds."""
    granted = {one.lot for one in record.decided.lots if one.verdict == ACCEPT}
    given = record.given
    is_same = bool(lots) and set(lots) <= granted and set(wanted) == set(given.wanted)
    return is_same and now_us <= given.valid_until_us


def _is_promise(use: Use) -> bool:
    return use.state is UseState.RESERVED and use.until_us > 0
