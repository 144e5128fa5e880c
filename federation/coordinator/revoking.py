"""Revoking keys at once, by the coordinator's online key or a province's recovery key.

What is listed here only takes away. To give a key back is for officers, as all granting is.
"""

from __future__ import annotations

from federation.base.errors import Refusal
from federation.coordinator.ceremony import draft_targets
from federation.coordinator.drafts import Draft, sign_draft
from federation.coordinator.office import Office, OnlineKeys
from federation.coordinator.publication import Publication, current_view, publish
from federation.coordinator.regions import draft_role
from federation.trust.revocations import (
    REVOCATIONS,
    Revocation,
    reinstatement,
    verify_revocation,
    write_revocation,
)


def revoke(office: Office, online: OnlineKeys, content: bytes, *, now_us: int) -> Publication:
    """Publish a revocation; the same one again changes nothing.

    Raises:
        Refusal: NOT_PUBLISHED, or KEY_REVOKED when the key was revoked otherwise.
        Breach: REVOCATION_FORM, or SIGNATURE_INVALID when nobody who may revoke signed it.
    """
    with office.store.writing() as books:
        view = current_view(books)
        if view is None:
            raise Refusal("NOT_PUBLISHED")
        revocation = verify_revocation(content, view.members, [office.snapshot_key])
        known = view.files.get(revocation.path)
        if known not in (None, content):
            raise Refusal("KEY_REVOKED", detail=revocation.keyid[:16])
        drafts = []
        if known is None:
            change = {revocation.path: content}
            draft = draft_role(books, REVOCATIONS, change, now_us=now_us)
            drafts.append(sign_draft(draft, online.snapshot))
    return publish(office, online, drafts, now_us=now_us)


def write_online(online: OnlineKeys, revocation: Revocation) -> bytes:
    """Return a revocation in the coordinator's own name."""
    return write_revocation(revocation, online.snapshot)


def draft_reinstatement(office: Office, content: bytes, *, now_us: int) -> Draft:
    """Return the draft of targets that undoes a listed revocation.

    Raises:
        Refusal: NOT_PUBLISHED, or REVOCATION_UNKNOWN when it is not listed.
    """
    with office.store.writing() as books:
        view = current_view(books)
        if view is None:
            raise Refusal("NOT_PUBLISHED")
        if content not in view.files.values():
            raise Refusal("REVOCATION_UNKNOWN")
        return draft_targets(books, {reinstatement(content): content}, now_us=now_us)
