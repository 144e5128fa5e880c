"""Options and arguments that many commands share, each with its one spelling."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

Dir = Annotated[
    Path,
    typer.Option("--dir", envvar="CREDITBANK_DIR", help="节点目录 / directory of the node"),
]
Account = Annotated[
    str,
    typer.Option(
        "--as", envvar="CREDITBANK_AS", help="以哪个服务账户调用 / service account to call with"
    ),
]
AsJson = Annotated[bool, typer.Option("--json", help="输出 JSON / print JSON")]
Plain = Annotated[
    bool,
    typer.Option(
        "--plain", help="无框线与颜色，制表符分隔 / no boxes or colours, fields between tabs"
    ),
]
HERE = Path(".")
OPERATOR = "operator"


def group(text: str) -> typer.Typer:
    """Return an empty group of commands with its help."""
    return typer.Typer(help=text, no_args_is_help=True, add_completion=False)
