"""Regions: thresholds of provinces, disjoint paths, expiry, retirement; read by python-tuf."""

from __future__ import annotations

import copy
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path

import pytest
from tuf.api.metadata import Targets

from federation.base.clock import DAY
from federation.base.errors import Breach, Refusal
from federation.coordinator import regions
from federation.coordinator.ceremony import draft_targets, draft_targets_renewal
from federation.coordinator.drafts import Draft, parse_draft, render_draft, sign_draft
from federation.coordinator.enrolment import change_status
from federation.coordinator.publication import publish
from federation.coordinator.regions import draft_role
from federation.coordinator.treaties import draft_agreements
from federation.signing.keystore import create_key
from federation.signing.tuf_keys import tuf_key
from federation.trust.agreements import Agreement, Listing, find, propose, sign_agreement
from federation.trust.exactness import check_exact
from federation.trust.members import MemberKey, MemberStatus, member_path, render_member
from federation.trust.refresh import refresh
from federation.trust.registry import RegistryView, check_advance, verify_view
from tests.federation.registry_world import PASSPHRASE, Applicant, World, new_world, present_us

DELTA = "yangtze-river-delta"
NORTH = "northeast"


def terms(*parties: str, name: str = "mutual", version: int = 1) -> Agreement:
    """Return an agreement between provinces for all of what can be agreed."""
    return Agreement(
        agreement=name,
        version=version,
        parties=tuple(sorted(parties)),
        modes=("RECOGNISE", "TRANSFER"),
        kinds=(),
        valid_from="2020-01-01",
        valid_until="2099-12-31",
        decision_days=20,
        answer_days=10,
    )


@pytest.fixture
def world(tmp_path: Path) -> World:
    """A federation before it has members."""
    return new_world(tmp_path)


def refreshed(world: World, trusted: RegistryView | None = None) -> RegistryView:
    """Read what is published as a node does, and verify it as an auditor does."""
    view = refresh(world.pinned(), trusted, world.read)
    assert verify_view(world.pinned(), view.files) == view
    check_exact(view)
    return view


def found(listings: tuple[Listing, ...], src: str, dst: str) -> str:
    """Return the name of the agreement under which a transfer may begin."""
    able = find(listings, src=src, dst=dst, mode="TRANSFER", day="2026-01-05", now_us=present_us())
    return able.agreement if able else ""


def test_a_region_and_a_pair_across_regions_are_listed_and_read(world: World) -> None:
    people = world.enrol("CN-31", "CN-33", "CN-35")
    first = refreshed(world)
    assert first.regions[DELTA].version == 0
    world.agree(terms("CN-31", "CN-33", name="delta"), people)
    world.agree(terms("CN-31", "CN-33", "CN-35", name="across"), people)
    view = refreshed(world, first)
    assert view.regions[DELTA].provinces == ("CN-31", "CN-33")
    assert view.regions[DELTA].threshold == view.regions["cross"].threshold == 2
    assert found(view.agreements, "CN-31", "CN-33") == "delta"
    assert found(view.agreements, "CN-35", "CN-33") == "across"
    assert found(view.agreements, "CN-31", "CN-44") == ""


def test_nothing_is_fetched_twice(world: World) -> None:
    people = world.enrol("CN-31", "CN-33")
    world.agree(terms("CN-31", "CN-33"), people)
    view = refreshed(world)
    asked: list[str] = []

    def read(name: str) -> bytes | None:
        asked.append(name)
        return world.read(name)

    assert refresh(world.pinned(), view, read) == view
    assert asked == ["2.root.json", "timestamp.json"]


def test_a_threshold_short_by_one_is_not_published(world: World) -> None:
    people = world.enrol("CN-31", "CN-32", "CN-33")
    with pytest.raises(Refusal, match=f"SIGNATURES_MISSING: {DELTA}: 1 of 2"):
        world.agree(terms("CN-31", "CN-33"), people, by=["CN-31"])
    # Who is no member of the region does not count in it.
    north = world.enrol("CN-21")
    with pytest.raises(Refusal, match="1 of 2"):
        world.agree(terms("CN-31", "CN-33"), {**people, **north}, by=["CN-31", "CN-21"])
    assert refreshed(world).agreements == ()
    world.agree(terms("CN-31", "CN-33"), people, by=["CN-32", "CN-33"])
    assert len(refreshed(world).agreements) == 1


