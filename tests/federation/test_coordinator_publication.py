"""Ceremony and publication: thresholds, repetition, interruption, freshness."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from federation.base.clock import DAY, HOUR
from federation.base.errors import Breach, Refusal
from federation.coordinator import publication
from federation.coordinator.ceremony import (
    draft_root_renewal,
    draft_targets_renewal,
    hold_ceremony,
)
from federation.coordinator.drafts import (
    export_draft,
    merge_drafts,
    parse_draft,
    render_draft,
    sign_draft,
)
from federation.coordinator.enrolment import approve, change_status
from federation.coordinator.office import init_office, open_office, open_online_keys
from federation.coordinator.overview import read_overview
from federation.coordinator.publication import keep_fresh
from federation.trust.members import MemberStatus
from tests.federation.registry_world import PASSPHRASE, World, ceremony, new_world
from tests.federation.registry_world import unpublished_world as unpublished


def _lose_power(*_: object) -> None:
    raise OSError("power")


@pytest.fixture
def world(tmp_path: Path) -> World:
    """A coordinator that has published its first registry."""
    return new_world(tmp_path)


def test_two_of_five_officers_cannot_make_a_root(tmp_path: Path) -> None:
    world = unpublished(tmp_path)
    root, targets = ceremony(world)
    with pytest.raises(Refusal, match="SIGNATURES_MISSING: root: 2 of 3"):
        world.publish(root, targets, officers=world.officers[:2])
    with world.office.store.reading() as books:
        assert books.newest("root") is None
    assert world.publish(root, targets, officers=world.officers[:3]).is_new


def test_one_officer_cannot_publish_targets(world: World) -> None:
    draft = draft_targets_renewal(world.office, now_us=world.now_us)
    with pytest.raises(Refusal, match="SIGNATURES_MISSING: targets: 1 of 2"):
        world.publish(draft, officers=world.officers[:1])


def test_signatures_of_strangers_do_not_count(world: World, tmp_path: Path) -> None:
    draft = draft_targets_renewal(world.office, now_us=world.now_us)
    for officer in world.officers[3:]:
        draft = sign_draft(draft, officer)
    with pytest.raises(Refusal, match="SIGNATURES_MISSING: targets: 0 of 2"):
        publication.publish(world.office, world.online, [draft], now_us=world.now_us)


def test_copies_signed_apart_are_merged(world: World) -> None:
    draft = draft_targets_renewal(world.office, now_us=world.now_us)
    copies = [
        parse_draft(render_draft(sign_draft(draft, officer))) for officer in world.officers[:2]
    ]
    assert merge_drafts(copies)["targets"].signers == tuple(
        sorted(officer.public.keyid for officer in world.officers[:2])
    )
    assert publication.publish(world.office, world.online, copies, now_us=world.now_us).is_new


def test_publishing_again_changes_nothing(world: World) -> None:
    draft = draft_targets_renewal(world.office, now_us=world.now_us)
    first = world.publish(draft)
    again = world.publish(draft)
    assert again == replace(first, is_new=False)
    assert world.view().version == first.registry_version


def test_an_interrupted_publication_leaves_nothing_and_is_completed(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    draft = draft_targets_renewal(world.office, now_us=world.now_us)
    before = world.view()
    with monkeypatch.context() as bent:
        bent.setattr(publication, "_carry_over", _lose_power)
        with pytest.raises(OSError, match="power"):
            world.publish(draft)
    assert world.view() == before
    assert world.publish(draft).is_new


def test_a_draft_that_does_not_follow_is_stale(world: World) -> None:
    old = draft_targets_renewal(world.office, now_us=world.now_us - 80 * DAY)
    world.now_us += 20 * DAY
    with pytest.raises(Refusal, match="DRAFT_STALE"):
        world.publish(old)
    fresh = draft_targets_renewal(world.office, now_us=world.now_us)
    world.publish(fresh)
    with pytest.raises(Refusal, match="DRAFT_STALE"):
        world.publish(old)


def test_a_new_root_needs_the_officers_of_the_old(world: World) -> None:
    draft = draft_root_renewal(world.office, now_us=world.now_us)
    with pytest.raises(Refusal, match="SIGNATURES_MISSING"):
        world.publish(draft, officers=world.officers[:2])
    assert world.publish(draft).root_version == 2
    assert "2.root.json" in world.view().files


def test_the_ceremony_is_repeatable_until_it_is_published(tmp_path: Path) -> None:
    world = unpublished(tmp_path)
    first, again = ceremony(world), ceremony(world)
    assert [d.signed_bytes for d in first] == [d.signed_bytes for d in again]
    public = [officer.public for officer in world.officers]
    with pytest.raises(Refusal, match="OFFICER_COUNT"):
        hold_ceremony(
            world.office,
            root_officers=[*public[:4], public[0]],
            targets_officers=public[:3],
            now_us=world.now_us,
        )
    world.publish(*first)
    with pytest.raises(Refusal, match="CEREMONY_DONE"):
        ceremony(world)


def test_a_draft_whose_files_were_changed_is_refused(world: World) -> None:
    world.apply(world.invite("CN-31"), world.applicant("CN-31"))
    draft = approve(world.office, ["CN-31"], now_us=world.now_us)
    bent = render_draft(draft).replace(b"127.0.0.1:7000", b"127.0.0.1:6666")
    with pytest.raises(Refusal, match="DRAFT_FORM"):
        parse_draft(bent)
    for junk in (b"", b"[]", b"{}", json.dumps({"draft": "creditbank-draft-1"}).encode()):
        with pytest.raises(Refusal, match="DRAFT_FORM"):
            parse_draft(junk)


def test_an_exported_draft_keeps_its_signatures(world: World, tmp_path: Path) -> None:
    draft = draft_targets_renewal(world.office, now_us=world.now_us)
    path = export_draft(tmp_path, draft)
    path.write_bytes(render_draft(sign_draft(draft, world.officers[0])))
    export_draft(tmp_path, draft)
    assert len(parse_draft(path.read_bytes()).signers) == 1


def test_what_is_approved_after_officers_fetched_a_draft_is_not_lost(world: World) -> None:
    world.apply(world.invite("CN-31"), world.applicant("CN-31"))
    fetched = approve(world.office, ["CN-31"], now_us=world.now_us)
    world.apply(world.invite("CN-33"), world.applicant("CN-33"))
    approve(world.office, ["CN-33"], now_us=world.now_us)
    world.publish(fetched)
    assert sorted(world.view().members) == ["CN-31"]
    world.publish(approve(world.office, ["CN-33"], now_us=world.now_us))
    assert sorted(world.view().members) == ["CN-31", "CN-33"]


def test_suspension_is_published_like_anything_else(world: World) -> None:
    world.enrol("CN-31")
    draft = change_status(world.office, "CN-31", MemberStatus.SUSPENDED, now_us=world.now_us)
    assert world.view().members["CN-31"].status is MemberStatus.ACTIVE
    world.publish(draft)
    assert world.view().members["CN-31"].status is MemberStatus.SUSPENDED
    # What was approved long ago is no way around it.
    with pytest.raises(Refusal, match="APPLICATION_MISSING"):
        approve(world.office, ["CN-31"], now_us=world.now_us)
    retired = change_status(world.office, "CN-31", MemberStatus.RETIRED, now_us=world.now_us)
    world.publish(retired)
    with pytest.raises(Breach, match="MEMBER_HISTORY"):
        change_status(world.office, "CN-31", MemberStatus.ACTIVE, now_us=world.now_us)


def test_online_metadata_is_signed_anew_at_half_its_life(world: World) -> None:
    first = world.view()
    assert not keep_fresh(world.office, world.online, now_us=world.now_us + 11 * HOUR)
    assert keep_fresh(world.office, world.online, now_us=world.now_us + 13 * HOUR)
    second = world.view()
    assert second.timestamp_expires_us > first.timestamp_expires_us
    assert (second.version, second.snapshot_expires_us) == (1, first.snapshot_expires_us)
    assert keep_fresh(world.office, world.online, now_us=world.now_us + 4 * DAY)
    assert world.view().version == 2


def test_init_is_whole_or_nothing_and_repeatable(tmp_path: Path) -> None:
    folder = tmp_path / "c"
    leftover = tmp_path / ".c.unfinished" / "keys"
    leftover.mkdir(parents=True)
    (leftover / "snapshot.key").write_text("half")

    def make(address: str) -> None:
        init_office(folder, address=address, passphrase=PASSPHRASE, is_demo=True, now_us=1)

    make("h:1")
    assert not leftover.exists()
    certificate = open_office(folder).tls_certificate_pem
    make("h:1")
    assert open_office(folder).tls_certificate_pem == certificate
    with pytest.raises(Refusal, match="COORDINATOR_EXISTS"):
        make("h:2")
    with pytest.raises(Refusal, match="COORDINATOR_MISSING"):
        open_office(tmp_path / "nothing")
    with pytest.raises(Refusal, match="KEY_FILE"):
        open_online_keys(open_office(folder), b"wrong")


def test_the_overview_shows_what_waits(world: World) -> None:
    world.enrol("CN-31")
    world.invite("CN-33")
    world.apply(world.invite("CN-44"), world.applicant("CN-44"))
    approve(world.office, ["CN-44"], now_us=world.now_us)
    overview = read_overview(world.office)
    assert [member.province for member in overview.members] == ["CN-31"]
    assert [found.province for found in overview.invitations] == ["CN-33"]
    assert [(d.role, d.version, d.changed) for d in overview.drafts] == [
        ("targets", 3, ("members/CN-44.json",))
    ]
