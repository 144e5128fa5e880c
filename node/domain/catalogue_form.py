"""The forms of a catalogue: its canonical bytes, whose digest names it, and people's tables.

The canonical form is JSON in UTF-8, keys sorted, no spaces, entries in the order of codes. A table
is CSV with headers in Chinese or English, in any order. A table with any fault is refused whole,
with every fault at its place: of two values for one code nobody but its author can choose.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import asdict
from typing import Any

from federation.base.amounts import show_credits
from federation.base.errors import Breach
from node.domain.catalogue import ENTRY_CHECKS, ENTRY_FIELDS, Catalogue, CatalogueEntry
from node.domain.catalogue_faults import CATALOGUE_FAULTS
from node.domain.file_faults import FIRST_LINE, FileBreach, FileFault, fault_from
from node.domain.outcomes import CERTIFICATE, DEGREE, INFORMAL, OUTCOME_KINDS, TRAINING
from node.domain.sheets import (
    Encoding,
    Sheet,
    SheetRow,
    read_credits,
    read_sheet,
    read_whole,
    write_sheet,
)

REASON = "CATALOGUE_FORM"
_HEADING = ("name", "version", "title")

# The first name of a column is the one that is written; all are read.
COLUMNS = {
    "code": ("代码", "课程代码", "成果代码", "编号", "code"),
    "title": ("名称", "课程名称", "成果名称", "title", "name"),
    "level": ("等级", "级别", "level"),
    "field": ("学科", "学科代码", "field"),
    "credits_hundredths": ("学分", "credits", "credit"),
    "hours": ("学时", "总学时", "hours"),
    "kind": ("成果类型", "类型", "kind"),
    "category": ("类别", "课程类别", "category"),
    "valid_from": ("生效日期", "valid_from"),
    "valid_until": ("失效日期", "valid_until"),
}
REQUIRED = ("code", "title", "credits_hundredths", "kind")
KINDS = {
    DEGREE: ("学历教育", "degree"),
    TRAINING: ("非学历培训", "培训", "training"),
    CERTIFICATE: ("职业证书", "证书", "certificate"),
    INFORMAL: ("无一定形式", "informal"),
}
_FIELD_OF_COLUMN = {name: field for field, names in COLUMNS.items() for name in names}
_KIND_OF_WORD = {word: kind for kind, words in KINDS.items() for word in (kind, *words)}
_CAUSES = {
    "code": "CODE",
    "title": "TITLE",
    "level": "LEVEL",
    "field": "FIELD_OF_STUDY",
    "credits_hundredths": "NOT_CREDITS",
    "hours": "NOT_A_NUMBER",
    "kind": "KIND",
    "category": "CODE",
    "valid_from": "NOT_A_DATE",
    "valid_until": "NOT_A_DATE",
}


def make_catalogue(
    *, name: str, version: str, title: str, entries: tuple[CatalogueEntry, ...]
) -> Catalogue:
    """Return the catalogue of these entries, put into order, with its digest.

    Raises:
        Breach: CATALOGUE_FORM when a value is out of its set or a code stands twice.
    """
    ordered = tuple(sorted(entries, key=lambda entry: entry.code))
    content = _spell({"name": name, "version": version, "title": title}, ordered)
    return Catalogue(name, version, title, ordered, hashlib.sha256(content).hexdigest())


def canonical_catalogue(catalogue: Catalogue) -> bytes:
    """Return the one spelling of a catalogue, whose SHA-256 is its digest."""
    return _spell({name: getattr(catalogue, name) for name in _HEADING}, catalogue.entries)


def parse_catalogue(document: bytes) -> Catalogue:
    """Return the catalogue that these canonical bytes are.

    Raises:
        Breach: CATALOGUE_FORM for anything else, other spellings of the same included.
    """
    try:
        content = json.loads(document)
        entries = tuple(_entry(written) for written in content["entries"])
        catalogue = make_catalogue(
            name=content["name"],
            version=content["version"],
            title=content["title"],
            entries=entries,
        )
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
        raise Breach(REASON, detail="not a catalogue's canonical bytes") from None
    if canonical_catalogue(catalogue) != document:
        raise Breach(REASON, detail="another spelling of a catalogue")
    return catalogue


def read_catalogue(
    document: bytes, *, name: str, version: str, title: str, encoding: Encoding | None = None
) -> Catalogue:
    """Return the catalogue in a table that a person or a system wrote.

    Raises:
        FileBreach: CATALOGUE_FORM with every fault; nothing of the table was taken.
        Breach: CATALOGUE_FORM when name, version or title are none.
    """
    sheet = read_sheet(document, reason=REASON, encoding=encoding)
    read, faults = read_entries(sheet, _headers(sheet))
    faults += _repetitions(read)
    if not sheet.rows and not faults:
        faults.append(fault_from(CATALOGUE_FAULTS, "NO_ROWS", line=FIRST_LINE))
    if faults:
        raise FileBreach(REASON, tuple(sorted(faults, key=lambda fault: fault.line)))
    entries = tuple(entry for _, entry in read)
    return make_catalogue(name=name, version=version, title=title, entries=entries)


def read_rows(
    document: bytes, *, encoding: Encoding | None = None
) -> tuple[list[tuple[int, CatalogueEntry]], list[FileFault]]:
    """Return every good row of a table as its line and entry, and the faults of all others.

    Unlike a catalogue it may have one code in several rows.

    Raises:
        FileBreach: CATALOGUE_FORM when it is no table of a catalogue.
    """
    sheet = read_sheet(document, reason=REASON, encoding=encoding)
    return read_entries(sheet, _headers(sheet))


def read_entries(
    sheet: Sheet, headers: Mapping[str, str], **given: Any
) -> tuple[list[tuple[int, CatalogueEntry]], list[FileFault]]:
    """Return every good row as its line and entry, and the faults of all others.

    Args:
        sheet: a table of any origin.
        headers: columns of the table with the field of an entry that each gives.
        given: values of fields that no column gives.
    """
    faults = list(sheet.rejects)
    read: list[tuple[int, CatalogueEntry]] = []
    for row in sheet.rows:
        values, found = _values(row, headers, given)
        faults += found
        if not found:
            read.append((row.line, CatalogueEntry(**values)))
    return read, faults


def write_catalogue(catalogue: Catalogue, encoding: Encoding = Encoding.UTF_8_MARKED) -> bytes:
    """Return a catalogue as a table that :func:`read_catalogue` reads back to the same entries."""
    header = [names[0] for names in COLUMNS.values()]
    rows = [[_cell(entry, field) for field in COLUMNS] for entry in catalogue.entries]
    return write_sheet(header, rows, encoding)


def _spell(heading: dict[str, str], entries: tuple[CatalogueEntry, ...]) -> bytes:
    content = heading | {"entries": [asdict(entry) for entry in entries]}
    return json.dumps(
        content, ensure_ascii=False, allow_nan=False, sort_keys=True, separators=(",", ":")
    ).encode()


def _entry(written: dict[str, Any]) -> CatalogueEntry:
    entry = CatalogueEntry(**written)
    for name in ENTRY_FIELDS:
        kind = int if name in ("level", "hours", "credits_hundredths") else str
        if type(written[name]) is not kind:
            raise TypeError(name)
    return entry


def _headers(sheet: Sheet) -> dict[str, str]:
    """Return each column of the file with the field that it gives."""
    headers: dict[str, str] = {}
    faults = []
    for column in sheet.header:
        field = _FIELD_OF_COLUMN.get(column)
        if field is None:
            faults.append(fault_from(CATALOGUE_FAULTS, "HEADER_UNKNOWN", column=column))
        elif field in headers.values():
            faults.append(fault_from(CATALOGUE_FAULTS, "HEADER_REPEATED", column=column))
        else:
            headers[column] = field
    for field in REQUIRED:
        if field not in headers.values():
            column = COLUMNS[field][0]
            faults.append(fault_from(CATALOGUE_FAULTS, "HEADER_MISSING", column=column))
    if faults:
        raise FileBreach(REASON, tuple(faults))
    return headers


def _values(
    row: SheetRow, headers: Mapping[str, str], given: dict[str, Any]
) -> tuple[dict[str, Any], list[FileFault]]:
    values: dict[str, Any] = dict.fromkeys(ENTRY_FIELDS, "") | {"level": 0, "hours": 0} | given
    faults = []
    for column, field in headers.items():
        cell = row.cells[column]
        cause = ""
        if not cell and field in REQUIRED:
            cause = "CELL_EMPTY"
        elif cell != cell.strip():
            cause = "SPACE_AROUND"
        elif cell:
            values[field] = _value(field, cell)
            is_good = values[field] is not None and ENTRY_CHECKS[field](values[field])
            cause = "" if is_good else _CAUSES[field]
        if cause:
            faults.append(fault_from(CATALOGUE_FAULTS, cause, line=row.line, column=column))
    if not faults and values["valid_until"] and values["valid_until"] < values["valid_from"]:
        faults.append(fault_from(CATALOGUE_FAULTS, "ENDS_BEFORE_START", line=row.line))
    return values, faults


def _value(field: str, cell: str) -> str | int | None:
    if field == "credits_hundredths":
        return read_credits(cell)
    if field in ("level", "hours"):
        return read_whole(cell)
    if field == "kind":
        return _KIND_OF_WORD.get(cell)
    return cell


def _repetitions(read: list[tuple[int, CatalogueEntry]]) -> Iterator[FileFault]:
    first: dict[str, tuple[int, CatalogueEntry]] = {}
    for line, entry in read:
        if entry.code not in first:
            first[entry.code] = line, entry
            continue
        line_before, before = first[entry.code]
        cause = "CODE_REPEATED" if before == entry else "CODE_IN_CONFLICT"
        differing = [name for name in ENTRY_FIELDS if getattr(before, name) != getattr(entry, name)]
        yield fault_from(
            CATALOGUE_FAULTS,
            cause,
            line=line,
            column=", ".join(COLUMNS[name][0] for name in differing) or COLUMNS["code"][0],
            see=(line_before,),
        )


def _cell(entry: CatalogueEntry, field: str) -> str:
    value = getattr(entry, field)
    if field == "credits_hundredths":
        return show_credits(value)
    if field == "kind":
        return KINDS[value][0]
    return "" if value == 0 else str(value)


assert set(KINDS) == set(OUTCOME_KINDS), "every kind of outcome has its words"
