"""``creditbank shanghai import`` and ``export``: exchange files into the node, and out of it."""

from __future__ import annotations

import csv
import os
import sys
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from enum import StrEnum
from pathlib import Path
from time import monotonic
from typing import TYPE_CHECKING, Annotated, Any

import typer

from federation.base.errors import Unavailable
from node.edges.cli.bars import bar
from node.edges.cli.options import HERE, OPERATOR, Account, AsJson, Dir, Plain, group
from node.edges.cli.output import Output, show_day
from node.edges.cli.refusals import REFUSED, WAITING
from node.edges.cli.session import connect

if TYPE_CHECKING:
    from node.domain.file_faults import FileFault
    from node.edges.cli.shanghai_file import ExchangeFile

app = group("上海学分银行交换文件导入与导出。Shanghai's files into the node, and out.")

BATCH = 500
_NO_CODE = "NO_CODE_IN_TEMPLATE"


class Kind(StrEnum):
    """Which of the three files."""

    GRADES = "grades"
    COURSES = "courses"
    CERTIFICATES = "certificates"


KindWanted = Annotated[
    Kind,
    typer.Argument(
        metavar="KIND",
        help="grades 课程成绩 · courses 课程转换 · certificates 证书转换",
    ),
]


@app.command("import")
def import_file(
    kind: KindWanted,
    file: Annotated[
        Path, typer.Argument(exists=True, dir_okay=False, readable=True, help="CSV 文件 / file")
    ],
    institution: Annotated[
        str,
        typer.Option("--institution", help="文件所属院校；院校审核人可省略 / whose file; bank's"),
    ] = "",
    catalogue: Annotated[
        str, typer.Option("--catalogue", help="目录@版本 / as CN-31/courses@2026.1")
    ] = "",
    framework: Annotated[
        str, typer.Option("--framework", help="框架@版本 / as CN-31/outcomes@2026.1")
    ] = "",
    encoding: Annotated[
        str, typer.Option("--encoding", help="文件编码，省略则判断 / utf-8 or gb18030, when known")
    ] = "",
    rejects: Annotated[
        Path | None,
        typer.Option("--rejects", help="未接受行写入何处 / where; FILE.rejects.csv when absent"),
    ] = None,
    is_rehearsal: Annotated[
        bool, typer.Option("--dry-run", help="只演练，不写入 / do all of it and undo it")
    ] = False,
    directory: Dir = HERE,
    account: Account = OPERATOR,
    as_json: AsJson = False,
    plain: Plain = False,
) -> None:
    """院校审核人先导入（初审），学分银行审核人再导入同一文件（复审、认定、存入）。

    The institution's reviewer imports a file first, then the bank's the same one: it is deposited.
    """
    out = Output(as_json, plain)
    read = _scan(out, kind, file, encoding)
    beside = rejects or file.with_name(f"{file.name}.rejects.csv")
    request: dict[str, Any] = {
        "kind": kind.name,
        "institution": institution,
        "catalogue": catalogue,
        "framework": framework,
        "template": read.template.value,
        "file": read.digest,
        "is_rehearsal": is_rehearsal,
    }
    values = {
        "kind": kind.value,
        "file": str(file),
        "template": read.template.value,
        "encoding": read.encoding.value,
        "rows": read.rows,
        "is_rehearsal": is_rehearsal,
    }
    with connect(directory, account) as client:
        values |= _imported(client, read, request, beside, is_shown=not (as_json or plain))
    _tell(out, values)


@app.command("export")
def export_rows(
    kind: KindWanted,
    to: Annotated[Path, typer.Option("--out", help="写入的文件 / where to write")],
    encoding: Annotated[
        str, typer.Option("--encoding", help="编码 / gb18030, utf-8-sig or utf-8")
    ] = "gb18030",
    template: Annotated[
        str, typer.Option("--template", help="代码表，省略则不变 / FIRST or NEWER; as given")
    ] = "",
    directory: Dir = HERE,
    account: Account = OPERATOR,
    as_json: AsJson = False,
    plain: Plain = False,
) -> None:
    """按原样写出已存入的行；含身份证号，请妥善保管。Write what was deposited, as it was given."""
    from node.domain.shanghai import COLUMNS
    from node.domain.shanghai_kept import KINDS
    from node.edges.cli.shanghai import coding
    from node.v1.shanghai_service_pb2 import ExportRowsRequest

    spelling = coding(encoding)
    withheld: Counter[str] = Counter()
    written, used = 0, ""
    with connect(directory, account) as client, _replaced(to, spelling.value) as lines:
        lines.writerow([column.name for column in COLUMNS[KINDS[kind.name]]])
        request = ExportRowsRequest(kind=kind.name, template=template)
        for page in client.shanghai.ExportRows(request):
            used = page.template
            lines.writerows(row.cells for row in page.rows)
            written += len(page.rows)
            withheld.update(one.cause for one in page.withheld)
    values = {
        "kind": kind.value,
        "file": str(to),
        "template": used,
        "encoding": spelling.value,
        "written": written,
        "withheld": dict(sorted(withheld.items())),
    }
    Output(as_json, plain).record("exported", _EXPORTED, values)
    if withheld[_NO_CODE]:
        raise typer.Exit(REFUSED)


