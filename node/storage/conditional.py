"""Conditional updates in sets: one statement for many rows, each as it was seen.

A row that is no longer as it was loaded stops the whole work, whichever of the set it is.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, Update, bindparam, delete, func, insert, select, tuple_, update

from federation.wire.envelope import Evidence
from node.domain.exchange import Exchange, ExchangeKey
from node.domain.learner import TransferCode
from node.domain.lot import Lot
from node.storage import rows
from node.storage import tables as t
from node.storage.engines import Conflict

# What an exchange is from its beginning to its end.
_FIXED = ("peer", "exchange_id", "role", "mode", "reference", "begun_us")
_MOST_NAMED = 4
_LOT_VALUES = ("state", "peer", "exchange_id", "hold")
_PLACE = ("peer", "exchange_id", "position")
_JUDGED = ("source", "lot_id", "amount", "verdict", "granted", "reasons", "is_committed")


def move_exchanges(connection: Connection, moved: Sequence[tuple[Exchange, Exchange]]) -> None:
    """Let exchanges be as told, each where it is still as it was loaded.

    Raises:
        Conflict: when one is not.
    """
    if not moved:
        return
    seen = [
        {
            **_named("to", _moving(after, before.version + 1)),
            "at_peer": before.peer,
            "at_exchange_id": before.exchange_id,
            "at_state": int(before.state),
            "at_version": before.version,
        }
        for before, after in moved
    ]
    _all_of(connection, _MOVE_EXCHANGE, seen, "exchange")
    judged = [(before, after) for before, after in moved if before.lots != after.lots]
    # Another number may be offered than was asked for.
    recut = [after for before, after in judged if len(before.lots) != len(after.lots)]
    same = [after for before, after in judged if len(before.lots) == len(after.lots)]
    _forget_lots(connection, [one.key for one in recut])
    insert_lots(connection, recut)
    if same:
        connection.execute(
            _JUDGE_LOT,
            [
                {
                    **_named("to", {name: row[name] for name in (*_JUDGED, "nullifier")}),
                    **_named("at", {name: row[name] for name in _PLACE}),
                }
                for one in same
                for row in rows.exchange_lot_rows(one)
            ],
        )


def insert_lots(connection: Connection, exchanges: Iterable[Exchange]) -> None:
    """Write the lots of exchanges that have none written yet."""
    lots = [row for exchange in exchanges for row in rows.exchange_lot_rows(exchange)]
    if lots:
        connection.execute(insert(t.exchange_lot), lots)


def move_lots(connection: Connection, moved: Sequence[tuple[Lot, Lot]]) -> None:
    """Let lots be as told, each where it is still as it was loaded.

    Raises:
        Conflict: when one is not.
    """
    seen = [
        {
            "at_lot_id": before.lot_id,
            "at_state": before.state.value,
            "at_exchange_id": before.exchange_id,
            "at_hold": before.hold.value,
            "to_state": after.state.value,
            "to_peer": after.peer,
            "to_exchange_id": after.exchange_id,
            "to_hold": after.hold.value,
        }
        for before, after in moved
    ]
    if seen:
        _all_of(connection, _MOVE_LOT, seen, "lot")


def use_codes(connection: Connection, used: Sequence[TransferCode]) -> None:
    """Let transfer codes be used up.

    Codes issued again under one reference are one permission: using one uses all.

    Raises:
        Conflict: when one was used by another exchange before.
    """
    if not used:
        return
    connection.execute(
        _USE_CODE, [{"at_reference": one.reference, "to_used_by": one.used_by} for one in used]
    )
    c = t.transfer_code.c
    wanted = {(one.reference, one.used_by) for one in used}
    found = select(func.count(c.reference.distinct())).where(
        tuple_(c.reference, c.used_by).in_(sorted(wanted))
    )
    if connection.execute(found).scalar_one() != len(wanted):
        raise Conflict(f"transfer code: one of {len(wanted)} was used by another exchange")


def answer_inbox(
    connection: Connection, answers: Sequence[tuple[ExchangeKey, bytes, bytes]]
) -> None:
    """Keep the answers of messages that were applied, each by key, hash and answer's hash."""
    if answers:
        connection.execute(
            _ANSWER,
            [
                {
                    "at_peer": peer,
                    "at_exchange_id": exchange_id,
                    "at_digest": digest,
                    "to_answer": answer,
                }
                for (peer, exchange_id), digest, answer in answers
            ],
        )


def place_evidence(connection: Connection, sealed: Iterable[Evidence], seal_id: bytes) -> None:
    """Keep by which signature and at which place each message is proven."""
    placed = [
        {
            **_named("to", rows.evidence_row(evidence, seal_id)),
            "at_digest": evidence.item.digest,
        }
        for evidence in sealed
    ]
    if placed:
        connection.execute(_PLACE_EVIDENCE, placed)


def _forget_lots(connection: Connection, keys: Collection[ExchangeKey]) -> None:
    c = t.exchange_lot.c
    if keys:
        connection.execute(
            delete(t.exchange_lot).where(tuple_(c.peer, c.exchange_id).in_(list(keys)))
        )


def _all_of(
    connection: Connection, statement: Update, seen: Sequence[Mapping[str, Any]], what: str
) -> None:
    if connection.execute(statement, seen).rowcount != len(seen):
        names = ", ".join(row[f"at_{what}_id"].hex() for row in seen[:_MOST_NAMED])
        raise Conflict(f"{what}: one of {len(seen)} is no longer as it was loaded: {names}")


def _moving(after: Exchange, version: int) -> dict[str, Any]:
    row = rows.exchange_row(after) | {"version": version}
    return {name: value for name, value in row.items() if name not in _FIXED}


def _named(prefix: str, values: Mapping[str, Any]) -> dict[str, Any]:
    return {f"{prefix}_{name}": value for name, value in values.items()}


def _updating(table: Any, at: Iterable[str], to: Iterable[str]) -> Update:
    """Return an update of rows found ``at`` these columns; its parameters are named by both."""
    found = [table.c[name] == bindparam(f"at_{name}") for name in at]
    return update(table).where(*found).values({name: bindparam(f"to_{name}") for name in to})


_MOVED_COLUMNS = [
    column.name for column in t.exchange.c if column.name not in (*_FIXED, "place", "witnessed_us")
]
_MOVE_EXCHANGE = _updating(t.exchange, ("peer", "exchange_id", "state", "version"), _MOVED_COLUMNS)
_JUDGE_LOT = _updating(t.exchange_lot, _PLACE, (*_JUDGED, "nullifier"))
_MOVE_LOT = _updating(t.lot, ("lot_id", "state", "exchange_id", "hold"), _LOT_VALUES)
_ANSWER = _updating(t.inbox, ("peer", "exchange_id", "digest"), ("answer",))
_PLACE_EVIDENCE = _updating(
    t.message, ("digest",), ("seal_id", "batch_index", "batch_proof", "log_index", "log_proof")
)
_USE_CODE = (
    update(t.transfer_code)
    .where(
        t.transfer_code.c.reference == bindparam("at_reference"),
        (t.transfer_code.c.used_by == b"") | (t.transfer_code.c.used_by == bindparam("to_used_by")),
    )
    .values(used_by=bindparam("to_used_by"))
)
