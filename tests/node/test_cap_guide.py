"""The page and the schema of caps say what the check of caps does."""

from __future__ import annotations

from typing import Any

import jsonschema
import pytest
import yaml

from node.domain import cap_form
from node.domain.cap_guide import CAP_EXAMPLE, CAP_KEYS, cap_page, cap_schema
from node.domain.rule_guide import rule_guide, rule_schema
from tests.node.cap_documents import GUANGDONG, KOREA, OUC, cap
from tests.node.rulebook_documents import course, document, entry

REAL = [*OUC, *GUANGDONG, *KOREA]


def test_page_and_schema_have_the_keys_of_the_check() -> None:
    assert list(CAP_KEYS) == list(cap_form._CAP_FORM)
    window = CAP_KEYS["window"][2]["properties"]
    assert list(window) == list(cap_form._WINDOW_FORM)
    assert all(f"| `{name}` |" in cap_page() for name in CAP_KEYS)
    assert cap_page() in rule_guide()


def test_the_example_is_a_cap() -> None:
    caps = yaml.safe_load(CAP_EXAMPLE)["caps"]
    assert list(cap_form.cap_faults(caps)) == []
    assert jsonschema.Draft202012Validator(cap_schema()).is_valid(caps[0])


@pytest.mark.parametrize("one", REAL, ids=[one["id"] for one in REAL])
def test_the_schema_takes_the_caps_of_real_rules(one: dict[str, Any]) -> None:
    schema = jsonschema.Draft202012Validator(rule_schema())
    assert schema.is_valid(document(entry(course("A")), caps=[one]))


@pytest.mark.parametrize(
    "change",
    [
        {"limit": {"at_most": -1}},
        {"limit": {"at_most": 1, "at_least": 1}},
        {"limit": {"share": "0/1", "of": "graduation", "rounding": "DOWN"}},
        {"measure": "LOTS_OF"},
        {"per": ["someone"]},
        {"window": {"kind": "LIFETIME", "starts": []}},
        {"covers": {"types": None}},
        {"more": 1},
    ],
)
def test_the_schema_refuses_what_the_check_refuses(change: dict[str, Any]) -> None:
    bent = cap("c1", {"at_most": 100}) | change
    schema = jsonschema.Draft202012Validator(rule_schema())
    assert list(cap_form.cap_faults([bent]))
    assert not schema.is_valid(document(entry(course("A")), caps=[bent]))