def _scan(out: Output, kind: Kind, file: Path, encoding: str) -> ExchangeFile:
    from federation.base.clock import SystemClock
    from node.domain.file_faults import FileBreach
    from node.domain.shanghai_kept import KINDS
    from node.edges.cli.publishing import refuse_faults
    from node.edges.cli.shanghai import coding
    from node.edges.cli.shanghai_file import ExchangeFile

    try:
        return ExchangeFile.scan(
            file,
            KINDS[kind.name],
            today=show_day(SystemClock().now_us()),
            encoding=coding(encoding) if encoding else None,
        )
    except FileBreach as breach:
        refuse_faults(out, breach.faults, file)


def _imported(
    client: Any, read: ExchangeFile, request: dict[str, Any], beside: Path, *, is_shown: bool
) -> dict[str, Any]:
    """Import a file, rejects listed beside it; return what became of it."""
    began = monotonic()
    try:
        with (
            _listed(beside, read.path) as listed,
            bar(read.rows, is_shown=is_shown) as advance,
        ):
            counts = _send(client, read, request, listed, advance)
    except Unavailable:
        print(f"再次导入即可继续 import again to go on: {read.path}", file=sys.stderr)
        raise
    seconds = max(monotonic() - began, 1e-3)
    return {
        **counts,
        "rejects_file": str(beside) if counts["rejected"] else "",
        "rows_per_second": round(read.rows / seconds),
    }


def _tell(out: Output, values: dict[str, Any]) -> None:
    """Print what became of a file; end refused or waiting where it is not all done."""
    out.record("imported", _LABELS, values)
    is_waiting = bool(values["handed_in"]) and not values["is_rehearsal"]
    if is_waiting:
        out.note(
            "已初审，等待学分银行审核人导入同一文件。Reviewed; a reviewer of the bank imports the "
            "same file."
        )
    if values["rejected"]:
        raise typer.Exit(REFUSED)
    if is_waiting:
        raise typer.Exit(WAITING)


def _send(
    client: Any, read: ExchangeFile, request: dict[str, Any], listed: Any, advance: Any
) -> dict[str, Any]:
    """Send a file batch by batch; return what became of it."""
    from node.domain.shanghai_faults import shanghai_fault
    from node.v1.shanghai_service_pb2 import ImportRowsRequest, ShanghaiRow

    counts: Counter[str] = Counter()
    causes: Counter[str] = Counter()
    for rows, faults, seen in read.batches(BATCH):
        wrong = list(faults)
        if rows:
            sent = [ShanghaiRow(line=line, cells=cells) for line, cells in rows]
            answer = client.shanghai.ImportRows(ImportRowsRequest(**request, rows=sent))
            counts.update({name: getattr(answer, name) for name in _COUNTED})
            wrong += [
                shanghai_fault(one.cause, line=one.line, column=one.column, see=tuple(one.see))
                for one in answer.rejected
            ]
        wrong.sort(key=lambda fault: fault.line)
        listed(wrong)
        counts["rejected"] += len({fault.line for fault in wrong})
        causes.update(fault.cause for fault in wrong)
        advance(seen)
    totals = {name: counts[name] for name in (*_COUNTED, "rejected")}
    return {**totals, "causes": dict(sorted(causes.items()))}


@contextmanager
def _listed(beside: Path, file: Path) -> Iterator[Any]:
    """Lend a function that lists rejected rows in a table; without any there is none in the end."""
    with beside.open("w", encoding="utf-8-sig", newline="") as table:
        written = csv.writer(table, lineterminator="\r\n")
        written.writerow(_REJECTED)
        count = 0

        def listed(faults: Iterable[FileFault]) -> None:
            nonlocal count
            for one in faults:
                count += 1
                text = one.text
                written.writerow(
                    [
                        file.name,
                        one.line,
                        one.column,
                        one.cause,
                        text.cause_zh,
                        text.remedy_zh,
                        text.cause_en,
                        text.remedy_en,
                        " ".join(map(str, one.see)),
                    ]
                )

        yield listed
    if not count:
        beside.unlink()


@contextmanager
def _replaced(to: Path, encoding: str) -> Iterator[Any]:
    """Lend a table for its owner's eyes only, put in place once it is whole."""
    beside = to.with_name(f".{to.name}.{os.getpid()}")
    handle = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(handle, "w", encoding=encoding, newline="") as table:
            yield csv.writer(table, lineterminator="\r\n")
            table.flush()
            os.fsync(table.fileno())
        beside.replace(to)
    finally:
        beside.unlink(missing_ok=True)


_COUNTED = ("handed_in", "taken_in", "unchanged", "outcomes", "opened")
_REJECTED = (
    "文件 file",
    "行 line",
    "列 column",
    "原因 cause",
    "说明",
    "处理",
    "meaning",
    "remedy",
    "参见 see",
)
_LABELS = {
    "file": "文件 file",
    "template": "代码表 template",
    "encoding": "编码 encoding",
    "rows": "行 rows",
    "handed_in": "已初审 handed in",
    "taken_in": "已存入 taken in",
    "unchanged": "此前已有 unchanged",
    "outcomes": "成果 outcomes",
    "opened": "新开账户 accounts opened",
    "rejected": "未接受 rejected",
    "rejects_file": "未接受行 rejects",
    "is_rehearsal": "仅演练 dry run",
    "rows_per_second": "每秒行数 rows/s",
}
_EXPORTED = {
    "file": "文件 file",
    "template": "代码表 template",
    "encoding": "编码 encoding",
    "written": "写出行 written",
    "withheld": "未写出 withheld",
}
