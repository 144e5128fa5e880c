"""Transcripts: the signed chain of one exchange as a value and as a file with one spelling."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from itertools import pairwise
from types import MappingProxyType

from federation.base.errors import Breach
from federation.protocol.commitments import TRANSFER_CODE, Opening, Openings
from federation.protocol.messages import MessageType
from federation.v1 import transcript_pb2
from federation.wire import strict
from federation.wire.codec import decode as decode_message
from federation.wire.codec import encode_openings
from federation.wire.envelope import Evidence, evidence_from_buffer, evidence_to_buffer

SUFFIX = ".transcript"
LARGEST_TRANSCRIPT = 16 * 1024 * 1024
# A causal order for every run of the protocol: COMMIT and ABORT exclude each other, and a VOTE
# that crossed an ABORT has its cause before both.
ORDER = (
    MessageType.REQUEST,
    MessageType.PREPARE,
    MessageType.SUPPLEMENT_ASKED,
    MessageType.SUPPLEMENT,
    MessageType.VOTE,
    MessageType.COMMIT,
    MessageType.ABORT,
    MessageType.RECEIPT,
    MessageType.NOTICE,
    MessageType.DISPOSITION,
    MessageType.CONSENT_WITHDRAWN,
    MessageType.CONSENT_ACK,
)
# A message of these follows the one of its step before it, so that pairs stand together.
_PAIRS = {
    MessageType.SUPPLEMENT: MessageType.SUPPLEMENT_ASKED,
    MessageType.DISPOSITION: MessageType.NOTICE,
    MessageType.CONSENT_ACK: MessageType.CONSENT_WITHDRAWN,
}
# Whoever knows the code can try out document numbers against the identity commitment.
WITHHELD = frozenset({TRANSFER_CODE})


@dataclass(frozen=True, slots=True)
class Link:
    """One message of the chain.

    Attributes:
        evidence: the message with its signature, batch place and log place.
        openings: the detached part as it stands in the file, or empty.
        is_erased: the exporter's word that there is nothing left to show.
    """

    evidence: Evidence
    openings: bytes = b""
    is_erased: bool = False


@dataclass(frozen=True, slots=True)
class WitnessedPlace:
    """A checkpoint with a quorum of cosignatures, and the COMMIT's inclusion in it."""

    note: bytes
    proof: tuple[bytes, ...]


@dataclass(frozen=True, slots=True)
class Transcript:
    """The chain of one exchange; nothing in it is proven by its being one.

    Attributes:
        links: the messages in causal order.
        registry: files of the registry by name; empty where they lie beside it.
        rule_document: the rule that the VOTE names, or empty.
        witnessed: the source's log under a quorum that covers the COMMIT, or None.
        documents: what the decision record names by digest, in the order of digests.
    """

    links: tuple[Link, ...]
    registry: Mapping[str, bytes] = field(default_factory=dict)
    rule_document: bytes = b""
    witnessed: WitnessedPlace | None = None
    documents: tuple[bytes, ...] = ()


def build(
    messages: Iterable[Evidence],
    *,
    openings: Mapping[bytes, Openings],
    registry: Mapping[str, bytes] = MappingProxyType({}),
    rule_document: bytes = b"",
    withheld: frozenset[str] = WITHHELD,
    erased: frozenset[bytes] = frozenset(),
    witnessed: WitnessedPlace | None = None,
    documents: Iterable[bytes] = (),
) -> Transcript:
    """Return the transcript of an exchange.

    Args:
        messages: its messages in any order.
        openings: what is shown of each, by message hash; erased values are simply absent.
        registry: files of a verified view, or empty.
        rule_document: the rule that the VOTE names, or empty.
        withheld: names of values not to show; the transfer code unless told otherwise.
        erased: hashes of messages whose values the exporter erased.
        witnessed: what shows that the COMMIT was witnessed, or None.
        documents: what the decision record names, in any order.

    Raises:
        Breach: TRANSCRIPT_ORDER for a message that belongs to no exchange.
    """
    ordered = sorted(messages, key=_place)
    links = tuple(
        Link(
            one,
            spell_openings(openings.get(one.item.digest, Openings()), withheld),
            one.item.digest in erased,
        )
        for one in ordered
    )
    ordered_documents = tuple(sorted(set(documents), key=_digest))
    return Transcript(links, dict(registry), rule_document, witnessed, ordered_documents)


def spell_openings(openings: Openings, withheld: frozenset[str] = frozenset()) -> bytes:
    """Return openings in the one order that a transcript has them in."""
    shown = (one for one in openings.openings if one.name not in withheld)
    return encode_openings(Openings(tuple(sorted(shown, key=opening_place))))


def opening_place(opening: Opening) -> tuple[bytes, bytes]:
    """Return what openings are ordered by."""
    return opening.subject, opening.name.encode()


def encode(transcript: Transcript) -> bytes:
    """Return a transcript as the bytes of its file."""
    return strict.spell(
        transcript_pb2.Transcript(
            messages=[
                transcript_pb2.TranscriptMessage(
                    message=evidence_to_buffer(link.evidence),
                    openings=link.openings,
                    is_erased=link.is_erased,
                )
                for link in transcript.links
            ],
            registry=[
                transcript_pb2.RegistryFile(name=name, content=transcript.registry[name])
                for name in sorted(transcript.registry, key=str.encode)
            ],
            rule_document=transcript.rule_document,
            witnessed_note=transcript.witnessed.note if transcript.witnessed else b"",
            witnessed_proof=transcript.witnessed.proof if transcript.witnessed else (),
            documents=transcript.documents,
        )
    )


def decode(encoded: bytes) -> Transcript:
    """Return the transcript that these bytes are the only spelling of; nothing in it is proven.

    Raises:
        Breach: TOO_LARGE, TRANSCRIPT_ORDER, or as :func:`federation.wire.strict.parse`.
    """
    if len(encoded) > LARGEST_TRANSCRIPT:
        raise Breach("TOO_LARGE")
    parsed = strict.parse(transcript_pb2.Transcript, encoded)
    names = [file.name.encode() for file in parsed.registry]
    if any(first >= second for first, second in pairwise(names)):
        raise Breach("TRANSCRIPT_ORDER", detail="files of the registry")
    digests = [_digest(one) for one in parsed.documents]
    if any(first >= second for first, second in pairwise(digests)):
        raise Breach("TRANSCRIPT_ORDER", detail="documents")
    if parsed.witnessed_proof and not parsed.witnessed_note:
        raise Breach("FIELD_MISSING", detail="witnessed_note")
    place = WitnessedPlace(parsed.witnessed_note, tuple(parsed.witnessed_proof))
    return Transcript(
        tuple(
            Link(evidence_from_buffer(one.message), one.openings, one.is_erased)
            for one in parsed.messages
        ),
        {file.name: file.content for file in parsed.registry},
        parsed.rule_document,
        place if parsed.witnessed_note else None,
        tuple(parsed.documents),
    )


def _digest(document: bytes) -> bytes:
    return hashlib.sha256(document).digest()


def place_of(kind: MessageType, step: int) -> tuple[int, int, int]:
    """Return where a message stands in a transcript: stages in order, in each the steps."""
    stage = _PAIRS.get(kind, kind)
    return ORDER.index(stage), step, int(stage is not kind)


def _place(evidence: Evidence) -> tuple[int, int, int]:
    for kind in ORDER:
        if kind.value == evidence.item.type:
            header = decode_message(kind.value, evidence.item.payload).header
            return place_of(kind, header.step)
    raise Breach("TRANSCRIPT_ORDER", detail="a message of no exchange")
