"""The forms of a framework and a crosswalk: TOML for people, canonical JSON for their digests.

Every fault of a document is told at its line, and a faulty document gives nothing.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Generator, Iterator
from dataclasses import asdict, replace
from fractions import Fraction
from typing import Any, TypeGuard, TypeVar

from federation.base.amounts import parse_ratio
from federation.base.errors import Breach
from federation.base.names import is_clean_text
from node.domain.catalogue import ENTRY_CHECKS, is_day_or_open, is_name
from node.domain.file_faults import FileBreach, FileFault, fault_from
from node.domain.framework import CertificationUnit, Crosswalk, Framework, Level
from node.domain.framework_faults import FRAMEWORK_FAULTS
from node.domain.outcomes import HIGHEST_LEVEL, is_code
from node.domain.sheets import read_credits
from node.domain.toml_lines import Step, line_in_error, line_of, read_toml, spell_path

REASON = "FRAMEWORK_FORM"
LARGEST_FORM_BYTES = 4 * 1024 * 1024
MOST_UNITS = 10_000
MOST_HOURS_PER_CREDIT = 1000

Path = tuple[Step, ...]
_Made = TypeVar("_Made", Framework, Crosswalk)
Found = tuple[Path, str]


def read_framework(document: bytes) -> Framework:
    """Return the framework that a person wrote as TOML.

    Raises:
        FileBreach: FRAMEWORK_FORM with every fault and its line.
    """
    content = _checked(document, _framework_faults)
    levels = content["levels"]
    units = sorted(content.get("units", []), key=lambda unit: str(unit["code"]))
    made = Framework(
        **{name: content[name] for name in _TITLES},
        is_example=content["example"],
        valid_from=content["valid_from"],
        hours_per_credit=parse_ratio(content["hours_per_credit"]),
        levels=tuple(Level(**{name: one[name] for name in _LEVEL_FORM}) for one in levels),
        stages=dict(content.get("stages", {})),
        units=tuple(_unit(unit) for unit in units),
        digest="",
    )
    return _named(made)


def read_crosswalk(document: bytes) -> Crosswalk:
    """Return the crosswalk that a person wrote as TOML.

    Raises:
        FileBreach: FRAMEWORK_FORM with every fault and its line.
    """
    content = _checked(document, _crosswalk_faults)
    made = Crosswalk(
        **{name: content[name] for name in _TITLES},
        is_example=content["example"],
        source=content["source"],
        target=content["target"],
        ranks={one["from"]: tuple(one["to"]) for one in content["levels"]},
        digest="",
    )
    return _named(made)


def canonical_form(made: Framework | Crosswalk) -> bytes:
    """Return the one spelling of a framework or crosswalk, whose SHA-256 is its digest.

    Layout, comments and the order of units in the document are no part of it.
    """
    content = asdict(made)
    del content["digest"]
    return json.dumps(
        content, default=_ratio, ensure_ascii=False, sort_keys=True, separators=(",", ":")
    ).encode()


def _ratio(value: Fraction) -> str:
    return f"{value.numerator}/{value.denominator}"


def _named(made: _Made) -> _Made:
    return replace(made, digest=hashlib.sha256(canonical_form(made)).hexdigest())


def _unit(unit: dict[str, Any]) -> CertificationUnit:
    values: dict[str, Any] = {name: unit[name] for name in _UNIT_FORM if name != "credits"}
    values |= {name: tuple(unit[name]) for name in _LISTS}
    return CertificationUnit(**values, credits_hundredths=read_credits(unit["credits"]) or 0)


def _checked(document: bytes, find: Callable[[dict[str, Any]], Iterator[Found]]) -> dict[str, Any]:
    if len(document) > LARGEST_FORM_BYTES:
        raise FileBreach(REASON, (_fault("FORM_TOO_LARGE"),))
    try:
        text, content = read_toml(document)
    except (ValueError, RecursionError) as error:
        line = line_in_error(error) if isinstance(error, ValueError) else 1
        raise FileBreach(REASON, (_fault("NOT_TOML", line=line),)) from None
    faults = tuple(
        _fault(cause, line=line_of(text, path), column=spell_path(path))
        for path, cause in find(content)
    )
    if faults:
        raise FileBreach(REASON, faults)
    return content


def _fault(cause: str, *, line: int = 1, column: str = "") -> FileFault:
    return fault_from(FRAMEWORK_FAULTS, cause, line=line, column=column)


def _framework_faults(content: dict[str, Any]) -> Iterator[Found]:
    yield from _table_faults(content, (), _FRAMEWORK_FORM, optional=("stages", "units"))
    levels = yield from _tables(content, "levels", _LEVEL_FORM)
    if [one.get("rank") for one in levels] != list(range(1, len(levels) + 1)):
        yield ("levels",), "RANKS"
    yield from _stage_faults(content.get("stages", {}), len(levels))
    units = yield from _tables(content, "units", _UNIT_FORM)
    codes: set[Any] = set()
    for at, unit in enumerate(units):
        code, level = unit.get("code"), unit.get("level")
        if isinstance(code, str) and code in codes:
            yield ("units", at, "code"), "UNIT_REPEATED"
        codes |= {code} if isinstance(code, str) else set()
        if _is_rank(level) and level > len(levels):
            yield ("units", at, "level"), "RANK_UNKNOWN"


def _stage_faults(stages: Any, ranks: int) -> Iterator[Found]:
    for stage, rank in stages.items() if isinstance(stages, dict) else ():
        if not _is_rank(rank) or rank > ranks:
            yield ("stages", stage), "RANK_UNKNOWN"


def _crosswalk_faults(content: dict[str, Any]) -> Iterator[Found]:
    yield from _table_faults(content, (), _CROSSWALK_FORM)
    highest_from = highest_to = 0
    for at, pair in enumerate((yield from _tables(content, "levels", _PAIR_FORM))):
        begin, targets = pair.get("from"), pair.get("to")
        if not _is_rank(begin) or not _are_ranks(targets):
            continue
        if begin <= highest_from or targets[0] < highest_to:
            yield ("levels", at, "from"), "CROSSWALK_FALLS"
        highest_from, highest_to = begin, targets[0]


def _tables(
    content: dict[str, Any], name: str, form: _Form
) -> Generator[Found, None, list[dict[str, Any]]]:
    """Yield the faults of an array of tables and return those of it that are tables."""
    tables = content.get(name, [])
    if not isinstance(tables, list) or len(tables) > MOST_UNITS:
        yield (name,), "NOT_TABLES"
        return []
    for at, table in enumerate(tables):
        if isinstance(table, dict):
            yield from _table_faults(table, (name, at), form)
        else:
            yield (name,), "NOT_TABLES"
    return [table for table in tables if isinstance(table, dict)]


def _table_faults(
    table: dict[str, Any], path: Path, form: _Form, *, optional: tuple[str, ...] = ()
) -> Iterator[Found]:
    for key in table:
        if key not in form:
            yield (*path, key), "KEY_UNKNOWN"
    for key, (holds, cause) in form.items():
        if key in table:
            if not holds(table[key]):
                yield (*path, key), cause
        elif key not in optional:
            yield (*path, key), "KEY_MISSING"


def _text_with(check: Callable[[str], bool]) -> Callable[[Any], bool]:
    return lambda value: isinstance(value, str) and check(value)


def _is_rank(value: Any) -> TypeGuard[int]:
    return type(value) is int and 1 <= value <= HIGHEST_LEVEL


def _are_ranks(value: Any) -> TypeGuard[list[int]]:
    if not isinstance(value, list) or not value or not all(_is_rank(one) for one in value):
        return False
    return value == sorted(set(value))


def _is_hours_per_credit(value: Any) -> bool:
    try:
        return isinstance(value, str) and 0 < parse_ratio(value) <= MOST_HOURS_PER_CREDIT
    except Breach:
        return False


def _is_reference(value: str) -> bool:
    name, at, version = value.partition("@")
    return is_name(name) and at == "@" and is_code(version)


def _are_texts(value: Any) -> bool:
    return isinstance(value, list) and all(
        isinstance(one, str) and is_clean_text(one) for one in value
    )


_Form = dict[str, tuple[Callable[[Any], bool], str]]
_TITLE = (_text_with(is_clean_text), "TITLE")
_MAYBE_TEXT = (_text_with(lambda text: text == "" or is_clean_text(text)), "TITLE")
_RANK = (_is_rank, "RANK")
_TITLES = ("name", "version", "title_zh", "title_en")
_LISTS = ("knowledge", "skills", "abilities", "criteria")
_HEADING: _Form = {
    "name": (_text_with(is_name), "FRAMEWORK_NAME"),
    "version": (_text_with(is_code), "CODE"),
    "title_zh": _TITLE,
    "title_en": _TITLE,
    "example": (lambda value: isinstance(value, bool), "NOT_A_TRUTH"),
}
_FRAMEWORK_FORM: _Form = _HEADING | {
    "valid_from": (_text_with(lambda text: text != "" and is_day_or_open(text)), "NOT_A_DATE"),
    "hours_per_credit": (_is_hours_per_credit, "HOURS_PER_CREDIT"),
    "levels": (lambda value: isinstance(value, list) and value != [], "NOT_TABLES"),
    "stages": (lambda value: isinstance(value, dict), "NOT_TABLES"),
    "units": (lambda value: isinstance(value, list), "NOT_TABLES"),
}
_LEVEL_FORM: _Form = {
    "rank": _RANK,
    "name_zh": _TITLE,
    "name_en": _TITLE,
    "typical_zh": _MAYBE_TEXT,
    "typical_en": _MAYBE_TEXT,
}
_UNIT_FORM: _Form = {
    "code": (_text_with(is_code), "CODE"),
    "title": _TITLE,
    "level": _RANK,
    "field": (_text_with(ENTRY_CHECKS["field"]), "FIELD_OF_STUDY"),
    "credits": (_text_with(lambda text: bool(read_credits(text))), "NOT_CREDITS"),
    "hours": (lambda value: type(value) is int and ENTRY_CHECKS["hours"](value), "NOT_A_NUMBER"),
    "valid_from": (_text_with(is_day_or_open), "NOT_A_DATE"),
    "valid_until": (_text_with(is_day_or_open), "NOT_A_DATE"),
    **dict.fromkeys(_LISTS, (_are_texts, "NOT_TEXTS")),
}
_CROSSWALK_FORM: _Form = _HEADING | {
    "source": (_text_with(_is_reference), "REFERENCE"),
    "target": (_text_with(_is_reference), "REFERENCE"),
    "levels": (lambda value: isinstance(value, list) and value != [], "NOT_TABLES"),
}
_PAIR_FORM: _Form = {"from": _RANK, "to": (_are_ranks, "RANKS_BESIDE")}
