"""Rule documents: one spelling, and every fault found, placed and explained."""

from __future__ import annotations

import hashlib
import json
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from node.domain.rule_faults import FAULTS
from node.domain.rule_form import MOST_FAULTS, RuleFormBreach, canonical_rule, parse_rule
from tests.node.rule_documents import DOCUMENT, ENTRY, spelled


def faults(written: bytes) -> list[tuple[str, int, str]]:
    with pytest.raises(RuleFormBreach) as breach:
        canonical_rule(written)
    assert breach.value.reason == "RULE_FORM"
    assert str(breach.value.faults[0]) in breach.value.detail
    return [(fault.path, fault.line, fault.cause) for fault in breach.value.faults]


def test_a_rule_is_named_by_the_digest_of_its_bytes():
    document = spelled(DOCUMENT)
    parsed = parse_rule(document)
    assert parsed.digest == hashlib.sha256(document).hexdigest()
    assert (parsed.name, parsed.version, parsed.is_example) == ("CN-44/general", 1, True)
    assert parsed.entries[0].ratio == Fraction(4, 5)
    assert document.startswith(b'{"equivalences":[{"code":"CS-101","id":"e1",')
    assert "通用规则".encode() in document


def test_only_the_canonical_spelling_is_a_rule():
    document = spelled(DOCUMENT)
    for other in (
        json.dumps(DOCUMENT).encode(),
        document + b"\n",
        document.replace(b'"version":1', b'"version": 1'),
        json.dumps(json.loads(document), sort_keys=True, separators=(",", ":")).encode(),
    ):
        assert canonical_rule(other) == document
        with pytest.raises(RuleFormBreach) as breach:
            parse_rule(other)
        assert [fault.cause for fault in breach.value.faults] == ["NOT_CANONICAL"]


@pytest.mark.parametrize(
    ("change", "cause"),
    [
        ({"rule": "CN-99/general"}, "RULE_NAME"),
        ({"rule": "CN-44"}, "RULE_NAME"),
        ({"rule": "CN-44/a/b"}, "RULE_NAME"),
        ({"rule": 1}, "RULE_NAME"),
        ({"version": 0}, "VERSION"),
        ({"version": True}, "VERSION"),
        ({"version": 1.0}, "VERSION"),
        ({"title_zh": "a\u202e"}, "TITLE"),
        ({"title_en": ""}, "TITLE"),
        ({"valid_from": "2025-02-30"}, "DATE"),
        ({"valid_from": ""}, "DATE"),
        ({"valid_until": None}, "DATE"),
        ({"valid_until": "2024-12-31"}, "ENDS_BEFORE_START"),
        ({"equivalences": {}}, "NOT_A_LIST"),
        ({"equivalences": []}, "ENTRY_COUNT"),
        ({"example": 1}, "NOT_A_TRUTH"),
        ({"more": 1}, "KEY_UNKNOWN"),
        ({"\ud800 x": 1}, "KEY_UNKNOWN"),
    ],
)
def test_each_fault_of_a_rule_has_its_cause(change, cause):
    written = json.dumps(DOCUMENT | change).encode()
    assert [found[2] for found in faults(written)] == [cause]


@pytest.mark.parametrize(
    ("change", "cause"),
    [
        ({"id": ""}, "CODE"),
        ({"id": "e*"}, "CODE"),
        ({"source": "CN-99"}, "SOURCE"),
        ({"source": "CN-ZJ"}, "SOURCE"),
        ({"source": None}, "SOURCE"),
        ({"code": "A*B"}, "PATTERN"),
        ({"code": "**"}, "PATTERN"),
        ({"code": ""}, "PATTERN"),
        ({"code": "\ud800"}, "PATTERN"),
        ({"target": "*"}, "CODE"),
        ({"ratio": "0/1"}, "RATIO"),
        ({"ratio": "04/5"}, "RATIO"),
        ({"ratio": "101/1"}, "RATIO"),
        ({"ratio": "4"}, "RATIO"),
        ({"ratio": 0.8}, "RATIO"),
        ({"minimum_grade": 101}, "GRADE"),
        ({"minimum_grade": False}, "GRADE"),
        ({"minimum_grade": "60"}, "GRADE"),
        ({"minimum_level": 0}, "LEVEL"),
        ({"minimum_level": 11}, "LEVEL"),
        ({"kinds": []}, "KINDS"),
        ({"kinds": ["TRAINING", "DEGREE"]}, "KINDS"),
        ({"kinds": ["DEGREE", "DEGREE"]}, "KINDS"),
        ({"kinds": ["degree"]}, "KINDS"),
        ({"kinds": [{}]}, "KINDS"),
        ({"kinds": "DEGREE"}, "KINDS"),
    ],
)
def test_each_fault_of_an_entry_has_its_cause_and_place(change, cause):
    written = json.dumps(DOCUMENT | {"equivalences": [ENTRY | change]}).encode()
    (name,) = change
    assert faults(written) == [(f"$.equivalences[0].{name}", 1, cause)]


