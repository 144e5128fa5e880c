"""``creditbank request precedents``: what was decided in like cases."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from node.edges.cli.cases import case_name
from node.edges.cli.options import HERE, OPERATOR, Account, AsJson, Dir, Plain, group
from node.edges.cli.output import Output, as_data
from node.edges.cli.session import connect, find_exchange

app = group("先例。Precedents.")


@app.command()
def precedents(
    name: Annotated[
        str, typer.Argument(metavar="EXCHANGE", help="引用或交换编号 / reference or exchange")
    ],
    limit: Annotated[
        int, typer.Option("--limit", min=1, max=50, help="各列出多少 / how many of each")
    ] = 10,
    directory: Dir = HERE,
    account: Account = OPERATOR,
    as_json: AsJson = False,
    plain: Plain = False,
) -> None:
    """相似先例与可对应的课程，附理由，仅供参考。Like cases and targets, as advice."""
    from node.v1.precedent_service_pb2 import FindPrecedentsRequest

    with connect(directory, account) as client:
        found = case_name(find_exchange(client, name))
        answer = client.precedents.FindPrecedents(FindPrecedentsRequest(name=found, limit=limit))
    out = Output(as_json, plain)
    if as_json:
        out.json("precedents", [as_data(one) for one in answer.lots])
        return
    for lot in answer.lots:
        out.note(f"{lot.title} ({lot.lot})")
        out.table("candidates", _CANDIDATES, map(_row, lot.candidates), numbers=["score"])
        out.table("similar", _SIMILAR, map(_row, lot.similar), numbers=["score"])
    out.note("仅供参考，不代替决定。Advice only; it decides nothing.")


def _row(one: Any) -> dict[str, Any]:
    because = [("+ " if of.speaks_for else "- ") + f"{of.zh} {of.en}" for of in one.because]
    return as_data(one) | {"why": because, "score": f"{one.score / 10_000:.2f}"}


_CANDIDATES = {"code": "代码 Code", "title": "名称 Title", "score": "分值 Score", "why": "理由 Why"}
_SIMILAR = {
    "title": "先例 Case",
    "verdict": "结论 Verdict",
    "targets": "对应 Targets",
    "decided_on": "日期 Day",
    "score": "分值 Score",
    "why": "理由 Why",
}
