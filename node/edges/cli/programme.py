"""``creditbank programme``: programmes of study, of which rules take shares."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from node.edges.cli import publishing
from node.edges.cli.options import HERE, OPERATOR, Account, AsJson, Dir, Plain, group
from node.edges.cli.output import Output, as_data
from node.edges.cli.session import connect

app = group("专业方案：导入、双人发布。Programmes of study: import, publish by two.")
PROGRAMME = "PROGRAMME"

Name = Annotated[str, typer.Argument(metavar="NAME", help="名称 / as CN-44/software-bachelor")]
Version = Annotated[str, typer.Argument(metavar="VERSION", help="版本 / version")]


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
    from node.domain.programme_form import read_study_programme

    out, document = Output(as_json, plain), file.read_bytes()
    try:
        read_study_programme(document)
    except FileBreach as breach:
        publishing.refuse_faults(out, breach.faults, file)
    with connect(directory, account) as client:
        kept = publishing.hand_in(client, PROGRAMME, document)
    publishing.show_publication(out, kept)


@app.command()
def publish(
    name: Name,
    version: Version,
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
    publishing.publish(PROGRAMME, name, version, digest, directory, account, out)


@app.command("list")
def list_programmes(
    directory: Dir = HERE,
    account: Account = OPERATOR,
    as_json: AsJson = False,
    plain: Plain = False,
) -> None:
    """列出方案的各版本。List versions of programmes."""
    rows = publishing.list_versions([PROGRAMME], "", directory, account)
    Output(as_json, plain).table("programmes", publishing.LABELS, rows)


@app.command()
def show(
    name: Name,
    version: Version,
    directory: Dir = HERE,
    account: Account = OPERATOR,
    as_json: AsJson = False,
    plain: Plain = False,
) -> None:
    """显示一个版本的原文。Show the text of a version."""
    with connect(directory, account) as client:
        found, document = publishing.fetch_document(client, PROGRAMME, name, version)
    out = Output(as_json, plain)
    if as_json:
        out.json("programme", as_data(found) | {"document": document.decode()})
        return
    publishing.show_publication(out, found)
    out.line(document.decode())
