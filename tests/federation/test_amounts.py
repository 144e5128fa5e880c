"""Amounts: integer hundredths, exact ratios, one named rounding."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from federation.base.amounts import (
    LARGEST_HUNDREDTHS,
    check_amount,
    convert_rounding_down,
    parse_credits,
    parse_ratio,
    show_credits,
)
from federation.base.errors import Breach, Kind

amounts = st.integers(1, LARGEST_HUNDREDTHS)
ratios = st.fractions(min_value=0, max_value=100, max_denominator=10**6)


@given(amounts)
def test_credits_shown_read_back(hundredths):
    assert parse_credits(show_credits(hundredths)) == hundredths


@pytest.mark.parametrize(
    ("text", "hundredths"), [("3", 300), ("0.5", 50), ("0.05", 5), ("007.10", 710)]
)
def test_decimal_texts_are_hundredths(text, hundredths):
    assert parse_credits(text) == hundredths


@pytest.mark.parametrize(
    "text",
    ["", "0", "-1", "-0", "1.", ".5", "1.005", "1e3", "NaN", " 1", "1\n", "１", "9" * 5000],
)
def test_what_is_no_amount_is_refused(text):
    with pytest.raises(Breach) as breach:
        parse_credits(text)
    assert breach.value.reason == "AMOUNT"
    assert breach.value.kind is not Kind.OUT_OF_RANGE


@pytest.mark.parametrize("text", ["10000000.01", "-10000000.01", "9" * 30])
def test_an_amount_beyond_any_lot_is_out_of_range(text):
    with pytest.raises(Breach) as breach:
        parse_credits(text)
    assert (breach.value.reason, breach.value.kind) == ("AMOUNT", Kind.OUT_OF_RANGE)


def test_the_range_of_an_amount_is_closed():
    assert check_amount(1) == 1
    assert check_amount(LARGEST_HUNDREDTHS) == LARGEST_HUNDREDTHS
    for wrong in (0, LARGEST_HUNDREDTHS + 1):
        with pytest.raises(Breach):
            check_amount(wrong)


def test_a_negative_amount_is_shown_with_its_sign():
    assert show_credits(-5) == "-0.05"
    assert show_credits(0) == "0.00"


@given(amounts, ratios)
def test_rounding_down_loses_less_than_a_hundredth(hundredths, ratio):
    granted = convert_rounding_down(hundredths, ratio)
    assert granted <= hundredths * ratio < granted + 1


@given(amounts, amounts, ratios)
def test_splitting_an_amount_never_grants_more(one, other, ratio):
    together = convert_rounding_down(one + other, ratio)
    apart = convert_rounding_down(one, ratio) + convert_rounding_down(other, ratio)
    assert together - 1 <= apart <= together


@pytest.mark.parametrize(
    "text", ["", "1", "1/0", "-1/2", "1/-2", "1.5/2", "1/2/3", "1 /2", "1/2\n"]
)
def test_what_is_no_ratio_is_refused(text):
    with pytest.raises(Breach) as breach:
        parse_ratio(text)
    assert breach.value.reason == "RATIO"


def test_a_ratio_is_exact():
    assert parse_ratio("4/5") == Fraction(4, 5)
    assert convert_rounding_down(100, parse_ratio("1/3")) == 33
