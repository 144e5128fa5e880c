"""Catalogues: one spelling, one identity, versions compared value by value, faults by line."""

from __future__ import annotations

import hashlib
import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from federation.base.errors import Breach
from node.domain.catalogue import ENTRY_FIELDS, CatalogueEntry, FieldChange, diff
from node.domain.catalogue_conflicts import Record, survey
from node.domain.catalogue_form import (
    canonical_catalogue,
    make_catalogue,
    parse_catalogue,
    read_catalogue,
    write_catalogue,
)
from node.domain.file_faults import FileBreach
from node.domain.outcomes import OUTCOME_KINDS
from node.domain.sheets import Encoding
from scripts.hit_catalogue import Plans, read_plans, report

ENTRY = CatalogueEntry(
    code="ZJ-CS-101",
    title="数据库原理",
    level=6,
    field="520.2040",
    credits_hundredths=250,
    hours=40,
    kind="DEGREE",
    category="专业课",
    valid_from="2026-01-01",
    valid_until="",
)
NAMED = {"name": "CN-33/courses", "version": "2026.1", "title": "浙江课程目录"}

codes = st.from_regex(r"[A-Z0-9\u4e00-\u4e0f-]{1,8}", fullmatch=True)
entries = st.builds(
    CatalogueEntry,
    code=codes,
    title=st.text(st.characters(categories=("L", "N")), min_size=1, max_size=12),
    level=st.integers(0, 10),
    field=st.sampled_from(["", "520", "520.20", "880.4010"]),
    credits_hundredths=st.integers(0, 10**6),
    hours=st.integers(0, 100_000),
    kind=st.sampled_from(OUTCOME_KINDS),
    category=st.sampled_from(["", "实践", "thesis"]),
    valid_from=st.sampled_from(["", "2020-01-01"]),
    valid_until=st.sampled_from(["", "2029-12-31"]),
)
catalogues = st.lists(entries, max_size=6, unique_by=lambda entry: entry.code).map(
    lambda some: make_catalogue(entries=tuple(some), **NAMED)
)


def catalogue(*some: CatalogueEntry, version: str = "2026.1"):
    return make_catalogue(entries=some, **(NAMED | {"version": version}))


def faults(text: str | bytes) -> list[tuple[int, str, str]]:
    document = text.encode() if isinstance(text, str) else text
    with pytest.raises(FileBreach) as breach:
        read_catalogue(document, **NAMED)
    assert breach.value.reason == "CATALOGUE_FORM"
    for one in breach.value.faults:
        assert all((one.text.cause_zh, one.text.remedy_zh, one.text.cause_en, one.text.remedy_en))
    return [(one.line, one.column, one.cause) for one in breach.value.faults]


@given(catalogues)
def test_canonical_bytes_are_the_catalogue_and_its_identity(made):
    spelled = canonical_catalogue(made)
    assert parse_catalogue(spelled) == made
    assert made.digest == hashlib.sha256(spelled).hexdigest()


@given(catalogues, st.sampled_from(Encoding))
def test_a_table_gives_the_same_catalogue_back(made, encoding):
    if made.entries:
        document = write_catalogue(made, encoding)
        assert read_catalogue(document, encoding=encoding, **NAMED) == made


def test_the_order_of_rows_is_no_part_of_the_identity():
    other = replace(ENTRY, code="A-1")
    assert catalogue(ENTRY, other) == catalogue(other, ENTRY)


@given(entries, entries)
def test_different_entries_have_different_digests(one, other):
    assert (catalogue(one).digest == catalogue(other).digest) == (one == other)


@pytest.mark.parametrize(
    "bend",
    [
        lambda text: text.replace(b'"level":6', b'"level": 6'),
        lambda text: text.replace(b'"level":6', b'"level":6.0'),
        lambda text: text.replace(b'"level":6', b'"level":true'),
        lambda text: text.replace(b'"level":6', b'"level":11'),
        lambda text: text.replace(b'"level":6', b'"level":6,"more":1'),
        lambda text: text.replace(b'"level":6,', b""),
        lambda text: text.replace("数".encode(), b"\\u6570"),
        lambda text: text.replace(b"CN-33/courses", b"CN-99/courses"),
        lambda text: text.replace(b"2026-01-01", b"2026-02-30"),
        lambda text: text + b"\n",
        lambda text: b"[" * 100_000,
        lambda text: b"[]",
    ],
)
def test_no_other_bytes_are_a_catalogue(bend):
    with pytest.raises(Breach) as breach:
        parse_catalogue(bend(canonical_catalogue(catalogue(ENTRY))))
    assert breach.value.reason == "CATALOGUE_FORM"


