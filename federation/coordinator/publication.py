"""Publication: what enough officers signed becomes the registry, in one transaction.

Before the transaction commits, the result is verified exactly as every node will verify it, so
nothing is ever served that a node would have to refuse. A repetition after a crash finds either
nothing done or everything, and completes.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from tuf.api.metadata import MetaFile, Root, Snapshot, TargetFile, Targets, Timestamp

from federation.base.clock import DAY
from federation.base.errors import Breach, Refusal
from federation.coordinator.ceremony import draft_targets, published_root
from federation.coordinator.drafts import (
    Draft,
    check_threshold,
    merge_drafts,
    metadata_bytes,
    moment,
    parse_draft,
    read_metadata,
    sign_online,
)
from federation.coordinator.office import Office, OnlineKeys
from federation.coordinator.regions import REGION_LIFE, delegated_roles
from federation.coordinator.store import Books, StoredFile
from federation.trust.regions import delegated, open_role, role_file
from federation.trust.registry import (
    SNAPSHOT,
    TARGETS,
    TIMESTAMP,
    RegistryView,
    check_advance,
    expires_us,
    root_name,
    verify_view,
)
from federation.trust.revocations import REVOCATIONS

SNAPSHOT_LIFE = 7 * DAY
TIMESTAMP_LIFE = DAY


@dataclass(frozen=True, slots=True)
class Publication:
    """What is published now.

    Attributes:
        registry_version: version of the snapshot.
        root_version: version of the root.
        targets_version: version of the targets.
        is_new: whether this call published anything.
    """

    registry_version: int
    root_version: int
    targets_version: int
    is_new: bool


def publish(
    office: Office, online: OnlineKeys, drafts: Sequence[Draft], *, now_us: int
) -> Publication:
    """Publish drafts that enough officers signed; repeating it changes nothing.

    Raises:
        Refusal: SIGNATURES_MISSING, DRAFT_STALE when the draft does not follow what is published,
            DRAFT_DIFFERS, NOT_PUBLISHED when targets come before any root.
        Breach: what a node would say to the result.
    """
    merged = merge_drafts(drafts)
    roles = sorted(merged.keys() - {"root", "targets"})
    with office.store.writing() as books:
        before = current_view(books)
        is_new = [
            _publish_root(books, merged["root"], now_us) if "root" in merged else False,
            _publish_targets(books, merged["targets"], now_us) if "targets" in merged else False,
            *(_publish_role(books, merged[name], now_us) for name in roles),
        ]
        if any(is_new):
            _publish_online(books, online, now_us, with_snapshot=True)
            after = verify_view(_pinned(books), published_files(books))
            _check_listed(after, roles)
            if before is not None:
                check_advance(before, after)
            _carry_over(books, now_us)
        return _publication(books, is_new=any(is_new))


def keep_fresh(office: Office, online: OnlineKeys, *, now_us: int) -> bool:
    """Sign timestamp and snapshot anew when half their life is over; tell whether any was."""
    with office.store.reading() as books:
        if not _is_due(books, now_us):
            return False
    with office.store.writing() as books:
        # Asked again: the command line may have published in between.
        if not _is_due(books, now_us):
            return False
        snapshot = _newest(books, "snapshot")
        with_snapshot = _half_over(snapshot, SNAPSHOT_LIFE, now_us)
        _publish_online(books, online, now_us, with_snapshot=with_snapshot)
        verify_view(_pinned(books), published_files(books))
        return True


def current_view(books: Books) -> RegistryView | None:
    """Return what is published, verified; None before the first publication."""
    if books.newest("timestamp") is None:
        return None
    return verify_view(_pinned(books), published_files(books))


def pinned_root(books: Books) -> bytes:
    """Return root 1.

    Raises:
        Refusal: NOT_PUBLISHED before the first publication.
    """
    if books.newest("timestamp") is None:
        raise Refusal("NOT_PUBLISHED")
    return _pinned(books)


def published_files(books: Books) -> dict[str, bytes]:
    """Return the newest state as a set of files that verifies by itself."""
    files = {stored.name: stored.content for stored in books.versions("root")}
    targets = _newest(books, "targets")
    files[TIMESTAMP] = _newest(books, "timestamp").content
    files[SNAPSHOT] = _newest(books, "snapshot").content
    files[TARGETS] = targets.content
    for path, target in _targets(targets.content).targets.items():
        content = books.find_file(_stored_name(target))
        if content is not None:
            files[path] = content
    return _with_roles(books, files)


def _with_roles(books: Books, files: dict[str, bytes]) -> dict[str, bytes]:
    """Add the roles that hold under the targets of today; others must sign anew."""
    targets = _targets(files[TARGETS])
    snapshot = read_metadata(files[SNAPSHOT]).signed
    for name in delegated_roles(books):
        newest = _newest(books, name)
        found = {role_file(name): newest.content}
        for path, target in _targets(newest.content).targets.items():
            found[path] = books.find_file(_stored_name(target)) or b""
        if name not in delegated(targets):
            continue
        try:
            open_role(name, targets, snapshot, found)
        except Breach:
            continue
        files |= found
    return files


def _check_listed(after: RegistryView, roles: Sequence[str]) -> None:
    for name in roles:
        if role_file(name) not in after.files:
            raise Refusal("DRAFT_STALE", detail=f"{name} does not hold under the targets published")


def _publish_root(books: Books, draft: Draft, now_us: int) -> bool:
    newest = books.newest("root")
    if newest is not None and _is_published(newest, draft):
        return False
    root = draft.metadata.signed
    assert isinstance(root, Root)
    _check_follows(newest, draft, now_us)
    if newest is not None:
        check_threshold(draft, published_root(books))
    check_threshold(draft, root)
    content = metadata_bytes(draft.metadata)
    books.add_file(root_name(root.version), "root", root.version, content)
    return True


def _publish_targets(books: Books, draft: Draft, now_us: int) -> bool:
    newest = books.newest("targets")
    if newest is not None and _is_published(newest, draft):
        return False
    _check_follows(newest, draft, now_us)
    check_threshold(draft, published_root(books))
    _add_files(books, draft)
    content = metadata_bytes(draft.metadata)
    books.add_file(f"{draft.version}.{TARGETS}", "targets", draft.version, content)
    return True


def _publish_role(books: Books, draft: Draft, now_us: int) -> bool:
    newest = books.newest(draft.role)
    if newest is not None and _is_published(newest, draft):
        return False
    _check_follows(newest, draft, now_us)
    check_threshold(draft, _targets(_newest(books, "targets").content))
    _add_files(books, draft)
    content = metadata_bytes(draft.metadata)
    name = f"{draft.version}.{role_file(draft.role)}"
    books.add_file(name, draft.role, draft.version, content)
    return True


def _add_files(books: Books, draft: Draft) -> None:
    for path, target in _listed(draft).items():
        name = _stored_name(target)
        if path in draft.files and books.find_file(name) is None:
            books.add_file(name, "file", 0, draft.files[path])


def _publish_online(books: Books, online: OnlineKeys, now_us: int, *, with_snapshot: bool) -> None:
    if books.newest("targets") is None:
        raise Refusal("NOT_PUBLISHED", detail="targets")
    if with_snapshot:
        _renew_revocations(books, online, now_us)
        before = books.newest("snapshot")
        version = before.version + 1 if before else 1
        targets = _newest(books, "targets")
        named = {TARGETS: targets}
        # A role that was retired stays named: clients refuse a snapshot that lost one.
        named |= {role_file(name): _newest(books, name) for name in delegated_roles(books)}
        meta = {
            name: MetaFile.from_data(stored.version, stored.content, ["sha256"])
            for name, stored in named.items()
        }
        snapshot = Snapshot(version=version, expires=moment(now_us + SNAPSHOT_LIFE), meta=meta)
        content = sign_online(snapshot, online.snapshot)
        books.add_file(f"{version}.{SNAPSHOT}", "snapshot", version, content)
    newest = _newest(books, "snapshot")
    last = books.newest("timestamp")
    timestamp = Timestamp(
        version=last.version + 1 if last else 1,
        expires=moment(now_us + TIMESTAMP_LIFE),
        snapshot_meta=MetaFile.from_data(newest.version, newest.content, ["sha256"]),
    )
    content = sign_online(timestamp, online.timestamp)
    books.add_file(f"{timestamp.version}.{TIMESTAMP}", "timestamp", timestamp.version, content)


def _renew_revocations(books: Books, online: OnlineKeys, now_us: int) -> None:
    """Sign the role anew long before it expires: nodes refuse a registry without it."""
    newest = books.newest(REVOCATIONS)
    if newest is None or not _half_over(newest, REGION_LIFE, now_us):
        return
    role = _targets(newest.content)
    role.version += 1
    role.expires = moment(now_us + REGION_LIFE)
    name = f"{role.version}.{role_file(REVOCATIONS)}"
    books.add_file(name, REVOCATIONS, role.version, sign_online(role, online.snapshot))


def _carry_over(books: Books, now_us: int) -> None:
    """Draft again what was approved after the officers had fetched what they signed."""
    newest = _newest(books, "targets")
    stored = books.find_draft("targets", newest.version)
    if stored is None:
        return
    listed = _targets(newest.content).targets
    draft = parse_draft(stored)
    missing: Mapping[str, bytes] = {
        path: content
        for path, content in draft.files.items()
        if path not in listed or listed[path].hashes != _listed(draft)[path].hashes
    }
    if missing:
        draft_targets(books, missing, now_us=now_us)


def _check_follows(newest: StoredFile | None, draft: Draft, now_us: int) -> None:
    expected = newest.version + 1 if newest else 1
    if draft.version != expected:
        detail = f"{draft.role} {draft.version}, where {expected} is next"
        raise Refusal("DRAFT_STALE", detail=detail)
    if draft.metadata.signed.expires <= moment(now_us):
        raise Refusal("DRAFT_STALE", detail=f"{draft.role} {draft.version} has expired")


def _is_published(newest: StoredFile, draft: Draft) -> bool:
    return bool(read_metadata(newest.content).signed_bytes == draft.signed_bytes)


def _is_due(books: Books, now_us: int) -> bool:
    timestamp, snapshot = books.newest("timestamp"), books.newest("snapshot")
    if timestamp is None or snapshot is None:
        return False
    return _half_over(timestamp, TIMESTAMP_LIFE, now_us) or _half_over(
        snapshot, SNAPSHOT_LIFE, now_us
    )


def _half_over(stored: StoredFile, life: int, now_us: int) -> bool:
    return expires_us(read_metadata(stored.content).signed) - now_us <= life // 2


def _publication(books: Books, *, is_new: bool) -> Publication:
    return Publication(
        registry_version=_newest(books, "snapshot").version,
        root_version=_newest(books, "root").version,
        targets_version=_newest(books, "targets").version,
        is_new=is_new,
    )


def _newest(books: Books, role: str) -> StoredFile:
    newest = books.newest(role)
    if newest is None:
        raise Refusal("NOT_PUBLISHED", detail=role)
    return newest


def _pinned(books: Books) -> bytes:
    content = books.find_file(root_name(1))
    if content is None:
        raise Refusal("NOT_PUBLISHED", detail="root")
    return content


def _targets(content: bytes) -> Targets:
    signed = read_metadata(content).signed
    assert isinstance(signed, Targets)
    return signed


def _listed(draft: Draft) -> Mapping[str, TargetFile]:
    signed = draft.metadata.signed
    assert isinstance(signed, Targets)
    return dict(signed.targets)


def _stored_name(target: TargetFile) -> str:
    return str(target.get_prefixed_paths()[0])
