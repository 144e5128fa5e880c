"""What messages that were already exchanged did to a side that has forgotten them.

Nothing is decided here: the signed messages say what was. Each function takes an exchange as it is
after the message was counted by the table, and returns it with what else followed. What the store
no longer knows, a lot or a learner, is booked against the suspense account and listed for people.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from federation.base.errors import Breach
from federation.protocol.commitments import LOT_SECRET, Opening, Openings
from federation.protocol.messages import (
    Abort,
    Commit,
    LotOffer,
    Mode,
    Prepare,
    Request,
    Vote,
)
from node.domain.exchange import Exchange, ExchangeLot
from node.domain.ledger import (
    UNFOUND,
    Entry,
    EntryKind,
    Posting,
    inbound_entry,
    learner_account,
    outbound_account,
    suspended,
)
from node.domain.lot import Lot, LotState


@dataclass(frozen=True, slots=True, kw_only=True)
class Replayed:
    """What followed from a message.

    Attributes:
        lots_moved: lots as they shall be.
        unfound: amounts by lot that the store knows no lot or learner for.
    """

    exchange: Exchange
    lots_moved: tuple[Lot, ...] = ()
    lots_new: tuple[Lot, ...] = ()
    entries: tuple[Entry, ...] = ()
    unfound: Mapping[bytes, int] | None = None


def requested(exchange: Exchange, request: Request, account: str) -> Replayed:
    """Return what we asked for, or were asked for, by REQUEST."""
    lots = tuple(
        ExchangeLot(lot_id=one.lot_id, amount_hundredths=one.amount_hundredths)
        for one in request.lots
    )
    return Replayed(exchange=replace(exchange, account=account, lots=lots))


def offered(exchange: Exchange, prepare: Prepare, lots: Mapping[bytes, Lot]) -> Replayed:
    """Return what our PREPARE offered and locked."""
    known = [lots[one.content.lot_id] for one in prepare.lots if one.content.lot_id in lots]
    is_transfer = exchange.mode is Mode.TRANSFER
    if is_transfer and any(lot.state is LotState.SPENT for lot in known):
        raise Breach("LOT_SPENT")
    missing = {
        one.content.lot_id: one.content.amount_hundredths
        for one in prepare.lots
        if one.content.lot_id not in lots
    }
    agrees = prepare.consent is not None and prepare.consent.agrees_to_whole_grant
    return Replayed(
        exchange=replace(
            exchange,
            account=known[0].account if known else exchange.account,
            lots=offered_lots(prepare),
            lock_until_us=prepare.lock_until_us if is_transfer else 0,
            agrees_to_whole_grant=agrees,
        ),
        lots_moved=tuple(
            replace(
                lot, state=LotState.LOCKED, peer=exchange.peer, exchange_id=exchange.exchange_id
            )
            for lot in known
            if is_transfer
        ),
        unfound=missing,
    )


def offered_lots(prepare: Prepare) -> tuple[ExchangeLot, ...]:
    """Return the lots of an offer, not yet judged."""
    return tuple(
        ExchangeLot(lot_id=one.content.lot_id, amount_hundredths=one.content.amount_hundredths)
        for one in prepare.lots
    )


def voted(exchange: Exchange, vote: Vote) -> Replayed:
    """Return what a VOTE, ours or the peer's, says of the lots."""
    if [lot.lot_id for lot in vote.lots] != [lot.lot_id for lot in exchange.lots]:
        raise Breach("VOTE_MISMATCH")
    judged = tuple(lot.judged(said) for lot, said in zip(exchange.lots, vote.lots, strict=True))
    return Replayed(exchange=replace(exchange, lots=judged, accept_until_us=vote.accept_until_us))


