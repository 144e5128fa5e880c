"""How long the metadata of a registry lasts: TUF 1.0 ``expires`` of every role that is there."""

from __future__ import annotations

import re
from dataclasses import dataclass

from tuf.api.metadata import Root, Targets

from federation.trust.metadata import expires_us, parse
from federation.trust.regions import role_file
from federation.trust.registry import RegistryView
from federation.trust.revocations import REVOCATIONS

_ROOT = re.compile(r"([0-9]{1,9})\.root\.json")
_TARGETS = "targets.json"


@dataclass(frozen=True, slots=True)
class Lifetime:
    """When the word of a role ends.

    Attributes:
        role: ``root``, ``targets``, ``snapshot``, ``timestamp`` or a delegated role's name.
        expires_us: UTC microseconds.
    """

    role: str
    expires_us: int


def lifetimes(view: RegistryView) -> tuple[Lifetime, ...]:
    """Return the end of every role of a verified view, of the roots only the newest."""
    files = view.files
    found = []
    roots = [name for name in files if _ROOT.fullmatch(name)]
    if roots:
        newest = max(roots, key=lambda name: int(name.partition(".")[0]))
        found.append(Lifetime("root", expires_us(parse(Root, newest, files[newest]).signed)))
    if _TARGETS in files:
        targets = parse(Targets, _TARGETS, files[_TARGETS]).signed
        found.append(Lifetime("targets", expires_us(targets)))
    found.append(Lifetime("snapshot", view.snapshot_expires_us))
    found.append(Lifetime("timestamp", view.timestamp_expires_us))
    # A region that could not be read has no end, and begins nothing anyway.
    found += [Lifetime(one.name, one.expires_us) for one in view.regions.values() if one.expires_us]
    revoking = files.get(role_file(REVOCATIONS))
    if revoking is not None:
        role = parse(Targets, role_file(REVOCATIONS), revoking).signed
        found.append(Lifetime(REVOCATIONS, expires_us(role)))
    return tuple(found)
