"""A document with signatures beside it: the JSON envelope of DSSE, in one spelling.

What is signed is the pre-authentication encoding of type and payload, so that a document of one
kind never passes for another. Signatures stand in the order of their keyids.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from federation.base.errors import Breach
from federation.signing.dsse import pae
from federation.signing.keys import PublicKey, Signer
from federation.trust.canonical import check_fields, read_document, render_document

MOST_SIGNATURES = 64
_KEYID = re.compile(r"[0-9a-f]{64}")
_FIELDS: dict[str, type] = {"payload": str, "payloadType": str, "signatures": list}
_SIGNATURE_FIELDS: dict[str, type] = {"keyid": str, "sig": str}


@dataclass(frozen=True, slots=True)
class SignedDocument:
    """A document of a kind with the signatures collected so far, by keyid; none is checked yet."""

    kind: str
    payload: bytes
    signatures: Mapping[str, bytes]

    @property
    def to_be_signed(self) -> bytes:
        """What each signer signs."""
        return pae(self.kind, self.payload)

    def sign(self, signer: Signer) -> SignedDocument:
        """Return the document with one more signature; a second by one key replaces the first."""
        signature = {signer.public.keyid: signer.sign(self.to_be_signed)}
        signatures = MappingProxyType({**self.signatures, **signature})
        return SignedDocument(self.kind, self.payload, signatures)

    def check(self, key: PublicKey) -> None:
        """Check the signature of a key.

        Raises:
            Breach: SIGNATURE_INVALID when it is false or absent.
        """
        key.verify(self.signatures.get(key.keyid, b""), self.to_be_signed)


def render_signed(document: SignedDocument) -> bytes:
    """Return the document as the file that travels and is listed."""
    return render_document(
        {
            "payload": _base64(document.payload),
            "payloadType": document.kind,
            "signatures": [
                {"keyid": keyid, "sig": _base64(signature)}
                for keyid, signature in sorted(document.signatures.items())
            ],
        }
    )


def parse_signed(content: bytes, kind: str, *, reason: str) -> SignedDocument:
    """Return the document in a file.

    Raises:
        Breach: the given reason, for another kind or another spelling.
    """
    value = read_document(content, reason=reason)
    check_fields(value, _FIELDS, reason=reason)
    if value["payloadType"] != kind:
        raise Breach(reason, detail=f"of type {value['payloadType'][:80]}")
    signatures = [_signature(one, reason) for one in value["signatures"]]
    document = SignedDocument(
        kind, _bytes(value["payload"], reason), MappingProxyType(dict(signatures))
    )
    if len(signatures) > MOST_SIGNATURES or render_signed(document) != content:
        raise Breach(reason, detail="not its one spelling")
    return document


def kind_of(content: bytes) -> str:
    """Return the type that a file states, or nothing when it is no such envelope."""
    try:
        kind = read_document(content, reason="DRAFT_FORM").get("payloadType")
    except Breach:
        return ""
    return kind if isinstance(kind, str) else ""


def _signature(value: Any, reason: str) -> tuple[str, bytes]:
    if not isinstance(value, dict):
        raise Breach(reason, detail="signature")
    check_fields(value, _SIGNATURE_FIELDS, reason=reason)
    if _KEYID.fullmatch(value["keyid"]) is None:
        raise Breach(reason, detail="keyid")
    return value["keyid"], _bytes(value["sig"], reason)


def _base64(content: bytes) -> str:
    return base64.b64encode(content).decode()


def _bytes(text: str, reason: str) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        raise Breach(reason, detail="not base64") from None
