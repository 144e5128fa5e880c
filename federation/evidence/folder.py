"""The evidence folder on disk: the one module of this room that reads and writes files.

Layout::

    figures.json                           what the run says of itself
    evidence/root.json                     the pinned root
    evidence/registry/<name>               files of the registry
    evidence/<province>/transcripts.pack   transcripts without registry
    evidence/<province>/log.pack           every log entry in order
    evidence/<province>/checkpoint         signed over exactly these entries
"""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from types import TracebackType
from typing import Any

from federation.base.errors import Breach
from federation.evidence.packing import frame
from federation.signing.keystore import replace_file

FIGURES = "figures.json"
EVIDENCE = "evidence"
ROOT = "root.json"
REGISTRY = "registry"
TRANSCRIPTS = "transcripts.pack"
LOG = "log.pack"
CHECKPOINT = "checkpoint"


@dataclass(frozen=True, slots=True)
class ProvinceFiles:
    """What a province exported; None where a file is missing."""

    transcripts: bytes | None
    log: bytes | None
    checkpoint: bytes | None


@dataclass(frozen=True, slots=True)
class EvidenceFiles:
    """An evidence folder as read, nothing of it proven."""

    pinned_root: bytes
    registry: Mapping[str, bytes]
    provinces: Mapping[str, ProvinceFiles]
    figures: bytes


class PackWriter:
    """Writes a pack record by record; the file appears whole when the block ends well."""

    def __init__(self, path: Path) -> None:
        self._path = path
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, self._aside = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
        self._file = os.fdopen(handle, "wb")

    def __enter__(self) -> PackWriter:
        """Return the writer."""
        return self

    def add(self, record: bytes) -> None:
        """Append a record."""
        self._file.write(frame(record))

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Put the file in its place, or nothing where the block failed."""
        self._file.flush()
        os.fsync(self._file.fileno())
        self._file.close()
        if kind is None:
            os.replace(self._aside, self._path)
        else:
            os.unlink(self._aside)


def transcripts_path(directory: Path, province: str) -> Path:
    """Return where the transcripts of a province belong."""
    return directory / EVIDENCE / province / TRANSCRIPTS


def write_transcripts(directory: Path, province: str, transcripts: Iterable[bytes]) -> int:
    """Write the transcripts that a province exported and return how many."""
    count = 0
    with PackWriter(transcripts_path(directory, province)) as writer:
        for encoded in transcripts:
            writer.add(encoded)
            count += 1
    return count


def write_log(directory: Path, province: str, entries: Iterable[bytes], checkpoint: bytes) -> None:
    """Write every entry of a province's log, and the checkpoint signed over them."""
    home = directory / EVIDENCE / province
    with PackWriter(home / LOG) as writer:
        for entry in entries:
            writer.add(entry)
    replace_file(home / CHECKPOINT, checkpoint)


def write_registry(directory: Path, pinned_root: bytes, files: Mapping[str, bytes]) -> None:
    """Write the pinned root and the files of a verified view, and remove other files there."""
    home = directory / EVIDENCE / REGISTRY
    replace_file(directory / EVIDENCE / ROOT, pinned_root)
    for name, content in files.items():
        replace_file(home / _checked(name), content)
    for name in _files(home).keys() - files.keys():
        (home / name).unlink()


def write_figures(directory: Path, figures: Mapping[str, Any]) -> None:
    """Write what a run says of itself."""
    text = json.dumps(figures, ensure_ascii=False, indent=2, sort_keys=True)
    replace_file(directory / FIGURES, f"{text}\n".encode())


def read_evidence(directory: Path) -> EvidenceFiles:
    """Read an evidence folder.

    Raises:
        Breach: EVIDENCE_FORM when it is none.
    """
    home = directory / EVIDENCE
    root, figures = _read(home / ROOT), _read(directory / FIGURES)
    if root is None or figures is None:
        missing = f"{EVIDENCE}/{ROOT}" if root is None else FIGURES
        raise Breach("EVIDENCE_FORM", detail=f"{missing} is missing")
    provinces = {
        place.name: ProvinceFiles(
            _read(place / TRANSCRIPTS), _read(place / LOG), _read(place / CHECKPOINT)
        )
        for place in sorted(home.iterdir())
        if place.is_dir() and place.name != REGISTRY
    }
    return EvidenceFiles(root, _files(home / REGISTRY), provinces, figures)


def _files(home: Path) -> dict[str, bytes]:
    return {
        path.relative_to(home).as_posix(): path.read_bytes()
        for path in sorted(home.rglob("*"))
        if path.is_file()
    }


def _read(path: Path) -> bytes | None:
    try:
        return path.read_bytes()
    except (FileNotFoundError, NotADirectoryError):
        return None


def _checked(name: str) -> str:
    """Return a registry file's name when it stays inside the folder."""
    place = PurePosixPath(name)
    if not name or place.is_absolute() or ".." in place.parts or place.as_posix() != name:
        raise Breach("EVIDENCE_FORM", detail=f"name of a registry file: {name[:64]}")
    return name
