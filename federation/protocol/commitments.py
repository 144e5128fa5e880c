"""Salted commitments: what is signed for ever, and what can be shown, withheld or erased.

A personal value is committed as HMAC-SHA-256 keyed by 32 random bytes (hiding and binding as long
as SHA-256 resists collisions). Without its salt the commitment tells nothing, so erasing salt and
value erases the fact and leaves every signature intact.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from federation.base.errors import Breach
from federation.protocol.messages import Commitment, LotContent

SALT_SIZE = 32
SECRET_SIZE = 32
CODE_SIZE = 16
LOT_SECRET = "lot_secret"
TRANSFER_CODE = "transfer_code"
LEARNER_NAME = "learner_name"
DECISION_RECORD = "decision_record"
DECISION_MINUTE = "decision_minute"


@dataclass(frozen=True, slots=True, kw_only=True)
class Opening:
    """The value behind a commitment.

    Attributes:
        subject: the lot it belongs to, or empty for values of the learner.
        name: name of the value.
        salt: 32 random bytes; empty only for a lot's secret, which opens the deposit instead.
        value: the value, text in UTF-8.
    """

    subject: bytes
    name: str
    salt: bytes
    value: bytes


@dataclass(frozen=True, slots=True)
class Openings:
    """The detached part of a message."""

    openings: tuple[Opening, ...] = ()

    def by_name(self, subject: bytes = b"") -> dict[str, Opening]:
        """Return the openings of one lot, or of the learner."""
        return {one.name: one for one in self.openings if one.subject == subject}


def digest(name: str, salt: bytes, value: bytes) -> bytes:
    """Return the commitment to a named value."""
    return hmac.digest(salt, _join(b"value", name.encode(), value), "sha256")


def commitment_to(opening: Opening) -> Commitment:
    """Return the commitment that an opening opens."""
    return Commitment(name=opening.name, digest=digest(opening.name, opening.salt, opening.value))


def content_digest(content: LotContent) -> bytes:
    """Return the hash of a lot's content, independent of any serialisation library."""
    fields = (part for field in content.fields for part in (field.name.encode(), field.digest))
    amount = content.amount_hundredths.to_bytes(8, "big")
    return hashlib.sha256(
        _join(b"lot content", content.lot_id, content.unit.encode(), amount, *fields)
    ).digest()


def deposit_commitment(content: LotContent, secret: bytes) -> bytes:
    """Return what a deposit logs: a commitment to lot, lot secret and content."""
    return hashlib.sha256(
        _join(b"deposit", content.lot_id, secret, content_digest(content))
    ).digest()


def nullifier(secret: bytes) -> bytes:
    """Return the mark that spending a lot leaves in the log, the same for every attempt."""
    return hmac.digest(secret, b"spend", "sha256")


def identity_commitment(code: bytes, document_type: str, number: str) -> bytes:
    """Return the commitment to an identity document, useless without the transfer code."""
    return hmac.digest(code, _join(b"identity", document_type.encode(), number.encode()), "sha256")


def hash_code(code: bytes) -> bytes:
    """Return the form in which a transfer code is stored."""
    return hashlib.sha256(_join(b"transfer code", code)).digest()


def check_openings(shown: Openings, committed: Mapping[bytes, Iterable[Commitment]]) -> None:
    """Check that every opening opens a commitment of its subject, and none twice.

    Openings may be missing: a value may be withheld or erased.

    Args:
        shown: the detached part.
        committed: commitments by subject; the empty subject is the learner.

    Raises:
        Breach: COMMITMENT_MISMATCH.
    """
    expected = {
        (subject, one.name): one.digest for subject, many in committed.items() for one in many
    }
    for opening in shown.openings:
        wanted = expected.pop((opening.subject, opening.name), None)
        if wanted is None or len(opening.salt) != SALT_SIZE:
            raise Breach("COMMITMENT_MISMATCH", detail=opening.name)
        if not hmac.compare_digest(wanted, digest(opening.name, opening.salt, opening.value)):
            raise Breach("COMMITMENT_MISMATCH", detail=opening.name)


def _join(*parts: bytes) -> bytes:
    """Return parts with their lengths, so that no two lists of parts give the same bytes."""
    joined = [_DOMAIN]
    for part in parts:
        joined += (len(part).to_bytes(4, "big"), part)
    return b"".join(joined)


_DOMAIN = len(b"creditbank v1").to_bytes(4, "big") + b"creditbank v1"
