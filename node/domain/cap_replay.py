"""What a decision of ours reserved, told again by what was signed, for a book that forgot it.

The record beside the VOTE tells it exactly. Where the record was erased the VOTE still tells which
lots count as what and how much of it; facts that are no longer shown are left empty, and the day
of the decision stands for the day on which the outcome was earned.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from federation.protocol.lots import LotGroup, TargetGrant
from federation.protocol.messages import Vote
from node.domain.cap_book import Use, UseState
from node.domain.caps import Occasion, Part, Programme
from node.domain.decision_record import ACCEPT, Record, occasion_of
from node.domain.likeness import like_name
from node.domain.outcomes import OutcomeFacts


def uses_recorded(record: Record, *, claim: str, until_us: int) -> tuple[Use, ...]:
    """Return what a decision reserved, by its record."""
    given = {lot.lot: lot for lot in record.given.lots}
    contents = {lot.lot: lot.content for lot in record.decided.lots}
    return tuple(
        Use(
            claim=claim,
            group=group.group,
            part=Part(
                lot=part.lot,
                target=part.target,
                hundredths=part.hundredths,
                earlier_hundredths=part.earlier_hundredths,
                kind=given[part.lot].facts.kind,
                form=given[part.lot].form,
                issuer=given[part.lot].facts.issuer,
                source=given[part.lot].source,
                earned=given[part.lot].facts.earned,
                category=next(
                    (one.category for one in group.grants if one.target == part.target), ""
                ),
                content=contents[part.lot],
            ),
            occasion=occasion_of(record.given),
            state=UseState.RESERVED,
            until_us=until_us,
        )
        for group in record.decided.groups
        if group.verdict == ACCEPT
        for part in group.parts
        if part.hundredths > part.earlier_hundredths or not part.earlier_hundredths
    )


def uses_voted(
    vote: Vote,
    *,
    claim: str,
    until_us: int,
    facts: Mapping[bytes, OutcomeFacts],
    programme: Programme | None,
) -> tuple[Use, ...]:
    """Return what a decision reserved, by its VOTE alone.

    Args:
        facts: of those lots that are still shown.
        programme: what the learner studies for now, as far as that is known.
    """
    on = vote.record.decided_on
    occasion = Occasion(on=on)
    if programme is not None:
        occasion = Occasion(on=on, programme=programme.code, award=programme.award)
    source = vote.header.dst
    return tuple(
        Use(
            claim=claim,
            group=f"{at:03d}/{group.entry}",
            part=_part(lot_id, target, hundredths, facts.get(lot_id), source=source, on=on),
            occasion=occasion,
            state=UseState.RESERVED,
            until_us=until_us,
        )
        for at, group in enumerate(_groups(vote), start=1)
        for lot_id, target, hundredths in _shares(vote, group)
    )


def _part(
    lot_id: bytes,
    target: str,
    hundredths: int,
    facts: OutcomeFacts | None,
    *,
    source: str,
    on: str,
) -> Part:
    return Part(
        lot=f"{source}:{lot_id.hex()}",
        target=target,
        hundredths=hundredths,
        kind=facts.kind if facts else "",
        issuer=facts.issuer if facts else "",
        source=source,
        earned=facts.earned if facts else on,
        content=like_name(facts.title) if facts else "",
    )


def _groups(vote: Vote) -> tuple[LotGroup, ...]:
    if vote.groups:
        return vote.groups
    return tuple(
        LotGroup(
            entry=lot.entry,
            lot_ids=(lot.lot_id,),
            grants=(TargetGrant(target=lot.target, granted_hundredths=lot.granted_hundredths),),
        )
        for lot in vote.accepted
    )


def _shares(vote: Vote, group: LotGroup) -> Iterator[tuple[bytes, str, int]]:
    """Share the grants of a group among its lots, so that both sums come out as voted."""
    granted = {lot.lot_id: lot.granted_hundredths for lot in vote.accepted}
    lots = [(lot_id, granted[lot_id]) for lot_id in group.lot_ids]
    targets = [(one.target, one.granted_hundredths) for one in group.grants]
    while lots and targets:
        (lot_id, of_lot), (target, of_target) = lots[0], targets[0]
        share = min(of_lot, of_target)
        if share:
            yield lot_id, target, share
        lots[:1] = [(lot_id, of_lot - share)] if of_lot > share else []
        targets[:1] = [(target, of_target - share)] if of_target > share else []
