"""Holiday tables as data: which days are off, and which weekend days are worked instead (调休).

``holidays.tsv`` beside this module holds the mainland's, after the yearly notices of the State
Council. A member with another calendar, as Hong Kong and Macao have, brings a file of the same
form. A year that no table has counts Monday to Friday, and :attr:`HolidayTable.years` tells so.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from importlib.resources import files

from federation.base.errors import Breach
from federation.base.working_days import Calendar

_COLUMNS = 5
_LONGEST_HOLIDAY = timedelta(days=31)


@dataclass(frozen=True, slots=True)
class HolidayTable:
    """A calendar and the years that it was made for."""

    calendar: Calendar
    years: frozenset[int]


@cache
def mainland() -> HolidayTable:
    """Return the table that comes with the system."""
    return read_holidays(files("federation.base").joinpath("holidays.tsv").read_text("utf-8"))


def read_holidays(text: str) -> HolidayTable:
    """Return the table that a text spells.

    A line has, between tabs, the year, the holiday's name, first and last day off as MM-DD, and
    the days worked instead, between commas. Lines that begin with ``#`` are skipped.

    Raises:
        Breach: CONFIG naming the first line that is none.
    """
    off: set[date] = set()
    worked: set[date] = set()
    years: set[int] = set()
    for number, line in enumerate(text.splitlines(), 1):
        if not line or line.startswith("#"):
            continue
        try:
            year, first, last, instead = _read_line(line)
        except ValueError:
            raise Breach("CONFIG", detail=f"line {number} is no holiday") from None
        years.add(year)
        off |= {first + timedelta(days=day) for day in range((last - first).days + 1)}
        worked |= instead
    if off & worked:
        raise Breach("CONFIG", detail=f"off and worked: {min(off & worked)}")
    return HolidayTable(Calendar(frozenset(off), frozenset(worked)), frozenset(years))


def _read_line(line: str) -> tuple[int, date, date, set[date]]:
    cells = line.split("\t")
    if len(cells) != _COLUMNS:
        raise ValueError("columns")
    year, _, first, last, instead = cells
    begins, ends = (date.fromisoformat(f"{year}-{day}") for day in (first, last))
    if not timedelta(0) <= ends - begins <= _LONGEST_HOLIDAY:
        raise ValueError("order")
    worked = {date.fromisoformat(f"{year}-{day}") for day in instead.split(",") if day}
    return int(year), begins, ends, worked
