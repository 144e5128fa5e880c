"""Caps: how much of what may count for one learner, as versioned data of a rule.

Every cap speaks for itself: a part of a grant counts in each cap that covers it, and is granted
only where all of them have room. A cap inside another (``within``) covers no more than the outer
one does, so what fills the inner one fills the outer one too.

No double conversion is a cap like the others: at most one lot per content, or one grant per
target. A floor is the contrary of a cap. It refuses nothing; it is asked for at completion.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from fractions import Fraction

LIFETIME = "LIFETIME"
CALENDAR_YEAR = "CALENDAR_YEAR"
SEMESTER = "SEMESTER"
ROLLING_DAYS = "ROLLING_DAYS"
WINDOWS = (LIFETIME, CALENDAR_YEAR, SEMESTER, ROLLING_DAYS)

EARNED = "EARNED"
DECIDED = "DECIDED"
DATED_BY = (EARNED, DECIDED)

CREDITS = "CREDITS"
LOTS = "LOTS"
TARGETS = "TARGETS"
MEASURES = (CREDITS, LOTS, TARGETS)

DOWN = "DOWN"
UP = "UP"
HALF_UP = "HALF_UP"
HALF_EVEN = "HALF_EVEN"
ROUNDINGS = (DOWN, UP, HALF_UP, HALF_EVEN)

DIMENSIONS = (
    "award",
    "category",
    "content",
    "form",
    "issuer",
    "kind",
    "programme",
    "source",
    "target",
)

CAP_CREDITS = "CAP_CREDITS"
CAP_COUNT = "CAP_COUNT"
CAP_TOTAL_UNKNOWN = "CAP_TOTAL_UNKNOWN"
DOUBLE_CONVERSION = "DOUBLE_CONVERSION"
LOT_USED_BEFORE = "LOT_USED_BEFORE"
CAP_REASONS = (
    CAP_CREDITS,
    CAP_COUNT,
    CAP_TOTAL_UNKNOWN,
    DOUBLE_CONVERSION,
    LOT_USED_BEFORE,
)

ScopeKey = tuple[str, tuple[tuple[str, str], ...], str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Covers:
    """What a cap speaks of; None is everything.

    Attributes:
        types: kinds of outcome or, finer, forms of outcome.
        categories: categories of the target course.
        issuers: institutions that issued the outcome.
        sources: provinces that hold it.
        programmes: programmes that it shall count in.
        awards: what those programmes lead to, as ``BACHELOR``.
    """

    types: frozenset[str] | None = None
    categories: frozenset[str] | None = None
    issuers: frozenset[str] | None = None
    sources: frozenset[str] | None = None
    programmes: frozenset[str] | None = None
    awards: frozenset[str] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """In which stretch of time a total is counted.

    Attributes:
        kind: one of ``WINDOWS``.
        starts: first days of the semesters of a year, MM-DD, in order; of SEMESTER only.
        days: length in days, today included; of ROLLING_DAYS only. They end with the day of the
            decision, and decisions are made in the order of time, so no stretch of that length
            ever holds more than the limit.
    """

    kind: str
    starts: tuple[str, ...] = ()
    days: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Limit:
    """How much.

    Attributes:
        amount: hundredths of a credit, or a count; where it is no share.
        share: exact part of a total, or None.
        of: name of the programme's total that it is a share of.
        of_cap: or the cap whose limit it is a share of.
        rounding: one of ``ROUNDINGS``, to a whole hundredth.
        is_floor: at least, not at most.
    """

    amount: int = 0
    share: Fraction | None = None
    of: str = ""
    of_cap: str = ""
    rounding: str = DOWN
    is_floor: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Cap:
    """One cap of a rule.

    Attributes:
        cap_id: its name in the rule; a later version of the rule goes on under the same name.
        per: for each value of these dimensions a total of its own.
        dated_by: whether the outcome's date or the decision's places it in a window.
        measure: hundredths of granted credits, lots used, or targets granted.
        within: the cap that this one lies inside, or empty.
    """

    cap_id: str
    title_zh: str
    title_en: str
    covers: Covers
    per: tuple[str, ...]
    window: Window
    dated_by: str
    measure: str
    limit: Limit
    within: str = ""

    @property
    def reason(self) -> str:
        """The reason of a refusal by this cap."""
        if "content" in self.per or "target" in self.per:
            return DOUBLE_CONVERSION
        return CAP_CREDITS if self.measure == CREDITS else CAP_COUNT


@dataclass(frozen=True, slots=True, kw_only=True)
class Programme:
    """What the learner studies for, with the totals that shares are taken of.

    Attributes:
        code: its code in the destination's catalogue.
        award: what it leads to, as ``BACHELOR``, or empty.
        totals: hundredths of a credit by name, as ``graduation`` or ``compulsory``.
    """

    code: str
    award: str = ""
    totals: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """What one lot gives towards one target: the row of a conversion record.

    Attributes:
        lot: province and identifier of the lot, ``CN-33:`` and 32 hexadecimal digits.
        kind: kind of the outcome.
        form: its form within the kind, or empty.
        earned: YYYY-MM-DD.
        content: name under which like contents meet, or empty where none is known.
        hundredths: granted at home.
        earlier_hundredths: granted before for the same lot and target by the decision that an
            appeal is against; only what lies above it is asked of the caps.
    """

    lot: str
    target: str
    hundredths: int
    kind: str
    earned: str
    form: str = ""
    issuer: str = ""
    source: str = ""
    category: str = ""
    content: str = ""
    earlier_hundredths: int = 0

    @property
    def above_earlier(self) -> int:
        """Hundredths granted above what was granted before; a decision on appeal never lowers."""
        return max(0, self.hundredths - self.earlier_hundredths)


@dataclass(frozen=True, slots=True, kw_only=True)
class Occasion:
    """Where and when parts count.

    Attributes:
        on: day of the decision, YYYY-MM-DD.
        programme: its code, or empty.
        award: what it leads to, or empty.
    """

    on: str
    programme: str = ""
    award: str = ""


def scope_of(cap: Cap, part: Part, counted: Occasion, *, on: str) -> ScopeKey | None:
    """Return the total of a cap that a part counts in as seen on a day, or None for none.

    A cap that speaks of programmes says nothing of credit that is for no programme.
    """
    if not _is_covered(cap.covers, part, counted):
        return None
    values = tuple((name, _value(name, part, counted)) for name in cap.per)
    if any(value == "" for _, value in values):
        return None
    label = _window_label(cap, part, counted, on)
    return None if label is None else (cap.cap_id, values, label)


def limit_of(cap: Cap, caps: Mapping[str, Cap], programme: Programme | None) -> int | None:
    """Return a limit in hundredths or as a count; None where the programme's total is unknown."""
    limit = cap.limit
    if limit.share is None:
        return limit.amount
    if limit.of_cap:
        base = limit_of(caps[limit.of_cap], caps, programme)
    else:
        base = programme.totals.get(limit.of) if programme else None
    return None if base is None else rounded(limit.share * base, limit.rounding)


