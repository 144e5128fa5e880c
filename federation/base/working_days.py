"""Working days: Monday to Friday, less holidays, plus days worked in their stead (调休)."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, timezone
from functools import lru_cache

from federation.base.clock import SECOND

BEIJING = timezone(timedelta(hours=8))
_FRIDAY = 4


@dataclass(frozen=True, slots=True)
class Calendar:
    """Which days are worked; without a table, Monday to Friday.

    Attributes:
        holidays: days off that fall on Monday to Friday.
        makeup_days: weekend days that are worked instead.
    """

    holidays: Collection[date] = ()
    makeup_days: Collection[date] = ()

    def is_worked(self, day: date) -> bool:
        """Tell whether a day is a working day."""
        return day in self.makeup_days or (day.weekday() <= _FRIDAY and day not in self.holidays)

    def after(self, day: date, working_days: int) -> date:
        """Return the last of so many working days that follow a day."""
        while working_days > 0:
            day += timedelta(days=1)
            working_days -= self.is_worked(day)
        return day

    def between(self, day: date, last: date) -> int:
        """Return how many working days follow a day up to a last one, which counts."""
        return sum(
            self.is_worked(day + timedelta(days=past)) for past in range(1, (last - day).days + 1)
        )

    def deadline_us(self, time_us: int, working_days: int) -> int:
        """Return the end, in Beijing, of the last of so many working days after a moment."""
        day = beijing_date(time_us)
        is_plain = not self.holidays and not self.makeup_days
        last = _weekdays_after(day, working_days) if is_plain else self.after(day, working_days)
        last += timedelta(days=1)
        midnight = datetime(last.year, last.month, last.day, tzinfo=BEIJING)
        return int(midnight.timestamp()) * SECOND


WEEKDAYS = Calendar()


@lru_cache(maxsize=256)
def _weekdays_after(day: date, working_days: int) -> date:
    """Return the same where every Monday to Friday is worked, counted once for a day."""
    return WEEKDAYS.after(day, working_days)


def beijing_date(time_us: int) -> date:
    """Return the day of a moment in Beijing."""
    return datetime.fromtimestamp(time_us // SECOND, UTC).astimezone(BEIJING).date()


def year_bounds_us(time_us: int) -> tuple[int, int]:
    """Return where Beijing's year of a moment begins, and the next one, UTC microseconds."""
    year = beijing_date(time_us).year
    first, following = (datetime(one, 1, 1, tzinfo=BEIJING) for one in (year, year + 1))
    return int(first.timestamp()) * SECOND, int(following.timestamp()) * SECOND


def month_bounds_us(month: str) -> tuple[int, int]:
    """Return where a month of Beijing, YYYY-MM, begins, and the next one, UTC microseconds."""
    year, number = map(int, month.split("-"))
    following = (year + number // 12, number % 12 + 1)
    first, end = (datetime(*one, 1, tzinfo=BEIJING) for one in ((year, number), following))
    return int(first.timestamp()) * SECOND, int(end.timestamp()) * SECOND


def month_before(time_us: int, months: int) -> str:
    """Return the month so many months before that of a moment, YYYY-MM in Beijing."""
    day = beijing_date(time_us)
    count = day.year * 12 + day.month - 1 - months
    return f"{count // 12:04}-{count % 12 + 1:02}"
