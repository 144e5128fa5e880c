"""One pass of the TUF client over what a coordinator serves.

Every pass has one directory and one ``Updater``, seeded from the view that was trusted before, so
that rollback is judged against it and unchanged files are not fetched again. Whatever the pass
finds is verified once more by :func:`federation.trust.registry.verify_view`.
"""

from __future__ import annotations

import logging
import re
import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path

from tuf.api.exceptions import (
    BadVersionNumberError,
    DownloadError,
    DownloadHTTPError,
    DownloadLengthMismatchError,
    ExpiredMetadataError,
    LengthOrHashMismatchError,
    RepositoryError,
    UnsignedMetadataError,
)
from tuf.api.metadata import Metadata, Snapshot, TargetFile, Targets
from tuf.ngclient import FetcherInterface, Updater

from federation.base.errors import Breach, Unavailable
from federation.trust.regions import delegated, role_file, role_paths
from federation.trust.registry import (
    COORDINATOR_PATH,
    SNAPSHOT,
    TARGETS,
    TIMESTAMP,
    RegistryView,
    check_advance,
    verify_view,
)
from federation.trust.revocations import REVOCATIONS

Read = Callable[[str], bytes | None]
_BASE = "registry:/"
_HISTORY = "root_history"
_ROLE = re.compile(r"[a-z][a-z0-9-]*\.json")
_LOG = logging.getLogger(__name__)


def refresh(pinned_root: bytes, trusted: RegistryView | None, read: Read) -> RegistryView:
    """Return the newest view the coordinator serves, never older than the trusted one.

    Args:
        pinned_root: the root that this node was installed with.
        trusted: the view stored last, if any.
        read: fetches a file by its name; None means that there is none.

    Raises:
        Unavailable: COORDINATOR_UNREACHABLE when nothing could be fetched.
        Breach: REGISTRY_EXPIRED, REGISTRY_ROLLBACK, ROOT_VERSION, THRESHOLD, MEMBER_HISTORY or
            REGISTRY_INVALID when what was fetched may not be accepted; the trusted view stays.
    """
    seed: Mapping[str, bytes] = trusted.files if trusted else {}
    fetcher = _Fetcher(read)
    with tempfile.TemporaryDirectory(prefix="creditbank-registry-") as folder:
        _plant(Path(folder), seed)
        try:
            files = _pass(Path(folder), pinned_root, seed, fetcher)
        except DownloadLengthMismatchError as fault:
            raise Breach("REGISTRY_INVALID", detail=f"{fetcher.last}: {fault}") from None
        except DownloadError as fault:
            raise _unserved(fetcher, fault) from None
        except RepositoryError as fault:
            raise _breach(fetcher.last, fault) from None
    view = _verify(pinned_root, files)
    if trusted is not None:
        check_advance(trusted, view)
    return view


def _verify(pinned_root: bytes, files: dict[str, bytes]) -> RegistryView:
    """Verify a pass; a region that does not hold is left out, and all others go on."""
    try:
        return verify_view(pinned_root, files)
    except Breach:
        targets: Metadata[Targets] = Metadata.from_bytes(files[TARGETS])
        regions = [name for name in delegated(targets.signed) if name != REVOCATIONS]
        bare = _without(files, regions)
        verify_view(pinned_root, bare)  # Whatever else fails is for nobody to overlook.
    for name in regions:
        try:
            verify_view(pinned_root, _without(files, [one for one in regions if one != name]))
        except Breach as fault:
            _LOG.warning("role %s is left out: %s", name, fault.detail)
            files = _without(files, [name])
    return verify_view(pinned_root, files)


def _without(files: Mapping[str, bytes], roles: Iterable[str]) -> dict[str, bytes]:
    dropped = tuple(f"agreements/{name}/" for name in roles)
    names = {role_file(name) for name in roles}
    return {
        name: content
        for name, content in files.items()
        if name not in names and not name.startswith(dropped)
    }


class _Fetcher(FetcherInterface):
    """Hands the names that python-tuf asks for to a reader, and remembers the last."""

    def __init__(self, read: Read) -> None:
        self._read = read
        self.last = ""

    def _fetch(self, url: str) -> Iterator[bytes]:
        self.last = url.removeprefix(_BASE)
        content = self._read(self.last)
        if content is None:
            raise DownloadHTTPError(f"{self.last} is not served", 404)
        # Not a generator: errors must be raised inside fetch(), which maps them.
        return iter((content,))


