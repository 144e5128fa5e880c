"""How caps are written, for the published schema and the page for people.

The keys are those by which :mod:`node.domain.cap_form` checks a cap.
"""

from __future__ import annotations

from typing import Any

from node.domain.cap_form import COVERS, MOST_CAPS, MOST_DAYS, MOST_SEMESTERS
from node.domain.caps import DATED_BY, DIMENSIONS, MEASURES, ROUNDINGS, WINDOWS

_TEXT = {"type": "string"}
_SET = {"anyOf": [{"type": "array", "items": _TEXT, "minItems": 1}, {"type": "null"}]}
_AMOUNT = {"type": "integer", "minimum": 0}
_FLOOR = {"const": True}
_SHARE = {
    "share": {"type": "string", "pattern": "^[1-9][0-9]*/[1-9][0-9]*$"},
    "rounding": {"enum": list(ROUNDINGS)},
}


def _object(properties: dict[str, Any], *optional: str) -> dict[str, Any]:
    return {
        "type": "object",
        "properties": properties,
        "required": [name for name in properties if name not in optional],
        "additionalProperties": False,
    }


CAP_KEYS: dict[str, tuple[str, str, dict[str, Any]]] = {
    "id": ("编号", "its name", _TEXT),
    "title_zh": ("中文标题", "title in Chinese", _TEXT),
    "title_en": ("英文标题", "title in English", _TEXT),
    "covers": (
        "适用的成果,各项 null 为不限",
        f"what it counts: {', '.join(COVERS)}, each a sorted list or null for all",
        _object(dict.fromkeys(COVERS, _SET)),
    ),
    "per": (
        "分别计算的范围",
        f"what has a total of its own, in this order: {', '.join(DIMENSIONS)}",
        {"type": "array", "items": {"enum": list(DIMENSIONS)}},
    ),
    "window": (
        "时间窗口;starts 只用于学期,days 只用于滚动天数",
        f"kind: {', '.join(WINDOWS)}; starts (MM-DD) for semesters, days for rolling days",
        _object(
            {
                "kind": {"enum": list(WINDOWS)},
                "starts": {"type": "array", "items": _TEXT, "maxItems": MOST_SEMESTERS},
                "days": {"type": "integer", "minimum": 0, "maximum": MOST_DAYS},
            }
        ),
    ),
    "dated_by": ("按哪个日期计", "by which day it counts", {"enum": list(DATED_BY)}),
    "measure": ("计量", "what is counted", {"enum": list(MEASURES)}),
    "limit": (
        "限额:at_most 或 at_least(百分之一学分或个数),或占培养方案或另一上限的比例",
        "at_most or at_least (hundredths of a credit, or a number), or a share `of` a total of the "
        "programme or `of_cap` another cap; floor makes a share a minimum",
        {
            "oneOf": [
                _object({"at_most": _AMOUNT}),
                _object({"at_least": _AMOUNT}),
                _object(_SHARE | {"of": _TEXT, "floor": _FLOOR}, "floor"),
                _object(_SHARE | {"of_cap": _TEXT, "floor": _FLOOR}, "floor"),
            ]
        },
    ),
    "within": ("所属外层上限,空为无", "the outer cap that it lies in, or empty", _TEXT),
}
CAP_EXAMPLE = """\
caps:
  - id: half
    title_zh: 不超过毕业学分的一半
    title_en: At most half of the graduation credits
    covers: {types: null, categories: null, issuers: null, sources: null, programmes: null,
             awards: null}
    per: [programme]
    window: {kind: LIFETIME, starts: [], days: 0}
    dated_by: EARNED
    measure: CREDITS
    limit: {share: 50/100, of: graduation, rounding: DOWN}
    within: ""
"""


def cap_schema() -> dict[str, Any]:
    """Return the JSON Schema of one cap."""
    form = _object({name: schema for name, (_, _, schema) in CAP_KEYS.items()})
    for name, (zh, en, _) in CAP_KEYS.items():
        form["properties"][name] = form["properties"][name] | {"description": f"{zh}。{en}"}
    return form


def caps_schema() -> dict[str, Any]:
    """Return the JSON Schema of the caps of a rule."""
    return {"type": "array", "items": {"$ref": "#/$defs/cap"}, "maxItems": MOST_CAPS}


def cap_page() -> str:
    """Return the part of the page for people, in Markdown."""
    rows = ["| 键 key | 说明 | meaning |", "|---|---|---|"]
    rows += [f"| `{name}` | {zh} | {en} |" for name, (zh, en, _) in CAP_KEYS.items()]
    table = "\n".join(rows)
    return f"## 上限 caps[] / A cap, caps[]\n\n{table}\n\n```yaml\n{CAP_EXAMPLE}```"
