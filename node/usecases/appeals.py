"""Appeals, within a transaction: what is under appeal, on either side, and what a decision adds."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from federation.base.errors import Breach, Refusal, Unavailable
from federation.base.working_days import beijing_date
from federation.protocol.commitments import Openings
from federation.protocol.grouping import record_in
from federation.protocol.lots import WantedLot
from federation.protocol.messages import MessageType, Mode, Prepare, State, Vote
from federation.signing.dsse import message_hash
from federation.wire import codec
from node.domain import appeals
from node.domain.appeals import NOT_APPEALED, Appealed, Cited
from node.domain.cap_book import CapBook, UseState
from node.domain.decision_seals import read_record
from node.domain.exchange import Exchange, Role
from node.domain.lot import Hold
from node.domain.step import Moment, Step
from node.domain.voting import lot_name
from node.usecases.follow_ups import brought_here
from node.usecases.ports import Reading, StoredMessage, Transaction
from node.usecases.workspace import Workspace


def cited_by(reading: Reading, exchange: Exchange, relates_to: bytes) -> Cited:
    """Return what this side has of the exchange that an appeal cites."""
    key = (exchange.peer, relates_to)
    found = reading.exchanges([key]).get(key)
    if found is None or found.role is not exchange.role:
        return Cited(exchange=None)
    others = [
        one
        for one in reading.relating(exchange.peer, relates_to)
        if one.exchange_id != exchange.exchange_id and one.role is exchange.role
    ]
    stored = _stored(reading, [found, *others])
    vote, prepare = (_said(stored, found, kind) for kind in (MessageType.VOTE, MessageType.PREPARE))
    heard = {
        lot.lot_id
        for one in others
        if _is_heard(one, _said(stored, one, MessageType.VOTE))
        for lot in one.lots
    }
    return Cited(
        exchange=found,
        vote=vote if isinstance(vote, Vote) else None,
        prepare=prepare if isinstance(prepare, Prepare) else None,
        heard=heard,
    )


def check_settled(cited: Cited) -> None:
    """See that what ends the exchange under appeal has come before the appeal.

    Raises:
        Unavailable: RETRY while its COMMIT or ABORT is on its way.
    """
    if cited.exchange is not None and cited.exchange.state is State.ACCEPTED:
        raise Unavailable("RETRY", retry_after_ms=5_000)


def under_appeal(
    tx: Reading, workspace: Workspace, exchange: Exchange, prepare: Prepare, book: CapBook
) -> Appealed:
    """Return what the judge of an appeal must know of the decision before."""
    if not exchange.relates_to:
        return NOT_APPEALED
    cited = cited_by(tx, exchange, exchange.relates_to)
    lots = [lot.content.lot_id for lot in prepare.lots]
    name = exchange.relates_to.hex()
    if cited.exchange is None or cited.prepare is None or cited.committed.isdisjoint(lots):
        return Appealed(exchange=name)
    claim = f"{exchange.peer}:{name}"
    counted = {
        use.part.lot for use in book.uses if use.claim == claim and use.state is UseState.CONSUMED
    }
    here = brought_here(tx, workspace, cited.exchange)
    standing = {
        lot_id
        for lot_id, one in here.items()
        if one.lot.hold is not Hold.REVOKED
        and one.remaining_hundredths == one.granted_hundredths
        and lot_name(exchange.peer, lot_id) in counted
    }
    return Appealed(
        exchange=name,
        # Of nothing that still counts no book knows a claim.
        claim=claim if standing.intersection(lots) else "",
        offered_on=beijing_date(cited.prepare.header.signed_time_us).isoformat(),
        gone={one: "APPEAL_GONE" for one in lots if one not in standing},
    )


def with_difference(
    tx: Transaction, moment: Moment, step: Step, shown: Openings, appealed: Appealed
) -> Step:
    """Return the VOTE on committed lots with what it adds credited in its own transaction."""
    vote, exchange = step.send, step.exchange
    record = record_in(step.openings)
    if not appealed.claim or not record:
        return step
    assert isinstance(vote, Vote), "a judgement is a VOTE"
    added = appeals.differences(read_record(record))
    if not added:
        return step
    cited = cited_by(tx, exchange, exchange.relates_to)
    lots, entry = appeals.credited(
        moment,
        exchange,
        added,
        shown,
        origin=appeals.commit_of(cited),
        decision=message_hash(*codec.encode(vote)),
    )
    rows = [
        (lot.lot_id, source) for lot, one in zip(lots, added, strict=True) for source in one.lot_ids
    ]
    tx.keep_raised((exchange.peer, exchange.relates_to), rows)
    return replace(step, lots_new=lots, entries=(entry,))


def lots_under_appeal(
    reading: Reading, peer: str, relates_to: bytes, named: Sequence[bytes]
) -> tuple[tuple[WantedLot, ...], Mode, str]:
    """Return what an appeal from here offers, how, and for which account.

    Args:
        named: lots of the exchange; none for all of them.

    Raises:
        Refusal: APPEAL_UNKNOWN; APPEAL_MIXED where some were committed and others not, which are
            appealed apart.
    """
    key = (peer, relates_to)
    exchange = reading.exchanges([key]).get(key)
    if exchange is None or exchange.role is not Role.SOURCE:
        raise Refusal("APPEAL_UNKNOWN")
    chosen = [lot for lot in exchange.lots if not named or lot.lot_id in named]
    if len({lot.is_committed for lot in chosen}) > 1:
        raise Refusal("APPEAL_MIXED")
    if not chosen or len(chosen) < len(named):
        raise Refusal("APPEAL_UNKNOWN")
    wanted = tuple(
        WantedLot(lot_id=lot.lot_id, amount_hundredths=lot.amount_hundredths) for lot in chosen
    )
    mode = Mode.RECOGNISE if chosen[0].is_committed else exchange.mode
    return wanted, mode, exchange.account


def check_may_appeal(
    reading: Reading,
    exchange: Exchange,
    wanted: Sequence[WantedLot],
    *,
    account: str,
    now_us: int,
) -> bool:
    """See that an appeal from here would be heard; tell whether its lots were committed.

    Raises:
        Refusal: why it would not be heard.
    """
    cited = cited_by(reading, exchange, exchange.relates_to)
    lots = {one.lot_id: one.amount_hundredths for one in wanted}
    reason = appeals.obstacle(
        cited, account=account, lots=lots, mode=exchange.mode, signed_us=now_us
    )
    if reason:
        raise Refusal(reason)
    return not cited.committed.isdisjoint(lots)


def check_not_lower(reading: Reading, exchange: Exchange, vote: Vote) -> None:
    """See that a decision on appeal leaves each committed lot what it was granted.

    Raises:
        Breach: APPEAL_LOWER.
    """
    if not exchange.relates_to or exchange.mode is not Mode.RECOGNISE:
        return
    key = (exchange.peer, exchange.relates_to)
    cited = reading.exchanges([key]).get(key)
    before = {
        lot.lot_id: lot.granted_hundredths
        for lot in (cited.lots if cited else ())
        if lot.is_committed
    }
    if any(lot.granted_hundredths < before.get(lot.lot_id, 0) for lot in vote.accepted):
        raise Breach("APPEAL_LOWER")


def _is_heard(other: Exchange, vote: Prepare | Vote | None) -> bool:
    """Tell whether an appeal was judged, or waits for people."""
    if isinstance(vote, Vote):
        return bool(vote.record_digest)
    waiting = (State.RECEIVED,) if other.role is Role.DESTINATION else (State.LOCKED,)
    return other.state in waiting


_KINDS = (MessageType.VOTE, MessageType.PREPARE)


def _stored(reading: Reading, exchanges: Iterable[Exchange]) -> dict[bytes, StoredMessage]:
    wanted = [one.hashes[kind] for one in exchanges for kind in _KINDS if kind in one.hashes]
    return dict(reading.messages(wanted))


def _said(
    stored: dict[bytes, StoredMessage], exchange: Exchange, kind: MessageType
) -> Prepare | Vote | None:
    one = stored.get(exchange.hashes.get(kind, b""))
    if one is None:
        return None
    message = codec.decode(kind, one.payload)
    assert isinstance(message, Prepare | Vote)
    return message
