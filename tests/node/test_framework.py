"""Frameworks: hours in a credit and levels as data, crosswalks, faults at their lines."""

from __future__ import annotations

import tomllib
from dataclasses import replace
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from federation.base.errors import Refusal
from node.domain.examples import (
    EXAMPLES,
    HKQF_7,
    OUC_10,
    OUC_10_TO_HKQF_7,
    example_crosswalk,
    example_document,
    example_framework,
)
from node.domain.file_faults import FileBreach
from node.domain.framework import (
    check_crosswalk,
    credits_rounding_down,
    translated_rounding_down,
)
from node.domain.framework_form import read_crosswalk, read_framework

OUC = example_framework(OUC_10)
HKQF = example_framework(HKQF_7)
CROSSWALK = example_crosswalk()


def bent(name: str, old: str, new: str) -> bytes:
    text = example_document(name).decode()
    assert old in text
    return text.replace(old, new, 1).encode()


def faults(document: bytes, read=read_framework) -> list[tuple[int, str, str]]:
    with pytest.raises(FileBreach) as breach:
        read(document)
    assert breach.value.reason == "FRAMEWORK_FORM"
    return [(one.line, one.column, one.cause) for one in breach.value.faults]


def line_with(document: bytes, words: str) -> int:
    lines = document.decode().split("\n")
    return next(at for at, line in enumerate(lines, start=1) if words in line)


def test_the_examples_say_that_they_are_examples():
    assert OUC.is_example
    assert HKQF.is_example
    assert CROSSWALK.is_example
    for name in EXAMPLES:
        assert "示例" in tomllib.loads(example_document(name).decode())["title_zh"]
        assert "binds nobody" in example_document(name).decode()


def test_ten_levels_seven_levels_and_their_hours():
    assert [level.rank for level in OUC.levels] == list(range(1, 11))
    assert [level.rank for level in HKQF.levels] == list(range(1, 8))
    assert HKQF.hours_per_credit == 10
    assert HKQF.level(5).typical_en == "Bachelor's Degree"
    assert HKQF.level(8) is HKQF.level(0) is None
    assert OUC.stages["本科"] > OUC.stages["专科"]
    assert OUC.unit("EX-SV-001").credits_hundredths == 50
    assert OUC.unit("none") is None


def test_hours_become_credits_by_the_frameworks_parameter():
    assert credits_rounding_down(HKQF, 25) == 250
    assert credits_rounding_down(OUC, 36) == 200
    assert credits_rounding_down(OUC, 25) == 138
    half = replace(OUC, hours_per_credit=Fraction(33, 2))
    assert credits_rounding_down(half, 33) == 200


@given(st.integers(0, 10**6))
def test_translation_keeps_hours_and_never_gains(hundredths):
    there = translated_rounding_down(hundredths, source=OUC, target=HKQF)
    assert there * HKQF.hours_per_credit <= hundredths * OUC.hours_per_credit
    assert (there + 1) * HKQF.hours_per_credit > hundredths * OUC.hours_per_credit
    assert translated_rounding_down(there, source=HKQF, target=OUC) <= hundredths


def test_a_level_beside_two_counts_as_the_lower():
    check_crosswalk(CROSSWALK, source=OUC, target=HKQF)
    assert CROSSWALK.beside(6) == (4, 5)
    assert CROSSWALK.lowest_beside(6) == 4
    assert CROSSWALK.lowest_beside(1) == 0


def test_no_higher_level_falls_below_a_lower_one():
    lowest = [CROSSWALK.lowest_beside(level.rank) for level in OUC.levels]
    assert lowest == sorted(lowest)


@pytest.mark.parametrize(
    "crosswalk",
    [
        replace(CROSSWALK, source="CN-00/other@1"),
        replace(CROSSWALK, ranks={11: (7,)}),
        replace(CROSSWALK, ranks={10: (8,)}),
    ],
)
def test_a_crosswalk_between_others_is_refused(crosswalk):
    with pytest.raises(Refusal) as refusal:
        check_crosswalk(crosswalk, source=OUC, target=HKQF)
    assert refusal.value.reason == "CROSSWALK"


