"""Every role of a registry is told with its end."""

from __future__ import annotations

from pathlib import Path

from federation.base.clock import DAY, SECOND
from federation.coordinator.ceremony import ROOT_LIFE, TARGETS_LIFE, draft_root_renewal
from federation.coordinator.publication import SNAPSHOT_LIFE, TIMESTAMP_LIFE
from federation.coordinator.regions import REGION_LIFE
from federation.trust.lifetimes import lifetimes
from tests.federation.registry_world import new_world
from tests.federation.test_regions import terms


def test_each_role_ends_when_its_metadata_says(tmp_path: Path) -> None:
    world = new_world(tmp_path)
    people = world.enrol("CN-31", "CN-33")
    world.agree(terms("CN-31", "CN-33"), people)
    found = {one.role: one.expires_us - world.now_us for one in lifetimes(world.view())}
    expected = {
        "root": ROOT_LIFE,
        "targets": TARGETS_LIFE,
        "snapshot": SNAPSHOT_LIFE,
        "timestamp": TIMESTAMP_LIFE,
        terms("CN-31", "CN-33").role: REGION_LIFE,
    }
    assert expected.keys() == found.keys()
    for role, life in expected.items():
        assert abs(found[role] - life) <= 2 * SECOND, role


def test_of_several_roots_the_newest_counts(tmp_path: Path) -> None:
    world = new_world(tmp_path)
    later_us = world.now_us + 100 * DAY
    world.publish(draft_root_renewal(world.office, now_us=later_us))
    (end_us,) = [one.expires_us for one in lifetimes(world.view()) if one.role == "root"]
    assert abs(end_us - later_us - ROOT_LIFE) <= 2 * SECOND
