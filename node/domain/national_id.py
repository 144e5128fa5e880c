"""Identity documents: which numbers can exist, and the one spelling of each.

Citizen numbers follow GB 11643-1999: six digits of region (GB/T 2260), eight of birth date,
three of sequence, one check character (ISO 7064 MOD 11-2). Residence permits of Hong Kong, Macao
and Taiwan residents have the same form, with the regions 81, 82 and 83. A check here only says
that a number is possible; who the person is, a registrar establishes. No message names the
number: it would end in a log.
"""

from __future__ import annotations

import re
from datetime import date

from federation.base.errors import Breach
from federation.base.names import PROVINCES

RESIDENT_ID = "RESIDENT_ID"
HKM_PERMIT = "HKM_PERMIT"
TAIWAN_PERMIT = "TAIWAN_PERMIT"
PASSPORT = "PASSPORT"
LOCAL = "LOCAL"
DOCUMENT_KINDS = (RESIDENT_ID, HKM_PERMIT, TAIWAN_PERMIT, PASSPORT, LOCAL)

EARLIEST_BIRTH = date(1900, 1, 1)
_TAIWAN_RESIDENCE_PERMIT = "83"
_REGIONS = frozenset(code[3:] for code in PROVINCES) | {_TAIWAN_RESIDENCE_PERMIT}
_WEIGHTS = tuple(pow(2, 17 - place, 11) for place in range(17))
_CHECK_CHARACTERS = "10X98765432"
_FORMS = {
    RESIDENT_ID: re.compile(r"[0-9]{17}[0-9X]"),
    HKM_PERMIT: re.compile(r"[HM][0-9]{8}"),
    TAIWAN_PERMIT: re.compile(r"[0-9]{8}"),
    PASSPORT: re.compile(r"[0-9A-Z]{5,17}"),
    LOCAL: re.compile(r"[0-9A-Za-z-]{1,32}"),
}


def check_document(kind: str, number: str, today_iso: str) -> str:
    """Return the one spelling of a document's number, which is what commitments are made of.

    Surrounding spaces go and letters become capitals; a LOCAL number is opaque and keeps its
    letters.

    Args:
        kind: one of ``DOCUMENT_KINDS``.
        number: the number as a person or a system wrote it.
        today_iso: the present date, YYYY-MM-DD; no learner is born after it.

    Raises:
        Breach: LEARNER_ID when no document of this kind has such a number.
    """
    form = _FORMS.get(kind)
    if form is None:
        raise Breach("LEARNER_ID", detail="unknown kind of document")
    spelled = number.strip() if kind == LOCAL else number.strip().upper()
    if form.fullmatch(spelled) is None:
        raise Breach("LEARNER_ID", detail=f"not the form of {kind}")
    if kind == RESIDENT_ID:
        _check_resident(spelled, date.fromisoformat(today_iso))
    return spelled


def check_character(first17: str) -> str:
    """Return the last character of a citizen number, ``0`` to ``9`` or ``X``.

    Raises:
        Breach: LEARNER_ID when these are not seventeen digits.
    """
    if re.fullmatch(r"[0-9]{17}", first17) is None:
        raise Breach("LEARNER_ID", detail="not seventeen digits")
    total = sum(int(digit) * weight for digit, weight in zip(first17, _WEIGHTS, strict=True))
    return _CHECK_CHARACTERS[total % 11]


def _check_resident(number: str, today: date) -> None:
    if number[:2] not in _REGIONS:
        raise Breach("LEARNER_ID", detail="unknown region")
    if check_character(number[:17]) != number[17]:
        raise Breach("LEARNER_ID", detail="check character")
    try:
        born = date(int(number[6:10]), int(number[10:12]), int(number[12:14]))
    except ValueError:
        raise Breach("LEARNER_ID", detail="no such date of birth") from None
    if not EARLIEST_BIRTH <= born <= today:
        raise Breach("LEARNER_ID", detail="date of birth out of range")
