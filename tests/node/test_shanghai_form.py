"""Shanghai's exchange files: official columns, code lists, rejects by row, nothing lost."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from node.domain.file_faults import FileBreach
from node.domain.shanghai import COLUMNS, CertificateConversion, CourseConversion, CourseGrade
from node.domain.shanghai_codes import (
    CODES,
    Category,
    Completion,
    Season,
    Source,
    Stage,
    Template,
    code_for,
    listed,
)
from node.domain.shanghai_form import kind_of, read_file, write_file
from node.domain.sheets import Encoding, read_sheet, write_sheet
from tests.node.shanghai_rows import CERTIFICATE, CONVERSION, GRADE, KINDS, TODAY

OFFICIAL = {
    "course_grades_deposit": CourseGrade,
    "external_course_conversion": CourseConversion,
    "certificate_conversion": CertificateConversion,
}
LISTS = {"level": Stage, "category": Category, "completion_result": Completion, "season": Season}


@pytest.fixture(scope="module")
def official(shared):
    place = shared / "standards" / "shanghai-credit-bank" / "exchange-columns.json"
    return json.loads(place.read_text("utf-8"))


def cells(row, *, template=Template.FIRST) -> dict[str, str]:
    kind = type(row)
    written = write_file([row], kind, today=TODAY, template=template, encoding=Encoding.UTF_8)
    assert written.rejects == ()
    return read_sheet(written.document, reason="SHANGHAI_FORM").rows[0].cells


def document(*rows: dict[str, str], encoding: Encoding = Encoding.GB_18030) -> bytes:
    return write_sheet(list(rows[0]), [list(row.values()) for row in rows], encoding)


def rejects(row, column: str, cell: str) -> list[tuple[int, str, str]]:
    bent = cells(row) | {column: cell}
    read = read_file(document(cells(row), bent), type(row), today=TODAY)
    assert [(one.line, one.row) for one in read.rows] == [(2, row)]
    return [(one.line, one.column, one.cause) for one in read.rejects]


@pytest.mark.parametrize("name", OFFICIAL)
def test_columns_are_the_official_ones_in_the_official_order(official, name):
    expected = [column.partition(" ")[0] for column in official[name]]
    assert [column.name for column in COLUMNS[OFFICIAL[name]]] == expected


def test_code_lists_are_the_official_ones(official):
    newer = official["codes"]["newer_template_codes"]
    for name, of in LISTS.items():
        for template, codes in ((Template.FIRST, official["codes"]), (Template.NEWER, newer)):
            assert {code: str(value) for code, value in CODES[template][of].items()} == codes[name]
    for template in Template:
        sources = {code: str(value) for code, value in CODES[template][Source].items()}
        assert sources == official["codes"]["source"]


@pytest.mark.parametrize("template", Template)
def test_a_code_and_its_meaning_find_each_other(template):
    for of, codes in CODES[template].items():
        for code, value in codes.items():
            assert code_for(template, value) == code
            assert listed(template, of, code) is value
    assert listed(template, Stage, "20") is not listed(template, Stage, "85")


@pytest.mark.parametrize("kind", KINDS)
@given(data=st.data())
def test_a_round_trip_loses_nothing(kind, data):
    template = data.draw(st.sampled_from(Template))
    encoding = data.draw(st.sampled_from(Encoding))
    rows = data.draw(st.lists(KINDS[kind](template), min_size=1, max_size=4))
    written = write_file(rows, kind, today=TODAY, template=template, encoding=encoding)
    assert written.rejects == ()
    read = read_file(written.document, kind, today=TODAY, template=template, encoding=encoding)
    assert read.rejects == ()
    assert [one.row for one in read.rows] == rows
    again = write_file(
        [one.row for one in read.rows], kind, today=TODAY, template=template, encoding=encoding
    )
    assert again.document == written.document


@pytest.mark.parametrize("encoding", Encoding)
@pytest.mark.parametrize("template", Template)
@pytest.mark.parametrize("row", [GRADE, CONVERSION, CERTIFICATE])
def test_a_file_tells_its_encoding_template_and_kind(row, template, encoding):
    written = write_file([row], type(row), today=TODAY, template=template, encoding=encoding)
    assert kind_of(written.document) is type(row)
    read = read_file(written.document, type(row), today=TODAY)
    assert (read.template, read.encoding) == (template, encoding)
    assert [one.row for one in read.rows] == [row]


def test_no_other_table_is_one_of_the_three():
    assert kind_of("姓名,身份证号\n".encode()) is None


def test_columns_may_come_in_any_order():
    turned = dict(reversed(cells(GRADE).items()))
    read = read_file(document(turned), CourseGrade, today=TODAY)
    assert [one.row for one in read.rows] == [GRADE]


def test_a_file_of_another_kind_is_refused_with_every_column():
    with pytest.raises(FileBreach) as breach:
        read_file(document(cells(GRADE)), CourseConversion, today=TODAY)
    assert breach.value.reason == "SHANGHAI_FORM"
    found = {(one.column, one.cause) for one in breach.value.faults}
    assert ("专业名称", "HEADER_UNKNOWN") in found
    assert ("转换后学分", "HEADER_MISSING") in found


@pytest.mark.parametrize(
    ("column", "cell", "cause"),
    [
        ("姓名", "", "CELL_EMPTY"),
        ("姓名", " 陈䶮", "SPACE_AROUND"),
        ("姓名", "=HYPERLINK(1)", "FORMULA"),
        ("姓名", "长" * 401, "TEXT_TOO_LONG"),
        ("姓名", "陈\u202e䶮", "CONTROL_CHARACTER"),
        ("身份证号", "310101199001011230", "CITIZEN_ID"),
        ("身份证号", "3.10101E+17", "CITIZEN_ID_AS_NUMBER"),
        ("教育层次代码", "24", "CODE_UNKNOWN"),
        ("教育层次代码", "85", "CODE_OF_OTHER_TEMPLATE"),
        ("教育类别代码", "20", "CODE_UNKNOWN"),
        ("学分", "2.555", "NOT_CREDITS"),
        ("学分", "-2", "NOT_CREDITS"),
        ("学时", "40.5", "NOT_A_NUMBER"),
        ("学时", "100001", "NOT_A_NUMBER"),
        ("获得时间", "202413", "NOT_A_MONTH"),
        ("获得时间", "2024-06", "NOT_A_MONTH"),
        ("届别", "25", "NOT_A_YEAR"),
        ("毕业结业肄业", "1690", "CODE_OF_OTHER_TEMPLATE"),
        ("毕业季", "52", "CODE_UNKNOWN"),
        ("学号", "a b", "IDENTIFIER"),
    ],
)
def test_a_bad_cell_rejects_its_row_with_its_cause(column, cell, cause):
    assert rejects(GRADE, column, cell) == [(3, column, cause)]


@pytest.mark.parametrize(
    ("row", "column", "cell", "cause"),
    [
        (CONVERSION, "原课程来源代码", "02", "SOURCE_MISPLACED"),
        (CONVERSION, "原课程来源代码", "1", "CODE_UNKNOWN"),
        (CERTIFICATE, "原证书来源代码", "01", "SOURCE_MISPLACED"),
        (CERTIFICATE, "原学分", "2", "NOT_ZERO"),
        (CERTIFICATE, "原学时", "32", "NOT_ZERO"),
        (CERTIFICATE, "转换后课程代码", "", "CELL_EMPTY"),
    ],
)
def test_conversions_reject_by_row_too(row, column, cell, cause):
    assert rejects(row, column, cell) == [(3, column, cause)]


def test_every_fault_of_a_row_is_told_in_both_languages_and_none_repeats_a_cell():
    bent = cells(GRADE) | {"身份证号": "陈䶮秘密", "学分": "两分", "成绩": ""}
    read = read_file(document(bent), CourseGrade, today=TODAY)
    assert read.rows == ()
    assert [one.cause for one in read.rejects] == ["CITIZEN_ID", "NOT_CREDITS", "CELL_EMPTY"]
    for fault in read.rejects:
        said = f"{fault} {fault.text.cause_zh} {fault.text.remedy_zh}"
        assert "秘密" not in said
        assert fault.text.remedy_en


def test_rows_do_not_show_the_learner():
    for row in (GRADE, CONVERSION, CERTIFICATE):
        assert row.person_name not in repr(row)
        assert row.citizen_id not in repr(row)


def test_what_a_template_cannot_say_is_rejected_before_it_leaves():
    studying = replace(GRADE, completion=Completion.STUDYING)
    written = write_file([GRADE, studying], CourseGrade, today=TODAY, template=Template.FIRST)
    found = [(one.line, one.column, one.cause) for one in written.rejects]
    assert found == [(2, "毕业结业肄业", "NO_CODE_IN_TEMPLATE")]
    read = read_file(written.document, CourseGrade, today=TODAY)
    assert [one.row for one in read.rows] == [GRADE]
    newer = write_file([studying], CourseGrade, today=TODAY, template=Template.NEWER)
    assert newer.rejects == ()


@pytest.mark.parametrize(
    ("change", "cause"),
    [
        ({"citizen_id": "310101199001011230"}, "CITIZEN_ID"),
        ({"credits_hundredths": -1}, "NOT_CREDITS"),
        ({"acquired": "2024-06-30"}, "NOT_A_MONTH"),
        ({"course": "+1"}, "FORMULA"),
        ({"person_name": ""}, "CELL_EMPTY"),
    ],
)
def test_a_row_that_could_not_be_read_is_not_written(change, cause):
    written = write_file([replace(GRADE, **change), GRADE], CourseGrade, today=TODAY)
    assert [(one.line, one.cause) for one in written.rejects] == [(1, cause)]
    read = read_file(written.document, CourseGrade, today=TODAY)
    assert [one.row for one in read.rows] == [GRADE]
