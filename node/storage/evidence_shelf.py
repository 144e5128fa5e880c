"""Evidence files beside the database, each under its digest: ``ab/cdef…``.

A file appears under its digest only once it is whole, checked and on the disk. What is still being
fetched lies aside under the same name with ``.part``, so that a broken fetch goes on where it
stopped.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Collection, Iterator
from pathlib import Path

from federation.base.clock import SECOND
from federation.base.errors import Breach, Unavailable

CHUNK = 64 * 1024
_PART = ".part"


class EvidenceShelf:
    """Files by their SHA-256.

    Args:
        root: the folder; made when the first file is kept.
    """

    def __init__(self, root: Path) -> None:
        self._root = root

    def has(self, digest: bytes) -> bool:
        """Tell whether a whole file is there."""
        return self._path(digest).exists()

    def keep(self, digest: bytes, content: bytes) -> None:
        """Keep a whole file.

        Raises:
            Breach: EVIDENCE_DIGEST where the content is not the one named.
        """
        if self.has(digest):
            return
        self.drop_part(digest)
        self.append(digest, content)
        self.complete(digest)

    def read(self, digest: bytes, offset: int) -> Iterator[bytes]:
        """Yield a file from a byte on, in chunks of at most 64 KiB.

        Raises:
            Unavailable: STORAGE where the file is gone.
        """
        try:
            with self._path(digest).open("rb") as file:
                file.seek(offset)
                while chunk := file.read(CHUNK):
                    yield chunk
        except OSError as failure:
            raise Unavailable("STORAGE", detail=failure.strerror or "evidence") from None

    def part_size(self, digest: bytes) -> int:
        """Return how much of a file was fetched so far."""
        part = self._part(digest)
        return part.stat().st_size if part.exists() else 0

    def append(self, digest: bytes, chunk: bytes) -> None:
        """Add to what was fetched so far."""
        part = self._part(digest)
        part.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        with part.open("ab") as file:
            file.write(chunk)

    def complete(self, digest: bytes) -> None:
        """Let a file that was fetched whole appear under its digest.

        Raises:
            Breach: EVIDENCE_DIGEST; then nothing of it is kept.
        """
        part = self._part(digest)
        with part.open("rb+") as file:
            found = hashlib.file_digest(file, "sha256").digest()
            os.fsync(file.fileno())
        if found != digest:
            self.drop_part(digest)
            raise Breach("EVIDENCE_DIGEST")
        part.replace(self._path(digest))
        folder = os.open(part.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)

    def drop_part(self, digest: bytes) -> None:
        """Forget what was fetched so far."""
        self._part(digest).unlink(missing_ok=True)

    def tidy(self, wanted: Collection[bytes], *, before_us: int) -> int:
        """Remove files that nothing names and that are older than that; return how many."""
        names = {digest.hex() for digest in wanted}
        removed = 0
        for path in self._root.glob("??/*"):
            name = path.parent.name + path.name.removesuffix(_PART)
            if name not in names and path.stat().st_mtime * SECOND < before_us:
                path.unlink(missing_ok=True)
                removed += 1
        return removed

    def path(self, digest: bytes) -> str:
        """Return where a file lies, for people."""
        return str(self._path(digest))

    def _path(self, digest: bytes) -> Path:
        name = digest.hex()
        return self._root / name[:2] / name[2:]

    def _part(self, digest: bytes) -> Path:
        path = self._path(digest)
        return path.with_name(path.name + _PART)
