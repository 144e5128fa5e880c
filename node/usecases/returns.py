"""Returns, within a transaction: what goes back from here, and what comes back to here."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from federation.base.errors import Refusal
from federation.protocol.lots import WantedLot
from federation.protocol.messages import MessageType, Mode, Prepare, State, Verdict
from federation.wire import codec
from node.domain.exchange import Exchange, ExchangeKey, Role
from node.domain.lot import Lot
from node.domain.outcomes import OutcomeFacts
from node.domain.returns import Original, names_returned, restored
from node.usecases.follow_ups import brought_here
from node.usecases.ports import Reading
from node.usecases.workspace import Workspace

_GIVEN_UP = (State.RELEASED, State.REJECTED)


def returned_lots(
    reading: Reading,
    workspace: Workspace,
    key: ExchangeKey,
    wanted: Sequence[WantedLot],
    *,
    mode: Mode,
) -> dict[bytes, bytes]:
    """Return by each lot that shall go back the name that it had at its source.

    Raises:
        Refusal: EXCHANGE, RETURN_UNKNOWN for a lot that the exchange did not bring, RETURN_DIFFERS
            for one that an appeal raised, MODE.
    """
    if mode is not Mode.TRANSFER:
        raise Refusal("MODE")
    workspace.load_exchanges([key])
    exchange = workspace.exchanges.get(key)
    is_here = exchange is not None and exchange.role is Role.DESTINATION
    if exchange is None or not is_here or exchange.state is not State.CREDITED:
        raise Refusal("EXCHANGE")
    names = {
        one.lot.lot_id: name
        for name, one in brought_here(reading, workspace, exchange).items()
        # What counts only together cannot be again what its parts were.
        if not one.group
    }
    if not {one.lot_id for one in wanted} <= names.keys():
        raise Refusal("RETURN_UNKNOWN")
    raised = {source_lot for _, source_lot in reading.raised(key)}
    if raised.intersection(names[one.lot_id] for one in wanted):
        # It counts for more by now than what came with it.
        raise Refusal("RETURN_DIFFERS")
    return {one.lot_id: names[one.lot_id] for one in wanted}


def original_of(reading: Reading, exchange: Exchange, relates_to: bytes) -> Original:
    """Return what this node has of the exchange that a return cites."""
    key = (exchange.peer, relates_to)
    cited = reading.exchanges([key]).get(key)
    names = [lot.lot_id for lot in cited.lots] if cited else []
    others = [
        one
        for one in reading.relating(exchange.peer, relates_to)
        if one.exchange_id != exchange.exchange_id and one.state not in _GIVEN_UP
    ]
    accepted = {lot.lot_id for one in others for lot in one.lots if lot.verdict is Verdict.ACCEPT}
    offers = list(_prepares(reading, others).values())
    return Original(
        exchange=cited, lots=reading.lots(names), returned=names_returned(offers, accepted)
    )


def facts_before(reading: Reading, prepare: Prepare) -> dict[bytes, OutcomeFacts]:
    """Return what lots that come back were, by their names at the peer."""
    lots: Mapping[bytes, Lot] = reading.lots([one.returns for one in prepare.lots])
    return restored(prepare, lots)


def _prepares(reading: Reading, exchanges: Sequence[Exchange]) -> dict[bytes, Prepare]:
    digests = [
        one.hashes[MessageType.PREPARE] for one in exchanges if MessageType.PREPARE in one.hashes
    ]
    found: dict[bytes, Prepare] = {}
    for digest, stored in reading.messages(digests).items():
        message = codec.decode(MessageType.PREPARE, stored.payload)
        assert isinstance(message, Prepare)
        found[digest] = message
    return found
