"""``creditbank outcome``: deposit accredited outcomes from a table, and what follows a lot."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from federation.base.amounts import parse_credits
from federation.base.errors import Unavailable
from node.edges.cli import accreditation
from node.edges.cli.bars import bar
from node.edges.cli.options import HERE, OPERATOR, Account, AsJson, Dir, Plain, group
from node.edges.cli.output import Output, as_data
from node.edges.cli.refusals import REFUSED
from node.edges.cli.session import REJECTED_COLUMNS, connect, rejected_row

if TYPE_CHECKING:
    from node.edges.cli.csv_files import CsvFile

app = group("学习成果：提交、审核、认定、存入。Outcomes: submit, review, accredit, deposit.")
app.registered_commands.extend(accreditation.app.registered_commands)

REQUIRED = (
    "reference",
    "learner",
    "credits",
    "code",
    "catalogue",
    "title",
    "earned",
    "kind",
    "issuer",
)
# What a table may leave out, and what is then deposited.
OPTIONAL = {"grade": "", "scale": "none", "level": "0", "field": "", "hours": "0", "expires": ""}
FORM = "form"
_LOT = re.compile(r"[0-9a-f]{32}")
_STEPS = {"FROZEN": "FREEZE", "UNFROZEN": "UNFREEZE", "REVOKED": "REVOKE"}
_OWN = ("reference", "learner", "credits")
Source = Annotated[str, typer.Option(help="存入系统的名称 / name of the system that deposits")]


@app.command()
def deposit(
    file: Annotated[
        Path,
        typer.Argument(
            exists=True,
            dir_okay=False,
            readable=True,
            help=f"CSV，必需 needed: {', '.join(REQUIRED)}；"
            f"可选 optional: {', '.join((*OPTIONAL, FORM))}",
        ),
    ],
    source: Source,
    is_resumed: Annotated[
        bool, typer.Option("--resume", help="从上次中断处继续 / go on where it was broken off")
    ] = False,
    directory: Dir = HERE,
    account: Account = OPERATOR,
    as_json: AsJson = False,
    plain: Plain = False,
) -> None:
    """从 CSV 存入成果；重复存入不会重复计入。Deposit from CSV, each row once."""
    from node.edges.cli.csv_files import open_csv

    table = open_csv(file, REQUIRED, (*OPTIONAL, FORM))
    with connect(directory, account) as client:
        done = _progress_of(client, source).line if is_resumed else 0
        try:
            with bar(table.rows, is_shown=not (as_json or plain)) as advance:
                answer = client.deposits.DepositOutcomes(_requests(table, source, done, advance))
        except Unavailable:
            again = f"creditbank outcome deposit {file} --source {source} --resume"
            print(f"继续 go on: {again}", file=sys.stderr)
            raise
    _show(Output(as_json, plain), answer, skipped=min(done, table.rows))


@app.command()
def progress(
    source: Source,
    directory: Dir = HERE,
    account: Account = OPERATOR,
    as_json: AsJson = False,
    plain: Plain = False,
) -> None:
    """显示某系统已存入到第几行。Show how far a system has come."""
    with connect(directory, account) as client:
        answer = _progress_of(client, source)
    out = Output(as_json, plain)
    if as_json:
        out.json("progress", as_data(answer))
        return
    labels = {"line": "已处理到行 line", "deposited": "批次 lots"}
    out.record("progress", labels, as_data(answer))
    if answer.rejected:
        out.table("rejected", REJECTED_COLUMNS, map(rejected_row, answer.rejected))


Lot = Annotated[str, typer.Argument(metavar="LOT", help="批次编号 / lot")]
LotOrOutcome = Annotated[
    str, typer.Argument(metavar="LOT|OUTCOME", help="批次编号或成果名称 / lot, or outcome")
]
Reason = Annotated[
    str,
    typer.Option(
        help="原因 / UNDER_REVIEW, REVIEW_ENDED, ISSUED_IN_ERROR, MISCONDUCT, RECORD_CORRECTED "
        "or VALIDITY_ENDED"
    ),
]


@app.command()
def freeze(
    lot: LotOrOutcome,
    reason: Reason,
    directory: Dir = HERE,
    account: Account = OPERATOR,
    as_json: AsJson = False,
    plain: Plain = False,
) -> None:
    """冻结批次；已转出的通知目的省。Freeze a lot, here or where it went."""
    _state_either(lot, "FROZEN", reason, directory, account, Output(as_json, plain))


@app.command()
def unfreeze(
    lot: LotOrOutcome,
    reason: Reason,
    directory: Dir = HERE,
    account: Account = OPERATOR,
    as_json: AsJson = False,
    plain: Plain = False,
) -> None:
    """解冻批次。Let a frozen lot be used again."""
    _state_either(lot, "UNFROZEN", reason, directory, account, Output(as_json, plain))


@app.command()
def revoke(
    lot: LotOrOutcome,
    reason: Reason,
    directory: Dir = HERE,
    account: Account = OPERATOR,
    as_json: AsJson = False,
    plain: Plain = False,
) -> None:
    """撤销批次；已转出的通知目的省。Take a lot back, here or where it went."""
    _state_either(lot, "REVOKED", reason, directory, account, Output(as_json, plain))


@app.command()
def expire(
    lot: Lot,
    reason: Reason,
    directory: Dir = HERE,
    account: Account = OPERATOR,
    as_json: AsJson = False,
    plain: Plain = False,
) -> None:
    """宣布批次有效期提前结束。State that a lot's validity has ended early."""
    _state(lot, "EXPIRED", reason, directory, account, Output(as_json, plain))


