"""Rows and domain values, both ways."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import Row

from federation.protocol.messages import MessageType, Mode, State, Verdict
from federation.wire import codec
from federation.wire.envelope import Evidence, Item, Seal
from node.domain.exchange import Exchange, ExchangeLot, Role
from node.domain.learner import Learner, TransferCode
from node.domain.lot import Hold, Lot, LotState
from node.usecases.ports import StoredMessage, Waiting

_HASH = 32
# The answers to a batch are larger than itself, and have to fit into one call as well.
MOST_BATCH_BYTES = 1024 * 1024
# Two letters name a message's type in a row.
_MARKS = {
    MessageType.REQUEST: b"RQ",
    MessageType.PREPARE: b"PR",
    MessageType.VOTE: b"VO",
    MessageType.COMMIT: b"CO",
    MessageType.ABORT: b"AB",
    MessageType.RECEIPT: b"RC",
}
_KINDS = {mark: kind for kind, mark in _MARKS.items()}
# One letter names a type that repeats; its step is the byte after it.
_LETTERS = {
    MessageType.SUPPLEMENT_ASKED: b"a",
    MessageType.SUPPLEMENT: b"s",
    MessageType.NOTICE: b"n",
    MessageType.DISPOSITION: b"d",
    MessageType.CONSENT_WITHDRAWN: b"w",
    MessageType.CONSENT_ACK: b"k",
}
_REPEATED = {letter: kind for kind, letter in _LETTERS.items()}


def join_hashes(hashes: Iterable[bytes]) -> bytes:
    """Return a proof as one value."""
    return b"".join(hashes)


def split_hashes(joined: bytes) -> tuple[bytes, ...]:
    """Return a proof from one value."""
    return tuple(joined[at : at + _HASH] for at in range(0, len(joined), _HASH))


def exchange_row(exchange: Exchange) -> dict[str, Any]:
    """Return the row of an exchange, without its lots."""
    return {
        "peer": exchange.peer,
        "exchange_id": exchange.exchange_id,
        "role": exchange.role.value,
        "mode": int(exchange.mode),
        "state": int(exchange.state),
        "account": exchange.account,
        "reference": exchange.reference or None,
        "hashes": _join_marks(exchange),
        "last_sent": exchange.last_sent,
        "lock_until_us": exchange.lock_until_us,
        "accept_until_us": exchange.accept_until_us,
        "agrees_to_whole_grant": int(exchange.agrees_to_whole_grant),
        "reasons": " ".join(exchange.reasons),
        "begun_us": exchange.begun_us,
        "changed_us": exchange.changed_us,
        "version": exchange.version,
        "relates_to": exchange.relates_to or None,
        "consent_withdrawn_us": exchange.consent_withdrawn_us,
    }


def exchange_lot_rows(exchange: Exchange) -> list[dict[str, Any]]:
    """Return the rows of an exchange's lots."""
    return [
        {
            "peer": exchange.peer,
            "exchange_id": exchange.exchange_id,
            "position": at,
            "source": exchange.peer if exchange.role is Role.DESTINATION else "",
            "lot_id": lot.lot_id,
            "amount": lot.amount_hundredths,
            "verdict": int(lot.verdict or 0),
            "granted": lot.granted_hundredths,
            "reasons": " ".join(lot.reasons),
            "is_committed": int(lot.is_committed),
            "nullifier": lot.nullifier or None,
        }
        for at, lot in enumerate(exchange.lots)
    ]


def exchange_of(row: Row[Any], lots: Sequence[Row[Any]]) -> Exchange:
    """Return the exchange of a row and of its lots' rows in order."""
    hashes, series = _split_marks(row.hashes)
    return Exchange(
        peer=row.peer,
        exchange_id=row.exchange_id,
        role=Role(row.role),
        mode=Mode(row.mode),
        state=State(row.state),
        account=row.account,
        reference=row.reference or "",
        lots=tuple(_exchange_lot(lot) for lot in lots),
        hashes=hashes,
        series=series,
        last_sent=row.last_sent,
        lock_until_us=row.lock_until_us,
        accept_until_us=row.accept_until_us,
        agrees_to_whole_grant=bool(row.agrees_to_whole_grant),
        reasons=tuple(row.reasons.split()),
        relates_to=row.relates_to or b"",
        consent_withdrawn_us=row.consent_withdrawn_us,
        begun_us=row.begun_us,
        changed_us=row.changed_us,
        version=row.version,
        witnessed_us=row.witnessed_us,
    )


def hashes_of(joined: bytes) -> dict[MessageType, bytes]:
    """Return the messages of an exchange from one value, the last of each type."""
    return _split_marks(joined)[0]


def _join_marks(exchange: Exchange) -> bytes:
    once = (_MARKS[kind] + digest for kind, digest in exchange.hashes.items() if kind in _MARKS)
    repeated = (
        _LETTERS[kind] + bytes([step]) + digest
        for (kind, step), digest in sorted(exchange.series.items())
    )
    return b"".join((*once, *repeated))


