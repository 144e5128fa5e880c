"""Apply what accompanies or follows an exchange, within the transaction of its batch."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from federation.base.errors import Breach, Kind
from federation.protocol.commitments import Openings
from federation.protocol.messages import (
    Commit,
    ConsentAck,
    ConsentWithdrawn,
    Disposition,
    LotNotice,
    MessageType,
    Notice,
    Outcome,
    Supplement,
    SupplementAsked,
    Vote,
)
from federation.wire import codec
from node.domain import consents, dispositions, notices, raised_lots, source
from node.domain.credit_groups import Credit, credits_of
from node.domain.dispositions import Brought
from node.domain.evidence import named_files
from node.domain.exchange import Exchange, ExchangeKey
from node.domain.lot import Lot
from node.domain.step import Moment, Step
from node.usecases.cap_books import CapBooks
from node.usecases.ports import Reading
from node.usecases.workspace import Workspace

FollowUp = SupplementAsked | Supplement | Notice | Disposition | ConsentWithdrawn | ConsentAck


class FollowUps:
    """Follow-ups of one batch in hand."""

    def __init__(
        self, reading: Reading, workspace: Workspace, moment: Moment, books: CapBooks
    ) -> None:
        self._reading = reading
        self._workspace = workspace
        self._moment = moment
        self._books = books

    def apply(self, message: FollowUp, shown: Openings, exchange: Exchange) -> Step:
        """Return what follows from a message that was just counted.

        Raises:
            Breach: LOTS_DIFFER for lots that are not of the exchange.
        """
        if isinstance(message, Notice):
            return self._on_notice(message, exchange)
        if isinstance(message, ConsentWithdrawn):
            self._books.withdrawn(exchange)
            return consents.on_withdrawn(self._moment, exchange, message)
        if isinstance(message, Supplement):
            _check_lots([lot.lot_id for lot in message.lots], exchange)
            return Step(exchange=exchange, files_named=tuple(named_files(message, shown)))
        if isinstance(message, SupplementAsked):
            _check_lots([lot.lot_id for lot in message.lots], exchange)
        return Step(exchange=exchange)

    def after(self, exchange: Exchange) -> None:
        """Let follow what an answer cannot hold: an offer without consent is aborted."""
        if consents.must_abort(exchange):
            lots = [self._workspace.lots[lot_id] for lot_id in source.lots_in(exchange)]
            self._workspace.absorb(
                source.withdraw(self._moment, exchange, lots, "CONSENT_WITHDRAWN")
            )

    def _on_notice(self, message: Notice, exchange: Exchange) -> Step:
        known = brought_here(self._reading, self._workspace, exchange)
        step, onward = dispositions.on_notice(self._moment, exchange, message, known)
        self._pass_on(onward)
        standing = {lot_id for lot_id, one in known.items() if one.remaining_hundredths}
        step, onward = self._on_raised(message, step, standing)
        self._pass_on(onward)
        answer = step.send
        assert isinstance(answer, Disposition)
        gone = {
            lot_id
            for lot in answer.lots
            if lot.outcome is Outcome.REVERSED and not lot.remaining_hundredths
            for lot_id in (lot.lot_id, *known[lot.lot_id].with_lots)
        }
        self._books.give_back(exchange, gone)
        for lot in answer.lots:
            if lot.outcome is Outcome.REVERSED and lot.remaining_hundredths:
                self._books.lower(exchange, lot.lot_id, lot.remaining_hundredths)
        return step

    def _on_raised(
        self, message: Notice, step: Step, standing: Collection[bytes]
    ) -> tuple[Step, Mapping[ExchangeKey, Sequence[LotNotice]]]:
        """Let what appeals added follow the lots that they raised, while these still stood."""
        found = self._reading.raised(step.exchange.key)
        rows = [(lot_id, source_lot) for lot_id, source_lot in found if source_lot in standing]
        if not rows:
            return step, {}
        self._workspace.load_lots(lot_id for lot_id, _ in rows)
        raised: dict[bytes, list[Lot]] = {}
        for lot_id, source_lot in rows:
            raised.setdefault(source_lot, []).append(self._workspace.lots[lot_id])
        return raised_lots.on_notice(self._moment, message, step, raised)

    def _pass_on(self, onward: Mapping[ExchangeKey, Sequence[LotNotice]]) -> None:
        self._workspace.load_exchanges(onward)
        for key, lots in onward.items():
            exchange = self._workspace.exchanges[key]
            self._workspace.absorb(notices.notify(self._moment, exchange, lots))


def _check_lots(lot_ids: Sequence[bytes], exchange: Exchange) -> None:
    if not set(lot_ids) <= {lot.lot_id for lot in exchange.lots}:
        raise Breach("LOTS_DIFFER", kind=Kind.FAILED_PRECONDITION)


def brought_here(
    reading: Reading, workspace: Workspace, exchange: Exchange
) -> Mapping[bytes, Brought]:
    """Return what each lot that an exchange brought is by now, by its name at the source."""
    origin = exchange.hashes[MessageType.COMMIT]
    # What an appeal added follows what it raised, and is nothing that the COMMIT brought.
    added = {lot_id for lot_id, _ in reading.raised(exchange.key)}
    brought = reading.lots_brought(exchange.account, origin)
    lot_ids = [lot_id for lot_id in brought if lot_id not in added]
    workspace.load_lots(lot_ids)
    unwritten = [lot for lot in workspace.changes.lots_new if lot.origin == origin]
    return dispositions.brought(
        exchange,
        [*(workspace.lots[lot_id] for lot_id in lot_ids), *unwritten],
        _past(reading, workspace, exchange),
        _credits(reading, exchange),
    )


def _credits(reading: Reading, exchange: Exchange) -> Sequence[Credit]:
    kinds = (MessageType.VOTE, MessageType.COMMIT)
    stored = reading.messages([exchange.hashes[kind] for kind in kinds])
    vote, commit = (codec.decode(kind, stored[exchange.hashes[kind]].payload) for kind in kinds)
    assert isinstance(vote, Vote)
    assert isinstance(commit, Commit)
    return credits_of(vote, commit.lots)


def _past(reading: Reading, workspace: Workspace, exchange: Exchange) -> Sequence[Disposition]:
    """Return an exchange's dispositions in order, those of this batch included."""
    said = [
        exchange.series[MessageType.DISPOSITION, step]
        for step in range(1, exchange.steps_of(MessageType.DISPOSITION) + 1)
    ]
    payloads = {one.digest: one.payload for one in workspace.changes.sent}
    stored = reading.messages([one for one in said if one not in payloads])
    payloads |= {digest: one.payload for digest, one in stored.items()}
    past = []
    for digest in said:
        message = codec.decode(MessageType.DISPOSITION, payloads[digest])
        assert isinstance(message, Disposition)
        past.append(message)
    return past
