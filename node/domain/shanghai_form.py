"""Shanghai exchange files: from bytes to rows and back, rejects told row by row.

A good row is taken even where others are not: the office of a school corrects the rejects and
sends only those again. What is written is what would be read, and a row that would not be read
back to itself is rejected before it leaves.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Generic, TypeVar

from federation.base.amounts import show_credits
from federation.base.errors import Breach
from federation.base.names import is_clean_text
from node.domain.file_faults import FIRST_LINE, FileBreach, FileFault, fault_from
from node.domain.national_id import RESIDENT_ID, check_document
from node.domain.outcomes import MOST_HOURS, is_code
from node.domain.shanghai import (
    COLUMNS,
    Cell,
    CertificateConversion,
    Column,
    CourseConversion,
    CourseGrade,
    Row,
)
from node.domain.shanghai_codes import (
    Category,
    Completion,
    Season,
    Source,
    Stage,
    Template,
    code_for,
    listed,
)
from node.domain.shanghai_faults import SHANGHAI_FAULTS
from node.domain.sheets import (
    Encoding,
    Sheet,
    SheetRow,
    read_credits,
    read_sheet,
    read_whole,
    write_sheet,
)

REASON = "SHANGHAI_FORM"
LONGEST_TEXT = 400
_FORMULA = re.compile(r"[=+@-].", re.DOTALL)
_MONTH = re.compile(r"(?:19|20)[0-9]{2}(?:0[1-9]|1[0-2])")
_YEAR = re.compile(r"(?:19|20)[0-9]{2}")
_AS_NUMBER = re.compile(r"[0-9](?:\.[0-9]+)?[eE]\+?[0-9]+")
_LISTS: dict[Cell, type[StrEnum]] = {
    Cell.STAGE: Stage,
    Cell.CATEGORY: Category,
    Cell.COMPLETION: Completion,
    Cell.SEASON: Season,
    Cell.COURSE_SOURCE: Source,
    Cell.CERTIFICATE_SOURCE: Source,
}
_PLACED_SOURCES = {
    Cell.COURSE_SOURCE: Source.COURSE,
    Cell.CERTIFICATE_SOURCE: Source.CERTIFICATE,
}
_ABSENT: dict[Cell, Any] = dict.fromkeys(_LISTS)

R = TypeVar("R", CourseGrade, CourseConversion, CertificateConversion)


@dataclass(frozen=True, slots=True)
class Placed(Generic[R]):
    """A row with the line on which it stands, from 1."""

    line: int
    row: R


@dataclass(frozen=True, slots=True)
class ReadFile(Generic[R]):
    """A file as read.

    Attributes:
        rows: what was taken, in the order of lines.
        rejects: every fault of the rows that were not.
        template: whose codes the file uses.
        encoding: what it is written in.
    """

    rows: tuple[Placed[R], ...]
    rejects: tuple[FileFault, ...]
    template: Template
    encoding: Encoding


@dataclass(frozen=True, slots=True)
class WrittenFile:
    """A file as written.

    Attributes:
        document: its bytes.
        rejects: what is wrong with the rows left out; their lines count the rows given, from 1.
    """

    document: bytes
    rejects: tuple[FileFault, ...]


@dataclass(frozen=True, slots=True)
class _Reading:
    """What the meaning of a cell depends on beside the cell."""

    template: Template
    today: str


class _Unreadable(Exception):
    """A cell that means nothing; carries the cause."""


def read_file(
    document: bytes,
    kind: type[R],
    *,
    today: str,
    template: Template | None = None,
    encoding: Encoding | None = None,
) -> ReadFile[R]:
    """Return what an exchange file of a kind says; its columns may stand in any order.

    Args:
        document: the file.
        kind: ``CourseGrade``, ``CourseConversion`` or ``CertificateConversion``.
        today: the present date, YYYY-MM-DD; no learner is born after it.
        template: whose codes it uses; where it is not given, the one that knows more of them.
        encoding: what it is written in, where that is known.

    Raises:
        FileBreach: SHANGHAI_FORM when it is no table, or its columns are not those of the kind.
    """
    sheet = read_sheet(document, reason=REASON, encoding=encoding)
    check_header(sheet.header, kind)
    chosen = template or _template_of(sheet, kind)
    rows: list[Placed[R]] = []
    rejects = list(sheet.rejects)
    for row in sheet.rows:
        values, faults = _read_row(row, COLUMNS[kind], _Reading(chosen, today))
        rejects += faults
        if not faults:
            rows.append(Placed(row.line, kind(**values)))
    rejects.sort(key=lambda fault: fault.line)
    return ReadFile(tuple(rows), tuple(rejects), chosen, sheet.encoding)


def read_row(
    kind: type[R], line: int, cells: Sequence[str], *, template: Template, today: str
) -> tuple[Placed[R] | None, list[FileFault]]:
    """Return one row of a kind, or every fault of it.

    Args:
        line: where it stands in its file, from 1.
        cells: in the official order of the columns.
        template: whose codes it uses.
        today: the present date, YYYY-MM-DD.
    """
    columns = COLUMNS[kind]
    if len(cells) != len(columns):
        return None, [fault_from({}, "CELL_COUNT", line=line)]
    named = {column.name: cell for column, cell in zip(columns, cells, strict=True)}
    values, faults = _read_row(SheetRow(line, named), columns, _Reading(template, today))
    return (None, faults) if faults else (Placed(line, kind(**values)), [])


def respell_row(row: Row, cells: Sequence[str], template: Template) -> tuple[str, ...] | None:
    """Return the cells of a row with its codes in another template, all others as they were.

    Returns:
        None where that template has no code for what the row says.
    """
    columns = COLUMNS[type(row)]
    spelled, faults = _spell_row(row, columns, template, FIRST_LINE)
    if faults:
        return None
    return tuple(
        spelled[column.name] if column.cell in _LISTS else cell
        for column, cell in zip(columns, cells, strict=True)
    )


def counted_codes(kind: type[Row], cells: Mapping[str, str]) -> Counter[Template]:
    """Return how many coded cells of a row each template knows."""
    coded = [
        (column.name, _LISTS[column.cell]) for column in COLUMNS[kind] if column.cell in _LISTS
    ]
    return Counter(
        template
        for template in Template
        for name, of in coded
        if listed(template, of, cells[name]) is not None
    )


def check_header(header: Sequence[str], kind: type[Row]) -> None:
    """See that a file has the columns of a kind, each once, in any order.

    Raises:
        FileBreach: SHANGHAI_FORM naming every column that is unknown, missing or repeated.
    """
    names = [column.name for column in COLUMNS[kind]]
    unknown = [name for name in header if name not in names]
    faults = [fault_from({}, "HEADER_UNKNOWN", column=name) for name in unknown]
    for name in names:
        times = header.count(name)
        if times != 1:
            cause = "HEADER_REPEATED" if times else "HEADER_MISSING"
            faults.append(fault_from({}, cause, column=name))
    if faults:
        raise FileBreach(REASON, tuple(faults))


def write_file(
    rows: Iterable[R],
    kind: type[R],
    *,
    today: str,
    template: Template = Template.FIRST,
    encoding: Encoding = Encoding.GB_18030,
) -> WrittenFile:
    """Return rows as an exchange file, columns in the official order."""
    columns, reading = COLUMNS[kind], _Reading(template, today)
    written: list[list[str]] = []
    rejects: list[FileFault] = []
    for place, row in enumerate(rows, start=1):
        cells, unspellable = _spell_row(row, columns, template, place)
        # Reading decides what a file may say, so that it is never written otherwise.
        _, unreadable = _read_row(SheetRow(place, cells), columns, reading)
        rejects += unspellable or unreadable
        if not (unspellable or unreadable):
            written.append(list(cells.values()))
    header = [column.name for column in columns]
    return WrittenFile(write_sheet(header, written, encoding), tuple(rejects))


def kind_of(document: bytes, *, encoding: Encoding | None = None) -> type[Row] | None:
    """Return which of the three files this is, by its columns, or None when it is none of them.

    Raises:
        FileBreach: SHANGHAI_FORM when it is no table.
    """
    header = set(read_sheet(document, reason=REASON, encoding=encoding).header)
    for kind, columns in COLUMNS.items():
        if header == {column.name for column in columns}:
            return kind
    return None


def _template_of(sheet: Sheet, kind: type[Row]) -> Template:
    counts: Counter[Template] = Counter()
    for row in sheet.rows:
        counts += counted_codes(kind, row.cells)
    return max(Template, key=lambda template: counts[template])


def _read_row(
    row: SheetRow, columns: tuple[Column, ...], reading: _Reading
) -> tuple[dict[str, Any], list[FileFault]]:
    values: dict[str, Any] = {}
    faults = []
    for column in columns:
        try:
            values[column.field] = _read_cell(row.cells[column.name], column, reading)
        except _Unreadable as unreadable:
            cause = str(unreadable)
            faults.append(fault_from(SHANGHAI_FAULTS, cause, line=row.line, column=column.name))
    return values, faults


def _read_cell(cell: str, column: Column, reading: _Reading) -> Any:
    if cell != cell.strip():
        raise _Unreadable("SPACE_AROUND")
    if cell == "":
        if column.is_required:
            raise _Unreadable("CELL_EMPTY")
        return _ABSENT.get(column.cell, "")
    return _READERS[column.cell](cell, column.cell, reading)


def _read_text(cell: str, _: Cell, __: _Reading) -> str:
    if _FORMULA.match(cell):
        raise _Unreadable("FORMULA")
    if not is_clean_text(cell, longest=LONGEST_TEXT):
        raise _Unreadable("TEXT_TOO_LONG" if len(cell) > LONGEST_TEXT else "CONTROL_CHARACTER")
    return cell


def _read_identifier(cell: str, _: Cell, __: _Reading) -> str:
    if _FORMULA.match(cell):
        raise _Unreadable("FORMULA")
    if not is_code(cell) or " " in cell:
        raise _Unreadable("IDENTIFIER")
    return cell


def _read_citizen_id(cell: str, _: Cell, reading: _Reading) -> str:
    if _AS_NUMBER.fullmatch(cell):
        raise _Unreadable("CITIZEN_ID_AS_NUMBER")
    try:
        return check_document(RESIDENT_ID, cell, reading.today)
    except Breach:
        raise _Unreadable("CITIZEN_ID") from None


def _read_code(cell: str, kind: Cell, reading: _Reading) -> StrEnum:
    value = listed(reading.template, _LISTS[kind], cell)
    if value is None:
        is_of_other = any(listed(other, _LISTS[kind], cell) for other in Template)
        raise _Unreadable("CODE_OF_OTHER_TEMPLATE" if is_of_other else "CODE_UNKNOWN")
    if _PLACED_SOURCES.get(kind, value) is not value:
        raise _Unreadable("SOURCE_MISPLACED")
    return value


def _read_credits(cell: str, kind: Cell, _: _Reading) -> int:
    amount = read_credits(cell)
    if amount is None:
        raise _Unreadable("NOT_CREDITS")
    if kind is Cell.NO_CREDITS and amount:
        raise _Unreadable("NOT_ZERO")
    return amount


def _read_hours(cell: str, kind: Cell, _: _Reading) -> int:
    hours = read_whole(cell)
    if hours is None or hours > MOST_HOURS:
        raise _Unreadable("NOT_A_NUMBER")
    if kind is Cell.NO_HOURS and hours:
        raise _Unreadable("NOT_ZERO")
    return hours


def _read_month(cell: str, _: Cell, __: _Reading) -> str:
    if _MONTH.fullmatch(cell) is None:
        raise _Unreadable("NOT_A_MONTH")
    return cell


def _read_year(cell: str, _: Cell, __: _Reading) -> str:
    if _YEAR.fullmatch(cell) is None:
        raise _Unreadable("NOT_A_YEAR")
    return cell


_READERS: dict[Cell, Callable[[str, Cell, _Reading], Any]] = {
    Cell.TEXT: _read_text,
    Cell.IDENTIFIER: _read_identifier,
    Cell.CITIZEN_ID: _read_citizen_id,
    Cell.CREDITS: _read_credits,
    Cell.NO_CREDITS: _read_credits,
    Cell.HOURS: _read_hours,
    Cell.NO_HOURS: _read_hours,
    Cell.MONTH: _read_month,
    Cell.YEAR: _read_year,
    **dict.fromkeys(_LISTS, _read_code),
}


def _spell_row(
    row: Row, columns: tuple[Column, ...], template: Template, place: int
) -> tuple[dict[str, str], list[FileFault]]:
    cells: dict[str, str] = {}
    faults = []
    for column in columns:
        value = getattr(row, column.field)
        cells[column.name] = _spell(value, column.cell, template)
        if value is not None and column.cell in _LISTS and not cells[column.name]:
            cause = "NO_CODE_IN_TEMPLATE"
            faults.append(fault_from(SHANGHAI_FAULTS, cause, line=place, column=column.name))
    return cells, faults


def _spell(value: Any, cell: Cell, template: Template) -> str:
    if value is None:
        return ""
    if cell in _LISTS:
        return code_for(template, value) or ""
    if cell in (Cell.CREDITS, Cell.NO_CREDITS):
        return show_credits(value)
    return str(value).upper() if cell is Cell.CITIZEN_ID else str(value)
