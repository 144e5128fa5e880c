"""The shapes of the values in rule documents of form 2, and their limits."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from node.domain.outcomes import HIGHEST_LEVEL, OUTCOME_KINDS
from node.domain.rule_values import (
    is_date,
    is_end,
    is_plain_code,
    is_ratio,
    is_title,
    is_whole,
)

FORM = 2
LARGEST_VERSION = 10**9
LARGEST_SUM = 10**9
MOST_YEARS = 100
MOST_ENTRIES = 100_000
MOST_CATALOGUES = 10_000
MOST_PARTS = 500
MOST_GRANTS = 50
DEEPEST = 8
STANDARD_HOURS = "STANDARD"

Holds = Callable[[Any], bool]


@dataclass(frozen=True, slots=True)
class Plain:
    """A value without parts: what it must be, the fault else, and its JSON Schema.

    Attributes:
        spell: brings the ways of writing one value to one.
    """

    holds: Holds
    cause: str
    schema: dict[str, Any]
    spell: Callable[[Any], Any] = lambda value: value


@dataclass(frozen=True, slots=True)
class Inside:
    """An object of another form of the table."""

    form: str


@dataclass(frozen=True, slots=True)
class Many:
    """A list of objects of another form, from ``least`` to ``most``."""

    form: str
    least: int
    most: int
    cause: str


@dataclass(frozen=True, slots=True)
class Tree:
    """A requirement: the one value that contains its like."""


Shape = Plain | Inside | Many | Tree


@dataclass(frozen=True, slots=True)
class Key:
    """A key of an object.

    Attributes:
        default: what its absence means; ``...`` where it must stand.
    """

    shape: Shape
    default: Any
    zh: str
    en: str


def whole(least: int, most: int, cause: str) -> Plain:
    """Return the shape of a whole number within bounds."""
    schema = {"type": "integer", "minimum": least, "maximum": most}
    return Plain(lambda value: is_whole(value, least, most), cause, schema)


def or_none(plain: Plain) -> Plain:
    """Return the shape of a value that may also be null."""
    return Plain(
        lambda value: value is None or plain.holds(value),
        plain.cause,
        {"anyOf": [plain.schema, {"type": "null"}]},
    )


def one_of(words: tuple[str, ...], cause: str) -> Plain:
    """Return the shape of one of these words."""
    return Plain(
        lambda value: isinstance(value, str) and value in words, cause, {"enum": list(words)}
    )


def text(holds: Holds, cause: str, most: int, pattern: str = "") -> Plain:
    """Return the shape of a text."""
    schema: dict[str, Any] = {"type": "string", "maxLength": most}
    return Plain(holds, cause, schema | ({"pattern": pattern} if pattern else {}))


def _are_texts(value: Any) -> bool:
    return isinstance(value, list) and all(is_title(one) for one in value)


def _are_some_kinds(value: Any) -> bool:
    return value is None or (
        isinstance(value, list) and value != [] and all(kind in OUTCOME_KINDS for kind in value)
    )


def _ordered_kinds(value: Any) -> Any:
    return None if value is None else [kind for kind in OUTCOME_KINDS if kind in value]


def _is_level(value: Any) -> bool:
    if isinstance(value, dict):
        return list(value) == ["at_least"] and is_whole(value["at_least"], 1, HIGHEST_LEVEL)
    return value in ("NOT_LOWER", "SAME", "ANY")


def _is_grade(value: Any) -> bool:
    if isinstance(value, dict):
        # Which grades a scale has is checked where the scales of the document are known.
        return all(
            is_plain_code(scale) and (isinstance(grade, str) or is_whole(grade, 0, 100))
            for scale, grade in value.items()
        )
    return value is None or is_whole(value, 0, 100)


def is_written(value: Any) -> bool:
    """Tell whether this says which grade is written."""
    if isinstance(value, dict):
        return value != {} and all(
            least.isdecimal() and str(int(least)) == least and int(least) <= 100 and is_title(text)
            for least, text in value.items()
        )
    return value in ("EXEMPT", "AS_IS")


def are_scales(value: Any) -> bool:
    """Tell whether these are named scales, each from best to worst."""
    return isinstance(value, dict) and all(
        is_plain_code(name)
        and name not in ("percent", "five", "pass", "other", "none")
        and isinstance(grades, list)
        and len(grades) > 1
        and len(set(map(str, grades))) == len(grades)
        and all(is_plain_code(grade) for grade in grades)
        for name, grades in value.items()
    )


def _is_note(value: Any) -> bool:
    return value == "" or (
        isinstance(value, str) and len(value) <= 2000 and all(map(is_title, value.split("\n")))
    )


DATE = r"^[0-9]{4}-[0-9]{2}-[0-9]{2}$"
DAY = text(is_date, "DATE", 10, DATE)
END = text(is_end, "DATE", 10, r"^([0-9]{4}-[0-9]{2}-[0-9]{2})?$")
TITLE = text(is_title, "TITLE", 400)
CODE = text(is_plain_code, "CODE", 64, r"^[^*]+$")
FREE = text(lambda value: value == "" or is_plain_code(value), "CODE", 64)
NOTE = text(_is_note, "NOTE", 2000)
TRUTH = Plain(lambda value: isinstance(value, bool), "NOT_A_TRUTH", {"type": "boolean"})
RATIO = Plain(
    is_ratio, "RATIO", {"type": "string", "pattern": r"^[1-9][0-9]{0,5}/[1-9][0-9]{0,5}$"}
)
HOURS_RATIO = Plain(
    lambda value: value == STANDARD_HOURS or is_ratio(value),
    "RATIO",
    {"type": "string", "pattern": r"^([1-9][0-9]{0,5}/[1-9][0-9]{0,5}|STANDARD)$"},
)
KINDS = Plain(
    _are_some_kinds,
    "KINDS",
    {
        "anyOf": [
            {"type": "array", "items": {"enum": list(OUTCOME_KINDS)}, "minItems": 1},
            {"type": "null"},
        ]
    },
    _ordered_kinds,
)
TEXTS = Plain(
    _are_texts,
    "TEXTS",
    {"type": "array", "items": {"type": "string"}},
    lambda value: sorted(set(value)),
)
LEVEL = Plain(
    _is_level,
    "LEVEL_OPERATOR",
    {
        "anyOf": [
            {"enum": ["NOT_LOWER", "SAME", "ANY"]},
            {
                "type": "object",
                "properties": {
                    "at_least": {"type": "integer", "minimum": 1, "maximum": HIGHEST_LEVEL}
                },
                "required": ["at_least"],
                "additionalProperties": False,
            },
        ]
    },
)
MINIMUM_GRADE = Plain(
    _is_grade,
    "GRADE",
    {
        "anyOf": [
            {"type": "integer", "minimum": 0, "maximum": 100},
            {"type": "object", "additionalProperties": {"type": ["string", "integer"]}},
            {"type": "null"},
        ]
    },
)
SUM = whole(1, LARGEST_SUM, "SUM")


def is_digest(value: Any) -> bool:
    """Tell whether this is a SHA-256 in hexadecimal."""
    return isinstance(value, str) and len(value) == 64 and set(value) <= set("0123456789abcdef")
