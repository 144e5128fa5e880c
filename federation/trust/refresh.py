"""One pass of the TUF client over what a coordinator serves.

Every pass has one directory and one ``Updater``, seeded from the view that was trusted before, so
that rollback is judged against it and unchanged files are not fetched again. Whatever the pass
finds is verified once more by :func:`federation.trust.registry.verify_view`.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

from tuf.api.exceptions import (
    BadVersionNumberError,
    DownloadError,
    DownloadHTTPError,
    DownloadLengthMismatchError,
    ExpiredMetadataError,
    LengthOrHashMismatchError,
    RepositoryError,
)
from tuf.api.metadata import Metadata, TargetFile, Targets
from tuf.ngclient import FetcherInterface, Updater

from federation.base.errors import Breach, Unavailable
from federation.trust.registry import (
    SNAPSHOT,
    TARGETS,
    TIMESTAMP,
    RegistryView,
    check_advance,
    verify_view,
)

Read = Callable[[str], bytes | None]
_BASE = "registry:/"
_HISTORY = "root_history"


def refresh(pinned_root: bytes, trusted: RegistryView | None, read: Read) -> RegistryView:
    """Return the newest view the coordinator serves, never older than the trusted one.

    Args:
        pinned_root: the root that this node was installed with.
        trusted: the view stored last, if any.
        read: fetches a file by its name; None means that there is none.

    Raises:
        Unavailable: COORDINATOR_UNREACHABLE when nothing could be fetched.
        Breach: REGISTRY_EXPIRED, REGISTRY_ROLLBACK, MEMBER_HISTORY or REGISTRY_INVALID when what
            was fetched may not be accepted; the trusted view stays.
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
    view = verify_view(pinned_root, files)
    if trusted is not None:
        check_advance(trusted, view)
    return view


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
        if name in (TIMESTAMP, SNAPSHOT, TARGETS):
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
    return files


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
    # A root out of order is a forged chain; any other version that falls is a rollback.
    if isinstance(fault, BadVersionNumberError) and not last.endswith(".root.json"):
        return Breach("REGISTRY_ROLLBACK", detail=f"{last}: {fault}")
    return Breach("REGISTRY_INVALID", detail=f"{last}: {fault}")
