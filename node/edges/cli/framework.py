"""``creditbank framework``: frameworks of levels and units, and crosswalks between them."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from node.edges.cli import publishing
from node.edges.cli.options import HERE, OPERATOR, Account, AsJson, Dir, Plain, group
from node.edges.cli.output import Output
from node.edges.cli.publishing import CROSSWALK, FRAMEWORK
from node.edges.cli.session import connect

app = group("学习成果框架与对照表：导入、双人发布。Frameworks and crosswalks.")

Name = Annotated[str, typer.Argument(metavar="NAME", help="名称 / as CN-00/outcomes")]
Version = Annotated[str, typer.Argument(metavar="VERSION", help="版本 / version")]
Digest = Annotated[
    str, typer.Option("--digest", help="所读内容的摘要 / digest of what you read, from `list`")
]
IsCrosswalk = Annotated[bool, typer.Option("--crosswalk", help="是对照表 / it is a crosswalk")]


@app.command("import")
def import_framework(
    file: Annotated[
        Path, typer.Argument(exists=True, dir_okay=False, readable=True, help="TOML 文件 / file")
    ],
    crosswalk: IsCrosswalk = False,
    directory: Dir = HERE,
    account: Account = OPERATOR,
    as_json: AsJson = False,
    plain: Plain = False,
) -> None:
    """读入为草稿；有误则逐行列出，不改动任何内容。Take a draft in, or tell every fault."""
    from node.domain.file_faults import FileBreach
    from node.domain.framework_form import read_crosswalk, read_framework

    out, document = Output(as_json, plain), file.read_bytes()
    try:
        read_crosswalk(document) if crosswalk else read_framework(document)
    except FileBreach as breach:
        publishing.refuse_faults(out, breach.faults, file)
    with connect(directory, account) as client:
        kept = publishing.hand_in(client, _kind(is_crosswalk=crosswalk), document)
    publishing.show_publication(out, kept)


@app.command()
def example(
    name: Annotated[
        str, typer.Argument(help="ouc-10.toml, hkqf-7.toml 或 or ouc-10-to-hkqf-7.toml")
    ],
    to: Annotated[Path, typer.Option("--to", help="写入的文件 / where to write it")],
    as_json: AsJson = False,
    plain: Plain = False,
) -> None:
    """写出一个示例，供修改后导入。Write an example, to be edited and imported."""
    from federation.base.errors import Refusal
    from node.domain.examples import EXAMPLES, example_document

    if name not in EXAMPLES:
        raise Refusal("PUBLICATION", detail=", ".join(EXAMPLES))
    to.write_bytes(example_document(name))
    Output(as_json, plain).record("example", {"file": "文件 file"}, {"file": str(to)})


@app.command()
def publish(
    name: Name,
    version: Version,
    digest: Digest,
    crosswalk: IsCrosswalk = False,
    directory: Dir = HERE,
    account: Account = OPERATOR,
    as_json: AsJson = False,
    plain: Plain = False,
) -> None:
    """第一人批准，第二人发布。The first person approves, a second one publishes."""
    out, kind = Output(as_json, plain), _kind(is_crosswalk=crosswalk)
    publishing.publish(kind, name, version, digest, directory, account, out)


@app.command("list")
def list_frameworks(
    directory: Dir = HERE,
    account: Account = OPERATOR,
    as_json: AsJson = False,
    plain: Plain = False,
) -> None:
    """列出框架与对照表的各版本。List versions of frameworks and crosswalks."""
    rows = publishing.list_versions([FRAMEWORK, CROSSWALK], "", directory, account)
    columns = {"kind": "种类 Kind", **publishing.LABELS}
    Output(as_json, plain).table("frameworks", columns, rows)


@app.command()
def show(
    name: Name,
    version: Version,
    crosswalk: IsCrosswalk = False,
    directory: Dir = HERE,
    account: Account = OPERATOR,
    as_json: AsJson = False,
    plain: Plain = False,
) -> None:
    """显示一个版本的原文。Show the text of a version."""
    from node.edges.cli.output import as_data

    with connect(directory, account) as client:
        kind = _kind(is_crosswalk=crosswalk)
        found, document = publishing.fetch_document(client, kind, name, version)
    out = Output(as_json, plain)
    if as_json:
        out.json("framework", as_data(found) | {"document": document.decode()})
        return
    publishing.show_publication(out, found)
    out.line(document.decode())


def _kind(*, is_crosswalk: bool) -> str:
    return CROSSWALK if is_crosswalk else FRAMEWORK
