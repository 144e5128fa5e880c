"""How a command fails: reason, cause, effect on the data, next command, and an exit code."""

from __future__ import annotations

import json
import sys
from typing import Any

from rich.console import Console
from rich.text import Text

from federation.base.errors import CreditBankError, Unavailable
from federation.base.reasons import ReasonText, describe
from node.edges.cli.output import JSON_VERSION, console

OK, REFUSED, USAGE, DOWN, WAITING = 0, 1, 2, 3, 4
_CODES = {"WAITING": WAITING, "NOT_JOINED": REFUSED, "PROVINCE_UNKNOWN": USAGE}


def exit_code(error: CreditBankError) -> int:
    """Return the exit code of a failure."""
    return _CODES.get(error.reason, DOWN if isinstance(error, Unavailable) else REFUSED)


def report(error: CreditBankError, *, as_json: bool = False, plain: bool = False) -> int:
    """Tell people, or a program, why a command failed, and return its exit code."""
    text = describe(error.reason)
    if as_json:
        failure = {"version": JSON_VERSION, "error": {**as_fields(text), "detail": error.detail}}
        print(json.dumps(failure, ensure_ascii=False), file=sys.stderr)
    elif plain:
        for label, words in _lines(text, error.detail):
            print(f"{label}\t{words}", file=sys.stderr)
    else:
        _draw(console(to_stderr=True), text, error.detail)
    return exit_code(error)


def as_fields(text: ReasonText) -> dict[str, Any]:
    """Return what is said of a reason, by name."""
    return {
        "reason": text.reason,
        "kind": text.kind.value,
        "zh": text.zh,
        "en": text.en,
        "effect_zh": text.effect_zh,
        "effect_en": text.effect_en,
        "next_command": text.next_command,
    }


def _draw(screen: Console, text: ReasonText, detail: str) -> None:
    screen.print(Text.assemble((f"错误 {text.reason}", "bold red"), f"：{text.zh} {text.en}"))
    for label, words in _lines(text, detail)[1:]:
        screen.print(Text(f"  {label}：{words}"))


def _lines(text: ReasonText, detail: str) -> list[tuple[str, str]]:
    lines = [(f"错误 {text.reason}", f"{text.zh} {text.en}")]
    if detail:
        lines.append(("详情 detail", detail))
    lines.append(("影响 effect", f"{text.effect_zh} {text.effect_en}"))
    lines.append(("处理 next", text.next_command))
    return lines
