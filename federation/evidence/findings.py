"""What an audit gathers: differences, the figures it derived, and its report."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from federation.base.amounts import show_credits
from federation.base.reasons import describe

Pair = tuple[str, str]
MOST_SHOWN = 100


@dataclass(frozen=True, slots=True)
class Difference:
    """One thing that does not agree.

    Attributes:
        place: where, as ``CN-33 log`` or ``figures.json credits_out_hundredths``.
        reason: its stable reason.
        detail: more of it, for people.
    """

    place: str
    reason: str
    detail: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class PairLine:
    """One ordered pair of provinces, from signed messages alone; source hundredths."""

    source: str
    destination: str
    exchanges: int = 0
    out_hundredths: int = 0
    in_hundredths: int = 0
    in_flight_hundredths: int = 0
    agrees: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """What evidence alone says of a run."""

    provinces: int = 0
    lots_deposited: int = 0
    transfers: Mapping[str, int] = field(default_factory=dict)
    credits_out_hundredths: int = 0
    credits_in_hundredths: int = 0
    granted_hundredths: int = 0
    in_flight_hundredths: int = 0
    witnessed: int = 0
    transcripts_verified: int = 0
    pairs_reconciled: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditReport:
    """What an audit found.

    Attributes:
        figures: as derived from evidence.
        pairs: every ordered pair of provinces.
        differences: whatever does not agree.
        not_derivable: figures of the run that evidence cannot speak of.
    """

    figures: Figures
    pairs: tuple[PairLine, ...]
    differences: tuple[Difference, ...]
    not_derivable: tuple[str, ...]

    @property
    def agrees(self) -> bool:
        """Whether evidence holds and says what the run says."""
        return not self.differences

    def to_json(self) -> dict[str, Any]:
        """Return the report as a JSON object."""
        return {"agrees": self.agrees, **asdict(self)}


class Findings:
    """Differences as they are found, with the pairs of provinces that they cast doubt on."""

    def __init__(self) -> None:
        self.differences: list[Difference] = []
        self._doubted: set[Pair] = set()
        self._doubted_provinces: set[str] = set()

    def add(
        self,
        place: str,
        reason: str,
        detail: str = "",
        *,
        pair: Pair | None = None,
        province: str = "",
    ) -> None:
        """Note a difference, and whose books it leaves in doubt."""
        self.differences.append(Difference(place, reason, detail))
        if pair is not None:
            self._doubted.add(pair)
        if province:
            self._doubted_provinces.add(province)

    def doubts(self, pair: Pair) -> bool:
        """Tell whether anything casts doubt on a pair."""
        return pair in self._doubted or not self._doubted_provinces.isdisjoint(pair)


def explain_audit(report: AuditReport) -> str:
    """Return an audit in Chinese and English, for people."""
    figures = report.figures
    ends = "，".join(f"{name} {count}" for name, count in sorted(figures.transfers.items()))
    lines = [
        f"成员省 provinces {figures.provinces}, 存入批次 lots deposited {figures.lots_deposited}",
        f"转移 transfers: {ends or '0'}",
        f"转出 out {show_credits(figures.credits_out_hundredths)} = "
        f"转入 in {show_credits(figures.credits_in_hundredths)} + "
        f"在途 in flight {show_credits(figures.in_flight_hundredths)}",
        f"认定 granted {show_credits(figures.granted_hundredths)}, "
        f"已见证 witnessed {figures.witnessed}, "
        f"已验证证据链 transcripts {figures.transcripts_verified}, "
        f"已对账省对 pairs {figures.pairs_reconciled}",
    ]
    if report.not_derivable:
        lines.append(f"证据无法推出 · Not derivable: {', '.join(report.not_derivable)}")
    lines += [_tell(one) for one in report.differences[:MOST_SHOWN]]
    unshown = len(report.differences) - MOST_SHOWN
    if unshown > 0:
        lines.append(f"另有 {unshown} 处不一致 · {unshown} more differences")
    verdict = "证据与数字一致 · Evidence and figures agree"
    doubt = f"不一致 {len(report.differences)} 处 · {len(report.differences)} differences"
    return "\n".join([*lines, verdict if report.agrees else doubt]) + "\n"


def _tell(one: Difference) -> str:
    text = describe(one.reason)
    detail = f" ({one.detail})" if one.detail else ""
    return f"✗ {one.place}: {one.reason}{detail} {text.zh} {text.en}"
