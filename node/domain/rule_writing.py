"""What a person wrote, as JSON, YAML or TOML: its content, and on which line each value stands.

Of YAML only what has one meaning is read: plain words are texts unless they are ``true``,
``false``, ``null`` or a whole number; anchors, aliases and tags are refused.
"""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

import yaml

from federation.base.errors import Breach
from node.domain.rule_faults import FormFault, Step, line_of, spell_path

JSON = "json"
YAML = "yaml"
TOML = "toml"
LANGUAGES = (JSON, YAML, TOML)
MOST_DEPTH = 40

_Path = tuple[Step, ...]
_WHOLE = re.compile(r"-?(?:0|[1-9][0-9]{0,17})")
_WORDS: Mapping[str, bool | None] = {"true": True, "false": False, "null": None, "~": None}
_HEADER = re.compile(r"\s*(\[\[?)\s*([^\[\]]+?)\s*\]")
_KEY = re.compile(r"""\s*((?:[A-Za-z0-9_-]+|"[^"\n]*"|'[^'\n]*')(?:\s*\.\s*[A-Za-z0-9_-]+)*)\s*=""")


class Doubled(dict[str, Any]):
    """An object in which a key stood twice; which value was meant nobody can tell."""


@dataclass(frozen=True, slots=True)
class Written:
    """A document's content, and the line of each value (or of what should contain it)."""

    content: Any
    line_of: Callable[[_Path], int]
    line_at: Callable[[str], int]


def language_of(name: str) -> str:
    """Return the language that a file's name says: by its ending, JSON unless known."""
    ending = name.rpartition(".")[2].lower()
    return {"yaml": YAML, "yml": YAML, "toml": TOML}.get(ending, JSON)


def read_written(document: bytes, language: str) -> Written | FormFault:
    """Return what a document says, or the one fault for which it cannot be read."""
    try:
        text = document.decode()
    except UnicodeDecodeError as error:
        line = document.count(b"\n", 0, error.start) + 1
        return FormFault("$", 1 if language == JSON else line, _UNREADABLE[language])
    if language == YAML:
        return _read_yaml(text)
    return _read_toml(text) if language == TOML else _read_json(text)


_UNREADABLE = {JSON: "NOT_JSON", YAML: "NOT_YAML", TOML: "NOT_TOML"}


def write_for_people(content: Any, language: str) -> str:
    """Return a document's content as JSON or YAML that people may go on writing.

    Raises:
        Breach: FIELDS for TOML, which is read and not written.
    """
    if language == TOML:
        raise Breach("FIELDS", detail="a rule is written as .yaml or .json")
    if language == YAML:
        return str(yaml.safe_dump(content, allow_unicode=True, sort_keys=False, width=100))
    return json.dumps(content, ensure_ascii=False, indent=1) + "\n"


def _written(content: Any, line: Callable[[_Path], int]) -> Written:
    def line_at(spelled: str) -> int:
        for path, _ in _paths(content, ()):
            if spell_path(path) == spelled:
                return line(path)
        return line_at(spelled[: max(spelled.rfind("."), spelled.rfind("["))] or "$")

    return Written(content, line, line_at)


def doubled(content: Any) -> Iterator[tuple[Step, ...]]:
    """Yield the paths of objects in which a key stood twice."""
    for path, value in _paths(content, ()):
        if isinstance(value, Doubled):
            yield path


def _paths(value: Any, path: _Path) -> Iterator[tuple[_Path, Any]]:
    members: list[tuple[Step, Any]] = []
    if isinstance(value, dict):
        members = list(value.items())
    elif isinstance(value, list):
        members = list(enumerate(value))
    yield path, value
    for step, one in members:
        yield from _paths(one, (*path, step))


def _read_json(text: str) -> Written | FormFault:
    try:
        content = json.loads(text, object_pairs_hook=_object, parse_constant=_no_constant)
    except json.JSONDecodeError as error:
        return FormFault("$", error.lineno, "NOT_JSON")
    except (ValueError, RecursionError):
        return FormFault("$", 1, "NOT_JSON")
    return _written(content, lambda path: line_of(text, path))


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    plain = dict(pairs)
    return plain if len(plain) == len(pairs) else Doubled(plain)


def _no_constant(name: str) -> None:
    raise ValueError(name)


class _AliasFound(yaml.YAMLError):
    """An anchor, alias or tag, at a line from 1."""

    def __init__(self, line: int) -> None:
        super().__init__(line)
        self.line = line


