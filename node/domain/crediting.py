"""The end of an exchange at its destination: credit what a COMMIT brings, release on an ABORT."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from types import MappingProxyType

from federation.base.errors import Breach
from federation.protocol.commitments import (
    LOT_SECRET,
    Openings,
    nullifier,
)
from federation.protocol.lots import CommittedLot
from federation.protocol.messages import Commit, Ending, MessageType, Receipt, Verdict, Vote
from node.domain.credit_groups import credits_of, facts_credited
from node.domain.exchange import Exchange, ExchangeLot
from node.domain.ledger import inbound_entry, suspended
from node.domain.lot import Lot, make_lot
from node.domain.outcomes import OutcomeFacts
from node.domain.step import Moment, Step


def on_commit(
    moment: Moment,
    exchange: Exchange,
    commit: Commit,
    *,
    shown: Openings,
    vote: Vote,
    is_double: bool,
    restored: Mapping[bytes, OutcomeFacts] = MappingProxyType({}),
) -> Step:
    """Credit a COMMIT that was just counted: take in, retire at source value, issue anew.

    Args:
        shown: the openings of the PREPARE.
        vote: ours, by which the lots count.
        is_double: whether a lot of this COMMIT was credited here before.
        restored: in a return, what the lots were before they left.

    Raises:
        Breach: COMMIT_TOO_LATE, COMMIT_MISMATCH or DOUBLE_GRANT.
    """
    _check_commit(exchange, commit, shown, is_double=is_double)
    committed = {lot.lot_id: lot for lot in commit.lots}
    origin = exchange.hashes[MessageType.COMMIT]
    lots_new = tuple(
        credited_lot(
            moment,
            exchange,
            facts_credited(one, shown, restored),
            one.granted_hundredths,
            origin,
        )
        for one in credits_of(vote, commit.lots)
        # Promised before a backup to a learner whom the restored store does not know.
        if exchange.account
    )
    taken = [(lot.amount_hundredths, lot.granted_hundredths) for lot in commit.lots]
    entry = inbound_entry(
        account=exchange.account,
        peer=exchange.peer,
        own_unit=moment.province,
        amounts=taken,
        exchange_id=exchange.exchange_id,
        decision=exchange.hashes[MessageType.VOTE],
        time_us=moment.now_us,
    )
    entry = entry if exchange.account else suspended(entry)
    receipt = Receipt(
        header=moment.header(exchange, origin),
        ending=Ending.CREDITED,
        inbound_hundredths=sum(amount for amount, _ in taken),
        granted_hundredths=sum(granted for _, granted in taken),
    )
    return Step(
        exchange=replace(exchange, lots=_booked(exchange, committed)),
        send=receipt,
        lots_new=lots_new,
        entries=(entry,),
    )


def on_abort(moment: Moment, exchange: Exchange, reasons: tuple[str, ...]) -> Step:
    """Release what was promised, and say so."""
    receipt = Receipt(
        header=moment.header(exchange, exchange.hashes[MessageType.ABORT]),
        ending=Ending.RELEASED,
        inbound_hundredths=0,
        granted_hundredths=0,
    )
    return Step(exchange=replace(exchange, reasons=reasons), send=receipt)


def _check_commit(exchange: Exchange, commit: Commit, shown: Openings, *, is_double: bool) -> None:
    if commit.header.signed_time_us > exchange.accept_until_us:
        raise Breach("COMMIT_TOO_LATE")
    promised = [
        (lot.lot_id, lot.amount_hundredths, lot.granted_hundredths)
        for lot in exchange.lots
        if lot.verdict is Verdict.ACCEPT
    ]
    said = [(lot.lot_id, lot.amount_hundredths, lot.granted_hundredths) for lot in commit.lots]
    if promised != said:
        raise Breach("COMMIT_MISMATCH")
    if is_double:
        raise Breach("DOUBLE_GRANT")
    for lot in commit.lots:
        secret = shown.by_name(lot.lot_id).get(LOT_SECRET)
        if secret is None or nullifier(secret.value) != lot.nullifier:
            raise Breach("COMMIT_MISMATCH", detail="nullifier")


def _booked(exchange: Exchange, committed: Mapping[bytes, CommittedLot]) -> tuple[ExchangeLot, ...]:
    return tuple(
        replace(lot, is_committed=True, nullifier=committed[lot.lot_id].nullifier)
        if lot.lot_id in committed
        else lot
        for lot in exchange.lots
    )


def credited_lot(
    moment: Moment,
    exchange: Exchange,
    facts: OutcomeFacts,
    granted_hundredths: int,
    origin: bytes,
) -> Lot:
    """Return the lot that a granted lot becomes here; ``origin`` is the hash of the COMMIT."""
    return make_lot(
        account=exchange.account,
        unit=moment.province,
        amount_hundredths=granted_hundredths,
        facts=facts.as_fields(),
        entropy=moment.entropy,
        origin=origin,
    )