def rounded(value: Fraction, rounding: str) -> int:
    """Return a value that is not negative as a whole number by a named rounding."""
    whole, rest = divmod(value.numerator, value.denominator)
    if rounding == UP:
        return whole + (rest > 0)
    if rounding == HALF_UP:
        return whole + (2 * rest >= value.denominator)
    return round(value) if rounding == HALF_EVEN else whole


def count(cap: Cap, parts: Iterable[tuple[str, Part]]) -> int:
    """Return what parts amount to in a cap's measure, above what was granted before.

    Args:
        parts: each with the name of its group; a target granted by two groups counts twice, a
            lot never.
    """
    listed = list(parts)
    if cap.measure == CREDITS:
        return sum(part.above_earlier for _, part in listed)
    fresh = [(group, part) for group, part in listed if not part.earlier_hundredths]
    if cap.measure == LOTS:
        return len({part.lot for _, part in fresh})
    return len({(group, part.target) for group, part in fresh})


def window_text(key: ScopeKey) -> str:
    """Return a total's scope for people: values of its dimensions and its window."""
    _, values, label = key
    return ", ".join([*(f"{name}={value}" for name, value in values), *([label] if label else [])])


def _is_covered(covers: Covers, part: Part, counted: Occasion) -> bool:
    if covers.types is not None and not {part.kind, part.form} & covers.types:
        return False
    asked = (
        (covers.categories, part.category),
        (covers.issuers, part.issuer),
        (covers.sources, part.source),
        (covers.programmes, counted.programme),
        (covers.awards, counted.award),
    )
    return all(allowed is None or value in allowed for allowed, value in asked)


def _value(name: str, part: Part, counted: Occasion) -> str:
    if name in ("programme", "award"):
        return str(getattr(counted, name))
    return str(getattr(part, name))


def _window_label(cap: Cap, part: Part, counted: Occasion, on: str) -> str | None:
    window = cap.window
    day = part.earned if cap.dated_by == EARNED else counted.on
    if window.kind == CALENDAR_YEAR:
        return day[:4]
    if window.kind == SEMESTER:
        return _semester(day, window.starts)
    if window.kind == ROLLING_DAYS:
        # A use dated later than today, as by a clock set back, counts as well.
        first = date.fromisoformat(on) - timedelta(days=window.days - 1)
        return f"{window.days}d:{on}" if day >= first.isoformat() else None
    return ""


def _semester(day: str, starts: tuple[str, ...]) -> str:
    """Return the first day of the semester of a day."""
    begun = [start for start in starts if start <= day[5:]]
    if begun:
        return f"{day[:5]}{begun[-1]}"
    return f"{int(day[:4]) - 1:04d}-{starts[-1]}"