def test_entries_out_of_order_are_another_spelling():
    two = catalogue(ENTRY, replace(ENTRY, code="A-1"))
    content = json.loads(canonical_catalogue(two))
    content["entries"].reverse()
    bent = json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()
    with pytest.raises(Breach, match="another spelling"):
        parse_catalogue(bent)


def test_chinese_and_english_headers_in_any_order():
    chinese = "学分,代码,名称,成果类型\n2.5,A-1,数据库,学历教育\n"
    english = "code,credits,kind,title\nA-1,2.50,DEGREE,数据库\n"
    one, other = (read_catalogue(text.encode(), **NAMED) for text in (chinese, english))
    assert one == other
    assert one.entry("A-1").credits_hundredths == 250
    assert one.entry("A-2") is None


def test_every_fault_is_found_at_its_line_and_nothing_is_taken():
    table = (
        "代码,名称,等级,学科,学分,学时,成果类型,生效日期,失效日期\n"
        "A-1,甲,11,520,2,32,学历教育,,\n"
        "A-2,乙,6,52,2.555,三十,学位,2026-02-30,\n"
        ",丙,6,520,,32,学历教育,,\n"
        "A-4 ,丁,6,520,2,32,学历教育,2026-09-01,2026-01-01\n"
        "A-5,戊,6,520,2,32,学历教育,2026-09-01,2026-01-01\n"
        "A-6,己,6\n"
        "A-7,庚,0,520,0,32,学历教育,,\n"
    )
    assert faults(table) == [
        (2, "等级", "LEVEL"),
        (3, "学科", "FIELD_OF_STUDY"),
        (3, "学分", "NOT_CREDITS"),
        (3, "学时", "NOT_A_NUMBER"),
        (3, "成果类型", "KIND"),
        (3, "生效日期", "NOT_A_DATE"),
        (4, "代码", "CELL_EMPTY"),
        (4, "学分", "CELL_EMPTY"),
        (5, "代码", "SPACE_AROUND"),
        (6, "", "ENDS_BEFORE_START"),
        (7, "", "CELL_COUNT"),
    ]


def test_a_code_with_two_values_is_told_with_what_differs():
    table = (
        "code,title,credits,kind,hours\n"
        "A-1,数据库,2,DEGREE,32\n"
        "A-1,数据库,2,DEGREE,32\n"
        "A-1,数据库,3,DEGREE,48\n"
    )
    assert faults(table) == [(3, "代码", "CODE_REPEATED"), (4, "学分, 学时", "CODE_IN_CONFLICT")]
    with pytest.raises(FileBreach, match=r"see line 2"):
        read_catalogue(table.encode(), **NAMED)


@pytest.mark.parametrize(
    ("table", "expected"),
    [
        ("code,title,credits\nA,甲,2\n", [(1, "成果类型", "HEADER_MISSING")]),
        ("code,title,credits,kind,颜色\n", [(1, "颜色", "HEADER_UNKNOWN")]),
        (
            "code,title,credits,kind,\x1b[31m" + "x" * 99 + "\n",
            [(1, "\ufffd[31m" + "x" * 59, "HEADER_UNKNOWN")],
        ),
        ("code,代码,title,credits,kind\n", [(1, "代码", "HEADER_REPEATED")]),
        ("code,title,credits,kind\n", [(1, "", "NO_ROWS")]),
    ],
)
def test_a_wrong_header_is_told(table, expected):
    assert faults(table) == expected


def test_a_diff_names_every_value_that_changed():
    old = catalogue(ENTRY, replace(ENTRY, code="OLD"), version="2025.1")
    changed = replace(ENTRY, credits_hundredths=300, hours=48)
    new = catalogue(changed, replace(ENTRY, code="NEW"))
    found = diff(old, new)
    assert found.heading == (FieldChange("version", "2025.1", "2026.1"),)
    assert [entry.code for entry in found.added] == ["NEW"]
    assert [entry.code for entry in found.removed] == ["OLD"]
    assert [one.code for one in found.changed] == ["ZJ-CS-101"]
    assert found.changed[0].changes == (
        FieldChange("credits_hundredths", "250", "300"),
        FieldChange("hours", "40", "48"),
    )


