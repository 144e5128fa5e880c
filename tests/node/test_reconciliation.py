"""Inquiries and reconciliation: asking changes nothing, and books that differ are named."""

from __future__ import annotations

import hashlib

import pytest
from sqlalchemy import text

from federation.base.clock import DAY
from federation.protocol.inquiries import BUCKETS, StatusQuery
from node.usecases.inquiries import bucket_digests, differing_buckets
from node.usecases.ports import PairBooked
from node.usecases.reconciliation import PairResult
from tests.federation.message_values import header
from tests.node.province import Fate
from tests.node.two_provinces import TwoProvinces


def pair(two: TwoProvinces) -> PairResult:
    (result,) = two.source.reconciliation.reconcile()
    return result


def transfer(two: TwoProvinces, count: int = 3) -> None:
    person = two.person()
    for _ in range(count):
        two.apply(person, two.lot(person))
    two.run()


def bend(two: TwoProvinces, at: int, statement: str) -> None:
    two.both[at].store.transact(lambda tx: tx._connection.execute(text(statement)))


def test_books_of_completed_transfers_agree(two: TwoProvinces) -> None:
    transfer(two)
    result = pair(two)
    assert (result.agrees, result.reason, result.exchanges) == (True, "", 3)
    assert (result.outbound_hundredths, result.inbound_hundredths) == (900, 900)
    assert (result.granted_hundredths, result.in_flight_hundredths) == (720, 0)


def test_empty_books_agree(two: TwoProvinces) -> None:
    assert pair(two).agrees


def test_what_is_committed_and_not_yet_credited_is_in_flight(two: TwoProvinces) -> None:
    transfer(two)
    person = two.person()
    two.apply(person, two.lot(person, 150))
    two.source.delivery.deliver("CN-33")
    result = pair(two)
    assert (result.agrees, result.outbound_hundredths, result.in_flight_hundredths) == (
        True,
        1050,
        150,
    )


@pytest.mark.parametrize(
    ("at", "statement", "reason"),
    [
        (1, "update posting set hundredths = 299 where debit like 'inbound:%'", "AMOUNTS_DIFFER"),
        (
            1,
            "update entry set subject = decision where kind = 'INBOUND'",
            "CREDITED_WITHOUT_DEBIT",
        ),
        (1, "delete from posting where debit like 'inbound:%'", "CLOSED_WITHOUT_CREDIT"),
    ],
)
def test_books_that_differ_are_named(
    two: TwoProvinces, at: int, statement: str, reason: str
) -> None:
    transfer(two, 1)
    bend(two, at, statement)
    result = pair(two)
    assert (result.agrees, result.reason) == (False, reason)


def test_a_peer_that_does_not_answer_is_named(two: TwoProvinces) -> None:
    two.wire.fate = lambda src, dst: Fate.LOSE
    assert pair(two).reason == "UNREACHABLE"


def test_asking_changes_nothing_on_the_other_side(two: TwoProvinces) -> None:
    transfer(two)
    before = two.destination.dump()
    pair(two)
    assert two.destination.dump() == before


def ask(two: TwoProvinces, exchange_id: bytes) -> tuple[str, list[str]]:
    """Ask the source how far an exchange has come; return the state and what came with it."""
    asked = header(
        src="CN-33",
        dst="CN-31",
        exchange_id=exchange_id,
        cause=b"",
        signed_time_us=two.clock.us,
    )
    query = StatusQuery(header=asked, nonce=b"q" * 16, shown=b"")
    batch = two.destination.sealing.seal("CN-31", [], [query])
    outcome = two.destination.peers.deliver(batch, two.view.members["CN-31"])
    (state,) = (a.message.state.name for a in outcome.answers if hasattr(a.message, "state"))
    return state, [type(a.message).__name__ for a in outcome.answers]


def test_status_is_answered_from_state_with_the_stored_message(two: TwoProvinces) -> None:
    person = two.person()
    exchange_id = two.apply(person, two.lot(person), whole=False)
    two.run(2)
    before = two.source.dump()
    assert ask(two, exchange_id) == ("PREPARED", ["Prepare", "StatusAnswer"])
    assert two.source.dump() == before


def test_status_of_nothing_is_unknown_and_writes_nothing(two: TwoProvinces) -> None:
    before = two.source.dump()
    assert ask(two, b"N" * 16) == ("UNKNOWN", ["StatusAnswer"])
    assert two.source.dump() == before


def test_a_bucket_s_digest_names_its_exchanges_and_amounts() -> None:
    one = PairBooked(exchange_id=b"\x07" * 16, source_hundredths=5, granted_hundredths=4)
    digests = bucket_digests([one])
    assert len(digests) == BUCKETS
    expected = hashlib.sha256(b"\x07" * 16 + (5).to_bytes(8, "big")).digest()
    assert [(at, value) for at, value in enumerate(digests) if value] == [(7, expected)]
    assert differing_buckets(digests, bucket_digests([])) == [7]


def test_a_lapse_of_months_changes_no_books(two: TwoProvinces) -> None:
    transfer(two)
    two.clock.advance(400 * DAY)
    assert pair(two).agrees
