"""The registry as a value: a pure check of TUF files against a pinned root.

Order of trust: the pinned root, each later root on the word of the one before it and its own,
timestamp, snapshot, targets, and then every file that targets lists, by length and hash. Expiry
is not judged here: the ladder judges it against a clock, and an old transcript has none.
"""

from __future__ import annotations

import calendar
import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import TypeVar

from tuf.api.exceptions import RepositoryError
from tuf.api.metadata import Metadata, Root, Snapshot, Targets, Timestamp

from federation.base.clock import SECOND
from federation.base.errors import Breach
from federation.base.names import is_test_province
from federation.trust.canonical import check_fields, read_document
from federation.trust.members import Member, check_endpoint, check_successor, parse_member

DEMO_FIELD = "x-creditbank-demo"
TIMESTAMP, SNAPSHOT, TARGETS = "timestamp.json", "snapshot.json", "targets.json"
COORDINATOR_PATH = "coordinator.json"
MEMBERS = "members/"
ROOTS_MAX = 1024

_Role = TypeVar("_Role", Root, Timestamp, Snapshot, Targets)


@dataclass(frozen=True, slots=True)
class CoordinatorRecord:
    """Where the coordinator answers, and the certificate it answers with."""

    endpoint: str
    tls_certificate_pem: str


@dataclass(frozen=True, slots=True)
class RegistryView:
    """A verified state of the registry.

    Attributes:
        version: version of the snapshot; messages name it.
        members: members by province.
        coordinator: the coordinator's record.
        is_demo: whether the trust root declares a demonstration.
        timestamp_expires_us: when the timestamp expires.
        snapshot_expires_us: when the snapshot expires.
        files: all roots, the newest other metadata by plain name, and every target file; enough
            to verify all of this again.
    """

    version: int
    members: Mapping[str, Member]
    coordinator: CoordinatorRecord
    is_demo: bool
    timestamp_expires_us: int
    snapshot_expires_us: int
    files: Mapping[str, bytes]


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
    _check_named(SNAPSHOT, files[SNAPSHOT], named, snapshot.version)
    targets = _open(Targets, TARGETS, files, root)
    if TARGETS not in snapshot.meta:
        raise _invalid(SNAPSHOT, "does not list targets")
    _check_named(TARGETS, files[TARGETS], snapshot.meta[TARGETS], targets.version)
    _check_targets(targets, files)
    _check_closed(files, {*names, TIMESTAMP, SNAPSHOT, TARGETS, *targets.targets})
    is_demo = is_demo_root(root)
    return RegistryView(
        version=snapshot.version,
        members=_members(files, targets.targets, is_demo=is_demo),
        coordinator=parse_coordinator(_file(COORDINATOR_PATH, files)),
        is_demo=is_demo,
        timestamp_expires_us=expires_us(timestamp),
        snapshot_expires_us=expires_us(snapshot),
        files=MappingProxyType(dict(files)),
    )


def check_advance(old: RegistryView, new: RegistryView) -> None:
    """Check that one view may follow another.

    Raises:
        Breach: REGISTRY_ROLLBACK when the version falls, MEMBER_HISTORY when a member vanished or
            its document lost what may not be lost.
    """
    if new.version < old.version:
        raise Breach("REGISTRY_ROLLBACK", detail=f"{old.version} trusted, {new.version} offered")
    for province, member in old.members.items():
        if province not in new.members:
            raise Breach("MEMBER_HISTORY", detail=f"{province} is gone")
        check_successor(member, new.members[province])


def parse_coordinator(content: bytes) -> CoordinatorRecord:
    """Return the coordinator's record.

    Raises:
        Breach: REGISTRY_INVALID for any defect of form.
    """
    value = read_document(content, reason="REGISTRY_INVALID")
    check_fields(value, {"endpoint": str, "tls_certificate_pem": str}, reason="REGISTRY_INVALID")
    return CoordinatorRecord(check_endpoint(value["endpoint"]), value["tls_certificate_pem"])


def is_demo_root(root: Root) -> bool:
    """Tell whether a root declares a demonstration."""
    return root.unrecognized_fields.get(DEMO_FIELD) is True


