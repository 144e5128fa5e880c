"""Rule documents of form 2: three ways of writing, one spelling, every fault placed."""

from __future__ import annotations

import hashlib
import json
from typing import Any

import jsonschema
import pytest
from hypothesis import given
from hypothesis import strategies as st

from node.domain.rule_faults import FAULTS
from node.domain.rule_form import MOST_FAULTS, RuleFormBreach
from node.domain.rule_guide import EXAMPLE, rule_guide, rule_schema
from node.domain.rule_writing import JSON, TOML, YAML, language_of
from node.domain.rulebook_form import canonical_document, parse_rulebook
from node.domain.rulebook_shapes import Inside, Many, Plain, Shape
from node.domain.rulebook_table import TABLE
from tests.node.rule_documents import DOCUMENT as FIRST
from tests.node.rule_documents import spelled
from tests.node.rulebook_documents import HOME, ZJ, book, course, document, entry, grant, written

PLAIN = entry(course("A"))
TOML_EXAMPLE = """\
form = 2
rule = "CN-44/general"
version = 1
title_zh = "通用规则"
title_en = "General rule"
valid_from = 2025-01-01

[[catalogues]]
key = "gd"
source = "CN-44"
name = "广东目录"
version = "*"

[[entries]]
id = "e1"
requires = { course = { catalogue = "gd", code = "A" } }

[[entries.grants]]
target = "T1"
catalogue = "gd"
ratio = "1/1"
"""
YAML_EXAMPLE = """\
form: 2
rule: CN-44/general
version: 1
title_zh: 通用规则
title_en: General rule
valid_from: 2025-01-01
catalogues:
- {key: gd, source: CN-44, name: 广东目录, version: '*'}
entries:
- id: e1
  requires:
    course:
      catalogue: gd
      code: A
  grants:
  - {target: T1, catalogue: gd, ratio: 1/1}
"""


def faults(document: bytes, language: str = JSON) -> list[tuple[str, int, str]]:
    with pytest.raises(RuleFormBreach) as breach:
        canonical_document(document, language)
    assert breach.value.reason == "RULE_FORM"
    return [(fault.path, fault.line, fault.cause) for fault in breach.value.faults]


def causes(content: Any) -> list[tuple[str, str]]:
    return [(path, cause) for path, _, cause in faults(written(content))]


def with_entry(**change: Any) -> dict[str, Any]:
    return document(PLAIN | change)


def test_yaml_toml_and_json_of_one_rule_have_one_spelling():
    canonical = canonical_document(YAML_EXAMPLE.encode(), YAML)
    assert canonical_document(TOML_EXAMPLE.encode(), TOML) == canonical
    assert canonical_document(canonical) == canonical
    rule = parse_rulebook(canonical)
    assert rule.digest == hashlib.sha256(canonical).hexdigest()
    assert (rule.name, rule.version, rule.is_example) == ("CN-44/general", 1, False)


def test_what_is_said_by_default_is_left_out():
    said = document(
        entry(course("A", level=None), track="RULE", note="", conditions={"kinds": None}),
        valid_until="",
        exclusions={"duplicates": "CODE"},
        defaults={"rounding": "DOWN"},
    )
    plain = canonical_document(written(document(entry(course("A")))))
    # Objects that say nothing are left out as a whole.
    assert canonical_document(written(said)) == plain
    with pytest.raises(RuleFormBreach) as breach:
        parse_rulebook(written(document(PLAIN)))
    assert [fault.cause for fault in breach.value.faults] == ["NOT_CANONICAL"]


def test_lists_without_order_have_one():
    one = document(PLAIN, exclusions={"titles": ["b", "a", "b"], "kinds": ["INFORMAL", "DEGREE"]})
    other = document(PLAIN, exclusions={"titles": ["a", "b"], "kinds": ["DEGREE", "INFORMAL"]})
    assert canonical_document(written(one)) == canonical_document(written(other))


def test_a_rule_of_form_1_is_read_for_ever():
    old = spelled(FIRST)
    assert canonical_document(json.dumps(FIRST).encode()) == old
    assert parse_rulebook(old).digest == hashlib.sha256(old).hexdigest()
    yaml = json.dumps(FIRST, ensure_ascii=False, indent=1).encode()
    assert canonical_document(yaml, YAML) == old
    bent = yaml.replace(b'"ratio": "4/5"', b'"ratio": "4"')
    ((path, line, cause),) = faults(bent, YAML)
    assert (path, cause) == ("$.equivalences[0].ratio", "RATIO")
    assert b"ratio" in bent.splitlines()[line - 1]


