"""The selection rules of the Shanghai files, and rows as outcomes and conversions."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from federation.base.errors import Refusal
from node.domain.catalogue import CatalogueEntry
from node.domain.catalogue_form import make_catalogue
from node.domain.examples import OUC_10, example_framework
from node.domain.outcomes import FIVE, OTHER, PASS, PERCENT, UNGRADED
from node.domain.shanghai import CourseConversion
from node.domain.shanghai_codes import Stage
from node.domain.shanghai_form import Placed
from node.domain.shanghai_mapping import (
    Certificate,
    Study,
    Target,
    certificate_conversions,
    course_conversions,
    gather,
    grade_row,
    outcomes_from,
    spread,
    study_of,
)
from node.domain.shanghai_selection import grade_of, select_conversions, select_grades
from tests.node.shanghai_rows import CERTIFICATE, CONVERSION, GRADE, conversions, grades

LEVELS = example_framework(OUC_10).stages


def placed(*rows):
    return [Placed(line, row) for line, row in enumerate(rows, start=2)]


def selected(*changes, row=GRADE, select=select_grades):
    found = select(placed(*(replace(row, **change) for change in changes)))
    kept = [one.line for one in found.kept]
    return kept, [(one.line, one.cause, one.see) for one in found.left_out]


def entry(code: str, title: str, hundredths: int, **change) -> CatalogueEntry:
    values = {"level": 0, "field": "520.2040", "hours": 40, "kind": "DEGREE", "category": ""}
    values |= {"valid_from": "", "valid_until": ""} | change
    return CatalogueEntry(code=code, title=title, credits_hundredths=hundredths, **values)


def catalogue(*entries: CatalogueEntry):
    return make_catalogue(name="CN-31/courses", version="2026.1", title="上海", entries=entries)


def test_the_rules_are_those_seen_at_a_real_school(shared):
    place = shared / "standards" / "shanghai-credit-bank" / "exchange-columns.json"
    seen = json.loads(place.read_text("utf-8"))["selection_rules_seen"]
    assert len(seen) == 4
    assert "only passed grades" in seen


def test_only_passed_grades():
    changes = [{"score": score} for score in ("60", "59.99", "不及格", "不合格", "未通过", "通过")]
    by_course = [change | {"course": f"课程{at}"} for at, change in enumerate(changes)]
    kept, left_out = selected(*by_course)
    assert kept == [2, 7]
    assert {cause for _, cause, _ in left_out} == {"NOT_PASSED"}


def test_the_highest_score_of_a_course_counts():
    kept, left_out = selected({"score": "优秀"}, {"score": "80"}, {"score": "95.5"})
    assert kept == [4]
    assert left_out == [(2, "LOWER_SCORE", (4,)), (3, "LOWER_SCORE", (4,))]


def test_of_equal_scores_the_newest_counts():
    months = [{"acquired": month} for month in ("202306", "202406", "202309")]
    kept, left_out = selected(*months)
    assert kept == [3]
    assert left_out == [(2, "OLDER_RECORD", (3,)), (4, "OLDER_RECORD", (3,))]


def test_equal_records_count_once():
    assert selected({}, {}) == ([3], [(2, "OLDER_RECORD", (3,))])


def test_courses_of_other_people_stages_and_names_are_others():
    other = "310101199001011319"
    changes = [{}, {"course": "数据库"}, {"stage": Stage.COLLEGE}, {"citizen_id": other}]
    assert selected(*changes) == ([2, 3, 4, 5], [])


@pytest.mark.parametrize("score", ["免修", "免考", "85（免修）", "免试"])
def test_what_is_itself_an_exemption_is_left_out(score):
    assert selected({"score": score}, {"score": "60"}) == ([3], [(2, "IS_EXEMPTION", ())])


def test_a_grade_on_no_scale_is_left_out_and_told():
    assert selected({"score": "B+"}) == ([], [(2, "GRADE_UNKNOWN", ())])


@given(st.lists(grades(), max_size=8))
def test_every_row_is_kept_or_told_why_not(rows):
    found = select_grades(placed(*rows))
    lines = [one.line for one in found.kept] + [one.line for one in found.left_out]
    assert sorted(lines) == list(range(2, 2 + len(rows)))
    assert select_grades(found.kept).kept == found.kept


def test_one_outcome_may_stand_for_several_courses_but_once_for_each():
    changes = [{}, {"target_code": "SH-DB-2"}, {"remark": "再次"}]
    found = selected(*changes, row=CONVERSION, select=select_conversions)
    assert found == ([2, 3], [(4, "PAIR_REPEATED", (2,))])


def test_a_certificate_counts_without_a_score_and_a_failed_course_does_not():
    certificate = selected({"score": ""}, row=CERTIFICATE, select=select_conversions)
    assert certificate == ([2], [])
    course = selected({"score": "50"}, row=CONVERSION, select=select_conversions)
    assert course == ([], [(2, "NOT_PASSED", ())])


@pytest.mark.parametrize(
    ("score", "grade"),
    [
        ("85", ("85", PERCENT)),
        ("85.50", ("85.5", PERCENT)),
        ("085", ("085", OTHER)),
        ("100.0", ("100", PERCENT)),
        ("100.5", ("100.5", OTHER)),
        ("良好", ("良好", FIVE)),
        ("合格", ("合格", PASS)),
        ("通过", ("通过", OTHER)),
        ("", ("", UNGRADED)),
    ],
)
def test_scores_become_grades_of_a_scale(score, grade):
    assert grade_of(score) == grade


@given(conversions(), st.lists(st.sampled_from(["A1", "B2", "C3"]), min_size=1, unique=True))
def test_pairs_are_gathered_and_spread_without_loss(row, codes):
    rows = tuple(replace(row, target_code=code) for code in codes)
    (conversion,) = gather(rows)
    assert [target.code for target in conversion.targets] == codes
    assert spread([conversion]) == rows


@given(st.lists(conversions(), max_size=6))
def test_gathering_keeps_every_row(rows):
    assert sorted(spread(gather(rows)), key=repr) == sorted(rows, key=repr)


@given(st.lists(grades(), min_size=1, max_size=4, unique_by=lambda row: row.course))
def test_a_grade_becomes_an_outcome_and_the_same_row_again(rows):
    entries = [entry(f"C{at}", row.course, row.credits_hundredths) for at, row in enumerate(rows)]
    mapped = outcomes_from(
        placed(*rows), catalogue=catalogue(*entries), levels=LEVELS, issuer="上海开放大学"
    )
    assert mapped.rejects == ()
    for outcome, row in zip(mapped.outcomes, rows, strict=True):
        facts = outcome.facts
        assert facts.level == LEVELS[row.stage]
        assert facts.earned == f"{row.acquired[:4]}-{row.acquired[4:]}-01"
        assert (facts.catalogue, facts.issuer) == ("2026.1", "上海开放大学")
        again = grade_row(
            facts,
            outcome.amount_hundredths,
            person_name=row.person_name,
            citizen_id=row.citizen_id,
            study=study_of(row),
        )
        assert again == row


@given(conversions())
def test_a_conversion_becomes_an_outcome_and_the_same_row_again(row):
    found = catalogue(entry("C1", row.course, row.credits_hundredths))
    mapped = outcomes_from(placed(row), catalogue=found, levels=LEVELS)
    (outcome,) = mapped.outcomes
    assert outcome.facts.issuer == row.institution
    (conversion,) = gather([row])
    (again,) = course_conversions(
        outcome.facts,
        outcome.amount_hundredths,
        person_name=row.person_name,
        citizen_id=row.citizen_id,
        school_code=row.school_code,
        study=study_of(row),
        targets=conversion.targets,
    )
    assert again == row


def test_a_certificate_takes_its_size_from_the_catalogue_and_is_exported_with_none():
    title = "全国计算机等级考试二级"
    found = catalogue(entry("CERT-2", title, 400, kind="CERTIFICATE", level=4))
    (outcome,) = outcomes_from(placed(CERTIFICATE), catalogue=found, levels=LEVELS).outcomes
    assert (outcome.facts.title, outcome.facts.kind, outcome.facts.level) == (
        title,
        "CERTIFICATE",
        4,
    )
    assert outcome.amount_hundredths == 400
    (again,) = certificate_conversions(
        outcome.facts,
        person_name=CERTIFICATE.person_name,
        citizen_id=CERTIFICATE.citizen_id,
        school_code=CERTIFICATE.school_code,
        certificate=Certificate(
            certificate=CERTIFICATE.certificate,
            certificate_type=CERTIFICATE.certificate_type,
            certificate_level=CERTIFICATE.certificate_level,
        ),
        targets=gather([CERTIFICATE])[0].targets,
    )
    assert again == CERTIFICATE
    assert again.credits_hundredths == again.hours == 0


@pytest.mark.parametrize(
    ("entries", "cause"),
    [
        ((), "NOT_IN_CATALOGUE"),
        ((("A", "数据库原理", 300),), "NOT_IN_CATALOGUE"),
        ((("A", "数据库", 250),), "NOT_IN_CATALOGUE"),
        ((("A", "数据库原理", 250), ("B", "数据库原理", 250)), "TWO_IN_CATALOGUE"),
    ],
)
def test_an_uncertain_code_is_never_guessed(entries, cause):
    found = catalogue(*(entry(*one) for one in entries))
    mapped = outcomes_from(placed(GRADE), catalogue=found, levels=LEVELS, issuer="甲校")
    assert mapped.outcomes == ()
    assert [(one.line, one.cause) for one in mapped.rejects] == [(2, cause)]


def test_the_entry_valid_on_the_day_is_taken():
    found = catalogue(
        entry("OLD", "数据库原理", 250, valid_until="2023-12-31"),
        entry("NEW", "数据库原理", 250, valid_from="2024-01-01"),
    )
    mapped = outcomes_from(placed(GRADE), catalogue=found, levels=LEVELS, issuer="甲校")
    assert mapped.outcomes[0].facts.code == "NEW"


def test_a_stage_without_a_level_is_told():
    found = catalogue(entry("A", "数据库原理", 250))
    mapped = outcomes_from(placed(GRADE), catalogue=found, levels={}, issuer="甲校")
    assert [one.cause for one in mapped.rejects] == ["STAGE_NOT_LEVELLED"]


def test_the_deposit_file_needs_stage_and_category():
    found = catalogue(entry("A", "数据库原理", 250))
    (outcome,) = outcomes_from(
        placed(GRADE), catalogue=found, levels=LEVELS, issuer="甲校"
    ).outcomes
    with pytest.raises(Refusal) as refusal:
        grade_row(outcome.facts, 250, person_name="陈", citizen_id="x", study=Study())
    assert refusal.value.reason == "SHANGHAI_STUDY"


def test_one_outcome_is_written_once_for_each_target():
    found = catalogue(entry("A", "数据库原理", 250))
    (outcome,) = outcomes_from(placed(CONVERSION), catalogue=found, levels=LEVELS).outcomes
    targets = [Target(Stage.BACHELOR, code, "课程", 200, "202609", "") for code in ("T1", "T2")]
    rows = course_conversions(
        outcome.facts,
        outcome.amount_hundredths,
        person_name="陈",
        citizen_id=CONVERSION.citizen_id,
        school_code="SH017",
        study=Study(),
        targets=targets,
    )
    assert all(isinstance(row, CourseConversion) for row in rows)
    assert [row.target_code for row in rows] == ["T1", "T2"]
