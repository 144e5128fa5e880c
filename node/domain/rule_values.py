"""The values that rule documents are made of, each with one spelling."""

from __future__ import annotations

from typing import Any

from federation.base.amounts import parse_ratio
from federation.base.errors import Breach
from federation.base.names import COORDINATOR, is_clean_text, is_province
from node.domain.outcomes import OUTCOME_KINDS, check_date, is_code
from node.domain.rules import ANY

LARGEST_RATIO = 100


def is_date(value: Any) -> bool:
    """Tell whether this is a date as documents write it."""
    try:
        return isinstance(value, str) and check_date(value) == value
    except Breach:
        return False


def is_end(value: Any) -> bool:
    """Tell whether this is a date, or empty for no end."""
    return value == "" or is_date(value)


def is_whole(value: Any, least: int, most: int) -> bool:
    """Tell whether this is a whole number, and no truth, within bounds."""
    return type(value) is int and least <= value <= most


def is_name(value: Any) -> bool:
    """Tell whether this is a rule's name, as ``CN-44/general``."""
    if not isinstance(value, str):
        return False
    province, slash, rest = value.partition("/")
    owned = is_province(province) or province == COORDINATOR
    return owned and slash == "/" and is_code(rest) and "/" not in rest


def is_plain_code(value: Any) -> bool:
    """Tell whether this is a whole code."""
    return isinstance(value, str) and is_code(value) and ANY not in value


def is_pattern(value: Any) -> bool:
    """Tell whether this is a whole code, or the beginning of codes and ``*``."""
    return value == ANY or (isinstance(value, str) and is_plain_code(value.removesuffix(ANY)))


def is_source(value: Any) -> bool:
    """Tell whether this is a province, or ``*``."""
    return isinstance(value, str) and (value == ANY or is_province(value))


def is_ratio(value: Any) -> bool:
    """Tell whether this is a ratio in its one spelling."""
    # A first nought would be a second spelling, or a ratio that never grants anything.
    if not isinstance(value, str) or value.startswith("0"):
        return False
    try:
        return parse_ratio(value) <= LARGEST_RATIO
    except Breach:
        return False


def are_kinds(value: Any) -> bool:
    """Tell whether this is a list of kinds in their order, or None."""
    if value is None:
        return True
    # In one order, so that one set of kinds has one spelling.
    return (
        isinstance(value, list)
        and value != []
        and value == [kind for kind in OUTCOME_KINDS if kind in value]
    )


def is_title(value: Any) -> bool:
    """Tell whether this is a text that people read."""
    return isinstance(value, str) and is_clean_text(value)
