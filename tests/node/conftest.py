"""Fixtures of the node's tests."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.node.province import DESTINATION, SOURCE
from tests.node.two_provinces import TwoProvinces, rig
from tests.postgresql import Databases


@pytest.fixture(params=["sqlite", "postgresql"])
def two(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[TwoProvinces]:
    """Return two provinces that know each other and nobody else, on either engine in turn."""
    if request.param == "sqlite":
        yield from rig(tmp_path)
        return
    databases: Databases = request.getfixturevalue("postgresql")
    with databases.lent_to((SOURCE, DESTINATION)) as addresses:
        yield from rig(tmp_path, databases=addresses)
