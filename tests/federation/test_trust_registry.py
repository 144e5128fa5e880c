"""The registry as a value: one bent byte, one missing signature, one wrong version each."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import pytest

from federation.base.errors import Breach
from federation.coordinator.ceremony import draft_root_renewal, draft_targets
from federation.signing.keystore import create_key
from federation.trust.members import (
    Member,
    MemberKey,
    MemberStatus,
    check_successor,
    member_path,
    parse_member,
    render_member,
)
from federation.trust.registry import check_advance, fingerprint, spoken, verify_view
from tests.federation.registry_world import PASSPHRASE, World, new_world


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> World:
    """A federation of two."""
    made = new_world(tmp_path_factory.mktemp("trust"))
    made.enrol("CN-31", "CN-33")
    return made


def refused(pinned: bytes, files: Mapping[str, bytes]) -> str:
    """Return the detail with which these files are refused."""
    with pytest.raises(Breach) as caught:
        verify_view(pinned, files)
    assert caught.value.reason == "REGISTRY_INVALID"
    return caught.value.detail


def test_a_view_verifies_from_its_own_files(world: World) -> None:
    view = world.view()
    assert verify_view(world.pinned(), view.files) == view
    assert sorted(view.members) == ["CN-31", "CN-33"]
    assert view.is_demo
    assert view.coordinator.endpoint == world.office.address


def test_one_bent_byte_in_any_file_is_refused_and_named(world: World) -> None:
    view = world.view()
    for name, content in view.files.items():
        # Inside what is signed, and where a file is listed by hash, anywhere.
        at = content.index(b"version") if name.endswith(".root.json") else len(content) // 2
        bent = content[:at] + bytes([content[at] ^ 1]) + content[at + 1 :]
        assert refused(world.pinned(), {**view.files, name: bent}).startswith(name)


def test_every_missing_file_is_named(world: World) -> None:
    view = world.view()
    for name in view.files:
        files = {key: content for key, content in view.files.items() if key != name}
        assert refused(world.pinned(), files).startswith(name)


def test_a_file_that_nobody_vouches_for_is_refused(world: World) -> None:
    files = {**world.view().files, "members/CN-44.json": b"{}"}
    assert refused(world.pinned(), files).startswith("members/CN-44.json")


def test_another_root_than_the_pinned_is_refused(world: World, tmp_path: Path) -> None:
    stranger = new_world(tmp_path)
    assert refused(world.pinned(), stranger.view().files).startswith("1.root.json")


def test_a_root_below_its_own_threshold_is_refused(world: World) -> None:
    view = world.view()
    root = json.loads(world.pinned())
    root["signatures"] = root["signatures"][:2]
    bare = json.dumps(root).encode()
    assert refused(bare, {**view.files, "1.root.json": bare}).startswith("1.root.json")


def test_targets_one_signature_short_are_refused(world: World) -> None:
    view = world.view()
    targets = json.loads(view.files["targets.json"])
    targets["signatures"] = targets["signatures"][:1]
    files = {**view.files, "targets.json": json.dumps(targets).encode()}
    assert refused(world.pinned(), files).startswith("targets.json")


def test_a_root_that_skips_a_version_is_refused(tmp_path: Path) -> None:
    world = new_world(tmp_path)
    world.publish(draft_root_renewal(world.office, now_us=world.now_us))
    world.publish(draft_root_renewal(world.office, now_us=world.now_us))
    files = dict(world.view().files)
    assert {"1.root.json", "2.root.json", "3.root.json"} <= files.keys()
    files["2.root.json"] = files.pop("3.root.json")
    assert refused(world.pinned(), files) == "2.root.json: states version 3"


def test_a_target_file_of_an_older_registry_is_refused(tmp_path: Path) -> None:
    world = new_world(tmp_path)
    world.enrol("CN-31")
    old = world.view()
    applicant = world.applicant("CN-31-again")
    member = replace(old.members["CN-31"], endpoint="127.0.0.1:7001")
    keys = (*old.members["CN-31"].keys, *applicant.member.keys)
    _relist(world, replace(member, keys=keys))
    new = world.view()
    mixed = {**new.files, "members/CN-31.json": old.files["members/CN-31.json"]}
    assert refused(world.pinned(), mixed).startswith("members/CN-31.json")
    mixed = {**new.files, "targets.json": old.files["targets.json"]}
    assert refused(world.pinned(), mixed).startswith("targets.json")
    with pytest.raises(Breach, match="REGISTRY_ROLLBACK"):
        check_advance(new, old)


def test_a_fingerprint_is_read_out_in_groups() -> None:
    assert spoken(fingerprint(b"")).startswith("e3b0 c442 98fc")


# Member documents


def test_a_member_document_has_one_spelling(world: World) -> None:
    member = world.view().members["CN-31"]
    assert parse_member(render_member(member)) == member
    value = json.loads(render_member(member))
    for bent in (
        {**value, "motto": "x"},
        {key: text for key, text in value.items() if key != "endpoint"},
        {**value, "endpoint": "nowhere"},
        {**value, "endpoint": "host:70000"},
        {**value, "status": "FRIEND"},
        {**value, "wire_min": 2},
        {**value, "wire_min": True},
        {**value, "province": "CN-99"},
        {**value, "tls_ca_pem": "none"},
        {**value, "keys": []},
        {**value, "keys": [value["keys"][0], *value["keys"]]},
        {**value, "keys": [{**value["keys"][0], "revoked_at_us": 5}, value["keys"][1]]},
    ):
        text = json.dumps(bent, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
        with pytest.raises(Breach, match="MEMBER_DOCUMENT"):
            parse_member(text.encode())
    with pytest.raises(Breach, match="MEMBER_DOCUMENT"):
        parse_member(render_member(member) + b" ")


def test_keys_may_be_marked_and_never_changed_or_dropped(world: World, tmp_path: Path) -> None:
    member = world.view().members["CN-31"]
    old = replace(member, keys=member.keys[:2])
    first, second = old.keys
    for allowed in (
        old,
        replace(old, keys=(second, first)),
        replace(old, endpoint="h:1", status=MemberStatus.SUSPENDED),
        replace(old, keys=(replace(first, verify_only_from_us=9), second)),
        replace(old, keys=(replace(first, revoked_log_size=3, revoked_at_us=9), second)),
    ):
        check_successor(old, allowed)
    other = create_key(tmp_path / "k", PASSPHRASE).public
    marked = replace(old, keys=(replace(first, verify_only_from_us=9), second))
    retired = replace(old, status=MemberStatus.RETIRED)
    for before, after in (
        (old, replace(old, keys=(first,))),
        (old, replace(old, keys=(MemberKey(other, "message", 0), second))),
        (old, replace(old, keys=(replace(first, valid_from_us=1), second))),
        (old, replace(old, keys=(replace(first, use="log"), second))),
        (old, replace(old, province="CN-33")),
        (marked, old),
        (marked, replace(old, keys=(replace(first, verify_only_from_us=10), second))),
        (retired, old),
    ):
        with pytest.raises(Breach, match="MEMBER_HISTORY"):
            check_successor(before, after)


def test_keys_are_found_by_name_and_use(world: World) -> None:
    member = world.view().members["CN-31"]
    key = member.keys[0]
    assert member.find_key(key.key.keyid, "message") is key
    assert member.find_key(key.key.keyid, "log") is None


def _relist(world: World, member: Member) -> None:
    """Publish a document for a member, as the officers could."""
    with world.office.store.writing() as books:
        changes = {member_path(member.province): render_member(member)}
        draft = draft_targets(books, changes, now_us=world.now_us)
    world.publish(draft)


def test_two_members_never_share_a_key(tmp_path: Path) -> None:
    world = new_world(tmp_path)
    applicants = world.enrol("CN-31")
    borrowed = replace(applicants["CN-31"].member, province="CN-33")
    with pytest.raises(Breach, match="REGISTRY_INVALID"):
        _relist(world, borrowed)
    assert "CN-33" not in world.view().members
    again = replace(applicants["CN-31"], member=borrowed)
    with pytest.raises(Breach, match="MEMBER_DOCUMENT"):
        world.apply(world.invite("CN-33"), again)
