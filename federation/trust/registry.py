"""The registry as a value: a pure check of TUF files against a pinned root.

Order of trust: the pinned root, each later root on the word of the one before it and its own,
timestamp, snapshot, targets, every file that targets lists, by length and hash, and then the roles
that targets delegates to, each with what it lists. Expiry
is not judged here: the ladder judges it against a clock, and an old transcript has none.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from tuf.api.metadata import Root, Snapshot, Targets, Timestamp

from federation.base.errors import Breach
from federation.base.names import is_test_province
from federation.signing.tuf_keys import public_key_of_pem
from federation.trust.agreements import Listing
from federation.trust.canonical import check_fields, read_document, render_document
from federation.trust.members import (
    Member,
    check_endpoint,
    check_successor,
    member_path,
    parse_member,
)
from federation.trust.metadata import (
    RoleType,
    check_listed,
    check_named,
    check_signed,
    expires_us,
    invalid,
    parse,
    required,
)
from federation.trust.regions import (
    ROLE_FIELD,
    Region,
    check_delegations,
    delegated,
    open_role,
    read_listings,
    read_revocations,
    role_file,
    role_provinces,
)
from federation.trust.revocations import (
    REINSTATED,
    REVOCATIONS,
    Revocation,
    apply_revocations,
    reinstatement,
)

__all__ = [
    "COORDINATOR_PATH",
    "DEMO_FIELD",
    "MEMBERS",
    "SNAPSHOT",
    "TARGETS",
    "TIMESTAMP",
    "CoordinatorRecord",
    "RegistryView",
    "check_advance",
    "expires_us",
    "fingerprint",
    "is_demo_root",
    "parse_coordinator",
    "render_coordinator",
    "root_name",
    "spoken",
    "verify_view",
]

DEMO_FIELD = "x-creditbank-demo"
TIMESTAMP, SNAPSHOT, TARGETS = "timestamp.json", "snapshot.json", "targets.json"
COORDINATOR_PATH = "coordinator.json"
MEMBERS = "members/"
ROOTS_MAX = 1024


@dataclass(frozen=True, slots=True)
class CoordinatorRecord:
    """Where the coordinator answers, and with which certificate and witness key.

    Attributes:
        witness_public_pem: what it cosigns checkpoints with; empty in registries from before it
            was a witness.
    """

    endpoint: str
    tls_certificate_pem: str
    witness_public_pem: str = ""


@dataclass(frozen=True, slots=True)
class RegistryView:
    """A verified state of the registry.

    Attributes:
        version: version of the snapshot; messages name it.
        members: members by province, keys that were revoked marked so.
        coordinator: the coordinator's record.
        is_demo: whether the trust root declares a demonstration.
        timestamp_expires_us: when the timestamp expires.
        snapshot_expires_us: when the snapshot expires.
        files: all roots, the newest other metadata by plain name, and every target file; enough
            to verify all of this again.
        regions: roles that list agreements, by name.
        agreements: what they list, in force or not.
        revocations: by the SHA-256 of their files; without those that officers undid.
    """

    version: int
    members: Mapping[str, Member]
    coordinator: CoordinatorRecord
    is_demo: bool
    timestamp_expires_us: int
    snapshot_expires_us: int
    files: Mapping[str, bytes]
    regions: Mapping[str, Region]
    agreements: tuple[Listing, ...]
    revocations: Mapping[str, Revocation]


def root_name(version: int) -> str:
    """Return the name of a version of the root."""
    return f"{version}.root.json"


def fingerprint(content: bytes) -> str:
    """Return the SHA-256 of a file in hexadecimal."""
    return hashlib.sha256(content).hexdigest()


def spoken(digest: str) -> str:
    """Return a fingerprint in groups of four, for reading out."""
    return " ".join(digest[start : start + 4] for start in range(0, len(digest), 4))


def verify_view(pinned_root: bytes, files: Mapping[str, bytes]) -> RegistryView:
    """Return the registry that these files hold, on the word of the pinned root alone.

    Raises:
        Breach: REGISTRY_INVALID naming the first part that fails; MEMBER_DOCUMENT or KEY_FORM
            for a signed document that is malformed.
    """
    root, names = _verify_roots(pinned_root, files)
    timestamp = _open(Timestamp, TIMESTAMP, files, root)
    named = timestamp.snapshot_meta
    snapshot = _open(Snapshot, SNAPSHOT, files, root)
    check_named(SNAPSHOT, files[SNAPSHOT], named, snapshot.version)
    targets = _open(Targets, TARGETS, files, root)
    if TARGETS not in snapshot.meta:
        raise invalid(SNAPSHOT, "does not list targets")
    check_named(TARGETS, files[TARGETS], snapshot.meta[TARGETS], targets.version)
    if ROLE_FIELD in targets.unrecognized_fields:
        raise invalid(TARGETS, "is the metadata of another role")
    check_listed(targets.targets, files)
    is_demo = is_demo_root(root)
    documents = _members(files, targets.targets, is_demo=is_demo)
    delegations = _open_delegations(targets, snapshot, files, documents)
    _check_closed(
        files, {*names, TIMESTAMP, SNAPSHOT, TARGETS, *targets.targets, *delegations.names}
    )
    return RegistryView(
        version=snapshot.version,
        members=delegations.members,
        coordinator=parse_coordinator(required(COORDINATOR_PATH, files)),
        is_demo=is_demo,
        timestamp_expires_us=expires_us(timestamp),
        snapshot_expires_us=expires_us(snapshot),
        files=MappingProxyType(dict(files)),
        regions=delegations.regions,
        agreements=delegations.agreements,
        revocations=delegations.revocations,
    )


def check_advance(old: RegistryView, new: RegistryView) -> None:
    """Check that one view may follow another.

    Raises:
        Breach: REGISTRY_ROLLBACK when a version falls or a revocation vanished, MEMBER_HISTORY
            when a member vanished or its document lost what may not be lost.
    """
    if new.version < old.version:
        raise Breach("REGISTRY_ROLLBACK", detail=f"{old.version} trusted, {new.version} offered")
    for province in old.members:
        if province not in new.members:
            raise Breach("MEMBER_HISTORY", detail=f"{province} is gone")
        path = member_path(province)
        check_successor(parse_member(old.files[path]), parse_member(new.files[path]))
    for sha256, revocation in old.revocations.items():
        undone = f"{REINSTATED}{sha256}"
        if sha256 not in new.revocations and undone not in new.files:
            raise Breach("REGISTRY_ROLLBACK", detail=f"{revocation.path} is gone")
    listed = {one.agreement.path: one.agreement.version for one in new.agreements}
    for one in old.agreements:
        if listed.get(one.agreement.path, one.agreement.version) < one.agreement.version:
            raise Breach("REGISTRY_ROLLBACK", detail=one.agreement.path)


def parse_coordinator(content: bytes) -> CoordinatorRecord:
    """Return the coordinator's record.

    Raises:
        Breach: REGISTRY_INVALID for any defect of form, KEY_FORM for a witness key that is none.
    """
    value = read_document(content, reason="REGISTRY_INVALID")
    fields: dict[str, type] = {"endpoint": str, "tls_certificate_pem": str}
    if "witness_public_pem" in value:
        fields["witness_public_pem"] = str
    check_fields(value, fields, reason="REGISTRY_INVALID")
    if pem := value.get("witness_public_pem"):
        public_key_of_pem(pem)
    return CoordinatorRecord(
        check_endpoint(value["endpoint"]), value["tls_certificate_pem"], pem or ""
    )


def render_coordinator(record: CoordinatorRecord) -> bytes:
    """Return the coordinator's record in its only spelling."""
    value = {"endpoint": record.endpoint, "tls_certificate_pem": record.tls_certificate_pem}
    if record.witness_public_pem:
        value["witness_public_pem"] = record.witness_public_pem
    return render_document(value)


