"""Apply what came back: what we had answered is counted as it was, in the order of our own log.

A peer's message that none of ours answers is left: once the quarantine is over it is applied like
one that arrives now, and answered anew; its old answer, if there was one, never left us.
"""

from __future__ import annotations

import hmac
from dataclasses import replace

from federation.base.errors import CreditBankError
from federation.protocol.commitments import (
    LEARNER_NAME,
    TRANSFER_CODE,
    Openings,
    hash_code,
    identity_commitment,
)
from federation.protocol.lifecycle import Direction
from federation.protocol.messages import (
    TYPE_OF,
    Abort,
    Commit,
    Ending,
    ExchangeMessage,
    LotOffer,
    MessageType,
    Mode,
    Prepare,
    Receipt,
    Request,
    State,
    Vote,
)
from federation.wire import codec
from federation.wire.entries import deposit_entry, message_entry
from node.domain import replay, source
from node.domain.cases import OpenCase
from node.domain.changes import InboxRow
from node.domain.credit_groups import credits_of, facts_credited
from node.domain.crediting import credited_lot
from node.domain.exchange import Exchange, ExchangeKey, Role
from node.domain.lot import Lot
from node.domain.step import Moment, Step
from node.usecases.cap_rebuilding import CapRebuilding
from node.usecases.office import Office
from node.usecases.ports import StoredMessage, Transaction
from node.usecases.recovery_cases import contradiction, unfound_learner, unfound_lots
from node.usecases.workspace import Workspace

SOURCE_RESTORED = "SOURCE_RESTORED"
_HOLDING = (State.LOCKED, State.PREPARED)


