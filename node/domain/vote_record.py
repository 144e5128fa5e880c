"""What a source can check of a VOTE: that the decision record beside it says the same.

The record may be withheld or erased; a VOTE by itself is then all there is. Whether the judgement
follows from the rule is for whoever has the rule (:mod:`node.domain.recompute`).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import zip_longest
from typing import Any

from federation.base.errors import Breach
from federation.protocol.commitments import Openings
from federation.protocol.grouping import record_in
from federation.protocol.messages import LotDecision, Verdict, Vote
from node.domain.decision_record import ACCEPT, DecidedGroup, DecidedLot, Record
from node.domain.decision_seals import read_record
from node.domain.exchange import Exchange
from node.domain.lot import Lot
from node.domain.outcomes import OutcomeFacts
from node.domain.voting import MOST_REASONS, lot_name

NO_REASON = ("NOT_EQUIVALENT",)
_Said = tuple[str, Any, Any]


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
    for path, stated, voted in _compared(vote, record, exchange, lots):
        if stated != voted:
            raise Breach("RECORD_DIFFERS", detail=path)
    for line in record.decided.caps:
        if line.allowed > max(0, line.limit - line.used_before):
            raise Breach("RULE_LIMIT", detail=line.cap)


def _compared(
    vote: Vote, record: Record, exchange: Exchange, lots: Mapping[bytes, Lot]
) -> Iterator[_Said]:
    """Yield what the record states beside what the VOTE, and the offer, say of it."""
    given, decided, summary = record.given, record.decided, vote.record
    yield "$.given.exchange", given.exchange, exchange.exchange_id.hex()
    yield "$.given.source", given.source, vote.header.dst
    yield "$.given.destination", given.destination, vote.header.src
    yield "$.given.decided_on", given.decided_on, summary.decided_on
    authority = given.authority
    yield "$.given.authority.rule", authority.rule, summary.rule
    yield "$.given.authority.rule_version", authority.rule_version, summary.rule_version
    yield "$.given.authority.rule_digest", authority.rule_digest, summary.rule_digest.hex()
    yield "$.given.valid_until_us", given.valid_until_us, summary.valid_until_us
    yield "$.given.appeal_until_us", given.appeal_until_us, summary.appeal_until_us
    yield "$.decided.granted_hundredths", decided.granted_hundredths, summary.granted_hundredths
    yield from _lots(vote, record, exchange, lots)
    yield from _groups(vote, record)


def _lots(
    vote: Vote, record: Record, exchange: Exchange, lots: Mapping[bytes, Lot]
) -> Iterator[_Said]:
    names = {lot_name(vote.header.dst, lot.lot_id): lot for lot in exchange.lots}
    yield "$.given.lots", {one.lot for one in record.given.lots} <= names.keys(), True
    for at, one in enumerate(record.given.lots):
        offered = names[one.lot]
        path = f"$.given.lots[{at}]"
        yield f"{path}.amount_hundredths", one.amount_hundredths, offered.amount_hundredths
        facts = _facts(lots.get(offered.lot_id))
        yield f"{path}.facts", one.facts, one.facts if facts is None else facts
    decided = {one.lot: one for one in record.decided.lots}
    same = [one.lot for one in record.given.lots] == list(decided)
    yield "$.decided.lots", same and len(decided) == len(record.decided.lots), True
    groups = {one.group: one for one in record.decided.groups}
    for said in vote.lots:
        yield from _lot(said, decided.get(lot_name(vote.header.dst, said.lot_id)), groups)


def _lot(
    said: LotDecision, decided: DecidedLot | None, groups: Mapping[str, DecidedGroup]
) -> Iterator[_Said]:
    if decided is None:
        # What was set aside before the judge: it is in no record, and never granted.
        yield "$.decided.lots", said.verdict, Verdict.REJECT
        return
    path = f"$.decided.lots[{decided.lot}]"
    is_granted = decided.verdict == ACCEPT
    yield f"{path}.verdict", is_granted, said.verdict is Verdict.ACCEPT
    yield f"{path}.granted_hundredths", decided.granted_hundredths, said.granted_hundredths
    if not is_granted:
        yield f"{path}.reasons", decided.reasons[:MOST_REASONS] or NO_REASON, said.reasons
        return
    group = groups.get(decided.group)
    yield f"{path}.group", group is not None and group.verdict == ACCEPT, True
    if group is not None:
        targets = [one.target for one in group.grants]
        yield f"{path}.entry", group.entry, said.entry
        yield f"{path}.target", targets[0] if len(targets) == 1 else "", said.target


def _groups(vote: Vote, record: Record) -> Iterator[_Said]:
    stated = [
        (
            one.entry,
            one.lots,
            tuple((grant.target, grant.hundredths) for grant in one.grants),
        )
        for one in record.decided.groups
        if one.verdict == ACCEPT
    ]
    if not vote.groups:
        is_plain = all(len(lots) == len(grants) == 1 for _, lots, grants in stated)
        yield "$.decided.groups", is_plain, True
        return
    voted = [
        (
            one.entry,
            tuple(lot_name(vote.header.dst, lot_id) for lot_id in one.lot_ids),
            tuple((grant.target, grant.granted_hundredths) for grant in one.grants),
        )
        for one in vote.groups
    ]
    for at, (one, other) in enumerate(zip_longest(stated, voted)):
        yield f"$.decided.groups[{at}]", one, other


def _facts(lot: Lot | None) -> OutcomeFacts | None:
    return lot.facts() if lot is not None else None
