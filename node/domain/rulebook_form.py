"""Rule documents: from what a person wrote to the one spelling, and from that to a rulebook.

Documents of form 2 leave out every key that says no more than its absence does. Documents of form
1, which name no form, are read for ever; :mod:`node.domain.rulebook_first` puts them in the terms
of form 2.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from itertools import chain
from typing import Any

from node.domain.cap_form import cap_faults
from node.domain.rule_faults import FormFault, spell_path
from node.domain.rule_form import (
    LARGEST_RULE_BYTES,
    MOST_FAULTS,
    Found,
    Path,
    RuleFormBreach,
    canonical_rule,
    parse_rule,
)
from node.domain.rule_writing import JSON, Doubled, Written, doubled, read_written
from node.domain.rulebook import Rulebook
from node.domain.rulebook_build import build
from node.domain.rulebook_crosscheck import cross_faults
from node.domain.rulebook_first import from_first_form
from node.domain.rulebook_shapes import DEEPEST, MOST_PARTS, Inside, Key, Many, Plain, Shape
from node.domain.rulebook_table import TABLE

_LISTS = ("all", "any", "sequence")


def canonical_document(written: bytes, language: str = JSON) -> bytes:
    """Return the one spelling of a rule of either form, written as JSON, YAML or TOML.

    Raises:
        RuleFormBreach: RULE_FORM with every fault and its line in what was written.
    """
    text = _read(written, language)
    if _is_first(text.content):
        return canonical_rule(written) if language == JSON else _first(text)
    return _spell(_checked(text))


def parse_rulebook(document: bytes) -> Rulebook:
    """Return the rule that these bytes are, whichever its form.

    Raises:
        RuleFormBreach: RULE_FORM with every fault; other spellings of the same rule included.
    """
    text = _read(document, JSON)
    if _is_first(text.content):
        return from_first_form(parse_rule(document))
    content = _checked(text)
    if _spell(content) != document:
        raise RuleFormBreach((FormFault("$", 1, "NOT_CANONICAL"),))
    return build(content, hashlib.sha256(document).hexdigest())


def _is_first(content: Any) -> bool:
    return isinstance(content, dict) and "form" not in content and "equivalences" in content


def _first(text: Written) -> bytes:
    for path in doubled(text.content):
        raise RuleFormBreach((FormFault(spell_path(path), text.line_of(path), "KEY_REPEATED"),))
    try:
        return canonical_rule(_dumped(text.content))
    except RuleFormBreach as breach:
        # The lines are those of the spelling in between: place them in what was written.
        raise RuleFormBreach(
            tuple(
                FormFault(fault.path, text.line_at(fault.path), fault.cause)
                for fault in breach.faults
            )
        ) from None


def _read(document: bytes, language: str) -> Written:
    if len(document) > LARGEST_RULE_BYTES:
        raise RuleFormBreach((FormFault("$", 1, "TOO_LARGE"),))
    text = read_written(document, language)
    if isinstance(text, FormFault):
        raise RuleFormBreach((text,))
    return text


def _checked(text: Written) -> dict[str, Any]:
    faults = []
    for path, cause in _document_faults(text.content):
        faults.append(FormFault(spell_path(path), text.line_of(path), cause))
        if len(faults) == MOST_FAULTS:
            break
    if faults:
        raise RuleFormBreach(tuple(faults))
    return dict(text.content)


def _document_faults(content: Any) -> Iterator[Found]:
    is_sound = True
    for found in chain(_object_faults(content, (), "rule"), _cap_faults(content)):
        is_sound = False
        yield found
    # What entries say of one another can be asked only of entries that have their form.
    if is_sound:
        yield from cross_faults(content)


def _cap_faults(content: Any) -> Iterator[Found]:
    if isinstance(content, dict) and isinstance(content.get("caps"), list):
        for path in doubled(content["caps"]):
            yield ("caps", *path), "KEY_REPEATED"
        yield from cap_faults(content["caps"])


def _object_faults(value: Any, path: Path, form: str) -> Iterator[Found]:
    if not isinstance(value, dict):
        yield path, "NOT_AN_OBJECT"
        return
    if isinstance(value, Doubled):
        yield path, "KEY_REPEATED"
    keys = TABLE[form]
    for name in value:
        if name not in keys:
            yield (*path, name), "KEY_UNKNOWN"
    for name, key in keys.items():
        if name in value:
            yield from _shape_faults(value[name], (*path, name), key.shape)
        elif key.default is ...:
            yield (*path, name), "KEY_MISSING"


def _shape_faults(value: Any, path: Path, shape: Shape) -> Iterator[Found]:
    if isinstance(shape, Plain):
        if not _holds(shape, value):
            yield path, shape.cause
    elif isinstance(shape, Inside):
        yield from _object_faults(value, path, shape.form)
    elif isinstance(shape, Many):
        yield from _list_faults(value, path, shape)
    else:
        yield from _tree_faults(value, path, DEEPEST)


def _holds(shape: Plain, value: Any) -> bool:
    return not isinstance(value, Doubled) and shape.holds(value)


def _list_faults(value: Any, path: Path, shape: Many) -> Iterator[Found]:
    if not isinstance(value, list):
        yield path, "NOT_A_LIST"
    elif not shape.least <= len(value) <= shape.most:
        yield path, shape.cause
    else:
        for at, one in enumerate(value):
            yield from _object_faults(one, (*path, at), shape.form)


def _tree_faults(value: Any, path: Path, depth: int) -> Iterator[Found]:
    if not isinstance(value, dict):
        yield path, "NOT_AN_OBJECT"
    elif isinstance(value, Doubled):
        yield path, "KEY_REPEATED"
    elif depth == 0:
        yield path, "TOO_DEEP"
    elif set(value) == {"course"} or set(value) == {"pool"}:
        ((form, inner),) = value.items()
        yield from _object_faults(inner, (*path, form), form)
    elif set(value) == {"at_least", "of"}:
        yield from _parts_faults(value["of"], (*path, "of"), depth)
        count, parts = value["at_least"], value["of"]
        most = len(parts) if isinstance(parts, list) else MOST_PARTS
        if type(count) is not int or not 1 <= count <= most:
            yield (*path, "at_least"), "COUNT"
    elif len(value) == 1 and next(iter(value)) in _LISTS:
        ((name, parts),) = value.items()
        yield from _parts_faults(parts, (*path, name), depth)
    else:
        yield path, "REQUIREMENT"


def _parts_faults(parts: Any, path: Path, depth: int) -> Iterator[Found]:
    if not isinstance(parts, list):
        yield path, "NOT_A_LIST"
    elif not 1 <= len(parts) <= MOST_PARTS:
        yield path, "PART_COUNT"
    else:
        for at, part in enumerate(parts):
            yield from _tree_faults(part, (*path, at), depth - 1)


def _spell(content: dict[str, Any]) -> bytes:
    return _dumped(_sparse(content, "rule"))


def _dumped(content: Any) -> bytes:
    return json.dumps(
        content, ensure_ascii=False, allow_nan=False, sort_keys=True, separators=(",", ":")
    ).encode()


def _sparse(value: dict[str, Any], form: str) -> dict[str, Any]:
    """Leave out what says no more than its absence."""
    keys = TABLE[form]
    kept = {name: _sparse_value(one, keys[name].shape) for name, one in value.items()}
    return {name: one for name, one in kept.items() if not _is_idle(one, keys[name])}


def _is_idle(value: Any, key: Key) -> bool:
    # True is 1 for Python, but a truth never stands where a number does.
    return key.default is not ... and value == key.default


def _sparse_value(value: Any, shape: Shape) -> Any:
    if isinstance(shape, Plain):
        return shape.spell(value)
    if isinstance(shape, Inside):
        return _sparse(value, shape.form)
    if isinstance(shape, Many):
        return [_sparse(one, shape.form) for one in value]
    return _sparse_tree(value)


def _sparse_tree(value: dict[str, Any]) -> dict[str, Any]:
    ((name, inner),) = [(key, one) for key, one in value.items() if key != "at_least"]
    if name in ("course", "pool"):
        return {name: _sparse(inner, name)}
    return value | {name: [_sparse_tree(part) for part in inner]}