class Rebuilding:
    """One rebuilding within its transaction."""

    def __init__(self, office: Office, tx: Transaction, moment: Moment) -> None:
        self._office = office
        self._tx = tx
        self._moment = moment
        self._work = Workspace(tx, now_us=moment.now_us, due_us=moment.now_us)
        self._caps = CapRebuilding(office, tx, self._work.changes, now_us=moment.now_us)
        self._lots_new: dict[bytes, Lot] = {}
        self._moved: set[bytes] = set()
        self._unanswered: list[ExchangeKey] = []
        self._cases: list[OpenCase] = []
        self._messages: dict[bytes, StoredMessage] = {}
        self._pending: dict[bytes, StoredMessage] = {}
        self._deposits: list[tuple[bytes, bytes]] = []
        self._offers: dict[bytes, list[tuple[LotOffer, Openings]]] = {}

    def run(self, refilled: list[StoredMessage]) -> list[OpenCase]:
        """Apply messages that came back; return what people must settle."""
        own = [one for one in refilled if one.is_sent and _is_exchange(one)]
        self._pending = {
            one.digest: one for one in refilled if not one.is_sent and _is_exchange(one)
        }
        self._load(own)
        for one in sorted(own, key=lambda each: each.log_index):
            self._take(one)
        self._answer_credits()
        self._end_bereft()
        changes = self._work.finish()
        changes.lots_new.extend(self._lots_new.values())
        self._tx.apply(changes, is_recovering=True)
        self._tx.log_refilled([_leaf(one) for one in own] + self._deposits)
        self._tx.open_cases_for(self._cases)
        return self._cases

    def _load(self, own: list[StoredMessage]) -> None:
        keys = {(one.peer, one.exchange_id) for one in (*own, *self._pending.values())}
        self._work.load_exchanges(keys)
        if keys:
            self._messages = {one.digest: one for one in self._tx.messages_of(list(keys))}
        wanted = {
            lot.lot_id
            for key in keys & self._work.exchanges.keys()
            for lot in self._work.exchanges[key].lots
            if self._work.exchanges[key].role is Role.SOURCE
        }
        for one in own:
            message = _read(one)
            if isinstance(message, Prepare):
                shown = codec.decode_openings(one.openings)
                for offer in message.lots:
                    lot_id = offer.content.lot_id
                    wanted.add(lot_id)
                    entry = deposit_entry(offer.deposit_commitment, offer.deposit_origin)
                    self._deposits.append((lot_id, entry))
                    if offer.deposit_origin:
                        self._offers.setdefault(offer.deposit_origin, []).append((offer, shown))
        self._work.load_lots(wanted)

    def _take(self, one: StoredMessage) -> None:
        """Count one message of ours, after what it answers and what it rests on."""
        message = _read(one)
        rests_on = [message.header.cause]
        if isinstance(message, Prepare):
            rests_on += [offer.deposit_origin for offer in message.lots]
        for digest in rests_on:
            if (before := self._pending.get(digest)) is not None:
                answer = one.digest if digest == message.header.cause else b""
                self._count(before, answer)
        self._count(one, b"")

    def _count(self, one: StoredMessage, answer: bytes) -> None:
        message, key = _read(one), (one.peer, one.exchange_id)
        before = self._work.exchanges.get(key) or self._begin(one, message)
        kind = TYPE_OF[type(message)]
        known = (before.hashes.get(kind), before.series.get((kind, message.header.step)))
        if one.digest in known:
            return
        direction = Direction.SENT if one.is_sent else Direction.RECEIVED
        try:
            counted = before.with_message(
                message, one.digest, direction, now_us=message.header.signed_time_us
            )
            found = self._replay(counted, message, one)
        except CreditBankError as error:
            self._cases.append(contradiction(before, one.digest, error.reason, self._moment.now_us))
            return
        self._absorb(found)
        self._caps.follow(found.exchange, message, one, self._messages)
        if one.is_sent:
            self._work.changes.settled.append(key)
            return
        self._pending.pop(one.digest, None)
        header = message.header
        row = InboxRow(
            key=(one.peer, one.exchange_id, kind.value, header.step),
            digest=one.digest,
            answer=answer,
        )
        self._work.changes.inbox_new.append(row)
        if header.cause:
            self._work.changes.answered.append(header.cause)

    def _begin(self, one: StoredMessage, message: ExchangeMessage) -> Exchange:
        is_from_source = isinstance(message, Prepare | Commit | Abort)
        mode = message.mode if isinstance(message, Request | Prepare) else Mode.TRANSFER
        return Exchange(
            peer=one.peer,
            exchange_id=one.exchange_id,
            role=Role.SOURCE if is_from_source is one.is_sent else Role.DESTINATION,
            mode=mode,
            begun_us=message.header.signed_time_us,
        )

    def _replay(
        self, exchange: Exchange, message: ExchangeMessage, one: StoredMessage
    ) -> replay.Replayed:
        lots = {**self._work.lots, **self._lots_new}
        if isinstance(message, Request):
            account = "" if one.is_sent else self._account_of_code(one)
            return replay.requested(exchange, message, exchange.account or account)
        if isinstance(message, Prepare):
            exchange = replace(exchange, relates_to=message.relates_to)
            if one.is_sent:
                return replay.offered(exchange, message, lots)
            account = exchange.account or self._account(exchange, message, one)
            return replay.Replayed(
                exchange=replace(exchange, account=account, lots=replay.offered_lots(message))
            )
        if isinstance(message, Vote):
            is_added = exchange.mode is Mode.RECOGNISE and exchange.relates_to and message.accepted
            if one.is_sent and is_added:
                # What an appeal added is for people to issue again.
                now_us = self._moment.now_us
                self._cases.append(contradiction(exchange, one.digest, "FOLLOW_UP_LOST", now_us))
            return replay.voted(exchange, message)
        if isinstance(message, Commit):
            if one.is_sent:
                missing = unfound_lots(exchange, message, set(lots), self._moment.now_us)
                self._cases += missing
                return replay.committed(exchange, message, lots, unit=self._moment.province)
            return self._credit(exchange, message, one.digest)
        if isinstance(message, Abort):
            return replay.aborted(exchange, message, lots)
        if not isinstance(message, Receipt):
            # What followed the exchange is counted; what it did to lots is for people to do again.
            now_us = self._moment.now_us
            self._cases.append(contradiction(exchange, one.digest, "FOLLOW_UP_LOST", now_us))
        return replay.Replayed(exchange=exchange)

    def _absorb(self, found: replay.Replayed) -> None:
        self._work.exchanges[found.exchange.key] = found.exchange
        for lot in found.lots_moved:
            self._moved.add(lot.lot_id)
            (self._lots_new if lot.lot_id in self._lots_new else self._work.lots)[lot.lot_id] = lot
        self._lots_new.update({lot.lot_id: lot for lot in found.lots_new})
        self._work.changes.entries.extend(found.entries)

    def _credit(self, exchange: Exchange, commit: Commit, digest: bytes) -> replay.Replayed:
        """Credit again what we had credited, with the very lots that we offered since."""
        vote, prepare = (
            self._messages[exchange.hashes[kind]]
            for kind in (MessageType.VOTE, MessageType.PREPARE)
        )
        voted = _read(vote)
        assert isinstance(voted, Vote)
        shown = codec.decode_openings(prepare.openings)
        lots = []
        if exchange.account and shown.openings:
            again = [
                lot
                for offer, opened in self._offers.get(digest, [])
                if (lot := replay.rebuilt(offer, opened, exchange.account)) is not None
            ]
            distinct = {lot.lot_id: lot for lot in again}
            for one in credits_of(voted, commit.lots):
                match = next(
                    (
                        lot
                        for lot in distinct.values()
                        if lot.amount_hundredths == one.granted_hundredths
                    ),
                    None,
                )
                if match is not None:
                    lots.append(distinct.pop(match.lot_id))
                    continue
                lots.append(
                    credited_lot(
                        self._moment,
                        exchange,
                        facts_credited(one, shown, {}),
                        one.granted_hundredths,
                        digest,
                    )
                )
        else:
            self._cases.append(unfound_learner(exchange, commit, self._moment.now_us))
        self._unanswered.append(exchange.key)
        return replay.credited(
            exchange, commit, lots, unit=self._moment.province, decision=vote.digest
        )

    def _answer_credits(self) -> None:
        """Say RECEIPT where the one that we may have made never reached anyone."""
        for key in self._unanswered:
            exchange = self._work.exchanges[key]
            if MessageType.RECEIPT in exchange.hashes:
                continue
            cause = exchange.hashes[MessageType.COMMIT]
            receipt = Receipt(
                header=self._moment.header(exchange, cause),
                ending=Ending.CREDITED,
                inbound_hundredths=exchange.committed_hundredths,
                granted_hundredths=sum(
                    lot.granted_hundredths for lot in exchange.lots if lot.is_committed
                ),
            )
            self._work.absorb(Step(exchange=exchange, send=receipt))

    def _end_bereft(self) -> None:
        """End offers whose lots are gone: to another exchange since, or with the backup."""
        self._work.load_exchanges(self._tx.held_source_exchanges(self._moved))
        lots = {**self._work.lots, **self._lots_new}
        for key, exchange in list(self._work.exchanges.items()):
            is_open = exchange.state in _HOLDING and exchange.mode is Mode.TRANSFER
            if not is_open or exchange.role is not Role.SOURCE:
                continue
            self._work.load_lots(one.lot_id for one in exchange.lots)
            lots = {**self._work.lots, **self._lots_new}
            held = [lots[one.lot_id] for one in exchange.lots if one.lot_id in lots]
            ours = [lot for lot in held if (lot.peer, lot.exchange_id) == key]
            if len(ours) == len(exchange.lots):
                continue
            hashes = exchange.hashes
            cause = hashes.get(MessageType.VOTE, hashes[MessageType.PREPARE])
            step = source.abort(self._moment, exchange, ours, (SOURCE_RESTORED,), cause)
            self._lots_new.update(
                {lot.lot_id: lot for lot in step.lots_moved if lot.lot_id in self._lots_new}
            )
            kept = tuple(lot for lot in step.lots_moved if lot.lot_id not in self._lots_new)
            self._work.absorb(replace(step, lots_moved=kept))

    def _account(self, exchange: Exchange, prepare: Prepare, one: StoredMessage) -> str:
        """Return the account that an offer is proven to be for, or nothing."""
        shown = codec.decode_openings(one.openings).by_name()
        request = self._messages.get(exchange.hashes.get(MessageType.REQUEST, b""))
        asked = codec.decode_openings(request.openings).by_name() if request else {}
        code = (shown | asked).get(TRANSFER_CODE)
        name = shown.get(LEARNER_NAME)
        if code is None:
            return ""
        issued = self._tx.codes([hash_code(code.value)])
        for found in issued.values():
            return found.account
        for learner in self._tx.learners_named(name.value.decode()) if name else []:
            number = self._office.document_number(learner)
            expected = identity_commitment(code.value, learner.document_type, number)
            if hmac.compare_digest(expected, prepare.identity_commitment):
                return learner.account
        return ""

    def _account_of_code(self, one: StoredMessage) -> str:
        """Return the account that we issued a REQUEST's code for, or nothing."""
        code = codec.decode_openings(one.openings).by_name().get(TRANSFER_CODE)
        issued = self._tx.codes([hash_code(code.value)]) if code is not None else {}
        return next((found.account for found in issued.values()), "")


def _is_exchange(one: StoredMessage) -> bool:
    return isinstance(codec.decode(one.type, one.payload), ExchangeMessage)


def _read(one: StoredMessage) -> ExchangeMessage:
    message = codec.decode(one.type, one.payload)
    assert isinstance(message, ExchangeMessage)
    return message


def _leaf(one: StoredMessage) -> tuple[bytes, bytes]:
    message = _read(one)
    return one.digest, message_entry(TYPE_OF[type(message)], one.digest, message)
