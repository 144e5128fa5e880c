"""Rules of form 2 and lots to bend in tests."""

from __future__ import annotations

import json
from typing import Any

from node.domain.outcomes import PERCENT, OutcomeFacts
from node.domain.rule_conditions import CaseLot
from node.domain.rule_judgement import CaseJudgement, judge
from node.domain.rule_view import Case
from node.domain.rulebook import Rulebook
from node.domain.rulebook_form import canonical_document, parse_rulebook

ON = "2026-11-23"
HOME = {"key": "gd", "source": "CN-44", "name": "广东目录", "version": "1", "sha256": "0" * 64}
ZJ = {"key": "zj", "source": "CN-33", "name": "浙江目录", "version": "1", "sha256": "1" * 64}
JS = {"key": "js", "source": "CN-32", "name": "江苏目录", "version": "1", "sha256": "2" * 64}
ALL = {"key": "all", "source": "*", "name": "各省目录", "version": "*"}
DOCUMENT: dict[str, Any] = {
    "rule": "CN-44/general",
    "version": 1,
    "form": 2,
    "title_zh": "通用规则",
    "title_en": "General rule",
    "valid_from": "2025-01-01",
    "catalogues": [HOME, ZJ, JS, ALL],
    "entries": [],
}


def course(code: str, catalogue: str = "zj", **conditions: Any) -> dict[str, Any]:
    """A course that is required."""
    return {"course": {"catalogue": catalogue, "code": code, **conditions}}


def grant(target: str = "T1", **measure: Any) -> dict[str, Any]:
    """What is granted: by default as many credits as were held."""
    measured = {"ratio": "1/1"} if not {"credits_hundredths", "hours_ratio"} & set(measure) else {}
    return {"target": target, "catalogue": "gd", **measured, **measure}


def entry(requires: dict[str, Any], *grants: dict[str, Any], **change: Any) -> dict[str, Any]:
    """An entry without a name; :func:`book` names it by its place."""
    return {"requires": requires, "grants": list(grants) or [grant()], **change}


def document(*entries: dict[str, Any], **change: Any) -> dict[str, Any]:
    """The content of a rule of these entries, named e1, e2 and on."""
    named = [{"id": f"e{at}"} | one for at, one in enumerate(entries, start=1)]
    return DOCUMENT | {"entries": named} | change


def written(content: Any) -> bytes:
    """Content as a person may write it."""
    return json.dumps(content, ensure_ascii=False, indent=1).encode()


def book(*entries: dict[str, Any], **change: Any) -> Rulebook:
    """A rule of these entries."""
    return parse_rulebook(canonical_document(written(document(*entries, **change))))


def lot(code: str, lot_id: str = "", source: str = "CN-33", **change: Any) -> CaseLot:
    """A lot of 4.00 credits of a course with mark 85, of level 6."""
    about_lot = {
        key: change.pop(key)
        for key in ("amount_hundredths", "category", "is_converted", "overlaps")
        if key in change
    }
    facts = {
        "code": code,
        "catalogue": "1",
        "title": f"课程 {code}",
        "grade": "85",
        "scale": PERCENT,
        "level": 6,
        "field": "520",
        "hours": 64,
        "earned": "2024-06-30",
        "expires": "",
        "kind": "DEGREE",
        "issuer": "浙江开放大学",
    } | change
    return CaseLot(
        **({"lot_id": lot_id or code, "source": source, "amount_hundredths": 400} | about_lot),
        facts=OutcomeFacts(**facts),
    )


def judged(by: Rulebook, *lots: CaseLot, wanted: str = "", on: str = ON) -> CaseJudgement:
    """Judge lots, for targets named with spaces between."""
    return judge(by, Case(lots=lots, on=on, wanted=frozenset(wanted.split())))


def reasons(judgement: CaseJudgement) -> dict[str, tuple[str, ...]]:
    """The reasons for each lot that is not accepted."""
    return {one.lot_id: one.reasons for one in judgement.lots if one.reasons}
