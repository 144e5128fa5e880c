"""Taking up a promise: what a transfer at the source cites, within a transaction."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from federation.base.errors import Refusal
from federation.protocol.lots import WantedLot
from federation.protocol.messages import MessageType, Mode, Prepare, State, Verdict
from federation.wire import codec
from node.domain.exchange import ExchangeKey, Role
from node.usecases.ports import Reading
from node.usecases.workspace import Workspace


@dataclass(frozen=True, slots=True, kw_only=True)
class TakenUp:
    """A promise of a peer.

    Attributes:
        vote: hash of the VOTE that made it; empty for none.
        targets: what it was made for.
    """

    vote: bytes
    targets: tuple[str, ...]


def promise_of(
    reading: Reading,
    workspace: Workspace,
    key: ExchangeKey,
    wanted: Sequence[WantedLot],
    *,
    mode: Mode,
    now_us: int,
) -> TakenUp:
    """Return the promise that a recognition made of these lots.

    Raises:
        Refusal: EXCHANGE for none of a recognition here, MODE unless it is for a transfer,
            PROMISE_UNKNOWN where one of the lots was not granted, PROMISE_ENDED.
    """
    if mode is not Mode.TRANSFER:
        raise Refusal("MODE")
    workspace.load_exchanges([key])
    exchange = workspace.exchanges.get(key)
    if exchange is None or (exchange.role, exchange.state) != (Role.SOURCE, State.RECOGNISED):
        raise Refusal("EXCHANGE")
    granted = {one.lot_id for one in exchange.lots if one.verdict is Verdict.ACCEPT}
    if not {one.lot_id for one in wanted} <= granted:
        raise Refusal("PROMISE_UNKNOWN")
    if exchange.accept_until_us < now_us:
        raise Refusal("PROMISE_ENDED")
    digest = exchange.hashes[MessageType.PREPARE]
    prepare = codec.decode(MessageType.PREPARE, reading.messages([digest])[digest].payload)
    assert isinstance(prepare, Prepare)
    return TakenUp(vote=exchange.hashes[MessageType.VOTE], targets=prepare.wanted_targets)
