"""The published JSON Schema of rule documents of form 2, and the page that explains them.

Both are made from the table by which documents are checked, so neither can say anything else.
The schema does not hold what lies between parts of a document; ``rule test`` tells that.
"""

from __future__ import annotations

import json
from typing import Any

from node.domain.cap_guide import cap_page, cap_schema, caps_schema
from node.domain.rule_cases import COLUMNS, REQUIRED
from node.domain.rule_ways import MOST_STEPS
from node.domain.rulebook_shapes import MOST_PARTS, Inside, Key, Many, Plain, Shape
from node.domain.rulebook_table import TABLE

_NODE = {"$ref": "#/$defs/requirement"}
_TITLES = {
    "rule": ("规则文件", "The document"),
    "catalogue": ("目录 catalogues[]", "A catalogue, catalogues[]"),
    "defaults": ("默认值 defaults", "Defaults"),
    "exclusions": ("排除 exclusions", "Exclusions"),
    "entry": ("条目 entries[]", "An entry, entries[]"),
    "grant": ("授予 grants[]", "A grant, grants[]"),
    "conditions": ("条件 conditions", "Conditions"),
    "course": ("课程 course", "A course"),
    "pool": ("合计 pool", "A pool"),
}
_NODES = (
    ("course: {…}", "一门课程", "one course"),
    ("all: […]", "全部满足(AND)", "all of the parts, each by outcomes of its own"),
    ("any: […]", "满足其一(OR)", "one of the parts"),
    ("at_least: n, of: […]", "满足其中 n 项", "so many of the parts"),
    ("sequence: […]", "全部满足且按此顺序获得", "all parts, earned in this order"),
    ("pool: {…}", "若干成果合计达到门数、学分或学时", "outcomes that add up to a number or sum"),
)
EXAMPLE = """\
form: 2
rule: CN-44/computing
version: 1
title_zh: 计算机类课程转换规则(示例)
title_en: Conversion of computing courses (example)
valid_from: 2026-01-01
valid_until: 2028-12-31
example: true
scales:
  letter: [A, B, C, D, F]
catalogues:
  - key: home
    source: CN-44
    name: 广东开放大学课程目录
    version: "2026.1"
    sha256: "0000000000000000000000000000000000000000000000000000000000000000"
  - key: zj
    source: CN-33
    issuer: 浙江开放大学
    name: 浙江开放大学课程目录
    version: "2026.1"
    sha256: "1111111111111111111111111111111111111111111111111111111111111111"
  - key: any
    source: "*"
    name: 各省目录
    version: "*"
defaults:
  rounding: DOWN
  level: NOT_LOWER
  minimum_grade: 60
  hours_per_credit: 16
exclusions:
  titles: [毕业设计, 毕业论文]
  exemptions: true
  duplicates: NAME
entries:
  - id: database
    requires:
      all:
        - course: {catalogue: zj, code: CS-101, minimum_grade: {percent: 70, letter: B}}
        - any:
            - course: {catalogue: zj, code: CS-102}
            - course: {catalogue: any, code: DB-*}
    grants:
      - {target: GD-1001, catalogue: home, credits_hundredths: 400, level: 6}
    grade_written: {"60": "60", "80": "80"}
  - id: volunteering
    requires:
      pool:
        hours: 32
        of:
          - {catalogue: any, code: VOL-*, minimum_grade: {}}
    grants:
      - {target: GD-ELECTIVE, catalogue: home, hours_ratio: STANDARD, rounding: HALF_UP}
    track: REVIEWER
"""


def rule_schema() -> dict[str, Any]:
    """Return the JSON Schema (draft 2020-12) of a document of form 2."""
    forms = {name: _object(keys) for name, keys in TABLE.items() if name != "rule"}
    whole = _object(TABLE["rule"])
    whole["properties"]["caps"] |= caps_schema()
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Conversion rule, form 2",
        **whole,
        "$defs": {**forms, "requirement": _requirement(), "cap": cap_schema()},
    }


def _object(keys: dict[str, Key]) -> dict[str, Any]:
    return {
        "type": "object",
        "properties": {
            name: _schema(key.shape) | {"description": f"{key.zh}。{key.en}"}
            for name, key in keys.items()
        },
        "required": [name for name, key in keys.items() if key.default is ...],
        "additionalProperties": False,
    }


