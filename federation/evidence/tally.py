"""Figures from evidence alone, and their comparison with what the run says of itself."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, replace
from itertools import permutations
from typing import Any

from federation.evidence.cases import Case, Exported
from federation.evidence.findings import Figures, Findings, Pair, PairLine
from federation.evidence.folder import FIGURES
from federation.evidence.logbook import Logbook
from federation.evidence.outcome import outcome_of


def tally_pairs(
    provinces: Sequence[str], cases: Iterable[Case], findings: Findings
) -> tuple[PairLine, ...]:
    """Return every ordered pair with what left, what arrived, and what is on its way."""
    lines: dict[Pair, PairLine] = {
        pair: PairLine(source=pair[0], destination=pair[1])
        for pair in permutations(sorted(provinces), 2)
    }
    for case in cases:
        line = lines.get(case.pair)
        if line is None:
            findings.add(case.copies[0].place, "EVIDENCE_INCOMPLETE", "evidence of one side only")
            continue
        if case.out_hundredths != case.in_hundredths + case.in_flight_hundredths:
            findings.add(case.copies[0].place, "SUMS_DIFFER", "out, in, in flight", pair=case.pair)
        lines[case.pair] = _added(line, case)
    return tuple(replace(line, agrees=_agrees(line, findings)) for line in lines.values())


def tally(
    logbooks: Mapping[str, Logbook],
    exported: Sequence[Exported],
    cases: Sequence[Case],
    pairs: Sequence[PairLine],
    *,
    provinces: int,
) -> Figures:
    """Return the figures of a run."""
    return Figures(
        provinces=provinces,
        lots_deposited=sum(logbook.outcomes for logbook in logbooks.values()),
        transfers=dict(sorted(Counter(outcome_of(case.chain).value for case in cases).items())),
        credits_out_hundredths=sum(case.out_hundredths for case in cases),
        credits_in_hundredths=sum(case.in_hundredths for case in cases),
        granted_hundredths=sum(case.granted_hundredths for case in cases),
        in_flight_hundredths=sum(case.in_flight_hundredths for case in cases),
        witnessed=sum(1 for case in cases if case.is_witnessed),
        transcripts_verified=len(exported),
        pairs_reconciled=sum(1 for line in pairs if line.agrees),
    )


def compare(figures: Figures, stated: bytes, findings: Findings) -> tuple[str, ...]:
    """Note every stated figure that evidence contradicts; return those it cannot speak of."""
    try:
        value = json.loads(stated)
    except (ValueError, RecursionError):
        value = None
    if not isinstance(value, dict):
        findings.add(FIGURES, "EVIDENCE_FORM", "not a JSON object")
        return ()
    derived = asdict(figures)
    for name, number in derived.items():
        if not _is_same(number, value.get(name)):
            detail = f"stated {_short(value.get(name))}, derived {_short(number)}"
            findings.add(f"{FIGURES} {name}", "FIGURE_DIFFERS", detail)
    return tuple(sorted(value.keys() - derived.keys()))


def _added(line: PairLine, case: Case) -> PairLine:
    moved = case.out_hundredths or case.in_hundredths
    return replace(
        line,
        exchanges=line.exchanges + (1 if moved else 0),
        out_hundredths=line.out_hundredths + case.out_hundredths,
        in_hundredths=line.in_hundredths + case.in_hundredths,
        in_flight_hundredths=line.in_flight_hundredths + case.in_flight_hundredths,
    )


def _agrees(line: PairLine, findings: Findings) -> bool:
    balanced = line.out_hundredths == line.in_hundredths + line.in_flight_hundredths
    return balanced and not findings.doubts((line.source, line.destination))


def _is_same(derived: Any, stated: Any) -> bool:
    """Compare a figure; a count by kind may leave out kinds that did not occur."""
    if isinstance(derived, dict) and isinstance(stated, dict):
        return all(
            _is_same(derived.get(name, 0), stated.get(name, 0))
            for name in derived.keys() | stated.keys()
        )
    return type(stated) is int and stated == derived


def _short(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)[:200]
