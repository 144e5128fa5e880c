"""More evidence: how it is asked for, and how a SUPPLEMENT names files without telling of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from federation.base.errors import Breach, Refusal
from federation.protocol.commitments import SALT_SIZE, Opening, Openings, commitment_to
from federation.protocol.messages import (
    EvidenceFile,
    LotEvidence,
    LotQuestion,
    MessageType,
    State,
    Supplement,
    SupplementAsked,
)
from node.domain.exchange import Exchange
from node.domain.files import NamedFile
from node.domain.step import Moment, Step

EVIDENCE = "evidence"
QUESTIONS = frozenset(
    {"EVIDENCE_MISSING", "SYLLABUS_WANTED", "GRADE_PROOF_WANTED", "ORIGINAL_WANTED"}
)
_DIGEST = 32


def ask_more(moment: Moment, exchange: Exchange, questions: Mapping[bytes, Sequence[str]]) -> Step:
    """Ask the source for more evidence on lots of its offer.

    Raises:
        Refusal: NO_SUCH_STEP unless an offer is held here, SUPPLEMENT_OPEN while a question is
            unanswered, LOT for a lot that is not of it, CONSENT_WITHDRAWN.
    """
    asked = exchange.steps_of(MessageType.SUPPLEMENT_ASKED)
    if exchange.state is not State.RECEIVED:
        raise Refusal("NO_SUCH_STEP")
    if exchange.consent_withdrawn_us:
        raise Refusal("CONSENT_WITHDRAWN")
    if asked > exchange.steps_of(MessageType.SUPPLEMENT):
        raise Refusal("SUPPLEMENT_OPEN")
    if not questions.keys() <= {lot.lot_id for lot in exchange.lots}:
        raise Refusal("LOT")
    before = exchange.series.get((MessageType.SUPPLEMENT, asked))
    cause = before or exchange.hashes[MessageType.PREPARE]
    return Step(
        exchange=exchange,
        send=SupplementAsked(
            header=moment.header(exchange, cause, step=asked + 1),
            lots=tuple(
                LotQuestion(lot_id=lot_id, reasons=tuple(sorted(set(reasons))))
                for lot_id, reasons in sorted(questions.items())
            ),
        ),
    )


def supplement(moment: Moment, exchange: Exchange, files: Sequence[NamedFile]) -> Step:
    """Answer the destination's question with files that it may fetch.

    Raises:
        Refusal: NO_SUCH_STEP where nothing was asked, LOT for a lot that is not of the exchange,
            CONSENT_WITHDRAWN.
    """
    step = exchange.steps_of(MessageType.SUPPLEMENT) + 1
    asked = exchange.series.get((MessageType.SUPPLEMENT_ASKED, step))
    if exchange.state is not State.LOCKED or asked is None:
        raise Refusal("NO_SUCH_STEP")
    if exchange.consent_withdrawn_us:
        raise Refusal("CONSENT_WITHDRAWN")
    by_lot: dict[bytes, list[NamedFile]] = {}
    for one in files:
        by_lot.setdefault(one.lot_id, []).append(one)
    if not by_lot.keys() <= {lot.lot_id for lot in exchange.lots}:
        raise Refusal("LOT")
    shown: list[Opening] = []
    lots: list[LotEvidence] = []
    for lot_id, named in sorted(by_lot.items()):
        openings = [
            Opening(
                subject=lot_id,
                name=f"{EVIDENCE}_{at:02d}",
                salt=moment.entropy.token(SALT_SIZE),
                value=one.digest,
            )
            for at, one in enumerate(named, start=1)
        ]
        shown += openings
        lots.append(
            LotEvidence(
                lot_id=lot_id,
                files=tuple(
                    EvidenceFile(
                        file=commitment_to(opening),
                        size_bytes=one.size_bytes,
                        media_type=one.media_type,
                    )
                    for opening, one in zip(openings, named, strict=True)
                ),
            )
        )
    return Step(
        exchange=exchange,
        send=Supplement(header=moment.header(exchange, asked, step=step), lots=tuple(lots)),
        openings=Openings(tuple(shown)),
    )


def named_files(message: Supplement, shown: Openings) -> list[NamedFile]:
    """Return the files that a SUPPLEMENT names and shows the digests of.

    Raises:
        Breach: DIGEST for a digest that is none.
    """
    found: list[NamedFile] = []
    for lot in message.lots:
        opened = shown.by_name(lot.lot_id)
        for one in lot.files:
            opening = opened.get(one.file.name)
            if opening is None:
                continue
            if len(opening.value) != _DIGEST:
                raise Breach("DIGEST")
            found.append(
                NamedFile(
                    lot_id=lot.lot_id,
                    digest=opening.value,
                    size_bytes=one.size_bytes,
                    media_type=one.media_type,
                )
            )
    return found
