"""The destination's side after COMMIT: what follows from a fact that the source states.

The policy ``disposition/1``: what was revoked is reversed; what was frozen is frozen, and free
again when the source says so; what expired after it was credited is kept; a correction upward
changes nothing, a correction downward leaves of the grant the same share, rounded down to a
hundredth. A lot is never split: the old one is taken back and the lower amount issued anew. What
was spent onward cannot be taken back: the learner owes it, people are told, and the notice follows
the lot.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from federation.base.errors import Breach, Kind
from federation.protocol.messages import (
    Disposition,
    Fact,
    LotDisposition,
    LotNotice,
    MessageType,
    Notice,
    Outcome,
)
from node.domain.cases import OpenCase
from node.domain.credit_groups import Credit
from node.domain.exchange import Exchange, ExchangeKey
from node.domain.ledger import (
    ISSUED,
    RETIRED,
    Entry,
    EntryKind,
    Posting,
    learner_account,
    owed_account,
)
from node.domain.lot import Hold, Lot, LotState, make_lot
from node.domain.step import Moment, Step

POLICY = "disposition/1"
SHORTFALL = "SHORTFALL"


@dataclass(frozen=True, slots=True, kw_only=True)
class Brought:
    """What a committed lot is at this moment.

    Attributes:
        lot: the lot here, or the one issued in its place after a correction.
        offered_hundredths: the whole lot at its source.
        granted_hundredths: as voted.
        remaining_hundredths: what it still counts for.
        group: where it counts only with others or as several targets, all that came of the group.
        with_lots: then the lots of the group at their source, this one among them.
    """

    lot: Lot
    offered_hundredths: int
    granted_hundredths: int
    remaining_hundredths: int
    group: tuple[Lot, ...] = ()
    with_lots: tuple[bytes, ...] = ()


@dataclass(slots=True, kw_only=True)
class Followed:
    """What follows from one NOTICE, gathered lot by lot."""

    dispositions: list[LotDisposition] = field(default_factory=list)
    lots_new: list[Lot] = field(default_factory=list)
    lots_moved: list[Lot] = field(default_factory=list)
    postings: list[Posting] = field(default_factory=list)
    cases: list[OpenCase] = field(default_factory=list)
    onward: dict[ExchangeKey, list[LotNotice]] = field(default_factory=dict)
    reversed_lots: set[bytes] = field(default_factory=set)


def brought(
    exchange: Exchange, lots: Sequence[Lot], past: Sequence[Disposition], credits: Sequence[Credit]
) -> dict[bytes, Brought]:
    """Return what each committed lot is now, by its name at the source.

    Args:
        lots: every lot here that the exchange's COMMIT brought, in the order of their deposit: the
            granted ones in its order, then those issued anew.
        past: the dispositions of the exchange so far, in order.
        credits: what the COMMIT credited, in the order of the lots.
    """
    anew = iter(lots[len(credits) :])
    came: dict[bytes, list[Lot]] = {}
    alone: dict[bytes, bool] = {}
    together: dict[bytes, tuple[bytes, ...]] = {}
    for credit, lot in zip(credits, lots, strict=False):
        for lot_id in credit.lot_ids:
            came.setdefault(lot_id, []).append(lot)
            alone[lot_id] = credit.is_alone
            together[lot_id] = credit.lot_ids
    found = {
        one.lot_id: Brought(
            lot=came[one.lot_id][0],
            offered_hundredths=one.amount_hundredths,
            granted_hundredths=one.granted_hundredths,
            remaining_hundredths=one.granted_hundredths,
            group=() if alone[one.lot_id] else tuple(came[one.lot_id]),
            with_lots=() if alone[one.lot_id] else together[one.lot_id],
        )
        for one in exchange.lots
        if one.is_committed and one.lot_id in came
    }
    for disposition in past:
        for said in disposition.lots:
            before = found[said.lot_id]
            if before.group:
                _reversed_whole(found, said)
                continue
            found[said.lot_id] = replace(
                before,
                lot=next(anew) if _is_reissued(said, before) else before.lot,
                remaining_hundredths=said.remaining_hundredths,
            )
    return found


def _reversed_whole(found: dict[bytes, Brought], said: LotDisposition) -> None:
    """Note of a group, where one of its lots was reversed, that all of it was."""
    if said.outcome is Outcome.REVERSED:
        for lot_id in found[said.lot_id].with_lots:
            found[lot_id] = replace(found[lot_id], remaining_hundredths=0)


def on_notice(
    moment: Moment,
    exchange: Exchange,
    notice: Notice,
    known: Mapping[bytes, Brought],
) -> tuple[Step, Mapping[ExchangeKey, Sequence[LotNotice]]]:
    """Answer a NOTICE that was just counted; return also what is to be told onward.

    Raises:
        Breach: LOTS_DIFFER for a lot that the COMMIT did not bring.
    """
    if not {one.lot_id for one in notice.lots} <= known.keys():
        raise Breach("LOTS_DIFFER", kind=Kind.FAILED_PRECONDITION)
    followed = Followed()
    for said in notice.lots:
        if known[said.lot_id].group:
            _follow_group(moment, exchange, said, known[said.lot_id], followed)
            continue
        _follow(moment, exchange, said, known[said.lot_id], followed)
    subject = exchange.hashes[MessageType.NOTICE]
    entry = Entry(
        kind=EntryKind.CORRECTION,
        subject=subject,
        peer=exchange.peer,
        decision=exchange.hashes[MessageType.COMMIT],
        time_us=moment.now_us,
        postings=tuple(followed.postings),
    )
    answer = Disposition(
        header=moment.header(exchange, subject, step=notice.header.step),
        lots=tuple(followed.dispositions),
        policy=POLICY,
    )
    step = Step(
        exchange=exchange,
        send=answer,
        lots_new=tuple(followed.lots_new),
        lots_moved=tuple(followed.lots_moved),
        entries=(entry,) if entry.postings else (),
        cases=tuple(followed.cases),
    )
    return step, followed.onward


def _follow(
    moment: Moment, exchange: Exchange, said: LotNotice, known: Brought, followed: Followed
) -> None:
    remaining = known.remaining_hundredths
    if said.fact in (Fact.REVOKED, Fact.CORRECTED):
        rest = 0
        if said.fact is Fact.CORRECTED:
            rest = known.granted_hundredths * said.amount_hundredths // known.offered_hundredths
        if rest < remaining:
            _reverse(moment, exchange, said, known, rest, followed)
            return
    elif said.fact is not Fact.EXPIRED and remaining:
        hold(said, known.lot, followed)
    outcome = Outcome.FROZEN if said.fact is Fact.FROZEN else Outcome.KEPT
    followed.dispositions.append(
        LotDisposition(
            lot_id=said.lot_id,
            outcome=outcome if remaining else Outcome.REVERSED,
            remaining_hundredths=remaining,
            shortfall_hundredths=0,
        )
    )


def _follow_group(
    moment: Moment, exchange: Exchange, said: LotNotice, known: Brought, followed: Followed
) -> None:
    """What was granted for lots together counts only together: it is held or reversed whole.

    A correction downward is for people: whether the others still suffice no amount says.
    """
    is_gone = not known.remaining_hundredths or bool(
        followed.reversed_lots.intersection(known.with_lots)
    )
    shortfall = 0
    if is_gone:
        outcome = Outcome.REVERSED
    elif said.fact is Fact.REVOKED:
        outcome = Outcome.REVERSED
        for lot in known.group:
            shortfall += take_back(moment, said, lot, followed)
        whole = sum(lot.amount_hundredths for lot in known.group)
        followed.cases.append(case_of(moment, exchange, said, whole))
    else:
        outcome = Outcome.FROZEN if said.fact is Fact.FROZEN else Outcome.KEPT
        if said.fact is Fact.CORRECTED:
            followed.cases.append(case_of(moment, exchange, said, known.granted_hundredths))
        elif said.fact is not Fact.EXPIRED:
            for lot in known.group:
                hold(said, lot, followed)
    if outcome is Outcome.REVERSED:
        followed.reversed_lots.update(known.with_lots)
    followed.dispositions.append(
        LotDisposition(
            lot_id=said.lot_id,
            outcome=outcome,
            remaining_hundredths=0 if outcome is Outcome.REVERSED else known.remaining_hundredths,
            shortfall_hundredths=min(shortfall, known.remaining_hundredths),
        )
    )


def take_back(moment: Moment, said: LotNotice, lot: Lot, followed: Followed) -> int:
    """Take a lot back whole; return what was spent onward and is owed."""
    unit, amount = moment.province, lot.amount_hundredths
    if lot.state is LotState.SPENT:
        owed = owed_account(lot.account)
        followed.postings.append(Posting(debit=owed, credit=RETIRED, unit=unit, hundredths=amount))
        _tell_onward(said, lot, 0, followed)
        return amount
    if lot.hold is not Hold.REVOKED:
        followed.lots_moved.append(replace(lot, hold=Hold.REVOKED))
        learner = learner_account(lot.account)
        followed.postings.append(
            Posting(debit=learner, credit=RETIRED, unit=unit, hundredths=amount)
        )
    return 0


def hold(said: LotNotice, lot: Lot, followed: Followed) -> None:
    """Let a lot be frozen or free as the source says."""
    if lot.state is LotState.SPENT:
        _tell_onward(said, lot, 0, followed)
        return
    wanted = Hold.FROZEN if said.fact is Fact.FROZEN else Hold.NONE
    if lot.hold in (Hold.NONE, Hold.FROZEN) and lot.hold is not wanted:
        followed.lots_moved.append(replace(lot, hold=wanted))


def _reverse(
    moment: Moment,
    exchange: Exchange,
    said: LotNotice,
    known: Brought,
    rest: int,
    followed: Followed,
) -> None:
    lot, shortfall = known.lot, 0
    unit = moment.province
    if lot.state is LotState.SPENT:
        shortfall = known.remaining_hundredths - rest
        owed = owed_account(lot.account)
        followed.postings.append(
            Posting(debit=owed, credit=RETIRED, unit=unit, hundredths=shortfall)
        )
        followed.cases.append(case_of(moment, exchange, said, shortfall))
        _tell_onward(said, lot, rest, followed)
    elif lot.hold is Hold.REVOKED:
        # This office took it back before the source did.
        rest = 0
    else:
        followed.lots_moved.append(replace(lot, hold=Hold.REVOKED))
        learner = learner_account(lot.account)
        followed.postings.append(
            Posting(debit=learner, credit=RETIRED, unit=unit, hundredths=lot.amount_hundredths)
        )
        if rest:
            followed.lots_new.append(_anew(moment, lot, rest))
            followed.postings.append(
                Posting(debit=ISSUED, credit=learner, unit=unit, hundredths=rest)
            )
    followed.dispositions.append(
        LotDisposition(
            lot_id=said.lot_id,
            outcome=Outcome.REVERSED,
            remaining_hundredths=rest,
            shortfall_hundredths=shortfall,
        )
    )


def _anew(moment: Moment, lot: Lot, amount_hundredths: int) -> Lot:
    facts = lot.facts()
    made = make_lot(
        account=lot.account,
        unit=moment.province,
        amount_hundredths=amount_hundredths,
        facts=facts.as_fields() if facts else {},
        entropy=moment.entropy,
        origin=lot.origin,
    )
    return replace(made, hold=lot.hold)


def _tell_onward(said: LotNotice, lot: Lot, rest: int, followed: Followed) -> None:
    fact = Fact.REVOKED if said.fact is Fact.CORRECTED and not rest else said.fact
    told = LotNotice(
        lot_id=lot.lot_id,
        fact=fact,
        amount_hundredths=rest if fact is Fact.CORRECTED else 0,
        reason=said.reason,
    )
    followed.onward.setdefault((lot.peer, lot.exchange_id), []).append(told)


def case_of(moment: Moment, exchange: Exchange, said: LotNotice, shortfall: int) -> OpenCase:
    """Return what people have to look at."""
    return OpenCase(
        kind=SHORTFALL,
        peer=exchange.peer,
        exchange_id=exchange.exchange_id,
        subject=said.lot_id + bytes([exchange.steps_of(MessageType.NOTICE)]),
        hundredths=shortfall,
        opened_us=moment.now_us,
        note=said.reason,
    )


def _is_reissued(said: LotDisposition, before: Brought) -> bool:
    is_less = 0 < said.remaining_hundredths < before.remaining_hundredths
    return is_less and said.outcome is Outcome.REVERSED and not said.shortfall_hundredths
