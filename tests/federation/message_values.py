"""Messages for tests: drawn of every shape, and one sound example of each type."""

from __future__ import annotations

import dataclasses
import types
import typing
from enum import IntEnum
from typing import Any

from hypothesis import strategies as st

from federation.protocol.commitments import Opening, Openings, commitment_to, deposit_commitment
from federation.protocol.inquiries import PairAnswer, PairQuery, StatusAnswer, StatusQuery
from federation.protocol.lots import CommittedLot, WantedLot
from federation.protocol.messages import (
    NO_EXCHANGE,
    Abort,
    Commit,
    Consent,
    ConsentAck,
    ConsentWithdrawn,
    DecisionRecord,
    Disposition,
    Ending,
    EvidenceFile,
    Fact,
    Header,
    LotContent,
    LotDecision,
    LotDisposition,
    LotEvidence,
    LotNotice,
    LotOffer,
    LotQuestion,
    Mode,
    Notice,
    Outcome,
    Prepare,
    Receipt,
    Request,
    State,
    Supplement,
    SupplementAsked,
    Verdict,
    Vote,
)

NOW = 1_772_452_800_000_000
HASH = bytes(range(32))
LOT, OTHER_LOT = b"L" * 16, b"M" * 16
SECRET = b"s" * 32
NAME = Opening(subject=b"", name="learner_name", salt=b"n" * 32, value="张㛃".encode())
CODE = Opening(subject=b"", name="transfer_code", salt=b"c" * 32, value=b"one-time code 16")
TITLE = Opening(subject=LOT, name="title", salt=b"t" * 32, value="高等数学".encode())
LOT_SECRET = Opening(subject=LOT, name="lot_secret", salt=b"", value=SECRET)
SHOWN = Openings((NAME, CODE, TITLE, LOT_SECRET))


def drawn(value_class: type) -> st.SearchStrategy[Any]:
    """Draw values of a message class by the types of its fields."""
    hints = typing.get_type_hints(value_class)
    fields = {one.name: _drawn(hints[one.name]) for one in dataclasses.fields(value_class)}
    return st.builds(value_class, **fields)


def _drawn(hint: Any) -> st.SearchStrategy[Any]:
    if typing.get_origin(hint) is tuple:
        return st.lists(_drawn(typing.get_args(hint)[0]), max_size=3).map(tuple)
    if isinstance(hint, types.UnionType):
        return st.one_of(*map(_drawn, typing.get_args(hint)))
    if dataclasses.is_dataclass(hint):
        return drawn(hint)
    if issubclass(hint, IntEnum):
        return st.sampled_from(list(hint))
    plain = {
        bool: st.booleans(),
        int: st.integers(0, 2**31 - 1),
        str: st.text(max_size=6),
        bytes: st.binary(max_size=6),
        type(None): st.none(),
    }
    return plain[hint]


def header(**changes: Any) -> Header:
    """Return a sound header, bent as told."""
    values: dict[str, Any] = {
        "src": "CN-31",
        "dst": "CN-33",
        "exchange_id": b"X" * 16,
        "step": 1,
        "cause": HASH,
        "signed_time_us": NOW,
        "registry_version": 1,
    }
    return Header(**values | changes)


