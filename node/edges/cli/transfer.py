"""``creditbank transfer``: exchanges with other provinces and their evidence."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from node.edges.cli import appeals
from node.edges.cli.cases import (
    CASE_LABELS,
    FETCH_S,
    FILE_COLUMNS,
    attach,
    case_name,
    fetch_case,
    said_of,
    show_state,
)
from node.edges.cli.decision_view import decision_values, fetch_decision, show_decision
from node.edges.cli.options import HERE, OPERATOR, Account, AsJson, Dir, Plain, group
from node.edges.cli.output import Output, as_data
from node.edges.cli.session import (
    AMOUNTS,
    EXCHANGE_COLUMNS,
    EXCHANGE_LABELS,
    connect,
    exchange_row,
    exchanges,
    find_exchange,
)

app = group("与他省的交换：查看、重试、申诉、导出证据链。Exchanges with other provinces.")
app.registered_commands.extend(appeals.transfers.registered_commands)

Name = Annotated[
    str, typer.Argument(metavar="EXCHANGE", help="交换编号或引用 / exchange or its reference")
]
SUFFIX = ".transcript"


@app.command("list")
def list_transfers(
    state: Annotated[list[str] | None, typer.Option(help="只列此状态 / only these states")] = None,
    peer: Annotated[str, typer.Option(help="只列此省 / only this province")] = "",
    directory: Dir = HERE,
    account: Account = OPERATOR,
    as_json: AsJson = False,
    plain: Plain = False,
) -> None:
    """列出全部交换，最新在后。List all exchanges, newest last."""
    from node.edges.cli.session import province_argument

    wanted = province_argument(peer) if peer else ""
    with connect(directory, account) as client:
        found = exchanges(client, states=state)
        rows = [exchange_row(one) for one in found if not wanted or one.peer == wanted]
    Output(as_json, plain).table("transfers", EXCHANGE_COLUMNS, rows, numbers=AMOUNTS)


@app.command()
def show(
    name: Name,
    directory: Dir = HERE,
    account: Account = OPERATOR,
    as_json: AsJson = False,
    plain: Plain = False,
) -> None:
    """显示一次交换和其中的认定。Show one exchange and what was decided on it."""
    with connect(directory, account) as client:
        found = find_exchange(client, name)
        decision = fetch_decision(client, found)
        row = exchange_row(found) | said_of(fetch_case(client, found))
    out = Output(as_json, plain)
    if as_json:
        out.json("transfer", row | {"decision": decision_values(decision)})
        return
    out.record("transfer", EXCHANGE_LABELS | CASE_LABELS, row)
    show_decision(out, decision)


@app.command()
def retry(
    name: Name,
    directory: Dir = HERE,
    account: Account = OPERATOR,
    as_json: AsJson = False,
    plain: Plain = False,
) -> None:
    """立即重发给这次交换的对方。Send what waits for the other party of this exchange, now."""
    from node.v1.operation_service_pb2 import RetryPeerRequest

    with connect(directory, account) as client:
        found = find_exchange(client, name)
        answer = client.operations.RetryPeer(RetryPeerRequest(peer=found.peer))
    labels = {"peer": "对方 peer", "messages": "重发消息 messages"}
    Output(as_json, plain).record("retry", labels, as_data(answer) | {"peer": found.peer})


@app.command()
def export(
    names: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="EXCHANGE...", help="交换，省略则全部转出 / all outgoing when absent"
        ),
    ] = None,
    to: Annotated[Path, typer.Option(help="存放的目录 / folder to write to")] = Path("transcripts"),
    directory: Dir = HERE,
    account: Account = OPERATOR,
    as_json: AsJson = False,
    plain: Plain = False,
) -> None:
    """导出证据链，可离线验证。Export transcripts, each complete evidence for offline checks."""
    from federation.signing.keystore import replace_file
    from node.v1.operation_service_pb2 import ExchangeName, ExportTranscriptsRequest

    rows = []
    with connect(directory, account) as client:
        wanted = [find_exchange(client, name) for name in names or ()]
        request = ExportTranscriptsRequest(
            exchanges=[ExchangeName(peer=one.peer, exchange=one.exchange) for one in wanted]
        )
        for answer in client.operations.ExportTranscripts(request):
            file = to / f"{answer.exchange.peer}-{answer.exchange.exchange}{SUFFIX}"
            replace_file(file, answer.transcript)
            rows.append({"file": str(file), "bytes": len(answer.transcript)})
    columns = {"file": "文件 File", "bytes": "字节 Bytes"}
    Output(as_json, plain).table("transcripts", columns, rows, numbers=["bytes"])


@app.command()
def supplement(
    name: Name,
    evidence: Annotated[
        list[Path],
        typer.Option(
            exists=True, dir_okay=False, readable=True, help="证明文件，可重复 / evidence files"
        ),
    ],
    lot: Annotated[
        str, typer.Option(help="所属批次，只有一批时可省略 / their lot; may be absent if only one")
    ] = "",
    directory: Dir = HERE,
    account: Account = OPERATOR,
    as_json: AsJson = False,
    plain: Plain = False,
) -> None:
    """答复目的省，补充证明材料。Answer the destination's question with evidence files."""
    from federation.base.errors import Refusal
    from node.v1.case_service_pb2 import LotFile, SendSupplementRequest

    with connect(directory, account) as client:
        found = find_exchange(client, name)
        lots = [one.lot for one in fetch_case(client, found).lots]
        of = lot.lower() or (lots[0] if len(lots) == 1 else "")
        if of not in lots:
            raise Refusal("LOT", detail=of)
        files = [LotFile(lot=of, digest=attach(client, of, one).digest) for one in evidence]
        answer = client.cases.SendSupplement(
            SendSupplementRequest(name=case_name(found), files=files)
        )
    show_state(Output(as_json, plain), "supplement", found, answer)


@app.command()
def fetch(
    name: Name,
    digest: Annotated[
        str, typer.Argument(metavar="DIGEST", help="SHA-256，省略则全部 / all when absent")
    ] = "",
    directory: Dir = HERE,
    account: Account = OPERATOR,
    as_json: AsJson = False,
    plain: Plain = False,
) -> None:
    """从来源省取回证明文件，中断后可续。Fetch evidence files; what was broken off goes on."""
    from node.v1.case_service_pb2 import FetchFilesRequest

    with connect(directory, account) as client:
        found = find_exchange(client, name)
        request = FetchFilesRequest(name=case_name(found), digest=digest.lower())
        answer = client.cases.FetchFiles(request, timeout=FETCH_S)
    rows = [as_data(one) for one in answer.files]
    Output(as_json, plain).table("files", FILE_COLUMNS, rows, numbers=["size_bytes"])
