"""What people decided, as the judgement that is sent.

A rule's judgement is made all the same, for what people cannot overrule stands in it: a lot that
was not shown, has expired, lies outside the agreement, or whose consent was withdrawn.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from federation.protocol.commitments import Openings
from federation.protocol.messages import LotDecision, Verdict, Vote
from node.domain.exchange import Exchange
from node.domain.step import Step

STANDING = frozenset({"FACTS_WITHHELD", "CREDIT_EXPIRED", "AGREEMENT_SCOPE", "LEGAL_BASIS"})


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonsGrant:
    """What people decided of one lot.

    Attributes:
        granted_hundredths: 0 for nothing.
        reasons: where nothing is granted.
    """

    granted_hundredths: int
    target: str
    reasons: tuple[str, ...] = ()


def as_decided(step: Step, grants: Mapping[bytes, PersonsGrant]) -> Step:
    """Return a judgement by rule as people decided; lots that they said nothing of stay."""
    vote, exchange = step.send, step.exchange
    assert isinstance(vote, Vote), "a judgement is a VOTE"
    lots = tuple(_decided(lot, grants.get(lot.lot_id)) for lot in vote.lots)
    granted = sum(lot.granted_hundredths for lot in lots)
    voted = replace(
        vote,
        lots=lots,
        record=replace(vote.record, granted_hundredths=granted),
        groups=(),
        record_digest=b"",
    )
    judged = _judged(exchange, lots)
    return replace(step, exchange=judged, send=voted, openings=Openings(()), book=None)


def _decided(lot: LotDecision, grant: PersonsGrant | None) -> LotDecision:
    if grant is None or STANDING.intersection(lot.reasons):
        return lot
    is_granted = grant.granted_hundredths > 0
    return replace(
        lot,
        verdict=Verdict.ACCEPT if is_granted else Verdict.REJECT,
        granted_hundredths=grant.granted_hundredths,
        reasons=() if is_granted else grant.reasons,
        entry="",
        target=grant.target if is_granted else "",
    )


def _judged(exchange: Exchange, lots: tuple[LotDecision, ...]) -> Exchange:
    judged = tuple(one.judged(said) for one, said in zip(exchange.lots, lots, strict=True))
    return replace(exchange, lots=judged)
