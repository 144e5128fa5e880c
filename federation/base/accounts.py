"""Account numbers: province code, ten-digit serial, ISO 7064 MOD 97-10 check digits."""

from __future__ import annotations

import re

from federation.base.errors import Breach
from federation.base.names import is_province

_FORM = re.compile(r"(T?[0-9]{2})([0-9]{10})([0-9]{2})")


def make_account(province: str, serial: int) -> str:
    """Return the account number for the serial of a province (``CN-33``, 7 → ``33…``).

    Raises:
        Breach: ACCOUNT when the serial has more than ten digits.
    """
    if not 0 <= serial < 10**10:
        raise Breach("ACCOUNT", detail="serial")
    stem = f"{province.removeprefix('CN-')}{serial:010d}"
    return f"{stem}{98 - _value(stem) * 100 % 97:02d}"


def check_account(text: str) -> str:
    """Return the account number when its form and check digits hold.

    Raises:
        Breach: ACCOUNT when they do not.
    """
    form = _FORM.fullmatch(text)
    if form is None or not is_province(f"CN-{form[1]}") or _value(text) % 97 != 1:
        raise Breach("ACCOUNT")
    # 00, 01 and 99 would be second spellings of 97, 98 and 02.
    if not 2 <= int(form[3]) <= 98:
        raise Breach("ACCOUNT")
    return text


def account_province(account: str) -> str:
    """Return the province that opened this account."""
    return f"CN-{account[:-12]}"


def _value(text: str) -> int:
    return int("".join(str(int(char, 36)) for char in text))
