"""What is known of one accredited learning outcome, as texts that have one spelling each.

The texts of :meth:`OutcomeFacts.as_fields` are what salted commitments are made of, so that each
can be shown or withheld alone. Two spellings of one fact would be two commitments; whatever is
not in its only spelling is therefore refused, never repaired.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import date
from fractions import Fraction

from federation.base.errors import Breach
from federation.base.names import is_clean_identifier, is_clean_text

DEGREE = "DEGREE"
TRAINING = "TRAINING"
CERTIFICATE = "CERTIFICATE"
INFORMAL = "INFORMAL"
OUTCOME_KINDS = (DEGREE, TRAINING, CERTIFICATE, INFORMAL)
# What an outcome is within its kind; :mod:`node.domain.outcome_forms` says what each needs.
FORMS_OF_KIND = {
    DEGREE: ("DEGREE_COURSE", "DEGREE_AWARD"),
    TRAINING: ("NON_DEGREE_TRAINING",),
    CERTIFICATE: ("VOCATIONAL_CERTIFICATE", "ONE_PLUS_X"),
    INFORMAL: ("WORK_EXPERIENCE", "COMPETITION", "VOLUNTEERING", "ONLINE_COURSE"),
}

PERCENT = "percent"
FIVE = "five"
PASS = "pass"
OTHER = "other"
UNGRADED = "none"
SCALES = (PERCENT, FIVE, PASS, OTHER, UNGRADED)

HIGHEST_LEVEL = 10
MOST_HOURS = 100_000
EARLIEST_YEAR = 1900
_NAMED_GRADES = {
    FIVE: {"优秀": 95, "良好": 85, "中等": 75, "及格": 65, "不及格": 0},
    PASS: {"合格": 60, "不合格": 0, "Pass": 60, "Distinction": 80, "Fail": 0},
}
_PERCENT = re.compile(r"100|(?:0|[1-9][0-9]?)(?:\.[0-9]?[1-9])?")
_NUMBER = re.compile(r"0|[1-9][0-9]{0,5}")
_ISO_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


@dataclass(frozen=True, slots=True)
class OutcomeFacts:
    """An outcome as its catalogue and its record have it, valid from birth.

    Attributes:
        code: the outcome's code in the catalogue of its province.
        catalogue: version of that catalogue.
        title: name of the outcome as people read it.
        grade: text in the spelling of ``scale``.
        scale: ``percent`` (decimal text of 0 to 100, at most two places, no idle noughts),
            ``five`` (优秀 to 不及格), ``pass`` (合格, Pass, Distinction and their contraries),
            ``other`` (any clean text; cannot be compared), ``none`` (the grade is empty).
        level: 1 to 10 of the framework, 0 when unknown.
        field: code of the field of study after GB/T 13745, or empty.
        hours: hours of learning, 0 when unknown.
        earned: YYYY-MM-DD, from 1900 on.
        expires: YYYY-MM-DD, the last day on which it holds, or empty.
        kind: one of ``OUTCOME_KINDS``.
        issuer: name of the institution.
        form: what it is within its kind, one of ``FORMS_OF_KIND``; empty where nobody said, and
            then it has no text.

    Raises:
        Breach: BAD_TEXT, GRADE, DATE, or FIELDS for a value outside its set or range.
    """

    code: str
    catalogue: str
    title: str
    grade: str
    scale: str
    level: int
    field: str
    hours: int
    earned: str
    expires: str
    kind: str
    issuer: str
    form: str = ""

    def __post_init__(self) -> None:
        _check_texts(self)
        _check_sets(self)
        _check_grade(self.scale, self.grade)
        _check_dates(self.earned, self.expires)

    def as_fields(self) -> dict[str, str]:
        """Return every fact as text under its name, in the order of declaration."""
        known = {name: str(getattr(self, name)) for name in FIELD_NAMES}
        return known | {FORM: self.form} if self.form else known

    @classmethod
    def from_fields(cls, texts: Mapping[str, str]) -> OutcomeFacts:
        """Return the facts that these texts spell, and no other texts do.

        Raises:
            Breach: FIELDS when a name is missing or unknown or a number has another spelling;
                else as at birth.
        """
        form = texts.get(FORM)
        if set(texts) - {FORM} != set(FIELD_NAMES) or form == "":
            odd = sorted(set(texts) ^ set(FIELD_NAMES))
            raise Breach("FIELDS", detail=f"missing or unknown: {odd[:5]!a}")
        numbers = {name: _number(name, texts[name]) for name in ("level", "hours")}
        words = {name: texts[name] for name in FIELD_NAMES if name not in numbers}
        return cls(**words, **numbers, form=form or "")  # type: ignore[arg-type]


FORM = "form"
FIELD_NAMES = tuple(field.name for field in fields(OutcomeFacts) if field.name != FORM)


def percent(facts: OutcomeFacts) -> Fraction | None:
    """Return the grade as a mark out of a hundred for comparison, or None when it has none.

    Named grades stand for the middle of their band; a pass is 60 and a distinction 80.
    """
    return mark_of(facts.scale, facts.grade)


def mark_of(scale: str, grade: str) -> Fraction | None:
    """Return the mark out of a hundred that a grade in its scale's spelling has, or None."""
    if scale == PERCENT:
        return Fraction(grade)
    mark = _NAMED_GRADES.get(scale, {}).get(grade)
    return None if mark is None else Fraction(mark)


