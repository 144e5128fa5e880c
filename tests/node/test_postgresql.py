"""PostgreSQL itself: gone in the middle and back, loose settings, a server that ends with us."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path
from time import monotonic, sleep

import pytest

from federation.base.errors import Refusal, Unavailable
from node.edges.demo import cluster as clusters
from node.edges.demo.cluster import INSTALL_COMMAND, USER, Cluster, find_programs
from node.upkeep import move_store
from tests.node.store_world import check_log, deposit, office, open_accounts, opened, rows
from tests.node.test_founding import found
from tests.postgresql import Databases

PATIENCE_S = 20.0
ROOT = Path(__file__).resolve().parents[2]


def test_a_database_gone_in_the_middle_comes_back_by_itself(
    postgresql: Databases, tmp_path: Path
) -> None:
    server = Cluster(tmp_path / "postgresql", is_kept=False)
    with server:
        server.make_databases(["node"])
        with opened(server.url("node")) as store:
            desk = office(store, tmp_path)
            accounts = open_accounts(desk, 2)
            assert deposit(desk, rows(accounts, 4)) == 4
            server.stop()
            with pytest.raises(Unavailable, match="STORAGE") as caught:
                deposit(desk, rows(accounts, 8))
            assert caught.value.retry_after_ms > 0
            with pytest.raises(Unavailable, match="STORAGE"):
                store.read(lambda reading: reading.log_state())
            server.start()
            assert deposit(desk, rows(accounts, 8)) == 4, "nothing was half-written"
            assert check_log(store) == 8


def test_a_backend_killed_under_a_pool_is_not_noticed(
    postgresql: Databases, tmp_path: Path
) -> None:
    with postgresql.lent() as url, opened(url) as store:
        desk = office(store, tmp_path)
        accounts = open_accounts(desk, 2)
        postgresql.cut_connections(url)
        assert deposit(desk, rows(accounts, 4)) == 4
        assert check_log(store) == 4


@pytest.mark.parametrize("setting", ["synchronous_commit=off"])
def test_a_database_that_may_lose_commits_is_refused(postgresql: Databases, setting: str) -> None:
    with (
        postgresql.lent() as url,
        pytest.raises(Refusal, match="may lose commits"),
        opened(f"{url}&options=-c {setting}"),
    ):
        pass


def test_a_store_in_use_is_not_moved(postgresql: Databases, tmp_path: Path) -> None:
    with postgresql.lent() as url:
        found(tmp_path / "node", database=url)
        with (
            opened(url),
            pytest.raises(Refusal, match="NODE_RUNNING"),
        ):
            move_store(tmp_path / "node", "sqlite:///node.db")
        assert not move_store(tmp_path / "node", "sqlite:///n.db", is_rehearsal=True).is_switched


def test_an_absent_server_is_named_with_its_remedy(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(clusters, "_INSTALLED", tmp_path)
    with pytest.raises(Refusal, match=f"POSTGRESQL_MISSING: {INSTALL_COMMAND}"):
        find_programs()


def test_a_server_ends_with_the_process_that_began_it(
    postgresql: Databases, tmp_path: Path
) -> None:
    program = (
        "import sys, time; from pathlib import Path\n"
        "from node.edges.demo.cluster import Cluster\n"
        "with Cluster(Path(sys.argv[1]), is_kept=True) as one:\n"
        "    print(one.socket, one.home, flush=True)\n"
        "    time.sleep(60)\n"
    )
    parent = subprocess.Popen(
        [sys.executable, "-P", "-c", program, str(tmp_path / "postgresql")],
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        stdout=subprocess.PIPE,
        text=True,
    )
    assert parent.stdout is not None
    socket, home = map(Path, parent.stdout.readline().split())
    pid = int((home / "data" / "postmaster.pid").read_text().split()[0])
    parent.send_signal(signal.SIGKILL)
    parent.wait()
    until = monotonic() + PATIENCE_S
    while Path(f"/proc/{pid}").exists() and monotonic() < until:
        sleep(0.05)
    assert not Path(f"/proc/{pid}").exists()
    # The next one on the folder takes up what was kept, and removes it at its end.
    with Cluster(tmp_path / "postgresql", is_kept=False) as again:
        assert (again.socket, again.home) == (socket, home)
        again.make_databases([USER])
    assert not socket.exists()
    assert not home.exists()
