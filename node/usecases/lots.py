"""What an office states of its lots: frozen, revoked, corrected, wherever they are by now."""

from __future__ import annotations

from dataclasses import dataclass

from federation.base.amounts import check_amount
from federation.base.errors import Breach, Refusal
from federation.protocol.messages import EXCHANGE_ID_SIZE, Fact, LotNotice
from node.domain import notices
from node.domain.lot import Hold, Lot, LotState
from node.domain.notices import Statement
from node.domain.outcome_lot import follow_lot
from node.usecases.office import Office
from node.usecases.ports import Transaction
from node.usecases.workspace import Workspace


@dataclass(frozen=True, slots=True, kw_only=True)
class Stated:
    """A lot after a statement.

    Attributes:
        is_noticed: whether it was committed, so that a NOTICE goes where it went.
    """

    lot: Lot
    is_noticed: bool


class Lots:
    """States facts about lots of this office."""

    def __init__(self, office: Office) -> None:
        self._office = office

    def state(self, statement: Statement) -> Stated:
        """State a fact of a lot: held here, or told to the province that took it.

        Raises:
            Breach: LOT or REASON_FORM for a malformed statement, AMOUNT.
            Refusal: LOT, or what :func:`node.domain.notices.stated` raises.
        """
        if len(statement.lot_id) != EXCHANGE_ID_SIZE:
            raise Breach("LOT")
        if statement.reason not in notices.REASONS:
            raise Breach("REASON_FORM", detail=statement.reason[:64])
        if statement.fact is Fact.CORRECTED:
            check_amount(statement.amount_hundredths)
        done = self._office.store.transact(lambda tx: self._state(tx, statement))
        self.wake(done)
        return done

    def wake(self, done: Stated) -> None:
        """Let the notice of a statement that is durable be delivered."""
        if done.is_noticed:
            self._office.wake([done.lot.peer])

    def _state(self, tx: Transaction, statement: Statement) -> Stated:
        done = self.state_within(tx, statement)
        now_us = self._office.clock.now_us()
        # What is said of a lot is said of the outcome that it was.
        for known in tx.outcomes_of_lot(statement.lot_id):
            after = follow_lot(known.record, statement)
            if after != known.record:
                tx.move_outcome(known, known.after(after, now_us))
        return done

    def state_within(self, tx: Transaction, statement: Statement) -> Stated:
        """State a fact of a lot in a transaction that moves its outcome itself.

        Raises:
            Refusal: as :meth:`state`.
        """
        moment = self._office.moment()
        workspace = Workspace(tx, now_us=moment.now_us, due_us=moment.now_us)
        # On the way to COMMIT exchanges are locked before their lots.
        seen = tx.peek_lot(statement.lot_id)
        if seen is None:
            raise Refusal("LOT")
        if seen.state is LotState.SPENT:
            workspace.load_exchanges([(seen.peer, seen.exchange_id)])
        workspace.load_lots([statement.lot_id])
        lot = workspace.lots[statement.lot_id]
        if lot.state is not seen.state:
            return self.state_within(tx, statement)
        after = notices.stated(lot, statement)
        workspace.lots[lot.lot_id] = after
        if lot.state is LotState.SPENT:
            told = LotNotice(
                lot_id=lot.lot_id,
                fact=statement.fact,
                amount_hundredths=(
                    statement.amount_hundredths if statement.fact is Fact.CORRECTED else 0
                ),
                reason=statement.reason,
            )
            exchange = workspace.exchanges[lot.peer, lot.exchange_id]
            workspace.absorb(notices.notify(moment, exchange, [told]))
        elif after.hold is Hold.REVOKED:
            workspace.changes.entries.extend(notices.revocation(moment, lot))
        tx.apply(workspace.finish())
        return Stated(lot=after, is_noticed=lot.state is LotState.SPENT)
