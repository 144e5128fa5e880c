"""What a source can check of a VOTE: that the decision record beside it says the same.

The record may be withheld or erased; a VOTE by itself is then all there is. Whether the judgement
follows from the rule is for whoever has the rule (:mod:`node.domain.recompute`).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from federation.base.errors import Breach
from federation.protocol.commitments import Openings
from federation.protocol.grouping import record_in
from federation.protocol.messages import Vote
from node.domain.decided_exchange import OFFER, against_vote
from node.domain.decision_record import Record
from node.domain.decision_seals import read_record
from node.domain.exchange import Exchange
from node.domain.lot import Lot
from node.domain.recompute import Difference, difference
from node.domain.voting import lot_name


def check_vote_record(
    vote: Vote, shown: Openings, exchange: Exchange, lots: Mapping[bytes, Lot]
) -> None:
    """Check a VOTE against the record that it shows.

    Args:
        exchange: as the source has it.
        lots: the lots offered, whose facts the record must state as they are.

    Raises:
        Breach: RECORD_FORM or RECORD_ALTERED where it is none, RECORD_DIFFERS naming the first
            field that says otherwise, RULE_LIMIT where it states more than a cap has room for.
    """
    document = record_in(shown)
    if not document:
        return
    record = read_record(document)
    for one in (*against_vote(record, vote), *_against_lots(record, vote, exchange, lots)):
        raise Breach("RECORD_DIFFERS", detail=one.path)
    for line in record.decided.caps:
        if line.allowed > max(0, line.limit - line.used_before):
            raise Breach("RULE_LIMIT", detail=line.cap)


def _against_lots(
    record: Record, vote: Vote, exchange: Exchange, lots: Mapping[bytes, Lot]
) -> Iterator[Difference]:
    """Yield where a record states other lots than were offered, or states them otherwise."""
    if record.given.exchange != exchange.exchange_id.hex():
        yield difference("$.given.exchange", OFFER, record.given.exchange, "")
    names = {lot_name(vote.header.dst, lot.lot_id): lot for lot in exchange.lots}
    for at, one in enumerate(record.given.lots):
        path, offered = f"$.given.lots[{at}]", names.get(one.lot)
        if offered is None:
            yield difference(f"{path}.lot", OFFER, one.lot, "")
            continue
        if one.amount_hundredths != offered.amount_hundredths:
            yield difference(f"{path}.amount_hundredths", OFFER, one.amount_hundredths, "")
        held = lots.get(offered.lot_id)
        facts = held.facts() if held is not None else None
        if facts is not None and facts != one.facts:
            yield difference(f"{path}.facts", OFFER, "", "")
