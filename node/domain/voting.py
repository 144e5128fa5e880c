"""From an offer to the signed VOTE: what was given, the decision on the case, its record.

The case is judged as a whole. Nothing is judged, and no record made, of an offer that is refused
before (an unproven learner, a withdrawn consent); nor of a lot whose facts are not shown.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from federation.base.errors import Breach, Refusal
from federation.base.working_days import beijing_date
from federation.protocol.commitments import DECISION_RECORD, LOT_SECRET, Opening, Openings
from federation.protocol.lots import LotGroup, TargetGrant
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
from node.domain.cap_book import CapBook, UseState
from node.domain.deciding import decide_case
from node.domain.decision_record import (
    ACCEPT,
    Authority,
    DecidedGroup,
    DecidedLot,
    Given,
    GivenLot,
    Record,
    Struck,
)
from node.domain.decision_seals import SALT_SIZE, record_digest, record_document
from node.domain.exchange import Exchange, ExchangeLot
from node.domain.judgement import Judge
from node.domain.lot import facts_of
from node.domain.outcomes import OutcomeFacts
from node.domain.review_case import Track
from node.domain.step import Moment, Step

MOST_REASONS = 16


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


@dataclass(frozen=True, slots=True, kw_only=True)
class Bench:
    """By whom a case is judged, and with what before them.

    Attributes:
        book: what of the learner's credits counts here already.
        track: who decides.
        evidence: SHA-256 of the files seen of each lot.
    """

    judge: Judge
    book: CapBook = field(default_factory=CapBook)
    track: Track = Track.RULE
    evidence: Mapping[bytes, tuple[str, ...]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Sifted:
    """An offer with what cannot come before the judge set aside.

    Attributes:
        aside: the reason for each lot whose facts are not there to be judged.
    """

    given: Given
    aside: Mapping[bytes, str]


def lot_name(province: str, lot_id: bytes) -> str:
    """Return a lot's name in decisions and books."""
    return f"{province}:{lot_id.hex()}"


def claim_of(exchange: Exchange) -> str:
    """Return the name of an exchange's claim; a peer cannot name another peer's."""
    return f"{exchange.peer}:{exchange.exchange_id.hex()}"


def asks_people(
    moment: Moment, exchange: Exchange, prepare: Prepare, shown: Openings, judge: Judge
) -> frozenset[str]:
    """Return the tracks beside ``RULE`` that the rule leaves parts of an offer to."""
    terms = Terms(accept_us=0, appeal_us=0)
    bench = Bench(judge=judge)
    given = _sift(moment, exchange, prepare, shown, bench, terms, until_us=0).given
    if not given.lots:
        return frozenset()
    groups = judge.judge(given.case).groups
    return frozenset(group.track for group in groups) - {Track.RULE.value}


def judge(
    moment: Moment,
    exchange: Exchange,
    prepare: Prepare,
    shown: Openings,
    *,
    refusal: str | None,
    bench: Bench,
    terms: Terms,
) -> Step:
    """Judge an offer with all that supplements it, or refuse it whole for one reason."""
    until_us = moment.now_us + terms.accept_us
    if prepare.mode is Mode.TRANSFER:
        until_us = min(until_us, prepare.lock_until_us)
    if refusal:
        return _voted(
            moment,
            exchange,
            prepare,
            [_rejected(lot, refusal) for lot in prepare.lots],
            bench,
            terms,
            until_us,
        )
    sifted = _sift(moment, exchange, prepare, shown, bench, terms, until_us=until_us)
    if not sifted.given.lots:
        lots = [_rejected(lot, sifted.aside[lot.content.lot_id]) for lot in prepare.lots]
        return _voted(moment, exchange, prepare, lots, bench, terms, until_us)
    record, book = decide_case(
        sifted.given,
        bench.judge,
        _without_promises(bench.book, sifted.given),
        until_us=until_us if prepare.mode is Mode.RECOGNISE else 0,
        claim=claim_of(exchange),
    )
    said = {one.lot: one for one in record.decided.lots}
    groups = {one.group: one for one in record.decided.groups if one.verdict == ACCEPT}
    lots = [
        _decision(exchange, lot, said, groups, sifted.aside.get(lot.content.lot_id))
        for lot in prepare.lots
    ]
    step = _voted(moment, exchange, prepare, lots, bench, terms, until_us)
    return replace(_with_record(moment, step, record), book=book)


def _sift(
    moment: Moment,
    exchange: Exchange,
    prepare: Prepare,
    shown: Openings,
    bench: Bench,
    terms: Terms,
    *,
    until_us: int,
) -> _Sifted:
    aside: dict[bytes, str] = {}
    lots, struck = [], []
    offered_on = beijing_date(prepare.header.signed_time_us).isoformat()
    for lot in prepare.lots:
        lot_id = lot.content.lot_id
        found = _shown(lot, shown)
        if isinstance(found, str):
            aside[lot_id] = found
            continue
        name = lot_name(exchange.peer, lot_id)
        reason = _obstacle(found, terms.kinds, offered_on)
        if reason:
            struck.append(Struck(lot=name, reasons=(reason,)))
        lots.append(
            GivenLot(
                lot=name,
                source=lot.content.unit,
                amount_hundredths=lot.content.amount_hundredths,
                facts=found,
                form=found.form,
                evidence=bench.evidence.get(lot_id, ()),
                is_converted=bool(lot.deposit_origin),
            )
        )
    rule, version, digest = bench.judge.rule
    given = Given(
        exchange=exchange.exchange_id.hex(),
        source=exchange.peer,
        destination=moment.province,
        decided_on=moment.today,
        track=bench.track.value,
        authority=Authority(rule=rule, rule_version=version, rule_digest=digest),
        catalogues=(),
        programme=None,
        wanted=tuple(sorted(prepare.wanted_targets)),
        lots=tuple(lots),
        struck=tuple(struck),
        valid_until_us=until_us,
        appeal_until_us=moment.now_us + terms.appeal_us,
        offered_on=offered_on,
    )
    return _Sifted(given=given, aside=aside)


