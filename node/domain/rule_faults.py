"""What can be wrong with a rule document, told to the person who wrote it.

A fault has a place (JSON path and line), a stable cause, and for each cause one sentence in
Chinese and English that ends with the remedy.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass

from node.domain.cap_faults import CAP_FAULTS
from node.domain.fault_text import FaultText
from node.domain.rule_fault_texts import RULE_FAULTS

Step = str | int
__all__ = ["FAULTS", "FaultText", "FormFault", "Step", "line_of", "spell_path"]

FAULTS = CAP_FAULTS | RULE_FAULTS
_SPACE = re.compile(r"[ \t\r\n]*")
_DECODER = json.JSONDecoder()


@dataclass(frozen=True, slots=True)
class FormFault:
    """One fault of a document.

    Attributes:
        path: JSON path of the value, ``$`` being the document.
        line: line of the value, or of what should contain it, from 1.
        cause: a key of ``FAULTS``.
    """

    path: str
    line: int
    cause: str

    @property
    def text(self) -> FaultText:
        """The sentences for people."""
        return FAULTS[self.cause]

    def __str__(self) -> str:
        return f"line {self.line}, {self.path}: {self.text.cause_en}; {self.text.remedy_en}"


def spell_path(path: tuple[Step, ...]) -> str:
    """Return a path as ``$.equivalences[3].ratio``; odd keys are quoted and escaped."""
    return "$" + "".join(_spell_step(step) for step in path)


def line_of(text: str, path: tuple[Step, ...]) -> int:
    """Return the line of a value in a JSON document, or of its nearest container.

    Requires that ``text`` is well-formed; walks no deeper than the path, once per call.
    """
    at = _SPACE.match(text).end()  # type: ignore[union-attr]
    for step in path:
        found = _enter(text, at, step)
        if found is None:
            break
        at = found
    return text.count("\n", 0, at) + 1


def _spell_step(step: Step) -> str:
    if isinstance(step, int):
        return f"[{step}]"
    if re.fullmatch(r"[A-Za-z_][A-Za-z0-9_]*", step):
        return f".{step}"
    return f"[{json.dumps(step[:64])}]"


def _enter(text: str, at: int, step: Step) -> int | None:
    """Return where the member begins of the container that begins at ``at``, or None."""
    if text[at] != ("[" if isinstance(step, int) else "{"):
        return None
    at, place = _skip(text, at + 1), 0
    while text[at] not in "]}":
        member: Step = place
        if isinstance(step, str):
            member, at = _DECODER.raw_decode(text, at)
            at = _skip(text, _skip(text, at) + 1)
        if member == step:
            return at
        _, at = _DECODER.raw_decode(text, at)
        at = _skip(text, at)
        if text[at] == ",":
            at = _skip(text, at + 1)
        place += 1
    return None


def _skip(text: str, at: int) -> int:
    found = _SPACE.match(text, at)
    return found.end() if found else at
