"""The ceremony: officers' public keys go in, drafts of root and first targets come out.

Root needs three of five officers, targets two of three; an officer may serve in both. The online
keys that the root names can date the registry, never change what it says.
"""

from __future__ import annotations

import copy
from collections.abc import Mapping, Sequence
from datetime import datetime
from types import MappingProxyType

from tuf.api.metadata import Metadata, Root, TargetFile, Targets

from federation.base.clock import DAY
from federation.base.errors import Refusal
from federation.coordinator.drafts import Draft, moment, parse_draft, read_metadata, render_draft
from federation.coordinator.office import Office
from federation.coordinator.regions import delegate
from federation.coordinator.store import Books
from federation.signing.keys import PublicKey
from federation.signing.tuf_keys import tuf_key
from federation.trust.canonical import render_document
from federation.trust.registry import (
    COORDINATOR_PATH,
    DEMO_FIELD,
    CoordinatorRecord,
    render_coordinator,
)

ROOT_LIFE = 365 * DAY
TARGETS_LIFE = 90 * DAY
ROOT_OFFICERS, ROOT_THRESHOLD = 5, 3
TARGETS_OFFICERS, TARGETS_THRESHOLD = 3, 2
FRAMEWORK_PATH = "framework/framework.json"

# An example, so that a new federation has something to agree on; its own framework replaces it.
_EXAMPLE_FRAMEWORK = {
    "title_zh": "学习成果框架（示例）",
    "title_en": "Learning outcomes framework (example)",
    "is_example": True,
    "levels": list(range(1, 11)),
    "hours_per_credit": 16,
    "version": 1,
}


def hold_ceremony(
    office: Office,
    *,
    root_officers: Sequence[PublicKey],
    targets_officers: Sequence[PublicKey],
    now_us: int,
) -> tuple[Draft, Draft]:
    """Return the drafts of the first root and the first targets.

    Repeating the ceremony with the same officers returns the same drafts, so signatures collected
    so far stay good; other officers replace them.

    Raises:
        Refusal: CEREMONY_DONE when a root was published, OFFICER_COUNT for another number of
            officers or one counted twice.
    """
    _check_officers(root_officers, ROOT_OFFICERS, "root")
    _check_officers(targets_officers, TARGETS_OFFICERS, "targets")
    keys = {
        "root": root_officers,
        "targets": targets_officers,
        "snapshot": (office.snapshot_key,),
        "timestamp": (office.timestamp_key,),
    }
    with office.store.writing() as books:
        if books.newest("root") is not None:
            raise Refusal("CEREMONY_DONE")
        root = draft_first_root(keys, is_demo=office.is_demo, expires=moment(now_us + ROOT_LIFE))
        stored = _stored(books, "root", 1)
        if stored is not None and _same_officers(stored, root):
            root = stored
        else:
            books.put_draft("root", 1, render_draft(root))
        return root, draft_targets(books, _first_files(office), now_us=now_us)


def draft_first_root(
    keys: Mapping[str, Sequence[PublicKey]], *, is_demo: bool, expires: datetime
) -> Draft:
    """Return the draft of root 1 that gives each role its keys."""
    fields = {DEMO_FIELD: True} if is_demo else {}
    root = Root(
        version=1, expires=expires, consistent_snapshot=True, unrecognized_fields=dict(fields)
    )
    for role, members in keys.items():
        for key in members:
            root.add_key(tuf_key(key.pem), role)
    root.roles["root"].threshold = ROOT_THRESHOLD
    root.roles["targets"].threshold = TARGETS_THRESHOLD
    return Draft(Metadata(root), MappingProxyType({}))


def draft_root_renewal(office: Office, *, now_us: int) -> Draft:
    """Return the draft of the next root: the same officers and keys for another year.

    Raises:
        Refusal: NOT_PUBLISHED before the first publication.
    """
    with office.store.writing() as books:
        root = copy.deepcopy(published_root(books))
        root.version += 1
        stored = _stored(books, "root", root.version)
        if stored is not None:
            return stored
        root.expires = moment(now_us + ROOT_LIFE)
        draft = Draft(Metadata(root), MappingProxyType({}))
        books.put_draft("root", root.version, render_draft(draft))
        return draft


