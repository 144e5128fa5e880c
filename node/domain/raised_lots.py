"""What becomes of lots that an appeal added when the source states a fact of what they raised.

They are frozen and freed with it, and reversed with it. After a correction downward, whether the
appeal would still have added what it did is for people to say.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from federation.protocol.messages import Fact, LotNotice, MessageType, Notice
from node.domain.dispositions import Followed, case_of, hold, take_back
from node.domain.exchange import ExchangeKey
from node.domain.ledger import Entry, EntryKind
from node.domain.lot import Hold, Lot
from node.domain.step import Moment, Step


def on_notice(
    moment: Moment, notice: Notice, step: Step, raised: Mapping[bytes, Sequence[Lot]]
) -> tuple[Step, Mapping[ExchangeKey, Sequence[LotNotice]]]:
    """Return the answer to a NOTICE with what follows for lots that appeals added.

    Args:
        step: the answer so far.
        raised: by each lot of the source what appeals added for it.

    Returns:
        The step, and what is to be told onward.
    """
    followed, seen = Followed(), set[bytes]()
    for said in notice.lots:
        for lot in raised.get(said.lot_id, ()):
            if lot.lot_id in seen or lot.hold is Hold.REVOKED:
                continue
            seen.add(lot.lot_id)
            _follow(moment, step, said, lot, followed)
    entry = Entry(
        kind=EntryKind.CORRECTION,
        subject=step.exchange.hashes[MessageType.NOTICE],
        peer=step.exchange.peer,
        decision=step.exchange.hashes[MessageType.COMMIT],
        time_us=moment.now_us,
        postings=(*(one for made in step.entries for one in made.postings), *followed.postings),
    )
    return replace(
        step,
        lots_moved=(*step.lots_moved, *followed.lots_moved),
        entries=(entry,) if entry.postings else (),
        cases=(*step.cases, *followed.cases),
    ), followed.onward


def _follow(moment: Moment, step: Step, said: LotNotice, lot: Lot, followed: Followed) -> None:
    if said.fact is Fact.REVOKED:
        owed = take_back(moment, said, lot, followed)
        if owed and not step.cases:
            followed.cases.append(case_of(moment, step.exchange, said, owed))
    elif said.fact is Fact.CORRECTED:
        if not step.cases:
            followed.cases.append(case_of(moment, step.exchange, said, lot.amount_hundredths))
    elif said.fact is not Fact.EXPIRED:
        hold(said, lot, followed)