def _read_yaml(text: str) -> Written | FormFault:
    try:
        for event in yaml.parse(text, Loader=yaml.SafeLoader):
            _refuse_alias(event)
        node = yaml.compose(text, Loader=yaml.SafeLoader)
    except _AliasFound as found:
        return FormFault("$", found.line, "YAML_ALIAS")
    except (yaml.YAMLError, RecursionError, ValueError) as error:
        mark = getattr(error, "problem_mark", None)
        return FormFault("$", mark.line + 1 if mark else 1, "NOT_YAML")
    lines: dict[_Path, int] = {(): 1}
    if node is None:
        return _written(None, lambda path: 1)
    if _depth(node, 0) > MOST_DEPTH:
        return FormFault("$", 1, "TOO_DEEP")
    content = _plain(node, (), lines)
    return _written(content, lambda path: _nearest(lines, path))


def _refuse_alias(event: Any) -> None:
    is_tagged = getattr(event, "tag", None) is not None
    if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None) or is_tagged:
        raise _AliasFound(event.start_mark.line + 1)


def _depth(node: yaml.Node, above: int) -> int:
    if above > MOST_DEPTH or isinstance(node, yaml.ScalarNode):
        return above
    inner = [one[1] if isinstance(one, tuple) else one for one in node.value]
    return max((_depth(one, above + 1) for one in inner), default=above)


def _plain(node: yaml.Node, path: _Path, lines: dict[_Path, int]) -> Any:
    lines.setdefault(path, node.start_mark.line + 1)
    if isinstance(node, yaml.SequenceNode):
        return [_plain(one, (*path, at), lines) for at, one in enumerate(node.value)]
    if isinstance(node, yaml.MappingNode):
        pairs = []
        for key, value in node.value:
            name = str(key.value)
            lines[(*path, name)] = key.start_mark.line + 1
            pairs.append((name, _plain(value, (*path, name), lines)))
        return _object(pairs)
    assert isinstance(node, yaml.ScalarNode), "YAML has three kinds of node"
    return node.value if node.style else _word(node.value)


def _word(text: str) -> Any:
    if text in _WORDS:
        return _WORDS[text]
    if text == "":
        return None
    return int(text) if _WHOLE.fullmatch(text) else text


def _nearest(lines: Mapping[_Path, int], path: _Path) -> int:
    while path not in lines:
        path = path[:-1]
    return lines[path]


def _read_toml(text: str) -> Written | FormFault:
    try:
        content = tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError, ValueError) as error:
        found = re.search(r"at line ([0-9]+)", str(error))
        line = int(found[1]) if found else text.count("\n") + 1
        return FormFault("$", line, "NOT_TOML")
    if _is_too_deep(content):
        return FormFault("$", 1, "TOO_DEEP")
    lines = _toml_lines(text)
    return _written(_dates_as_text(content), lambda path: _nearest(lines, path))


def _is_too_deep(content: Any) -> bool:
    level = [content]
    for _ in range(MOST_DEPTH):
        level = [
            inner
            for one in level
            if isinstance(one, dict | list)
            for inner in (one.values() if isinstance(one, dict) else one)
        ]
    return level != []


def _dates_as_text(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _dates_as_text(one) for key, one in value.items()}
    if isinstance(value, list):
        return [_dates_as_text(one) for one in value]
    # A date and time stays what it is, and is refused where a day is asked.
    return value.isoformat() if type(value) is date else value


def _toml_lines(text: str) -> dict[_Path, int]:
    """Return the lines of tables and keys; a value inside an inline table has its key's line."""
    lines: dict[_Path, int] = {(): 1}
    table: _Path = ()
    counts: dict[_Path, int] = {}
    for number, line in enumerate(text.splitlines(), start=1):
        header, key = _HEADER.match(line), _KEY.match(line)
        if header and not key:
            table = _entered(counts, header[2], is_list=header[1] == "[[")
            lines.setdefault(table, number)
        elif key:
            lines.setdefault((*table, *_steps(key[1])), number)
    return lines


def _entered(counts: dict[_Path, int], name: str, *, is_list: bool) -> _Path:
    path: _Path = ()
    steps = _steps(name)
    for at, step in enumerate(steps):
        path = (*path, step)
        if is_list and at == len(steps) - 1:
            counts[path] = counts.get(path, -1) + 1
        if path in counts:
            path = (*path, counts[path])
    return path


def _steps(name: str) -> list[str]:
    return [step.strip().strip("\"'") for step in name.split(".")]
