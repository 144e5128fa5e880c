"""Roles that targets delegates: one for each region, ``cross`` between regions, ``revocations``.

Paths are disjoint, so that no role can speak for another and none waits for another. TUF counts
keys; here each province has exactly one in a role, so that a threshold counts provinces. A role
may be absent from a view: then its agreements begin nothing, and all others go on.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from tuf.api.metadata import DelegatedRole, Snapshot, Targets

from federation.base.errors import Breach
from federation.base.names import is_region, region_of
from federation.signing.keys import PublicKey
from federation.signing.keystore import registered_key
from federation.trust.agreements import CROSS, Listing, verify_agreement
from federation.trust.members import Member
from federation.trust.metadata import (
    check_listed,
    check_named,
    check_signed,
    expires_us,
    invalid,
    parse,
    required,
)
from federation.trust.revocations import REVOCATIONS, Revocation, verify_revocation

# Signed within the role, so that its metadata can never be passed off as another role's.
ROLE_FIELD = "x-creditbank-role"


@dataclass(frozen=True, slots=True)
class Region:
    """A role that lists agreements.

    Attributes:
        provinces: whose governance keys may sign it.
        threshold: how many of them must.
        version: 0 while nothing of it is to be had.
        expires_us: when its word ends; 0 likewise.
    """

    name: str
    provinces: tuple[str, ...]
    threshold: int
    version: int
    expires_us: int


def role_file(name: str) -> str:
    """Return the plain name of a role's file."""
    return f"{name}.json"


def role_paths(name: str) -> list[str]:
    """Return what a role may list."""
    return [f"{REVOCATIONS}/*" if name == REVOCATIONS else f"agreements/{name}/*"]


def least_threshold(provinces: int) -> int:
    """Return how many provinces must at least sign a role that so many hold."""
    return min(2, provinces)


def delegated(targets: Targets) -> Mapping[str, DelegatedRole]:
    """Return the delegated roles by name."""
    if targets.delegations is None or targets.delegations.roles is None:
        return {}
    return dict(targets.delegations.roles)


def delegated_keys(targets: Targets, role: str) -> dict[str, PublicKey]:
    """Return the keys of a delegated role by keyid.

    Raises:
        Breach: REGISTRY_INVALID when one is not of our kind or under another name.
    """
    assert targets.delegations is not None
    keys = {}
    for keyid in delegated(targets)[role].keyids:
        if keyid not in targets.delegations.keys:
            raise invalid(role, f"key {keyid[:16]} is missing")
        key = registered_key(targets.delegations.keys[keyid])
        if key.keyid != keyid:
            raise invalid(role, f"key {keyid[:16]} is named as another")
        keys[keyid] = key
    return keys


def check_delegations(targets: Targets, members: Mapping[str, Member]) -> None:
    """Check that every delegation is one that this federation knows, and counts provinces.

    Raises:
        Breach: REGISTRY_INVALID naming the role.
    """
    if targets.delegations is not None and targets.delegations.roles is None:
        raise invalid("targets.json", "delegates to bins")
    for name, role in delegated(targets).items():
        if role.paths != role_paths(name) or not role.terminating:
            raise invalid(name, "delegated to other paths")
        if name == REVOCATIONS:
            delegated_keys(targets, name)
            continue
        if name != CROSS and not is_region(name):
            raise invalid(name, "no region of this name")
        provinces = role_provinces(targets, name, members)
        if name != CROSS and any(region_of(province) != name for province in provinces):
            raise invalid(name, "a province of another region")
        if not least_threshold(len(provinces)) <= role.threshold <= len(provinces):
            raise invalid(name, f"a threshold of {role.threshold} in {len(provinces)}")


def role_provinces(targets: Targets, name: str, members: Mapping[str, Member]) -> tuple[str, ...]:
    """Return whose governance keys hold a role, each province once.

    Raises:
        Breach: REGISTRY_INVALID for a stranger's key, or two keys of one province.
    """
    owners = {
        key.key.keyid: (province, key.key)
        for province, member in members.items()
        for key in member.keys
        if key.use == "governance"
    }
    provinces = []
    for keyid, key in delegated_keys(targets, name).items():
        province, known = owners.get(keyid, ("", key))
        if not province or known.pem != key.pem:
            raise invalid(name, f"{keyid[:16]} is no member's governance key")
        if province in provinces:
            raise invalid(name, f"two keys of {province}")
        provinces.append(province)
    return tuple(sorted(provinces))


def open_role(
    name: str, targets: Targets, snapshot: Snapshot, files: Mapping[str, bytes]
) -> Targets:
    """Return a delegated role that is there, checked in all but what it lists means.

    Raises:
        Breach: REGISTRY_INVALID naming the file that fails.
    """
    file = role_file(name)
    content = required(file, files)
    metadata = parse(Targets, file, content)
    check_signed(metadata, file, targets, name)
    role = metadata.signed
    if role.unrecognized_fields.get(ROLE_FIELD) != name or role.delegations is not None:
        raise invalid(file, "is the metadata of another role")
    check_named(file, content, snapshot.meta.get(file), role.version)
    for path in role.targets:
        if not delegated(targets)[name].is_delegated_path(path):
            raise invalid(path, f"lies outside what {name} may list")
    check_listed(role.targets, files)
    return role


def read_listings(
    role: Targets, files: Mapping[str, bytes], members: Mapping[str, Member]
) -> Iterator[Listing]:
    """Yield the agreements that a role lists, each signed by all of its parties.

    Raises:
        Breach: REGISTRY_INVALID naming an agreement that no node would act on.
    """
    for path in sorted(role.targets):
        try:
            agreement, keys = verify_agreement(files[path], members)
        except Breach as fault:
            raise invalid(path, str(fault)) from None
        if agreement.path != path:
            raise invalid(path, f"belongs at {agreement.path}")
        yield Listing(
            agreement=agreement,
            sha256=hashlib.sha256(files[path]).hexdigest(),
            role_expires_us=expires_us(role),
            is_resting=any(key.is_revoked for key in keys),
        )


def read_revocations(
    role: Targets, targets: Targets, files: Mapping[str, bytes], members: Mapping[str, Member]
) -> Iterator[tuple[Revocation, bytes]]:
    """Yield the revocations that the role lists, with their files.

    Raises:
        Breach: REGISTRY_INVALID naming the first that nobody who may revoke signed.
    """
    online = list(delegated_keys(targets, REVOCATIONS).values())
    for path in sorted(role.targets):
        try:
            revocation = verify_revocation(files[path], members, online)
        except Breach as fault:
            raise invalid(path, str(fault)) from None
        if revocation.path != path:
            raise invalid(path, f"belongs at {revocation.path}")
        yield revocation, files[path]
