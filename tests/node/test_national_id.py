"""Identity documents: what can exist, and the one spelling of it."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from federation.base.errors import Breach
from node.domain.national_id import (
    DOCUMENT_KINDS,
    HKM_PERMIT,
    LOCAL,
    PASSPORT,
    RESIDENT_ID,
    TAIWAN_PERMIT,
    check_character,
    check_document,
)

TODAY = "2026-11-23"


def citizen(region: str = "330106", born: str = "19491231", sequence: str = "002") -> str:
    stem = region + born + sequence
    return stem + check_character(stem)


def refused(kind: str, number: str, today: str = TODAY) -> Breach:
    with pytest.raises(Breach) as breach:
        check_document(kind, number, today)
    assert breach.value.reason == "LEARNER_ID"
    return breach.value


citizens = st.builds(
    citizen,
    st.sampled_from(["110105", "330106", "650000", "710000", "810000", "820000", "830000"]),
    st.dates(date(1900, 1, 1), date(2026, 11, 23)).map(lambda day: f"{day:%Y%m%d}".zfill(8)),
    st.integers(0, 999).map(lambda number: f"{number:03d}"),
)


def test_the_example_of_the_standard_holds():
    # GB 11643-1999, annex A.
    assert check_character("11010519491231002") == "X"
    assert check_document(RESIDENT_ID, "11010519491231002X", TODAY) == "11010519491231002X"
    assert check_character("44052418800101001") == "4"


@given(citizens)
def test_possible_numbers_hold_and_keep_their_spelling(number):
    assert check_document(RESIDENT_ID, number, TODAY) == number
    assert check_document(RESIDENT_ID, f" {number.lower()}\n", TODAY) == number


@given(citizens, st.integers(0, 17), st.sampled_from("0123456789X"))
def test_one_wrong_character_is_always_found(number, at, character):
    bent = number[:at] + character + number[at + 1 :]
    if bent != number:
        refused(RESIDENT_ID, bent)


@given(citizens, st.integers(0, 16))
def test_two_neighbours_exchanged_are_always_found(number, at):
    bent = number[:at] + number[at + 1] + number[at] + number[at + 2 :]
    if bent != number:
        refused(RESIDENT_ID, bent)


@pytest.mark.parametrize(
    "number",
    [
        citizen(region="990000"),
        citizen(region="000000"),
        citizen(region="840000"),
        citizen(born="20010230"),
        citizen(born="19000229"),
        citizen(born="18991231"),
        citizen(born="00010101"),
        citizen(born="00000000"),
        citizen(born="20261124"),
        citizen()[:-1],
        citizen() + "0",
        "",
        "X" * 18,
        citizen()[:17] + "Ⅹ",
        citizen().translate({ord("3"): "３"}),
    ],
)
def test_impossible_numbers_are_refused(number):
    refused(RESIDENT_ID, number)


def test_a_learner_may_be_born_today_and_on_a_leap_day():
    assert check_document(RESIDENT_ID, citizen(born="20261123"), TODAY)
    assert check_document(RESIDENT_ID, citizen(born="20000229"), TODAY)
    refused(RESIDENT_ID, citizen(born="20261123"), "2026-11-22")


@pytest.mark.parametrize(
    ("kind", "written", "spelled"),
    [
        (HKM_PERMIT, "h12345678", "H12345678"),
        (HKM_PERMIT, "M00000001", "M00000001"),
        (TAIWAN_PERMIT, "01234567", "01234567"),
        (PASSPORT, " e12345678 ", "E12345678"),
        (PASSPORT, "A" * 17, "A" * 17),
        (LOCAL, "Learner-1", "Learner-1"),
    ],
)
def test_other_documents_have_one_spelling(kind, written, spelled):
    assert check_document(kind, written, TODAY) == spelled
    assert check_document(kind, spelled, TODAY) == spelled


@pytest.mark.parametrize(
    ("kind", "number"),
    [
        (HKM_PERMIT, "X12345678"),
        (HKM_PERMIT, "H1234567"),
        (HKM_PERMIT, "H1234567890"),
        (TAIWAN_PERMIT, "1234567"),
        (TAIWAN_PERMIT, "123456789"),
        (PASSPORT, "1234"),
        (PASSPORT, "A" * 18),
        (PASSPORT, "AB-12345"),
        (LOCAL, ""),
        (LOCAL, "a" * 33),
        (LOCAL, "a b"),
        (LOCAL, "a\x00"),
        ("DRIVING_LICENCE", "12345678"),
        ("", ""),
    ],
)
def test_other_forms_are_refused(kind, number):
    refused(kind, number)


@given(st.sampled_from(DOCUMENT_KINDS), st.text(max_size=40))
def test_any_text_is_spelled_or_refused_and_a_spelling_is_final(kind, text):
    try:
        spelled = check_document(kind, text, TODAY)
    except Breach:
        refused(kind, text)
    else:
        assert check_document(kind, spelled, TODAY) == spelled


@given(st.from_regex(r"[0-9]{17}[0-9X]", fullmatch=True))
def test_a_refusal_does_not_repeat_the_number(number):
    wrong = number[:17] + ("0" if check_character(number[:17]) != "0" else "1")
    assert number[:8] not in str(refused(RESIDENT_ID, wrong))


@pytest.mark.parametrize("text", ["", "1" * 16, "1" * 18, "1" * 16 + "X", "１" * 17])
def test_a_check_character_is_of_seventeen_digits(text):
    with pytest.raises(Breach) as breach:
        check_character(text)
    assert breach.value.reason == "LEARNER_ID"
