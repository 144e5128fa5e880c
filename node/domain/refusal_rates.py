"""How often outcomes are refused, as it may be published: nothing by which a learner is found.

A cell is the outcomes of one source province that one entry of a rule spoke of. What is of fewer
learners than :data:`FEWEST_LEARNERS` is never a cell of its own: small cells are put together, and
where they are too few even so, the smallest of the others joins them, so that no cell can be
reckoned from the rest. Within a cell a part is shown only where it and what remains are each of
nobody or of enough.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from node.domain.statistics import FEWEST_LEARNERS, Part

OTHERS = "*"


@dataclass(frozen=True, slots=True, kw_only=True)
class CastVote:
    """A VOTE of this province.

    Attributes:
        place: order of its exchange here.
        source: province that asked.
        account: of the learner; never leaves the house.
        payload: the message as signed.
    """

    place: int
    source: str
    account: str
    payload: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class JudgedLot:
    """What was said of one lot, and whose it is.

    Attributes:
        entry: the entry that spoke; empty where none did.
        reasons: why it was refused; empty where it was granted.
    """

    source: str
    learner: str
    entry: str
    is_granted: bool
    reasons: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class RefusalRate:
    """A published number of refusals.

    Attributes:
        entry: the entry, :data:`OTHERS` for small ones together, empty where none spoke.
        reason: refused for this reason, perhaps among others; empty for refused at all.
        judged: lots judged.
        refused: lots refused, None where withheld.
    """

    source: str
    entry: str
    reason: str
    judged: int
    refused: int | None

    @property
    def rate(self) -> str:
        """Refused of judged, to four places, half up; empty where withheld."""
        if self.refused is None:
            return ""
        parts = (20_000 * self.refused + self.judged) // (2 * self.judged)
        return f"{parts // 10_000}.{parts % 10_000:04d}"


Cell = list[JudgedLot]


def refusal_rates(judged: Iterable[JudgedLot]) -> tuple[RefusalRate, ...]:
    """Return what may be published, by source, entry and reason."""
    sources: dict[str, dict[str, Cell]] = {}
    for lot in judged:
        sources.setdefault(lot.source, {}).setdefault(lot.entry, []).append(lot)
    return tuple(
        rate
        for source in sorted(sources)
        for entry, cell in sorted(_folded(sources[source]).items())
        for rate in _rates(source, entry, cell)
    )


def _folded(cells: dict[str, Cell]) -> dict[str, Cell]:
    """Return cells of enough learners each; none where all together are too few."""
    by_size = sorted(cells, key=lambda entry: (_learners(cells[entry]), entry))
    small = [entry for entry in by_size if _learners(cells[entry]) < FEWEST_LEARNERS]
    large = by_size[len(small) :]
    rest = [lot for entry in small for lot in cells[entry]]
    while rest and large and _learners(rest) < FEWEST_LEARNERS:
        rest += cells[large.pop(0)]
    shown = {entry: cells[entry] for entry in large}
    return shown | {OTHERS: rest} if _learners(rest) >= FEWEST_LEARNERS else shown


def _rates(source: str, entry: str, cell: Cell) -> Iterable[RefusalRate]:
    refused = [lot for lot in cell if not lot.is_granted]
    granted = [lot for lot in cell if lot.is_granted]
    is_shown = _may_be_shown(refused) and _may_be_shown(granted)
    yield RefusalRate(
        source=source,
        entry=entry,
        reason="",
        judged=len(cell),
        refused=len(refused) if is_shown else None,
    )
    if not is_shown:
        return
    for reason in sorted({reason for lot in refused for reason in lot.reasons}):
        those = [lot for lot in refused if reason in lot.reasons]
        others = [lot for lot in refused if reason not in lot.reasons]
        if _may_be_shown(those) and _may_be_shown(others):
            yield RefusalRate(
                source=source, entry=entry, reason=reason, judged=len(cell), refused=len(those)
            )


def _learners(cell: Sequence[JudgedLot]) -> int:
    return len({lot.learner for lot in cell})


def _may_be_shown(part: Sequence[JudgedLot]) -> bool:
    return Part(exchanges=len(part), learners=_learners(part)).may_be_shown
