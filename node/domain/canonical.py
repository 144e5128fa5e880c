"""Documents in one spelling: JSON in UTF-8, keys sorted, no spaces, whole numbers only.

The digest of the bytes is a document's identity, so no other spelling of it is ever taken.
"""

from __future__ import annotations

import hashlib
import json
from typing import Any

from federation.base.errors import Breach

LARGEST_DOCUMENT_BYTES = 4 * 1024 * 1024


def spell(content: Any) -> bytes:
    """Return the one spelling of a value made of objects, lists, texts, whole numbers, truths."""
    return json.dumps(
        content, ensure_ascii=False, allow_nan=False, sort_keys=True, separators=(",", ":")
    ).encode()


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