CONSENT = Consent(
    given_time_us=NOW,
    basis="SEPARATE_CONSENT",
    fields=("learner_name", "title"),
    agrees_to_whole_grant=True,
)
CONTENT = LotContent(
    lot_id=LOT, unit="CN-31", amount_hundredths=300, fields=(commitment_to(TITLE),)
)
OFFER = LotOffer(
    content=CONTENT,
    deposit_commitment=deposit_commitment(CONTENT, SECRET),
    deposit_index=0,
    deposit_proof=(),
    deposit_origin=b"",
)
REQUEST = Request(
    header=header(cause=b""),
    lots=(WantedLot(lot_id=LOT, amount_hundredths=300),),
    consent=CONSENT,
    code_commitment=commitment_to(CODE).digest,
    identity_commitment=HASH,
    mode=Mode.TRANSFER,
)
PREPARE = Prepare(
    header=header(cause=b""),
    mode=Mode.TRANSFER,
    lots=(OFFER,),
    consent=CONSENT,
    code_commitment=commitment_to(CODE).digest,
    identity_commitment=HASH,
    learner=(commitment_to(NAME),),
    lock_until_us=NOW + 1,
    checkpoint=b"note",
    cites=b"",
    relates_to=b"",
)
GRANT = LotDecision(
    lot_id=LOT,
    verdict=Verdict.ACCEPT,
    granted_hundredths=240,
    reasons=(),
    entry="e1",
    target="GD-1",
)
REFUSED_LOT = LotDecision(
    lot_id=OTHER_LOT,
    verdict=Verdict.REJECT,
    granted_hundredths=0,
    reasons=("NOT_EQUIVALENT",),
    entry="",
    target="",
)
RECORD = DecisionRecord(
    rule="CN-33/general",
    rule_version=1,
    rule_digest=HASH,
    decided_on="2026-03-02",
    offered_hundredths=500,
    granted_hundredths=240,
    valid_until_us=NOW + 1,
    appeal_until_us=NOW + 1,
)
VOTE = Vote(header=header(), lots=(GRANT, REFUSED_LOT), record=RECORD, accept_until_us=NOW + 1)
COMMITTED = CommittedLot(lot_id=LOT, amount_hundredths=300, granted_hundredths=240, nullifier=HASH)
COMMIT = Commit(header=header(), lots=(COMMITTED,))
ABORT = Abort(header=header(), reasons=("LEARNER_DECLINED",))
RECEIPT = Receipt(
    header=header(), ending=Ending.CREDITED, inbound_hundredths=300, granted_hundredths=240
)
EVIDENCE = Opening(subject=LOT, name="evidence_01", salt=b"e" * 32, value=HASH)
SUPPLEMENT_ASKED = SupplementAsked(
    header=header(step=2), lots=(LotQuestion(lot_id=LOT, reasons=("SYLLABUS_WANTED",)),)
)
SUPPLEMENT = Supplement(
    header=header(step=2),
    lots=(
        LotEvidence(
            lot_id=LOT,
            files=(
                EvidenceFile(
                    file=commitment_to(EVIDENCE), size_bytes=9, media_type="application/pdf"
                ),
            ),
        ),
    ),
)
NOTICE = Notice(
    header=header(step=3),
    lots=(
        LotNotice(
            lot_id=LOT, fact=Fact.CORRECTED, amount_hundredths=200, reason="RECORD_CORRECTED"
        ),
    ),
)
DISPOSITION = Disposition(
    header=header(step=3),
    lots=(
        LotDisposition(
            lot_id=LOT,
            outcome=Outcome.REVERSED,
            remaining_hundredths=160,
            shortfall_hundredths=80,
        ),
    ),
    policy="disposition/1",
)
CONSENT_WITHDRAWN = ConsentWithdrawn(header=header(step=2))
CONSENT_ACK = ConsentAck(header=header(step=2), is_erased=True, keeps_record=False)
STATUS_QUERY = StatusQuery(header=header(cause=b""), nonce=b"n" * 16, shown=b"")
STATUS_ANSWER = StatusAnswer(header=header(), nonce=b"n" * 16, state=State.LOCKED)
PAIR_QUERY = PairQuery(
    header=header(cause=b"", exchange_id=NO_EXCHANGE), nonce=b"n" * 16, source="CN-31", bucket=0
)
PAIR_ANSWER = PairAnswer(
    header=header(exchange_id=NO_EXCHANGE),
    nonce=b"n" * 16,
    exchanges=0,
    source_hundredths=0,
    granted_hundredths=0,
    bucket_digests=(),
    entries=(),
)
SOUND = (
    REQUEST,
    PREPARE,
    VOTE,
    COMMIT,
    ABORT,
    RECEIPT,
    SUPPLEMENT_ASKED,
    SUPPLEMENT,
    NOTICE,
    DISPOSITION,
    CONSENT_WITHDRAWN,
    CONSENT_ACK,
    STATUS_QUERY,
    STATUS_ANSWER,
    PAIR_QUERY,
    PAIR_ANSWER,
)
