"""Which rows of a long file count, told without holding the file.

The rules are those of ``shanghai_selection``. A file is gone through twice: first every good row is
seen, then each is asked for. In between only a short hash and a number are kept of each course or
conversion, so that a hundred thousand rows take some twenty mebibytes.
"""

from __future__ import annotations

import hashlib
from fractions import Fraction
from typing import Any

from node.domain.file_faults import FileFault, fault_from
from node.domain.shanghai import CourseConversion, CourseGrade
from node.domain.shanghai_faults import SHANGHAI_FAULTS
from node.domain.shanghai_form import Placed
from node.domain.shanghai_selection import course_key, pair_key, unfit, worth

_KEY_SIZE = 16
_LINES = 10**9
_MONTHS = 10**6


class Choice:
    """The rows of one file that count."""

    def __init__(self) -> None:
        self._chosen: dict[bytes, int] = {}

    def see(self, placed: Placed[Any]) -> None:
        """Let a row stand for its course or conversion if it is the best so far."""
        if _unfit(placed):
            return
        key, rank = _key(placed), _rank(placed)
        if rank > self._chosen.get(key, -1):
            self._chosen[key] = rank

    def fault(self, placed: Placed[Any]) -> FileFault | None:
        """Return why a row that was seen does not count, or None when it does."""
        cause = _unfit(placed)
        if cause:
            return fault_from(SHANGHAI_FAULTS, cause, line=placed.line)
        chosen, rank = self._chosen[_key(placed)], _rank(placed)
        if chosen == rank:
            return None
        if not isinstance(placed.row, CourseGrade):
            cause = "PAIR_REPEATED"
        else:
            is_lower = rank // (_MONTHS * _LINES) < chosen // (_MONTHS * _LINES)
            cause = "LOWER_SCORE" if is_lower else "OLDER_RECORD"
        return fault_from(SHANGHAI_FAULTS, cause, line=placed.line, see=(_line(placed, chosen),))


def _unfit(placed: Placed[Any]) -> str:
    has_to_be_passed = isinstance(placed.row, CourseGrade | CourseConversion)
    return unfit(placed.row.score) if has_to_be_passed else ""


def _key(placed: Placed[Any]) -> bytes:
    row = placed.row
    named = course_key(row) if isinstance(row, CourseGrade) else pair_key(row)
    return hashlib.blake2b(repr(named).encode(), digest_size=_KEY_SIZE).digest()


def _rank(placed: Placed[Any]) -> int:
    """Return a number that is higher for the better row; it ends in the line, or what it lacks."""
    if not isinstance(placed.row, CourseGrade):
        return _LINES - placed.line  # Of equal conversions the first counts.
    mark, month, line = worth(placed)
    return (int(mark * Fraction(100)) * _MONTHS + int(month)) * _LINES + line


def _line(placed: Placed[Any], rank: int) -> int:
    return rank % _LINES if isinstance(placed.row, CourseGrade) else _LINES - rank
