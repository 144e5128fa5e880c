"""Fixtures of the node's tests."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.node.two_provinces import TwoProvinces, rig


@pytest.fixture
def two(tmp_path: Path) -> Iterator[TwoProvinces]:
    """Return two provinces that know each other and nobody else."""
    yield from rig(tmp_path)
