"""The store: all or nothing for each piece of work, one log without gaps, whatever the engine."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy.exc import IntegrityError

from federation.base.errors import Refusal, Unavailable
from federation.log import checkpoint
from federation.log.merkle import leaf_hash, tree_root
from federation.signing.keystore import FileSigner, create_key
from node.domain.changes import Changes
from node.domain.learner import Learner, LearnerReference
from node.domain.ledger import deposit_entry
from node.domain.lot import make_lot
from node.storage.opening import open_store
from node.usecases.ports import Transaction
from tests.node.province import FACTS, Drawn
from tests.raw_sql import sql

ORIGIN = "creditbank/CN-31"
ENTROPY = Drawn("store")
ACCOUNT = "31000000000197"


@pytest.fixture(scope="module")
def signer(tmp_path_factory: pytest.TempPathFactory) -> FileSigner:
    return create_key(Path(tmp_path_factory.mktemp("keys")) / "log", b"for tests")


@pytest.fixture
def opened(database: str, signer: FileSigner) -> Iterator[Callable[[], Any]]:
    """Return what opens the same database again and again."""
    stores: list[Any] = []

    def reopen() -> Any:
        for one in stores:
            one.close()
        sign = partial(checkpoint.sign, signer=signer)
        stores.append(open_store(database, origin=ORIGIN, sign=sign))
        return stores[-1]

    yield reopen
    for one in stores:
        one.close()


@pytest.fixture
def store(opened: Callable[[], Any]) -> Any:
    one = opened()
    one.transact(open_learner)
    return one


def open_learner(tx: Transaction) -> None:
    learner = Learner(
        account=ACCOUNT,
        name="赵一",
        document_type="RESIDENT_ID",
        document=b"sealed",
        blind_index=b"index",
        opened_us=1,
    )
    named = LearnerReference(source="lms", reference="r1", account=ACCOUNT)
    tx.apply(Changes(learners_new=[learner], references_new=[named]))


def put_lot(tx: Transaction, hundredths: int = 100) -> bytes:
    lot = make_lot(
        account=ACCOUNT,
        unit="CN-31",
        amount_hundredths=hundredths,
        facts=FACTS | {"code": "CS-1", "title": "数学"},
        entropy=ENTROPY,
    )
    entry = deposit_entry(
        account=ACCOUNT, unit="CN-31", hundredths=hundredths, lot_id=lot.lot_id, time_us=1
    )
    tx.apply(Changes(lots_new=[lot], entries=[entry]))
    return lot.lot_id


def check_log(store: Any, size: int) -> None:
    """Check that leaves are numbered without gaps under the root of the naive tree."""
    state, entries = store.read(lambda r: (r.log_state(), r.log_entries(0, 10_000)))
    assert state.checkpoint.size == len(entries) == size
    assert state.checkpoint.root == tree_root([leaf_hash(entry) for entry in entries])


def together(store: Any, works: list[Callable[[Transaction], Any]]) -> list[Any]:
    """Run works so that they wait together; return the result or the error of each."""
    gate, results = threading.Event(), [None] * len(works)

    def hold(tx: Transaction) -> None:
        gate.wait(10)

    def run(at: int) -> None:
        try:
            results[at] = store.transact(works[at])
        except Exception as error:
            results[at] = error  # type: ignore[call-overload]

    threads = [threading.Thread(target=store.transact, args=(hold,))]
    threads += [threading.Thread(target=run, args=(at,)) for at in range(len(works))]
    for one in threads:
        one.start()
    gate.set()
    for one in threads:
        one.join(10)
    return results


def test_one_failing_work_among_ten_leaves_the_other_nine_durable(
    store: Any, opened: Callable[[], Any]
) -> None:
    def fail(tx: Transaction) -> None:
        put_lot(tx, 7)
        raise Refusal("LOT")

    works: list[Callable[[Transaction], Any]] = [put_lot] * 10
    works[4] = fail
    results = together(store, works)
    assert isinstance(results[4], Refusal)
    lots = [one for at, one in enumerate(results) if at != 4]
    again = opened()
    assert again.read(lambda r: set(r.lots(lots))) == set(lots)
    assert again.read(lambda r: r.balance(ACCOUNT)) == 900
    check_log(again, 9)


def test_a_database_error_is_one_work_s_own(store: Any) -> None:
    lot_id = store.transact(put_lot)
    lot = store.read(lambda r: r.lots([lot_id]))[lot_id]

    def twice(tx: Transaction) -> None:
        tx.apply(Changes(lots_new=[lot]))

    results = together(store, [put_lot, twice, put_lot])
    assert isinstance(results[1], Unavailable)
    assert results[1].reason == "STORAGE"
    assert store.read(lambda r: r.balance(ACCOUNT)) == 300
    check_log(store, 3)


def test_what_failed_left_no_trace(store: Any) -> None:
    def fail(tx: Transaction) -> None:
        put_lot(tx)
        tx.set_fact("half", "done")
        raise RuntimeError

    with pytest.raises(RuntimeError):
        store.transact(fail)
    assert store.read(lambda r: (r.fact("half"), r.balance(ACCOUNT), len(r.lots_of(ACCOUNT)))) == (
        None,
        0,
        0,
    )


def test_work_reads_its_own_writes(store: Any) -> None:
    def work(tx: Transaction) -> int:
        put_lot(tx)
        return tx.balance(ACCOUNT)

    assert store.transact(work) == 100


def test_a_reader_sees_one_state_while_others_write(store: Any) -> None:
    store.transact(put_lot)

    def read(reading: Any) -> tuple[int, int, int]:
        before = reading.balance(ACCOUNT)
        store.transact(put_lot)
        return before, reading.balance(ACCOUNT), len(reading.lots_of(ACCOUNT))

    assert store.read(read) == (100, 100, 1)
    assert store.read(lambda r: r.balance(ACCOUNT)) == 200


def test_the_log_grows_without_gaps_by_every_route(store: Any) -> None:
    check_log(store, 0)
    for size, lots in ((1, 1), (4, 3), (12, 8), (13, 1)):
        store.transact(lambda tx, lots=lots: [put_lot(tx) for _ in range(lots)])
        check_log(store, size)


def test_the_log_goes_on_where_it_was_when_opened_again(
    store: Any, opened: Callable[[], Any]
) -> None:
    store.transact(lambda tx: [put_lot(tx) for _ in range(5)])
    first = store.read(lambda r: r.log_entries(0, 10))
    again = opened()
    again.transact(lambda tx: [put_lot(tx) for _ in range(3)])
    assert again.read(lambda r: r.log_entries(0, 10))[:5] == first
    check_log(again, 8)


def test_two_threads_write_without_losing_anything(store: Any) -> None:
    def hammer() -> None:
        for _ in range(40):
            store.transact(put_lot)

    threads = [threading.Thread(target=hammer) for _ in range(2)]
    for one in threads:
        one.start()
    for one in threads:
        one.join(30)
    assert store.read(lambda r: (r.balance(ACCOUNT), len(r.lots_of(ACCOUNT)))) == (8000, 80)
    check_log(store, 80)


def test_a_lot_moves_only_from_the_state_it_was_seen_in(store: Any) -> None:
    lot_id = store.transact(put_lot)
    seen = store.read(lambda r: r.lots([lot_id]))[lot_id]
    state = type(seen.state)
    locked = replace(seen, state=state.LOCKED, peer="CN-33", exchange_id=b"X" * 16)
    other = replace(locked, exchange_id=b"Y" * 16)
    store.transact(lambda tx: tx.apply(Changes(lots_moved=[(seen, locked)])))
    with pytest.raises(Exception, match="lot"):
        store.transact(lambda tx: tx.apply(Changes(lots_moved=[(seen, other)])))
    assert store.read(lambda r: r.lots([lot_id]))[lot_id] == locked


def test_serials_are_taken_once(store: Any, opened: Callable[[], Any]) -> None:
    first = store.transact(lambda tx: tx.take_serials(3))
    assert store.transact(lambda tx: tx.take_serials(1)) == first + 3
    assert opened().transact(lambda tx: tx.take_serials(1)) == first + 4


def test_a_closed_store_refuses_work_instead_of_waiting_for_ever(store: Any) -> None:
    store.close()
    with pytest.raises(Unavailable, match="STOPPING"):
        store.transact(put_lot)
    store.close()


def test_a_database_of_another_schema_is_refused(
    store: Any, opened: Callable[[], Any], database: str
) -> None:
    store.close()
    with sql(database) as run:
        run("update alembic_version set version_num = '9999'")
    with pytest.raises(Refusal, match="SCHEMA_VERSION"):
        opened()


LOT = (b"L" * 16, 1, ACCOUNT, "AVAILABLE", 5, b"", b"", b"", b"", "", b"", b"", None, None, "")
PLACE = "CN-33", b"E" * 16
USE = (*PLACE, 0, "", b"L" * 16, 5, 1, 5, "", 1, b"n" * 32)
INSERTS = {
    "balance": "insert into balance values (?, ?)",
    "lot": "insert into lot values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
    "exchange_lot": "insert into exchange_lot values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
    "entry": "insert into entry values (?, ?, ?, ?, ?, ?)",
    "posting": "insert into posting values (?, ?, ?, ?, ?, ?)",
}
OUTBOUND = (1, "OUTBOUND", "CN-33", b"E" * 16, b"", 1)


@pytest.mark.parametrize(
    ("table", "sound", "bent"),
    [
        ("balance", ("learner:x", 0), ("learner:y", -1)),
        ("lot", LOT, (b"M" * 16, 2, *LOT[2:4], 0, *LOT[5:])),
        ("lot", LOT, (b"M" * 16, 2, "nobody", *LOT[3:])),
        ("lot", LOT, (b"M" * 16, 2, ACCOUNT, "LOST", *LOT[4:])),
        ("lot", LOT, (b"M" * 16, 2, ACCOUNT, "LOCKED", *LOT[4:])),
        (
            "lot",
            (*LOT[:3], "LOCKED", *LOT[4:9], "CN-33", b"E", *LOT[11:]),
            (LOT[0], 2, ACCOUNT, "LOCKED", *LOT[4:9], "CN-44", b"F", *LOT[11:]),
        ),
        ("exchange_lot", USE, ("CN-44", *USE[1:10], b"m" * 32)),
        ("exchange_lot", USE, ("CN-44", *USE[1:4], b"M" * 16, *USE[5:])),
        ("exchange_lot", USE, (*PLACE, 1, "", b"M" * 16, 5, 1, 0, "", 1, None)),
        ("entry", OUTBOUND, (2, *OUTBOUND[1:])),
        ("posting", (1, 0, "a", "b", "CN-31", 1), (1, 1, "a", "a", "CN-31", 1)),
        ("posting", (1, 0, "a", "b", "CN-31", 1), (1, 1, "a", "b", "CN-31", 0)),
        ("posting", (1, 0, "a", "b", "CN-31", 1), (9, 1, "a", "b", "CN-31", 1)),
    ],
    ids=[
        "negative balance",
        "lot of nothing",
        "lot of nobody",
        "lot in no state",
        "lock without its exchange",
        "second live lock of a lot",
        "second commit of a lot",
        "second use of a nullifier",
        "commit of what was not granted",
        "second outbound entry of an exchange",
        "posting to the same account",
        "posting of nothing",
        "posting of no entry",
    ],
)
def test_the_database_itself_refuses(
    store: Any, database: str, table: str, sound: tuple[Any, ...], bent: tuple[Any, ...]
) -> None:
    store.close()
    with sql(database) as run:
        if table == "posting":
            run(INSERTS["entry"], OUTBOUND)
        run(INSERTS[table], sound)
        with pytest.raises(IntegrityError):
            run(INSERTS[table], bent)


def test_one_source_s_lots_never_stand_in_another_s_way(store: Any, database: str) -> None:
    store.close()
    with sql(database) as run:
        for peer in ("CN-33", "CN-44"):
            run(INSERTS["exchange_lot"], (peer, b"E" * 16, 0, peer, *USE[4:]))
