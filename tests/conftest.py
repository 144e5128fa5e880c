"""Fixtures that every test may ask for."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

pytest_plugins = ["tests.postgresql"]

ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture(scope="session")
def shared() -> Path:
    """Return the folder of reference data beside the project.

    A clone without it can still run all other tests; continuous integration may not do without.
    """
    place = Path(os.environ.get("CREDITBANK_SHARED") or ROOT.parent / "shared")
    if place.is_dir():
        return place
    absent = f"reference data not found at {place}; name its folder in CREDITBANK_SHARED"
    if os.environ.get("CI") == "true":
        pytest.fail(absent)
    pytest.skip(absent)
