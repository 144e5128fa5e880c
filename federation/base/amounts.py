"""Credits are integer hundredths; ratios are exact fractions; every rounding is named."""

from __future__ import annotations

import re
from fractions import Fraction

from federation.base.errors import Breach, Kind

LARGEST_HUNDREDTHS = 10**9
# The most credits that any rule may grant for one.
LARGEST_RATIO = 100
_DECIMAL = re.compile(r"(-?)([0-9]{1,30})(?:\.([0-9]{1,2}))?")
_RATIO = re.compile(r"([0-9]{1,6})/([1-9][0-9]{0,5})")


def check_amount(hundredths: int) -> int:
    """Return the amount of a lot when it is one, in hundredths of a credit.

    Raises:
        Breach: AMOUNT, of kind OUT_OF_RANGE when its size is beyond any lot.
    """
    if abs(hundredths) > LARGEST_HUNDREDTHS:
        raise Breach("AMOUNT", kind=Kind.OUT_OF_RANGE)
    if hundredths <= 0:
        raise Breach("AMOUNT")
    return hundredths


def parse_credits(text: str) -> int:
    """Return decimal text of at most two places as hundredths of a credit.

    Raises:
        Breach: AMOUNT when the text is no such number or no amount of a lot.
    """
    match = _DECIMAL.fullmatch(text)
    if match is None:
        raise Breach("AMOUNT", detail="not decimal text of at most two places")
    sign, whole, part = match.groups()
    hundredths = int(whole) * 100 + int((part or "0").ljust(2, "0"))
    return check_amount(-hundredths if sign else hundredths)


def show_credits(hundredths: int) -> str:
    """Return hundredths as decimal text with two places."""
    sign = "-" if hundredths < 0 else ""
    return f"{sign}{abs(hundredths) // 100}.{abs(hundredths) % 100:02d}"


def parse_ratio(text: str) -> Fraction:
    """Return a ratio written ``numerator/denominator``.

    Raises:
        Breach: RATIO when the text is no such fraction.
    """
    match = _RATIO.fullmatch(text)
    if match is None:
        raise Breach("RATIO", detail="expected numerator/denominator")
    return Fraction(int(match[1]), int(match[2]))


def convert_rounding_down(hundredths: int, ratio: Fraction) -> int:
    """Return ``hundredths`` times ``ratio``, rounded down to a whole hundredth."""
    return hundredths * ratio.numerator // ratio.denominator
