"""From an offer to the signed VOTE: what was given, the decision on the case, its record.

The case is judged as a whole. Nothing is judged, and no record made, of an offer that is refused
before (an unproven learner, a withdrawn consent); nor of a lot whose facts are not shown.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from federation.base.errors import Breach
from federation.base.working_days import beijing_date
from federation.protocol.commitments import (
    DECISION_MINUTE,
    DECISION_RECORD,
    LOT_SECRET,
    Opening,
    Openings,
)
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
from node.domain import appeals
from node.domain.appeals import NOT_APPEALED, Appealed
from node.domain.cap_book import CapBook
from node.domain.caps import Programme
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
from node.domain.finding import Finding, deciders
from node.domain.judgement import Case, Judge, Judgement
from node.domain.lot import facts_of
from node.domain.outcomes import OutcomeFacts
from node.domain.panel import Minute
from node.domain.promises import as_promised, decide_anew
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
        programme: what the learner studies for here, or None.
        track: who decides.
        evidence: SHA-256 of the files seen of each lot.
        resolved: the minute or finding of the people who decided, or None.
        appealed: the decision under appeal, if one is.
        promise: what was given to the recognition that the offer takes up, or None; ``judge`` is
            then the one that it names.
    """

    judge: Judge
    book: CapBook = field(default_factory=CapBook)
    programme: Programme | None = None
    track: Track = Track.RULE
    evidence: Mapping[bytes, tuple[str, ...]] = field(default_factory=dict)
    promise: Given | None = None
    resolved: Minute | Finding | None = None
    appealed: Appealed = NOT_APPEALED

    @property
    def authority(self) -> Authority:
        """By what it is judged, as its record names it."""
        rule, version, digest = self.judge.rule
        named = self.resolved
        return Authority(
            rule=rule,
            rule_version=version,
            rule_digest=digest,
            minute=named.digest if named else "",
            reviewers=deciders(named) if named else (),
        )


@dataclass(frozen=True, slots=True)
class Foreseen:
    """A case as it comes before people, with what the rule says of it."""

    case: Case
    judgement: Judgement

    @property
    def tracks(self) -> frozenset[str]:
        """The tracks beside ``RULE`` that the rule leaves parts of it to."""
        return frozenset(group.track for group in self.judgement.groups) - {Track.RULE.value}


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


def foresee(
    moment: Moment, exchange: Exchange, prepare: Prepare, shown: Openings, bench: Bench
) -> Foreseen:
    """Return what a judge says of an offer, before anybody decides and whatever the caps."""
    terms = Terms(accept_us=0, appeal_us=0)
    case = _sift(moment, exchange, prepare, shown, bench, terms, until_us=0).given.case
    return Foreseen(case, bench.judge.judge(case) if case.lots else Judgement(groups=()))


def asks_people(
    moment: Moment, exchange: Exchange, prepare: Prepare, shown: Openings, judge: Judge
) -> frozenset[str]:
    """Return the tracks beside ``RULE`` that the rule leaves parts of an offer to."""
    return foresee(moment, exchange, prepare, shown, Bench(judge=judge)).tracks


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
    claim, under_appeal = claim_of(exchange), bench.appealed.claim
    if under_appeal:
        record, book = decide_case(
            sifted.given, bench.judge, bench.book, appeals=under_appeal, claim=claim
        )
    else:
        promised_us = until_us if prepare.mode is Mode.RECOGNISE else 0
        record, book = decide_anew(
            sifted.given, bench.judge, bench.book, until_us=promised_us, claim=claim
        )
    said = {one.lot: one for one in record.decided.lots}
    every = appeals.totals(record)
    groups = {one.group: one for one in record.decided.groups if one.verdict == ACCEPT}
    lots = [
        _decision(exchange, lot, said, groups, every, sifted.aside.get(lot.content.lot_id))
        for lot in prepare.lots
    ]
    step = _voted(moment, exchange, prepare, lots, bench, terms, until_us)
    step = replace(step, book=appeals.raised(book, claim) if under_appeal else book)
    return _with_record(moment, step, record, bench)


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
    of_offer = beijing_date(prepare.header.signed_time_us).isoformat()
    offered_on = bench.appealed.offered_on or of_offer
    for lot in prepare.lots:
        lot_id = lot.content.lot_id
        found = _shown(lot, shown)
        if isinstance(found, str):
            aside[lot_id] = found
            continue
        name = lot_name(exchange.peer, lot_id)
        gone = bench.appealed.gone.get(lot_id, "")
        reason = gone or _obstacle(found, terms.kinds, offered_on)
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
    given = Given(
        exchange=exchange.exchange_id.hex(),
        source=exchange.peer,
        destination=moment.province,
        decided_on=moment.today,
        track=bench.track.value,
        authority=bench.authority,
        catalogues=(),
        programme=bench.programme,
        wanted=tuple(sorted(prepare.wanted_targets)),
        lots=tuple(lots),
        struck=tuple(struck),
        valid_until_us=until_us,
        appeal_until_us=moment.now_us + terms.appeal_us,
        relates_to=bench.appealed.exchange,
        offered_on=offered_on,
    )
    if bench.promise is not None:
        given = as_promised(given, bench.promise)
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


def _decision(
    exchange: Exchange,
    lot: LotOffer,
    said: Mapping[str, DecidedLot],
    groups: Mapping[str, DecidedGroup],
    every: Mapping[str, Mapping[str, int]],
    aside: str | None,
) -> LotDecision:
    if aside:
        return _rejected(lot, aside)
    decided = said[lot_name(exchange.peer, lot.content.lot_id)]
    if decided.verdict != ACCEPT:
        return replace(
            _rejected(lot, ""), reasons=decided.reasons[:MOST_REASONS] or ("NOT_EQUIVALENT",)
        )
    # What an earlier decision granted stands also where this one grants nothing.
    group = groups.get(decided.group)
    targets = sorted(every[decided.lot])
    return LotDecision(
        lot_id=lot.content.lot_id,
        verdict=Verdict.ACCEPT,
        granted_hundredths=decided.granted_hundredths,
        reasons=(),
        entry=group.entry if group else "",
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
            decided_on=bench.promise.decided_on if bench.promise else moment.today,
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


def _with_record(moment: Moment, step: Step, record: Record, bench: Bench) -> Step:
    """Return the step with record and minute beside its VOTE, and what counts together in it."""
    vote = step.send
    assert isinstance(vote, Vote)
    document = record_document(record, moment.entropy.token(SALT_SIZE))
    groups = [one for one in record.decided.groups if one.verdict == ACCEPT]
    is_plain = all(len(one.lots) == len(one.grants) == 1 for one in groups)
    stated = () if is_plain else tuple(lot_group(one) for one in groups)
    if bench.appealed.claim:
        stated = appeals.groups_of(record)
    vote = replace(vote, groups=stated, record_digest=bytes.fromhex(record_digest(document)))
    beside = [Opening(subject=b"", name=DECISION_RECORD, salt=b"", value=document)]
    if bench.resolved is not None:
        resolved = bench.resolved.document()
        beside.insert(0, Opening(subject=b"", name=DECISION_MINUTE, salt=b"", value=resolved))
    return replace(step, send=vote, openings=Openings(tuple(beside)))


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
