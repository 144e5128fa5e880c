"""Documents in one spelling: JSON in UTF-8, keys sorted, no spaces, whole numbers only.

The digest of the bytes is a document's identity, so no other spelling of it is ever taken.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from functools import cache
from types import NoneType, UnionType
from typing import Any, cast, get_args, get_origin, get_type_hints

from federation.base.errors import Breach

LARGEST_DOCUMENT_BYTES = 4 * 1024 * 1024
_SPELLING = json.JSONEncoder(
    ensure_ascii=False, allow_nan=False, sort_keys=True, separators=(",", ":")
)
_SINGLE = frozenset({str, int, bool, NoneType})


def spell(content: Any) -> bytes:
    """Return the one spelling of a value made of objects, lists, texts, whole numbers, truths."""
    if type(content) is int:
        return b"%d" % content
    return _SPELLING.encode(content).encode()


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


def value_of(kind: Any, content: Any, *, reason: str, path: str = "$") -> Any:
    """Return the value of a type that :func:`plain` made this content of.

    Args:
        kind: a dataclass of texts, whole numbers, truths, tuples, mappings from text, optional
            values and dataclasses of these.

    Raises:
        Breach: of the given reason, naming the path of the first member of another type.
    """
    origin, inner = get_origin(kind), get_args(kind)
    if isinstance(kind, UnionType):
        rest = next(one for one in inner if one is not NoneType)
        return None if content is None else value_of(rest, content, reason=reason, path=path)
    if is_dataclass(kind):
        _expect(isinstance(content, dict), reason, path)
        hints = _hints(cast("type", kind))
        _expect(set(content) == {one.name for one in fields(kind)}, reason, path)
        members = {
            name: value_of(hints[name], one, reason=reason, path=f"{path}.{name}")
            for name, one in content.items()
        }
        return kind(**members)  # type: ignore[operator]
    if origin is tuple:
        _expect(isinstance(content, list), reason, path)
        kinds = [inner[0]] * len(content) if inner[-1] is ... else list(inner)
        _expect(len(kinds) == len(content), reason, path)
        return tuple(
            value_of(one, content[at], reason=reason, path=f"{path}[{at}]")
            for at, one in enumerate(kinds)
        )
    if origin is Mapping:
        _expect(isinstance(content, dict), reason, path)
        return {
            key: value_of(inner[1], one, reason=reason, path=f"{path}.{key}")
            for key, one in content.items()
        }
    _expect(type(content) is kind, reason, path)
    return content


@cache
def _names(kind: type) -> tuple[str, ...]:
    """Return the names of a dataclass's fields; none for any other type."""
    return tuple(one.name for one in fields(kind)) if is_dataclass(kind) else ()


@cache
def _hints(kind: type) -> dict[str, Any]:
    return get_type_hints(kind)


def _expect(holds: bool, reason: str, path: str) -> None:
    if not holds:
        raise Breach(reason, detail=path)
