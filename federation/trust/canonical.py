"""One spelling per JSON document: what does not re-serialise to the same bytes is refused."""

from __future__ import annotations

import json
from typing import Any

from federation.base.errors import Breach

LONGEST_DOCUMENT = 64 * 1024


def render_document(value: dict[str, Any]) -> bytes:
    """Return the only spelling of a document: sorted keys, no spaces, UTF-8."""
    text = json.dumps(
        value, ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False
    )
    return text.encode()


def read_document(
    content: bytes, *, reason: str, longest: int = LONGEST_DOCUMENT
) -> dict[str, Any]:
    """Return a JSON object whose bytes are its only spelling.

    Raises:
        Breach: the given reason, for any other bytes.
    """
    if len(content) > longest:
        raise Breach(reason, detail=f"{len(content)} bytes, at most {longest}")
    try:
        value = json.loads(content)
        is_canonical = isinstance(value, dict) and render_document(value) == content
    except (ValueError, RecursionError):
        raise Breach(reason, detail="not JSON") from None
    if not is_canonical:
        raise Breach(reason, detail="not the canonical spelling of a JSON object")
    return dict(value)


def check_fields(value: dict[str, Any], fields: dict[str, type], *, reason: str) -> None:
    """Check that an object has exactly these fields, each of its type.

    Raises:
        Breach: the given reason, naming the first field that differs.
    """
    if value.keys() != fields.keys():
        differing = sorted(value.keys() ^ fields.keys())
        raise Breach(reason, detail=f"fields missing or unknown: {differing[0][:40]}")
    for name, kind in fields.items():
        # bool is an int to Python and never to us.
        if type(value[name]) is not kind:
            raise Breach(reason, detail=f"{name} is not of its type")
