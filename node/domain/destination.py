"""The destination's side: it judges, promises, and credits only on a signed COMMIT.

It never times an acceptance out alone; a COMMIT counts by the time it was signed, however late it
arrives.
"""

from __future__ import annotations

import hmac
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from federation.base.errors import Breach
from federation.base.working_days import beijing_date
from federation.protocol.commitments import (
    LOT_SECRET,
    SALT_SIZE,
    TRANSFER_CODE,
    Opening,
    Openings,
    commitment_to,
    identity_commitment,
)
from federation.protocol.messages import (
    Consent,
    DecisionRecord,
    LotDecision,
    LotOffer,
    MessageType,
    Mode,
    Prepare,
    Request,
    Verdict,
    Vote,
    WantedLot,
)
from node.domain.exchange import Exchange, ExchangeLot
from node.domain.learner import Learner, TransferCode
from node.domain.lot import facts_of
from node.domain.rules import Rule, decide
from node.domain.step import Moment, Step


@dataclass(frozen=True, slots=True, kw_only=True)
class Claimant:
    """Whom an offer is for, as far as this node can prove it.

    Attributes:
        learner: the account that the transfer code belongs to, or None.
        code: the transfer code as shown or as this node sent it, or empty.
        issued: the code as issued here, where the learner applied at the source.
        document_number: of the learner's document, opened for this comparison.
    """

    learner: Learner | None
    code: bytes
    issued: TransferCode | None
    document_number: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """How long this node's word stands, in microseconds from now, and what it may speak of.

    Attributes:
        kinds: kinds of outcome that the agreement covers; empty for every kind.
        is_over_cap: whether the offer is over what the learner may move in a year.
    """

    accept_us: int
    appeal_us: int
    kinds: tuple[str, ...] = ()
    is_over_cap: bool = False


def ask(
    moment: Moment,
    exchange: Exchange,
    *,
    wanted: Sequence[WantedLot],
    learner: Learner,
    document_number: str,
    code: bytes,
    consent: Consent,
) -> Step:
    """Ask the source for an offer, proving its transfer code."""
    shown = Opening(
        subject=b"", name=TRANSFER_CODE, salt=moment.entropy.token(SALT_SIZE), value=code
    )
    request = Request(
        header=moment.header(exchange, b""),
        lots=tuple(wanted),
        consent=consent,
        code_commitment=commitment_to(shown).digest,
        identity_commitment=identity_commitment(code, learner.document_type, document_number),
        mode=exchange.mode,
    )
    lots = tuple(
        ExchangeLot(lot_id=one.lot_id, amount_hundredths=one.amount_hundredths) for one in wanted
    )
    return Step(
        exchange=replace(exchange, account=learner.account, lots=lots),
        send=request,
        openings=Openings((shown,)),
    )


def on_prepare(
    moment: Moment,
    exchange: Exchange,
    prepare: Prepare,
    shown: Openings,
    *,
    claimant: Claimant,
    rule: Rule,
    terms: Terms,
) -> Step:
    """Judge an offer by the published rule and answer with a signed VOTE."""
    unproven = _unproven(moment, exchange, prepare, claimant)
    known = exchange if unproven else _claimed(exchange, claimant)
    refusal = unproven or ("AGREEMENT_CAP" if terms.is_over_cap else None)
    step = judge(moment, known, prepare, shown, refusal=refusal, rule=rule, terms=terms)
    return step if unproven else replace(step, code_used=_used(exchange, claimant))


def on_return(
    moment: Moment,
    exchange: Exchange,
    prepare: Prepare,
    *,
    claimant: Claimant,
    judged: Callable[[Exchange, str | None], Step],
) -> Step:
    """Judge a return, which proves the learner like any offer."""
    unproven = _unproven(moment, exchange, prepare, claimant)
    cited = replace(exchange, relates_to=prepare.relates_to)
    if unproven:
        return judged(cited, unproven)
    return replace(judged(_claimed(cited, claimant), None), code_used=_used(exchange, claimant))


def hold(
    moment: Moment, exchange: Exchange, prepare: Prepare, *, claimant: Claimant
) -> Step | None:
    """Keep an offer for a person to judge; None where it is not proven to be for anyone here."""
    if _unproven(moment, exchange, prepare, claimant):
        return None
    lots = tuple(
        ExchangeLot(lot_id=lot.content.lot_id, amount_hundredths=lot.content.amount_hundredths)
        for lot in prepare.lots
    )
    held = replace(
        _claimed(exchange, claimant),
        lots=lots,
        lock_until_us=prepare.lock_until_us if prepare.mode is Mode.TRANSFER else 0,
    )
    return Step(exchange=held, code_used=_used(exchange, claimant))


