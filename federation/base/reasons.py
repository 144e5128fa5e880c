"""Every reason that the system gives, with its status, both sentences, effect and next command.

``reason_texts.tsv`` beside this module holds the table, so that people who write the sentences
need not read Python.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from types import MappingProxyType

from federation.base.errors import Kind

_COLUMNS = 7
_FORM = re.compile(r"[A-Z][A-Z0-9_]{0,63}")


@dataclass(frozen=True, slots=True)
class ReasonText:
    """What people are told of a reason.

    Attributes:
        reason: stable UPPER_SNAKE name.
        kind: status that it is answered with.
        zh: cause in Chinese.
        en: cause in English.
        effect_zh: what became of the data, in Chinese.
        effect_en: what became of the data, in English.
        next_command: what to run next.
    """

    reason: str
    kind: Kind
    zh: str
    en: str
    effect_zh: str
    effect_en: str
    next_command: str


@cache
def reasons() -> MappingProxyType[str, ReasonText]:
    """Return the catalogue by reason."""
    table = files("federation.base").joinpath("reason_texts.tsv").read_text("utf-8")
    rows = [line.split("\t") for line in table.splitlines() if line and not line.startswith("#")]
    assert all(len(row) == _COLUMNS for row in rows), "a row of reason_texts.tsv is not whole"
    return MappingProxyType({row[0]: ReasonText(row[0], Kind[row[1]], *row[2:]) for row in rows})


def is_reason(text: str) -> bool:
    """Tell whether a text has the form of a reason; a peer could write anything in its place."""
    return _FORM.fullmatch(text) is not None


def describe(reason: str) -> ReasonText:
    """Return the text of a reason; one unknown here, as from a newer peer, is still answerable."""
    known = reasons().get(reason)
    if known is not None:
        return known
    return ReasonText(
        reason,
        Kind.FAILED_PRECONDITION,
        "本版本不认识此原因。",
        "This version does not know the reason.",
        "数据未变。",
        "Nothing was changed.",
        "creditbank status",
    )