@pytest.mark.parametrize(
    ("change", "path", "cause"),
    [
        ({"form": 3}, "$.form", "FORM"),
        ({"rule": "general"}, "$.rule", "RULE_NAME"),
        ({"version": 0}, "$.version", "VERSION"),
        ({"valid_from": "2025-02-30"}, "$.valid_from", "DATE"),
        ({"valid_until": "2024-12-31"}, "$.valid_until", "ENDS_BEFORE_START"),
        ({"entries": []}, "$.entries", "ENTRY_COUNT"),
        ({"entries": {}}, "$.entries", "NOT_A_LIST"),
        ({"entries": [1]}, "$.entries[0]", "NOT_AN_OBJECT"),
        ({"catalogues": []}, "$.catalogues", "CATALOGUE_COUNT"),
        ({"more": 1}, "$.more", "KEY_UNKNOWN"),
        ({"scales": {"percent": ["A", "B"]}}, "$.scales", "SCALES"),
        ({"scales": {"letter": ["A"]}}, "$.scales", "SCALES"),
        ({"scales": {"letter": ["A", "A"]}}, "$.scales", "SCALES"),
        ({"defaults": {"rounding": "UP"}}, "$.defaults.rounding", "ROUNDING"),
        ({"defaults": {"level": "HIGHER"}}, "$.defaults.level", "LEVEL_OPERATOR"),
        ({"defaults": {"level": {"at_least": 11}}}, "$.defaults.level", "LEVEL_OPERATOR"),
        ({"defaults": {"minimum_grade": 101}}, "$.defaults.minimum_grade", "GRADE"),
        (
            {"defaults": {"minimum_grade": {"letter": "B"}}},
            "$.defaults.minimum_grade.letter",
            "GRADE_OF_SCALE",
        ),
        ({"defaults": {"hours_per_credit": 0}}, "$.defaults.hours_per_credit", "HOURS_PER_CREDIT"),
        ({"exclusions": {"duplicates": "ALL"}}, "$.exclusions.duplicates", "DUPLICATES"),
        ({"exclusions": {"titles": "a"}}, "$.exclusions.titles", "TEXTS"),
        ({"exclusions": {"kinds": ["degree"]}}, "$.exclusions.kinds", "KINDS"),
        ({"note": "a\u202eb"}, "$.note", "NOTE"),
    ],
)
def test_each_fault_of_a_document_has_its_place_and_cause(change, path, cause):
    assert causes(document(PLAIN) | change) == [(path, cause)]


@pytest.mark.parametrize(
    ("change", "path", "cause"),
    [
        ({"sha256": ""}, "sha256", "DIGEST_AND_VERSION"),
        ({"sha256": "A" * 64}, "sha256", "DIGEST_FORM"),
        ({"version": "*"}, "sha256", "DIGEST_AND_VERSION"),
        ({"source": "*"}, "source", "VERSION_OF_ANY"),
        ({"source": "CN-99"}, "source", "SOURCE"),
        ({"version": ""}, "version", "CATALOGUE_VERSION"),
        ({"key": "gd"}, "key", "CATALOGUE_REPEATED"),
        ({"name": ""}, "name", "TITLE"),
    ],
)
def test_each_fault_of_a_catalogue_has_its_place_and_cause(change, path, cause):
    content = document(PLAIN, catalogues=[HOME, ZJ | change])
    assert (f"$.catalogues[1].{path}", cause) in causes(content)


