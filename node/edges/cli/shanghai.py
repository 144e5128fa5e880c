"""``creditbank shanghai``: the exchange files of the Shanghai credit bank, all three kinds."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from federation.base.errors import Breach
from node.edges.cli import shanghai_desk
from node.edges.cli.options import AsJson, Plain, group
from node.edges.cli.output import Output
from node.edges.cli.publishing import FAULT_COLUMNS
from node.edges.cli.refusals import REFUSED

if TYPE_CHECKING:
    from node.domain.file_faults import FileFault
    from node.domain.shanghai_form import ReadFile

app = group("上海学分银行交换文件：检查、转换、导入、导出。Shanghai's exchange files.")
app.registered_commands.extend(shanghai_desk.app.registered_commands)

File = Annotated[
    Path, typer.Argument(exists=True, dir_okay=False, readable=True, help="CSV 文件 / file")
]
Coding = Annotated[
    str, typer.Option("--encoding", help="文件编码，省略则判断 / utf-8 or gb18030, when known")
]
_NAMES = {
    "CourseGrade": "课程成绩 course grades",
    "CourseConversion": "课程转换 course conversions",
    "CertificateConversion": "证书转换 certificate conversions",
}


@app.command()
def check(
    file: File,
    encoding: Coding = "",
    as_json: AsJson = False,
    plain: Plain = False,
) -> None:
    """逐行检查，并按规则选出计入的行。Check row by row, and select the rows that count."""
    out = Output(as_json, plain)
    read, left_out = _read(file, encoding)
    _report(out, "check", read, left_out, {})


@app.command()
def convert(
    file: File,
    to: Annotated[Path, typer.Argument(help="写入的文件 / where to write")],
    encoding: Coding = "",
    encoding_to: Annotated[
        str, typer.Option("--to-encoding", help="写成的编码 / gb18030, utf-8-sig or utf-8")
    ] = "gb18030",
    template: Annotated[
        str,
        typer.Option("--template", help="代码表，省略则不变 / FIRST or NEWER; as read"),
    ] = "",
    is_selected: Annotated[
        bool, typer.Option("--selected", help="只写计入的行 / only the rows that count")
    ] = False,
    as_json: AsJson = False,
    plain: Plain = False,
) -> None:
    """读入并按官方列序写出；有误的行逐行列出，不写入。Write what is good in the official order."""
    from node.domain.shanghai_codes import Template
    from node.domain.shanghai_form import write_file

    out = Output(as_json, plain)
    read, left_out = _read(file, encoding)
    lines = {one.line for one in left_out} if is_selected else set()
    rows = [one.row for one in read.file.rows if one.line not in lines]
    written = write_file(
        rows,
        read.kind,
        today=_today(),
        template=_one_of(Template, template, "template") if template else read.file.template,
        encoding=coding(encoding_to),
    )
    to.write_bytes(written.document)
    unwritten = {"unwritten": [_row(one) for one in written.rejects]}
    done = {"file": str(to), "written": len(rows) - len({one.line for one in written.rejects})}
    _report(out, "converted", read, left_out, done | unwritten)


@dataclass(frozen=True, slots=True)
class _Read:
    """A file with the kind that it is of."""

    kind: Any
    file: ReadFile[Any]


def _read(file: Path, encoding: str) -> tuple[_Read, tuple[FileFault, ...]]:
    """Return a file as read, and why rows that were read do not count."""
    from node.domain.shanghai import CourseGrade
    from node.domain.shanghai_form import REASON, kind_of, read_file
    from node.domain.shanghai_selection import select_conversions, select_grades

    document = file.read_bytes()
    known = coding(encoding) if encoding else None
    kind: Any = kind_of(document, encoding=known)
    if kind is None:
        raise Breach(REASON, detail=file.name)
    read: ReadFile[Any] = read_file(document, kind, today=_today(), encoding=known)
    select: Any = select_grades if kind is CourseGrade else select_conversions
    return _Read(kind, read), select(read.rows).left_out


def _report(
    out: Output, kind: str, read: _Read, left_out: Iterable[FileFault], more: dict[str, Any]
) -> None:
    rejects, unselected = read.file.rejects, list(left_out)
    values = {
        "kind": read.kind.__name__,
        "name": _NAMES[read.kind.__name__],
        "template": read.file.template.value,
        "encoding": read.file.encoding.value,
        "rows": len(read.file.rows),
        "counting": len(read.file.rows) - len(unselected),
        **more,
    }
    faults = {"rejects": [_row(one) for one in rejects], "left_out": list(map(_row, unselected))}
    if out.as_json:
        out.json(kind, values | faults)
    else:
        out.record(kind, _LABELS, values)
        for name, rows in {**faults, "unwritten": more.get("unwritten", [])}.items():
            if rows:
                out.table(name, FAULT_COLUMNS, rows, numbers=["line"])
    if rejects or more.get("unwritten"):
        raise typer.Exit(REFUSED)


def _row(fault: FileFault) -> dict[str, Any]:
    return {
        "line": fault.line,
        "column": fault.column,
        "cause": fault.cause,
        "why": f"{fault.text.cause_zh}；{fault.text.remedy_zh}",
        "why_en": f"{fault.text.cause_en}; {fault.text.remedy_en}",
        "see": list(fault.see),
    }


def coding(text: str) -> Any:
    """Return an encoding by its name.

    Raises:
        Breach: FIELDS for any other.
    """
    from node.domain.sheets import Encoding

    return _one_of(Encoding, text.lower(), "encoding")


def _one_of(kind: Any, text: str, what: str) -> Any:
    try:
        return kind(text)
    except ValueError:
        allowed = ", ".join(one.value for one in kind)
        raise Breach("FIELDS", detail=f"{what}: {allowed}") from None


def _today() -> str:
    from federation.base.clock import SystemClock
    from node.edges.cli.output import show_day

    return show_day(SystemClock().now_us())


_LABELS = {
    "name": "种类 kind",
    "template": "代码表 template",
    "encoding": "编码 encoding",
    "rows": "读入行 rows",
    "counting": "计入行 counting",
    "written": "写出行 written",
    "file": "文件 file",
}
