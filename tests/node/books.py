"""What must hold in the books of two provinces at every moment, read from their files."""

from __future__ import annotations

from collections import Counter, defaultdict
from typing import Any

from federation.protocol.messages import MessageType, State
from tests.node.province import Province
from tests.node.two_provinces import TwoProvinces


def check_books(two: TwoProvinces) -> None:
    """Check both provinces' books by themselves and against each other."""
    for one in two.both:
        check_ledger(one)
        check_locks(one)
    check_conservation(two.source, two.destination)
    check_conservation(two.destination, two.source)


def check_ledger(one: Province) -> None:
    """Check that postings sum to zero per unit and give balances and lots."""
    per_unit: dict[str, int] = defaultdict(int)
    accounts: dict[str, int] = defaultdict(int)
    for debit, credit, unit, amount in one.rows(
        "select debit, credit, unit, hundredths from posting"
    ):
        for account, moved in ((debit, -amount), (credit, amount)):
            per_unit[unit] += moved
            accounts[account] += moved
    assert not any(per_unit.values())
    balances = dict(one.rows("select account, hundredths from balance"))
    assert {name: accounts[name] for name in balances} == balances
    held = dict(
        one.rows(
            "select 'learner:' || account, sum(amount) from lot"
            " where state in ('AVAILABLE', 'LOCKED') and hold <> 'REVOKED' group by account"
        )
    )
    assert {name: held.get(name, 0) for name in balances} == balances
    assert accounts["conversion"] == 0


def check_locks(one: Province) -> None:
    """Check that a locked lot is in one live exchange, and a spent one in one committed."""
    live = (State.LOCKED, State.PREPARED)
    uses = one.rows(
        "select l.lot_id, e.state, l.is_committed from exchange_lot l join exchange e"
        " on e.peer = l.peer and e.exchange_id = l.exchange_id"
        " where e.role = 'SOURCE' and e.mode = 2"
    )
    locked = Counter(lot for lot, state, _ in uses if state in live)
    spent = Counter(lot for lot, _, is_committed in uses if is_committed)
    states = dict(one.rows("select lot_id, state from lot"))
    for lot, state in states.items():
        assert locked[lot] == (state == "LOCKED"), (lot, state, locked[lot])
        assert spent[lot] == (state == "SPENT"), (lot, state, spent[lot])


def booked(one: Province, kind: str, peer: str) -> dict[bytes, int]:
    """Return what was booked through a peer's account, by exchange."""
    account = f"{kind.lower()}:{peer}"
    rows: list[Any] = one.rows(
        "select e.subject, sum(p.hundredths) from entry e join posting p using (entry_id)"
        " where e.kind = ? and e.peer = ? and ? in (p.debit, p.credit) group by e.subject",
        kind,
        peer,
        account,
    )
    return dict(rows)


def check_conservation(source: Province, destination: Province) -> None:
    """Check that outbound = inbound + in flight, in source hundredths, exchange by exchange."""
    outbound = booked(source, "OUTBOUND", destination.name)
    inbound = booked(destination, "INBOUND", source.name)
    in_flight = {
        name: amount
        for name, amount in outbound.items()
        if source.exchange(name).state is State.COMMITTED and name not in inbound
    }
    assert outbound == inbound | in_flight
    assert sum(outbound.values()) == sum(inbound.values()) + sum(in_flight.values())


def check_same_story(two: TwoProvinces) -> None:
    """Check that both sides keep the same payloads, and both the whole of every decision.

    Only a PREPARE that its ABORT overtook, or a VOTE that a RECEIPT did, need not have arrived.
    """
    query = "select exchange_id, type, payload from message"
    ours, theirs = ({row[:2]: row[2] for row in one.rows(query)} for one in two.both)
    for name in ours.keys() & theirs.keys():
        assert ours[name] == theirs[name]
    for _, kind in ours.keys() ^ theirs.keys():
        assert kind in (MessageType.PREPARE, MessageType.VOTE), kind
