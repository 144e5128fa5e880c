"""What lies at the top of the project, and what its lock may say."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Iterable, Iterator
from pathlib import Path

from tests.house.source import Offence

TOP_LEVEL = frozenset(
    {
        "LICENSE",
        "README.md",
        "federation",
        "node",
        "protos",
        "pyproject.toml",
        "requirements.lock",
        "scripts",
        "tests",
    }
)
PIN = re.compile(r"[a-z0-9-]+==[^ ]+( ; [^\\]+)? \\")
HASH = re.compile(r"    --hash=sha256:[0-9a-f]{64}( \\)?")


def project_files(root: Path) -> list[str]:
    """List the files that are, or would be, under version control."""
    command = ["git", "-C", str(root), "ls-files", "--cached", "--others", "--exclude-standard"]
    listing = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    return listing.splitlines()


def uninvited(files: Iterable[str]) -> Iterator[Offence]:
    """Name what lies at the top level and was not agreed; dot-files are free."""
    for name in sorted({path.partition("/")[0] for path in files}):
        if not name.startswith(".") and name not in TOP_LEVEL:
            yield Offence(name, 1, "the top level is closed")


def addresses(text: str, path: str) -> Iterator[Offence]:
    """Name lines with a network address: where packages come from is each machine's affair."""
    for line, words in enumerate(text.splitlines(), start=1):
        if "://" in words:
            yield Offence(path, line, "an address")


def unpinned(text: str, path: str) -> Iterator[Offence]:
    """Name lines of the lock that are neither an exact version nor a hash."""
    for line, words in enumerate(text.splitlines(), start=1):
        if not PIN.fullmatch(words) and not HASH.fullmatch(words):
            yield Offence(path, line, f"neither a pinned version nor a hash: {words!r}")
