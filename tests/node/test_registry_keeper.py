"""Two processes of one node: what one of them learned of the registry, the other adopts."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from federation.base.clock import DAY, MINUTE
from federation.base.errors import Breach, Unavailable
from federation.coordinator.ceremony import draft_targets_renewal
from federation.coordinator.publication import keep_fresh
from federation.log import checkpoint
from federation.log.checkpoint import Checkpoint
from federation.signing.keystore import create_key
from federation.trust.registry import RegistryView
from node.edges import registry_keeper
from node.edges.registry_keeper import RegistryKeeper
from node.storage.opening import open_store
from node.usecases.ports import Store
from tests.e2e.realm import until_true
from tests.federation.registry_world import PASSPHRASE, World, new_world


@pytest.fixture
def world(tmp_path: Path) -> World:
    """A coordinator that nobody can reach, with one member."""
    made = new_world(tmp_path)
    made.enrol("CN-31")
    return made


@pytest.fixture
def store(database: str, tmp_path: Path) -> Iterator[Store]:
    """The database of a node."""
    key = create_key(tmp_path / "log.key", PASSPHRASE)

    def sign(one: Checkpoint) -> bytes:
        return checkpoint.sign(one, key)

    opened = open_store(database, origin="CN-31", sign=sign)
    yield opened
    opened.close()


def keeper(world: World, store: Store) -> RegistryKeeper:
    """Return the keeper of another process of the node."""
    return RegistryKeeper(
        store,
        province="CN-31",
        pinned_root=world.pinned(),
        endpoint="127.0.0.1:1",
        certificate_pem=world.office.tls_certificate_pem,
        period_s=3600,
    )


def keep(store: Store, view: RegistryView) -> None:
    """Store a view as a process does that fetched it."""
    store.transact(lambda tx: tx.keep_registry(view.version, dict(view.files)))


def test_a_newer_view_is_adopted_and_an_older_one_is_not(world: World, store: Store) -> None:
    first, one = world.view(), keeper(world, store)
    assert not one.adopt_stored()
    keep(store, first)
    assert one.adopt_stored()
    assert not one.adopt_stored()
    # Only the timestamp is new: no version but its own rose.
    keep_fresh(world.office, world.online, now_us=world.now_us + DAY - MINUTE)
    second = world.view()
    assert (second.version, second.timestamp_expires_us) > (0, first.timestamp_expires_us)
    keep(store, second)
    assert one.adopt_stored()
    assert one.view().timestamp_expires_us == second.timestamp_expires_us
    world.publish(draft_targets_renewal(world.office, now_us=world.now_us))
    keep(store, world.view())
    assert one.adopt_stored()
    assert one.view().version == second.version + 1


def test_what_is_stored_is_trusted_with_nothing(world: World, store: Store) -> None:
    one, view = keeper(world, store), world.view()
    keep(store, view)
    one.adopt_stored()
    bent = dict(view.files)
    for name in ("timestamp.json", "members/CN-31.json"):
        bent[name] += b" "
    store.transact(lambda tx: tx.keep_registry(view.version + 1, bent))
    with pytest.raises(Breach):
        one.adopt_stored()
    assert one.view() is not None
    assert one.view().version == view.version


def test_a_running_keeper_looks_by_itself(
    world: World, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(registry_keeper, "LOOK_S", 0.05)
    one = keeper(world, store)
    one.start()
    try:
        keep(store, world.view())
        until_true(lambda: is_known(one), "nothing was adopted")
        assert one.view().version == world.view().version
    finally:
        one.close()


def is_known(one: RegistryKeeper) -> bool:
    """Tell whether a keeper has any view."""
    try:
        one.view()
    except Unavailable:
        return False
    return True