def is_demo_root(root: Root) -> bool:
    """Tell whether a root declares a demonstration."""
    return root.unrecognized_fields.get(DEMO_FIELD) is True


def _verify_roots(pinned_root: bytes, files: Mapping[str, bytes]) -> tuple[Root, set[str]]:
    root = parse(Root, "pinned root", pinned_root).signed
    pinned_name, is_demo = root_name(root.version), is_demo_root(root)
    if files.get(pinned_name) != pinned_root:
        raise invalid(pinned_name, "not the pinned root")
    check_signed(parse(Root, pinned_name, pinned_root), pinned_name, root)
    names = {pinned_name}
    while (name := root_name(root.version + 1)) in files and len(names) < ROOTS_MAX:
        following = parse(Root, name, files[name])
        check_signed(following, name, root)
        check_signed(following, name, following.signed)
        if following.signed.version != root.version + 1:
            raise invalid(name, f"states version {following.signed.version}")
        if is_demo_root(following.signed) != is_demo:
            raise invalid(name, "a demonstration and a real federation never turn into each other")
        root = following.signed
        names.add(name)
    return root, names


@dataclass(frozen=True, slots=True)
class _Delegations:
    """What delegated roles add to a view; ``names`` are the files that they vouch for."""

    names: set[str]
    members: Mapping[str, Member]
    regions: Mapping[str, Region]
    agreements: tuple[Listing, ...]
    revocations: Mapping[str, Revocation]


