"""The offers that were decided here, as stored: each VOTE with what was offered and shown."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from federation.base.errors import Breach
from federation.protocol.grouping import record_in
from federation.protocol.messages import LotOffer, MessageType, Prepare, State, Vote
from federation.wire import codec
from node.domain.exchange import Exchange, Role
from node.domain.lot import facts_of
from node.domain.outcomes import OutcomeFacts
from node.usecases.ports import Reading, Store

PAGE = 200
_DECIDED = [
    int(state)
    for state in (State.ACCEPTED, State.REJECTED, State.CREDITED, State.RELEASED, State.CLOSED)
]


@dataclass(frozen=True, slots=True, kw_only=True)
class DecidedOffer:
    """An offer with its decision.

    Attributes:
        facts: what was shown of each lot; absent once erased, and of what no outcome is.
        record: the decision record, or empty where there is none or it was erased.
    """

    exchange: Exchange
    prepare: Prepare
    vote: Vote
    facts: Mapping[bytes, OutcomeFacts]
    record: bytes

    @property
    def offers(self) -> Mapping[bytes, LotOffer]:
        """The lots offered, by identifier."""
        return {one.content.lot_id: one for one in self.prepare.lots}


def decided_offers(store: Store) -> Iterator[DecidedOffer]:
    """Yield every offer that was decided here, oldest first; no reading lasts longer than a page.

    Raises:
        Unavailable: STORAGE.
    """
    after = 0
    while True:
        after, found = store.read(lambda reading, after=after: _page(reading, after))  # type: ignore[misc]
        yield from found
        if not after:
            return


def decided_offer(reading: Reading, exchange: Exchange) -> DecidedOffer | None:
    """Return the offer of an exchange with its decision, or None while there is none."""
    return next(iter(_decided(reading, [exchange])), None)


def _page(reading: Reading, after: int) -> tuple[int, list[DecidedOffer]]:
    page = reading.list_exchanges(references=(), states=_DECIDED, after=after, limit=PAGE)
    if not page:
        return 0, []
    return page[-1][0], _decided(reading, [one for _, one in page])


def _decided(reading: Reading, exchanges: list[Exchange]) -> list[DecidedOffer]:
    ours = [
        one
        for one in exchanges
        if one.role is Role.DESTINATION
        and {MessageType.VOTE, MessageType.PREPARE} <= one.hashes.keys()
    ]
    wanted = [one.hashes[kind] for one in ours for kind in (MessageType.PREPARE, MessageType.VOTE)]
    stored = reading.messages(wanted)
    found = []
    for one in ours:
        offered = stored.get(one.hashes[MessageType.PREPARE])
        voted = stored.get(one.hashes[MessageType.VOTE])
        if offered is None or voted is None:
            continue  # Lost, and named by a recovery; it can be like nothing.
        prepare = codec.decode(MessageType.PREPARE, offered.payload)
        vote = codec.decode(MessageType.VOTE, voted.payload)
        assert isinstance(prepare, Prepare)
        assert isinstance(vote, Vote)
        found.append(
            DecidedOffer(
                exchange=one,
                prepare=prepare,
                vote=vote,
                facts=_facts(prepare, offered.openings),
                record=record_in(codec.decode_openings(voted.openings)),
            )
        )
    return found


def _facts(prepare: Prepare, openings: bytes) -> dict[bytes, OutcomeFacts]:
    shown, facts = codec.decode_openings(openings), {}
    for lot in prepare.lots:
        try:
            found = facts_of(shown, lot.content.lot_id)
        except Breach:
            continue  # What no outcome is was refused then.
        if found is not None:
            facts[lot.content.lot_id] = found
    return facts