@given(entries, entries, catalogues)
def test_a_diff_names_exactly_what_differs_in_a_code_of_both(before, other, rest):
    after = replace(other, code=before.code)
    others = [entry for entry in rest.entries if entry.code != before.code]
    found = diff(catalogue(before, *others), catalogue(after, *others))
    assert (found.added, found.removed) == ((), ())
    named = {change.field for one in found.changed for change in one.changes}
    assert named == {name for name in ENTRY_FIELDS if getattr(before, name) != getattr(after, name)}
    assert found.is_empty == (before == after)


@given(catalogues, catalogues)
def test_a_diff_is_empty_only_between_equal_entries(old, new):
    found = diff(old, new)
    assert found.is_empty == (old.entries == new.entries)
    back = diff(new, old)
    assert (found.added, found.removed) == (back.removed, back.added)
    rebuilt = {entry.code for entry in old.entries} - {entry.code for entry in found.removed}
    rebuilt |= {entry.code for entry in found.added}
    assert rebuilt == {entry.code for entry in new.entries}


def test_two_catalogues_have_no_diff():
    other = make_catalogue(name="CN-31/courses", version="1", title="上海", entries=(ENTRY,))
    with pytest.raises(Breach) as breach:
        diff(catalogue(ENTRY), other)
    assert breach.value.reason == "CATALOGUE_NAME"


def test_validity_has_both_ends():
    entry = replace(ENTRY, valid_until="2026-12-31")
    days = ("2025-12-31", "2026-01-01", "2026-12-31", "2027-01-01")
    assert [entry.is_valid_on(day) for day in days] == [False, True, True, False]


def test_records_that_disagree_are_listed_and_not_merged():
    other = replace(ENTRY, credits_hundredths=300)
    same = replace(ENTRY, code="B-1")
    places = {"2019:4": ENTRY, "2020:9": ENTRY, "2021:7": other, "2021:8": same}
    found = survey(Record(place, entry) for place, entry in places.items())
    assert found.agreed == (same,)
    (conflict,) = found.conflicts
    assert (conflict.code, conflict.field) == ("ZJ-CS-101", "credits_hundredths")
    assert [(one.value, one.places) for one in conflict.variants] == [
        ("250", ("2019:4", "2020:9")),
        ("300", ("2021:7",)),
    ]


@pytest.fixture(scope="module")
def plans(shared: Path) -> Plans:
    return read_plans(shared / "data" / "hit_curricula")


def test_real_plans_show_77_codes_with_more_than_one_credit_value(plans):
    figures = report(plans)
    assert figures["plans"] == 112
    assert figures["rows"] + len(figures["faults"]) == 7_300
    assert figures["codes_with_several_credits"] == 77
    assert figures["codes_with_several_titles"] == 23
    found = survey(plans.all_records())
    in_conflict = {one.code for one in found.conflicts}
    assert not in_conflict & {entry.code for entry in found.agreed}
    assert figures["codes"] == len(in_conflict) + len(found.agreed)


def test_the_report_is_printed_as_json_and_for_people(shared):
    command = [sys.executable, "-m", "scripts.hit_catalogue", str(shared / "data/hit_curricula")]
    printed = subprocess.run([*command, "--json"], capture_output=True, text=True, check=True)
    figures = json.loads(printed.stdout)
    several = [one for one in figures["conflicts"] if one["field"] == "credits_hundredths"]
    assert len(several) == 77
    assert all(len(one["variants"]) > 1 for one in several)
    read = subprocess.run(command, capture_output=True, text=True, check=True)
    assert "codes_with_several_credits: 77" in read.stdout


def test_rows_of_real_plans_that_cannot_be_taken_are_told(plans):
    places = [(fault.line, fault.column, fault.cause) for fault in plans.faults]
    assert (3495, "course_name", "CONTROL_CHARACTER") in places
    assert (653, "course_code", "SPACE_AROUND") in places
    assert len(places) == 7


def test_the_plans_of_two_years_are_two_versions_of_one_catalogue(plans):
    versions = []
    for year in ("2019", "2023"):
        found = survey(plans.records[f"{year}_本_土木工程"])
        assert found.conflicts == ()
        versions.append(catalogue(*found.agreed, version=year))
    old, new = versions
    found = diff(old, new)
    assert found.added
    assert found.removed
    change = next(one for one in found.changed if one.changes[-1].field == "hours")
    before, after = (one.entry(change.code).hours for one in versions)
    assert change.changes[-1] == FieldChange("hours", str(before), str(after))
    assert before != after


def test_all_plans_at_once_are_refused_as_one_catalogue(plans):
    entries_twice = tuple(record.entry for record in plans.all_records())
    with pytest.raises(Breach, match="each once"):
        make_catalogue(name="CN-23/plans", version="all", title="全部", entries=entries_twice)
