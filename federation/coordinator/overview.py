"""What the coordinator's people look at: members, applications, drafts, ends of validity."""

from __future__ import annotations

from dataclasses import dataclass

from federation.coordinator.ceremony import published_root, waiting_draft
from federation.coordinator.drafts import parse_draft, read_metadata
from federation.coordinator.office import Office
from federation.coordinator.publication import current_view
from federation.coordinator.store import Books
from federation.trust.regions import delegated
from federation.trust.registry import expires_us, fingerprint, root_name


@dataclass(frozen=True, slots=True)
class MemberRow:
    """A listed member."""

    province: str
    status: str
    endpoint: str


@dataclass(frozen=True, slots=True)
class ApplicationRow:
    """An application."""

    province: str
    state: str
    received_us: int


@dataclass(frozen=True, slots=True)
class InvitationRow:
    """An invitation that was not used."""

    province: str
    expires_us: int


@dataclass(frozen=True, slots=True)
class DraftRow:
    """A draft that waits for signatures; what officers signed is only in their files."""

    role: str
    version: int
    changed: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Overview:
    """The state of the coordinator.

    Attributes:
        registry_version: 0 before the first publication.
        root_sha256: fingerprint of root 1, empty before the first publication.
        expires_us: end of validity of each role of the registry.
    """

    address: str
    is_demo: bool
    registry_version: int
    root_sha256: str
    expires_us: dict[str, int]
    members: tuple[MemberRow, ...]
    applications: tuple[ApplicationRow, ...]
    invitations: tuple[InvitationRow, ...]
    drafts: tuple[DraftRow, ...]


def read_overview(office: Office) -> Overview:
    """Return the state of the coordinator."""
    with office.store.reading() as books:
        view = current_view(books)
        members = view.members.values() if view else ()
        return Overview(
            address=office.address,
            is_demo=office.is_demo,
            registry_version=view.version if view else 0,
            root_sha256=fingerprint(view.files[root_name(1)]) if view else "",
            expires_us=_expiries(books),
            members=tuple(MemberRow(m.province, m.status.value, m.endpoint) for m in members),
            applications=tuple(
                ApplicationRow(found.province, found.state, found.received_us)
                for found in books.applications()
            ),
            invitations=tuple(
                InvitationRow(found.province, found.expires_us)
                for found in books.invitations()
                if found.used_us is None
            ),
            drafts=_drafts(books),
        )


def _expiries(books: Books) -> dict[str, int]:
    ends = {}
    for role in ("root", "targets", "snapshot", "timestamp", *_regions(books)):
        newest = books.newest(role)
        if newest is not None:
            ends[role] = expires_us(read_metadata(newest.content).signed)
    return ends


def _regions(books: Books) -> list[str]:
    newest = books.newest("targets")
    return sorted(delegated(read_metadata(newest.content).signed)) if newest else []


def _drafts(books: Books) -> tuple[DraftRow, ...]:
    rows = []
    following = published_root(books).version + 1 if books.newest("root") else 1
    if books.find_draft("root", following) is not None:
        rows.append(DraftRow("root", following, ()))
    targets = waiting_draft(books)
    if targets is not None:
        rows.append(DraftRow("targets", targets.version, tuple(sorted(targets.files))))
    for name in _regions(books):
        newest = books.newest(name)
        following = newest.version + 1 if newest else 1
        waiting = books.find_draft(name, following)
        if waiting is not None:
            rows.append(DraftRow(name, following, tuple(sorted(parse_draft(waiting).files))))
    return tuple(rows)
