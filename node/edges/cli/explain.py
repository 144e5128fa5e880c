"""``creditbank explain``: what a reason means and what to do about it."""

from __future__ import annotations

from typing import Annotated

import typer

from federation.base.reasons import describe, reasons
from node.edges.cli.options import AsJson, Plain
from node.edges.cli.output import Output
from node.edges.cli.refusals import REFUSED, as_fields


def explain(
    reason: Annotated[
        str, typer.Argument(help="原因代码，省略则全部列出 / reason; all of them when left out")
    ] = "",
    as_json: AsJson = False,
    plain: Plain = False,
) -> None:
    """解释原因代码：起因、对数据的影响、下一步。Explain a reason: cause, effect, next step."""
    out = Output(as_json, plain)
    if not reason:
        rows = [as_fields(text) for text in reasons().values()]
        out.table("reasons", {"reason": "原因", "zh": "说明", "en": "Meaning"}, rows)
        return
    code = reason.strip().upper()
    out.record("reason", _LABELS, as_fields(describe(code)))
    if code not in reasons():
        raise typer.Exit(REFUSED)


_LABELS = {
    "reason": "原因 reason",
    "kind": "状态 status",
    "zh": "起因",
    "en": "cause",
    "effect_zh": "影响",
    "effect_en": "effect",
    "next_command": "下一步 next",
}
