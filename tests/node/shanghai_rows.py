"""Rows of the Shanghai exchange files, invented, to bend and to generate in tests."""

from __future__ import annotations

from datetime import date

from hypothesis import strategies as st

from node.domain.national_id import check_character
from node.domain.shanghai import CertificateConversion, CourseConversion, CourseGrade
from node.domain.shanghai_codes import Category, Completion, Season, Source, Stage, Template

TODAY = "2026-11-20"
_FIRST_DIGITS = "31010119900101123"
CITIZEN = _FIRST_DIGITS + check_character(_FIRST_DIGITS)

GRADE = CourseGrade(
    person_name="陈䶮",
    citizen_id=CITIZEN,
    major="软件工程",
    course="数据库原理",
    stage=Stage.BACHELOR,
    category=Category.ADULT,
    credits_hundredths=250,
    hours=40,
    score="85",
    acquired="202406",
    graduating_year="2025",
    completion=Completion.GRADUATED,
    season=Season.SPRING,
    remark="",
    student_number="0012024",
)
_TARGET = {
    "target_stage": Stage.BACHELOR,
    "target_code": "SH-DB-1",
    "target_course": "数据库技术",
    "target_credits_hundredths": 300,
    "converted": "202609",
    "target_major": "软件工程",
}
CONVERSION = CourseConversion(
    person_name="陈䶮",
    citizen_id=CITIZEN,
    school_code="SH017",
    source=Source.COURSE,
    major="计算机",
    course="数据库原理",
    institution="浙江开放大学",
    stage=Stage.COLLEGE,
    category=Category.ONLINE,
    credits_hundredths=250,
    hours=40,
    score="85",
    acquired="202406",
    **_TARGET,
)
CERTIFICATE = CertificateConversion(
    person_name="陈䶮",
    citizen_id=CITIZEN,
    school_code="SH017",
    source=Source.CERTIFICATE,
    certificate_type="职业技能等级证书",
    certificate="全国计算机等级考试",
    certificate_level="二级",
    institution="教育部教育考试院",
    stage=None,
    category=None,
    credits_hundredths=0,
    hours=0,
    score="合格",
    acquired="202303",
    **_TARGET,
)

texts = st.text(st.characters(categories=("L", "N", "P", "Zs")), min_size=1, max_size=10).filter(
    lambda text: text == text.strip() and text[0] not in "=+-@"
)
names = st.one_of(texts, st.sampled_from(["㛃䶮𬭚", "𠮷𰻝", "阿依古丽·买买提", 'a"b,c', "模"]))
maybe = st.one_of(st.just(""), texts)
numbers = st.from_regex(r"[A-Z0-9]{1,10}", fullmatch=True)
months = st.builds("{}{:02d}".format, st.integers(1980, 2026), st.integers(1, 12))
amounts = st.integers(0, 9_999_999)
scores = st.sampled_from(["60", "100", "85.5", "优秀", "及格", "合格", "通过", "B+", "三等奖"])
completions = {
    Template.FIRST: (None, Completion.GRADUATED, Completion.COMPLETED_OR_LEFT),
    Template.NEWER: (None, Completion.GRADUATED, Completion.COMPLETED, Completion.STUDYING),
}


@st.composite
def citizens(draw) -> str:
    born = draw(st.dates(date(1930, 1, 1), date(2010, 12, 31))).strftime("%Y%m%d")
    first = draw(st.sampled_from(["310101", "110105", "440305"])) + born
    first += f"{draw(st.integers(1, 999)):03d}"
    return first + check_character(first)


def _persons() -> dict[str, st.SearchStrategy]:
    return {"person_name": names, "citizen_id": citizens()}


def _endings(template: Template) -> dict[str, st.SearchStrategy]:
    return {
        "graduating_year": st.sampled_from(["", "1999", "2026"]),
        "completion": st.sampled_from(completions[template]),
        "season": st.sampled_from([None, *Season]),
        "remark": maybe,
        "student_number": st.one_of(st.just(""), numbers),
    }


def targets() -> dict[str, st.SearchStrategy]:
    return {
        "target_stage": st.sampled_from(Stage),
        "target_code": numbers,
        "target_course": texts,
        "target_credits_hundredths": amounts,
        "converted": months,
        "target_major": maybe,
    }


def grades(template: Template = Template.FIRST) -> st.SearchStrategy[CourseGrade]:
    return st.builds(
        CourseGrade,
        **_persons(),
        major=maybe,
        course=texts,
        stage=st.sampled_from(Stage),
        category=st.sampled_from(Category),
        credits_hundredths=amounts,
        hours=st.integers(0, 100_000),
        score=scores,
        acquired=months,
        **_endings(template),
    )


def conversions(template: Template = Template.FIRST) -> st.SearchStrategy[CourseConversion]:
    return st.builds(
        CourseConversion,
        **_persons(),
        school_code=numbers,
        source=st.just(Source.COURSE),
        major=maybe,
        course=texts,
        institution=texts,
        stage=st.sampled_from([None, *Stage]),
        category=st.sampled_from([None, *Category]),
        credits_hundredths=amounts,
        hours=st.integers(0, 100_000),
        score=scores,
        acquired=months,
        **_endings(template),
        **targets(),
    )


def certificates(_: Template = Template.FIRST) -> st.SearchStrategy[CertificateConversion]:
    return st.builds(
        CertificateConversion,
        **_persons(),
        school_code=numbers,
        source=st.just(Source.CERTIFICATE),
        certificate_type=maybe,
        certificate=texts,
        certificate_level=maybe,
        institution=texts,
        stage=st.sampled_from([None, *Stage]),
        category=st.sampled_from([None, *Category]),
        credits_hundredths=st.just(0),
        hours=st.just(0),
        score=st.one_of(st.just(""), scores),
        acquired=months,
        **targets(),
    )


KINDS = {
    CourseGrade: grades,
    CourseConversion: conversions,
    CertificateConversion: certificates,
}