def _plant(folder: Path, seed: Mapping[str, bytes]) -> None:
    (folder / _HISTORY).mkdir()
    (folder / "targets").mkdir()
    for name, content in seed.items():
        if name != COORDINATOR_PATH and _ROLE.fullmatch(name):
            (folder / name).write_bytes(content)
        elif name.endswith(".root.json") and "/" not in name:
            (folder / _HISTORY / name).write_bytes(content)


def _pass(
    folder: Path, pinned_root: bytes, seed: Mapping[str, bytes], fetcher: _Fetcher
) -> dict[str, bytes]:
    updater = Updater(
        metadata_dir=str(folder),
        metadata_base_url=_BASE,
        target_dir=str(folder / "targets"),
        target_base_url=_BASE,
        fetcher=fetcher,
        bootstrap=pinned_root,
    )
    updater.refresh()
    files = {path.name: path.read_bytes() for path in (folder / _HISTORY).iterdir()}
    files |= {name: (folder / name).read_bytes() for name in (TIMESTAMP, SNAPSHOT, TARGETS)}
    targets: Metadata[Targets] = Metadata.from_bytes(files[TARGETS])
    for path, target in targets.signed.targets.items():
        files[path] = _target(updater, target, seed.get(path))
    snapshot: Metadata[Snapshot] = Metadata.from_bytes(files[SNAPSHOT])
    for name in delegated(targets.signed):
        if role_file(name) in snapshot.signed.meta:
            files |= _role(updater, folder, name, seed)
    return files


def _role(updater: Updater, folder: Path, name: str, seed: Mapping[str, bytes]) -> dict[str, bytes]:
    """Return a delegated role with what it lists; nothing of a region that cannot be had.

    A region that has expired is never newly accepted; what was accepted before is kept, and
    whoever acts by it asks for its end.
    """
    file = role_file(name)
    try:
        # No agreement has this name: it is asked for so that the role is loaded.
        updater.get_targetinfo(f"{role_paths(name)[0][:-1]}-")
        found = {file: (folder / file).read_bytes()}
        role: Metadata[Targets] = Metadata.from_bytes(found[file])
        for path, target in role.signed.targets.items():
            found[path] = _target(updater, target, seed.get(path))
    except (RepositoryError, DownloadHTTPError, DownloadLengthMismatchError) as fault:
        if name == REVOCATIONS:
            raise
        _LOG.warning("role %s could not be read: %s", name, fault)
        prefix = f"agreements/{name}/"
        known = isinstance(fault, ExpiredMetadataError) and file in seed
        return {
            path: content
            for path, content in seed.items()
            if known and (path == file or path.startswith(prefix))
        }
    return found


def _target(updater: Updater, target: TargetFile, known: bytes | None) -> bytes:
    if known is not None:
        try:
            target.verify_length_and_hashes(known)
            return known
        except LengthOrHashMismatchError:
            pass  # It changed; the new one is fetched.
    return Path(updater.download_target(target)).read_bytes()


def _unserved(fetcher: _Fetcher, fault: DownloadError) -> Breach | Unavailable:
    if isinstance(fault, DownloadHTTPError):
        return Breach("REGISTRY_INVALID", detail=f"{fetcher.last} is not served")
    return Unavailable("COORDINATOR_UNREACHABLE", detail=fetcher.last)


def _breach(last: str, fault: RepositoryError) -> Breach:
    if isinstance(fault, ExpiredMetadataError):
        return Breach("REGISTRY_EXPIRED", detail=str(fault))
    if isinstance(fault, BadVersionNumberError):
        # A root out of order is a forged chain; any other version that falls is a rollback.
        is_root = last.endswith(".root.json")
        reason = "ROOT_VERSION" if is_root else "REGISTRY_ROLLBACK"
        return Breach(reason, detail=f"{last}: {fault}")
    if isinstance(fault, UnsignedMetadataError):
        return Breach("THRESHOLD", detail=f"{last}: {fault}")
    return Breach("REGISTRY_INVALID", detail=f"{last}: {fault}")
