"""``creditbank what-if``: what outcomes would count as in several provinces, before applying."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from federation.base.amounts import parse_credits
from federation.base.errors import Breach, Refusal
from federation.base.names import parse_province
from node.edges.cli.options import HERE, OPERATOR, Account, AsJson, Dir, Plain
from node.edges.cli.output import Output, as_data
from node.edges.cli.refusals import REFUSED
from node.edges.cli.session import connect

if TYPE_CHECKING:
    from node.v1.what_if_service_pb2 import AskProvincesRequest, AskProvincesResponse

NUMBERS = ("level", "hours")
REQUIRED = ("title", "code", "catalogue", "issuer", "kind", "credits", "earned")
OPTIONAL = {
    "source": "",
    "form": "",
    "level": "0",
    "field": "",
    "hours": "0",
    "scale": "none",
    "grade": "",
    "expires": "",
    "is_converted": "",
}
_YES = {"": False, "0": False, "false": False, "否": False, "1": True, "true": True, "是": True}


Holder = Annotated[
    str,
    typer.Option("--account", help="学习账户；离开本省的只有成果 / account; only outcomes leave"),
]
Lots = Annotated[
    list[str] | None, typer.Option("--lot", help="批次，省略为全部可用 / a lot; all usable ones")
]
OutcomeFile = Annotated[
    Path | None,
    typer.Option(
        "--file",
        exists=True,
        dir_okay=False,
        readable=True,
        help=f"未存入的成果 CSV，列 / outcomes not deposited, columns: {', '.join(REQUIRED)}; "
        f"{', '.join(OPTIONAL)}",
    ),
]
Targets = Annotated[
    list[str] | None,
    typer.Option("--target", help="想要的课程代码 / code of a course wished for"),
]
Provinces = Annotated[
    list[str] | None,
    typer.Option("--at", help="询问的省，省略为全部 / a province; all when absent"),
]
WithDays = Annotated[
    bool, typer.Option("--days", help="告知取得日而非仅月份 / tell days earned, not months")
]
Counting = Annotated[
    bool,
    typer.Option("--counts", help="只显示本节点答复的次数 / only how often this node answered"),
]


def what_if(
    holder: Holder = "",
    lot: Lots = None,
    file: OutcomeFile = None,
    target: Targets = None,
    at: Provinces = None,
    with_days: WithDays = False,
    is_counting: Counting = False,
    directory: Dir = HERE,
    account: Account = OPERATOR,
    as_json: AsJson = False,
    plain: Plain = False,
) -> None:
    """询问各省哪些成果可以认定、还缺什么；不透露学习者身份。Ask provinces what would count."""
    from node.v1.what_if_service_pb2 import AskProvincesRequest

    if is_counting:
        _count(Output(as_json, plain), directory, account)
        return
    if lot and not holder:
        raise typer.BadParameter("--lot 须与 --account 同用 / --lot goes with --account")
    request = AskProvincesRequest(
        account=holder,
        lots=lot or (),
        wanted_targets=target or (),
        provinces=[parse_province(one) for one in at or ()],
        with_days=with_days,
    )
    with connect(directory, account) as client:
        if file is not None:
            _add_outcomes(request, file, client.config.province)
        answer = client.what_if.AskProvinces(request)
    if as_json:
        Output(as_json=True).json("what_if", _told(answer))
    else:
        from node.edges.cli.what_if_tables import show

        show(Output(plain=plain), answer, with_days=with_days)
    if any(one.reason for one in answer.answers):
        raise typer.Exit(REFUSED)


def _count(out: Output, directory: Path, account: str) -> None:
    from node.v1.what_if_service_pb2 import CountQuestionsRequest

    with connect(directory, account) as client:
        answer = client.what_if.CountQuestions(CountQuestionsRequest())
    labels = {"answered": "已答复 answered", "refused": "已拒绝 refused"}
    out.record("questions", labels, as_data(answer))


def _told(answer: AskProvincesResponse) -> dict[str, Any]:
    """Return everything that was answered; a province without an answer has none, and a reason."""
    return {
        "outcomes": [as_data(one) for one in answer.outcomes],
        "answers": [
            {
                "province": one.province,
                "answer": as_data(one.answer) if one.HasField("answer") else None,
                "reason": one.reason,
            }
            for one in answer.answers
        ],
    }


def _add_outcomes(request: AskProvincesRequest, file: Path, home: str) -> None:
    from node.edges.cli.csv_files import open_csv

    for line, row in open_csv(file, REQUIRED, tuple(OPTIONAL)).read():
        texts = OPTIONAL | {name: text for name, text in row.items() if text}
        try:
            request.outcomes.add(**dict(_values(texts, home)))
        except (Breach, ValueError, KeyError) as fault:
            why = fault.reason if isinstance(fault, Breach) else "FIELDS"
            raise Refusal(
                "CSV_FORM", detail=f"{file.name}: 第 {line} 行 row {line}: {why}"
            ) from None


def _values(texts: dict[str, str], home: str) -> Iterator[tuple[str, Any]]:
    """Yield the fields of an outcome; the node that is asked checks what they say."""
    for name in set(texts) - {"credits", "source", "is_converted"}:
        yield name, int(texts[name]) if name in NUMBERS else texts[name]
    yield "source", parse_province(texts["source"] or home)
    yield "amount_hundredths", parse_credits(texts["credits"])
    yield "is_converted", _YES[texts["is_converted"].lower()]