def test_the_digest_is_of_the_content_and_not_of_the_layout():
    assert read_framework(b"# more\n" + example_document(OUC_10)).digest == OUC.digest
    assert read_framework(bent(OUC_10, 'credits = "2"', 'credits = "2.00"')).digest == OUC.digest
    assert read_framework(bent(OUC_10, '"18/1"', '"16/1"')).digest != OUC.digest
    other = read_crosswalk(bent(OUC_10_TO_HKQF_7, "to = [4, 5]", "to = [4]"))
    assert other.digest != CROSSWALK.digest


@pytest.mark.parametrize(
    ("old", "new", "place", "cause"),
    [
        ('"18/1"', '"0/1"', "hours_per_credit", "HOURS_PER_CREDIT"),
        ('"18/1"', "18.0", "hours_per_credit", "HOURS_PER_CREDIT"),
        ('"CN-00/ouc-10-example"', '"ouc"', "name", "FRAMEWORK_NAME"),
        ('"2026-01-01"', '"2026-02-30"', "valid_from", "NOT_A_DATE"),
        ("example = true", 'example = "true"', "example", "NOT_A_TRUTH"),
        ('"专科" = 5', '"专科" = 11', "stages.专科", "RANK_UNKNOWN"),
        ('credits = "2"', 'credits = "两"', "units[1].credits", "NOT_CREDITS"),
        ('credits = "0.5"', 'credits = "0"', "units[2].credits", "NOT_CREDITS"),
        ('field = "520.40"', 'field = "52"', "units[1].field", "FIELD_OF_STUDY"),
        ("hours = 9", "hours = -9", "units[2].hours", "NOT_A_NUMBER"),
        ('["关系模型与范式"]', '"关系模型与范式"', "units[1].knowledge", "NOT_TEXTS"),
        ('"EX-SV-001"', '"EX-IT-001"', "units[2].code", "UNIT_REPEATED"),
        ("level = 4", "level = 4\ncolour = 1", "units[2].colour", "KEY_UNKNOWN"),
    ],
)
def test_a_fault_is_told_at_its_line(old, new, place, cause):
    document = bent(OUC_10, old, new)
    line = line_with(document, new.rpartition("\n")[2])
    if place.endswith("code"):
        line = document.decode().rpartition(new)[0].count("\n") + 1
    assert faults(document) == [(line, place, cause)]


def test_every_fault_is_told_at_once():
    text = example_document(OUC_10).decode()
    text = text.replace('"18/1"', '"0/1"').replace("rank = 3", "rank = 4")
    text = text.replace('name_en = "Level 9"\n', "")
    found = faults(text.encode())
    assert [(column, cause) for _, column, cause in found] == [
        ("hours_per_credit", "HOURS_PER_CREDIT"),
        ("levels[9].name_en", "KEY_MISSING"),
        ("levels", "RANKS"),
    ]
    ninth = text.split("[[levels]]")
    assert found[1][0] == "[[levels]]".join(ninth[:9]).count("\n") + 1


@pytest.mark.parametrize(
    ("document", "expected"),
    [
        (b"name = ", (1, "", "NOT_TOML")),
        (b"a = 1\nb = = 2\n", (2, "", "NOT_TOML")),
        ("a = '中'".encode("gb18030"), (1, "", "NOT_TOML")),
        (b"#" * (4 * 1024 * 1024 + 1), (1, "", "FORM_TOO_LARGE")),
        (b"a = " + b"[" * 100_000, (1, "", "NOT_TOML")),
    ],
)
def test_what_is_no_document_is_refused(document, expected):
    assert faults(document) == [expected]


@pytest.mark.parametrize(
    ("old", "new", "place", "cause"),
    [
        ("to = [5]", "to = [2]", "levels[6].from", "CROSSWALK_FALLS"),
        ("from = 9", "from = 8", "levels[8].from", "CROSSWALK_FALLS"),
        ("to = [4, 5]", "to = [5, 4]", "levels[5].to", "RANKS_BESIDE"),
        ("to = [4, 5]", "to = []", "levels[5].to", "RANKS_BESIDE"),
        ("hkqf-7-example@2026.1", "hkqf-7-example", "target", "REFERENCE"),
    ],
)
def test_a_crosswalks_fault_is_told(old, new, place, cause):
    found = faults(bent(OUC_10_TO_HKQF_7, old, new), read_crosswalk)
    assert [(column, why) for _, column, why in found] == [(place, cause)]