@app.command()
def correct(
    lot: Lot,
    credits: Annotated[str, typer.Argument(help="正确的学分数 / the right amount")],
    reason: Reason,
    directory: Dir = HERE,
    account: Account = OPERATOR,
    as_json: AsJson = False,
    plain: Plain = False,
) -> None:
    """更正已转出批次的学分数。Correct the amount of a lot that was transferred."""
    amount = parse_credits(credits)
    _state(lot, "CORRECTED", reason, directory, account, Output(as_json, plain), amount=amount)


@app.command("attach")
def attach_file(
    lot: Lot,
    file: Annotated[
        Path,
        typer.Argument(
            exists=True, dir_okay=False, readable=True, help="文件 / PDF, PNG, JPEG, text"
        ),
    ],
    directory: Dir = HERE,
    account: Account = OPERATOR,
    as_json: AsJson = False,
    plain: Plain = False,
) -> None:
    """为批次附上证明文件。Attach an evidence file to a lot."""
    from node.edges.cli.cases import attach

    with connect(directory, account) as client:
        answer = attach(client, lot, file)
    labels = {"digest": "摘要 SHA-256", "size_bytes": "字节 bytes", "media_type": "类型 type"}
    Output(as_json, plain).record("file", labels, as_data(answer))


def _state(
    lot: str,
    fact: str,
    reason: str,
    directory: Path,
    account: str,
    out: Output,
    *,
    amount: int = 0,
) -> None:
    from node.v1.lot_service_pb2 import StateFactRequest

    request = StateFactRequest(lot=lot.lower(), fact=fact, reason=reason, amount_hundredths=amount)
    with connect(directory, account) as client:
        answer = client.lots.StateFact(request)
    labels = {
        "lot": "批次 lot",
        "state": "状态 state",
        "hold": "限制 hold",
        "told": "已通知 told",
    }
    out.record("lot", labels, as_data(answer))


def _state_either(
    name: str, fact: str, reason: str, directory: Path, account: str, out: Output
) -> None:
    """State a fact of a lot, or take the step on the outcome by its name: one moves the other."""
    if _LOT.fullmatch(name.lower()):
        _state(name, fact, reason, directory, account, out)
        return
    step = _STEPS[fact]
    # Who lets an outcome be used again says no more than that.
    reasons = () if step == "UNFREEZE" else [reason]
    accreditation.take_step(name, step, reasons, directory, account, out)


def _progress_of(client: Any, source: str) -> Any:
    from node.v1.deposit_service_pb2 import GetDepositProgressRequest

    return client.deposits.GetDepositProgress(GetDepositProgressRequest(source=source))


def _requests(table: CsvFile, source: str, done: int, advance: Any) -> Iterator[Any]:
    from node.v1.deposit_service_pb2 import DepositOutcomesRequest

    for line, row in table.read():
        advance(1)
        if line <= done:
            continue
        values = {name: row.get(name) or default for name, default in OPTIONAL.items()} | {
            name: row[name] for name in REQUIRED
        }
        own = {name: values.pop(name) for name in _OWN}
        if row.get(FORM):
            values[FORM] = row[FORM]
        yield DepositOutcomesRequest(source=source, line=line, facts=values, **own)


def _show(out: Output, answer: Any, *, skipped: int) -> None:
    values = as_data(answer) | {"skipped": skipped, "rejected_rows": len(answer.rejected)}
    if out.as_json:
        out.json("deposit", values)
    else:
        out.record("deposit", _LABELS, values)
        if answer.rejected:
            out.table("rejected", REJECTED_COLUMNS, map(rejected_row, answer.rejected))
    if answer.rejected:
        raise typer.Exit(REFUSED)


_LABELS = {
    "deposited": "新存入 deposited",
    "repeated_rows": "此前已存 deposited before",
    "skipped": "跳过 skipped",
    "rejected_rows": "未接受 rejected",
}
