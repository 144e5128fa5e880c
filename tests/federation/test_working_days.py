"""Working days: holidays, days worked in their stead, and tables as data."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from federation.base.errors import Breach
from federation.base.holiday_table import mainland, read_holidays
from federation.base.working_days import WEEKDAYS, beijing_date

LINE = "2026\t春节\t02-15\t02-23\t02-14,02-28\n"


def test_the_spring_festival_is_off_and_two_saturdays_are_worked():
    calendar = mainland().calendar
    assert not any(calendar.is_worked(date(2026, 2, day)) for day in range(15, 24))
    assert calendar.is_worked(date(2026, 2, 14))
    assert calendar.is_worked(date(2026, 2, 28))
    assert not calendar.is_worked(date(2026, 2, 7))
    # Friday before it: Saturday is the first working day after, the 24th the second.
    assert calendar.after(date(2026, 2, 13), 2) == date(2026, 2, 24)
    assert WEEKDAYS.after(date(2026, 2, 13), 2) == date(2026, 2, 17)


def test_the_table_says_for_which_years_it_was_made():
    assert mainland().years == {2025, 2026}
    # 2026 has 248 working days by its notice.
    days = [date(2026, 1, 1) + timedelta(days=at) for at in range(365)]
    assert sum(map(mainland().calendar.is_worked, days)) == 248


@pytest.mark.parametrize(
    "text",
    [
        "2026\t春节\t02-15\t02-23\n",
        "2026\t春节\t02-30\t03-02\t\n",
        "2026\t春节\t02-23\t02-15\t\n",
        "2026\t春节\t02-15\t12-23\t\n",
        "2026\t春节\t02-15\t02-23\t2-14\n",
        "year\t春节\t02-15\t02-23\t\n",
        LINE + "2026\t元旦\t01-01\t01-03\t02-16\n",
    ],
)
def test_a_table_of_another_form_is_refused(text):
    with pytest.raises(Breach, match="CONFIG"):
        read_holidays(text)


@settings(deadline=None)
@given(st.dates(date(2024, 12, 1), date(2027, 2, 1)), st.integers(0, 60))
def test_between_counts_what_after_passes(day, working_days):
    for calendar in (WEEKDAYS, mainland().calendar):
        assert calendar.between(day, calendar.after(day, working_days)) == working_days


def test_a_deadline_is_the_end_of_the_day_in_beijing():
    end = mainland().calendar.deadline_us(0, 1)
    assert beijing_date(end - 1) == date(1970, 1, 2)
    assert beijing_date(end) == date(1970, 1, 3)
