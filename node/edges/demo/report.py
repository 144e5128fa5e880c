"""What a run shows at its end: flows, ends, where to look further, and that the books agree."""

from __future__ import annotations

import json
import sys
from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from rich import box
from rich.console import Console
from rich.table import Table

from federation.base.amounts import show_credits
from federation.base.names import is_test_province, province_name
from federation.evidence.transcript import SUFFIX
from node.edges.demo.figures import Findings
from node.edges.demo.proofs import EXAMPLES
from node.edges.demo.site import COORDINATOR, Site

LAST_LINE = "credits out = credits in + in flight"
_WIDEST_MATRIX = 9
_MOST_FLOWS = 24
_END_NAMES = {
    "granted": "全部认可 granted whole",
    "partly_granted": "部分认可 granted partly",
    "refused": "未认可 refused",
    "declined": "学习者放弃 declined by the learner",
    "lapsed": "逾期 lapsed",
}


@dataclass(frozen=True, slots=True)
class Ending:
    """What is left when the report is read.

    Attributes:
        stays: whether the processes go on.
        is_kept: whether the folder is.
    """

    stays: bool
    is_kept: bool


def tell(console: Console, site: Site, findings: Findings, ending: Ending) -> None:
    """Print the tables and the closing lines."""
    figures = findings.figures()
    names = _names(figures)
    if findings.provinces <= _WIDEST_MATRIX:
        console.print(_matrix(findings, names))
    else:
        console.print(_top_flows(findings, names))
    console.print(_per_province(findings, names))
    console.print(_ends(figures))
    _tell_notes(console, figures)
    _tell_further(console, site, findings, ending)
    for problem in findings.problems:
        console.print(f"不符 PROBLEM: {problem}", markup=False)
    console.print(_proof(figures), markup=False)
    console.print(LAST_LINE, markup=False)


def tell_json(console: Console, findings: Findings) -> None:
    """Print the one object for programs."""
    console.file.write(json.dumps(findings.figures(), ensure_ascii=False) + "\n")
    console.file.flush()


def _names(figures: dict[str, Any]) -> Callable[[str], str]:
    regions = figures.get("regions", {})

    def name(code: str) -> str:
        if is_test_province(code):
            return f"{code} {regions.get(code, '')}".strip()
        return f"{code} {province_name(code).zh}"

    return name


def _matrix(findings: Findings, name: Callable[[str], str]) -> Table:
    flows = {(pair.source, pair.destination): pair.outbound_hundredths for pair in findings.pairs}
    codes = sorted({source for source, _ in flows})
    table = Table(
        title="学分流向（转出省的学分）· flows in the source's credits: from row to column",
        box=box.SIMPLE_HEAD,
    )
    table.add_column("")
    for code in codes:
        table.add_column(province_name(code).zh, justify="right")
    for source in codes:
        cells = [_amount(flows.get((source, other), 0)) for other in codes]
        table.add_row(name(source), *cells)
    return table


def _top_flows(findings: Findings, name: Callable[[str], str]) -> Table:
    table = Table(title=f"最大的 {_MOST_FLOWS} 个流向 · largest flows", box=box.SIMPLE_HEAD)
    table.add_column("转出 from")
    table.add_column("转入 to")
    table.add_column("笔数 transfers", justify="right")
    table.add_column("转出学分 out", justify="right")
    table.add_column("认可学分 granted", justify="right")
    by_size = sorted(findings.pairs, key=lambda pair: -pair.outbound_hundredths)
    for pair in by_size[:_MOST_FLOWS]:
        table.add_row(
            name(pair.source),
            name(pair.destination),
            str(pair.exchanges),
            show_credits(pair.outbound_hundredths),
            show_credits(pair.granted_hundredths),
        )
    return table


def _per_province(findings: Findings, name: Callable[[str], str]) -> Table:
    out: dict[str, int] = defaultdict(int)
    into: dict[str, int] = defaultdict(int)
    granted: dict[str, int] = defaultdict(int)
    for pair in findings.pairs:
        out[pair.source] += pair.outbound_hundredths
        into[pair.destination] += pair.inbound_hundredths
        granted[pair.destination] += pair.granted_hundredths
    table = Table(title="各省 · by province", box=box.SIMPLE_HEAD)
    table.add_column("省份 province")
    for heading in ("转出 out", "转入 in", "净 net", "认可 granted"):
        table.add_column(heading, justify="right")
    for code in sorted(out.keys() | into.keys()):
        amounts = (out[code], into[code], into[code] - out[code], granted[code])
        table.add_row(name(code), *map(show_credits, amounts))
    return table


def _ends(figures: dict[str, Any]) -> Table:
    ends = figures["transfers"]
    total = sum(ends.values())
    table = Table(title="转移结果 · how transfers ended", box=box.SIMPLE_HEAD)
    table.add_column("结果 end")
    table.add_column("笔数 transfers", justify="right")
    table.add_column("%", justify="right")
    for state, count in ends.items():
        share = f"{100 * count / total:.1f}" if total else ""
        table.add_row(_END_NAMES.get(state, state), str(count), share)
    table.add_row("合计 total", str(total), "")
    return table


def _tell_notes(console: Console, figures: dict[str, Any]) -> None:
    if figures.get("synthesised"):
        console.print("学习记录真实；迁移为随机合成。Records are real; the moves are synthesised.")
        derived = ", ".join(figures["derived"])
        console.print(f"推导而来 derived, not in the data set: {derived}", markup=False)
    for row in figures.get("rejected_rows", [])[:20]:
        console.print(f"拒收 rejected: line {row['line']} {row['reference']} {row['reason']}")


def _tell_further(console: Console, site: Site, findings: Findings, ending: Ending) -> None:
    console.print(
        f"\n证据链 transcripts verified: {len(findings.verified)}  "
        f"见证 witnessed: {findings.witnessed}  "
        f"对账 pairs reconciled: {sum(1 for pair in findings.pairs if pair.agrees)}"
    )
    console.print(
        f"认定决定 decisions: {findings.decisions}  "
        f"重算一致 recomputed alike: {findings.recomputed}"
    )
    for line in _commands(site, ending):
        console.print(f"  {line}", markup=False, soft_wrap=True, style="cyan")
    if not ending.is_kept:
        console.print("目录随结束删除；--dir 可保留。The folder goes at the end; --dir keeps it.")


def _commands(site: Site, ending: Ending) -> Iterator[str]:
    program = sys.argv[0] if sys.argv[0].endswith("creditbank") else "creditbank"
    folder = site.directory
    if ending.stays:
        first = min(site.ports.keys() - {COORDINATOR})
        yield f"{program} status --dir {folder / first}"
        yield f"{program} transfer list --dir {folder / first}"
    if ending.stays or ending.is_kept:
        for example in sorted((folder / EXAMPLES).glob(f"*{SUFFIX}"))[:1]:
            yield f"{program} verify {example} --root {site.root_path}"
            yield f"{program} decision recompute {example}"
        yield f"{program} audit {folder}"


def _proof(figures: dict[str, Any]) -> str:
    out, into, flight = (
        show_credits(figures[name])
        for name in ("credits_out_hundredths", "credits_in_hundredths", "in_flight_hundredths")
    )
    return f"{out} = {into} + {flight}"


def _amount(hundredths: int) -> str:
    return show_credits(hundredths) if hundredths else "·"
