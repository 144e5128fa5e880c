"""Backups: whole by themselves, told apart when they are not, and put back."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from federation.base.errors import Breach, Refusal
from node.backup import create_backup, restore_backup, verify_backup
from node.config import load_config
from tests.node.store_world import deposit, office, open_accounts, opened, rows
from tests.node.test_founding import found


@pytest.fixture
def site(tmp_path: Path) -> Path:
    """Found a node with ten lots in its store."""
    directory = tmp_path / "site"
    found(directory)
    grow(directory, 0)
    return directory


def grow(site: Path, first: int) -> None:
    """Deposit ten outcomes."""
    with opened(load_config(site).database_url) as store:
        desk = office(store, site.parent)
        accounts = open_accounts(desk, 2)
        assert deposit(desk, rows(accounts, 10, first=first)) == 10


def lots(site: Path) -> int:
    with opened(load_config(site).database_url) as store:
        return store.read(lambda reading: reading.deposit_count())


def test_a_backup_is_made_while_the_store_is_in_use_and_put_back(site: Path) -> None:
    target = site.parent / "kept"
    with opened(load_config(site).database_url) as store:
        made = create_backup(site, target)
        assert store.read(lambda reading: reading.deposit_count()) == 10
    assert (made.province, made.summary.log_size) == ("CN-31", 10)
    grow(site, 10)
    assert lots(site) == 20
    before = {one.name: one.read_bytes() for one in target.iterdir()}
    restored = restore_backup(target, site)
    assert restored.summary == made.summary == verify_backup(target).summary
    assert lots(site) == 10
    assert {one.name: one.read_bytes() for one in target.iterdir()} == before
    # What was there is kept beside it.
    assert (site / "node.db.before-restore").exists()


def test_a_backup_is_made_from_where_the_node_s_folder_is_named_in_short(
    site: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    config = load_config(site)
    shelf = config.evidence / "ab"
    shelf.mkdir(parents=True)
    (shelf / "cdef").write_bytes(b"a scan")
    monkeypatch.chdir(site.parent)
    made = create_backup(Path(site.name), Path("kept"))
    assert "evidence/ab/cdef" in made.files
    (shelf / "cdef").unlink()
    restore_backup(Path("kept"), Path(site.name))
    assert (shelf / "cdef").read_bytes() == b"a scan"


def test_a_backup_holds_keys_only_when_asked_and_never_a_passphrase(site: Path) -> None:
    config = load_config(site)
    passphrase = config.passphrase_path.read_bytes().strip()
    for name, options in (("plain", {}), ("keyed", {"with_keys": True})):
        target = site.parent / name
        create_backup(site, target, **options)
        held = [one for one in target.rglob("*") if one.is_file()]
        assert any(one.suffix == ".key" for one in held) is bool(options)
        assert not any(passphrase in one.read_bytes() for one in held)


def test_a_backup_that_was_changed_or_is_incomplete_is_never_put_back(site: Path) -> None:
    target = site.parent / "kept"
    create_backup(site, target)
    with closing(sqlite3.connect(target / "node.db")) as connection:
        connection.execute("update balance set hundredths = hundredths + 1")
        connection.commit()
    for attempt in (verify_backup, lambda path: restore_backup(path, site)):
        with pytest.raises(Breach, match="BACKUP_DAMAGED"):
            attempt(target)
    assert lots(site) == 10
    (target / "manifest.json").unlink()
    with pytest.raises(Breach, match="BACKUP_DAMAGED"):
        verify_backup(target)


def test_a_backup_of_books_that_do_not_hold_together_is_not_made(site: Path) -> None:
    with closing(sqlite3.connect(site / "node.db")) as connection:
        connection.execute("update balance set hundredths = hundredths + 1")
        connection.commit()
    with pytest.raises(Breach, match="BACKUP_DAMAGED"):
        create_backup(site, site.parent / "kept")
    assert not (site.parent / "kept").exists()


def test_another_provinces_backup_and_a_folder_that_is_there_are_refused(site: Path) -> None:
    target, other = site.parent / "kept", site.parent / "other"
    create_backup(site, target)
    with pytest.raises(Refusal, match="BACKUP_EXISTS"):
        create_backup(site, target)
    found(other, "CN-33")
    with pytest.raises(Refusal, match="BACKUP_OTHER"):
        restore_backup(target, other)
