"""A return: credits that an exchange brought go back to their source, and are there what they were.

The rule is the same everywhere and judges no equivalence: what comes back whole, as it was granted,
counts again as the outcome that it was.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace

from federation.protocol.commitments import LOT_SECRET, Openings
from federation.protocol.messages import (
    DecisionRecord,
    LotDecision,
    LotOffer,
    MessageType,
    Mode,
    Prepare,
    Verdict,
    Vote,
)
from node.domain.exchange import RETURN_RULE, Exchange, ExchangeLot, Role
from node.domain.lot import Hold, Lot
from node.domain.outcomes import OutcomeFacts
from node.domain.step import Moment, Step
from node.domain.voting import Terms

DOCUMENT = json.dumps(
    {
        "rule": RETURN_RULE,
        "version": 1,
        "title_zh": "退回：一次交换转入的学分整批退回来源省，恢复为原学习成果与原学分。",
        "title_en": "Return: a lot that an exchange brought goes back whole to its source and is "
        "there the outcome and the amount that it was.",
    },
    ensure_ascii=False,
    sort_keys=True,
    separators=(",", ":"),
).encode()
DIGEST = hashlib.sha256(DOCUMENT).digest()


@dataclass(frozen=True, slots=True, kw_only=True)
class Original:
    """The exchange that a return cites, as its source has it.

    Attributes:
        exchange: absent where this node knows of none with this peer.
        lots: its committed lots, by name.
        returned: those that came back already, or are about to.
    """

    exchange: Exchange | None
    lots: Mapping[bytes, Lot]
    returned: Collection[bytes]


def judge_return(
    moment: Moment,
    exchange: Exchange,
    prepare: Prepare,
    shown: Openings,
    *,
    original: Original,
    refusal: str | None,
    terms: Terms,
) -> Step:
    """Judge a return: each lot by itself, by what this node once committed."""
    seen: set[bytes] = set()
    decisions = []
    for offer in prepare.lots:
        reason = refusal or _obstacle(offer, shown, original, seen, prepare.mode)
        seen.add(offer.returns)
        decisions.append(_decision(offer, reason, original))
    accept_until_us = min(moment.now_us + terms.accept_us, prepare.lock_until_us)
    vote = Vote(
        header=moment.header(exchange, exchange.hashes[MessageType.PREPARE]),
        lots=tuple(decisions),
        record=DecisionRecord(
            rule=RETURN_RULE,
            rule_version=1,
            rule_digest=DIGEST,
            decided_on=moment.today,
            offered_hundredths=sum(lot.content.amount_hundredths for lot in prepare.lots),
            granted_hundredths=sum(lot.granted_hundredths for lot in decisions),
            valid_until_us=accept_until_us,
            appeal_until_us=moment.now_us + terms.appeal_us,
        ),
        accept_until_us=accept_until_us,
    )
    lots = tuple(
        ExchangeLot(
            lot_id=offer.content.lot_id, amount_hundredths=offer.content.amount_hundredths
        ).judged(said)
        for offer, said in zip(prepare.lots, decisions, strict=True)
    )
    return Step(exchange=replace(exchange, lots=lots, accept_until_us=accept_until_us), send=vote)


def restored(prepare: Prepare, lots: Mapping[bytes, Lot]) -> dict[bytes, OutcomeFacts]:
    """Return what returned lots were, by their names at the peer; erased ones are left out."""
    found = {one.content.lot_id: lots.get(one.returns) for one in prepare.lots}
    facts = {name: lot.facts() for name, lot in found.items() if lot is not None}
    return {name: one for name, one in facts.items() if one is not None}


def names_returned(prepares: Sequence[Prepare], accepted: Collection[bytes]) -> set[bytes]:
    """Return which lots of ours these offers bring back, where they were accepted."""
    return {
        one.returns
        for prepare in prepares
        for one in prepare.lots
        if one.content.lot_id in accepted
    }


def _obstacle(
    offer: LotOffer, shown: Openings, original: Original, seen: set[bytes], mode: Mode
) -> str:
    exchange, lot = original.exchange, original.lots.get(offer.returns)
    if exchange is None or exchange.role is not Role.SOURCE or lot is None:
        return "RETURN_UNKNOWN"
    committed = {one.lot_id: one for one in exchange.lots if one.is_committed}
    of = committed.get(offer.returns)
    is_brought = offer.deposit_origin == exchange.hashes.get(MessageType.COMMIT)
    if of is None or not is_brought or mode is not Mode.TRANSFER:
        return "RETURN_UNKNOWN"
    if offer.returns in seen or offer.returns in original.returned:
        return "RETURNED_ALREADY"
    if offer.content.amount_hundredths != of.granted_hundredths:
        return "RETURN_DIFFERS"
    if LOT_SECRET not in shown.by_name(offer.content.lot_id):
        return "FACTS_WITHHELD"
    return lot.hold.reason if lot.hold is not Hold.NONE else ""


def _decision(offer: LotOffer, reason: str, original: Original) -> LotDecision:
    granted = 0 if reason else original.lots[offer.returns].amount_hundredths
    return LotDecision(
        lot_id=offer.content.lot_id,
        verdict=Verdict.REJECT if reason else Verdict.ACCEPT,
        granted_hundredths=granted,
        reasons=(reason,) if reason else (),
        entry="",
        target="",
    )
