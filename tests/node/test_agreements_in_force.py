"""Exchanges under agreements, an ageing registry and keys that end: two nodes, real signatures."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from federation.base.clock import DAY
from federation.base.working_days import WEEKDAYS
from federation.coordinator.ceremony import draft_targets, draft_targets_renewal
from federation.coordinator.revoking import revoke
from federation.protocol.messages import Mode, State
from federation.signing.keystore import create_key
from federation.trust.agreements import Agreement
from federation.trust.members import MemberKey, member_path, render_member
from federation.trust.revocations import Revocation, write_revocation
from node.domain.exchange import Role
from tests.federation.registry_world import PASSPHRASE, new_world
from tests.federation.test_regions import terms
from tests.node.pair_world import Pair, build_pair

S, D = "CN-31", "CN-33"


@pytest.fixture
def bare(tmp_path: Path) -> Iterator[Pair]:
    """Two provinces without any agreement."""
    pair = build_pair(new_world(tmp_path), tmp_path)
    yield pair
    pair.close()


@pytest.fixture
def pair(bare: Pair) -> Pair:
    """Two provinces that agreed on everything."""
    agree(bare, terms(S, D))
    bare.learn()
    return bare


def agree(pair: Pair, agreement: Agreement) -> None:
    """Publish an agreement; nobody has learned of it yet."""
    pair.world.agree(agreement, pair.people)


def withdraw(pair: Pair) -> None:
    """Publish the end of the agreement."""
    path = terms(S, D).path
    pair.world.list_agreements([], pair.people, by=[S, D], withdrawn=[path])


def test_a_transfer_under_an_agreement(pair: Pair) -> None:
    opened = pair.apply()
    assert opened.reason == ""
    pair.source.send(D)
    [offered] = pair.source.exchanges()
    agreed_us = WEEKDAYS.deadline_us(pair.world.now_us, 30)
    assert offered.lock_until_us >= offered.accept_until_us >= agreed_us
    assert pair.accept(opened) == ""
    pair.source.send(D)
    assert pair.source.states() == [State.CLOSED]
    assert pair.destination.states() == [State.CREDITED]


@pytest.mark.parametrize("at", list(Role))
def test_without_an_agreement_no_application_is_opened(bare: Pair, at: Role) -> None:
    assert bare.apply(at=at).reason == "NO_AGREEMENT"
    assert bare.source.states() == bare.destination.states() == []
    agree(bare, replace(terms(S, D), modes=("RECOGNISE",)))
    bare.learn()
    assert bare.apply(at=at).reason == "NO_AGREEMENT"
    assert bare.apply(at=at, mode=Mode.RECOGNISE).reason == ""


@pytest.mark.parametrize("at", list(Role))
def test_the_other_side_refuses_what_no_agreement_covers(pair: Pair, at: Role) -> None:
    asking, asked = (pair.source, pair.destination)
    if at is Role.DESTINATION:
        asking, asked = asked, asking
    assert pair.apply(at=at).reason == ""
    withdraw(pair)
    asked.known.learn()
    assert asking.send(asked.province) == "NO_AGREEMENT"
    assert asked.states() == []


def test_an_agreement_that_ran_out_covers_what_was_signed_before(pair: Pair) -> None:
    ended = replace(terms(S, D), version=2, valid_from="2020-01-01", valid_until="2020-12-31")
    opened = pair.apply()
    pair.source.send(D)
    agree(pair, ended)
    pair.learn()
    assert pair.apply().reason == "NO_AGREEMENT"
    # What had begun may still be committed.
    assert pair.accept(opened) == ""
    pair.source.send(D)
    assert pair.destination.states() == [State.CREDITED]


def test_a_kind_outside_the_scope_is_not_offered(bare: Pair) -> None:
    agree(bare, replace(terms(S, D), kinds=("CERTIFICATE",)))
    bare.learn()
    assert bare.apply().reason == "AGREEMENT_SCOPE"


def test_a_request_whose_agreement_ended_is_still_answered(pair: Pair) -> None:
    assert pair.apply(at=Role.DESTINATION).reason == ""
    pair.destination.send(S)
    assert pair.source.states() == [State.LOCKED]
    withdraw(pair)
    pair.learn()
    pair.source.send(D)
    assert pair.source.states() == [State.PREPARED]


def test_a_commit_that_waited_out_two_registry_versions_lands(pair: Pair) -> None:
    opened = pair.apply()
    pair.source.send(D)
    pair.destination.is_reachable = False
    assert pair.accept(opened) == ""
    assert pair.source.send(D) == "UNREACHABLE"
    named = pair.source.known.view().version
    withdraw(pair)
    pair.world.publish(draft_targets_renewal(pair.world.office, now_us=pair.world.now_us))
    pair.destination.known.learn()
    assert pair.destination.known.view().version >= named + 2
    pair.clock.us += 40 * DAY  # Past every promise; it was signed in time.
    pair.destination.is_reachable = True
    # The receipt names a registry that the source does not know yet: it asks, and waits.
    assert pair.source.send(D) == "REGISTRY_NEWER"
    assert pair.destination.states() == [State.CREDITED]
    assert pair.source.known.wanted == 1
    pair.source.known.learn()
    assert pair.source.send(D) == ""
    assert pair.source.states() == [State.CLOSED]


def test_a_newer_registry_is_asked_for_and_waited_for(pair: Pair) -> None:
    pair.world.publish(draft_targets_renewal(pair.world.office, now_us=pair.world.now_us))
    pair.source.known.learn()
    pair.apply()
    assert pair.source.send(D) == "REGISTRY_NEWER"
    assert pair.destination.known.wanted == 1
    pair.destination.known.learn()
    assert pair.source.send(D) == ""
    assert pair.source.states() == [State.PREPARED]


def test_the_ladder_stops_beginnings_and_never_endings(pair: Pair) -> None:
    opened, view = pair.apply(), pair.source.known.view()
    pair.source.send(D)
    pair.clock.us = view.timestamp_expires_us
    assert pair.source.operations.status().cause == "TIMESTAMP_EXPIRED"
    assert pair.apply().reason == ""
    pair.clock.us = view.snapshot_expires_us
    status = pair.source.operations.status()
    assert (status.verdict, status.cause) == ("DEGRADED", "SNAPSHOT_EXPIRED")
    assert pair.apply().reason == "SNAPSHOT_EXPIRED"
    assert pair.apply(at=Role.DESTINATION).reason == "SNAPSHOT_EXPIRED"
    # The offer made before arrives at one that may begin nothing: later, not never.
    assert pair.source.send(D) == "SNAPSHOT_EXPIRED"
    assert pair.accept(opened) == ""
    pair.source.send(D)
    assert State.CREDITED in pair.destination.states()


def revoke_message_key(pair: Pair, log_size: int) -> None:
    """Take the source's message key away; its recovery key says so."""
    applicant = pair.people[S]
    revocation = Revocation(
        province=S,
        keyid=applicant.signers[0].public.keyid,
        log_size=log_size,
        revoked_at_us=pair.world.now_us,
    )
    content = write_revocation(revocation, applicant.recovery)
    revoke(pair.world.office, pair.world.online, content, now_us=pair.world.now_us)


