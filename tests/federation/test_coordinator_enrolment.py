"""Enrolment over a real server: the invitation is what is trusted, and it works once."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from federation.base.clock import DAY
from federation.base.errors import Breach, Refusal, Unavailable
from federation.coordinator.enrolment import accept_application, approve, invite, reject
from federation.coordinator.server import CoordinatorServer
from federation.transport.registry_client import (
    RegistryReader,
    fetch_pinned_root,
    read_invitation,
    submit_application,
)
from federation.trust.invitation import join_proof_message
from federation.trust.refresh import refresh
from tests.federation.registry_world import ENTROPY, PASSPHRASE, World, new_world, unpublished_world


class MovedClock:
    """A clock that a test sets."""

    def __init__(self, now_us: int) -> None:
        self.at_us = now_us

    def now_us(self) -> int:
        """Return the time it was set to."""
        return self.at_us


def free_port() -> int:
    """Return a port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture
def world(tmp_path: Path) -> World:
    """A coordinator at an address of its own."""
    return new_world(tmp_path, address=f"127.0.0.1:{free_port()}")


@pytest.fixture
def clock(world: World) -> MovedClock:
    """The server's clock."""
    return MovedClock(world.now_us)


@pytest.fixture
def served(world: World, clock: MovedClock) -> Iterator[World]:
    """The coordinator, serving."""
    with CoordinatorServer(world.office, PASSPHRASE, clock=clock):
        yield world


def test_a_province_joins_by_its_invitation(served: World) -> None:
    text = served.invite("CN-33").text
    invitation = read_invitation(f"  {text[:40]}\n{text[40:]} ")
    contact = fetch_pinned_root(invitation)
    applicant = served.applicant("CN-33")
    sent = (invitation, contact, applicant.document, applicant.signers)
    assert submit_application(*sent) == "PENDING"
    assert submit_application(*sent) == "PENDING"
    served.publish(approve(served.office, ["CN-33"], now_us=served.now_us))
    assert submit_application(*sent) == "APPROVED"
    with RegistryReader(invitation.address, contact.certificate_pem) as reader:
        view = refresh(contact.root, None, reader.read)
        assert view.members["CN-33"] == applicant.member
        assert reader.read("members/CN-33.json") is None


def test_another_certificate_or_root_is_not_the_invited_one(served: World) -> None:
    invitation = served.invite("CN-33")
    with pytest.raises(Breach, match="COORDINATOR_IDENTITY"):
        fetch_pinned_root(replace(invitation, tls_sha256="00" * 32))
    with pytest.raises(Breach, match="ROOT_FINGERPRINT"):
        fetch_pinned_root(replace(invitation, root_sha256="00" * 32))


def test_an_absent_coordinator_is_unreachable(world: World) -> None:
    with pytest.raises(Unavailable, match="COORDINATOR_UNREACHABLE"):
        fetch_pinned_root(world.invite("CN-33"))
    with (
        RegistryReader(world.office.address, world.office.tls_certificate_pem) as reader,
        pytest.raises(Unavailable, match="COORDINATOR_UNREACHABLE"),
    ):
        reader.read("timestamp.json")


def test_a_token_serves_one_document(served: World) -> None:
    invitation = served.invite("CN-33")
    contact = fetch_pinned_root(invitation)
    first, other = served.applicant("CN-33"), served.applicant("CN-33-other")
    second = replace(other, member=replace(other.member, province="CN-33"))
    submit_application(invitation, contact, first.document, first.signers)
    with pytest.raises(Refusal, match="INVITATION_USED"):
        submit_application(invitation, contact, second.document, second.signers)


def test_expired_unknown_and_foreign_tokens_are_refused(served: World, clock: MovedClock) -> None:
    invitation = served.invite("CN-33", days=1)
    contact = fetch_pinned_root(invitation)
    applicant = served.applicant("CN-33")
    unknown = replace(invitation, token=bytes(16))
    with pytest.raises(Refusal, match="INVITATION_UNKNOWN"):
        submit_application(unknown, contact, applicant.document, applicant.signers)
    foreign = served.invite("CN-44")
    with pytest.raises(Refusal, match="INVITATION_PROVINCE"):
        submit_application(foreign, contact, applicant.document, applicant.signers)
    clock.at_us += 2 * DAY
    with pytest.raises(Refusal, match="INVITATION_EXPIRED"):
        submit_application(invitation, contact, applicant.document, applicant.signers)


def test_every_key_must_be_shown_to_be_held(served: World) -> None:
    invitation = served.invite("CN-33")
    contact = fetch_pinned_root(invitation)
    applicant, thief = served.applicant("CN-33"), served.applicant("CN-33-thief")
    for signers in (applicant.signers[:1], (*applicant.signers, thief.signers[0])):
        with pytest.raises(Refusal, match="KEY_PROOF"):
            submit_application(invitation, contact, applicant.document, signers)
    message = join_proof_message(invitation.token, applicant.document)
    proofs = {signer.public.keyid: thief.signers[0].sign(message) for signer in applicant.signers}
    with pytest.raises(Breach, match="KEY_PROOF"):
        accept_application(
            served.office,
            token=invitation.token,
            document=applicant.document,
            proofs=proofs,
            now_us=served.now_us,
        )


def test_a_damaged_document_uses_up_nothing(served: World) -> None:
    invitation = served.invite("CN-33")
    contact = fetch_pinned_root(invitation)
    applicant = served.applicant("CN-33")
    with pytest.raises(Refusal, match="MEMBER_DOCUMENT"):
        submit_application(invitation, contact, b"{}", applicant.signers)
    sent = submit_application(invitation, contact, applicant.document, applicant.signers)
    assert sent == "PENDING"


def test_a_rejected_province_needs_a_new_invitation(served: World) -> None:
    invitation = served.invite("CN-33")
    applicant = served.applicant("CN-33")
    served.apply(invitation, applicant)
    reject(served.office, "CN-33")
    assert served.apply(invitation, applicant) == "REJECTED"
    with pytest.raises(Refusal, match="APPLICATION_MISSING"):
        approve(served.office, ["CN-33"], now_us=served.now_us)
    assert served.apply(served.invite("CN-33"), applicant) == "PENDING"


def test_a_publication_reaches_readers_of_the_running_server(served: World) -> None:
    certificate_pem = served.office.tls_certificate_pem
    with RegistryReader(served.office.address, certificate_pem) as reader:
        before = refresh(served.pinned(), None, reader.read)
        served.enrol("CN-31")
        after = refresh(served.pinned(), before, reader.read)
    assert (len(before.members), len(after.members)) == (0, 1)


def test_nobody_is_invited_before_there_is_a_root(tmp_path: Path) -> None:
    world = unpublished_world(tmp_path)
    with pytest.raises(Refusal, match="NOT_PUBLISHED"):
        world.invite("CN-33")


def test_test_provinces_exist_only_in_demonstrations(world: World) -> None:
    assert world.invite("CN-T01").province == "CN-T01"
    real = replace(world.office, is_demo=False)
    with pytest.raises(Refusal, match="PROVINCE_TEST"):
        invite(real, "CN-T01", now_us=world.now_us, entropy=ENTROPY)


def test_an_invitation_that_is_not_whole_is_told_from_a_wrong_one(world: World) -> None:
    invitation = world.invite("CN-33")
    text = invitation.text
    assert read_invitation(text) == invitation
    for bent in ("", text[:-1], text[:60], text[:50] + "AAAA" + text[54:], "creditbank-invite-é"):
        with pytest.raises(Refusal, match="INVITATION_FORM"):
            read_invitation(bent)
