"""Which rows count: the rules by which schools choose what they send to the Shanghai bank.

Only what was passed; of several records of one course the highest score, and of equal scores the
newest; nothing that is itself an exemption, so that recognition is never chained; and each
conversion of one outcome into one course once.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction
from typing import Generic, TypeVar

from node.domain.file_faults import FileFault, fault_from
from node.domain.outcomes import FIVE, OTHER, PASS, PERCENT, UNGRADED, mark_of
from node.domain.shanghai import CertificateConversion, CourseConversion, CourseGrade
from node.domain.shanghai_faults import SHANGHAI_FAULTS
from node.domain.shanghai_form import Placed, R

PASS_MARK = 60
EXEMPTIONS = ("免修", "免考", "免试", "免听")
_FIVE = ("优秀", "良好", "中等", "及格", "不及格")
_TWO = ("合格", "不合格")
_SPOKEN = {"通过": Fraction(60), "不通过": Fraction(0), "未通过": Fraction(0)}
C = TypeVar("C", CourseConversion, CertificateConversion)
_Lined = TypeVar("_Lined", Placed[CourseGrade], FileFault)
_DECIMAL = re.compile(r"(100|[0-9]{1,2})(?:\.([0-9]{1,2}))?")


@dataclass(frozen=True, slots=True)
class Selected(Generic[R]):
    """Rows that count, and why each of the others does not.

    Attributes:
        kept: in the order of lines.
        left_out: in the order of lines; ``see`` names the line that counts instead.
    """

    kept: tuple[Placed[R], ...]
    left_out: tuple[FileFault, ...]


def grade_of(score: str) -> tuple[str, str]:
    """Return a school's score as grade and scale of an outcome.

    A mark out of a hundred loses idle noughts; what is on no scale we compare by stays as it is.
    """
    mark = _DECIMAL.fullmatch(score)
    if mark and Fraction(score) <= 100:
        part = (mark[2] or "").rstrip("0")
        return f"{int(mark[1])}.{part}" if part else str(int(mark[1])), PERCENT
    if score in _FIVE:
        return score, FIVE
    if score in _TWO:
        return score, PASS
    return score, OTHER if score else UNGRADED


def mark_for(score: str) -> Fraction | None:
    """Return a school's score as a mark out of a hundred, or None when it has none."""
    grade, scale = grade_of(score)
    return _SPOKEN[score] if score in _SPOKEN else mark_of(scale, grade)


def select_grades(rows: Iterable[Placed[CourseGrade]]) -> Selected[CourseGrade]:
    """Return the course grades that count, one a person and course."""
    fit: list[Placed[CourseGrade]] = []
    left_out: list[FileFault] = []
    for placed in rows:
        cause = unfit(placed.row.score)
        if cause:
            left_out.append(_fault(cause, placed))
        else:
            fit.append(placed)
    best: dict[tuple[object, ...], Placed[CourseGrade]] = {}
    for placed in fit:
        before = best.get(course_key(placed.row))
        if before is None or worth(placed) > worth(before):
            best[course_key(placed.row)] = placed
    for placed in fit:
        chosen = best[course_key(placed.row)]
        if placed is not chosen:
            is_lower = worth(placed)[0] < worth(chosen)[0]
            cause = "LOWER_SCORE" if is_lower else "OLDER_RECORD"
            left_out.append(_fault(cause, placed, see=(chosen.line,)))
    return Selected(_in_order(best.values()), _in_order(left_out))


def select_conversions(rows: Iterable[Placed[C]]) -> Selected[C]:
    """Return the conversions that count, one an outcome and target course.

    A course must have been passed; a certificate is an outcome by itself, whatever its score.
    """
    first: dict[tuple[object, ...], int] = {}
    kept: list[Placed[C]] = []
    left_out: list[FileFault] = []
    for placed in rows:
        cause, pair = _unfit_conversion(placed.row), pair_key(placed.row)
        if cause:
            left_out.append(_fault(cause, placed))
        elif pair in first:
            left_out.append(_fault("PAIR_REPEATED", placed, see=(first[pair],)))
        else:
            first[pair] = placed.line
            kept.append(placed)
    return Selected(tuple(kept), tuple(left_out))


def outcome_key(row: CourseConversion | CertificateConversion) -> tuple[object, ...]:
    """Return what makes two rows speak of one outcome of one person."""
    if isinstance(row, CertificateConversion):
        named: tuple[object, ...] = (row.certificate, row.certificate_level)
    else:
        named = (row.course, row.stage)
    return (row.citizen_id, row.source, row.institution, *named, row.acquired)


def _unfit_conversion(row: CourseConversion | CertificateConversion) -> str:
    return unfit(row.score) if isinstance(row, CourseConversion) else ""


def pair_key(row: CourseConversion | CertificateConversion) -> tuple[object, ...]:
    """Return what makes two rows one conversion: the outcome and the course it stands for."""
    return (*outcome_key(row), row.target_stage, row.target_code)


def course_key(row: CourseGrade) -> tuple[object, ...]:
    """Return what makes two rows speak of one course of one person."""
    return (row.citizen_id, row.course, row.stage)


def unfit(score: str) -> str:
    """Return why a score counts for nothing, or nothing."""
    if any(word in score for word in EXEMPTIONS):
        return "IS_EXEMPTION"
    mark = mark_for(score)
    if mark is None:
        return "GRADE_UNKNOWN"
    return "" if mark >= PASS_MARK else "NOT_PASSED"


def worth(placed: Placed[CourseGrade]) -> tuple[Fraction, str, int]:
    """Return by what the better of two records of one course is told: mark, month, line."""
    return mark_for(placed.row.score) or Fraction(0), placed.row.acquired, placed.line


def _fault(cause: str, placed: Placed[R], *, see: tuple[int, ...] = ()) -> FileFault:
    return fault_from(SHANGHAI_FAULTS, cause, line=placed.line, see=see)


def _in_order(some: Iterable[_Lined]) -> tuple[_Lined, ...]:
    return tuple(sorted(some, key=lambda one: one.line))
