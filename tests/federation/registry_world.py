"""A coordinator with its officers and provinces, for tests: real keys, real signatures."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from federation.base.entropy import SystemEntropy
from federation.coordinator.ceremony import hold_ceremony
from federation.coordinator.drafts import Draft, sign_draft
from federation.coordinator.enrolment import accept_application, approve, invite
from federation.coordinator.office import Office, OnlineKeys, init_office, open_online_keys
from federation.coordinator.publication import Publication, current_view, publish
from federation.coordinator.treaties import draft_agreements
from federation.signing.keystore import FileSigner, create_key
from federation.transport.certificates import open_authority
from federation.trust.agreements import Agreement, propose, sign_agreement
from federation.trust.invitation import Invitation, join_proof_message
from federation.trust.members import KEY_USES, Member, MemberKey, MemberStatus, render_member
from federation.trust.registry import RegistryView

PASSPHRASE = b"only for tests"
ENTROPY = SystemEntropy()


def present_us() -> int:
    """Return the present, since python-tuf judges expiry by the machine's clock."""
    return time.time_ns() // 1000


@dataclass(frozen=True, slots=True)
class Applicant:
    """A province that holds what it needs to apply."""

    member: Member
    signers: tuple[FileSigner, ...]

    @property
    def document(self) -> bytes:
        """The document it applies with."""
        return render_member(self.member)

    @property
    def governance(self) -> FileSigner:
        """What signs agreements."""
        return self.signers[KEY_USES.index("governance")]

    @property
    def recovery(self) -> FileSigner:
        """What revokes."""
        return self.signers[KEY_USES.index("recovery")]


@dataclass(slots=True)
class World:
    """A coordinator and its officers."""

    folder: Path
    office: Office
    online: OnlineKeys
    officers: tuple[FileSigner, ...]
    now_us: int

    def publish(self, *drafts: Draft, officers: Sequence[FileSigner] = ()) -> Publication:
        """Publish drafts with the signatures of these officers, all when none are named."""
        signed = [self.sign(draft, officers or self.officers) for draft in drafts]
        return publish(self.office, self.online, signed, now_us=self.now_us)

    def sign(self, draft: Draft, officers: Sequence[FileSigner]) -> Draft:
        """Return a draft with the signatures of the officers that its role has."""
        able = officers if draft.role == "root" else [o for o in officers if o in self.officers[:3]]
        for officer in able:
            draft = sign_draft(draft, officer)
        return draft

    def applicant(self, province: str, *, endpoint: str = "127.0.0.1:7000") -> Applicant:
        """Return a province with new keys and a new authority."""
        home = self.folder / province
        signers = tuple(create_key(home / f"{use}.key", PASSPHRASE) for use in KEY_USES)
        authority = open_authority(home, province, PASSPHRASE, now_us=self.now_us)
        keys = tuple(
            MemberKey(signer.public, use, valid_from_us=self.now_us)
            for use, signer in zip(KEY_USES, signers, strict=True)
        )
        member = Member(
            province, MemberStatus.ACTIVE, endpoint, 1, 1, authority.certificate_pem, keys
        )
        return Applicant(member, signers)

    def invite(self, province: str, *, days: int = 14) -> Invitation:
        """Invite a province."""
        return invite(self.office, province, now_us=self.now_us, entropy=ENTROPY, days=days)

    def apply(self, invitation: Invitation, applicant: Applicant) -> str:
        """Apply in process."""
        message = join_proof_message(invitation.token, applicant.document)
        return accept_application(
            self.office,
            token=invitation.token,
            document=applicant.document,
            proofs={signer.public.keyid: signer.sign(message) for signer in applicant.signers},
            now_us=self.now_us,
        )

    def enrol(self, *provinces: str) -> dict[str, Applicant]:
        """Bring provinces into the registry with one publication."""
        applicants = {province: self.applicant(province) for province in provinces}
        for province, applicant in applicants.items():
            self.apply(self.invite(province), applicant)
        self.publish(approve(self.office, provinces, now_us=self.now_us))
        return applicants

    def agree(
        self, agreement: Agreement, applicants: Mapping[str, Applicant], *, by: Sequence[str] = ()
    ) -> Publication:
        """Have an agreement signed by all parties and its role by some, and publish it."""
        content = propose(agreement)
        for party in agreement.parties:
            content = sign_agreement(content, applicants[party].governance)
        return self.list_agreements([content], applicants, by=by or agreement.parties[:2])

    def list_agreements(
        self,
        contents: Sequence[bytes],
        applicants: Mapping[str, Applicant],
        *,
        by: Sequence[str],
        withdrawn: Sequence[str] = (),
    ) -> Publication:
        """Publish roles that list these and no longer those, signed by these provinces."""
        with self.office.store.writing() as books:
            drafts = draft_agreements(
                books, self.view(), contents, withdrawn=withdrawn, now_us=self.now_us
            )
        signed = []
        for draft in drafts:
            for province in by:
                draft = sign_draft(draft, applicants[province].governance)
            signed.append(draft)
        return publish(self.office, self.online, signed, now_us=self.now_us)

    def view(self) -> RegistryView:
        """Return what is published."""
        with self.office.store.reading() as books:
            view = current_view(books)
        assert view is not None
        return view

    def pinned(self) -> bytes:
        """Return root 1."""
        return self.view().files["1.root.json"]

    def read(self, name: str) -> bytes | None:
        """Serve a file as the coordinator would."""
        with self.office.store.reading() as books:
            if name == "timestamp.json":
                newest = books.newest("timestamp")
                return newest.content if newest else None
            return books.find_file(name)


def new_world(folder: Path, *, address: str = "127.0.0.1:7999", now_us: int = 0) -> World:
    """Return a coordinator whose first root and targets are published."""
    world = unpublished_world(folder, address=address, now_us=now_us)
    world.publish(*ceremony(world))
    return world


def unpublished_world(folder: Path, *, address: str = "127.0.0.1:7999", now_us: int = 0) -> World:
    """Return a coordinator before its ceremony."""
    now_us = now_us or present_us()
    office = init_office(
        folder / "coordinator",
        address=address,
        passphrase=PASSPHRASE,
        is_demo=True,
        now_us=now_us,
    )
    officers = tuple(create_key(folder / "officers" / f"{n}.key", PASSPHRASE) for n in range(1, 6))
    return World(folder, office, open_online_keys(office, PASSPHRASE), officers, now_us)


def ceremony(world: World) -> tuple[Draft, Draft]:
    """Hold the ceremony with all five officers, the first three for targets too."""
    public = [officer.public for officer in world.officers]
    return hold_ceremony(
        world.office, root_officers=public, targets_officers=public[:3], now_us=world.now_us
    )