def _shown(lot: LotOffer, shown: Openings) -> OutcomeFacts | str:
    """Return the facts of a lot, or why there are none."""
    try:
        facts = facts_of(shown, lot.content.lot_id)
    except Breach as breach:
        return breach.reason
    is_open = LOT_SECRET in shown.by_name(lot.content.lot_id)
    return facts if facts is not None and is_open else "FACTS_WITHHELD"


def _obstacle(facts: OutcomeFacts, kinds: tuple[str, ...], offered_on: str) -> str:
    if kinds and facts.kind not in kinds:
        return "AGREEMENT_SCOPE"
    return "CREDIT_EXPIRED" if facts.expires and facts.expires < offered_on else ""


def _without_promises(book: CapBook, given: Given) -> CapBook:
    """Let a new decision on a lot take the place of what was only promised for it before."""
    lots = {lot.lot for lot in given.lots}
    kept = tuple(
        use
        for use in book.uses
        if use.state is UseState.CONSUMED or not use.until_us or use.part.lot not in lots
    )
    return CapBook(kept)


def _decision(
    exchange: Exchange,
    lot: LotOffer,
    said: Mapping[str, DecidedLot],
    groups: Mapping[str, DecidedGroup],
    aside: str | None,
) -> LotDecision:
    if aside:
        return _rejected(lot, aside)
    decided = said[lot_name(exchange.peer, lot.content.lot_id)]
    if decided.verdict != ACCEPT:
        return replace(
            _rejected(lot, ""), reasons=decided.reasons[:MOST_REASONS] or ("NOT_EQUIVALENT",)
        )
    group = groups[decided.group]
    targets = [one.target for one in group.grants]
    return LotDecision(
        lot_id=lot.content.lot_id,
        verdict=Verdict.ACCEPT,
        granted_hundredths=decided.granted_hundredths,
        reasons=(),
        entry=group.entry,
        target=targets[0] if len(targets) == 1 else "",
    )


def _rejected(lot: LotOffer, reason: str) -> LotDecision:
    return LotDecision(
        lot_id=lot.content.lot_id,
        verdict=Verdict.REJECT,
        granted_hundredths=0,
        reasons=(reason,),
        entry="",
        target="",
    )


def _voted(
    moment: Moment,
    exchange: Exchange,
    prepare: Prepare,
    decisions: list[LotDecision],
    bench: Bench,
    terms: Terms,
    until_us: int,
) -> Step:
    last = exchange.hashes.get(MessageType.SUPPLEMENT)
    rule, version, digest = bench.judge.rule
    vote = Vote(
        header=moment.header(exchange, last or exchange.hashes[MessageType.PREPARE]),
        lots=tuple(decisions),
        record=DecisionRecord(
            rule=rule,
            rule_version=version,
            rule_digest=bytes.fromhex(digest),
            decided_on=moment.today,
            offered_hundredths=sum(lot.content.amount_hundredths for lot in prepare.lots),
            granted_hundredths=sum(lot.granted_hundredths for lot in decisions),
            valid_until_us=until_us,
            appeal_until_us=moment.now_us + terms.appeal_us,
        ),
        accept_until_us=until_us,
    )
    judged = tuple(
        ExchangeLot(
            lot_id=lot.content.lot_id, amount_hundredths=lot.content.amount_hundredths
        ).judged(one)
        for lot, one in zip(prepare.lots, decisions, strict=True)
    )
    return Step(exchange=replace(exchange, lots=judged, accept_until_us=until_us), send=vote)


def _with_record(moment: Moment, step: Step, record: Record) -> Step:
    """Return the step with its record beside the VOTE, and what counts together in it."""
    vote = step.send
    assert isinstance(vote, Vote)
    document = record_document(record, moment.entropy.token(SALT_SIZE))
    groups = [one for one in record.decided.groups if one.verdict == ACCEPT]
    is_plain = all(len(one.lots) == len(one.grants) == 1 for one in groups)
    vote = replace(
        vote,
        groups=() if is_plain else tuple(lot_group(one) for one in groups),
        record_digest=bytes.fromhex(record_digest(document)),
    )
    beside = Opening(subject=b"", name=DECISION_RECORD, salt=b"", value=document)
    return replace(step, send=vote, openings=Openings((beside,)))


def lot_group(group: DecidedGroup) -> LotGroup:
    """Return a group of a record as its VOTE states it."""
    return LotGroup(
        entry=group.entry,
        lot_ids=tuple(bytes.fromhex(lot.partition(":")[2]) for lot in group.lots),
        grants=tuple(
            TargetGrant(target=one.target, granted_hundredths=one.hundredths)
            for one in group.grants
        ),
    )


def check_tracks(tracks: frozenset[str]) -> None:
    """Check that one reviewer may decide what a rule leaves to people.

    Raises:
        Refusal: PANEL_NEEDED.
    """
    if Track.PANEL.value in tracks:
        raise Refusal("PANEL_NEEDED")
