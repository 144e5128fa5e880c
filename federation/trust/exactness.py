"""Registry files without slack: every byte is vouched for, so that any changed bit is found.

TUF asks for a threshold of signatures and for what a file says, not for how it is spelled: beside
enough good signatures a file may hold a false one, spaces, or a field that nobody signed. As
evidence it may not, or two files would pass for one. Files that targets lists are hashed whole,
and the pinned root is compared byte by byte; what is left is checked here.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from itertools import pairwise
from typing import Any

from tuf.api.exceptions import RepositoryError
from tuf.api.metadata import Metadata, Root, Targets
from tuf.api.serialization.json import JSONSerializer

from federation.base.errors import Breach
from federation.trust.regions import delegated, delegated_keys, role_file
from federation.trust.registry import SNAPSHOT, TARGETS, TIMESTAMP, RegistryView
from federation.trust.revocations import REVOCATIONS

_ROOT = re.compile(r"([1-9][0-9]{0,8})\.root\.json")
_HEX = re.compile(r"([0-9a-f]{2})+")
_SPELLING = JSONSerializer(compact=True)


def check_exact(view: RegistryView) -> None:
    """Check that no file of a verified view holds a byte that its signers do not vouch for.

    Raises:
        Breach: REGISTRY_INVALID naming the file.
    """
    roots = _roots(view.files)
    for (_, before), (name, root) in pairwise(roots):
        _check(name, root, view.files[name], (before.signed, root.signed))
    newest = roots[-1][1].signed
    for name in (TIMESTAMP, SNAPSHOT, TARGETS):
        _check(name, _parse(name, view.files[name]), view.files[name], (newest,))
    targets = _parse(TARGETS, view.files[TARGETS]).signed
    for role in delegated(targets):
        name = role_file(role)
        if name in view.files:
            _check_role(view, role, name, targets)


def _roots(files: Mapping[str, bytes]) -> list[tuple[str, Metadata[Root]]]:
    matches = (_ROOT.fullmatch(name) for name in files)
    versions = sorted(int(match[1]) for match in matches if match)
    names = (f"{version}.root.json" for version in versions)
    return [(name, _parse(name, files[name])) for name in names]


def _parse(name: str, content: bytes) -> Metadata[Any]:
    try:
        return Metadata.from_bytes(content)
    except RepositoryError as fault:
        raise _invalid(name, str(fault)) from None


def _check_role(view: RegistryView, role: str, name: str, targets: Targets) -> None:
    """Check a delegated role; a province that changed its key since may stand under the old one."""
    metadata, keys = _parse(name, view.files[name]), delegated_keys(targets, role)
    keys |= {
        one.key.keyid: one.key
        for member in view.members.values()
        for one in member.keys
        if one.use == "governance" and role != REVOCATIONS
    }
    good = set()
    for keyid, signature in metadata.signatures.items():
        try:
            keys[keyid].verify(bytes.fromhex(signature.signature), metadata.signed_bytes)
        except (KeyError, ValueError, Breach):
            continue
        good.add(keyid)
    _check_spelling(name, metadata, view.files[name], good)


def _check(
    name: str, metadata: Metadata[Any], content: bytes, delegators: tuple[Root, ...]
) -> None:
    role, signed = metadata.signed.type, metadata.signed_bytes
    good: set[str] = set()
    for root in delegators:
        good |= root.get_verification_result(role, signed, metadata.signatures).signed.keys()
    _check_spelling(name, metadata, content, good)


def _check_spelling(name: str, metadata: Metadata[Any], content: bytes, good: set[str]) -> None:
    if metadata.unrecognized_fields:
        raise _invalid(name, "a field outside what is signed")
    if metadata.to_bytes(_SPELLING) != content:
        raise _invalid(name, "not in its one spelling")
    for keyid, signature in metadata.signatures.items():
        # Hexadecimal digits may be written in two cases; only one of them is the spelling.
        is_plain = _HEX.fullmatch(signature.signature) and not signature.unrecognized_fields
        if keyid not in good or not is_plain:
            raise _invalid(name, f"signature by {keyid[:16]} does not hold")


def _invalid(name: str, why: str) -> Breach:
    return Breach("REGISTRY_INVALID", detail=f"{name}: {why}")
