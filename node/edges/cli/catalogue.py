"""``creditbank catalogue``: catalogues with versions, drafted by one and published by two."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from federation.base.amounts import show_credits
from node.edges.cli import publishing
from node.edges.cli.options import HERE, OPERATOR, Account, AsJson, Dir, Plain, group
from node.edges.cli.output import Output
from node.edges.cli.publishing import CATALOGUE
from node.edges.cli.session import connect

if TYPE_CHECKING:
    from node.domain.catalogue import Catalogue, CatalogueEntry

app = group("学习成果目录：导入、比较、双人发布。Catalogues: import, compare, publish by two.")

Name = Annotated[str, typer.Argument(metavar="NAME", help="目录名 / as CN-33/courses")]
Version = Annotated[str, typer.Argument(metavar="VERSION", help="版本 / version")]
Digest = Annotated[
    str, typer.Option("--digest", help="所读内容的摘要 / digest of what you read, from `show`")
]
Table = Annotated[
    Path,
    typer.Argument(exists=True, dir_okay=False, readable=True, help="CSV 目录 / catalogue as CSV"),
]
Coding = Annotated[
    str, typer.Option("--encoding", help="utf-8 或 gb18030，省略则自动判断 / when it is known")
]


@app.command("import")
def import_catalogue(
    file: Table,
    name: Annotated[str, typer.Option("--name", help="目录名 / as CN-33/courses")],
    version: Annotated[str, typer.Option("--version", help="版本 / as 2026.1")],
    title: Annotated[str, typer.Option("--title", help="标题 / as people read it")],
    encoding: Coding = "",
    directory: Dir = HERE,
    account: Account = OPERATOR,
    as_json: AsJson = False,
    plain: Plain = False,
) -> None:
    """读入目录为草稿；有误则逐行列出，不改动任何内容。Take a draft in, or tell every fault."""
    from node.domain.catalogue_form import canonical_catalogue, read_catalogue
    from node.domain.file_faults import FileBreach

    out = Output(as_json, plain)
    try:
        made = read_catalogue(
            file.read_bytes(), name=name, version=version, title=title, encoding=_coding(encoding)
        )
    except FileBreach as breach:
        publishing.refuse_faults(out, breach.faults, file)
        raise
    with connect(directory, account) as client:
        kept = publishing.hand_in(client, CATALOGUE, canonical_catalogue(made))
    publishing.show_publication(out, kept)


@app.command()
def conflicts(
    files: Annotated[
        list[Path],
        typer.Argument(exists=True, dir_okay=False, readable=True, help="CSV 目录 / catalogues"),
    ],
    encoding: Coding = "",
    as_json: AsJson = False,
    plain: Plain = False,
) -> None:
    """列出各文件中同一代码的不同取值，不合并。Which codes carry more than one value, and where."""
    from node.domain.catalogue_conflicts import Record, survey
    from node.domain.catalogue_form import read_rows

    out = Output(as_json, plain)
    records: list[Record] = []
    for file in files:
        read, faults = read_rows(file.read_bytes(), encoding=_coding(encoding))
        if faults:
            publishing.refuse_faults(out, faults, file)
        records += [Record(f"{file.name}:{line}", entry) for line, entry in read]
    found = survey(records)
    rows = [
        {
            "code": one.code,
            "field": one.field,
            "variants": [
                f"{variant.value} ({', '.join(variant.places)})" for variant in one.variants
            ],
        }
        for one in found.conflicts
    ]
    out.table("conflicts", _CONFLICT_COLUMNS, rows)
    out.note(f"一致 agreed: {len(found.agreed)}  冲突 codes in conflict: {_codes(rows)}")


@app.command("diff")
def diff_versions(
    name: Name,
    old: Annotated[str, typer.Argument(metavar="OLD", help="旧版本 / old version")],
    new: Annotated[str, typer.Argument(metavar="NEW", help="新版本 / new version")],
    directory: Dir = HERE,
    account: Account = OPERATOR,
    as_json: AsJson = False,
    plain: Plain = False,
) -> None:
    """两个版本有何不同，逐项列出。How a version differs from an earlier one, value by value."""
    from node.domain.catalogue import diff

    with connect(directory, account) as client:
        before, after = (_fetch(client, name, one)[1] for one in (old, new))
    found = diff(before, after)
    rows = [{"change": "ADDED", **_row(one)} for one in found.added]
    rows += [{"change": "REMOVED", **_row(one)} for one in found.removed]
    rows += [
        {"change": "CHANGED", "code": one.code, "field": of.field, "old": of.old, "new": of.new}
        for one in found.changed
        for of in one.changes
    ]
    Output(as_json, plain).table("changes", _DIFF_COLUMNS, rows)


@app.command()
def publish(
    name: Name,
    version: Version,
    digest: Digest,
    directory: Dir = HERE,
    account: Account = OPERATOR,
    as_json: AsJson = False,
    plain: Plain = False,
) -> None:
    """第一人批准，第二人发布。The first person approves, a second one publishes."""
    out = Output(as_json, plain)
    publishing.publish(CATALOGUE, name, version, digest, directory, account, out)


@app.command("send-back")
def send_back(
    name: Name,
    version: Version,
    digest: Digest,
    directory: Dir = HERE,
    account: Account = OPERATOR,
    as_json: AsJson = False,
    plain: Plain = False,
) -> None:
    """撤回批准，退为草稿。Make a draft of what was approved."""
    out = Output(as_json, plain)
    publishing.send_back(CATALOGUE, name, version, digest, directory, account, out)


@app.command("list")
def list_catalogues(
    name: Annotated[str, typer.Option("--name", help="只列此目录 / only this one")] = "",
    directory: Dir = HERE,
    account: Account = OPERATOR,
    as_json: AsJson = False,
    plain: Plain = False,
) -> None:
    """列出目录的各版本。List versions of catalogues."""
    rows = publishing.list_versions([CATALOGUE], name, directory, account)
    Output(as_json, plain).table("catalogues", publishing.LABELS, rows)


@app.command()
def show(
    name: Name,
    version: Version,
    directory: Dir = HERE,
    account: Account = OPERATOR,
    as_json: AsJson = False,
    plain: Plain = False,
) -> None:
    """显示一个版本的全部条目。Show a version with all its entries."""
    from node.edges.cli.output import as_data

    out = Output(as_json, plain)
    with connect(directory, account) as client:
        publication, catalogue = _fetch(client, name, version)
    rows = [_row(one) for one in catalogue.entries]
    if as_json:
        out.json("catalogue", as_data(publication) | {"title": catalogue.title, "entries": rows})
        return
    publishing.show_publication(out, publication)
    out.table("entries", _ENTRY_COLUMNS, rows, numbers=["level", "credits", "hours"])


def _fetch(client: Any, name: str, version: str) -> tuple[Any, Catalogue]:
    from node.domain.catalogue_form import parse_catalogue

    publication, document = publishing.fetch_document(client, CATALOGUE, name, version)
    return publication, parse_catalogue(document)


def _row(entry: CatalogueEntry) -> dict[str, Any]:
    from dataclasses import asdict

    return asdict(entry) | {"credits": show_credits(entry.credits_hundredths)}


def _coding(text: str) -> Any:
    from federation.base.errors import Breach
    from node.domain.sheets import Encoding

    if not text:
        return None
    try:
        return Encoding(text.lower().replace("gb-", "gb"))
    except ValueError:
        raise Breach("FIELDS", detail="encoding") from None


def _codes(rows: list[dict[str, Any]]) -> int:
    return len({row["code"] for row in rows})


_CONFLICT_COLUMNS = {"code": "代码 Code", "field": "项目 Field", "variants": "取值 Values"}
_DIFF_COLUMNS = {
    "change": "变化 Change",
    "code": "代码 Code",
    "title": "名称 Title",
    "field": "项目 Field",
    "old": "旧值 Old",
    "new": "新值 New",
}
_ENTRY_COLUMNS = {
    "code": "代码 Code",
    "title": "名称 Title",
    "kind": "类型 Kind",
    "level": "等级 Level",
    "field": "学科 Field",
    "credits": "学分 Credits",
    "hours": "学时 Hours",
    "category": "类别 Category",
    "valid_from": "生效 From",
    "valid_until": "失效 Until",
}
