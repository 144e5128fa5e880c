"""Province codes, the spellings accepted, and which texts are clean."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from federation.base.errors import Breach
from federation.base.names import (
    PROVINCES,
    REGIONS,
    is_clean_identifier,
    is_clean_text,
    is_province,
    is_test_province,
    parse_province,
    province_name,
)


def test_there_are_thirty_four_provinces_under_distinct_names():
    assert len(PROVINCES) == 34
    for part in ("code", "iso", "zh", "en"):
        assert len({getattr(name, part) for name in PROVINCES.values()}) == 34


def test_every_spelling_of_a_province_means_its_code():
    for code, name in PROVINCES.items():
        for spelling in (code, name.iso, code.lower(), name.iso.lower(), f"  {name.iso}\n"):
            assert parse_province(spelling) == code


def test_regions_are_made_of_provinces_and_do_not_overlap():
    members = [code for region in REGIONS.values() for code in region]
    assert len(set(members)) == len(members)
    assert set(members) <= set(PROVINCES)
    assert "CN-35" not in members


@pytest.mark.parametrize("text", ["", "CN-99", "CN-00", "33", "CN33", "CN-３３", "CN-T00", "CN-T1"])
def test_what_is_no_province_is_refused(text):
    assert not is_province(text)
    with pytest.raises(Breach) as breach:
        parse_province(text)
    assert breach.value.reason == "PROVINCE_UNKNOWN"


def test_test_provinces_are_provinces_of_a_demonstration_only():
    assert is_province("CN-T07")
    assert is_test_province("CN-T99")
    assert not is_test_province("CN-33")
    assert province_name("CN-T07").en == "Test 07"
    assert province_name("CN-33").zh == "浙江"


@given(st.text(max_size=20))
def test_parsing_any_text_gives_a_province_or_a_breach(text):
    try:
        code = parse_province(text)
    except Breach as breach:
        code = breach.reason
    assert code == "PROVINCE_UNKNOWN" or is_province(code)


@pytest.mark.parametrize(
    "text",
    ["", "a\x00", "a\tb", "a\u200bb", "a\u2028b", "e\u0301", "a\u202eb", "\ud800", "x" * 129],
)
def test_identifiers_keep_out_what_cannot_be_seen_or_has_two_spellings(text):
    assert not is_clean_identifier(text)


def test_clean_texts_keep_their_code_points_as_received():
    assert is_clean_identifier("计算机-101")
    assert is_clean_text("e\u0301")
    assert is_clean_text("欧阳\u3000娜娜·Al-Amin")
    for text in ("", "a\nb", "a\x1bb", "\ud800", "a\u202eb", "a\u2066b", "x" * 401):
        assert not is_clean_text(text)