def test_a_region_of_one_stands_alone(world: World) -> None:
    world.enrol("CN-11", "CN-31")
    held = refreshed(world).regions["beijing-tianjin-hebei"]
    assert (held.provinces, held.threshold) == (("CN-11",), 1)


def test_test_provinces_stand_in_regions_of_five(world: World) -> None:
    people = world.enrol("CN-T01", "CN-T05", "CN-T06")
    world.agree(terms("CN-T01", "CN-T05"), people)
    world.agree(terms("CN-T01", "CN-T06"), people)
    view = refreshed(world)
    assert {one.agreement.role for one in view.agreements} == {"test-1", "cross"}


def _publish_targets(world: World, bend: Callable[[Targets], None], **files: bytes) -> None:
    """Publish targets that officers signed without looking."""
    with world.office.store.writing() as books:
        draft = draft_targets(books, files, now_us=world.now_us + DAY)
    bent = copy.deepcopy(draft.metadata)
    bend(bent.signed)
    world.publish(Draft(bent, draft.files))


def test_two_keys_of_one_province_do_not_count_as_two(world: World, tmp_path: Path) -> None:
    people = world.enrol("CN-31", "CN-33")
    second = create_key(tmp_path / "second.key", PASSPHRASE)
    key = MemberKey(second.public, "governance", world.now_us)
    member = people["CN-31"].member
    content = render_member(replace(member, keys=(*member.keys, key)))

    def give_both(targets: Targets) -> None:
        delegations = targets.delegations
        first = people["CN-31"].governance.public.keyid
        delegations.keys[second.public.keyid] = tuf_key(second.public.pem)
        delegations.keys[first] = tuf_key(people["CN-31"].governance.public.pem)
        delegations.roles[DELTA].keyids = [first, second.public.keyid]

    with pytest.raises(Breach, match="two keys of CN-31"):
        _publish_targets(world, give_both, **{member_path("CN-31"): content})


@pytest.mark.parametrize(
    ("bend", "why"),
    [
        (lambda roles: setattr(roles[DELTA], "threshold", 1), "a threshold of 1 in 2"),
        (lambda roles: roles[DELTA].paths.append("members/*"), "other paths"),
        (lambda roles: setattr(roles[DELTA], "paths", ["agreements/*/*"]), "other paths"),
        (lambda roles: setattr(roles[DELTA], "keyids", roles[NORTH].keyids), "another region"),
    ],
)
def test_delegations_that_let_one_speak_for_another_are_refused(
    world: World, bend: Callable[[Mapping[str, object]], None], why: str
) -> None:
    world.enrol("CN-21", "CN-31", "CN-33")
    with pytest.raises(Breach, match=why):
        _publish_targets(world, lambda targets: bend(targets.delegations.roles))


def test_a_key_under_anothers_name_is_refused(world: World) -> None:
    people = world.enrol("CN-31", "CN-33")
    keyid = people["CN-31"].governance.public.keyid

    def swap(targets: Targets) -> None:
        thief = copy.deepcopy(tuf_key(people["CN-33"].governance.public.pem))
        thief.keyid = keyid
        targets.delegations.keys[keyid] = thief

    with pytest.raises(Breach, match="REGISTRY_INVALID"):
        _publish_targets(world, swap)


def test_a_path_outside_a_region_is_refused(world: World) -> None:
    people = world.enrol("CN-21", "CN-31", "CN-33")
    content = propose(terms("CN-31", "CN-33"))
    for party in ("CN-31", "CN-33"):
        content = sign_agreement(content, people[party].governance)
    for path in (f"agreements/{NORTH}/mutual.json", f"agreements/{DELTA}/other.json"):
        with world.office.store.writing() as books:
            draft = draft_role(books, DELTA, {path: content}, now_us=world.now_us)
        for party in ("CN-31", "CN-33"):
            draft = sign_draft(draft, people[party].governance)
        with pytest.raises((Breach, Refusal), match=r"REGISTRY_INVALID|DRAFT_STALE"):
            publish(world.office, world.online, [draft], now_us=world.now_us)
        with world.office.store.writing() as books:
            draft_role(books, DELTA, {path: None}, now_us=world.now_us)
    assert refreshed(world).agreements == ()


