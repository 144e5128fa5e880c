"""Evidence files: what they may be, by their content alone."""

from __future__ import annotations

from dataclasses import dataclass

from federation.base.errors import Breach

_SIGNATURES = {
    b"%PDF-": "application/pdf",
    b"\x89PNG\r\n\x1a\n": "image/png",
    b"\xff\xd8\xff": "image/jpeg",
}
_LAYOUT = frozenset("\t\n\r\f")


@dataclass(frozen=True, slots=True, kw_only=True)
class NamedFile:
    """A file of a lot.

    Attributes:
        digest: SHA-256 of its bytes.
    """

    lot_id: bytes
    digest: bytes
    size_bytes: int
    media_type: str


def media_type_of(content: bytes) -> str:
    """Return the type of a file by its content alone.

    Raises:
        Breach: EVIDENCE_TYPE for what is none of PDF, PNG, JPEG and plain text.
    """
    for signature, media_type in _SIGNATURES.items():
        if content.startswith(signature):
            return media_type
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError:
        raise Breach("EVIDENCE_TYPE") from None
    if any(ord(char) < ord(" ") and char not in _LAYOUT for char in text):
        raise Breach("EVIDENCE_TYPE")
    return "text/plain"
