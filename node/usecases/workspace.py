"""What one transaction has in hand: loaded in sets, changed in memory, written at once."""

from __future__ import annotations

from collections.abc import Iterable

from federation.protocol.lifecycle import FINAL, Direction
from federation.protocol.messages import TYPE_OF, State
from federation.signing.dsse import message_hash
from federation.wire import codec
from federation.wire.delivery import Arrival
from federation.wire.entries import message_entry
from node.domain.changes import (
    Changes,
    InboxKey,
    InboxRow,
    ReceivedMessage,
    SentMessage,
)
from node.domain.consents import may_erase
from node.domain.exchange import Exchange, ExchangeKey
from node.domain.lot import Lot
from node.domain.step import Step
from node.usecases.ports import Transaction


class Workspace:
    """Exchanges and lots as loaded and as they shall be.

    Args:
        tx: the transaction.
        now_us: the moment of every change.
        due_us: when delivery of messages made here is first tried.
    """

    def __init__(self, tx: Transaction, *, now_us: int, due_us: int) -> None:
        self._tx = tx
        self._now_us = now_us
        self._due_us = due_us
        self._exchanges_loaded: dict[ExchangeKey, Exchange] = {}
        self._lots_loaded: dict[bytes, Lot] = {}
        self.exchanges: dict[ExchangeKey, Exchange] = {}
        self.lots: dict[bytes, Lot] = {}
        self.inbox: dict[InboxKey, InboxRow] = {}
        self.changes = Changes()

    def load_exchanges(self, keys: Iterable[ExchangeKey]) -> None:
        """Load exchanges not yet in hand."""
        self._exchanges_loaded.update(self._tx.exchanges(set(keys) - self.exchanges.keys()))
        self.exchanges = {**self._exchanges_loaded, **self.exchanges}

    def load_lots(self, lot_ids: Iterable[bytes]) -> None:
        """Load lots not yet in hand."""
        self._lots_loaded.update(self._tx.lots(set(lot_ids) - self.lots.keys()))
        self.lots = {**self._lots_loaded, **self.lots}

    def load_inbox(self, keys: Iterable[InboxKey]) -> None:
        """Load inbox rows."""
        self.inbox.update(self._tx.inbox(set(keys)))

    def absorb(self, step: Step) -> bytes:
        """Take in what a rule decided; return the hash of the message it sends, or nothing."""
        exchange, digest = step.exchange, b""
        if step.send is not None:
            kind, payload = codec.encode(step.send)
            digest = message_hash(kind, payload)
            exchange = exchange.with_message(step.send, digest, Direction.SENT, now_us=self._now_us)
            self.changes.sent.append(
                SentMessage(
                    digest=digest,
                    type=kind.value,
                    payload=payload,
                    openings=codec.encode_openings(step.openings),
                    peer=exchange.peer,
                    exchange_id=exchange.exchange_id,
                    entry=message_entry(kind, digest, step.send),
                    created_us=self._now_us,
                    due_us=self._due_us,
                )
            )
            self._answer(exchange.key, step.send.header.cause, digest)
        self.exchanges[exchange.key] = exchange
        self._move(step.lots_moved)
        self.changes.lots_new.extend(step.lots_new)
        self.changes.entries.extend(step.entries)
        if step.code_used is not None:
            self.changes.codes_used.append(step.code_used)
        self.changes.cases_new.extend(step.cases)
        self.changes.files_named.extend((exchange.key, one) for one in step.files_named)
        return digest

    def receive(self, arrival: Arrival, exchange: Exchange, answer: bytes) -> None:
        """Note that a message was applied, with its answer so far."""
        header = arrival.message.header
        key = inbox_key(arrival)
        self.inbox[key] = InboxRow(key=key, digest=arrival.digest, answer=answer)
        self.changes.inbox_new.append(self.inbox[key])
        self.changes.received.append(
            ReceivedMessage(
                digest=arrival.digest,
                evidence=arrival.evidence,
                peer=exchange.peer,
                exchange_id=exchange.exchange_id,
                received_us=self._now_us,
                # Values of a person who has no account here, or of an exchange that is over
                # already, serve nothing, and no erasure would find them.
                keeps_openings=bool(exchange.account) and exchange.state is not State.RELEASED,
            )
        )
        if header.cause:
            self.changes.answered.append(header.cause)
        if exchange.state in FINAL and not answer:
            self.changes.settled.append(exchange.key)

    def finish(self) -> Changes:
        """Return everything that changed."""
        changes = self.changes
        for key, exchange in self.exchanges.items():
            before = self._exchanges_loaded.get(key)
            if before is None:
                changes.exchanges_new.append(exchange)
            elif before != exchange:
                changes.exchanges_moved.append((before, exchange))
            if before != exchange and exchange.consent_withdrawn_us and may_erase(exchange):
                changes.openings_erased.append(key)
        for lot_id, lot in sorted(self.lots.items()):
            if lot != self._lots_loaded[lot_id]:
                changes.lots_moved.append((self._lots_loaded[lot_id], lot))
        return changes

    def _move(self, lots: Iterable[Lot]) -> None:
        """Let lots be as told; one that was made just now is not yet written."""
        moved = {lot.lot_id: lot for lot in lots}
        new = self.changes.lots_new
        new[:] = [moved.pop(lot.lot_id, lot) for lot in new]
        self.lots.update(moved)

    def _answer(self, key: ExchangeKey, cause: bytes, digest: bytes) -> None:
        if cause:
            self.changes.inbox_answers.append((key, cause, digest))


def inbox_key(arrival: Arrival) -> InboxKey:
    """Return the permanent key of a message: peer, exchange, type, step."""
    header = arrival.message.header
    kind = TYPE_OF[type(arrival.message)]
    return header.src, header.exchange_id, kind.value, header.step
