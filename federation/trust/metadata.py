"""Single TUF files: parsed, checked against whoever delegates to them and whoever names them."""

from __future__ import annotations

import calendar
from collections.abc import Mapping
from typing import TypeVar

from tuf.api.exceptions import RepositoryError
from tuf.api.metadata import (
    Metadata,
    MetaFile,
    Root,
    Snapshot,
    TargetFile,
    Targets,
    Timestamp,
)

from federation.base.clock import SECOND
from federation.base.errors import Breach

RoleType = TypeVar("RoleType", Root, Timestamp, Snapshot, Targets)


def parse(role: type[RoleType], name: str, content: bytes) -> Metadata[RoleType]:
    """Return the metadata in a file.

    Raises:
        Breach: REGISTRY_INVALID naming the file.
    """
    try:
        metadata: Metadata[RoleType] = Metadata.from_bytes(content)
    except RepositoryError as fault:
        raise invalid(name, str(fault)) from None
    if not isinstance(metadata.signed, role):
        raise invalid(name, f"is of type {metadata.signed.type}")
    return metadata


def check_signed(
    metadata: Metadata[RoleType], name: str, delegator: Root | Targets, role: str = ""
) -> None:
    """Check that enough keys that the delegator gives to a role signed.

    Raises:
        Breach: REGISTRY_INVALID naming the file.
    """
    try:
        delegator.verify_delegate(
            role or metadata.signed.type, metadata.signed_bytes, metadata.signatures
        )
    except (RepositoryError, ValueError) as fault:
        raise invalid(name, str(fault)) from None


def check_named(name: str, content: bytes, named: MetaFile | None, version: int) -> None:
    """Check a file against what the role before it says: version, length and hash.

    Raises:
        Breach: REGISTRY_INVALID naming the file.
    """
    if named is None or named.version != version:
        stated = "nothing" if named is None else str(named.version)
        raise invalid(name, f"version {version} where {stated} is named")
    try:
        named.verify_length_and_hashes(content)
    except (RepositoryError, ValueError) as fault:
        raise invalid(name, str(fault)) from None


def check_listed(listed: Mapping[str, TargetFile], files: Mapping[str, bytes]) -> None:
    """Check every file that a targets role lists, by length and hash.

    Raises:
        Breach: REGISTRY_INVALID naming the first that fails.
    """
    for path, stated in sorted(listed.items()):
        try:
            stated.verify_length_and_hashes(required(path, files))
        except (RepositoryError, ValueError) as fault:
            raise invalid(path, str(fault)) from None


def required(name: str, files: Mapping[str, bytes]) -> bytes:
    """Return a file that must be there.

    Raises:
        Breach: REGISTRY_INVALID naming the file.
    """
    if name not in files:
        raise invalid(name, "missing")
    return files[name]


def expires_us(signed: Root | Timestamp | Snapshot | Targets) -> int:
    """Return when metadata expires, in UTC microseconds."""
    return calendar.timegm(signed.expires.utctimetuple()) * SECOND


def invalid(part: str, why: str) -> Breach:
    """Return the refusal of one part of the registry."""
    return Breach("REGISTRY_INVALID", detail=f"{part}: {why}")