def test_a_key_revoked_on_the_way_is_judged_by_the_place_in_the_log(
    pair: Pair, tmp_path: Path
) -> None:
    opened = pair.apply()
    pair.source.send(D)
    assert pair.accept(opened) == ""
    size = pair.source.operations.status().log_size
    # The COMMIT is the last leaf: below the revocation it counts, as long as its sender had
    # nothing newer to sign with.
    revoke_message_key(pair, size)
    pair.destination.known.learn()
    pair.source.send(D)
    assert pair.destination.states() == [State.CREDITED]


def test_a_live_key_endorses_what_a_revoked_one_signed_too_late(pair: Pair, tmp_path: Path) -> None:
    opened = pair.apply()
    pair.source.send(D)
    assert pair.accept(opened) == ""
    # It was signed, and then its key is revoked from below its leaf on.
    pair.destination.is_reachable = False
    pair.source.send(D)
    pair.destination.is_reachable = True
    revoke_message_key(pair, pair.source.operations.status().log_size - 1)
    pair.destination.known.learn()
    assert pair.source.send(D) == "KEY_REVOKED"
    assert pair.destination.states() == [State.ACCEPTED]
    second = create_key(tmp_path / "message-2.key", PASSPHRASE)
    member = pair.people[S].member
    key = MemberKey(second.public, "message", pair.world.now_us)
    content = render_member(replace(member, keys=(*member.keys, key)))
    with pair.world.office.store.writing() as books:
        draft = draft_targets(books, {member_path(S): content}, now_us=pair.world.now_us)
    pair.world.publish(draft)
    pair.learn()
    pair.source.signers.append(second)
    assert pair.source.send(D) == ""
    assert pair.destination.states() == [State.CREDITED]
