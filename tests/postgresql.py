"""A PostgreSQL server for tests: started when first asked for, on a socket, gone with the tests.

Where the server is not installed, tests that need it are skipped with the command that installs
it; continuous integration may not do without.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from itertools import count
from pathlib import Path

import pytest

from federation.base.errors import Refusal
from node.edges.demo.cluster import INSTALL_COMMAND, Cluster, find_programs


class Databases:
    """Empty databases of one server, each with a name of its own."""

    def __init__(self, cluster: Cluster) -> None:
        self._cluster = cluster
        self._numbers = count(1)
        self._free: list[str] = []

    def cut_connections(self, url: str) -> None:
        """Cut everybody's connections to a database that was lent."""
        self._cluster.cut_connections(url.partition("///")[2].partition("?")[0])

    @contextmanager
    def lent_to(self, names: Sequence[str]) -> Iterator[dict[str, str]]:
        """Lend an empty database to each of several."""
        with ExitStack() as lent:
            yield {name: lent.enter_context(self.lent()) for name in names}

    @contextmanager
    def lent(self) -> Iterator[str]:
        """Lend the address of an empty database, emptied again afterwards."""
        if not self._free:
            self._free.append(f"test_{next(self._numbers)}")
            self._cluster.make_databases(self._free)
        name = self._free.pop()
        try:
            yield self._cluster.url(name)
        finally:
            # Much cheaper than another database, whose dropping is a checkpoint.
            self._cluster.empty_database(name)
            self._free.append(name)


@pytest.fixture(scope="session")
def postgresql(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Databases]:
    """Return databases of a server of this session."""
    try:
        find_programs()
    except Refusal:
        absent = f"PostgreSQL is not installed: {INSTALL_COMMAND}"
        if os.environ.get("CI") == "true":
            pytest.fail(absent)
        pytest.skip(absent)
    folder: Path = tmp_path_factory.mktemp("server") / "postgresql"
    with Cluster(folder, is_kept=False) as cluster:
        yield Databases(cluster)


@pytest.fixture
def own_server(postgresql: Databases, tmp_path: Path) -> Iterator[Cluster]:
    """Return a server that a test may stop and start, its own."""
    with Cluster(tmp_path / "own-server", is_kept=False) as cluster:
        yield cluster


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """Return the address of an empty database, of either engine in turn."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'store.db'}"
        return
    databases: Databases = request.getfixturevalue("postgresql")
    with databases.lent() as url:
        yield url
