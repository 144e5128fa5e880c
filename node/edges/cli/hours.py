"""``creditbank hours``: programmes under which hours of non-formal learning make credit."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from node.edges.cli import publishing
from node.edges.cli.options import HERE, OPERATOR, Account, AsJson, Dir, Plain, group
from node.edges.cli.output import Output
from node.edges.cli.session import connect

app = group("学时方案：导入、双人发布。Programmes of hours: import, publish by two.")
HOURS = "HOURS"


@app.command("import")
def import_programme(
    file: Annotated[
        Path, typer.Argument(exists=True, dir_okay=False, readable=True, help="TOML 文件 / file")
    ],
    directory: Dir = HERE,
    account: Account = OPERATOR,
    as_json: AsJson = False,
    plain: Plain = False,
) -> None:
    """检查并读入方案为草稿；有误则逐行列出。Check a file and take it in as a draft."""
    from node.domain.file_faults import FileBreach
    from node.domain.hours_programme import read_programme

    out, document = Output(as_json, plain), file.read_bytes()
    try:
        read_programme(document)
    except FileBreach as breach:
        publishing.refuse_faults(out, breach.faults, file)
    with connect(directory, account) as client:
        kept = publishing.hand_in(client, HOURS, document)
    publishing.show_publication(out, kept)


@app.command()
def publish(
    name: Annotated[str, typer.Argument(metavar="NAME", help="名称 / as CN-31/volunteering")],
    version: Annotated[str, typer.Argument(metavar="VERSION", help="版本 / version")],
    digest: Annotated[
        str, typer.Option("--digest", help="所读内容的摘要 / digest of what you read")
    ],
    directory: Dir = HERE,
    account: Account = OPERATOR,
    as_json: AsJson = False,
    plain: Plain = False,
) -> None:
    """第一人批准，第二人发布。The first person approves, a second one publishes."""
    out = Output(as_json, plain)
    publishing.publish(HOURS, name, version, digest, directory, account, out)


@app.command("list")
def list_programmes(
    directory: Dir = HERE,
    account: Account = OPERATOR,
    as_json: AsJson = False,
    plain: Plain = False,
) -> None:
    """列出方案的各版本。List versions of programmes."""
    rows = publishing.list_versions([HOURS], "", directory, account)
    Output(as_json, plain).table("programmes", publishing.LABELS, rows)