def committed(
    exchange: Exchange, commit: Commit, lots: Mapping[bytes, Lot], *, unit: str
) -> Replayed:
    """Return what our COMMIT debited and released."""
    marks = {one.lot_id: one for one in commit.lots}
    moved: list[Lot] = []
    for one in exchange.lots:
        lot = lots.get(one.lot_id)
        if lot is None:
            continue
        holder = (lot.peer, lot.exchange_id)
        if one.lot_id in marks and (lot.state is not LotState.LOCKED or holder != exchange.key):
            raise Breach("LOT_SPENT", detail="taken by another exchange")
        if holder == exchange.key:
            moved.append(
                replace(lot, state=LotState.SPENT) if one.lot_id in marks else released(lot)
            )
    postings = tuple(
        Posting(
            debit=learner_account(lots[one.lot_id].account) if one.lot_id in lots else UNFOUND,
            credit=outbound_account(exchange.peer),
            unit=unit,
            hundredths=one.amount_hundredths,
        )
        for one in commit.lots
    )
    entry = Entry(
        kind=EntryKind.OUTBOUND,
        subject=exchange.exchange_id,
        peer=exchange.peer,
        decision=b"",
        time_us=commit.header.signed_time_us,
        postings=postings,
    )
    return Replayed(
        exchange=replace(exchange, lots=_marked(exchange, commit)),
        lots_moved=tuple(moved),
        entries=(entry,),
    )


def aborted(exchange: Exchange, abort: Abort, lots: Mapping[bytes, Lot]) -> Replayed:
    """Return what an ABORT, ours or the peer's, released."""
    held = [lots[one.lot_id] for one in exchange.lots if one.lot_id in lots]
    return Replayed(
        exchange=replace(exchange, reasons=abort.reasons),
        lots_moved=tuple(
            released(lot) for lot in held if (lot.peer, lot.exchange_id) == exchange.key
        ),
    )


def credited(
    exchange: Exchange, commit: Commit, lots: Sequence[Lot], *, unit: str, decision: bytes
) -> Replayed:
    """Return what a COMMIT that we had answered credited.

    Args:
        lots: what came of it, as rebuilt or made anew; none where the learner is not known.
    """
    entry = inbound_entry(
        account=exchange.account,
        peer=exchange.peer,
        own_unit=unit,
        amounts=[(one.amount_hundredths, one.granted_hundredths) for one in commit.lots],
        exchange_id=exchange.exchange_id,
        decision=decision,
        time_us=commit.header.signed_time_us,
    )
    missing = None
    if not lots:
        missing = {one.lot_id: one.granted_hundredths for one in commit.lots}
        entry = suspended(entry)
    return Replayed(
        exchange=replace(exchange, lots=_marked(exchange, commit)),
        lots_new=tuple(lots),
        entries=(entry,),
        unfound=missing,
    )


def rebuilt(offer: LotOffer, shown: Openings, account: str) -> Lot | None:
    """Return a lot exactly as we once offered it, or None where its secret came not back."""
    content = offer.content
    opened = shown.by_name(content.lot_id)
    secret = opened.get(LOT_SECRET)
    if secret is None:
        return None
    openings = tuple(
        Opening(subject=b"", name=one.name, salt=one.salt, value=one.value)
        for name, one in opened.items()
        if name != LOT_SECRET
    )
    return Lot(
        account=account,
        state=LotState.AVAILABLE,
        content=content,
        secret=secret.value,
        openings=Openings(openings),
        commitment=offer.deposit_commitment,
        origin=offer.deposit_origin,
    )


def released(lot: Lot) -> Lot:
    """Return a lot that no exchange holds."""
    return replace(lot, state=LotState.AVAILABLE, peer="", exchange_id=b"")


def _marked(exchange: Exchange, commit: Commit) -> tuple[ExchangeLot, ...]:
    marks = {one.lot_id: one for one in commit.lots}
    promised = [lot.lot_id for lot in exchange.lots if lot.granted_hundredths]
    if promised != list(marks):
        raise Breach("COMMIT_MISMATCH")
    return tuple(
        replace(lot, is_committed=True, nullifier=marks[lot.lot_id].nullifier)
        if lot.lot_id in marks
        else lot
        for lot in exchange.lots
    )