def _open_delegations(
    targets: Targets,
    snapshot: Snapshot,
    files: Mapping[str, bytes],
    documents: Mapping[str, Member],
) -> _Delegations:
    check_delegations(targets, documents)
    # A region may be missing; what denies must not be, or a key would come back by omission.
    roles = {
        name: open_role(name, targets, snapshot, files)
        for name in delegated(targets)
        if role_file(name) in files or (name == REVOCATIONS and role_file(name) in snapshot.meta)
    }
    revoking = roles.get(REVOCATIONS)
    revocations = {
        fingerprint(content): one
        for one, content in (
            read_revocations(revoking, targets, files, documents) if revoking else ()
        )
        if reinstatement(content) not in targets.targets
    }
    members = apply_revocations(documents, revocations.values())
    regions = {}
    agreements: list[Listing] = []
    for name, role in delegated(targets).items():
        if name == REVOCATIONS:
            continue
        opened = roles.get(name)
        regions[name] = Region(
            name=name,
            provinces=role_provinces(targets, name, documents),
            threshold=role.threshold,
            version=opened.version if opened else 0,
            expires_us=expires_us(opened) if opened else 0,
        )
        agreements += read_listings(opened, files, members) if opened else ()
    return _Delegations(
        names={role_file(name) for name in roles}.union(*(one.targets for one in roles.values())),
        members=members,
        regions=MappingProxyType(regions),
        agreements=tuple(agreements),
        revocations=MappingProxyType(revocations),
    )


def _open(role: type[RoleType], name: str, files: Mapping[str, bytes], root: Root) -> RoleType:
    metadata = parse(role, name, required(name, files))
    check_signed(metadata, name, root)
    return metadata.signed


def _check_closed(files: Mapping[str, bytes], expected: set[str]) -> None:
    for name in sorted(files.keys() - expected):
        raise invalid(name, "nobody vouches for it")


def _members(
    files: Mapping[str, bytes], paths: Iterable[str], *, is_demo: bool
) -> Mapping[str, Member]:
    members = {}
    for path in sorted(path for path in paths if path.startswith(MEMBERS)):
        member = parse_member(files[path])
        if path != f"{MEMBERS}{member.province}.json":
            raise invalid(path, f"speaks of {member.province}")
        if is_test_province(member.province) and not is_demo:
            raise invalid(path, "a test province under a root that is no demonstration")
        members[member.province] = member
    _check_distinct(members.values())
    return MappingProxyType(members)


def _check_distinct(members: Iterable[Member]) -> None:
    """Two provinces with one key or one authority could speak for each other."""
    seen: set[str] = set()
    for member in members:
        for mark in (member.tls_ca_pem, *(key.key.pem for key in member.keys)):
            if mark in seen:
                raise invalid(member.province, "has a key or an authority of another member")
            seen.add(mark)
