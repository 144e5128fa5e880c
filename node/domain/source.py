"""The source's side: it holds the credits, locks them, and alone decides to commit.

The lock is judged here and nowhere else, by this node's clock, inside the commit.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType

from federation.base.amounts import LARGEST_RATIO
from federation.base.errors import Breach, Kind, Refusal
from federation.base.names import COORDINATOR
from federation.protocol.commitments import (
    LEARNER_NAME,
    SALT_SIZE,
    TRANSFER_CODE,
    Opening,
    Openings,
    commitment_to,
    identity_commitment,
    nullifier,
)
from federation.protocol.lots import CommittedLot, WantedLot
from federation.protocol.messages import (
    Abort,
    Commit,
    Consent,
    LotOffer,
    MessageType,
    Mode,
    Prepare,
    Receipt,
    State,
    Verdict,
    Vote,
)
from node.domain.exchange import RETURN_RULE, Exchange, ExchangeLot
from node.domain.ledger import outbound_entry
from node.domain.lot import Hold, Lot, LotState
from node.domain.step import Moment, Step
from node.domain.vote_record import check_vote_record


@dataclass(frozen=True, slots=True, kw_only=True)
class DepositProofs:
    """Where lots stand in this node's log.

    Attributes:
        note: the checkpoint that the proofs are for.
        places: index and inclusion proof by lot.
    """

    note: bytes
    places: Mapping[bytes, tuple[int, tuple[bytes, ...]]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Applicant:
    """The learner as an offer shows them.

    Attributes:
        code: the transfer code, which keys the identity commitment.
        proves_code: whether the offer itself must prove the code, as no REQUEST did.
    """

    account: str
    name: str
    document_type: str
    document_number: str
    code: bytes
    proves_code: bool


def check_usable(wanted: Sequence[WantedLot], lots: Mapping[bytes, Lot], account: str) -> None:
    """Check that an account may offer these lots, each whole.

    Raises:
        Refusal: LOT, LOT_LOCKED, LOT_SPENT, INSUFFICIENT, LOTS_WHOLE, or the reason of its hold.
    """
    for one in wanted:
        lot = lots.get(one.lot_id)
        # Another learner's lot is answered as one that does not exist.
        if lot is None or lot.account != account:
            raise Refusal("LOT")
        check_undisputed([lot])
        if lot.state is LotState.LOCKED:
            raise Refusal("LOT_LOCKED")
        if lot.state is LotState.SPENT:
            raise Refusal("LOT_SPENT")
        if lot.hold is not Hold.NONE:
            raise Refusal(lot.hold.reason)
        if one.amount_hundredths > lot.amount_hundredths:
            raise Refusal("INSUFFICIENT")
        if one.amount_hundredths < lot.amount_hundredths:
            raise Refusal("LOTS_WHOLE")


def check_committed(wanted: Sequence[WantedLot], lots: Mapping[bytes, Lot], account: str) -> None:
    """Check that an account's lots, each whole, may be shown again that left it by a COMMIT.

    Raises:
        Refusal: LOT, LOTS_WHOLE, or the reason of its hold.
    """
    for one in wanted:
        lot = lots.get(one.lot_id)
        if lot is None or lot.account != account or lot.state is not LotState.SPENT:
            raise Refusal("LOT")
        check_undisputed([lot])
        if lot.hold is not Hold.NONE:
            raise Refusal(lot.hold.reason)
        if one.amount_hundredths != lot.amount_hundredths:
            raise Refusal("LOTS_WHOLE")


def check_undisputed(lots: Iterable[Lot]) -> None:
    """Check that our log does not say of a lot what our books no longer know.

    Raises:
        Refusal: LOT_DISPUTED.
    """
    if any(lot.hold is Hold.DISPUTED for lot in lots):
        raise Refusal("LOT_DISPUTED")


def offer(
    moment: Moment,
    exchange: Exchange,
    *,
    lots: Sequence[Lot],
    proofs: DepositProofs,
    applicant: Applicant,
    consent: Consent,
    lock_until_us: int,
    returns: Mapping[bytes, bytes] = MappingProxyType({}),
    targets: tuple[str, ...] = (),
    asks_person: bool = False,
    cites: bytes = b"",
) -> Step:
    """Offer lots for judgement; in a TRANSFER they are locked.

    Args:
        returns: in a return, by each lot the receiver's lot that it came of.
        targets: what the learner wishes the lots to count as there; none for anything.
        asks_person: whether the learner wants people to decide, not a rule.
        cites: hash of the VOTE whose promise is taken up, or empty.
    """
    about, code_commitment = _about(moment, applicant)
    prepare = Prepare(
        header=moment.header(exchange, exchange.hashes.get(MessageType.REQUEST, b"")),
        mode=exchange.mode,
        lots=tuple(_offered(lot, proofs, returns.get(lot.lot_id, b"")) for lot in lots),
        consent=consent,
        code_commitment=code_commitment,
        identity_commitment=identity_commitment(
            applicant.code, applicant.document_type, applicant.document_number
        ),
        learner=tuple(commitment_to(one) for one in about if one.name == LEARNER_NAME),
        lock_until_us=lock_until_us,
        checkpoint=proofs.note,
        cites=cites,
        relates_to=exchange.relates_to,
        wanted_targets=targets,
        asks_person=asks_person,
    )
    shown = (*about, *(opening for lot in lots for opening in lot.shown()))
    return Step(
        exchange=replace(
            exchange,
            account=applicant.account,
            lots=tuple(
                ExchangeLot(lot_id=lot.lot_id, amount_hundredths=lot.amount_hundredths)
                for lot in lots
            ),
            lock_until_us=lock_until_us if exchange.mode is Mode.TRANSFER else 0,
            agrees_to_whole_grant=consent.agrees_to_whole_grant,
        ),
        send=prepare,
        openings=Openings(shown),
        lots_moved=_locked(lots, exchange) if exchange.mode is Mode.TRANSFER else (),
    )


def refuse_request(moment: Moment, exchange: Exchange, reason: str) -> Step:
    """Answer a REQUEST that cannot be served by ABORT."""
    return abort(moment, exchange, (), (reason,), exchange.hashes[MessageType.REQUEST])


def on_vote(
    moment: Moment,
    exchange: Exchange,
    vote: Vote,
    lots: Mapping[bytes, Lot],
    shown: Openings,
) -> Step:
    """Take a VOTE that was just counted: abort when nothing is granted, else ask or commit.

    Raises:
        Breach: VOTE_MISMATCH when it does not judge exactly the lots offered, RULE_UNKNOWN when
            the rule it names is neither the voter's nor the federation's, RULE_LIMIT when it grants
            more than any rule may, or what :func:`check_vote_record` raises.
    """
    if exchange.state in (State.ABORTED, State.CLOSED):
        return Step(exchange=exchange)
    if [lot.lot_id for lot in vote.lots] != [lot.lot_id for lot in exchange.lots]:
        raise Breach("VOTE_MISMATCH")
    _check_rule(exchange, vote)
    check_vote_record(vote, shown, exchange, lots)
    judged = replace(
        exchange,
        lots=tuple(lot.judged(said) for lot, said in zip(exchange.lots, vote.lots, strict=True)),
        accept_until_us=vote.accept_until_us,
    )
    if judged.mode is Mode.RECOGNISE:
        return Step(exchange=judged)
    held = [lots[lot.lot_id] for lot in judged.lots]
    if not vote.accepted:
        reasons = sorted({reason for lot in vote.lots for reason in lot.reasons})[:15]
        cause = judged.hashes[MessageType.VOTE]
        return abort(moment, judged, held, ("ALL_REFUSED", *reasons), cause)
    is_agreed = judged.agrees_to_whole_grant and judged.is_granted_whole
    if (
        is_agreed
        and _in_time(moment, judged)
        and not any(lot.hold is Hold.DISPUTED for lot in held)
    ):
        return commit(moment, judged, held)
    return Step(exchange=judged)


def _check_rule(exchange: Exchange, vote: Vote) -> None:
    """Check what can be known here of a rule that only the other side has."""
    owner, _, name = vote.record.rule.partition("/")
    is_return = bool(exchange.relates_to) and vote.record.rule == RETURN_RULE
    is_known = owner in (exchange.peer, COORDINATOR) and name and vote.record.rule_version
    if not (is_return or is_known):
        raise Breach("RULE_UNKNOWN", detail=vote.record.rule)
    for lot, said in zip(exchange.lots, vote.lots, strict=True):
        if said.granted_hundredths > lot.amount_hundredths * LARGEST_RATIO:
            raise Breach("RULE_LIMIT")


def commit(moment: Moment, exchange: Exchange, lots: Sequence[Lot]) -> Step:
    """Debit exactly the granted lots, each whole, and release the others: the point of no return.

    Where the learner took the consent back, or a granted lot may no longer be used, the exchange is
    aborted instead.

    Raises:
        Refusal: LOCK_EXPIRED by this node's clock, NO_SUCH_STEP when there is nothing to commit.
    """
    if exchange.state is not State.PREPARED:
        raise Refusal("NO_SUCH_STEP")
    if not _in_time(moment, exchange):
        raise Refusal("LOCK_EXPIRED")
    check_undisputed(lots)
    by_id = {lot.lot_id: lot for lot in lots}
    if obstacle := _obstacle(exchange, by_id):
        return withdraw(moment, exchange, lots, obstacle)
    spent = {
        one.lot_id: replace(one, is_committed=True, nullifier=nullifier(by_id[one.lot_id].secret))
        for one in exchange.lots
        if one.verdict is Verdict.ACCEPT
    }
    committed = replace(exchange, lots=tuple(spent.get(one.lot_id, one) for one in exchange.lots))
    message = Commit(
        header=moment.header(exchange, exchange.hashes[MessageType.VOTE]),
        lots=tuple(
            CommittedLot(
                lot_id=one.lot_id,
                amount_hundredths=one.amount_hundredths,
                granted_hundredths=one.granted_hundredths,
                nullifier=one.nullifier,
            )
            for one in spent.values()
        ),
    )
    entry = outbound_entry(
        account=exchange.account,
        peer=exchange.peer,
        unit=moment.province,
        amounts=[one.amount_hundredths for one in spent.values()],
        exchange_id=exchange.exchange_id,
        time_us=moment.now_us,
    )
    moved = [
        replace(lot, state=LotState.SPENT) if lot.lot_id in spent else _released(lot)
        for lot in lots
    ]
    return Step(exchange=committed, send=message, lots_moved=tuple(moved), entries=(entry,))


def abort(
    moment: Moment,
    exchange: Exchange,
    lots: Sequence[Lot],
    reasons: tuple[str, ...],
    cause: bytes,
) -> Step:
    """End an exchange without a commit and release its lots."""
    return Step(
        exchange=replace(exchange, reasons=reasons),
        send=Abort(header=moment.header(exchange, cause), reasons=reasons),
        lots_moved=tuple(_released(lot) for lot in lots if lot.exchange_id == exchange.exchange_id),
    )


def withdraw(moment: Moment, exchange: Exchange, lots: Sequence[Lot], reason: str) -> Step:
    """End an exchange that the learner declined or whose lock has passed.

    Raises:
        Refusal: NO_SUCH_STEP once it is committed or over, or where nothing is locked: a RECOGNISE
            ends at the VOTE, and an ABORT that crossed it would find nothing to end.
    """
    if exchange.mode is Mode.RECOGNISE or exchange.state not in (State.LOCKED, State.PREPARED):
        raise Refusal("NO_SUCH_STEP")
    check_undisputed(lots)
    cause = exchange.hashes.get(MessageType.VOTE, exchange.hashes[MessageType.PREPARE])
    return abort(moment, exchange, lots, (reason,), cause)


def on_receipt(exchange: Exchange, receipt: Receipt) -> Step:
    """Take a RECEIPT that was just counted.

    Raises:
        Breach: RECEIPT_MISMATCH when its sums are not those committed.
    """
    granted = sum(lot.granted_hundredths for lot in exchange.lots if lot.is_committed)
    booked = (receipt.inbound_hundredths, receipt.granted_hundredths)
    if booked != (exchange.committed_hundredths, granted):
        raise Breach("RECEIPT_MISMATCH", kind=Kind.FAILED_PRECONDITION)
    return Step(exchange=exchange)


def lots_in(exchange: Exchange) -> Collection[bytes]:
    """Return the lots that an exchange may move."""
    return [lot.lot_id for lot in exchange.lots]


def _obstacle(exchange: Exchange, lots: Mapping[bytes, Lot]) -> str:
    if exchange.consent_withdrawn_us:
        return "CONSENT_WITHDRAWN"
    held = [
        lots[one.lot_id].hold
        for one in exchange.lots
        if one.verdict is Verdict.ACCEPT and lots[one.lot_id].hold is not Hold.NONE
    ]
    return held[0].reason if held else ""


def _about(moment: Moment, applicant: Applicant) -> tuple[list[Opening], bytes]:
    name = Opening(
        subject=b"",
        name=LEARNER_NAME,
        salt=moment.entropy.token(SALT_SIZE),
        value=applicant.name.encode(),
    )
    if not applicant.proves_code:
        return [name], b""
    code = Opening(
        subject=b"",
        name=TRANSFER_CODE,
        salt=moment.entropy.token(SALT_SIZE),
        value=applicant.code,
    )
    return [name, code], commitment_to(code).digest


def _offered(lot: Lot, proofs: DepositProofs, returns: bytes) -> LotOffer:
    index, proof = proofs.places[lot.lot_id]
    return LotOffer(
        content=lot.content,
        deposit_commitment=lot.commitment,
        deposit_index=index,
        deposit_proof=proof,
        deposit_origin=lot.origin,
        returns=returns,
    )


def _locked(lots: Sequence[Lot], exchange: Exchange) -> tuple[Lot, ...]:
    return tuple(
        replace(lot, state=LotState.LOCKED, peer=exchange.peer, exchange_id=exchange.exchange_id)
        for lot in lots
    )


def _released(lot: Lot) -> Lot:
    return replace(lot, state=LotState.AVAILABLE, peer="", exchange_id=b"")


def _in_time(moment: Moment, exchange: Exchange) -> bool:
    return moment.now_us <= min(exchange.lock_until_us, exchange.accept_until_us)
