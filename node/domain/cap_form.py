"""The form of the caps in a rule document: every fault found and placed, then values.

A cap as written::

    {"id": "year", "title_zh": "每年 42 学分", "title_en": "42 credits a year",
     "covers": {"types": null, "categories": null, "issuers": null, "sources": null,
                "programmes": null, "awards": null},
     "per": [], "window": {"kind": "CALENDAR_YEAR", "starts": [], "days": 0},
     "dated_by": "EARNED", "measure": "CREDITS", "limit": {"at_most": 4200}, "within": ""}

A share is ``{"share": "35/100", "of": "compulsory", "rounding": "DOWN"}``, with ``of_cap`` in the
place of ``of`` for a share of another cap's limit. A floor is ``{"at_least": 1800}``, or a share
with ``"floor": true``.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from fractions import Fraction
from typing import Any

from federation.base.amounts import LARGEST_HUNDREDTHS, parse_ratio
from federation.base.errors import Breach
from federation.base.names import is_clean_text
from node.domain.caps import (
    CREDITS,
    DATED_BY,
    DECIDED,
    DIMENSIONS,
    MEASURES,
    ROLLING_DAYS,
    ROUNDINGS,
    SEMESTER,
    TARGETS,
    WINDOWS,
    Cap,
    Covers,
    Limit,
    Window,
)
from node.domain.outcomes import is_code

MOST_CAPS = 1000
MOST_DAYS = 36_600
MOST_SEMESTERS = 6
COVERS = ("types", "categories", "issuers", "sources", "programmes", "awards")
_MONTH_DAY = re.compile(r"(0[1-9]|1[0-2])-(0[1-9]|1[0-9]|2[0-9]|3[01])")
_LONGEST_MONTHS = {"02": "28", "04": "30", "06": "30", "09": "30", "11": "30"}
_TOTAL = re.compile(r"[a-z][a-z0-9_]{0,31}")

Path = tuple[str | int, ...]
Found = tuple[Path, str]
_Check = tuple[Callable[[Any], bool], str]


def cap_faults(content: Any, path: Path = ("caps",)) -> Iterator[Found]:
    """Find what is wrong with the list of caps of a rule, each with its path and cause.

    The causes are keys of ``CAP_FAULTS`` or, for what is no object or has other keys, of those
    of every document.
    """
    if not isinstance(content, list):
        yield path, "NOT_A_LIST"
        return
    if len(content) > MOST_CAPS:
        yield path, "CAP_COUNT_OF"
        return
    before: dict[str, dict[str, Any]] = {}
    for at, cap in enumerate(content):
        found = list(_one(cap, (*path, at)))
        if not found:
            found = list(_relations(cap, (*path, at), before))
        yield from found
        if isinstance(cap, dict) and isinstance(cap.get("id"), str) and not found:
            before[cap["id"]] = cap


def caps_of(content: Any) -> tuple[Cap, ...]:
    """Return the caps of a rule document.

    Raises:
        Breach: RULE_FORM naming the first fault.
    """
    for path, cause in cap_faults(content):
        raise Breach("RULE_FORM", detail=f"{path}: {cause}")
    return tuple(_cap(cap) for cap in content)


def _one(cap: Any, path: Path) -> Iterator[Found]:
    yield from _keys(cap, path, _CAP_FORM)
    if not isinstance(cap, dict):
        return
    yield from _keys(cap.get("covers", {}), (*path, "covers"), _COVERS_FORM)
    window = cap.get("window", {})
    yield from _keys(window, (*path, "window"), _WINDOW_FORM)
    if isinstance(window, dict):
        yield from _window(window, cap.get("dated_by"), path)
    if "limit" in cap:
        yield from _limit(cap["limit"], (*path, "limit"))


def _keys(value: Any, path: Path, form: Mapping[str, _Check]) -> Iterator[Found]:
    if not isinstance(value, dict):
        yield path, "NOT_AN_OBJECT"
        return
    for key in value:
        if key not in form:
            yield (*path, key), "KEY_UNKNOWN"
    for key, (holds, cause) in form.items():
        if key not in value:
            yield (*path, key), "KEY_MISSING"
        elif not holds(value[key]):
            yield (*path, key), cause


def _window(window: dict[str, Any], dated_by: Any, path: Path) -> Iterator[Found]:
    kind, starts, days = (window.get(key) for key in ("kind", "starts", "days"))
    if isinstance(starts, list) and (kind == SEMESTER) != bool(starts):
        yield (*path, "window", "starts"), "CAP_STARTS"
    if _is_whole(days, MOST_DAYS) and (kind == ROLLING_DAYS) != bool(days):
        yield (*path, "window", "days"), "CAP_DAYS"
    if kind == ROLLING_DAYS and dated_by in DATED_BY and dated_by != DECIDED:
        yield (*path, "dated_by"), "CAP_DATED_BY"


def _limit(limit: Any, path: Path) -> Iterator[Found]:
    if not isinstance(limit, dict):
        yield path, "NOT_AN_OBJECT"
        return
    for form in (_AT_MOST_FORM, _AT_LEAST_FORM):
        if set(limit) == set(form):
            yield from _keys(limit, path, form)
            return
    base = "of_cap" if "of_cap" in limit else "of"
    form = _SHARE_FORM | {base: _BASES[base]}
    if set(limit) - {"floor"} != set(form):
        yield path, "CAP_LIMIT"
        return
    yield from _keys(limit, path, form | ({"floor": _FLOOR} if "floor" in limit else {}))


def _relations(
    cap: dict[str, Any], path: Path, before: dict[str, dict[str, Any]]
) -> Iterator[Found]:
    """Find what is wrong between the members of a cap, and between it and those before it."""
    limit = cap["limit"]
    if cap["id"] in before:
        yield (*path, "id"), "CAP_ID_REPEATED"
    if "target" in cap["per"] and cap["measure"] != TARGETS:
        yield (*path, "measure"), "CAP_TARGET_MEASURE"
    if "share" in limit:
        if cap["measure"] != CREDITS:
            yield (*path, "measure"), "CAP_SHARE_MEASURE"
        if "programme" not in cap["per"]:
            yield (*path, "per"), "CAP_SHARE_PER"
        base = before.get(limit.get("of_cap", ""))
        if "of_cap" in limit and (base is None or _is_floor(base["limit"])):
            yield (*path, "limit", "of_cap"), "CAP_SHARE_CAP"
    if cap["within"]:
        outer = before.get(cap["within"])
        if outer is None:
            yield (*path, "within"), "CAP_WITHIN"
        elif outer["measure"] != cap["measure"] or not _is_inside(cap["covers"], outer["covers"]):
            yield (*path, "within"), "CAP_NOT_NESTED"


def _is_inside(inner: dict[str, Any], outer: dict[str, Any]) -> bool:
    return all(
        outer[name] is None or (inner[name] is not None and set(inner[name]) <= set(outer[name]))
        for name in COVERS
    )


def _is_floor(limit: dict[str, Any]) -> bool:
    return "at_least" in limit or limit.get("floor") is True


def _cap(cap: dict[str, Any]) -> Cap:
    window = cap["window"]
    return Cap(
        cap_id=cap["id"],
        title_zh=cap["title_zh"],
        title_en=cap["title_en"],
        covers=Covers(
            **{
                name: None if cap["covers"][name] is None else frozenset(cap["covers"][name])
                for name in COVERS
            }
        ),
        per=tuple(cap["per"]),
        window=Window(kind=window["kind"], starts=tuple(window["starts"]), days=window["days"]),
        dated_by=cap["dated_by"],
        measure=cap["measure"],
        limit=_limit_value(cap["limit"]),
        within=cap["within"],
    )


def _limit_value(limit: dict[str, Any]) -> Limit:
    if "share" not in limit:
        is_floor = "at_least" in limit
        return Limit(amount=limit["at_least" if is_floor else "at_most"], is_floor=is_floor)
    return Limit(
        share=parse_ratio(limit["share"]),
        of=limit.get("of", ""),
        of_cap=limit.get("of_cap", ""),
        rounding=limit["rounding"],
        is_floor=_is_floor(limit),
    )


def _is_whole(value: Any, most: int) -> bool:
    return type(value) is int and 0 <= value <= most


def _is_name(value: Any) -> bool:
    return isinstance(value, str) and is_code(value) and "*" not in value


def _is_title(value: Any) -> bool:
    return isinstance(value, str) and is_clean_text(value)


def _is_set(value: Any) -> bool:
    # In one order, so that one scope has one spelling.
    if value is None:
        return True
    return (
        isinstance(value, list)
        and value != []
        and all(isinstance(one, str) and is_clean_text(one) for one in value)
        and value == sorted(set(value))
    )


def _are_dimensions(value: Any) -> bool:
    return isinstance(value, list) and value == [name for name in DIMENSIONS if name in value]


def _are_starts(value: Any) -> bool:
    return (
        isinstance(value, list)
        and len(value) <= MOST_SEMESTERS
        and all(isinstance(one, str) and _is_month_day(one) for one in value)
        and value == sorted(set(value))
    )


def _is_month_day(text: str) -> bool:
    # 29 February is in some years only and can begin no semester.
    return _MONTH_DAY.fullmatch(text) is not None and text[3:] <= _LONGEST_MONTHS.get(
        text[:2], "31"
    )


def _is_share(value: Any) -> bool:
    if not isinstance(value, str) or value.startswith("0"):
        return False
    try:
        return 0 < parse_ratio(value) <= Fraction(1)
    except Breach:
        return False


_AMOUNT: _Check = (lambda value: _is_whole(value, LARGEST_HUNDREDTHS), "CAP_AMOUNT")
_FLOOR: _Check = (lambda value: value is True, "CAP_LIMIT")
_AT_MOST_FORM = {"at_most": _AMOUNT}
_AT_LEAST_FORM = {"at_least": _AMOUNT}
_SHARE_FORM: dict[str, _Check] = {
    "share": (_is_share, "CAP_SHARE"),
    "rounding": (lambda value: value in ROUNDINGS, "CAP_ROUNDING"),
}
_BASES: dict[str, _Check] = {
    "of": (
        lambda value: isinstance(value, str) and _TOTAL.fullmatch(value) is not None,
        "CAP_SHARE_OF",
    ),
    "of_cap": (_is_name, "CAP_SHARE_CAP"),
}
_CAP_FORM: dict[str, _Check] = {
    "id": (_is_name, "CAP_ID"),
    "title_zh": (_is_title, "TITLE"),
    "title_en": (_is_title, "TITLE"),
    "covers": (lambda value: True, ""),
    "per": (_are_dimensions, "CAP_PER"),
    "window": (lambda value: True, ""),
    "dated_by": (lambda value: value in DATED_BY, "CAP_DATED_BY"),
    "measure": (lambda value: value in MEASURES, "CAP_MEASURE"),
    "limit": (lambda value: True, ""),
    "within": (lambda value: value == "" or _is_name(value), "CAP_WITHIN"),
}
_COVERS_FORM: dict[str, _Check] = dict.fromkeys(COVERS, (_is_set, "CAP_SET"))
_WINDOW_FORM: dict[str, _Check] = {
    "kind": (lambda value: value in WINDOWS, "CAP_WINDOW"),
    "starts": (_are_starts, "CAP_STARTS"),
    "days": (lambda value: _is_whole(value, MOST_DAYS), "CAP_DAYS"),
}
