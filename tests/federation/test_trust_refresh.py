"""Refreshing: only forwards, only unexpired, only what changed."""

from __future__ import annotations

from pathlib import Path

import pytest
from tuf.api.metadata import Metadata

from federation.base.clock import DAY
from federation.base.errors import Breach, Unavailable
from federation.coordinator.ceremony import draft_root_renewal
from federation.coordinator.publication import keep_fresh
from federation.trust.refresh import refresh
from federation.trust.registry import verify_view
from tests.federation.registry_world import World, new_world, present_us


class Wire:
    """Serves a world's files and remembers what was asked."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.asked: list[str] = []
        self.replaced: dict[str, bytes | None] = {}

    def read(self, name: str) -> bytes | None:
        """Return a file, or what stands in for it."""
        self.asked.append(name)
        return self.replaced[name] if name in self.replaced else self.world.read(name)


@pytest.fixture
def wire(tmp_path: Path) -> Wire:
    """A federation of two, served."""
    world = new_world(tmp_path)
    world.enrol("CN-31", "CN-33")
    return Wire(world)


def test_a_first_refresh_finds_what_is_published(wire: Wire) -> None:
    view = refresh(wire.world.pinned(), None, wire.read)
    assert view == wire.world.view()
    assert verify_view(wire.world.pinned(), view.files) == view


def test_with_nothing_new_only_root_and_timestamp_are_asked_for(wire: Wire) -> None:
    view = refresh(wire.world.pinned(), None, wire.read)
    wire.asked.clear()
    assert refresh(wire.world.pinned(), view, wire.read) == view
    assert wire.asked == ["2.root.json", "timestamp.json"]


def test_only_changed_files_are_fetched(wire: Wire) -> None:
    view = refresh(wire.world.pinned(), None, wire.read)
    wire.world.enrol("CN-44")
    wire.asked.clear()
    newer = refresh(wire.world.pinned(), view, wire.read)
    assert newer.version == view.version + 1
    fetched = [name for name in wire.asked if "/" in name or "coordinator" in name]
    assert [name.rpartition(".CN-")[2] for name in fetched] == ["44.json"]


def test_a_new_root_is_followed(wire: Wire) -> None:
    view = refresh(wire.world.pinned(), None, wire.read)
    wire.world.publish(draft_root_renewal(wire.world.office, now_us=wire.world.now_us))
    newer = refresh(wire.world.pinned(), view, wire.read)
    assert "2.root.json" in newer.files
    wire.asked.clear()
    assert refresh(wire.world.pinned(), newer, wire.read) == newer
    assert wire.asked == ["3.root.json", "timestamp.json"]


def test_a_rolled_back_registry_is_refused(wire: Wire) -> None:
    old_timestamp = wire.world.read("timestamp.json")
    wire.world.enrol("CN-44")
    view = refresh(wire.world.pinned(), None, wire.read)
    wire.replaced["timestamp.json"] = old_timestamp
    with pytest.raises(Breach, match="REGISTRY_ROLLBACK"):
        refresh(wire.world.pinned(), view, wire.read)


def test_a_root_out_of_order_is_refused(wire: Wire) -> None:
    for _ in range(2):
        wire.world.publish(draft_root_renewal(wire.world.office, now_us=wire.world.now_us))
    wire.replaced["2.root.json"] = wire.world.read("3.root.json")
    with pytest.raises(Breach, match="ROOT_VERSION"):
        refresh(wire.world.pinned(), None, wire.read)


@pytest.mark.parametrize(("name", "threshold"), [("2.root.json", 3), ("timestamp.json", 1)])
def test_a_file_that_too_few_have_signed_is_refused(wire: Wire, name: str, threshold: int) -> None:
    """Whatever lies below the timestamp is named by its hash, so these two are all there is."""
    world = wire.world
    view = refresh(world.pinned(), None, wire.read)
    world.publish(draft_root_renewal(world.office, now_us=world.now_us))
    signed = Metadata.from_bytes(world.read(name) or b"")
    while len(signed.signatures) >= threshold:
        signed.signatures.popitem()
    wire.replaced[name] = signed.to_bytes()
    with pytest.raises(Breach, match="THRESHOLD"):
        refresh(world.pinned(), view, wire.read)


def test_a_file_that_is_not_what_targets_list_is_refused(wire: Wire) -> None:
    refresh(wire.world.pinned(), None, wire.read)
    name = next(name for name in wire.asked if name.endswith("CN-31.json"))
    content = wire.world.read(name)
    assert content is not None
    wire.replaced[name] = content.replace(b"7000", b"7001")
    with pytest.raises(Breach, match="REGISTRY_INVALID"):
        refresh(wire.world.pinned(), None, wire.read)
    wire.replaced[name] = content + b" "
    with pytest.raises(Breach, match="REGISTRY_INVALID"):
        refresh(wire.world.pinned(), None, wire.read)
    wire.replaced[name] = None
    with pytest.raises(Breach, match="REGISTRY_INVALID"):
        refresh(wire.world.pinned(), None, wire.read)


def test_expired_metadata_is_not_newly_accepted_and_verifies_offline(tmp_path: Path) -> None:
    world = new_world(tmp_path, now_us=present_us() - 2 * DAY)
    wire = Wire(world)
    with pytest.raises(Breach, match="REGISTRY_EXPIRED"):
        refresh(world.pinned(), None, wire.read)
    assert verify_view(world.pinned(), world.view().files).timestamp_expires_us < present_us()
    assert keep_fresh(world.office, world.online, now_us=present_us())
    refresh(world.pinned(), None, wire.read)


def test_an_unreachable_coordinator_changes_nothing(wire: Wire) -> None:
    def unreachable(name: str) -> bytes | None:
        raise Unavailable("COORDINATOR_UNREACHABLE", detail=name)

    view = refresh(wire.world.pinned(), None, wire.read)
    with pytest.raises(Unavailable, match="COORDINATOR_UNREACHABLE"):
        refresh(wire.world.pinned(), view, unreachable)
