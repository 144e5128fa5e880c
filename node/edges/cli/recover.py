"""``creditbank recover``: a node restored from a backup, and the cases it leaves for people."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from federation.base.amounts import show_credits
from node.edges.cli.options import HERE, OPERATOR, Account, AsJson, Dir, Plain, group
from node.edges.cli.output import Output, as_data, show_time
from node.edges.cli.refusals import REFUSED
from node.edges.cli.session import connect

app = group("恢复：进度、双人确认、待办事项。Recovery: progress, confirmation by two, cases.")


@app.command()
def status(
    directory: Dir = HERE,
    account: Account = OPERATOR,
    as_json: AsJson = False,
    plain: Plain = False,
) -> None:
    """恢复到哪一步，还等什么。How far a recovery is, and what it waits for."""
    from node.v1.recovery_service_pb2 import GetRecoveryRequest

    with connect(directory, account) as client:
        answer = client.recovery.GetRecovery(GetRecoveryRequest())
    lost = [f"{one.first}..{one.first + one.count - 1}" for one in answer.lost]
    values = as_data(answer) | {"since": show_time(answer.since_us), "lost": lost}
    out = Output(as_json, plain)
    out.record("recovery", _LABELS, values)
    if meaning := _MEANINGS.get(answer.blocked):
        out.note(meaning)
    if answer.stage != "SERVING":
        raise typer.Exit(REFUSED)


@app.command()
def confirm(
    directory: Dir = HERE,
    account: Account = OPERATOR,
    as_json: AsJson = False,
    plain: Plain = False,
) -> None:
    """确认日志内容已失；须由两个账户各确认一次。Confirm what is lost; two accounts must."""
    from node.v1.recovery_service_pb2 import ConfirmRecoveryRequest

    with connect(directory, account) as client:
        answer = client.recovery.ConfirmRecovery(ConfirmRecoveryRequest())
    labels = {"confirmed": "已确认 confirmed by"}
    Output(as_json, plain).record("confirmation", labels, as_data(answer))


@app.command()
def cases(
    directory: Dir = HERE,
    account: Account = OPERATOR,
    with_closed: Annotated[
        bool, typer.Option("--all", help="含已办结的 / also those closed")
    ] = False,
    as_json: AsJson = False,
    plain: Plain = False,
) -> None:
    """列出须由人员处理的事项。List what people must settle."""
    from node.v1.recovery_service_pb2 import ListCasesRequest

    with connect(directory, account) as client:
        answer = client.recovery.ListCases(ListCasesRequest(with_closed=with_closed))
    Output(as_json, plain).table("cases", _COLUMNS, [_row(one) for one in answer.cases])


@app.command()
def close(
    case: Annotated[int, typer.Argument(metavar="CASE", help="事项编号 / number of the case")],
    note: Annotated[str, typer.Option("--note", help="如何处理的 / what was done about it")],
    directory: Dir = HERE,
    account: Account = OPERATOR,
    as_json: AsJson = False,
    plain: Plain = False,
) -> None:
    """办结一个事项。Close a case."""
    from node.v1.recovery_service_pb2 import CloseCaseRequest

    with connect(directory, account) as client:
        client.recovery.CloseCase(CloseCaseRequest(case_id=case, note=note))
    Output(as_json, plain).record("closed", {"case_id": "编号 case"}, {"case_id": case})


def _row(one: Any) -> dict[str, Any]:
    return as_data(one) | {
        "credits": show_credits(one.hundredths),
        "opened": show_time(one.opened_us),
        "closed": show_time(one.closed_us),
    }


_LABELS = {
    "stage": "阶段 stage",
    "cause": "原因 cause",
    "witness": "由谁显示 shown by",
    "since": "开始 since",
    "blocked": "等待 waits for",
    "silent": "未答复 not answered",
    "confirmed": "已确认 confirmed by",
    "incarnation": "恢复次数 incarnation",
    "lost": "已失日志 lost entries",
    "open_cases": "待办 open cases",
}
_COLUMNS = {
    "case_id": "编号 Case",
    "kind": "类别 Kind",
    "peer": "对方 Peer",
    "exchange": "交换 Exchange",
    "subject": "事由 Subject",
    "credits": "学分 Credits",
    "opened": "立项 Opened",
    "closed": "办结 Closed",
    "note": "说明 Note",
}
_MEANINGS = {
    "COLLECTING": (
        "正在向各成员省索回备份之后的消息；未答复者答复后自动继续。"
        "Members are returning what was signed after the backup; it goes on once all have."
    ),
    "CONFIRMATION_NEEDED": (
        "部分日志内容已失，请由两个账户各执行一次 creditbank recover confirm。"
        "Contents of the log are lost: creditbank recover confirm, by two different accounts."
    ),
    "LOG_UNRECOVERABLE": (
        "无人保有完整的日志叶子。若有见证方未上线请等待；否则须由登记册签署方关闭旧日志，另立新日志。"
        "Nobody answers with all leaves of the log. Wait for witnesses that are away; otherwise "
        "the signers of the registry close this log and a new one begins under another origin."
    ),
}
