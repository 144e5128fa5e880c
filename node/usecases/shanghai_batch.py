"""A batch of rows of a Shanghai file: read, selected, and marked by what each says."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from federation.base.errors import Breach
from node.domain.file_faults import FileFault
from node.domain.shanghai import CourseGrade
from node.domain.shanghai_codes import Template
from node.domain.shanghai_form import Placed, read_row
from node.domain.shanghai_kept import KINDS, GivenRow, content_of, subject_of
from node.domain.shanghai_selection import select_conversions, select_grades
from node.usecases.office import Office, beijing_day

MOST_ROWS = 1000
_FILE_SIZE = 32
_CONTEXT = b"shanghai row"


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch:
    """Rows of one file.

    Attributes:
        kind: one of ``KINDS``.
        institution: whose register it is; empty for the institution of who hands it in.
        catalogue: ``name@version`` of the catalogue in which outcomes are looked up; empty for
            the newest, where the province has published one only.
        framework: ``name@version`` of the framework that levels the stages; empty alike.
        template: whose codes the rows use.
        file: SHA-256 of the file.
        is_rehearsal: whether everything is undone in the end.
    """

    kind: str
    institution: str
    catalogue: str
    framework: str
    template: Template
    file: bytes
    rows: Sequence[GivenRow]
    is_rehearsal: bool = False


@dataclass(frozen=True, slots=True)
class MarkedRow:
    """A row that counts, with its cells as given and its keyed hashes."""

    placed: Placed[Any]
    cells: tuple[str, ...]
    mark: bytes
    subject: bytes


@dataclass(frozen=True, slots=True)
class ReadBatch:
    """A batch as read.

    Attributes:
        rows: those that count.
        rejects: what is wrong with the others.
        file: keyed hash of the file.
    """

    rows: tuple[MarkedRow, ...]
    rejects: tuple[FileFault, ...]
    file: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class TakenIn:
    """What became of a batch.

    Attributes:
        handed_in: rows that were kept now and wait for the bank.
        taken_in: rows that the bank took in now.
        unchanged: rows that were there already, at the step that the caller takes.
        outcomes: outcomes that were submitted and reviewed, or deposited, now.
        opened: accounts opened.
        rejects: rows of which nothing was kept, by line.
    """

    handed_in: int = 0
    taken_in: int = 0
    unchanged: int = 0
    outcomes: int = 0
    opened: int = 0
    rejects: tuple[FileFault, ...] = ()


def check_batch(batch: Batch) -> None:
    """See that a batch can be read at all.

    Raises:
        Breach: FIELDS.
    """
    if batch.kind not in KINDS:
        raise Breach("FIELDS", detail=f"kind: {', '.join(KINDS)}")
    if len(batch.file) != _FILE_SIZE:
        raise Breach("FIELDS", detail="file")
    if len(batch.rows) > MOST_ROWS:
        raise Breach("FIELDS", detail=f"at most {MOST_ROWS} rows")


def read_batch(office: Office, batch: Batch, institution: str) -> ReadBatch:
    """Return the rows of a batch that count, and what is wrong with the others."""
    today = beijing_day(office.clock.now_us())
    kind: Any = KINDS[batch.kind]
    placed: list[Placed[Any]] = []
    rejects: list[FileFault] = []
    for given in batch.rows:
        row, faults = read_row(kind, given.line, given.cells, template=batch.template, today=today)
        rejects += faults
        if row is not None:
            placed.append(row)
    select: Any = select_grades if kind is CourseGrade else select_conversions
    selected = select(placed)
    cells = {given.line: given.cells for given in batch.rows}
    rows = tuple(
        MarkedRow(
            one,
            cells[one.line],
            _keyed(office, f"shanghai {batch.kind}", content_of(institution, one.row)),
            _keyed(office, "shanghai subject", subject_of(institution, one.row)),
        )
        for one in selected.kept
    )
    file = _keyed(office, "shanghai file", batch.file.hex())
    return ReadBatch(rows, (*rejects, *selected.left_out), file)


def row_context(mark: bytes) -> bytes:
    """Return what the sealed cells of a row are bound to."""
    return _CONTEXT + mark


def _keyed(office: Office, use: str, content: str) -> bytes:
    # Not a plain hash: what a row says could be guessed, citizen's number and all.
    return office.vault.blind_index(use, content)
