"""Keys that are taken away: by whom, from where in the log on, and given back by whom."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from federation.base.clock import DAY
from federation.base.errors import Breach, Refusal
from federation.coordinator.publication import keep_fresh
from federation.coordinator.revoking import draft_reinstatement, revoke, write_online
from federation.trust.exactness import check_exact
from federation.trust.members import KeyState, MemberKey
from federation.trust.refresh import refresh
from federation.trust.registry import RegistryView, check_advance, verify_view
from federation.trust.revocations import Revocation, write_revocation
from federation.wire.proof import check_key_time
from tests.federation.registry_world import Applicant, World, new_world
from tests.federation.test_regions import found, terms

SIZE = 40


@pytest.fixture
def world(tmp_path: Path) -> World:
    """A federation before it has members."""
    return new_world(tmp_path)


def order(world: World, applicant: Applicant, use: int = 0, size: int = SIZE) -> Revocation:
    """Return the revocation of a key of a province."""
    return Revocation(
        province=applicant.member.province,
        keyid=applicant.signers[use].public.keyid,
        log_size=size,
        revoked_at_us=world.now_us,
    )


def message_key(view: RegistryView) -> MemberKey:
    """Return the message key of Shanghai."""
    return view.members["CN-31"].keys[0]


@pytest.mark.parametrize("by_province", [True, False])
def test_a_revoked_key_is_judged_by_the_place_in_the_log(world: World, by_province: bool) -> None:
    people = world.enrol("CN-31", "CN-33")
    before = refresh(world.pinned(), None, world.read)
    assert message_key(before).state_at(world.now_us) is KeyState.ACTIVE
    what = order(world, people["CN-31"])
    content = (
        write_revocation(what, people["CN-31"].recovery)
        if by_province
        else write_online(world.online, what)
    )
    revoke(world.office, world.online, content, now_us=world.now_us)
    after = refresh(world.pinned(), before, world.read)
    check_exact(after)
    key = message_key(after)
    assert key.state_at(world.now_us) is KeyState.REVOKED
    check_key_time(key, signed_us=world.now_us, log_index=SIZE - 1)
    for place in (SIZE, -1):
        with pytest.raises(Breach, match="KEY_REVOKED"):
            check_key_time(key, signed_us=world.now_us, log_index=place)
    again = revoke(world.office, world.online, content, now_us=world.now_us)
    assert not again.is_new


def test_nobody_else_revokes(world: World) -> None:
    people = world.enrol("CN-31", "CN-33")
    what = order(world, people["CN-31"])
    for thief in (people["CN-33"].recovery, people["CN-31"].signers[0], world.officers[0]):
        with pytest.raises(Breach, match="SIGNATURE_INVALID"):
            revoke(world.office, world.online, write_revocation(what, thief), now_us=world.now_us)
    stranger = replace(what, keyid="0" * 64)
    with pytest.raises(Breach, match="REVOCATION_FORM"):
        revoke(
            world.office, world.online, write_online(world.online, stranger), now_us=world.now_us
        )


def test_a_revocation_neither_changes_nor_vanishes(world: World) -> None:
    people = world.enrol("CN-31")
    before = refresh(world.pinned(), None, world.read)
    content = write_online(world.online, order(world, people["CN-31"]))
    revoke(world.office, world.online, content, now_us=world.now_us)
    after = refresh(world.pinned(), before, world.read)
    other = write_online(world.online, order(world, people["CN-31"], size=SIZE + 1))
    with pytest.raises(Refusal, match="KEY_REVOKED"):
        revoke(world.office, world.online, other, now_us=world.now_us)
    with pytest.raises(Breach, match="REGISTRY_ROLLBACK"):
        check_advance(after, replace(before, version=after.version + 1))
    # Left out, it is missed: to omit is not to give back.
    files = {name: one for name, one in after.files.items() if "revocations" not in name}
    with pytest.raises(Breach, match=r"revocations\.json: missing"):
        verify_view(world.pinned(), files)


def test_only_officers_undo(world: World) -> None:
    people = world.enrol("CN-31")
    content = write_revocation(order(world, people["CN-31"]), people["CN-31"].recovery)
    with pytest.raises(Refusal, match="REVOCATION_UNKNOWN"):
        draft_reinstatement(world.office, content, now_us=world.now_us)
    revoke(world.office, world.online, content, now_us=world.now_us)
    revoked = refresh(world.pinned(), None, world.read)
    draft = draft_reinstatement(world.office, content, now_us=world.now_us)
    with pytest.raises(Refusal, match="SIGNATURES_MISSING"):
        world.publish(draft, officers=world.officers[:1])
    world.publish(draft)
    undone = refresh(world.pinned(), revoked, world.read)
    assert message_key(undone).state_at(world.now_us) is KeyState.ACTIVE


def test_an_agreement_rests_when_a_party_loses_the_key_that_signed_it(world: World) -> None:
    people = world.enrol("CN-31", "CN-32", "CN-33")
    world.agree(terms("CN-31", "CN-33", name="two"), people)
    world.agree(terms("CN-32", "CN-33", name="other"), people)
    content = write_revocation(order(world, people["CN-31"], use=2), people["CN-31"].recovery)
    revoke(world.office, world.online, content, now_us=world.now_us)
    view = refresh(world.pinned(), None, world.read)
    assert found(view.agreements, "CN-31", "CN-33") == ""
    assert found(view.agreements, "CN-32", "CN-33") == "other"


def test_the_list_of_revocations_is_kept_fresh(world: World) -> None:
    people = world.enrol("CN-31")
    content = write_online(world.online, order(world, people["CN-31"]))
    revoke(world.office, world.online, content, now_us=world.now_us)
    keep_fresh(world.office, world.online, now_us=world.now_us + 300 * DAY)
    assert world.view().files["revocations.json"].count(b'"version":2') == 1
