"""A Shanghai exchange file read from disk row by row, so that its length does not matter."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from node.domain.file_faults import FileBreach, FileFault, fault_from
from node.domain.shanghai import COLUMNS
from node.domain.shanghai_choice import Choice
from node.domain.shanghai_codes import Template
from node.domain.shanghai_form import REASON, check_header, counted_codes, read_row
from node.domain.sheets import Encoding, csv_rows, recognise, row_fault

MOST_ROWS = 1_000_000
_PIECE = 1 << 20
_Line = tuple[int, tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class ExchangeFile:
    """A file that was gone through once, and may be again.

    Attributes:
        template: whose codes it uses: those of the one that knows more of them.
        digest: SHA-256 of its bytes.
        rows: how many rows it has, the heading aside.
        choice: which of them count.
    """

    path: Path
    kind: Any
    encoding: Encoding
    template: Template
    digest: bytes
    rows: int
    choice: Choice
    today: str

    @classmethod
    def scan(
        cls, path: Path, kind: Any, *, today: str, encoding: Encoding | None = None
    ) -> ExchangeFile:
        """Go through a file and tell what it is.

        Args:
            kind: ``CourseGrade``, ``CourseConversion`` or ``CertificateConversion``.
            today: the present date, YYYY-MM-DD.
            encoding: what it is written in, where that is known.

        Raises:
            FileBreach: SHANGHAI_FORM when it is no table of this kind, or longer than
                ``MOST_ROWS``.
        """
        digest = hashlib.sha256()
        found = recognise(_pieces(path, digest), reason=REASON, encoding=encoding)
        template, rows = _template(path, found, kind)
        choice = Choice()
        scanned = cls(path, kind, found, template, digest.digest(), rows, choice, today)
        for line, cells in _good(path, found, kind):
            placed, _ = scanned.read(line, cells)
            if placed is not None:
                choice.see(placed)
        return scanned

    def read(self, line: int, cells: Sequence[str]) -> tuple[Any, list[FileFault]]:
        """Return one row, or its faults."""
        return read_row(self.kind, line, cells, template=self.template, today=self.today)

    def batches(self, size: int) -> Iterator[tuple[list[_Line], list[FileFault], int]]:
        """Yield the rows that count in batches.

        Returns:
            the rows, why others between them do not count, and how many rows that were together.
        """
        rows: list[_Line] = []
        faults: list[FileFault] = []
        seen = 0
        for line, cells, fault in _lines(self.path, self.encoding, self.kind):
            wrong = [fault] if fault else self._wrong(line, cells)
            faults += wrong
            if not wrong:
                rows.append((line, cells))
            seen += 1
            if seen == size:
                yield rows, faults, seen
                rows, faults, seen = [], [], 0
        if seen:
            yield rows, faults, seen

    def _wrong(self, line: int, cells: tuple[str, ...]) -> list[FileFault]:
        placed, faults = self.read(line, cells)
        if placed is None:
            return faults
        left_out = self.choice.fault(placed)
        return [left_out] if left_out else []


def _pieces(path: Path, digest: Any) -> Iterator[bytes]:
    with path.open("rb") as file:
        while piece := file.read(_PIECE):
            digest.update(piece)
            yield piece


def _lines(
    path: Path, encoding: Encoding, kind: Any
) -> Iterator[tuple[int, tuple[str, ...], FileFault | None]]:
    """Yield each row's line, its cells in the official order, and what is wrong with it as such."""
    with path.open(encoding=encoding, newline="") as file:
        rows = csv_rows(file, reason=REASON)
        first = next(rows, None)
        if first is None:
            raise FileBreach(REASON, (fault_from({}, "EMPTY_FILE"),))
        header = tuple(name.strip() for name in first[1])
        check_header(header, kind)
        order = [header.index(column.name) for column in COLUMNS[kind]]
        for line, cells in rows:
            fault = row_fault(line, header, cells)
            yield line, () if fault else tuple(cells[at] for at in order), fault


def _good(path: Path, encoding: Encoding, kind: Any) -> Iterator[_Line]:
    for line, cells, fault in _lines(path, encoding, kind):
        if fault is None:
            yield line, cells


def _template(path: Path, encoding: Encoding, kind: Any) -> tuple[Template, int]:
    names = [column.name for column in COLUMNS[kind]]
    counts: Counter[Template] = Counter()
    rows = 0
    for line, cells, fault in _lines(path, encoding, kind):
        rows += 1
        if rows > MOST_ROWS:
            raise FileBreach(REASON, (fault_from({}, "TOO_MANY_ROWS", line=line),))
        if fault is None:
            counts += counted_codes(kind, dict(zip(names, cells, strict=True)))
    return max(Template, key=lambda template: counts[template]), rows