@pytest.mark.parametrize(
    ("change", "path", "cause"),
    [
        ({"id": "e*"}, "id", "CODE"),
        ({"requires": {}}, "requires", "REQUIREMENT"),
        ({"requires": []}, "requires", "NOT_AN_OBJECT"),
        ({"requires": {"all": [], "any": []}}, "requires", "REQUIREMENT"),
        ({"requires": {"none": []}}, "requires", "REQUIREMENT"),
        ({"requires": {"all": []}}, "requires.all", "PART_COUNT"),
        ({"requires": {"all": 1}}, "requires.all", "NOT_A_LIST"),
        ({"requires": {"at_least": 2, "of": [course("A")]}}, "requires.at_least", "COUNT"),
        ({"requires": {"at_least": True, "of": [course("A")]}}, "requires.at_least", "COUNT"),
        ({"requires": course("A*B")}, "requires.course.code", "PATTERN"),
        ({"requires": course("A", "xx")}, "requires.course.catalogue", "CATALOGUE_UNKNOWN"),
        ({"requires": course("A", kinds=[])}, "requires.course.kinds", "KINDS"),
        ({"requires": course("A", valid_years=0)}, "requires.course.valid_years", "YEARS"),
        (
            {"requires": course("A", overlap_percent=101)},
            "requires.course.overlap_percent",
            "PERCENT",
        ),
        ({"requires": {"pool": {"of": [course("A")["course"]]}}}, "requires.pool", "POOL_MEASURE"),
        ({"requires": {"pool": {"of": [], "lots": 1}}}, "requires.pool.of", "PART_COUNT"),
        (
            {"requires": {"pool": {"of": [course("A")["course"]], "lots": 0}}},
            "requires.pool.lots",
            "SUM",
        ),
        ({"grants": []}, "grants", "GRANT_COUNT"),
        ({"grants": [grant() | {"credits_hundredths": 1}]}, "grants[0]", "GRANT_MEASURE"),
        ({"grants": [{"target": "T1", "catalogue": "gd"}]}, "grants[0]", "GRANT_MEASURE"),
        ({"grants": [grant(ratio="0/1")]}, "grants[0].ratio", "RATIO"),
        ({"grants": [grant(ratio=0.5)]}, "grants[0].ratio", "RATIO"),
        ({"grants": [grant(hours_ratio="STANDARD")]}, "grants[0].hours_ratio", "HOURS_PER_CREDIT"),
        ({"grants": [grant(), grant()]}, "grants[1].target", "TARGET_REPEATED"),
        ({"grants": [grant() | {"catalogue": "zj"}]}, "grants[0].catalogue", "CATALOGUE_ABROAD"),
        ({"grants": [grant(level=11)]}, "grants[0].level", "LEVEL_NUMBER"),
        (
            {"grants": [grant(credits_hundredths=1, at_most_hundredths=1)]},
            "grants[0]",
            "BOUND_OF_FIXED",
        ),
        (
            {"grants": [grant(at_least_hundredths=2, at_most_hundredths=1)]},
            "grants[0].at_most_hundredths",
            "BOUNDS",
        ),
        ({"grade_written": {"101": "A"}}, "grade_written", "GRADE_WRITTEN"),
        ({"grade_written": "60"}, "grade_written", "GRADE_WRITTEN"),
        ({"track": "COURT"}, "track", "TRACK"),
        ({"incomplete": "WAIT"}, "incomplete", "INCOMPLETE"),
        ({"repeats": 1}, "repeats", "NOT_A_TRUTH"),
        (
            {"conditions": {"minimum_grade": {"five": "好"}}},
            "conditions.minimum_grade.five",
            "GRADE_OF_SCALE",
        ),
        (
            {"conditions": {"minimum_grade": {"percent": "60"}}},
            "conditions.minimum_grade.percent",
            "GRADE_OF_SCALE",
        ),
        (
            {"valid_from": "2026-01-02", "valid_until": "2026-01-01"},
            "valid_until",
            "ENDS_BEFORE_START",
        ),
    ],
)
def test_each_fault_of_an_entry_has_its_place_and_cause(change, path, cause):
    assert causes(with_entry(**change)) == [(f"$.entries[0].{path}", cause)]


def test_ids_are_not_repeated():
    twice = document(PLAIN, PLAIN | {"id": "e1"})
    assert causes(twice) == [("$.entries[1].id", "ID_REPEATED")]


def test_nesting_is_bounded():
    deep: dict[str, Any] = course("A")
    for _ in range(8):
        deep = {"all": [deep]}
    (fault,) = causes(with_entry(requires=deep))
    assert fault[1] == "TOO_DEEP"
    assert book(entry(deep["all"][0])).entries


