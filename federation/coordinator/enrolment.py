"""Enrolment: invite a province, take its application, draft its listing.

The coordinator proposes and officers decide: nothing here changes the registry, it only drafts
the next targets.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import replace

from federation.base.clock import DAY, SECOND
from federation.base.entropy import Entropy
from federation.base.errors import Breach, Refusal
from federation.base.names import is_test_province
from federation.coordinator.ceremony import draft_targets, waiting_draft
from federation.coordinator.drafts import Draft
from federation.coordinator.office import Office
from federation.coordinator.publication import current_view, pinned_root
from federation.coordinator.store import Books, StoredApplication, StoredInvitation
from federation.transport.certificates import check_authority
from federation.transport.certificates import fingerprint as certificate_fingerprint
from federation.trust.invitation import TOKEN_SIZE, Invitation, join_proof_message
from federation.trust.members import (
    Member,
    MemberStatus,
    check_successor,
    member_path,
    parse_member,
    render_member,
)
from federation.trust.registry import RegistryView, fingerprint

INVITATION_DAYS = 14
PENDING, APPROVED, REJECTED = "PENDING", "APPROVED", "REJECTED"


def invite(
    office: Office,
    province: str,
    *,
    now_us: int,
    entropy: Entropy,
    days: int = INVITATION_DAYS,
) -> Invitation:
    """Return a new invitation for a province; only a hash of its token is kept.

    Raises:
        Refusal: NOT_PUBLISHED before the first publication, PROVINCE_TEST for a test province in
            a federation that is no demonstration.
    """
    if is_test_province(province) and not office.is_demo:
        raise Refusal("PROVINCE_TEST", detail=province)
    token = entropy.token(TOKEN_SIZE)
    expires_us = (now_us + days * DAY) // SECOND * SECOND
    with office.store.writing() as books:
        root_sha256 = fingerprint(pinned_root(books))
        books.add_invitation(StoredInvitation(_hash(token), province, expires_us, None))
    return Invitation(
        address=office.address,
        root_sha256=root_sha256,
        tls_sha256=certificate_fingerprint(office.tls_certificate_pem),
        province=province,
        token=token,
        expires_us=expires_us,
    )


def accept_application(
    office: Office,
    *,
    token: bytes,
    document: bytes,
    proofs: Mapping[str, bytes],
    now_us: int,
) -> str:
    """Store an application and return its state; the same one gets its state again.

    Raises:
        Refusal: INVITATION_UNKNOWN, INVITATION_EXPIRED, INVITATION_USED for another document,
            INVITATION_PROVINCE when the document speaks of another province.
        Breach: MEMBER_DOCUMENT, KEY_FORM, TLS_AUTHORITY, KEY_PROOF, MEMBER_HISTORY when the
            document cannot be listed.
    """
    with office.store.writing() as books:
        invitation = books.find_invitation(_hash(token))
        if invitation is None:
            raise Refusal("INVITATION_UNKNOWN")
        known = books.find_application(invitation.token_hash)
        if known is not None:
            if known.document != document:
                raise Refusal("INVITATION_USED", detail=invitation.province)
            return known.state
        if invitation.expires_us <= now_us:
            raise Refusal("INVITATION_EXPIRED", detail=invitation.province)
        member = parse_member(document)
        _check_applicant(member, invitation, now_us)
        view = current_view(books)
        listed = view.members.get(member.province) if view else None
        _check_proofs(member, join_proof_message(token, document), proofs, listed)
        _check_listing(view, member)
        books.use_invitation(
            StoredApplication(invitation.token_hash, member.province, document, PENDING, now_us)
        )
        return PENDING


def approve(office: Office, provinces: Sequence[str], *, now_us: int) -> Draft:
    """Approve the waiting applications of these provinces and return the draft that lists them.

    Repeating it before publication returns the same draft.

    Raises:
        Refusal: NOT_PUBLISHED before the first publication, APPLICATION_MISSING when nothing of a
            province waits.
        Breach: MEMBER_HISTORY when a new document drops what the old one listed.
    """
    with office.store.writing() as books:
        view = current_view(books)
        if view is None:
            raise Refusal("NOT_PUBLISHED")
        changes = {}
        for province in provinces:
            application = _open_application(books, province)
            _check_listing(view, parse_member(application.document))
            books.set_state(application, APPROVED)
            changes[member_path(province)] = application.document
        return draft_targets(books, changes, now_us=now_us)


def reject(office: Office, province: str) -> None:
    """Turn down the waiting application of a province.

    Raises:
        Refusal: APPLICATION_MISSING when none waits.
    """
    with office.store.writing() as books:
        waiting = _of_province(books, province, PENDING)
        if not waiting:
            raise Refusal("APPLICATION_MISSING", detail=province)
        for application in waiting:
            books.set_state(application, REJECTED)


def change_status(office: Office, province: str, status: MemberStatus, *, now_us: int) -> Draft:
    """Return a draft that suspends, retires or reactivates a member.

    Raises:
        Refusal: NOT_PUBLISHED before the first publication, MEMBER_UNKNOWN when the province is
            not listed.
        Breach: MEMBER_HISTORY when it has retired.
    """
    with office.store.writing() as books:
        view = current_view(books)
        if view is None:
            raise Refusal("NOT_PUBLISHED")
        member = view.members.get(province)
        if member is None:
            raise Refusal("MEMBER_UNKNOWN", detail=province)
        # What was approved and not yet published must not be lost by the change.
        drafted = _drafted(books, member_path(province))
        latest = member if drafted is None else parse_member(drafted)
        changed = replace(latest, status=status)
        check_successor(member, changed)
        changes = {member_path(province): render_member(changed)}
        return draft_targets(books, changes, now_us=now_us)


def _check_applicant(member: Member, invitation: StoredInvitation, now_us: int) -> None:
    if member.province != invitation.province:
        raise Refusal("INVITATION_PROVINCE", detail=f"{invitation.province} was invited")
    if member.status is not MemberStatus.ACTIVE:
        raise Breach("MEMBER_DOCUMENT", detail="status")
    check_authority(member.tls_ca_pem, now_us=now_us)


def _check_proofs(
    member: Member, message: bytes, proofs: Mapping[str, bytes], listed: Member | None
) -> None:
    """Ask for a proof of every key that is new and, of a member, of one that is not."""
    stated = {key.key.keyid for key in member.keys}
    known = {key.key.keyid for key in listed.keys if not key.is_revoked} if listed else set()
    if not stated - known <= proofs.keys() <= stated or (known and not known & proofs.keys()):
        raise Breach("KEY_PROOF", detail="not one proof for every key")
    for key in member.keys:
        if key.key.keyid not in proofs:
            continue
        try:
            key.key.verify(proofs[key.key.keyid], message)
        except Breach:
            raise Breach("KEY_PROOF", detail=key.key.keyid[:16]) from None


def _check_listing(view: RegistryView | None, member: Member) -> None:
    """Tell the applicant now what every node would refuse after publication."""
    if view is None:
        return
    listed = view.members.get(member.province)
    if listed is not None:
        check_successor(listed, member)
    marks = {member.tls_ca_pem, *(key.key.pem for key in member.keys)}
    for other in view.members.values():
        taken = {other.tls_ca_pem, *(key.key.pem for key in other.keys)}
        if other.province != member.province and taken & marks:
            raise Breach("MEMBER_DOCUMENT", detail="a key or authority of another member")


def _open_application(books: Books, province: str) -> StoredApplication:
    """Return what waits for officers or, so that approval can be repeated, for publication."""
    pending = _of_province(books, province, PENDING)
    drafted = _drafted(books, member_path(province))
    approved = _of_province(books, province, APPROVED)
    waiting = pending or [found for found in approved if found.document == drafted]
    if not waiting:
        raise Refusal("APPLICATION_MISSING", detail=province)
    return waiting[-1]


def _of_province(books: Books, province: str, state: str) -> list[StoredApplication]:
    found = books.applications()
    return [one for one in found if (one.province, one.state) == (province, state)]


def _drafted(books: Books, path: str) -> bytes | None:
    waiting = waiting_draft(books)
    return None if waiting is None else waiting.files.get(path)


def _hash(token: bytes) -> bytes:
    return hashlib.sha256(token).digest()
