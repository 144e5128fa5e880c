"""A rule document to bend in tests."""

from __future__ import annotations

import json
from typing import Any

from node.domain.rule_form import canonical_rule

ENTRY = {
    "id": "e1",
    "source": "*",
    "code": "CS-101",
    "target": "GD-1",
    "ratio": "4/5",
    "minimum_grade": None,
    "minimum_level": None,
    "kinds": None,
}
DOCUMENT = {
    "rule": "CN-44/general",
    "version": 1,
    "title_zh": "通用规则",
    "title_en": "General rule",
    "valid_from": "2025-01-01",
    "valid_until": "2027-12-31",
    "equivalences": [ENTRY],
    "example": True,
}


def spelled(document: Any) -> bytes:
    return canonical_rule(json.dumps(document, ensure_ascii=False, indent=1).encode())
