"""What commands print: tables for people, tab-separated rows for readers, JSON for programs.

JSON carries a version, so that a program can tell when its shape changed.
"""

from __future__ import annotations

import dataclasses
import json
import sys
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from federation.base.clock import SECOND

JSON_VERSION = 1
_BEIJING = timezone(timedelta(hours=8), "北京时间")
# Wide enough that a table piped into a file is never cut.
_PIPED_WIDTH = 240
_BREAKS = str.maketrans("\t\n\r", "   ")
_CONTROLS = {code: "\ufffd" for code in (*range(32), *range(127, 160)) if chr(code) not in "\t\n"}


@dataclasses.dataclass(frozen=True, slots=True)
class Output:
    """How one command prints.

    Attributes:
        as_json: print one JSON object and nothing else.
        plain: no boxes, no colours, fields between tabs.
    """

    as_json: bool = False
    plain: bool = False

    def table(
        self,
        kind: str,
        columns: Mapping[str, str],
        rows: Iterable[Mapping[str, Any]],
        *,
        numbers: Sequence[str] = (),
    ) -> None:
        """Print rows under a kind, the columns named by key and heading.

        JSON holds every key of the rows, a table only the columns.
        """
        listed = list(rows)
        if self.as_json:
            self.json(kind, listed)
        elif self.plain:
            self.line("\t".join(columns.values()))
            for row in listed:
                self.line("\t".join(_cell(row.get(key)) for key in columns))
        else:
            console().print(_table(columns, listed, numbers))

    def record(self, kind: str, labels: Mapping[str, str], values: Mapping[str, Any]) -> None:
        """Print the fields of one thing, one a line."""
        if self.as_json:
            self.json(kind, dict(values))
            return
        shown = [(label, _cell(values.get(key))) for key, label in labels.items()]
        if self.plain:
            for label, value in shown:
                self.line(f"{label}\t{value}")
            return
        grid = Table.grid(padding=(0, 2))
        for label, value in shown:
            grid.add_row(Text(label, style="bold"), Text(value))
        console().print(grid)

    def json(self, kind: str, value: Any) -> None:
        """Print one JSON object that holds a value under its kind."""
        whole = {"version": JSON_VERSION, kind: value}
        self.line(json.dumps(whole, ensure_ascii=False, default=str))

    def note(self, text: str) -> None:
        """Print a sentence for people; programs that asked for JSON are spared it."""
        if not self.as_json:
            self.line(text)

    def line(self, text: str) -> None:
        """Print a line; what a stranger put into it cannot command the terminal."""
        print(text.translate(_CONTROLS), file=sys.stdout)


def console(*, to_stderr: bool = False) -> Console:
    """Return a console; it heeds NO_COLOR and the width of the terminal, if there is one."""
    stream = sys.stderr if to_stderr else sys.stdout
    width = None if stream.isatty() else _PIPED_WIDTH
    return Console(file=stream, width=width, highlight=False, soft_wrap=False)


def as_data(message: Any) -> dict[str, Any]:
    """Return a protocol buffer as plain values under its own field names."""
    return {field.name: _value(field, getattr(message, field.name)) for field in _fields(message)}


def show_time(time_us: int) -> str:
    """Return a time as Beijing reads it, or nothing for none."""
    if not time_us:
        return ""
    moment = datetime.fromtimestamp(time_us / SECOND, UTC).astimezone(_BEIJING)
    return moment.strftime("%Y-%m-%d %H:%M:%S 北京时间")


def show_day(time_us: int) -> str:
    """Return the day of a time as Beijing reads it."""
    return show_time(time_us)[:10]


def _table(
    columns: Mapping[str, str], rows: Sequence[Mapping[str, Any]], numbers: Sequence[str]
) -> Table:
    table = Table(box=box.SIMPLE_HEAD, header_style="bold", pad_edge=False)
    for key, heading in columns.items():
        table.add_column(heading, justify="right" if key in numbers else "left", overflow="fold")
    for row in rows:
        table.add_row(*(Text(_cell(row.get(key))) for key in columns))
    return table


def _cell(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, list | tuple):
        return ", ".join(map(str, value))
    # A tab or a line break in a value would pass for the end of a field.
    return str(value).translate(_BREAKS).translate(_CONTROLS)


def _fields(message: Any) -> Sequence[Any]:
    return tuple(message.DESCRIPTOR.fields)


def _value(field: Any, value: Any) -> Any:
    if field.message_type is not None and field.message_type.GetOptions().map_entry:
        return dict(value)
    if field.is_repeated:
        return [_single(field, item) for item in value]
    return _single(field, value)


def _single(field: Any, value: Any) -> Any:
    if field.message_type is not None:
        return as_data(value)
    return value.hex() if isinstance(value, bytes) else value
