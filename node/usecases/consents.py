"""The learner takes the consent of an exchange back, here or at the other party."""

from __future__ import annotations

from federation.base.errors import Refusal
from federation.protocol.messages import State
from node.domain import source
from node.domain.consents import must_abort, withdraw_consent
from node.domain.exchange import ExchangeKey, Role
from node.usecases.cap_books import CapBooks
from node.usecases.office import Office
from node.usecases.ports import Transaction
from node.usecases.workspace import Workspace


class Consents:
    """Books the withdrawal of consents."""

    def __init__(self, office: Office) -> None:
        self._office = office

    def withdraw(self, key: ExchangeKey) -> State:
        """Withdraw the consent of an exchange and return its state after it.

        Lots held for it without a COMMIT are released; what was committed stays where it went.

        Raises:
            Refusal: EXCHANGE for one unknown here, NO_SUCH_STEP, CONSENT_WITHDRAWN.
        """
        state = self._office.store.transact(lambda tx: self._withdraw(tx, key))
        self._office.wake([key[0]])
        return state

    def _withdraw(self, tx: Transaction, key: ExchangeKey) -> State:
        moment = self._office.moment()
        workspace = Workspace(tx, now_us=moment.now_us, due_us=moment.now_us)
        workspace.load_exchanges([key])
        exchange = workspace.exchanges.get(key)
        if exchange is None:
            raise Refusal("EXCHANGE")
        if exchange.role is Role.SOURCE:
            workspace.load_lots(source.lots_in(exchange))
        workspace.absorb(withdraw_consent(moment, exchange))
        CapBooks(tx, workspace.changes, now_us=moment.now_us).withdrawn(exchange)
        exchange = workspace.exchanges[key]
        if must_abort(exchange):
            lots = [workspace.lots[lot_id] for lot_id in source.lots_in(exchange)]
            workspace.absorb(source.withdraw(moment, exchange, lots, "CONSENT_WITHDRAWN"))
        tx.apply(workspace.finish())
        return workspace.exchanges[key].state
