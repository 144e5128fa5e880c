"""``creditbank backup``: a node's store copied while it serves, verified, and put back."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from federation.base.amounts import show_credits
from node.edges.cli.options import HERE, AsJson, Dir, Plain, group
from node.edges.cli.output import Output

if TYPE_CHECKING:
    from node.backup import BackupMade

app = group("备份：制作、核对、恢复。Backups: make, verify, restore.")

Folder = Annotated[Path, typer.Argument(metavar="PATH", help="备份目录 / folder of the backup")]


@app.command()
def create(
    path: Folder,
    directory: Dir = HERE,
    with_keys: Annotated[
        bool,
        typer.Option("--with-keys", help="含加密的密钥文件 / also the keys, encrypted as they are"),
    ] = False,
    as_json: AsJson = False,
    plain: Plain = False,
) -> None:
    """在线备份；节点可继续运行。Make a backup; the node may go on."""
    from node.backup import create_backup

    _show(create_backup(directory, path, with_keys=with_keys), Output(as_json, plain))


@app.command()
def verify(path: Folder, as_json: AsJson = False, plain: Plain = False) -> None:
    """核对备份：文件、日志根、余额。Verify a backup: files, log root, balances."""
    from node.backup import verify_backup

    _show(verify_backup(path), Output(as_json, plain))


@app.command()
def restore(
    path: Folder, directory: Dir = HERE, as_json: AsJson = False, plain: Plain = False
) -> None:
    """以备份替换数据库；原库保留在旁。Put a backup in place; the old store is kept beside it."""
    from node.backup import restore_backup

    out = Output(as_json, plain)
    _show(restore_backup(path, directory), out)
    out.note(
        "启动后节点先向各方核实备份之后签过什么。"
        "Once started, the node first asks others what it signed since: creditbank recover status"
    )


def _show(made: BackupMade, out: Output) -> None:
    labels = {
        "province": "省份 province",
        "files": "文件 files",
        "log_size": "日志长度 log size",
        "log_root": "日志根 log root",
        "balance": "余额 balances",
    }
    values = {
        "province": made.province,
        "files": len(made.files),
        "log_size": made.summary.log_size,
        "log_root": made.summary.log_root,
        "balance": show_credits(made.summary.balance_hundredths),
    }
    out.record("backup", labels, values)
