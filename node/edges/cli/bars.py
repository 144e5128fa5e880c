"""A bar that shows how far a long command has come, to people at a terminal only."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from node.edges.cli.output import console


@contextmanager
def bar(rows: int, *, is_shown: bool) -> Iterator[Callable[[int], None]]:
    """Lend a function that moves the bar on by some rows."""
    if not is_shown or not sys.stderr.isatty():
        yield lambda _: None
        return
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TimeRemainingColumn

    columns = (BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=console(to_stderr=True)) as shown:
        task = shown.add_task("", total=rows)
        yield lambda count: shown.advance(task, count)
