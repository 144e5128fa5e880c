"""From a case and a learner's book to the record and the book after it, in one step.

What the record says of the caps is what the book does; both come of the same admission, so
neither can promise what the other has no room for.
"""

from __future__ import annotations

from dataclasses import replace

from node.domain.cap_book import CapBook, Claim
from node.domain.decision_record import Earlier, Given, GivenLot, Record, claimed, compose
from node.domain.judgement import Judge


def decide_case(
    given: Given,
    judge: Judge,
    book: CapBook,
    *,
    until_us: int = 0,
    cites: str = "",
    appeals: str = "",
    claim: str = "",
) -> tuple[Record, CapBook]:
    """Return the decision on a case and the learner's book with what it grants reserved.

    The claim has the name of the exchange unless it is told. What the book knows of the lots,
    whether they count already and what an appeal found granted, is filled in here.

    Args:
        given: the case; ``is_used`` and ``earlier`` of its lots are not read.
        until_us: when the promise of a recognition ends; 0 for a transfer.
        cites: exchange whose promise this one takes over, or empty.
        appeals: exchange whose decision is under appeal, or empty.
        claim: name of the claim in the book, where exchanges of several peers meet.

    Raises:
        Refusal: CLAIM_STATE as :meth:`CapBook.reserve` has it.
    """
    known = _known(given, book, cites=cites, appeals=appeals)
    judgement = judge.judge(known.case)
    asked = Claim(
        claim=claim or known.exchange,
        groups=claimed(known, judgement),
        on=known.decided_on,
        programme=known.programme,
        until_us=until_us,
        cites=cites,
        appeals=appeals,
    )
    after, said = book.reserve(judge.caps, asked)
    used = {line.key: line.used_before for line in said.lines}
    record = compose(known, judgement, judge.caps, used=used)
    assert record.decided.caps == said.lines, "record and book disagree"
    return record, after


def _known(given: Given, book: CapBook, *, cites: str, appeals: str) -> Given:
    """Return a case with what the book knows of its lots."""
    appealed = {use.part.lot for use in book.uses if appeals and use.claim == appeals}
    mine = {lot.lot for lot in given.lots}
    counted = {
        use.part.lot
        for use in book.uses
        if not (cites and use.claim == cites and use.part.lot in mine)
    }
    before: dict[str, dict[str, int]] = {}
    for use in book.uses:
        if use.part.lot in appealed:
            targets = before.setdefault(use.part.lot, {})
            targets[use.part.target] = targets.get(use.part.target, 0) + use.part.above_earlier

    def known(lot: GivenLot) -> GivenLot:
        granted = before.get(lot.lot, {})
        return replace(
            lot,
            is_used=lot.lot in counted - appealed,
            earlier=tuple(
                Earlier(target=target, hundredths=granted[target]) for target in sorted(granted)
            ),
        )

    return replace(given, lots=tuple(known(lot) for lot in given.lots))
