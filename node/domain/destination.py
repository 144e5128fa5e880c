"""The destination's side: it judges, promises, and credits only on a signed COMMIT.

It never times an acceptance out alone; a COMMIT counts by the time it was signed, however late it
arrives.
"""

from __future__ import annotations

import hmac
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from federation.protocol.commitments import (
    SALT_SIZE,
    TRANSFER_CODE,
    Opening,
    Openings,
    commitment_to,
    identity_commitment,
)
from federation.protocol.lots import WantedLot
from federation.protocol.messages import Consent, Mode, Prepare, Request
from node.domain import voting
from node.domain.exchange import Exchange, ExchangeLot
from node.domain.learner import Learner, TransferCode
from node.domain.step import Moment, Step
from node.domain.voting import Bench, Terms


@dataclass(frozen=True, slots=True, kw_only=True)
class Claimant:
    """Whom an offer is for, as far as this node can prove it.

    Attributes:
        learner: the account that the transfer code belongs to, or None.
        code: the transfer code as shown or as this node sent it, or empty.
        issued: the code as issued here, where the learner applied at the source.
        document_number: of the learner's document, opened for this comparison.
        targets: what the learner asked for by our REQUEST, or None where they applied there.
        asks_person: whether they asked by it for a person to decide.
    """

    learner: Learner | None
    code: bytes
    issued: TransferCode | None
    document_number: str
    targets: tuple[str, ...] | None = None
    asks_person: bool = False


def ask(
    moment: Moment,
    exchange: Exchange,
    *,
    wanted: Sequence[WantedLot],
    learner: Learner,
    document_number: str,
    code: bytes,
    consent: Consent,
    targets: tuple[str, ...] = (),
    asks_person: bool = False,
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
        wanted_targets=targets,
        asks_person=asks_person,
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
    bench: Bench,
    terms: Terms,
) -> Step:
    """Judge an offer by the published rule and answer with a signed VOTE."""
    unproven = _unproven(moment, exchange, prepare, claimant)
    known = exchange if unproven else _claimed(exchange, claimant)
    is_cited = bool(prepare.cites) and bench.promise is None
    refusal = unproven or ("AGREEMENT_CAP" if terms.is_over_cap else None)
    refusal = refusal or ("PROMISE_UNKNOWN" if is_cited else None)
    step = voting.judge(moment, known, prepare, shown, refusal=refusal, bench=bench, terms=terms)
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


def on_appeal(
    moment: Moment,
    exchange: Exchange,
    prepare: Prepare,
    shown: Openings,
    *,
    claimant: Claimant,
    obstacle: str,
    bench: Bench,
    terms: Terms,
) -> Step:
    """Keep an appeal for other people to judge, or say at once why it is not heard."""
    cited = replace(exchange, relates_to=prepare.relates_to)
    held = hold(moment, cited, prepare, claimant=claimant)
    if held is not None and not obstacle and not terms.is_over_cap:
        return held
    refusal = _unproven(moment, cited, prepare, claimant)
    known = cited if refusal else _claimed(cited, claimant)
    refusal = refusal or obstacle or "AGREEMENT_CAP"
    # What is not heard uses nothing up: the learner may still appeal in the right way.
    return voting.judge(moment, known, prepare, shown, refusal=refusal, bench=bench, terms=terms)


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
    is_same = claimant.targets is None or claimant.targets == prepare.wanted_targets
    if asked and (asked != offered or not is_same):
        return "NOT_AS_ASKED"
    return None
