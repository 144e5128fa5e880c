"""The ladder, rung by rung, and the day on which an agreement counts."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from itertools import product
from pathlib import Path

import pytest

from federation.base.clock import DAY
from federation.base.errors import Breach
from federation.base.working_days import Calendar, beijing_date
from federation.trust.agreements import Listing, differences, find, parse_agreement
from federation.trust.agreements import render_agreement as render
from federation.trust.ladder import Permissions, accepts_key, permits
from federation.trust.members import MemberKey
from federation.trust.registry import RegistryView
from tests.federation.registry_world import new_world
from tests.federation.test_regions import terms

T = 1_800_000_000_000_000
TOP = Permissions(accepts_new_keys=True, begins_exchanges=True, cause="")
DATED = Permissions(accepts_new_keys=False, begins_exchanges=True, cause="TIMESTAMP_EXPIRED")
LOWEST = Permissions(accepts_new_keys=False, begins_exchanges=False, cause="SNAPSHOT_EXPIRED")


@pytest.fixture(scope="module")
def view(tmp_path_factory: pytest.TempPathFactory) -> RegistryView:
    """A view to be dated at will."""
    return new_world(tmp_path_factory.mktemp("ladder")).view()


@pytest.mark.parametrize(("timestamp", "snapshot"), list(product((-1, 0, 1), repeat=2)))
def test_every_rung(view: RegistryView, timestamp: int, snapshot: int) -> None:
    aged = replace(view, timestamp_expires_us=T + timestamp, snapshot_expires_us=T + snapshot)
    stands = TOP if timestamp > 0 else DATED
    assert permits(T, aged) == (stands if snapshot > 0 else LOWEST)


def test_a_key_that_began_beyond_the_timestamp_waits(view: RegistryView, tmp_path: Path) -> None:
    aged = replace(view, timestamp_expires_us=T, snapshot_expires_us=T + DAY)
    key = new_world(tmp_path).applicant("CN-31").member.keys[0]
    old, new = replace(key, valid_from_us=T - 1), replace(key, valid_from_us=T)
    assert isinstance(key, MemberKey)
    assert accepts_key(old, T + 1, aged)
    assert not accepts_key(new, T + 1, aged)
    assert accepts_key(new, T - 1, aged)


@pytest.mark.parametrize(
    ("changes", "day", "covers"),
    [
        ({}, "2026-06-01", True),
        ({}, "2026-01-01", True),
        ({}, "2026-12-31", True),
        ({}, "2025-12-31", False),
        ({}, "2027-01-01", False),
        ({"modes": ("RECOGNISE",)}, "2026-06-01", False),
        ({"parties": ("CN-32", "CN-33")}, "2026-06-01", False),
    ],
)
def test_scope_and_validity(changes: dict[str, object], day: str, covers: bool) -> None:
    year = {"valid_from": "2026-01-01", "valid_until": "2026-12-31"}
    agreement = replace(terms("CN-31", "CN-33"), **{**year, **changes})  # type: ignore[arg-type]
    listing = Listing(agreement, "", role_expires_us=T, is_resting=False)
    asked = {"mode": "TRANSFER", "day": day}

    def covered(one: Listing, now_us: int = T - 1) -> bool:
        both = [
            find([one], src=src, dst=dst, now_us=now_us, **asked)
            for src, dst in (("CN-31", "CN-33"), ("CN-33", "CN-31"))
        ]
        assert (both[0] is None) == (both[1] is None)
        return both[0] is not None

    assert covered(listing) is covers
    assert not covered(listing, now_us=T)
    assert not covered(replace(listing, is_resting=True))


def test_an_agreement_across_regions_does_not_stand_in_for_a_regions_own() -> None:
    across = terms("CN-31", "CN-33", "CN-35")
    assert across.path == "agreements/cross/mutual.json"
    assert not across.covers("CN-31", "CN-33", "TRANSFER", "2026-06-01")
    assert across.covers("CN-31", "CN-35", "TRANSFER", "2026-06-01")
    assert terms("CN-35", "CN-44").role == "cross"
    assert terms("CN-81", "CN-44").role == "greater-bay-area"


@pytest.mark.parametrize(
    "changes",
    [
        {"agreement": "Up"},
        {"agreement": "a/b"},
        {"version": 0},
        {"parties": ("CN-31",)},
        {"parties": ("CN-33", "CN-31")},
        {"parties": ("CN-31", "CN-31")},
        {"parties": ("CN-31", "CN-99")},
        {"modes": ()},
        {"modes": ("LEND",)},
        {"kinds": ("degree",)},
        {"valid_from": "2026-13-01"},
        {"valid_from": "20260101"},
        {"valid_from": "2099-12-31", "valid_until": "2020-01-01"},
        {"decision_days": 0},
        {"answer_days": 251},
        {"learner_year_cap_hundredths": -1},
        {"requires_witnessed": 1},
    ],
)
def test_a_malformed_agreement_is_refused(changes: dict[str, object]) -> None:
    good = terms("CN-31", "CN-33")
    assert parse_agreement(render(good)) == good
    with pytest.raises(Breach, match="AGREEMENT_FORM"):
        parse_agreement(render(replace(good, **changes)))  # type: ignore[arg-type]


def test_versions_are_compared_field_by_field() -> None:
    old = terms("CN-31", "CN-33")
    new = replace(old, version=2, decision_days=15)
    assert differences(old, new) == [("version", 1, 2), ("decision_days", 20, 15)]
    assert differences(old, old) == []


def test_working_days_skip_weekends_and_holidays_and_count_days_worked_instead() -> None:
    friday = date(2026, 9, 25)
    plain = Calendar()
    assert plain.after(friday, 1) == date(2026, 9, 28)
    assert plain.after(friday, 10) == date(2026, 10, 9)
    week = [date(2026, 10, day) for day in range(1, 8)]
    table = Calendar(holidays=week, makeup_days=[date(2026, 10, 10)])
    assert table.after(friday, 10) == date(2026, 10, 15)
    noon = 1_790_308_800_000_000  # 2026-09-25 12:00 in Beijing
    assert beijing_date(noon) == friday
    end = plain.deadline_us(noon, 1)
    assert beijing_date(end - 1) == date(2026, 9, 28)
    assert beijing_date(end) == date(2026, 9, 29)
