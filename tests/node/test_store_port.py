"""What a store promises, on either engine: all or nothing, once, in order, one snapshot."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest

from federation.base.errors import Refusal, Unavailable
from node.domain.changes import Changes
from node.domain.exchange import ExchangeKey
from node.domain.lot import LotState
from node.storage.engines import Conflict
from node.usecases.accounts import Accounts
from node.usecases.office import Office
from node.usecases.ports import Reading, Store, Transaction
from tests.node.store_world import (
    PEER,
    SOURCE,
    begin_exchange,
    check_log,
    deposit,
    office,
    open_accounts,
    opened,
    rows,
)

THREADS = 6


@pytest.fixture
def store(database: str) -> Iterator[Store]:
    with opened(database) as store:
        yield store


@pytest.fixture
def desk(store: Store, tmp_path: Path) -> Office:
    return office(store, tmp_path)


@pytest.fixture
def other(desk: Office, database: str) -> Iterator[Office]:
    """Return the same node in a second process where the engine allows one, else the same."""
    if database.startswith("sqlite"):
        yield desk
        return
    with opened(database) as store:
        yield replace(desk, store=store)


def test_a_deposit_is_kept_numbered_and_integrated(desk: Office, store: Store) -> None:
    accounts = open_accounts(desk, 3)
    assert len(set(accounts)) == 3
    assert deposit(desk, rows(accounts, 10)) == 10
    assert deposit(desk, rows(accounts, 10)) == 0, "a repetition adds nothing"
    archive = Accounts(desk).archive(accounts[0])
    assert archive.balance_hundredths == 4 * 150
    assert [lot.reference for lot in archive.lots] == [f"outcome {at}" for at in (0, 3, 6, 9)]
    assert check_log(store) == 10


def test_a_failed_work_leaves_nothing(desk: Office, store: Store) -> None:
    account = open_accounts(desk, 1)[0]
    deposit(desk, rows([account], 1))
    lot_id = Accounts(desk).archive(account).lots[0].lot_id

    def work(tx: Transaction) -> None:
        assert begin_exchange(tx, "a", lot_id, 1)
        raise Refusal("EXCHANGE")

    with pytest.raises(Refusal, match="EXCHANGE"):
        store.transact(work)
    assert Accounts(desk).archive(account).lots[0].state is LotState.AVAILABLE
    assert store.read(lambda reading: reading.lags()) == []
    assert check_log(store) == 1


def test_what_two_processes_deposit_at_once_is_there_once(
    desk: Office, other: Office, store: Store
) -> None:
    accounts = open_accounts(desk, 4)
    outcomes = rows(accounts, 40)
    with ThreadPoolExecutor(THREADS) as pool:
        sides = [desk if at % 2 else other for at in range(THREADS)]
        done = list(pool.map(lambda side: deposit(side, outcomes), sides))
    assert sorted(done) == [0] * (THREADS - 1) + [40]
    assert store.read(lambda reading: [reading.balance(one) for one in accounts]) == [1500] * 4
    assert check_log(store) == 40


def test_accounts_opened_at_once_are_opened_once(desk: Office, other: Office) -> None:
    with ThreadPoolExecutor(THREADS) as pool:
        sides = [desk if at % 2 else other for at in range(THREADS)]
        opened_by = list(pool.map(lambda side: open_accounts(side, 8), sides))
    assert all(accounts == opened_by[0] for accounts in opened_by)


def test_one_lot_goes_to_one_exchange(desk: Office, other: Office, store: Store) -> None:
    account = open_accounts(desk, 1)[0]
    deposit(desk, rows([account], 5))
    lots = [lot.lot_id for lot in Accounts(desk).archive(account).lots]

    def grab(at: int) -> int:
        side = desk if at % 2 else other
        return sum(
            side.store.transact(
                lambda tx, lot=lot: begin_exchange(tx, f"{at} {lot.hex()}", lot, 1)  # type: ignore[misc]
            )
            for lot in (lots if at % 3 else reversed(lots))
        )

    with ThreadPoolExecutor(THREADS) as pool:
        assert sum(pool.map(grab, range(THREADS))) == len(lots)
    assert store.read(lambda reading: reading.exchange_counts()) == {"SOURCE/LOCKED": 5}
    assert check_log(store) == 10


def test_moves_of_one_exchange_follow_one_another(
    desk: Office, other: Office, store: Store
) -> None:
    account = open_accounts(desk, 1)[0]
    deposit(desk, rows([account], 1))
    lot = Accounts(desk).archive(account).lots[0]
    assert store.transact(lambda tx: begin_exchange(tx, "a", lot.lot_id, 1))
    found = store.read(lambda reading: reading.exchanges_by_reference(["a"]))["a"]

    def count_up(tx: Transaction) -> None:
        before = tx.exchanges([found.key])[found.key]
        after = replace(before, changed_us=before.changed_us + 1)
        tx.apply(Changes(exchanges_moved=[(before, after)]))

    def work(at: int) -> None:
        for _ in range(5):
            (desk if at % 2 else other).store.transact(count_up)

    with ThreadPoolExecutor(THREADS) as pool:
        list(pool.map(work, range(THREADS)))
    after = store.read(lambda reading: reading.exchanges([found.key]))[found.key]
    assert (after.changed_us, after.version) == (1 + 5 * THREADS, 5 * THREADS)


def test_a_stale_change_is_refused(desk: Office, store: Store) -> None:
    account = open_accounts(desk, 1)[0]
    deposit(desk, rows([account], 1))
    lot = Accounts(desk).archive(account).lots[0]
    assert store.transact(lambda tx: begin_exchange(tx, "a", lot.lot_id, 1))
    stale = Changes(lots_moved=[(lot, replace(lot, state=LotState.SPENT, peer=PEER))])
    # SQLite tells its caller; PostgreSQL tries again until it gives up.
    with pytest.raises((Conflict, Unavailable), match=lot.lot_id.hex()):
        store.transact(lambda tx: tx.apply(stale))
    assert Accounts(desk).archive(account).lots[0].state is LotState.LOCKED


def test_a_reading_sees_one_state(desk: Office, other: Office, store: Store) -> None:
    account = open_accounts(desk, 1)[0]
    deposit(desk, rows([account], 2))

    def read(reading: Reading) -> tuple[int, int]:
        before = reading.balance(account)
        with ThreadPoolExecutor(1) as pool:
            pool.submit(deposit, other, rows([account], 2, first=2)).result(timeout=30)
        assert reading.deposit_progress(SOURCE) == (2, 2)
        return before, reading.balance(account)

    assert store.read(read) == (300, 300)
    assert store.read(lambda reading: reading.balance(account)) == 600


def test_an_erased_learner_begins_nothing(desk: Office, other: Office, store: Store) -> None:
    """Erasing and beginning at once: one of the two comes first and the other sees it."""
    accounts = open_accounts(desk, 8)
    deposit(desk, rows(accounts, 8))
    lots = {one: Accounts(desk).archive(one).lots[0].lot_id for one in accounts}

    def begin(account: str) -> bool:
        def work(tx: Transaction) -> bool:
            if tx.learners([account])[account].is_erased:
                return False
            return begin_exchange(tx, account, lots[account], 1)

        return desk.store.transact(work)

    def erase(account: str) -> bool:
        try:
            return Accounts(other).erase(account) > 0
        except Refusal:
            return False  # OPEN_EXCHANGES

    with ThreadPoolExecutor(4) as pool:
        for account in accounts:
            begun, erased = pool.submit(begin, account), pool.submit(erase, account)
            assert begun.result() != erased.result(), "exactly one of the two"
    assert check_log(store) >= 8


def test_what_is_due_is_taken_by_one(desk: Office, other: Office, store: Store) -> None:
    account = open_accounts(desk, 1)[0]
    deposit(desk, rows([account], 20))
    for at, lot in enumerate(Accounts(desk).archive(account).lots):
        assert store.transact(
            lambda tx, at=at, lot=lot: begin_exchange(tx, f"e{at}", lot.lot_id, 5)  # type: ignore[misc]
        )
    if other is desk:
        assert len(store.take_due(PEER, 10, 64)) == 20, "one process sends all"
        return
    with ThreadPoolExecutor(THREADS) as pool:
        takers = [desk if at % 2 else other for at in range(THREADS)]
        taken = list(pool.map(lambda side: side.store.take_due(PEER, 10, 6), takers))
    digests = [one.digest for some in taken for one in some]
    assert len(digests) == len(set(digests)) == 20
    assert store.take_due(PEER, 10, 64) == []
    # The one that took them was killed: when its lease ends they are due again.
    later_us = 10 + 31_000_000
    assert len(other.store.take_due(PEER, later_us, 64)) == 20


def test_the_log_of_many_writers_has_no_gap(desk: Office, other: Office, store: Store) -> None:
    accounts = open_accounts(desk, 6)

    def work(at: int) -> None:
        for turn in range(6):
            first = (at * 6 + turn) * 3
            deposit(desk if at % 2 else other, rows(accounts, 3, first=first))

    with ThreadPoolExecutor(THREADS) as pool:
        list(pool.map(work, range(THREADS)))
    assert check_log(store) == THREADS * 6 * 3
    total = store.read(lambda reading: sum(reading.balance(one) for one in accounts))
    assert total == THREADS * 6 * 3 * 150


def test_leaves_of_a_transaction_have_their_places_when_it_returns(
    desk: Office, store: Store
) -> None:
    account = open_accounts(desk, 1)[0]
    for at in range(5):
        deposit(desk, rows([account], 1, first=at))
        lot = Accounts(desk).archive(account).lots[-1]
        found = store.read(lambda reading, lot=lot: reading.log_places([lot.lot_id]))  # type: ignore[misc]
        assert found == {lot.lot_id: at}


def test_another_nodes_database_is_refused(database: str) -> None:
    with opened(database):
        pass
    with pytest.raises(Refusal, match="NODE_EXISTS"), opened(database, province=PEER):
        pass


def test_exchange_keys_are_compared_whole(desk: Office, store: Store) -> None:
    account = open_accounts(desk, 1)[0]
    deposit(desk, rows([account], 1))
    lot = Accounts(desk).archive(account).lots[0]
    store.transact(lambda tx: begin_exchange(tx, "a", lot.lot_id, 1))
    exchange = store.read(lambda reading: reading.exchanges_by_reference(["a"]))["a"]
    wrong: list[ExchangeKey] = [("CN-11", exchange.exchange_id), (PEER, bytes(16))]
    assert store.read(lambda reading: reading.exchanges(wrong)) == {}
    inbox = (PEER, exchange.exchange_id, "VOTE", 1)
    assert store.transact(lambda tx: tx.inbox([inbox])) == {}
