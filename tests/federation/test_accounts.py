"""Account numbers: check digits that find slips of the hand."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from federation.base.accounts import account_province, check_account, make_account
from federation.base.errors import Breach
from federation.base.names import PROVINCES

provinces = st.sampled_from([*PROVINCES, "CN-T01", "CN-T99"])
accounts = st.builds(make_account, provinces, st.integers(0, 10**10 - 1))


def is_account(text: str) -> bool:
    try:
        return check_account(text) == text
    except Breach:
        return False


@given(provinces, st.integers(0, 10**10 - 1))
def test_a_number_made_is_a_number_and_names_its_province(province, serial):
    account = make_account(province, serial)
    assert is_account(account)
    assert account_province(account) == province


@given(accounts, st.data())
def test_one_wrong_digit_is_always_found(account, data):
    at = data.draw(st.integers(len(account) - 14, len(account) - 1))
    digit = data.draw(st.sampled_from("0123456789"))
    bent = account[:at] + digit + account[at + 1 :]
    assert is_account(bent) is (bent == account)


@given(accounts, st.data())
def test_two_neighbours_exchanged_are_always_found(account, data):
    at = data.draw(st.integers(len(account) - 13, len(account) - 2))
    bent = account[:at] + account[at + 1] + account[at] + account[at + 2 :]
    assert is_account(bent) is (bent == account)


@given(accounts)
def test_a_stem_has_one_pair_of_check_digits(account):
    pairs = [pair for pair in range(100) if is_account(f"{account[:-2]}{pair:02d}")]
    assert pairs == [int(account[-2:])]


@pytest.mark.parametrize(
    "text", ["", "33", "X" * 14, "33000000000７77", "T3300000000077", "3" * 200]
)
def test_other_forms_are_refused(text):
    with pytest.raises(Breach) as breach:
        check_account(text)
    assert breach.value.reason == "ACCOUNT"