@pytest.mark.parametrize(
    ("text", "language", "old", "new", "shown", "cause"),
    [
        (YAML_EXAMPLE, YAML, "code: A", "code: '*A'", "code: '*A'", "PATTERN"),
        (YAML_EXAMPLE, YAML, "1/1", "1/0", "1/0", "RATIO"),
        (YAML_EXAMPLE, YAML, "version: 1\n", "version: 1\nversion: 2\n", "form: 2", "KEY_REPEATED"),
        (YAML_EXAMPLE, YAML, "  requires:", " requires:", "requires:", "NOT_YAML"),
        (YAML_EXAMPLE, YAML, "title_en: Gen", "title_en: &a Gen", "&a", "YAML_ALIAS"),
        (YAML_EXAMPLE, YAML, "title_en: Gen", "title_en: !!str Gen", "!!str", "YAML_ALIAS"),
        (YAML_EXAMPLE, YAML, "version: 1\n", "version: 1.0\n", "version: 1.0", "VERSION"),
        (YAML_EXAMPLE, YAML, "version: 1\n", "version: yes\n", "version: yes", "VERSION"),
        (TOML_EXAMPLE, TOML, 'code = "A"', 'code = ""', "requires", "PATTERN"),
        (TOML_EXAMPLE, TOML, '"1/1"', '"1"', 'ratio = "1"', "RATIO"),
        (TOML_EXAMPLE, TOML, "version = 1", "version = = 1", "version = = 1", "NOT_TOML"),
        (TOML_EXAMPLE, TOML, 'key = "gd"', 'key = "gd"\nkey = "x"', 'key = "x"', "NOT_TOML"),
        (TOML_EXAMPLE, TOML, 'id = "e1"', 'id = "e1"\nodd = 1', "odd = 1", "KEY_UNKNOWN"),
        (TOML_EXAMPLE, TOML, "2025-01-01", "2025-01-01T00:00:00", "valid_from", "DATE"),
    ],
)
def test_faults_are_placed_in_what_was_written(text, language, old, new, shown, cause):
    bent = text.replace(old, new, 1)
    assert bent != text
    found = faults(bent.encode(), language)
    assert cause in [one[2] for one in found]
    line = next(one[1] for one in found if one[2] == cause)
    assert shown in bent.splitlines()[line - 1]


@pytest.mark.parametrize("language", [JSON, YAML, TOML])
@pytest.mark.parametrize(
    "text",
    [
        b"\xff",
        b"",
        b"[",
        b"- " * 3000,
        b"a = " + b"[" * 300 + b"]" * 300,
        b"{" * 3000,
        b"\x00",
        b"a: b: c",
    ],
)
def test_bytes_that_are_no_document_are_refused(text, language):
    assert faults(text, language)


def test_a_file_says_its_language_by_its_ending():
    assert [language_of(name) for name in ("a.yml", "a.YAML", "a.toml", "a.json", "a")] == [
        *(YAML, YAML, TOML, JSON, JSON)
    ]


def test_every_cause_is_told_in_both_languages():
    for text in FAULTS.values():
        assert all((text.cause_zh, text.remedy_zh, text.cause_en, text.remedy_en))
        assert text.cause_en.isascii()


def test_every_cause_of_the_table_has_a_text():
    def of(shape: Shape) -> list[str]:
        if isinstance(shape, Plain | Many):
            return [shape.cause]
        return []

    asked = [cause for keys in TABLE.values() for key in keys.values() for cause in of(key.shape)]
    assert set(asked) <= set(FAULTS)
    forms = {
        key.shape.form
        for keys in TABLE.values()
        for key in keys.values()
        if isinstance(key.shape, Inside | Many)
    }
    assert forms <= set(TABLE)


def test_the_example_of_the_guide_is_a_rule_and_keeps_to_the_schema():
    canonical = canonical_document(EXAMPLE.encode(), YAML)
    rule = parse_rulebook(canonical)
    assert [one.entry_id for one in rule.entries] == ["database", "volunteering"]
    schema = rule_schema()
    jsonschema.Draft202012Validator.check_schema(schema)
    jsonschema.Draft202012Validator(schema).validate(json.loads(canonical))


@pytest.mark.parametrize(
    "change",
    [{"id": 1}, {"requires": {}}, {"grants": []}, {"track": "COURT"}, {"more": 1}],
)
def test_the_schema_refuses_what_the_check_refuses(change):
    schema = jsonschema.Draft202012Validator(rule_schema())
    assert schema.is_valid(with_entry())
    assert not schema.is_valid(with_entry(**change))
    assert causes(with_entry(**change))


def test_the_guide_names_every_key_and_every_requirement():
    guide = rule_guide()
    for keys in TABLE.values():
        for name, key in keys.items():
            assert f"| `{name}` |" in guide
            assert key.zh in guide
            assert key.en in guide
    for word in ("all", "any", "at_least", "sequence", "pool"):
        assert f"`{word}: " in guide


names = sorted({name for keys in TABLE.values() for name in keys})


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=4),
        lambda inner: (
            st.lists(inner, max_size=3)
            | st.dictionaries(st.sampled_from([*names, "all", "any"]), inner, max_size=9)
        ),
    )
)
def test_any_other_json_is_refused(content):
    for value in (content, document(PLAIN) | {"entries": [content]}, with_entry(requires=content)):
        with pytest.raises(RuleFormBreach) as breach:
            parse_rulebook(json.dumps(value).encode())
        assert 0 < len(breach.value.faults) <= MOST_FAULTS