def judge(
    moment: Moment,
    exchange: Exchange,
    prepare: Prepare,
    shown: Openings,
    *,
    refusal: str | None,
    rule: Rule,
    terms: Terms,
) -> Step:
    """Judge an offer with all that supplements it, by a rule or by one refusal of it whole."""
    decisions = tuple(
        _rejected(lot, refusal)
        if refusal
        else _decide(moment, prepare, lot, shown, rule, terms.kinds)
        for lot in prepare.lots
    )
    last = exchange.hashes.get(MessageType.SUPPLEMENT)
    accept_until_us = moment.now_us + terms.accept_us
    if prepare.mode is Mode.TRANSFER:
        accept_until_us = min(accept_until_us, prepare.lock_until_us)
    vote = Vote(
        header=moment.header(exchange, last or exchange.hashes[MessageType.PREPARE]),
        lots=decisions,
        record=DecisionRecord(
            rule=rule.name,
            rule_version=rule.version,
            rule_digest=bytes.fromhex(rule.digest),
            decided_on=moment.today,
            offered_hundredths=sum(lot.content.amount_hundredths for lot in prepare.lots),
            granted_hundredths=sum(lot.granted_hundredths for lot in decisions),
            valid_until_us=accept_until_us,
            appeal_until_us=moment.now_us + terms.appeal_us,
        ),
        accept_until_us=accept_until_us,
    )
    judged = tuple(
        ExchangeLot(
            lot_id=lot.content.lot_id, amount_hundredths=lot.content.amount_hundredths
        ).judged(said)
        for lot, said in zip(prepare.lots, decisions, strict=True)
    )
    return Step(exchange=replace(exchange, lots=judged, accept_until_us=accept_until_us), send=vote)


def _claimed(exchange: Exchange, claimant: Claimant) -> Exchange:
    learner = claimant.learner
    return replace(exchange, account=learner.account) if learner else exchange


def _used(exchange: Exchange, claimant: Claimant) -> TransferCode | None:
    issued = claimant.issued
    return replace(issued, used_by=exchange.exchange_id) if issued else None


def _unproven(
    moment: Moment, exchange: Exchange, prepare: Prepare, claimant: Claimant
) -> str | None:
    """Return why the offer is not proven to be for an account here, or None."""
    learner = claimant.learner
    if learner is None or not claimant.code:
        return "TRANSFER_CODE"
    if claimant.issued is not None and not claimant.issued.may_serve(
        peer=exchange.peer, exchange_id=exchange.exchange_id, now_us=moment.now_us
    ):
        return "TRANSFER_CODE"
    if learner.is_erased:
        return "ACCOUNT_ERASED"
    expected = identity_commitment(claimant.code, learner.document_type, claimant.document_number)
    if not hmac.compare_digest(expected, prepare.identity_commitment):
        return "IDENTITY_DIFFERS"
    asked = {(lot.lot_id, lot.amount_hundredths) for lot in exchange.lots}
    offered = {(lot.content.lot_id, lot.content.amount_hundredths) for lot in prepare.lots}
    if asked and asked != offered:
        return "NOT_AS_ASKED"
    return None


def _rejected(lot: LotOffer, reason: str) -> LotDecision:
    return LotDecision(
        lot_id=lot.content.lot_id,
        verdict=Verdict.REJECT,
        granted_hundredths=0,
        reasons=(reason,),
        entry="",
        target="",
    )


def _decide(
    moment: Moment,
    prepare: Prepare,
    lot: LotOffer,
    shown: Openings,
    rule: Rule,
    kinds: tuple[str, ...],
) -> LotDecision:
    content = lot.content
    opened = shown.by_name(content.lot_id)
    try:
        facts = facts_of(shown, content.lot_id)
        if facts is None or LOT_SECRET not in opened:
            return _rejected(lot, "FACTS_WITHHELD")
        if kinds and facts.kind not in kinds:
            return _rejected(lot, "AGREEMENT_SCOPE")
        offered_on = beijing_date(prepare.header.signed_time_us).isoformat()
        if facts.expires and facts.expires < offered_on:
            return _rejected(lot, "CREDIT_EXPIRED")
        # Validity is judged by the day of the offer, however long the judgement takes.
        judgement = decide(
            rule,
            source=content.unit,
            facts=replace(facts, expires=""),
            amount_hundredths=content.amount_hundredths,
            on=moment.today,
        )
    except Breach as breach:
        return _rejected(lot, breach.reason)
    return LotDecision(
        lot_id=content.lot_id,
        verdict=Verdict.ACCEPT if judgement.granted_hundredths else Verdict.REJECT,
        granted_hundredths=judgement.granted_hundredths,
        reasons=judgement.reasons,
        entry=judgement.entry_id or "",
        target=judgement.target or "",
    )
