"""``creditbank learner``: accounts, archives and transfer codes."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any

import typer

from federation.base.amounts import show_credits
from node.edges.cli import enrolment
from node.edges.cli.options import HERE, OPERATOR, Account, AsJson, Dir, Plain, group
from node.edges.cli.output import Output, as_data, show_time
from node.edges.cli.refusals import REFUSED
from node.edges.cli.session import (
    REJECTED_COLUMNS,
    connect,
    province_argument,
    rejected_row,
)

app = group("学习者账户：开户、档案、转移码、就读、删除。Learners' accounts.")
enrolment.add_to(app)

COLUMNS = ("reference", "name", "document_type", "document_number")
AccountNumber = Annotated[
    str, typer.Argument(metavar="ACCOUNT", help="学习账户号 / account number")
]


@app.command("open")
def open_accounts(
    file: Annotated[
        Path | None,
        typer.Argument(
            exists=True,
            dir_okay=False,
            readable=True,
            help=f"CSV，列 columns: {', '.join(COLUMNS)}；省略则逐项提问 / asked for when absent",
        ),
    ] = None,
    directory: Dir = HERE,
    account: Account = OPERATOR,
    as_json: AsJson = False,
    plain: Plain = False,
) -> None:
    """开立学习账户；同一引用再次提交得到同一账户。Open accounts, once per reference."""
    rows = _rows_of(file) if file else iter([_ask()])
    with connect(directory, account) as client:
        answer = client.accounts.OpenAccounts(_requests(rows))
    out = Output(as_json, plain)
    if as_json:
        out.json("accounts", as_data(answer))
    else:
        columns = {"reference": "引用 Reference", "account": "账户 Account"}
        out.table("accounts", columns, [as_data(opened) for opened in answer.accounts])
        if answer.rejected:
            out.table("rejected", REJECTED_COLUMNS, map(rejected_row, answer.rejected))
    if answer.rejected:
        raise typer.Exit(REFUSED)


@app.command()
def show(
    number: AccountNumber,
    directory: Dir = HERE,
    account: Account = OPERATOR,
    as_json: AsJson = False,
    plain: Plain = False,
) -> None:
    """显示终身学习档案。Show a learner's archive."""
    from node.v1.account_service_pb2 import GetArchiveRequest

    with connect(directory, account) as client:
        archive = client.accounts.GetArchive(GetArchiveRequest(account=number))
    out = Output(as_json, plain)
    if as_json:
        out.json("archive", as_data(archive))
        return
    values = as_data(archive) | {"balance": show_credits(archive.balance_hundredths)}
    out.record("archive", _ARCHIVE_LABELS, values)
    out.table("lots", _LOT_COLUMNS, map(_lot_row, archive.lots), numbers=["credits"])


@app.command()
def code(
    number: AccountNumber,
    peer: Annotated[str, typer.Option(help="学习者申请的另一省 / province where they apply")],
    reference: Annotated[
        str, typer.Option(help="引用，省略则为 账户/省份 / reference; ACCOUNT/PROVINCE when absent")
    ] = "",
    directory: Dir = HERE,
    account: Account = OPERATOR,
    as_json: AsJson = False,
    plain: Plain = False,
) -> None:
    """发放一次性转移码；只显示一次。Issue a one-time transfer code; it is shown once."""
    from node.v1.account_service_pb2 import IssueTransferCodesRequest, TransferCodeWanted

    province = province_argument(peer)
    wanted = TransferCodeWanted(
        account=number, peer=province, reference=reference or f"{number}/{province}"
    )
    with connect(directory, account) as client:
        answer = client.accounts.IssueTransferCodes(IssueTransferCodesRequest(wanted=[wanted]))
    issued = as_data(answer.codes[0]) | {"expires": show_time(answer.codes[0].expires_us)}
    Output(as_json, plain).record("code", _CODE_LABELS, issued)
    if not issued["code"]:
        raise typer.Exit(REFUSED)


@app.command()
def erase(
    number: AccountNumber,
    is_confirmed: Annotated[
        bool, typer.Option("--yes", help="不再询问 / do not ask again")
    ] = False,
    directory: Dir = HERE,
    account: Account = OPERATOR,
    as_json: AsJson = False,
    plain: Plain = False,
) -> None:
    """删除学习者的个人信息；签名与日志仍可验证。Erase values; signatures stay verifiable."""
    from node.v1.account_service_pb2 import EraseLearnerRequest

    if not is_confirmed:
        typer.confirm("删除后无法恢复，继续？ This cannot be undone. Go on?", abort=True, err=True)
    with connect(directory, account) as client:
        answer = client.accounts.EraseLearner(EraseLearnerRequest(account=number))
    labels = {"account": "账户 account", "values_erased": "已删除项 values erased"}
    Output(as_json, plain).record("erasure", labels, as_data(answer) | {"account": number})


def _rows_of(file: Path) -> Iterator[dict[str, str]]:
    from node.edges.cli.csv_files import open_csv

    return (row for _, row in open_csv(file, COLUMNS).read())


def _ask() -> dict[str, str]:
    return {name: str(typer.prompt(_QUESTIONS[name], err=True)) for name in COLUMNS}


def _requests(rows: Iterator[dict[str, str]]) -> Iterator[Any]:
    from node.v1.account_service_pb2 import OpenAccountsRequest

    return (OpenAccountsRequest(**row) for row in rows)


def _lot_row(lot: Any) -> dict[str, Any]:
    facts = dict(lot.facts)
    return {
        **facts,
        "lot": lot.lot,
        "state": lot.state,
        "hold": lot.hold,
        "credits": show_credits(lot.amount_hundredths),
        "exchange": lot.exchange,
    }


_QUESTIONS = {
    "reference": "引用 reference",
    "name": "姓名 name",
    "document_type": "证件类型 type (RESIDENT_ID, HKM_PERMIT, TAIWAN_PERMIT, PASSPORT, LOCAL)",
    "document_number": "证件号码 document number",
}
_ARCHIVE_LABELS = {
    "account": "账户 account",
    "name": "姓名 name",
    "balance": "学分 credits",
    "erased": "已删除 erased",
}
_LOT_COLUMNS = {
    "lot": "批次 Lot",
    "state": "状态 State",
    "hold": "限制 Hold",
    "credits": "学分 Credits",
    "title": "成果 Outcome",
    "grade": "成绩 Grade",
    "earned": "取得 Earned",
    "exchange": "交换 Exchange",
}
_CODE_LABELS = {
    "reference": "引用 reference",
    "code": "转移码 code",
    "expires": "有效至 until",
    "reason": "原因 reason",
}
