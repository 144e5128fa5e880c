"""The list of experts as a table that people hand in: every fault of it told at its line.

A table with any fault is refused whole. It has a header in any order; several fields or interests
stand between semicolons.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from federation.base.names import is_clean_text
from node.domain.catalogue import is_day_or_open
from node.domain.expert_faults import EXPERT_FAULTS
from node.domain.experts import Expert, folded
from node.domain.file_faults import FileBreach, FileFault, fault_from
from node.domain.outcomes import is_code
from node.domain.sheets import Encoding, Sheet, SheetRow, read_sheet

REASON = "EXPERTS_FORM"
REQUIRED = ("expert", "account", "institution", "fields", "active_from")
OPTIONAL = ("person", "industry", "interests", "active_until")
_COLUMNS = (*REQUIRED, *OPTIONAL)
_YES, _NO = ("1", "是", "yes", "true"), ("", "0", "否", "no", "false")


@dataclass(frozen=True, slots=True)
class ListedExpert:
    """An expert with the account by which they sign in."""

    line: int
    account: str
    expert: Expert


def read_experts(document: bytes, *, encoding: Encoding | None = None) -> tuple[ListedExpert, ...]:
    """Return the experts in a table, in its order.

    Raises:
        FileBreach: EXPERTS_FORM with every fault; nothing of the table was taken.
    """
    sheet = read_sheet(document, reason=REASON, encoding=encoding)
    _check_header(sheet)
    faults = [*sheet.rejects]
    listed: list[ListedExpert] = []
    for row in sheet.rows:
        cells = {name: row.cells.get(name, "").strip() for name in _COLUMNS}
        found = list(_row_faults(row, cells))
        faults += found
        if not found:
            listed.append(_listed(row.line, cells))
    faults += _repeated(listed)
    if not sheet.rows and not faults:
        faults.append(fault_from(EXPERT_FAULTS, "NO_ROWS"))
    if faults:
        raise FileBreach(REASON, tuple(sorted(faults, key=lambda fault: fault.line)))
    return tuple(listed)


def _check_header(sheet: Sheet) -> None:
    named = [name for name in sheet.header if name in _COLUMNS]
    faults = [
        fault_from(EXPERT_FAULTS, "HEADER_UNKNOWN", column=name)
        for name in sheet.header
        if name not in _COLUMNS
    ]
    faults += [
        fault_from(EXPERT_FAULTS, "HEADER_REPEATED", column=name)
        for name in sorted({name for name in named if named.count(name) > 1})
    ]
    faults += [
        fault_from(EXPERT_FAULTS, "HEADER_MISSING", column=name)
        for name in REQUIRED
        if name not in named
    ]
    if faults:
        raise FileBreach(REASON, tuple(faults))


def _row_faults(row: SheetRow, cells: dict[str, str]) -> Iterator[FileFault]:
    checks = {
        "expert": (is_code(cells["expert"]), "EXPERT_NAME"),
        "account": (is_code(cells["account"]), "ACCOUNT_NAME"),
        "person": (cells["person"] == "" or is_code(cells["person"]), "EXPERT_NAME"),
        "institution": (_is_institution(cells["institution"]), "INSTITUTION"),
        "fields": (_are_codes(cells["fields"]), "FIELDS_OF_STUDY"),
        "industry": (cells["industry"].lower() in (*_YES, *_NO), "TRUTH_WORD"),
        "interests": (all(map(is_clean_text, several(cells["interests"]))), "CONTROL_CHARACTER"),
        "active_from": (_is_day(cells["active_from"]), "NOT_A_DATE"),
        "active_until": (is_day_or_open(cells["active_until"]), "NOT_A_DATE"),
    }
    is_sound = True
    for column, (holds, cause) in checks.items():
        if not holds:
            is_sound = False
            is_empty = column in REQUIRED and not cells[column]
            cause = "CELL_EMPTY" if is_empty else cause
            yield fault_from(EXPERT_FAULTS, cause, line=row.line, column=column)
    if is_sound and cells["active_until"] and cells["active_until"] < cells["active_from"]:
        yield fault_from(EXPERT_FAULTS, "ENDS_BEFORE_START", line=row.line, column="active_until")


def _repeated(listed: list[ListedExpert]) -> Iterator[FileFault]:
    """Find names, accounts and persons that stand twice."""
    columns = {
        "expert": [one.expert.expert for one in listed],
        "account": [one.account for one in listed],
        "person": [one.expert.person for one in listed],
    }
    for column, values in columns.items():
        first: dict[str, int] = {}
        for one, value in zip(listed, values, strict=True):
            before = first.setdefault(value, one.line)
            if before != one.line:
                yield fault_from(
                    EXPERT_FAULTS, "EXPERT_REPEATED", line=one.line, column=column, see=(before,)
                )


def _listed(line: int, cells: dict[str, str]) -> ListedExpert:
    return ListedExpert(
        line,
        cells["account"],
        Expert(
            expert=cells["expert"],
            person=cells["person"] or cells["account"],
            institution=cells["institution"],
            fields=tuple(several(cells["fields"])),
            is_industry=cells["industry"].lower() in _YES,
            interests=frozenset(several(cells["interests"])),
            active_from=cells["active_from"],
            active_until=cells["active_until"],
        ),
    )


def several(text: str) -> list[str]:
    """Return what stands between semicolons, those of Chinese included."""
    return [one.strip() for one in text.replace("；", ";").split(";") if one.strip()]


def _is_institution(text: str) -> bool:
    return is_clean_text(text) and bool(folded(text))


def _are_codes(text: str) -> bool:
    codes = several(text)
    return bool(codes) and all(map(is_code, codes))


def _is_day(text: str) -> bool:
    return text != "" and is_day_or_open(text)
