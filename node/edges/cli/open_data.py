"""``creditbank open-data``: write what anybody may know of this province into files."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from node.edges.cli.open_data_dictionary import TABLES, dictionary_text
from node.edges.cli.options import HERE, OPERATOR, Account, AsJson, Dir, Plain
from node.edges.cli.output import Output, as_data
from node.edges.cli.session import connect

if TYPE_CHECKING:
    from node.edges.local_client import LocalClient

FORM = 1
DICTIONARY = "data-dictionary.md"
Rows = dict[str, list[dict[str, Any]]]


class Format(StrEnum):
    """What files are written."""

    CSV = "csv"
    JSON = "json"
    BOTH = "both"


def open_data(
    out: Annotated[
        Path, typer.Option("--out", file_okay=False, help="写入的目录 / folder to write into")
    ],
    form: Annotated[
        Format, typer.Option("--format", help="文件格式 / what to write: csv, json or both")
    ] = Format.BOTH,
    directory: Dir = HERE,
    account: Account = OPERATOR,
    as_json: AsJson = False,
    plain: Plain = False,
) -> None:
    """写出规则、目录、协议与不予认定率，附数据字典。Write open data with its dictionary."""
    with connect(directory, account) as client:
        heading, tables = _fetch(client)
    files = dict(_files(heading, tables, form))
    out.mkdir(parents=True, exist_ok=True)
    for name, (content, _) in files.items():
        part = out / f"{name}.part"
        part.write_bytes(content)
        part.replace(out / name)
    rows = [
        {"file": name, "rows": count, "bytes": len(content)}
        for name, (content, count) in files.items()
    ]
    columns = {"file": "文件 File", "rows": "行 Rows", "bytes": "字节 Bytes"}
    Output(as_json, plain).table("files", columns, rows, numbers=["rows", "bytes"])


def _fetch(client: LocalClient) -> tuple[Mapping[str, str], Rows]:
    from node.v1.open_data_service_pb2 import GetOpenDataRequest

    heading = {"province": "", "made_on": ""}
    rows: Rows = {name: [] for name in TABLES}
    for page in client.open_data.GetOpenData(GetOpenDataRequest()):
        heading = {name: getattr(page, name) or told for name, told in heading.items()}
        for name, listed in rows.items():
            listed += [_row(one) for one in getattr(page, name)]
    return heading, rows


def _row(one: Any) -> dict[str, Any]:
    """Return the fields of a row; what is withheld is none."""
    absent = {
        field.name
        for field in one.DESCRIPTOR.fields
        if field.has_presence and not one.HasField(field.name)
    }
    return as_data(one) | dict.fromkeys(absent)


def _files(
    heading: Mapping[str, str], tables: Rows, form: Format
) -> Sequence[tuple[str, tuple[bytes, int]]]:
    """Return each file's name with its bytes and how many rows are in it."""
    from node.edges.cli.csv_writing import csv_bytes

    files: list[tuple[str, tuple[bytes, int]]] = []
    if form is not Format.JSON:
        for name, columns in TABLES.items():
            content = csv_bytes(list(columns), tables[name])
            files.append((f"{name}.csv", (content, len(tables[name]))))
    if form is not Format.CSV:
        whole = {"form": FORM, **heading, **tables}
        content = json.dumps(whole, ensure_ascii=False, indent=1).encode() + b"\n"
        files.append(("open-data.json", (content, sum(map(len, tables.values())))))
    files.append((DICTIONARY, (dictionary_text(heading).encode(), 0)))
    return files
