"""Ask peers how far exchanges have come: a destination never gives an acceptance up, it asks.

The signed answer comes from the peer's state; its stored messages come with it and are applied
like any others, so that whatever was lost on the way is made good.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

from federation.base.clock import HOUR
from federation.base.errors import CreditBankError
from federation.protocol.inquiries import NONCE_SIZE, StatusAnswer, StatusQuery
from federation.protocol.messages import State
from federation.wire.delivery import Arrival
from node.domain.exchange import Exchange
from node.domain.step import Moment
from node.usecases.incoming import Incoming
from node.usecases.office import Office
from node.usecases.ports import Peers
from node.usecases.sealing import Sealing

MOST_TOGETHER = 32
ASK_AFTER_US = HOUR
UNDECIDED = (State.REQUESTED, State.RECEIVED, State.ACCEPTED, State.REJECTED, State.COMMITTED)


class Asking:
    """Asks about exchanges that have been silent."""

    def __init__(self, office: Office, sealing: Sealing, peers: Peers, incoming: Incoming) -> None:
        self._office = office
        self._sealing = sealing
        self._peers = peers
        self._incoming = incoming

    def ask_silent(self, *, silent_us: int = ASK_AFTER_US) -> int:
        """Ask about exchanges that have not changed for so long; return how many were asked."""
        before_us = self._office.clock.now_us() - silent_us
        silent = self._office.store.read(
            lambda reading: reading.silent(
                [int(state) for state in UNDECIDED], before_us, MOST_TOGETHER
            )
        )
        by_peer: dict[str, list[Exchange]] = defaultdict(list)
        for exchange in silent:
            by_peer[exchange.peer].append(exchange)
        return sum(self._ask_or_none(peer, asked) for peer, asked in by_peer.items())

    def ask(self, peer: str, exchanges: Sequence[Exchange]) -> dict[bytes, State]:
        """Return how far exchanges have come at a peer, and apply the messages that it returns.

        Raises:
            Unavailable: when the peer does not answer.
            Breach: when it is no member, or its answer is not its own.
        """
        moment, member = self._office.moment(), self._office.peer(peer)
        queries = [self._query(moment, exchange) for exchange in exchanges]
        nonces = {query.header.exchange_id: query.nonce for query in queries}
        outcome = self._peers.deliver(self._sealing.seal(peer, [], queries), member)
        stored: list[Arrival] = []
        states: dict[bytes, State] = {}
        for arrival in outcome.answers:
            message = arrival.message
            if not isinstance(message, StatusAnswer):
                stored.append(arrival)
            elif nonces.get(message.header.exchange_id) == message.nonce:
                states[message.header.exchange_id] = message.state
        if stored:
            self._incoming.apply(peer, stored, answers_travel_back=False)
        return states

    def _ask_or_none(self, peer: str, exchanges: Sequence[Exchange]) -> int:
        try:
            self.ask(peer, exchanges)
        except CreditBankError:
            return 0  # Asked again at the next round; delivery tells of the failure.
        return len(exchanges)

    def _query(self, moment: Moment, exchange: Exchange) -> StatusQuery:
        return StatusQuery(
            header=moment.header(exchange, b""),
            nonce=self._office.entropy.token(NONCE_SIZE),
            shown=b"",
        )