def _split_marks(
    joined: bytes,
) -> tuple[dict[MessageType, bytes], dict[tuple[MessageType, int], bytes]]:
    width = _HASH + 2
    hashes: dict[MessageType, bytes] = {}
    series: dict[tuple[MessageType, int], bytes] = {}
    for at in range(0, len(joined), width):
        mark, digest = joined[at : at + 2], joined[at + 2 : at + width]
        if mark in _KINDS:
            hashes[_KINDS[mark]] = digest
        else:
            kind = _REPEATED[mark[:1]]
            series[kind, mark[1]] = hashes[kind] = digest
    return hashes, series


def _exchange_lot(row: Row[Any]) -> ExchangeLot:
    return ExchangeLot(
        lot_id=row.lot_id,
        amount_hundredths=row.amount,
        verdict=Verdict(row.verdict) if row.verdict else None,
        granted_hundredths=row.granted,
        reasons=tuple(row.reasons.split()),
        is_committed=bool(row.is_committed),
        nullifier=row.nullifier or b"",
    )


def lot_row(lot: Lot, place: int) -> dict[str, Any]:
    """Return the row of a new lot."""
    return {
        "lot_id": lot.lot_id,
        "place": place,
        "account": lot.account,
        "state": lot.state.value,
        "amount": lot.amount_hundredths,
        "content": codec.encode_content(lot.content),
        "secret": lot.secret,
        "openings": codec.encode_openings(lot.openings),
        "commitment": lot.commitment,
        "peer": lot.peer,
        "exchange_id": lot.exchange_id,
        "origin": lot.origin,
        "source": lot.source or None,
        "reference": lot.reference or None,
        "hold": lot.hold.value,
    }


def lot_of(row: Row[Any]) -> Lot:
    """Return the lot of a row."""
    return Lot(
        account=row.account,
        state=LotState(row.state),
        content=codec.decode_content(row.content),
        secret=row.secret,
        openings=codec.decode_openings(row.openings),
        commitment=row.commitment,
        peer=row.peer,
        exchange_id=row.exchange_id,
        origin=row.origin,
        source=row.source or "",
        reference=row.reference or "",
        hold=Hold(row.hold),
    )


def learner_row(learner: Learner) -> dict[str, Any]:
    """Return the row of a learner."""
    return {
        "account": learner.account,
        "name": learner.name,
        "document_type": learner.document_type,
        "document": learner.document,
        "blind_index": learner.blind_index or None,
        "opened_us": learner.opened_us,
        "erased_us": learner.erased_us,
    }


def learner_of(row: Row[Any]) -> Learner:
    """Return the learner of a row."""
    return Learner(**{**row._mapping, "blind_index": row.blind_index or b""})


def code_row(code: TransferCode) -> dict[str, Any]:
    """Return the row of a transfer code."""
    return {
        "digest": code.digest,
        "account": code.account,
        "peer": code.peer,
        "reference": code.reference,
        "expires_us": code.expires_us,
        "used_by": code.used_by,
    }


def code_of(row: Row[Any]) -> TransferCode:
    """Return the transfer code of a row."""
    return TransferCode(**row._mapping)


def within_a_call(found: Sequence[Row[Any]]) -> Sequence[Row[Any]]:
    """Return of rows with the size of each message the first that one call can hold.

    Whatever its size, the first is among them: a payload alone is never too large.
    """
    total = 0
    for at, row in enumerate(found):
        total += row.size
        if at and total > MOST_BATCH_BYTES:
            return found[:at]
    return found


def waiting_of(row: Row[Any]) -> Waiting:
    """Return a message in the outbox from a row joined with the message's type."""
    return Waiting(
        digest=row.digest,
        peer=row.peer,
        exchange_id=row.exchange_id,
        type=row.type,
        attempts=row.attempts,
        due_us=row.due_us,
    )


def evidence_row(evidence: Evidence, seal_id: bytes) -> dict[str, Any]:
    """Return the columns that place a message in its batch and log."""
    return {
        "seal_id": seal_id,
        "batch_index": evidence.batch_index,
        "batch_proof": join_hashes(evidence.batch_proof),
        "log_index": evidence.item.log_index,
        "log_proof": join_hashes(evidence.item.log_proof),
    }


def message_of(row: Row[Any]) -> StoredMessage:
    """Return a stored message from a row joined with its seal and its own log place."""
    index = row.own_index if row.own_index is not None else row.log_index
    return StoredMessage(
        digest=row.digest,
        type=row.type,
        payload=row.payload,
        openings=row.openings,
        peer=row.peer,
        exchange_id=row.exchange_id,
        is_sent=bool(row.is_sent),
        is_erased=bool(row.is_erased),
        log_index=index,
        evidence=_evidence(row, index) if row.statement is not None else None,
    )


def _evidence(row: Row[Any], log_index: int) -> Evidence:
    return Evidence(
        item=Item(
            type=row.type,
            payload=row.payload,
            openings=row.openings,
            log_index=log_index,
            log_proof=split_hashes(row.log_proof),
        ),
        seal=Seal(
            statement=row.statement,
            keyid=row.keyid,
            algorithm=row.algorithm,
            signature=row.signature,
            checkpoint=row.checkpoint,
        ),
        batch_index=row.batch_index,
        batch_proof=split_hashes(row.batch_proof),
    )
