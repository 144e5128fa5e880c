"""The form of a rule document: from bytes to a rule, with every fault found and placed.

A document is JSON in one spelling: UTF-8, keys sorted, no spaces. People write it as they like;
:func:`canonical_rule` gives it that spelling, and :func:`parse_rule` takes no other, because the
digest of the bytes is the rule's identity.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator
from typing import Any

from federation.base.amounts import parse_ratio
from federation.base.errors import Breach
from node.domain.outcomes import HIGHEST_LEVEL
from node.domain.rule_faults import FormFault, Step, line_of, spell_path
from node.domain.rule_values import (
    are_kinds,
    is_date,
    is_end,
    is_name,
    is_pattern,
    is_plain_code,
    is_ratio,
    is_source,
    is_title,
    is_whole,
)
from node.domain.rules import Equivalence, Rule

LARGEST_RULE_BYTES = 32 * 1024 * 1024
MOST_ENTRIES = 100_000
MOST_FAULTS = 20
_LARGEST_VERSION = 10**9

Path = tuple[Step, ...]
Found = tuple[Path, str]


class RuleFormBreach(Breach):
    """A document that is no rule.

    Attributes:
        faults: what is wrong and where, at most ``MOST_FAULTS``, in the order of the form.
    """

    def __init__(self, faults: tuple[FormFault, ...]) -> None:
        more = f" (and {len(faults) - 1} more)" if len(faults) > 1 else ""
        super().__init__("RULE_FORM", detail=f"{faults[0]}{more}")
        self.faults = faults


def parse_rule(document: bytes) -> Rule:
    """Return the rule that these bytes are.

    Raises:
        RuleFormBreach: RULE_FORM with every fault; other spellings of the same rule included.
    """
    content = _checked(document)
    if _spell(content) != document:
        raise RuleFormBreach((FormFault("$", 1, "NOT_CANONICAL"),))
    return Rule(
        name=content["rule"],
        version=content["version"],
        title_zh=content["title_zh"],
        title_en=content["title_en"],
        valid_from=content["valid_from"],
        valid_until=content["valid_until"],
        is_example=content["example"],
        entries=tuple(_equivalence(entry) for entry in content["equivalences"]),
        digest=hashlib.sha256(document).hexdigest(),
    )


def canonical_rule(written: bytes) -> bytes:
    """Return the one spelling of a rule that a person wrote as JSON.

    Raises:
        RuleFormBreach: RULE_FORM with every fault and its line in what was written.
    """
    return _spell(_checked(written))


def _checked(document: bytes) -> dict[str, Any]:
    if len(document) > LARGEST_RULE_BYTES:
        raise RuleFormBreach((FormFault("$", 1, "TOO_LARGE"),))
    text, content = _read(document)
    faults = []
    for path, cause in _rule_faults(content):
        faults.append(FormFault(spell_path(path), line_of(text, path), cause))
        if len(faults) == MOST_FAULTS:
            break
    if faults:
        raise RuleFormBreach(tuple(faults))
    return dict(content)


def _read(document: bytes) -> tuple[str, Any]:
    try:
        text = document.decode()
        content = json.loads(text, object_pairs_hook=_object, parse_constant=_no_constant)
    except json.JSONDecodeError as error:
        raise RuleFormBreach((FormFault("$", error.lineno, "NOT_JSON"),)) from None
    except (ValueError, RecursionError):
        raise RuleFormBreach((FormFault("$", 1, "NOT_JSON"),)) from None
    return text, content


def _spell(content: dict[str, Any]) -> bytes:
    return json.dumps(
        content, ensure_ascii=False, allow_nan=False, sort_keys=True, separators=(",", ":")
    ).encode()


class _Doubled(dict[str, Any]):
    """An object in which a key stood twice; which value was meant nobody can tell."""


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    plain = dict(pairs)
    return plain if len(plain) == len(pairs) else _Doubled(plain)


def _no_constant(name: str) -> None:
    raise ValueError(name)


def _equivalence(entry: dict[str, Any]) -> Equivalence:
    kinds = entry["kinds"]
    return Equivalence(
        entry_id=entry["id"],
        source=entry["source"],
        code=entry["code"],
        target=entry["target"],
        ratio=parse_ratio(entry["ratio"]),
        minimum_grade=entry["minimum_grade"],
        minimum_level=entry["minimum_level"],
        kinds=None if kinds is None else frozenset(kinds),
    )


def _rule_faults(content: Any) -> Iterator[Found]:
    yield from _object_faults(content, (), _RULE_FORM)
    if not isinstance(content, dict):
        return
    start, end = content.get("valid_from"), content.get("valid_until")
    if end and is_date(start) and is_date(end) and end < start:
        yield ("valid_until",), "ENDS_BEFORE_START"
    entries = content.get("equivalences")
    if not isinstance(entries, list):
        return
    if not 0 < len(entries) <= MOST_ENTRIES:
        yield ("equivalences",), "ENTRY_COUNT"
        return
    for at, entry in enumerate(entries):
        yield from _object_faults(entry, ("equivalences", at), _ENTRY_FORM)
    yield from _repetitions(entries)


def _repetitions(entries: list[Any]) -> Iterator[Found]:
    ids: set[str] = set()
    patterns: set[tuple[str, str]] = set()
    for at, entry in enumerate(entries):
        # Entries of another form have had their fault already.
        named, source, code = (
            entry.get(key) if isinstance(entry, dict) else None for key in ("id", "source", "code")
        )
        if isinstance(named, str):
            if named in ids:
                yield ("equivalences", at, "id"), "ID_REPEATED"
            ids.add(named)
        if isinstance(source, str) and isinstance(code, str):
            if (source, code) in patterns:
                yield ("equivalences", at, "code"), "NEVER_REACHED"
            patterns.add((source, code))


def _object_faults(value: Any, path: Path, form: _Form) -> Iterator[Found]:
    if not isinstance(value, dict):
        yield path, "NOT_AN_OBJECT"
        return
    if isinstance(value, _Doubled):
        yield path, "KEY_REPEATED"
    for key in value:
        if key not in form:
            yield (*path, key), "KEY_UNKNOWN"
    for key, (holds, cause) in form.items():
        if key not in value:
            yield (*path, key), "KEY_MISSING"
        elif not holds(value[key]):
            yield (*path, key), cause


_Form = dict[str, tuple[Callable[[Any], bool], str]]
_RULE_FORM: _Form = {
    "rule": (is_name, "RULE_NAME"),
    "version": (lambda value: is_whole(value, 1, _LARGEST_VERSION), "VERSION"),
    "title_zh": (is_title, "TITLE"),
    "title_en": (is_title, "TITLE"),
    "valid_from": (is_date, "DATE"),
    "valid_until": (is_end, "DATE"),
    "equivalences": (lambda value: isinstance(value, list), "NOT_A_LIST"),
    "example": (lambda value: isinstance(value, bool), "NOT_A_TRUTH"),
}
_ENTRY_FORM: _Form = {
    "id": (is_plain_code, "CODE"),
    "source": (is_source, "SOURCE"),
    "code": (is_pattern, "PATTERN"),
    "target": (is_plain_code, "CODE"),
    "ratio": (is_ratio, "RATIO"),
    "minimum_grade": (lambda value: value is None or is_whole(value, 0, 100), "GRADE"),
    "minimum_level": (lambda value: value is None or is_whole(value, 1, HIGHEST_LEVEL), "LEVEL"),
    "kinds": (are_kinds, "KINDS"),
}
