"""Between rows of the Shanghai files and what a node keeps: outcomes' facts and conversions.

A row of the deposit file has no course code, and an outcome needs one: it is looked up in a
catalogue by name and size, and where that is not certain the row is rejected, never guessed. What
a row says beyond the facts (major, year and season of graduation) is kept beside them, so that the
row can be written again.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, fields, replace
from typing import Any, Generic

from federation.base.errors import Breach, Refusal
from node.domain.catalogue import Catalogue, CatalogueEntry
from node.domain.file_faults import FileFault, fault_from
from node.domain.outcomes import OutcomeFacts
from node.domain.shanghai import CertificateConversion, CourseConversion, CourseGrade
from node.domain.shanghai_codes import Category, Completion, Season, Source, Stage
from node.domain.shanghai_faults import SHANGHAI_FAULTS
from node.domain.shanghai_form import Placed, R
from node.domain.shanghai_selection import C, grade_of


@dataclass(frozen=True, slots=True)
class Outcome(Generic[R]):
    """What a row says of an outcome, as a node keeps it.

    Attributes:
        facts: of the outcome; earned on the first day of the month that the row names.
        amount_hundredths: its size.
        row: the row itself, with all that the facts do not say.
    """

    facts: OutcomeFacts
    amount_hundredths: int
    row: R


@dataclass(frozen=True, slots=True)
class Mapped(Generic[R]):
    """Rows as outcomes, and why each of the others is none."""

    outcomes: tuple[Outcome[R], ...]
    rejects: tuple[FileFault, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Study:
    """What a row says of a course beyond its facts; fields as in the rows."""

    major: str = ""
    stage: Stage | None = None
    category: Category | None = None
    graduating_year: str = ""
    completion: Completion | None = None
    season: Season | None = None
    remark: str = field(default="", repr=False)
    student_number: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Certificate:
    """What a row says of a certificate beyond its facts; fields as in the rows."""

    certificate: str
    certificate_type: str = ""
    certificate_level: str = ""
    stage: Stage | None = None
    category: Category | None = None


@dataclass(frozen=True, slots=True)
class Target:
    """A course of the converting school that an outcome stands for.

    Attributes:
        credits_hundredths: its size.
        converted: month, yyyyMM.
    """

    stage: Stage
    code: str
    course: str
    credits_hundredths: int
    converted: str
    major: str


@dataclass(frozen=True, slots=True)
class Conversion(Generic[C]):
    """One outcome and every course that it was converted into.

    Attributes:
        outcome: the first of its rows; what it says of a target is the first target.
        targets: the courses, in the order of the rows.
    """

    outcome: C
    targets: tuple[Target, ...]


def outcomes_from(
    rows: Iterable[Placed[R]],
    *,
    catalogue: Catalogue,
    levels: Mapping[str, int],
    issuer: str = "",
) -> Mapped[R]:
    """Return rows as outcomes of a catalogue.

    Args:
        rows: what a file says, of one kind.
        catalogue: of the institution that issued the outcomes.
        levels: the level that each stage of education stands for, by its name; used where the
            catalogue itself gives none.
        issuer: the institution, where the rows do not name it.
    """
    by_title: dict[str, list[CatalogueEntry]] = {}
    for entry in catalogue.entries:
        by_title.setdefault(entry.title, []).append(entry)
    outcomes: list[Outcome[R]] = []
    rejects = []
    for placed in rows:
        try:
            entry = _entry_for(placed.row, by_title)
            level = entry.level or _level(placed.row, levels)
            facts = _facts(placed.row, entry, catalogue.version, level, issuer)
        except _Unmapped as unmapped:
            rejects.append(fault_from(SHANGHAI_FAULTS, str(unmapped), line=placed.line))
            continue
        # A certificate has no credits of its own in these files; the catalogue says its size.
        amount = placed.row.credits_hundredths or entry.credits_hundredths
        outcomes.append(Outcome(facts, amount, placed.row))
    return Mapped(tuple(outcomes), tuple(rejects))


def study_of(row: CourseGrade | CourseConversion) -> Study:
    """Return what a row says beyond its outcome's facts."""
    return Study(**{name: getattr(row, name) for name in _STUDY})


def grade_row(
    facts: OutcomeFacts,
    amount_hundredths: int,
    *,
    person_name: str,
    citizen_id: str,
    study: Study,
) -> CourseGrade:
    """Return an outcome as a row of the deposit file.

    Raises:
        Refusal: SHANGHAI_STUDY when stage or category are unknown, which that file requires.
    """
    said = {name: getattr(study, name) for name in _STUDY}
    if study.stage is None or study.category is None:
        raise Refusal("SHANGHAI_STUDY", detail="stage or category")
    return CourseGrade(
        person_name=person_name,
        citizen_id=citizen_id,
        course=facts.title,
        credits_hundredths=amount_hundredths,
        hours=facts.hours,
        score=facts.grade,
        acquired=month_of(facts.earned),
        **said,
    )