def check_date(text: str) -> str:
    """Return a date written YYYY-MM-DD when the calendar has it, from 1900 on.

    Dates in this spelling compare as texts as they do in time.

    Raises:
        Breach: DATE when it has not.
    """
    if _ISO_DATE.fullmatch(text) is None:
        raise Breach("DATE", detail="expected YYYY-MM-DD")
    try:
        day = date.fromisoformat(text)
    except ValueError:
        raise Breach("DATE", detail=f"no such day: {text}") from None
    if day.year < EARLIEST_YEAR:
        raise Breach("DATE", detail=f"before {EARLIEST_YEAR}: {text}")
    return text


def is_code(text: str, *, longest: int = 64) -> bool:
    """Tell whether a text can be a code: a clean identifier without spaces around it."""
    return is_clean_identifier(text, longest=longest) and text == text.strip()


def _check_texts(facts: OutcomeFacts) -> None:
    codes = {"code": facts.code, "catalogue": facts.catalogue}
    if facts.field:
        codes["field"] = facts.field
    for name, text in codes.items():
        if not is_code(text):
            raise Breach("BAD_TEXT", detail=name)
    for name, text in (("title", facts.title), ("issuer", facts.issuer)):
        if not is_clean_text(text):
            raise Breach("BAD_TEXT", detail=name)


def _check_sets(facts: OutcomeFacts) -> None:
    if facts.kind not in OUTCOME_KINDS:
        raise Breach("FIELDS", detail="kind")
    if facts.form and facts.form not in FORMS_OF_KIND[facts.kind]:
        raise Breach("FIELDS", detail="form")
    if facts.scale not in SCALES:
        raise Breach("FIELDS", detail="scale")
    if not 0 <= facts.level <= HIGHEST_LEVEL:
        raise Breach("FIELDS", detail="level")
    if not 0 <= facts.hours <= MOST_HOURS:
        raise Breach("FIELDS", detail="hours")


def _check_grade(scale: str, grade: str) -> None:
    if scale == PERCENT:
        holds = _PERCENT.fullmatch(grade) is not None
    elif scale == OTHER:
        holds = is_clean_text(grade, longest=32) and grade == grade.strip()
    elif scale == UNGRADED:
        holds = grade == ""
    else:
        holds = grade in _NAMED_GRADES[scale]
    if not holds:
        raise Breach("GRADE", detail=f"not a grade of scale {scale}")


def _check_dates(earned: str, expires: str) -> None:
    check_date(earned)
    if expires and check_date(expires) < earned:
        raise Breach("DATE", detail="expires before it was earned")


def _number(name: str, text: str) -> int:
    if _NUMBER.fullmatch(text) is None:
        raise Breach("FIELDS", detail=f"{name} is not a plain number")
    return int(text)
