"""OULAD records as deposits: real, anonymised results of The Open University, read row by row.

What the data set does not say is derived here and labelled so: credits per module, because
``studied_credits`` is a learner's whole load and not the module's, and the day of award, which is
the presentation's start plus its length.
"""

from __future__ import annotations

import csv
import gzip
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path

from federation.base.errors import Refusal
from node.domain.national_id import LOCAL
from node.domain.outcomes import DEGREE, PASS, OutcomeFacts
from node.edges.demo.itinerary import Deposit, Learner

# Credits of a module. OULAD gives none; these are derived, and said to be.
DERIVED_CREDITS = {"AAA": 60, "BBB": 60, "CCC": 30, "DDD": 60, "EEE": 30, "FFF": 60, "GGG": 30}
ISSUER = "The Open University"
COUNTED = ("Pass", "Distinction")
NOT_COUNTED = ("Fail", "Withdrawn")
COLUMNS = (
    *("code_module", "code_presentation", "id_student", "gender", "region"),
    *("highest_education", "imd_band", "age_band", "num_of_prev_attempts", "studied_credits"),
    *("disability", "final_result"),
)
_STARTS = {"B": (2, 1), "J": (10, 1)}
_PRESENTATION = re.compile(r"(20[0-9]{2})([BJ])")
_STUDENT = re.compile(r"[0-9]{1,12}")
_MISSING = ("", "?")


@dataclass(frozen=True, slots=True)
class Rejected:
    """A row that became no lot; the line counts the header as one."""

    line: int
    reference: str
    reason: str


@dataclass(frozen=True, slots=True)
class Records:
    """What the folder holds, by test province.

    Attributes:
        regions: name of the region by province, provinces in the order of names.
        rejected: rows that were not taken, and why.
        skipped: rows whose result earns nothing.
    """

    regions: dict[str, str]
    accounts: dict[str, dict[str, Learner]]
    deposits: dict[str, list[Deposit]]
    rejected: list[Rejected] = field(default_factory=list)
    skipped: int = 0


def read_records(folder: Path) -> Records:
    """Read the folder.

    Raises:
        Refusal: OULAD_MISSING when the folder or one of its files is not there, OULAD_FORM when
            a file is no such table.
    """
    lengths = dict(_lengths(folder))
    rows = list(_rows(folder / "studentInfo.csv.gz", COLUMNS))
    names = sorted({row[4] for _, row in rows if len(row) == len(COLUMNS)} - set(_MISSING))
    regions = {f"CN-T{at:02d}": name for at, name in enumerate(names, start=1)}
    return _Reader(regions, lengths).read(rows)


class _Reader:
    """Takes rows one after another and knows which keys it has seen."""

    def __init__(self, regions: dict[str, str], lengths: dict[tuple[str, str], int]) -> None:
        self._provinces = {name: code for code, name in regions.items()}
        self._lengths = lengths
        self._regions = regions
        self._seen: set[str] = set()

    def read(self, rows: list[tuple[int, list[str]]]) -> Records:
        """Return all records."""
        accounts: dict[str, dict[str, Learner]] = {code: {} for code in self._regions}
        deposits: dict[str, list[Deposit]] = {code: [] for code in self._regions}
        rejected = []
        skipped = 0
        for line, row in rows:
            reason = self._fault(row)
            if reason:
                reference = "/".join(row[:3])[:64]
                rejected.append(Rejected(line, reference, reason))
            elif row[11] not in COUNTED:
                skipped += 1
            else:
                province = self._provinces[row[4]]
                deposits[province].append(self._deposit(line, row))
                accounts[province][row[2]] = Learner(row[2], f"OULAD {row[2]}", LOCAL, row[2])
        return Records(self._regions, accounts, deposits, rejected, skipped)

    def _fault(self, row: list[str]) -> str:
        if len(row) != len(COLUMNS):
            return "COLUMNS"
        module, presentation, student, region, result = *row[:3], row[4], row[11]
        checks = (
            (result in COUNTED or result in NOT_COUNTED, "RESULT"),
            (_STUDENT.fullmatch(student) is not None, "LEARNER_ID"),
            (region in self._provinces, "REGION"),
            ((module, presentation) in self._lengths, "PRESENTATION"),
            (module in DERIVED_CREDITS, "MODULE"),
        )
        for holds, reason in checks:
            if not holds:
                return reason
        key = f"{module}/{presentation}/{student}"
        if key in self._seen:
            return "ROW_REPEATED"
        self._seen.add(key)
        return ""

    def _deposit(self, line: int, row: list[str]) -> Deposit:
        module, presentation, student, result = *row[:3], row[11]
        facts = OutcomeFacts(
            code=module,
            catalogue=presentation,
            title=f"Module {module}, presentation {presentation}",
            grade=result,
            scale=PASS,
            level=0,
            field="",
            hours=0,
            earned=award_day(presentation, self._lengths[module, presentation]).isoformat(),
            expires="",
            kind=DEGREE,
            issuer=ISSUER,
        )
        reference = f"{module}/{presentation}/{student}"
        return Deposit(line, reference, student, DERIVED_CREDITS[module] * 100, facts)


def award_day(presentation: str, length: int) -> date:
    """Return the day after which a result stands: start of February (B) or October (J) + length."""
    match = _PRESENTATION.fullmatch(presentation)
    if match is None:
        raise Refusal("OULAD_FORM", detail=f"presentation {presentation[:16]!a}")
    month, day = _STARTS[match[2]]
    return date(int(match[1]), month, day) + timedelta(days=length)


def _lengths(folder: Path) -> Iterator[tuple[tuple[str, str], int]]:
    columns = ("code_module", "code_presentation", "module_presentation_length")
    for line, row in _rows(folder / "courses.csv", columns):
        if len(row) != len(columns) or not row[2].isdigit():
            raise Refusal("OULAD_FORM", detail=f"courses.csv, line {line}")
        yield (row[0], row[1]), int(row[2])


def _rows(path: Path, columns: tuple[str, ...]) -> Iterator[tuple[int, list[str]]]:
    try:
        with (
            gzip.open(path, "rt", encoding="utf-8", newline="")
            if path.suffix == ".gz"
            else (path.open(encoding="utf-8", newline="")) as file
        ):
            reader = csv.reader(file)
            if tuple(next(reader, ())) != columns:
                raise Refusal("OULAD_FORM", detail=f"{path.name}, line 1: other columns")
            for row in reader:
                yield reader.line_num, [value.strip() for value in row]
    except (FileNotFoundError, NotADirectoryError):
        raise Refusal("OULAD_MISSING", detail=str(path)) from None
    except (OSError, EOFError, UnicodeDecodeError, csv.Error):
        raise Refusal("OULAD_FORM", detail=path.name) from None