@pytest.mark.parametrize("name", [*DOCUMENT, *ENTRY])
def test_a_missing_key_is_named(name):
    written = json.loads(json.dumps(DOCUMENT))
    holder = written if name in written else written["equivalences"][0]
    del holder[name]
    path = f"$.{name}" if name in DOCUMENT else f"$.equivalences[0].{name}"
    assert faults(json.dumps(written).encode()) == [(path, 1, "KEY_MISSING")]


def test_all_faults_are_found_with_their_lines():
    written = json.dumps(
        DOCUMENT
        | {
            "version": 0,
            "equivalences": [ENTRY, ENTRY | {"ratio": "a"}, 7, {"b c": 1, **ENTRY, "id": "e2"}],
        },
        indent=1,
    )
    lines = written.split("\n")
    found = faults(written.encode())
    assert [cause for _, _, cause in found] == [
        *("VERSION", "RATIO", "NOT_AN_OBJECT", "KEY_UNKNOWN"),
        *("ID_REPEATED", "NEVER_REACHED", "NEVER_REACHED"),
    ]
    for (path, line, _), shown in zip(
        found, ["version", '"a"', "7", "b c", '"e1"', "CS-101", "CS-101"], strict=True
    ):
        assert shown in lines[line - 1], path
    assert found[3][0] == '$.equivalences[3]["b c"]'


@pytest.mark.parametrize(
    ("written", "line", "cause"),
    [
        (b"", 1, "NOT_JSON"),
        (b'{\n"rule":\n]', 3, "NOT_JSON"),
        (b"\xff", 1, "NOT_JSON"),
        (b"\xef\xbb\xbf{}", 1, "NOT_JSON"),
        (b"[" * 100_000, 1, "NOT_JSON"),
        (b'{"version": NaN}', 1, "NOT_JSON"),
        (b'{"version": ' + b"9" * 5000 + b"}", 1, "NOT_JSON"),
        (b"\n[]", 2, "NOT_AN_OBJECT"),
        (b" " * (32 * 1024 * 1024 + 1), 1, "TOO_LARGE"),
    ],
)
def test_what_is_no_json_object_is_placed(written, line, cause):
    assert faults(written) == [("$", line, cause)]


def test_a_key_that_stands_twice_is_refused():
    written = json.dumps(DOCUMENT, indent=1).replace('"id": "e1"', '"id": "e0",\n"id": "e1"')
    assert [(path, cause) for path, _, cause in faults(written.encode())] == [
        ("$.equivalences[0]", "KEY_REPEATED")
    ]


def test_every_cause_is_told_in_both_languages():
    for text in FAULTS.values():
        assert all((text.cause_zh, text.remedy_zh, text.cause_en, text.remedy_en))
        assert text.cause_en.isascii()


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=4),
        lambda inner: (
            st.lists(inner, max_size=3)
            | st.dictionaries(st.sampled_from([*DOCUMENT, *ENTRY]), inner, max_size=9)
        ),
    )
)
def test_any_other_json_is_refused(content):
    with pytest.raises(RuleFormBreach) as breach:
        parse_rule(json.dumps(content).encode())
    assert 0 < len(breach.value.faults) <= MOST_FAULTS