def draft_targets_renewal(office: Office, *, now_us: int) -> Draft:
    """Return the draft of the next targets, good for another ninety days.

    Raises:
        Refusal: NOT_PUBLISHED before the first publication.
    """
    with office.store.writing() as books:
        published_root(books)
        return draft_targets(books, _record_if_new(office, books), now_us=now_us)


def draft_targets(books: Books, changes: Mapping[str, bytes], *, now_us: int) -> Draft:
    """Return the draft of the next targets with these files added or replaced.

    The draft that waits already is built upon; where it holds all changes it is returned as it
    is, because officers may have signed it.
    """
    published = books.newest("targets")
    version = published.version + 1 if published else 1
    waiting = waiting_draft(books)
    if waiting is not None and _holds(waiting, changes) and _lasts(waiting, now_us):
        return waiting
    targets = _base(waiting, published.content if published else None)
    targets.version = version
    targets.expires = moment(now_us + TARGETS_LIFE)
    for path, content in changes.items():
        targets.targets[path] = TargetFile.from_data(path, content, ["sha256"])
    files = {**(waiting.files if waiting else {}), **changes}
    if books.newest("root") is not None:
        delegate(targets, files, books, published_root(books))
    draft = Draft(Metadata(targets), MappingProxyType(files))
    books.put_draft("targets", version, render_draft(draft))
    return draft


def waiting_draft(books: Books) -> Draft | None:
    """Return the draft of the targets that would be published next, if one waits."""
    published = books.newest("targets")
    return _stored(books, "targets", published.version + 1 if published else 1)


def published_root(books: Books) -> Root:
    """Return the newest published root.

    Raises:
        Refusal: NOT_PUBLISHED before the first publication.
    """
    newest = books.newest("root")
    if newest is None:
        raise Refusal("NOT_PUBLISHED")
    root = read_metadata(newest.content).signed
    assert isinstance(root, Root)
    return root


def _first_files(office: Office) -> dict[str, bytes]:
    return {
        COORDINATOR_PATH: _record(office),
        FRAMEWORK_PATH: render_document(_EXAMPLE_FRAMEWORK),
    }


def _record_if_new(office: Office, books: Books) -> dict[str, bytes]:
    """Return the coordinator's record where the published one is another."""
    newest, record = books.newest("targets"), _record(office)
    assert newest is not None, "a root was published with targets"
    targets = read_metadata(newest.content).signed
    assert isinstance(targets, Targets)
    ours = TargetFile.from_data(COORDINATOR_PATH, record, ["sha256"])
    is_new = targets.targets[COORDINATOR_PATH].hashes != ours.hashes
    return {COORDINATOR_PATH: record} if is_new else {}


def _record(office: Office) -> bytes:
    witness_pem = office.witness_key.pem if office.witness_key else ""
    return render_coordinator(
        CoordinatorRecord(office.address, office.tls_certificate_pem, witness_pem)
    )


def _check_officers(officers: Sequence[PublicKey], count: int, role: str) -> None:
    distinct = len({officer.pem for officer in officers})
    if (len(officers), distinct) != (count, count):
        raise Refusal("OFFICER_COUNT", detail=f"{role}: {distinct} different keys, not {count}")


def _stored(books: Books, role: str, version: int) -> Draft | None:
    content = books.find_draft(role, version)
    return None if content is None else parse_draft(content)


def _same_officers(one: Draft, other: Draft) -> bool:
    first, second = one.metadata.signed, other.metadata.signed
    assert isinstance(first, Root) and isinstance(second, Root)  # noqa: PT018
    return bool(first.roles == second.roles)


def _base(waiting: Draft | None, published: bytes | None) -> Targets:
    signed: object = Targets()
    if waiting is not None:
        signed = copy.deepcopy(waiting.metadata.signed)
    elif published is not None:
        signed = read_metadata(published).signed
    assert isinstance(signed, Targets)
    return signed


def _holds(draft: Draft, changes: Mapping[str, bytes]) -> bool:
    return all(draft.files.get(path) == content for path, content in changes.items())


def _lasts(draft: Draft, now_us: int) -> bool:
    return bool(draft.metadata.signed.expires > moment(now_us + TARGETS_LIFE // 2))