def expires_us(signed: Root | Timestamp | Snapshot | Targets) -> int:
    """Return when metadata expires, in UTC microseconds."""
    return calendar.timegm(signed.expires.utctimetuple()) * SECOND


def _verify_roots(pinned_root: bytes, files: Mapping[str, bytes]) -> tuple[Root, set[str]]:
    root = _parse(Root, "pinned root", pinned_root).signed
    pinned_name, is_demo = root_name(root.version), is_demo_root(root)
    if files.get(pinned_name) != pinned_root:
        raise _invalid(pinned_name, "not the pinned root")
    _check_signed(_parse(Root, pinned_name, pinned_root), pinned_name, root)
    names = {pinned_name}
    while (name := root_name(root.version + 1)) in files and len(names) < ROOTS_MAX:
        following = _parse(Root, name, files[name])
        _check_signed(following, name, root)
        _check_signed(following, name, following.signed)
        if following.signed.version != root.version + 1:
            raise _invalid(name, f"states version {following.signed.version}")
        if is_demo_root(following.signed) != is_demo:
            raise _invalid(name, "a demonstration and a real federation never turn into each other")
        root = following.signed
        names.add(name)
    return root, names


def _open(role: type[_Role], name: str, files: Mapping[str, bytes], root: Root) -> _Role:
    metadata = _parse(role, name, _file(name, files))
    _check_signed(metadata, name, root)
    return metadata.signed


def _parse(role: type[_Role], name: str, content: bytes) -> Metadata[_Role]:
    try:
        metadata: Metadata[_Role] = Metadata.from_bytes(content)
    except RepositoryError as fault:
        raise _invalid(name, str(fault)) from None
    if not isinstance(metadata.signed, role):
        raise _invalid(name, f"is of type {metadata.signed.type}")
    return metadata


def _check_signed(metadata: Metadata[_Role], name: str, root: Root) -> None:
    try:
        root.verify_delegate(metadata.signed.type, metadata.signed_bytes, metadata.signatures)
    except (RepositoryError, ValueError) as fault:
        raise _invalid(name, str(fault)) from None


def _check_named(name: str, content: bytes, named: object, version: int) -> None:
    """Check a file against what the role before it says: version, length and hash."""
    stated = getattr(named, "version", None)
    if stated != version:
        raise _invalid(name, f"version {version} where {stated} is named")
    try:
        named.verify_length_and_hashes(content)  # type: ignore[attr-defined]
    except (RepositoryError, ValueError) as fault:
        raise _invalid(name, str(fault)) from None


def _check_targets(targets: Targets, files: Mapping[str, bytes]) -> None:
    for path, stated in sorted(targets.targets.items()):
        try:
            stated.verify_length_and_hashes(_file(path, files))
        except (RepositoryError, ValueError) as fault:
            raise _invalid(path, str(fault)) from None


def _check_closed(files: Mapping[str, bytes], expected: set[str]) -> None:
    for name in sorted(files.keys() - expected):
        raise _invalid(name, "nobody vouches for it")


def _members(
    files: Mapping[str, bytes], paths: Iterable[str], *, is_demo: bool
) -> Mapping[str, Member]:
    members = {}
    for path in sorted(path for path in paths if path.startswith(MEMBERS)):
        member = parse_member(files[path])
        if path != f"{MEMBERS}{member.province}.json":
            raise _invalid(path, f"speaks of {member.province}")
        if is_test_province(member.province) and not is_demo:
            raise _invalid(path, "a test province under a root that is no demonstration")
        members[member.province] = member
    _check_distinct(members.values())
    return MappingProxyType(members)


def _check_distinct(members: Iterable[Member]) -> None:
    """Two provinces with one key or one authority could speak for each other."""
    seen: set[str] = set()
    for member in members:
        for mark in (member.tls_ca_pem, *(key.key.pem for key in member.keys)):
            if mark in seen:
                raise _invalid(member.province, "has a key or an authority of another member")
            seen.add(mark)


def _file(name: str, files: Mapping[str, bytes]) -> bytes:
    if name not in files:
        raise _invalid(name, "missing")
    return files[name]


def _invalid(part: str, why: str) -> Breach:
    return Breach("REGISTRY_INVALID", detail=f"{part}: {why}")