def course_conversions(
    facts: OutcomeFacts,
    amount_hundredths: int,
    *,
    person_name: str,
    citizen_id: str,
    school_code: str,
    study: Study,
    targets: Iterable[Target],
) -> tuple[CourseConversion, ...]:
    """Return an outside course as rows of the conversion file, one a target."""
    said = {name: getattr(study, name) for name in _STUDY}
    return tuple(
        CourseConversion(
            person_name=person_name,
            citizen_id=citizen_id,
            school_code=school_code,
            source=Source.COURSE,
            course=facts.title,
            institution=facts.issuer,
            credits_hundredths=amount_hundredths,
            hours=facts.hours,
            score=facts.grade,
            acquired=month_of(facts.earned),
            **said,
            **_target_fields(target),
        )
        for target in targets
    )


def certificate_conversions(
    facts: OutcomeFacts,
    *,
    person_name: str,
    citizen_id: str,
    school_code: str,
    certificate: Certificate,
    targets: Iterable[Target],
) -> tuple[CertificateConversion, ...]:
    """Return a certificate as rows of the certificate file, one a target."""
    said = {name: getattr(certificate, name) for name in _CERTIFICATE}
    return tuple(
        CertificateConversion(
            person_name=person_name,
            citizen_id=citizen_id,
            school_code=school_code,
            source=Source.CERTIFICATE,
            institution=facts.issuer,
            credits_hundredths=0,
            hours=0,
            score=facts.grade,
            acquired=month_of(facts.earned),
            **said,
            **_target_fields(target),
        )
        for target in targets
    )


def gather(rows: Iterable[C]) -> tuple[Conversion[C], ...]:
    """Return the conversions that rows spell: rows of one outcome together."""
    together: dict[tuple[object, ...], tuple[C, list[Target]]] = {}
    for row in rows:
        own = tuple(getattr(row, one.name) for one in fields(row) if one.name not in _TARGET)
        together.setdefault(own, (row, []))[1].append(_target(row))
    return tuple(Conversion(first, tuple(targets)) for first, targets in together.values())


def spread(conversions: Iterable[Conversion[C]]) -> tuple[C, ...]:
    """Return conversions as rows, one for each pair of an outcome and a target."""
    return tuple(
        replace(conversion.outcome, **_target_fields(target))
        for conversion in conversions
        for target in conversion.targets
    )


def month_of(day: str) -> str:
    """Return the month of a day written YYYY-MM-DD, as yyyyMM."""
    return day[:4] + day[5:7]


def first_day(month: str) -> str:
    """Return the first day of a month written yyyyMM: never after the day that it stands for."""
    return f"{month[:4]}-{month[4:]}-01"


class _Unmapped(Exception):
    """A row that is no outcome of the catalogue; carries the cause."""


def _entry_for(
    row: CourseGrade | CourseConversion | CertificateConversion,
    by_title: Mapping[str, list[CatalogueEntry]],
) -> CatalogueEntry:
    """Return the one entry with this name and size that was valid when it was earned."""
    day = first_day(row.acquired)
    if isinstance(row, CertificateConversion):
        names: tuple[str, ...] = (row.certificate + row.certificate_level, row.certificate)
        sizes = None
    else:
        names, sizes = (row.course,), {row.credits_hundredths}
    for name in names:
        fitting = [
            entry
            for entry in by_title.get(name, ())
            if (sizes is None or entry.credits_hundredths in sizes) and entry.is_valid_on(day)
        ]
        if len(fitting) > 1:
            raise _Unmapped("TWO_IN_CATALOGUE")
        if fitting:
            return fitting[0]
    raise _Unmapped("NOT_IN_CATALOGUE")


def _level(
    row: CourseGrade | CourseConversion | CertificateConversion, levels: Mapping[str, int]
) -> int:
    if row.stage is None:
        return 0
    if row.stage not in levels:
        raise _Unmapped("STAGE_NOT_LEVELLED")
    return levels[row.stage]


def _facts(
    row: CourseGrade | CourseConversion | CertificateConversion,
    entry: CatalogueEntry,
    version: str,
    level: int,
    issuer: str,
) -> OutcomeFacts:
    grade, scale = grade_of(row.score)
    try:
        return OutcomeFacts(
            code=entry.code,
            catalogue=version,
            title=entry.title,
            grade=grade,
            scale=scale,
            level=level,
            field=entry.field,
            hours=row.hours,
            earned=first_day(row.acquired),
            expires="",
            kind=entry.kind,
            issuer=issuer if isinstance(row, CourseGrade) else row.institution,
        )
    except Breach:
        # Everything else was checked where the row and the catalogue were read.
        raise _Unmapped("GRADE_UNKNOWN") from None


def _target(row: CourseConversion | CertificateConversion) -> Target:
    return Target(**{of: getattr(row, name) for name, of in _TARGET.items()})


def _target_fields(target: Target) -> dict[str, Any]:
    return {name: getattr(target, of) for name, of in _TARGET.items()}


# Where the fields of a target stand in a row.
_TARGET = {
    "target_stage": "stage",
    "target_code": "code",
    "target_course": "course",
    "target_credits_hundredths": "credits_hundredths",
    "converted": "converted",
    "target_major": "major",
}
_STUDY = tuple(one.name for one in fields(Study))
_CERTIFICATE = tuple(one.name for one in fields(Certificate))
