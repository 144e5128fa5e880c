"""What is shown of committed values: checked against commitments, listed field by field."""

from __future__ import annotations

import hmac
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import pairwise

from federation.base.errors import Breach
from federation.evidence.transcript import opening_place
from federation.protocol.admission import check_detached
from federation.protocol.commitments import (
    DECISION_MINUTE,
    DECISION_RECORD,
    LOT_SECRET,
    TRANSFER_CODE,
    Openings,
    identity_commitment,
    nullifier,
)
from federation.protocol.messages import Commit, ExchangeMessage, Prepare, Request, Supplement, Vote
from federation.wire.codec import decode_openings

DOCUMENT_TYPE = "document_type"
DOCUMENT_NUMBER = "document_number"
SHOWN = "shown"
WITHHELD = "withheld"
ERASED = "erased"


@dataclass(frozen=True, slots=True)
class FieldLine:
    """One committed value.

    Attributes:
        message: name of the message that commits to it.
        subject: the lot in hexadecimal, or empty for the learner.
        name: name of the value.
        state: ``shown``, ``withheld``, or ``erased`` on the word of whoever exported the file.
    """

    message: str
    subject: str
    name: str
    state: str


def open_detached(message: ExchangeMessage, encoded: bytes) -> Openings:
    """Return what is shown of a message.

    Raises:
        Breach: NON_CANONICAL for another order or a salt where none belongs,
            COMMITMENT_MISMATCH, or as :func:`federation.wire.codec.decode_openings`.
    """
    shown = decode_openings(encoded)
    places = [opening_place(one) for one in shown.openings]
    if any(first >= second for first, second in pairwise(places)):
        raise Breach("NON_CANONICAL", detail="order of openings")
    unsalted = (LOT_SECRET, DECISION_RECORD, DECISION_MINUTE)
    if any(one.salt for one in shown.openings if one.name in unsalted):
        raise Breach("NON_CANONICAL", detail="a salt where none belongs")
    check_detached(message, shown)
    return shown


def check_erased(message: ExchangeMessage, encoded: bytes) -> None:
    """Check that a message said to be erased commits to values and shows none.

    Raises:
        Breach: NON_CANONICAL.
    """
    if encoded or not any(_committed(message)):
        raise Breach("NON_CANONICAL", detail="erased and shown, or nothing to erase")


def field_lines(
    message: ExchangeMessage, name: str, shown: Openings, *, is_erased: bool
) -> tuple[FieldLine, ...]:
    """List every value that a message commits to, and whether it is shown."""
    absent = ERASED if is_erased else WITHHELD
    open_places = {(one.subject, one.name) for one in shown.openings}
    places = list(_committed(message))
    # A VOTE names only its record, and that the minute: whether there is one, the record tells.
    places += [place for place in sorted(open_places) if place == (b"", DECISION_MINUTE)]
    return tuple(
        FieldLine(name, place[0].hex(), place[1], SHOWN if place in open_places else absent)
        for place in places
    )


def check_identity(messages: Iterable[tuple[ExchangeMessage, Openings]]) -> None:
    """Check identity commitments where transfer code and document are both shown.

    Raises:
        Breach: IDENTITY_DIFFERS.
    """
    pairs = list(messages)
    learner = {name: value for _, shown in pairs for name, value in _learner(shown).items()}
    if not {TRANSFER_CODE, DOCUMENT_TYPE, DOCUMENT_NUMBER} <= learner.keys():
        return
    kind, number = (
        learner[name].decode("utf-8", "replace") for name in (DOCUMENT_TYPE, DOCUMENT_NUMBER)
    )
    expected = identity_commitment(learner[TRANSFER_CODE], kind, number)
    for message, _ in pairs:
        if isinstance(message, Request | Prepare) and message.identity_commitment != expected:
            raise Breach("IDENTITY_DIFFERS")


def check_nullifiers(commit: Commit, shown: Openings) -> None:
    """Check the nullifiers of lots whose secrets are shown.

    Raises:
        Breach: NULLIFIER_DIFFERS.
    """
    secrets = {one.subject: one.value for one in shown.openings if one.name == LOT_SECRET}
    for lot in commit.lots:
        secret = secrets.get(lot.lot_id)
        if secret is not None and not hmac.compare_digest(nullifier(secret), lot.nullifier):
            raise Breach("NULLIFIER_DIFFERS")


def _committed(message: ExchangeMessage) -> Iterator[tuple[bytes, str]]:
    if isinstance(message, Request | Prepare) and message.code_commitment:
        yield b"", TRANSFER_CODE
    if isinstance(message, Vote) and message.record_digest:
        yield b"", DECISION_RECORD
    if isinstance(message, Supplement):
        for evidence in message.lots:
            yield from ((evidence.lot_id, one.file.name) for one in evidence.files)
    if isinstance(message, Prepare):
        yield from ((b"", one.name) for one in message.learner)
        for lot in message.lots:
            content = lot.content
            yield from ((content.lot_id, one.name) for one in content.fields)
            yield content.lot_id, LOT_SECRET


def _learner(shown: Openings) -> Mapping[str, bytes]:
    return {one.name: one.value for one in shown.openings if not one.subject}
