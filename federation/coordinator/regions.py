"""Delegations and the drafts of roles that provinces hold: regions, ``cross``, ``revocations``.

Who holds a region follows from the members: the one governance key of each province in it that
has not retired.
The coordinator only drafts; provinces sign, and the coordinator publishes what enough of them did.
"""

from __future__ import annotations

import copy
from collections.abc import Mapping, Sequence

from tuf.api.metadata import DelegatedRole, Delegations, Key, Metadata, Root, TargetFile, Targets

from federation.base.clock import DAY
from federation.base.names import region_of
from federation.coordinator.drafts import Draft, moment, parse_draft, read_metadata, render_draft
from federation.coordinator.store import Books
from federation.signing.tuf_keys import tuf_key
from federation.trust.agreements import CROSS
from federation.trust.members import Member, MemberStatus, parse_member
from federation.trust.regions import ROLE_FIELD, least_threshold, role_paths
from federation.trust.registry import MEMBERS
from federation.trust.revocations import REVOCATIONS

REGION_LIFE = 365 * DAY
_TOP_LEVEL = frozenset({"root", "targets", "snapshot", "timestamp", "file"})


def delegated_roles(books: Books) -> list[str]:
    """Return every delegated role that was ever published; a retired one stays among them."""
    return sorted(books.roles() - _TOP_LEVEL)


def delegate(targets: Targets, drafted: Mapping[str, bytes], books: Books, root: Root) -> None:
    """Give the regions of these targets to the governance keys of their members."""
    members = _members(targets, drafted, books)
    keys: dict[str, Key] = {}
    roles: dict[str, DelegatedRole] = {}
    holders: dict[str, list[str]] = {}
    for member in members:
        governance = member.governance_key
        # Who is suspended still holds its key, or what it signed would rest with it.
        if member.status is MemberStatus.RETIRED or governance is None:
            continue
        keys[governance.key.keyid] = tuf_key(governance.key.pem)
        for name in filter(None, (region_of(member.province), CROSS)):
            holders.setdefault(name, []).append(governance.key.keyid)
    for name, keyids in sorted(holders.items()):
        roles[name] = _role(name, keyids, least_threshold(len(set(keyids))))
    online = list(root.roles["snapshot"].keyids)
    keys |= {keyid: root.keys[keyid] for keyid in online}
    roles[REVOCATIONS] = _role(REVOCATIONS, online, 1)
    targets.delegations = Delegations(keys, roles)


def draft_role(
    books: Books, name: str, changes: Mapping[str, bytes | None], *, now_us: int
) -> Draft:
    """Return the next draft of a role with files listed, or taken off where there is no content."""
    published = books.newest(name)
    version = published.version + 1 if published else 1
    stored = books.find_draft(name, version)
    waiting = parse_draft(stored) if stored else None
    if waiting is not None and _holds(waiting, changes):
        return waiting
    role = _base(waiting, published.content if published else None)
    role.version = version
    role.expires = moment(now_us + REGION_LIFE)
    role.unrecognized_fields = {ROLE_FIELD: name}
    files = dict(waiting.files) if waiting else {}
    for path, content in changes.items():
        if content is None:
            role.targets.pop(path, None)
            files.pop(path, None)
        else:
            role.targets[path] = TargetFile.from_data(path, content, ["sha256"])
            files[path] = content
    draft = Draft(Metadata(role), files)
    books.put_draft(name, version, render_draft(draft))
    return draft


def _role(name: str, keyids: Sequence[str], threshold: int) -> DelegatedRole:
    return DelegatedRole(name, sorted(set(keyids)), threshold, True, paths=role_paths(name))


def _members(targets: Targets, drafted: Mapping[str, bytes], books: Books) -> list[Member]:
    members = []
    for path, target in sorted(targets.targets.items()):
        if path.startswith(MEMBERS):
            content = drafted.get(path) or books.find_file(target.get_prefixed_paths()[0])
            assert content is not None, "what targets list was published or is drafted"
            members.append(parse_member(content))
    return members


def _base(waiting: Draft | None, published: bytes | None) -> Targets:
    signed: object = Targets()
    if waiting is not None:
        signed = copy.deepcopy(waiting.metadata.signed)
    elif published is not None:
        signed = read_metadata(published).signed
    assert isinstance(signed, Targets)
    return signed


def _holds(draft: Draft, changes: Mapping[str, bytes | None]) -> bool:
    signed = draft.metadata.signed
    assert isinstance(signed, Targets)
    return all(
        draft.files.get(path) == content and (content is not None or path not in signed.targets)
        for path, content in changes.items()
    )