def _schema(shape: Shape) -> dict[str, Any]:
    if isinstance(shape, Plain):
        return dict(shape.schema)
    if isinstance(shape, Inside):
        return {"$ref": f"#/$defs/{shape.form}"}
    if isinstance(shape, Many):
        return {
            "type": "array",
            "items": {"$ref": f"#/$defs/{shape.form}"},
            "minItems": shape.least,
            "maxItems": shape.most,
        }
    return dict(_NODE)


def _requirement() -> dict[str, Any]:
    parts = {"type": "array", "items": _NODE, "minItems": 1, "maxItems": MOST_PARTS}
    choices: list[dict[str, Any]] = [
        {name: {"$ref": f"#/$defs/{name}"}} for name in ("course", "pool")
    ]
    choices += [{name: parts} for name in ("all", "any", "sequence")]
    choices.append(
        {"at_least": {"type": "integer", "minimum": 1, "maximum": MOST_PARTS}} | {"of": parts}
    )
    return {
        "oneOf": [
            {
                "type": "object",
                "properties": properties,
                "required": list(properties),
                "additionalProperties": False,
            }
            for properties in choices
        ]
    }


def rule_guide() -> str:
    """Return the page for people who write rules, in Markdown, Chinese beside English."""
    parts = [_OPENING]
    for name, keys in TABLE.items():
        zh, en = _TITLES[name]
        parts.append(f"## {zh} / {en}\n\n{_keys_table(keys)}")
        if name == "entry":
            parts.append(_nodes_table())
    parts.append(cap_page())
    parts.append(_JUDGING.format(steps=MOST_STEPS))
    parts.append(_cases_part())
    parts.append(f"## 示例 / Example\n\n```yaml\n{EXAMPLE}```\n")
    return "\n\n".join(parts)


def _keys_table(keys: dict[str, Key]) -> str:
    rows = ["| 键 key | 默认 default | 说明 | meaning |", "|---|---|---|---|"]
    for name, key in keys.items():
        default = "必填 required" if key.default is ... else _shown(key.default)
        rows.append(f"| `{name}` | {default} | {key.zh} | {key.en} |")
    return "\n".join(rows)


def _shown(default: Any) -> str:
    return f"`{json.dumps(default, ensure_ascii=False)}`"


def _nodes_table() -> str:
    rows = ["### 要求 / A requirement", "", "| 写法 spelling | 说明 | meaning |", "|---|---|---|"]
    rows += [f"| `{spelling}` | {zh} | {en} |" for spelling, zh, en in _NODES]
    return "\n".join(rows)


def _cases_part() -> str:
    rows = ["| 列 column | 必需 needed | 说明 | meaning |", "|---|---|---|---|"]
    for name, (zh, en) in COLUMNS.items():
        needed = "必填 required" if name in REQUIRED else ""
        rows.append(f"| `{name}` | {needed} | {zh} | {en} |")
    return f"{_CASES}\n\n" + "\n".join(rows)


_CASES = """\
## 案例 / Cases

`rule test FILE CASES` 逐案试算 CSV 中的案例,与所写的应有结果比较;有不符者退出码为 1。
It judges the cases of a CSV file and compares what is said with what was expected; the exit code is
1 where they differ."""
_OPENING = """\
# 转换规则的写法 / How rules are written

规则可用 YAML、TOML 或 JSON 书写;导入时转为唯一的规范写法,其 SHA-256 即规则的标识。
A rule may be written as YAML, TOML or JSON; importing brings it to one canonical spelling, whose
SHA-256 is the rule's identity. 学分一律以百分之一学分的整数计。Credits are whole hundredths."""
_JUDGING = """\
## 判定次序 / How a case is judged

1. 一个成果只用一次。Every outcome is used once.
2. 所授予的(申请的)目标越多越优。As many (wanted) targets as can be are granted.
3. 目标数相同时,依次优先:额外授予少的条目、写明完整代码的条目、用到成果多的条目、文件中靠前的条目。
   Among equals: entries that grant least beside what is wanted, that name whole codes, that use
   most outcomes, that stand first.
4. 同一门课有多个成果时,成绩高者、学分多者优先。Of several outcomes for one course the higher
   grade goes first, then the larger.
5. 授予的学分按各成果学分比例以最大余数法分摊,合计不变。What is granted is shared among the
   outcomes in proportion, by largest remainder; the shares sum exactly.
6. 组合超过 {steps} 步仍未判定的,以 RULE_TOO_COMPLEX 拒绝。What is not decided within {steps}
   steps is refused as RULE_TOO_COMPLEX."""
