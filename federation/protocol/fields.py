"""Checks of the parts that messages are made of: each by itself, and each with its reason."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import date

from federation.base.errors import Breach, Kind
from federation.base.names import is_clean_identifier
from federation.protocol.inquiries import (
    NONCE_SIZE,
)
from federation.protocol.messages import (
    EXCHANGE_ID_SIZE,
    Commitment,
    Consent,
    EvidenceFile,
)

MOST_LOTS = 100
MOST_REASONS = 16
LARGEST_FILE = 64 * 1024 * 1024
MEDIA_TYPES = frozenset({"application/pdf", "image/png", "image/jpeg", "text/plain"})
CONSENT_BASIS = "SEPARATE_CONSENT"
_REASON = re.compile(r"[A-Z][A-Z0-9_]{1,63}")
_HASH = 32
_EARLIEST_YEAR = 2020
# The years that a signed time may lie in, UTC microseconds: 2020 to 2200.
_TIMES = range(1_577_836_800_000_000, 7_258_118_400_000_000)


def check_nonce(nonce: bytes) -> None:
    """Check a nonce. Raises Breach NONCE."""
    if len(nonce) != NONCE_SIZE or not any(nonce):
        raise Breach("NONCE")


def check_consent(consent: Consent | None) -> None:
    """Check that there is separate consent for named fields. Raises Breach LEGAL_BASIS."""
    if consent is None or consent.basis != CONSENT_BASIS or not consent.fields:
        raise Breach("LEGAL_BASIS")
    if list(consent.fields) != sorted(set(consent.fields)):
        raise Breach("LEGAL_BASIS", detail="fields not in order")
    check_names(*consent.fields)
    check_times(consent.given_time_us)


def check_lots(lot_ids: Iterable[bytes]) -> None:
    """Check names of lots. Raises Breach NO_LOTS, TOO_MANY_LOTS, LOT or DUPLICATE_LOT."""
    listed = list(lot_ids)
    if not listed:
        raise Breach("NO_LOTS")
    if len(listed) > MOST_LOTS:
        raise Breach("TOO_MANY_LOTS")
    if any(len(lot_id) != EXCHANGE_ID_SIZE for lot_id in listed):
        raise Breach("LOT", kind=Kind.INVALID_ARGUMENT)
    if len(set(listed)) != len(listed):
        raise Breach("DUPLICATE_LOT")


def check_cited(exchange_id: bytes, returned: Iterable[bytes]) -> None:
    """Check what an offer cites.

    A return cites an exchange and in each lot the one that comes back; an appeal cites an exchange
    alone; nothing else cites anything.

    Raises:
        Breach: EXCHANGE_ID.
    """
    sizes = {len(lot_id) for lot_id in returned}
    allowed = [{0}, {EXCHANGE_ID_SIZE}] if exchange_id else [{0}]
    if len(exchange_id) not in (0, EXCHANGE_ID_SIZE) or sizes not in allowed:
        raise Breach("EXCHANGE_ID", detail="what is returned or appealed against")


def check_commitments(commitments: tuple[Commitment, ...]) -> None:
    """Check commitments by their order. Raises Breach COMMITMENT_ORDER, BAD_TEXT or DIGEST."""
    names = [one.name for one in commitments]
    if names != sorted(set(names)):
        raise Breach("COMMITMENT_ORDER")
    check_names(*names)
    check_hashes(*(one.digest for one in commitments))


def check_file(one: EvidenceFile) -> None:
    """Check what is said of a file.

    Raises:
        Breach: EVIDENCE_SIZE or EVIDENCE_TYPE.
    """
    if not 0 < one.size_bytes <= LARGEST_FILE:
        raise Breach("EVIDENCE_SIZE")
    if one.media_type not in MEDIA_TYPES:
        raise Breach("EVIDENCE_TYPE")


def check_hashes(*digests: bytes) -> None:
    """Check that each is a hash. Raises Breach DIGEST."""
    if any(len(digest) != _HASH for digest in digests):
        raise Breach("DIGEST")


def check_names(*names: str) -> None:
    """Check that each is a clean identifier. Raises Breach BAD_TEXT."""
    if not all(is_clean_identifier(name) for name in names):
        raise Breach("BAD_TEXT")


def check_times(*times_us: int) -> None:
    """Check that each is a time a message may speak of. Raises Breach DATE."""
    if any(time_us not in _TIMES for time_us in times_us):
        raise Breach("DATE")


def check_day(text: str) -> None:
    """Check that a text is a day, YYYY-MM-DD. Raises Breach DATE."""
    try:
        day = date.fromisoformat(text)
    except ValueError:
        raise Breach("DATE", detail="no such day") from None
    if day.isoformat() != text or day.year < _EARLIEST_YEAR:
        raise Breach("DATE", detail="no such day")


def check_reasons(reasons: tuple[str, ...]) -> None:
    """Check stable reasons. Raises Breach REASON_FORM."""
    if len(reasons) > MOST_REASONS or not all(_REASON.fullmatch(one) for one in reasons):
        raise Breach("REASON_FORM")
