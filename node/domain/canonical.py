"""Documents in one spelling: JSON in UTF-8, keys sorted, no spaces, whole numbers only.

The digest of the bytes is a document's identity, so no other spelling of it is ever taken.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import fields, is_dataclass
from functools import cache
from json.encoder import encode_basestring
from types import NoneType, UnionType
from typing import Any, cast, get_args, get_origin, get_type_hints

from federation.base.errors import Breach

LARGEST_DOCUMENT_BYTES = 4 * 1024 * 1024
_SPELLING = json.JSONEncoder(
    ensure_ascii=False, allow_nan=False, sort_keys=True, separators=(",", ":")
)
_Read = Callable[[Any], Any]
_SINGLE = frozenset({str, int, bool, NoneType})


def spell(content: Any) -> bytes:
    """Return the one spelling of a value made of objects, lists, texts, whole numbers, truths."""
    return spelled(content).encode()


def spelled(content: Any) -> str:
    """Return the same as text."""
    kind = type(content)
    if kind is str:
        return encode_basestring(content)
    return str(content) if kind is int else _SPELLING.encode(content)


def digest_of(document: bytes) -> str:
    """Return the SHA-256 of a document, 64 hexadecimal digits."""
    return hashlib.sha256(document).hexdigest()


def read_canonical(document: bytes, *, reason: str) -> dict[str, Any]:
    """Return the object that a document in its one spelling is.

    Raises:
        Breach: of the given reason for any other bytes.
    """
    if len(document) > LARGEST_DOCUMENT_BYTES:
        raise Breach(reason, detail="too large")
    try:
        content = json.loads(document.decode(), parse_float=_refuse, parse_constant=_refuse)
        is_canonical = isinstance(content, dict) and spell(content) == document
    except (ValueError, RecursionError):
        raise Breach(reason, detail="not JSON of whole numbers in UTF-8") from None
    if not is_canonical:
        raise Breach(reason, detail="not an object in the canonical spelling")
    return dict(content)


def _refuse(text: str) -> None:
    raise ValueError(text)


def plain(value: Any) -> Any:
    """Return a value made of dataclasses and tuples as objects and lists."""
    kind: Any = type(value)
    if kind in _SINGLE:
        return value
    if names := _names(kind):
        return {name: plain(getattr(value, name)) for name in names}
    if isinstance(value, Mapping):
        return {str(key): plain(one) for key, one in value.items()}
    if isinstance(value, tuple | list):
        return [plain(one) for one in value]
    return value


def value_of(kind: Any, content: Any, *, reason: str) -> Any:
    """Return the value of a type that :func:`plain` made this content of.

    Args:
        kind: a dataclass of texts, whole numbers, truths, tuples, mappings from text, optional
            values and dataclasses of these.

    Raises:
        Breach: of the given reason, naming the path of the first member of another type.
    """
    try:
        return _reader(kind)(content)
    except _OtherType as other:
        raise Breach(reason, detail="".join(("$", *reversed(other.steps)))) from None


class _OtherType(Exception):
    """A member of another type.

    Attributes:
        steps: the way to it, from the member up.
    """

    def __init__(self) -> None:
        super().__init__()
        self.steps: list[str] = []


@cache
def _reader(kind: Any) -> _Read:
    """Return what reads a type, made once."""
    origin, inner = get_origin(kind), get_args(kind)
    if isinstance(kind, UnionType):
        rest = _reader(next(one for one in inner if one is not NoneType))
        return lambda content: None if content is None else rest(content)
    if is_dataclass(kind):
        return _dataclass_reader(cast("type", kind))
    if origin is tuple:
        return _tuple_reader(inner)
    if origin is Mapping:
        return _mapping_reader(_reader(inner[1]))
    return lambda content: _is(type(content) is kind, content)


def _dataclass_reader(kind: type) -> _Read:
    hints = get_type_hints(kind)
    readers = [(name, _reader(hints[name])) for name in _names(kind)]
    names = {name for name, _ in readers}

    def read(content: Any) -> Any:
        _is(isinstance(content, dict), content)
        _is(content.keys() == names, content)
        members, name = {}, ""
        try:
            for name, reader in readers:
                members[name] = reader(content[name])
        except _OtherType as other:
            other.steps.append(f".{name}")
            raise
        return kind(**members)

    return read


def _tuple_reader(inner: tuple[Any, ...]) -> _Read:
    readers = [_reader(one) for one in inner if one is not ...]
    is_open = inner[-1] is ...

    def read(content: Any) -> Any:
        _is(isinstance(content, list), content)
        several = readers * len(content) if is_open else readers
        _is(len(several) == len(content), content)
        found: list[Any] = []
        try:
            for reader, one in zip(several, content, strict=True):
                found.append(reader(one))
        except _OtherType as other:
            other.steps.append(f"[{len(found)}]")
            raise
        return tuple(found)

    return read


def _mapping_reader(reader: _Read) -> _Read:
    def read(content: Any) -> Any:
        _is(isinstance(content, dict), content)
        found, key = {}, ""
        try:
            for key, one in content.items():
                found[key] = reader(one)
        except _OtherType as other:
            other.steps.append(f".{key}")
            raise
        return found

    return read


def _is(holds: bool, content: Any) -> Any:
    if not holds:
        raise _OtherType
    return content


@cache
def _names(kind: type) -> tuple[str, ...]:
    """Return the names of a dataclass's fields; none for any other type."""
    return tuple(one.name for one in fields(kind)) if is_dataclass(kind) else ()