def test_the_metadata_of_one_role_is_not_that_of_another(world: World) -> None:
    people = world.enrol("CN-31", "CN-33")
    world.agree(terms("CN-31", "CN-33"), people)
    files = world.view().files
    draft = parse_draft(_draft(world, DELTA))
    assert draft.role == DELTA
    stolen = {**files, "cross.json": files[f"{DELTA}.json"]}
    with pytest.raises(Breach, match="REGISTRY_INVALID"):
        verify_view(world.pinned(), stolen)


def _draft(world: World, role: str) -> bytes:
    with world.office.store.writing() as books:
        return render_draft(draft_role(books, role, {}, now_us=world.now_us))


def _short_lived(
    world: World, people: Mapping[str, Applicant], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(regions, "REGION_LIFE", -2 * DAY)
    content = propose(terms("CN-31", "CN-33"))
    for party in ("CN-31", "CN-33"):
        content = sign_agreement(content, people[party].governance)
    past = world.now_us - 5 * DAY
    with world.office.store.writing() as books:
        [draft] = draft_agreements(books, world.view(), [content], now_us=past + 4 * DAY)
    for party in ("CN-31", "CN-33"):
        draft = sign_draft(draft, people[party].governance)
    publish(world.office, world.online, [draft], now_us=past)
    monkeypatch.setattr(regions, "REGION_LIFE", 365 * DAY)


def test_an_expired_region_stops_no_other(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    people = world.enrol("CN-21", "CN-22", "CN-31", "CN-33")
    _short_lived(world, people, monkeypatch)
    world.agree(terms("CN-21", "CN-22"), people)
    # A new node cannot have the expired region, and has all others.
    view = refreshed(world)
    assert view.regions[DELTA].version == 0
    assert found(view.agreements, "CN-31", "CN-33") == ""
    assert found(view.agreements, "CN-21", "CN-22") == "mutual"
    # A node that had it keeps it, for exchanges that began; nothing begins by it.
    kept = refreshed(world, world.view())
    assert kept.regions[DELTA].version == 1
    assert found(kept.agreements, "CN-31", "CN-33") == ""
    assert found(kept.agreements, "CN-21", "CN-22") == "mutual"
    world.agree(terms("CN-31", "CN-33", version=2), people)
    assert found(refreshed(world, kept).agreements, "CN-31", "CN-33") == "mutual"


def test_a_region_that_does_not_hold_is_left_out(world: World) -> None:
    people = world.enrol("CN-21", "CN-22", "CN-31", "CN-33")
    world.agree(terms("CN-31", "CN-33"), people)
    world.agree(terms("CN-21", "CN-22"), people)
    listed = next(path for path in world.view().files if path.startswith(f"agreements/{DELTA}/"))

    def read(name: str) -> bytes | None:
        content = world.read(name)
        is_listed = name.startswith(f"agreements/{DELTA}/")
        return content[:-1] + b" " if content and is_listed else content

    view = refresh(world.pinned(), None, read)
    assert listed not in view.files
    assert found(view.agreements, "CN-31", "CN-33") == ""
    assert found(view.agreements, "CN-21", "CN-22") == "mutual"


def test_a_retired_role_stays_in_the_snapshot_and_stops_no_client(world: World) -> None:
    people = world.enrol("CN-11", "CN-31", "CN-33")
    world.agree(terms("CN-31", "CN-33"), people)
    before = refreshed(world)
    for province in ("CN-31", "CN-33"):
        draft = change_status(world.office, province, MemberStatus.RETIRED, now_us=world.now_us)
    world.publish(draft)
    after = refreshed(world, before)
    assert DELTA not in after.regions
    assert f'"{DELTA}.json"'.encode() in after.files["snapshot.json"]
    assert after.agreements == ()


def test_a_suspension_rests_no_agreement(world: World) -> None:
    people = world.enrol("CN-31", "CN-32", "CN-33")
    world.agree(terms("CN-31", "CN-32", "CN-33"), people, by=["CN-31", "CN-32"])
    before = refreshed(world)
    draft = change_status(world.office, "CN-31", MemberStatus.SUSPENDED, now_us=world.now_us)
    world.publish(draft)
    assert found(refreshed(world, before).agreements, "CN-32", "CN-33") == "mutual"


def test_a_new_governance_key_rests_nothing_that_enough_others_signed(
    world: World, tmp_path: Path
) -> None:
    people = world.enrol("CN-31", "CN-32", "CN-33")
    content = propose(terms("CN-31", "CN-33"))
    for party in ("CN-31", "CN-33"):
        content = sign_agreement(content, people[party].governance)
    world.list_agreements([content], people, by=["CN-31", "CN-32", "CN-33"])
    before = refreshed(world)
    second = create_key(tmp_path / "second.key", PASSPHRASE)
    member = people["CN-31"].member
    keys = tuple(
        replace(key, verify_only_from_us=world.now_us) if key.use == "governance" else key
        for key in member.keys
    )
    new = replace(member, keys=(*keys, MemberKey(second.public, "governance", world.now_us)))
    with world.office.store.writing() as books:
        draft = draft_targets(
            books, {member_path("CN-31"): render_member(new)}, now_us=world.now_us
        )
    world.publish(draft)
    view = refreshed(world, before)
    assert found(view.agreements, "CN-31", "CN-33") == "mutual"


def test_a_renewal_keeps_the_regions(world: World) -> None:
    people = world.enrol("CN-31", "CN-33")
    world.agree(terms("CN-31", "CN-33"), people)
    before = refreshed(world)
    world.publish(draft_targets_renewal(world.office, now_us=world.now_us))
    after = refreshed(world, before)
    assert after.agreements == before.agreements


def test_an_agreement_is_signed_by_all_parties(world: World, tmp_path: Path) -> None:
    people = world.enrol("CN-31", "CN-32", "CN-33")
    bare = propose(terms("CN-31", "CN-33"))
    half = sign_agreement(bare, people["CN-31"].governance)
    twice = sign_agreement(half, people["CN-32"].governance)
    by_message = sign_agreement(half, people["CN-33"].signers[0])
    bent = sign_agreement(half, people["CN-33"].governance).replace(b'"sig":"', b'"sig":"AAAA', 1)
    for content in (bare, half, twice, by_message, bent):
        with pytest.raises(Breach, match="AGREEMENT_UNSIGNED"):
            world.list_agreements([content], people, by=["CN-31", "CN-33"])
    # Even two provinces that sign the role all the same reach no node with it.
    path = terms("CN-31", "CN-33").path
    with world.office.store.writing() as books:
        draft = draft_role(books, DELTA, {path: half}, now_us=world.now_us)
    for party in ("CN-31", "CN-33"):
        draft = sign_draft(draft, people[party].governance)
    with pytest.raises(Breach, match="AGREEMENT_UNSIGNED: CN-33"):
        publish(world.office, world.online, [draft], now_us=world.now_us)


def test_versions_rise_and_what_is_withdrawn_is_gone(world: World) -> None:
    people = world.enrol("CN-31", "CN-33")
    world.agree(terms("CN-31", "CN-33"), people)
    first = refreshed(world)
    with pytest.raises(Refusal, match="AGREEMENT_VERSION"):
        world.agree(replace(terms("CN-31", "CN-33"), decision_days=5), people)
    world.agree(terms("CN-31", "CN-33", version=2), people)
    second = refreshed(world, first)
    assert [one.agreement.version for one in second.agreements] == [2]
    with pytest.raises(Breach, match="REGISTRY_ROLLBACK"):
        check_advance(second, replace(first, version=second.version))
    path = terms("CN-31", "CN-33").path
    world.list_agreements([], people, by=["CN-31", "CN-33"], withdrawn=[path])
    third = refreshed(world, second)
    assert third.agreements == ()
    with pytest.raises(Refusal, match="AGREEMENT_UNKNOWN"):
        world.list_agreements([], people, by=["CN-31", "CN-33"], withdrawn=[path])
