"""The figures of a run, each taken from the side that booked it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

STATES = ("granted", "partly_granted", "refused", "declined")


def end_of(summary: Any) -> str:
    """Return how an exchange ended, judged by what its source answers."""
    if summary.committed_hundredths > 0:
        is_whole = (
            summary.lots_granted == summary.lots_offered
            and summary.granted_hundredths >= summary.offered_hundredths
        )
        return "granted" if is_whole else "partly_granted"
    if "LEARNER_DECLINED" in summary.reasons:
        return "declined"
    return "lapsed" if "LOCK_EXPIRED" in summary.reasons else "refused"


def count_ends(summaries: Iterable[Any]) -> dict[str, int]:
    """Count how exchanges ended; the four ordinary ends are always named."""
    counted = Counter(end_of(summary) for summary in summaries)
    return {state: counted.pop(state, 0) for state in STATES} | dict(counted)


@dataclass(slots=True)
class Findings:
    """What a run found out.

    Attributes:
        ends: how each transfer ended, by reference, as its source answers.
        pairs: every ordered pair as reconciled.
        witnessed: COMMITs that a quorum of witnesses covers, as their sources know.
        verified: exchanges whose transcripts were verified offline.
        decisions: decisions that were made.
        recomputed: of these, how many are the same when judged again from the evidence.
        problems: what does not hold; empty when all is well.
    """

    ready_seconds: float = 0.0
    provinces: int = 0
    lots_deposited: int = 0
    ends: Mapping[str, Any] = field(default_factory=dict)
    pairs: list[Any] = field(default_factory=list)
    witnessed: int = 0
    verified: list[str] = field(default_factory=list)
    decisions: int = 0
    recomputed: int = 0
    problems: list[str] = field(default_factory=list)
    notes: dict[str, Any] = field(default_factory=dict)

    def figures(self) -> dict[str, Any]:
        """Return the one object that a run prints for programs."""
        return {
            "ready_seconds": round(self.ready_seconds, 2),
            "provinces": self.provinces,
            "lots_deposited": self.lots_deposited,
            "transfers": count_ends(self.ends.values()),
            "credits_out_hundredths": self.total("outbound_hundredths"),
            "credits_in_hundredths": self.total("inbound_hundredths"),
            "granted_hundredths": self.total("granted_hundredths"),
            "in_flight_hundredths": self.total("in_flight_hundredths"),
            "witnessed": self.witnessed,
            "transcripts_verified": len(self.verified),
            "decisions": self.decisions,
            "decisions_recomputed": self.recomputed,
            "pairs_reconciled": sum(1 for pair in self.pairs if pair.agrees),
            **self.notes,
        }

    @property
    def committed(self) -> int:
        """How many transfers moved credits."""
        return sum(1 for one in self.ends.values() if one.committed_hundredths > 0)

    def total(self, name: str) -> int:
        """Return the sum of a figure over all ordered pairs."""
        return sum(int(getattr(pair, name)) for pair in self.pairs)

    def check(self, transfers: int) -> None:
        """Note what does not hold among the figures."""
        figures = self.figures()
        expected = self.provinces * (self.provinces - 1)
        balance = figures["credits_in_hundredths"] + figures["in_flight_hundredths"]
        claims = {
            f"PAIRS: {figures['pairs_reconciled']} of {expected}": (
                figures["pairs_reconciled"] == expected == len(self.pairs)
            ),
            f"WITNESSED: {self.witnessed} of {self.committed}": self.witnessed == self.committed,
            f"TRANSFERS: {len(self.ends)} of {transfers}": len(self.ends) == transfers,
            f"TRANSCRIPTS: {len(self.verified)} of {transfers}": len(self.verified) == transfers,
            f"DECISIONS: {self.recomputed} of {self.decisions}": self.recomputed == self.decisions,
            f"BALANCE: {figures['credits_out_hundredths']} is not {balance}": (
                figures["credits_out_hundredths"] == balance
            ),
        }
        self.problems.extend(claim for claim, holds in claims.items() if not holds)
        self.problems.extend(
            f"PAIR {pair.source} → {pair.destination}: {pair.reason}"
            for pair in self.pairs
            if not pair.agrees
        )
