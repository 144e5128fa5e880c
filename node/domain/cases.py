"""What needs a person: a finding that no rule settles."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenCase:
    """One finding; the same one found again is no second case.

    Attributes:
        kind: stable UPPER_SNAKE name of the finding.
        peer: the other province concerned.
        exchange_id: the exchange concerned.
        subject: what of it.
        hundredths: how much is in question, in this province's unit.
        note: stable reasons; never a learner's data.
    """

    kind: str
    peer: str
    exchange_id: bytes
    subject: bytes
    hundredths: int
    opened_us: int
    note: str
