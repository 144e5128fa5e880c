"""Agreements on their way into the registry: checked, and drafted for provinces to sign."""

from __future__ import annotations

from collections.abc import Sequence

from federation.base.errors import Refusal
from federation.coordinator.drafts import Draft
from federation.coordinator.office import Office
from federation.coordinator.publication import current_view
from federation.coordinator.regions import draft_role
from federation.coordinator.store import Books
from federation.trust.agreements import WITHDRAWAL_TYPE, verify_agreement, verify_withdrawal
from federation.trust.registry import RegistryView
from federation.trust.signed_document import kind_of


def draft_agreements(
    books: Books,
    view: RegistryView,
    listed: Sequence[bytes],
    *,
    withdrawn: Sequence[str] = (),
    now_us: int,
) -> list[Draft]:
    """Return drafts of the roles that list these agreements, and no longer those withdrawn.

    A draft that waits is built upon; where it holds everything it is returned as it is.

    Raises:
        Breach: AGREEMENT_FORM or AGREEMENT_UNSIGNED for what may not be listed.
        Refusal: AGREEMENT_VERSION when a version does not follow the listed one,
            AGREEMENT_UNKNOWN for a withdrawn one that is not listed, REGION_UNKNOWN for a role
            that nobody holds.
    """
    changes: dict[str, dict[str, bytes | None]] = {}
    for content in listed:
        agreement, _ = verify_agreement(content, view.members)
        _check_version(view, agreement.path, agreement.version, content)
        changes.setdefault(agreement.role, {})[agreement.path] = content
    for path in withdrawn:
        if all(one.agreement.path != path for one in view.agreements):
            raise Refusal("AGREEMENT_UNKNOWN", detail=path)
        changes.setdefault(path.split("/")[1], {})[path] = None
    for name in changes:
        if name not in view.regions:
            raise Refusal("REGION_UNKNOWN", detail=name)
    return [draft_role(books, name, change, now_us=now_us) for name, change in changes.items()]


def draft_listings(office: Office, contents: Sequence[bytes], *, now_us: int) -> list[Draft]:
    """Return drafts of the roles that these files, agreements or withdrawals, change.

    Raises:
        Refusal: NOT_PUBLISHED, or what :func:`draft_agreements` raises.
        Breach: AGREEMENT_FORM or AGREEMENT_UNSIGNED.
    """
    with office.store.writing() as books:
        view = current_view(books)
        if view is None:
            raise Refusal("NOT_PUBLISHED")
        ending = [content for content in contents if kind_of(content) == WITHDRAWAL_TYPE]
        paths = [verify_withdrawal(one, view.agreements, view.members) for one in ending]
        listed = [content for content in contents if content not in ending]
        return draft_agreements(books, view, listed, withdrawn=paths, now_us=now_us)


def _check_version(view: RegistryView, path: str, version: int, content: bytes) -> None:
    for one in view.agreements:
        if one.agreement.path != path or view.files[path] == content:
            continue
        if version <= one.agreement.version:
            raise Refusal("AGREEMENT_VERSION", detail=f"{path}: {one.agreement.version} is listed")
