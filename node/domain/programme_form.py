"""The form of a programme of study: every fault of a document told at its line.

A faulty document gives nothing. A programme's name begins with its province, its code stands for
it in rules (``covers.programmes``) and in decisions.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any

from federation.base.amounts import LARGEST_HUNDREDTHS
from federation.base.names import is_clean_text
from node.domain.catalogue import is_name
from node.domain.file_faults import FileBreach, FileFault, fault_from
from node.domain.outcomes import is_code
from node.domain.programme_faults import PROGRAMME_FAULTS
from node.domain.sheets import read_credits
from node.domain.study_programme import StudyProgramme, named
from node.domain.toml_lines import Step, line_in_error, line_of, read_toml, spell_path

REASON = "PROGRAMME_FORM"
LARGEST_FORM_BYTES = 1024 * 1024
MOST_TOTALS = 32
MOST_TARGETS = 5000
_TOTAL = re.compile(r"[a-z][a-z0-9_]{0,31}")
_AWARD = re.compile(r"[A-Z][A-Z0-9_]{0,31}")
_OPTIONAL: dict[str, Any] = {"award": "", "targets": []}

Found = tuple[tuple[Step, ...], str]


def read_study_programme(document: bytes) -> StudyProgramme:
    """Return the programme that a person wrote as TOML.

    Raises:
        FileBreach: PROGRAMME_FORM with every fault and its line.
    """
    if len(document) > LARGEST_FORM_BYTES:
        raise FileBreach(REASON, (_fault("FORM_TOO_LARGE"),))
    try:
        text, content = read_toml(document)
    except (ValueError, RecursionError) as error:
        line = line_in_error(error) if isinstance(error, ValueError) else 1
        raise FileBreach(REASON, (_fault("NOT_TOML", line=line),)) from None
    faults = tuple(
        _fault(cause, line=line_of(text, path), column=spell_path(path))
        for path, cause in _faults(content)
    )
    if faults:
        raise FileBreach(REASON, faults)
    values = _OPTIONAL | content
    return named(
        StudyProgramme(
            **{name: values[name] for name in _TEXTS},
            totals={name: read_credits(one) or 0 for name, one in values["totals"].items()},
            targets=tuple(values["targets"]),
            is_example=values["example"],
        )
    )


def _fault(cause: str, *, line: int = 1, column: str = "") -> FileFault:
    return fault_from(PROGRAMME_FAULTS, cause, line=line, column=column)


def _faults(content: dict[str, Any]) -> Iterator[Found]:
    for key in content:
        if key not in _FORM:
            yield (key,), "KEY_UNKNOWN"
    for key, (holds, cause) in _FORM.items():
        if key in content:
            if not holds(content[key]):
                yield (key,), cause
        elif key not in _OPTIONAL:
            yield (key,), "KEY_MISSING"
    totals = content.get("totals")
    for name, amount in totals.items() if isinstance(totals, dict) else ():
        if _TOTAL.fullmatch(name) is None:
            yield ("totals", name), "TOTAL_NAME"
        elif not _is_total(amount):
            yield ("totals", name), "NOT_CREDITS"


def _is_total(value: Any) -> bool:
    hundredths = read_credits(value) if isinstance(value, str) else None
    return hundredths is not None and 0 < hundredths <= LARGEST_HUNDREDTHS


def _are_targets(value: Any) -> bool:
    if not isinstance(value, list) or len(value) > MOST_TARGETS:
        return False
    is_listed = all(isinstance(one, str) and is_code(one, longest=128) for one in value)
    return is_listed and value == sorted(set(value))


def _text_with(check: Callable[[str], bool]) -> Callable[[Any], bool]:
    return lambda value: isinstance(value, str) and check(value)


_TITLE = (_text_with(is_clean_text), "TITLE")
_TEXTS = ("name", "version", "code", "title_zh", "title_en", "award")
_FORM: dict[str, tuple[Callable[[Any], bool], str]] = {
    "name": (_text_with(lambda text: is_name(text) and len(text) <= 80), "PROGRAMME_NAME"),
    "version": (_text_with(is_code), "CODE"),
    "code": (_text_with(is_code), "CODE"),
    "title_zh": _TITLE,
    "title_en": _TITLE,
    "award": (
        _text_with(lambda text: text == "" or _AWARD.fullmatch(text) is not None),
        "AWARD",
    ),
    "targets": (_are_targets, "TARGETS"),
    "example": (lambda value: isinstance(value, bool), "NOT_A_TRUTH"),
    "totals": (lambda value: isinstance(value, dict) and len(value) <= MOST_TOTALS, "TOTALS"),
}
