"""What a province publishes of its exchanges: counts by month, peer and direction, signed.

A count is withheld where fewer than ten learners stand behind it, or where it would give away
another that is. That is done before anything is signed, so whoever collects these documents never
has what they leave out. No learner is named in them, ever.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any

from federation.base.errors import Breach
from federation.base.names import is_province
from federation.base.working_days import month_bounds_us
from federation.signing.keys import Signer
from federation.trust.canonical import check_fields, read_document, render_document
from federation.trust.members import KeyState, Member, MemberStatus
from federation.trust.signed_document import SignedDocument, parse_signed, render_signed

STATISTICS_TYPE = "application/vnd.creditbank.statistics.v1+json"
REASON = "STATISTICS_FORM"
# Learners behind a count that is shown.
FEWEST_LEARNERS = 10
DIRECTIONS = ("IN", "OUT")
COUNTS = ("begun", "granted", "refused", "hundredths")
_MONTH = re.compile(r"20[0-9]{2}-(0[1-9]|1[0-2])")
_FIELDS = {"province": str, "month": str, "made_us": int, "rows": list}


@dataclass(frozen=True, slots=True, kw_only=True)
class StatisticsRow:
    """Exchanges begun with a peer in one direction; None where a count is withheld.

    Attributes:
        direction: OUT where the province is the source, else IN.
        granted: those of which something was granted.
        refused: those of which all was refused.
        hundredths: committed, in the source's credits.
    """

    peer: str
    direction: str
    begun: int | None
    granted: int | None
    refused: int | None
    hundredths: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Statistics:
    """A province's month; rows in the order of peer and direction."""

    province: str
    month: str
    made_us: int
    rows: tuple[StatisticsRow, ...]


def write_statistics(statistics: Statistics, signer: Signer) -> bytes:
    """Return the signed document."""
    value = {
        "province": statistics.province,
        "month": statistics.month,
        "made_us": statistics.made_us,
        "rows": [
            {one.name: getattr(row, one.name) for one in _columns()} for row in statistics.rows
        ],
    }
    document = SignedDocument(STATISTICS_TYPE, render_document(value), {})
    return render_signed(document.sign(signer))


def verify_statistics(content: bytes, members: Mapping[str, Member], *, now_us: int) -> Statistics:
    """Return the statistics in a document that its province signed with a message key.

    Raises:
        Breach: STATISTICS_FORM for a malformed one, or one that shows what stands for less than
            ten learners; NOT_MEMBER, KEY_UNKNOWN, KEY_NOT_VALID or SIGNATURE_INVALID.
    """
    document = parse_signed(content, STATISTICS_TYPE, reason=REASON)
    statistics = _parse(document.payload)
    member = members.get(statistics.province)
    if member is None or member.status is not MemberStatus.ACTIVE:
        raise Breach("NOT_MEMBER", detail=statistics.province)
    _require(len(document.signatures) == 1, "one signature")
    key = member.find_key(next(iter(document.signatures)), "message")
    if key is None:
        raise Breach("KEY_UNKNOWN")
    if key.state_at(now_us) is not KeyState.ACTIVE:
        raise Breach("KEY_NOT_VALID")
    document.check(key.key)
    _require(month_bounds_us(statistics.month)[1] <= now_us, "a month that has not ended")
    return statistics


def read_statistics(content: bytes) -> Statistics:
    """Return the statistics in a document that was verified before.

    Raises:
        Breach: STATISTICS_FORM.
    """
    return _parse(parse_signed(content, STATISTICS_TYPE, reason=REASON).payload)


def is_month(text: str) -> bool:
    """Tell whether a text is a month, YYYY-MM."""
    return _MONTH.fullmatch(text) is not None


def _parse(payload: bytes) -> Statistics:
    value = read_document(payload, reason=REASON)
    check_fields(value, _FIELDS, reason=REASON)
    _require(is_province(value["province"]), "province")
    _require(is_month(value["month"]), "month")
    rows = tuple(_row(one) for one in value["rows"])
    names = [(row.peer, row.direction) for row in rows]
    _require(names == sorted(set(names)), "rows: each once, in order")
    _require(all(row.peer != value["province"] for row in rows), "peer")
    return Statistics(
        province=value["province"], month=value["month"], made_us=value["made_us"], rows=rows
    )


def _row(value: Any) -> StatisticsRow:
    _require(isinstance(value, dict) and value.keys() == {one.name for one in _columns()}, "row")
    row = StatisticsRow(**value)
    _require(type(value["peer"]) is str and is_province(row.peer), "peer")
    _require(row.direction in DIRECTIONS, "direction")
    counts = [getattr(row, name) for name in COUNTS]
    _require(all(one is None or (type(one) is int and one >= 0) for one in counts), "count")
    if row.begun is None:
        _require(counts == [None] * len(counts), "what is part of a withheld count")
    # An exchange has one learner, so fewer exchanges are fewer learners.
    few = range(1, FEWEST_LEARNERS)
    _require(not any(one in few for one in counts[:3] if one is not None), "few learners")
    _require((row.granted is None) is (row.refused is None), "what gives another away")
    if row.begun is not None and row.granted is not None and row.refused is not None:
        rest = row.begun - row.granted - row.refused
        _require(rest >= 0 and rest not in few, "what is left")
    _require(row.hundredths is None or row.granted is not None, "hundredths")
    return row


def _columns() -> tuple[Any, ...]:
    return fields(StatisticsRow)


def _require(holds: bool, what: str) -> None:
    if not holds:
        raise Breach(REASON, detail=what)
