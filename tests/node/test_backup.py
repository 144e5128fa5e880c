"""Backups: whole by themselves, told apart when they are not, and put back."""

from __future__ import annotations

from pathlib import Path

import pytest

from federation.log import checkpoint
from federation.signing.keystore import load_key
from federation.wire.entries import origin_of
from node.config import load_config, read_passphrase
from node.storage.opening import open_store
from node.usecases.ports import Store
from tests.node.test_founding import found


@pytest.fixture
def site(tmp_path: Path) -> Path:
    """Found a node with something in its log."""
    directory = tmp_path / "site"
    found(directory)
    return directory


def opened(site: Path) -> Store:
    config = load_config(site)
    signer = load_key(config.keys / "log.key", read_passphrase(config))
    return open_store(
        config.database_url,
        origin=origin_of(config.province),
        sign=lambda one: checkpoint.sign(one, signer),
    )
