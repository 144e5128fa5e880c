"""A store moved from one engine to the other and back is the same store."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from sqlalchemy import update

from federation.base.errors import Refusal
from node.config import load_config
from node.edges.cli.main import run
from node.storage import moving
from node.storage import tables as t
from node.storage.moving import at_rest, summarise
from node.upkeep import move_store, only_process
from node.usecases.accounts import Accounts
from tests.node.store_world import (
    begin_exchange,
    check_log,
    deposit,
    office,
    open_accounts,
    opened,
    rows,
)
from tests.node.test_founding import found
from tests.postgresql import Databases


@pytest.fixture
def node(tmp_path: Path) -> Path:
    """Return the directory of a node on SQLite with something in every important table."""
    directory = tmp_path / "node"
    found(directory)
    with opened(load_config(directory).database_url) as store:
        desk = office(store, tmp_path)
        accounts = open_accounts(desk, 5)
        deposit(desk, rows(accounts, 2300))
        lots = Accounts(desk).archive(accounts[0]).lots
        for at in range(3):
            store.transact(
                lambda tx, at=at: begin_exchange(tx, f"e{at}", lots[at].lot_id, 1)  # type: ignore[misc]
            )
    return directory


def test_there_and_back(node: Path, postgresql: Databases, tmp_path: Path) -> None:
    first = load_config(node).database_url
    with postgresql.lent() as url:
        there = move_store(node, url)
        assert there.is_switched
        assert load_config(node).database == url
        assert there.new == there.old
        assert there.new.counts["lot"] == 2300
        assert there.new.log_size == 2303
        with opened(url) as store:
            desk = office(store, tmp_path)
            accounts = open_accounts(desk, 6)
            assert deposit(desk, rows(accounts, 2310)) == 10, "numbers go on where they were"
            lots = Accounts(desk).archive(accounts[1]).lots
            store.transact(lambda tx: begin_exchange(tx, "later", lots[0].lot_id, 1))
            assert check_log(store) == 2314
        back = move_store(node, "sqlite:///back.db")
    assert back.new == back.old
    with opened(load_config(node).database_url) as store:
        assert check_log(store) == 2314
    with at_rest(first) as connection:
        assert summarise(connection).digests == there.old.digests, "the old store is left as it was"


def test_a_rehearsal_keeps_nothing(node: Path, postgresql: Databases) -> None:
    before = load_config(node).database
    with postgresql.lent() as url:
        rehearsed = move_store(node, url, is_rehearsal=True)
        assert not rehearsed.is_switched
        assert rehearsed.new == rehearsed.old
        assert load_config(node).database == before
        assert move_store(node, url).is_switched, "the database was still empty"


def test_a_running_node_is_not_moved(node: Path) -> None:
    with (
        only_process(load_config(node)),
        pytest.raises(Refusal, match="NODE_RUNNING"),
    ):
        move_store(node, "sqlite:///other.db")


def test_a_database_with_something_in_it_is_no_target(node: Path, database: str) -> None:
    with opened(database):
        pass
    with pytest.raises(Refusal, match="STORE_NOT_EMPTY: fact"):
        move_store(node, database)
    with pytest.raises(Refusal, match="STORE_SAME"):
        move_store(node, "sqlite:///node.db")


def test_a_bad_copy_is_seen_and_not_switched_to(
    node: Path, database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = load_config(node).database
    copy = moving.copy_rows

    def copy_badly(source, target, told) -> None:  # type: ignore[no-untyped-def]
        copy(source, target, told)
        target.execute(update(t.balance).values(hundredths=t.balance.c.hundredths + 1))

    monkeypatch.setattr("node.upkeep.copy_rows", copy_badly)
    with pytest.raises(Refusal, match="STORE_DIFFERS: balance: 5 / 5; balances"):
        move_store(node, database)
    assert load_config(node).database == before


def test_the_commands_tell_what_they_did(
    node: Path, postgresql: Databases, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["upgrade", "--plan", "--dir", str(node), "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["upgrade"]["current"] == told["upgrade"]["head"]
    with postgresql.lent() as url:
        command = ["migrate-store", "--dir", str(node), "--to", url, "--json"]
        assert run([*command, "--dry-run"]) == 0
        assert json.loads(capsys.readouterr().out)["move"]["is_switched"] is False
        assert run(command) == 0
        assert json.loads(capsys.readouterr().out)["move"]["log_size"] == 2303
        assert run(["upgrade", "--apply", "--dir", str(node)]) == 0
        assert run(command) == 1, "it is there already"
