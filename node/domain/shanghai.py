"""The three exchange files of the Shanghai credit bank: their columns, in the official order.

Schools deposit course grades, and report which outside courses and which certificates they
converted into which courses of theirs. One table here says of each column its name, its field and
its cells; reading, writing and checking all go by it.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

from node.domain.shanghai_codes import Category, Completion, Season, Source, Stage


@dataclass(frozen=True, slots=True, kw_only=True)
class CourseGrade:
    """A row of the deposit file: a course that a student of the school passed.

    Attributes:
        person_name: as received; never shown by ``repr``, like the number.
        citizen_id: number after GB 11643.
        credits_hundredths: size of the course.
        hours: hours of learning.
        score: as the school writes it.
        acquired: month, yyyyMM.
        graduating_year: yyyy, or empty.
        completion: how the studies ended, or None.
        season: of graduation, or None.
    """

    person_name: str = field(repr=False)
    citizen_id: str = field(repr=False)
    major: str
    course: str
    stage: Stage
    category: Category
    credits_hundredths: int
    hours: int
    score: str
    acquired: str
    graduating_year: str = ""
    completion: Completion | None = None
    season: Season | None = None
    remark: str = field(default="", repr=False)
    student_number: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class CourseConversion:
    """A row of the course conversion file: one outside course, one course that it stands for.

    Attributes:
        school_code: code of the converting school, assigned by the credit bank.
        source: always a course.
        target_stage: stage of the course that it stands for.
        target_code: its code at the school.
        target_credits_hundredths: its size.
        converted: month, yyyyMM.
    """

    person_name: str = field(repr=False)
    citizen_id: str = field(repr=False)
    school_code: str
    source: Source
    major: str
    course: str
    institution: str
    stage: Stage | None
    category: Category | None
    credits_hundredths: int
    hours: int
    score: str
    acquired: str
    graduating_year: str = ""
    completion: Completion | None = None
    season: Season | None = None
    remark: str = field(default="", repr=False)
    student_number: str = field(default="", repr=False)
    target_stage: Stage
    target_code: str
    target_course: str
    target_credits_hundredths: int
    converted: str
    target_major: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CertificateConversion:
    """A row of the certificate conversion file: one certificate, one course that it stands for.

    Attributes:
        certificate_level: as the certificate says, or empty.
        stage: often unknown, then None.
        credits_hundredths: always 0: a certificate has no credits of its own.
        hours: always 0.
    """

    person_name: str = field(repr=False)
    citizen_id: str = field(repr=False)
    school_code: str
    source: Source
    certificate_type: str
    certificate: str
    certificate_level: str
    institution: str
    stage: Stage | None
    category: Category | None
    credits_hundredths: int
    hours: int
    score: str
    acquired: str
    target_stage: Stage
    target_code: str
    target_course: str
    target_credits_hundredths: int
    converted: str
    target_major: str


Row = CourseGrade | CourseConversion | CertificateConversion


class Cell(StrEnum):
    """What stands in a column's cells."""

    TEXT = "TEXT"
    IDENTIFIER = "IDENTIFIER"
    CITIZEN_ID = "CITIZEN_ID"
    STAGE = "STAGE"
    CATEGORY = "CATEGORY"
    COMPLETION = "COMPLETION"
    SEASON = "SEASON"
    COURSE_SOURCE = "COURSE_SOURCE"
    CERTIFICATE_SOURCE = "CERTIFICATE_SOURCE"
    CREDITS = "CREDITS"
    NO_CREDITS = "NO_CREDITS"
    HOURS = "HOURS"
    NO_HOURS = "NO_HOURS"
    MONTH = "MONTH"
    YEAR = "YEAR"


@dataclass(frozen=True, slots=True)
class Column:
    """A column: its name in the file, the field that it fills, its cells, and whether it may be
    empty.
    """

    name: str
    field: str
    cell: Cell
    is_required: bool = True


_PERSON = (
    Column("姓名", "person_name", Cell.TEXT),
    Column("身份证号", "citizen_id", Cell.CITIZEN_ID),
)
_TARGET = (
    Column("转换后教育层次代码", "target_stage", Cell.STAGE),
    Column("转换后课程代码", "target_code", Cell.IDENTIFIER),
    Column("转换后课程名称", "target_course", Cell.TEXT),
    Column("转换后学分", "target_credits_hundredths", Cell.CREDITS),
    Column("转换时间", "converted", Cell.MONTH),
)
_ENDING = (
    Column("届别", "graduating_year", Cell.YEAR, False),
    Column("毕业结业肄业", "completion", Cell.COMPLETION, False),
    Column("毕业季", "season", Cell.SEASON, False),
    Column("备注", "remark", Cell.TEXT, False),
    Column("学号", "student_number", Cell.IDENTIFIER, False),
)
COLUMNS: dict[type[Row], tuple[Column, ...]] = {
    CourseGrade: (
        *_PERSON,
        Column("专业名称", "major", Cell.TEXT, False),
        Column("课程名称", "course", Cell.TEXT),
        Column("教育层次代码", "stage", Cell.STAGE),
        Column("教育类别代码", "category", Cell.CATEGORY),
        Column("学分", "credits_hundredths", Cell.CREDITS),
        Column("学时", "hours", Cell.HOURS),
        Column("成绩", "score", Cell.TEXT),
        Column("获得时间", "acquired", Cell.MONTH),
        *_ENDING,
    ),
    CourseConversion: (
        *_PERSON,
        Column("转换学校代码", "school_code", Cell.IDENTIFIER),
        Column("原课程来源代码", "source", Cell.COURSE_SOURCE),
        Column("原专业名称", "major", Cell.TEXT, False),
        Column("原课程名称", "course", Cell.TEXT),
        Column("原办学机构", "institution", Cell.TEXT),
        Column("原教育层次代码", "stage", Cell.STAGE, False),
        Column("原教育类别代码", "category", Cell.CATEGORY, False),
        Column("原学分", "credits_hundredths", Cell.CREDITS),
        Column("原学时", "hours", Cell.HOURS),
        Column("原成绩", "score", Cell.TEXT),
        Column("获得时间", "acquired", Cell.MONTH),
        *_ENDING,
        *_TARGET,
        Column("转换后专业名称", "target_major", Cell.TEXT, False),
    ),
    CertificateConversion: (
        *_PERSON,
        Column("转换学校代码", "school_code", Cell.IDENTIFIER),
        Column("原证书来源代码", "source", Cell.CERTIFICATE_SOURCE),
        Column("原证书类型", "certificate_type", Cell.TEXT, False),
        Column("原证书名称", "certificate", Cell.TEXT),
        Column("原证书等级", "certificate_level", Cell.TEXT, False),
        Column("原发证机构", "institution", Cell.TEXT),
        Column("原教育层次代码", "stage", Cell.STAGE, False),
        Column("原教育类别代码", "category", Cell.CATEGORY, False),
        Column("原学分", "credits_hundredths", Cell.NO_CREDITS),
        Column("原学时", "hours", Cell.NO_HOURS),
        Column("原成绩", "score", Cell.TEXT, False),
        Column("获得时间", "acquired", Cell.MONTH),
        *_TARGET,
        Column("转换后专业", "target_major", Cell.TEXT, False),
    ),
}
