"""Ask peers how far exchanges have come: a destination never gives an acceptance up, it asks.

The signed answer comes from the peer's state; its stored messages come with it and are applied
like any others, so that whatever was lost on the way is made good.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import replace

from federation.base.clock import HOUR, MINUTE
from federation.base.errors import CreditBankError
from federation.protocol.admission import FRESHNESS, LARGEST_PAYLOAD
from federation.protocol.inquiries import NONCE_SIZE, StatusAnswer, StatusQuery
from federation.protocol.lifecycle import Direction, Event, advance
from federation.protocol.messages import State
from federation.wire.delivery import Arrival
from federation.wire.refilled import show
from node.domain.changes import Changes
from node.domain.exchange import Exchange, ExchangeKey
from node.domain.step import Moment
from node.usecases.incoming import Incoming
from node.usecases.office import Office
from node.usecases.ports import Peers, Transaction
from node.usecases.sealing import Sealing

MOST_TOGETHER = 32
# The question itself needs room beside what it shows.
LARGEST_SHOWN = LARGEST_PAYLOAD - 1024
ASK_AFTER_US = HOUR
# A REQUEST older than this is taken by nobody who has not taken it already.
ASK_REQUESTED_AFTER_US = FRESHNESS + 5 * MINUTE
UNDECIDED = (State.RECEIVED, State.ACCEPTED, State.REJECTED, State.COMMITTED)


class Asking:
    """Asks about exchanges that have been silent."""

    def __init__(self, office: Office, sealing: Sealing, peers: Peers, incoming: Incoming) -> None:
        self._office = office
        self._sealing = sealing
        self._peers = peers
        self._incoming = incoming
        self._asked_up_to: dict[State, int] = {}

    def ask_silent(self, *, silent_us: int = ASK_AFTER_US) -> int:
        """Ask about exchanges that have not changed for so long; return how many were asked."""
        asked = self._ask_round((State.REQUESTED,), min(silent_us, ASK_REQUESTED_AFTER_US))
        return asked + self._ask_round(UNDECIDED, silent_us)

    def _ask_round(self, states: Sequence[State], silent_us: int) -> int:
        """Ask about the next few, going round so that no exchange waits behind others for ever."""
        before_us = self._office.clock.now_us() - silent_us
        after = self._asked_up_to.get(states[0], 0)
        silent = self._office.store.read(
            lambda reading: reading.silent(
                [int(state) for state in states], after, before_us, MOST_TOGETHER
            )
        )
        self._asked_up_to[states[0]] = silent[-1][0] if len(silent) == MOST_TOGETHER else 0
        by_peer: dict[str, list[Exchange]] = defaultdict(list)
        for _, exchange in silent:
            by_peer[exchange.peer].append(exchange)
        return sum(self._ask_or_none(peer, asked) for peer, asked in by_peer.items())

    def ask(self, peer: str, exchanges: Sequence[Exchange]) -> dict[bytes, State]:
        """Return how far exchanges have come at a peer, and apply the messages that it returns.

        Raises:
            Unavailable: when the peer does not answer.
            Breach: when it is no member, or its answer is not its own.
        """
        states = self._question(peer, exchanges, {})
        unknown = [one for one in exchanges if states.get(one.exchange_id) is State.UNKNOWN]
        # Who signed a message of it and does not know it was restored from a backup.
        shown = self._shown(unknown)
        if shown:
            asked = [one for one in unknown if one.exchange_id in shown]
            states |= self._question(peer, asked, shown)
        self._release_untaken(peer, exchanges, states)
        return states

    def heal(self, peer: str, exchanges: Sequence[Exchange]) -> None:
        """Say our last words of exchanges again, and ask for the peer's.

        Raises:
            Unavailable: when the peer does not answer.
            Breach: when it is no member, or its answer is not its own.
        """
        for at in range(0, len(exchanges), MOST_TOGETHER):
            some = exchanges[at : at + MOST_TOGETHER]
            said = [one.last_sent for one in some if one.last_sent]
            self._question(peer, some, self._shown(some), said)

    def _question(
        self,
        peer: str,
        exchanges: Sequence[Exchange],
        shown: Mapping[bytes, bytes],
        said: Sequence[bytes] = (),
    ) -> dict[bytes, State]:
        moment, member = self._office.moment(), self._office.peer(peer)
        queries = [
            self._query(moment, exchange, shown.get(exchange.exchange_id, b""))
            for exchange in exchanges
        ]
        nonces = {query.header.exchange_id: query.nonce for query in queries}
        outcome = self._peers.deliver(self._sealing.seal(peer, said, queries), member)
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

    def _shown(self, exchanges: Sequence[Exchange]) -> dict[bytes, bytes]:
        """Return for each exchange the last message that the peer signed, if it signed any."""
        keys = [one.key for one in exchanges]
        stored = self._office.store.read(lambda reading: reading.messages_of(keys)) if keys else []
        return {
            one.exchange_id: shown
            for one in stored
            if not one.is_sent
            and one.evidence is not None
            and len(shown := show(one.evidence)) <= LARGEST_SHOWN
        }

    def _release_untaken(
        self, peer: str, exchanges: Sequence[Exchange], states: Mapping[bytes, State]
    ) -> None:
        """End requests that grew too old on their way and that the source never took."""
        untaken = [
            (peer, one.exchange_id)
            for one in exchanges
            if one.state is State.REQUESTED and states.get(one.exchange_id) is State.UNKNOWN
        ]
        if untaken:
            self._office.store.transact(lambda tx: self._release(tx, untaken))

    def _release(self, tx: Transaction, keys: Sequence[ExchangeKey]) -> None:
        now_us = self._office.clock.now_us()
        changes = Changes()
        for key, before in tx.exchanges(keys).items():
            if before.state is not State.REQUESTED or now_us - before.begun_us <= FRESHNESS:
                continue
            after = replace(
                before,
                state=advance(before.state, Direction.RECEIVED, Event.UNKNOWN_THERE),
                reasons=("STALE",),
                changed_us=now_us,
            )
            changes.exchanges_moved.append((before, after))
            changes.settled.append(key)
        tx.apply(changes)

    def _ask_or_none(self, peer: str, exchanges: Sequence[Exchange]) -> int:
        try:
            self.ask(peer, exchanges)
        except CreditBankError:
            return 0  # Asked again at the next round; delivery tells of the failure.
        return len(exchanges)

    def _query(self, moment: Moment, exchange: Exchange, shown: bytes) -> StatusQuery:
        return StatusQuery(
            header=moment.header(exchange, b""),
            nonce=self._office.entropy.token(NONCE_SIZE),
            shown=shown,
        )
