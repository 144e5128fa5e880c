"""What a message must be in itself: each test bends one fact of a sound message."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from federation.base.errors import Breach, Kind
from federation.protocol.admission import FRESHNESS, admit, check_detached, check_parties
from federation.protocol.commitments import Opening, Openings
from federation.protocol.fields import MOST_LOTS, MOST_REASONS
from federation.protocol.inquiries import ALL_TYPES
from federation.protocol.lifecycle import MOST_STEPS, REPEATABLE
from federation.protocol.messages import Ending, Mode, Verdict
from tests.federation.message_values import (
    ABORT,
    CODE,
    COMMIT,
    COMMITTED,
    CONSENT,
    CONTENT,
    GRANT,
    HASH,
    LOT_SECRET,
    NAME,
    NOW,
    OFFER,
    PAIR_QUERY,
    PREPARE,
    RECEIPT,
    RECORD,
    REFUSED_LOT,
    REQUEST,
    SHOWN,
    SOUND,
    STATUS_QUERY,
    TITLE,
    VOTE,
    header,
)

UNNAMED = replace(CONSENT, fields=())
UNORDERED = replace(CONSENT, fields=("title", "learner_name"))
OTHER_BASIS = replace(CONSENT, basis="CONTRACT")


def refusal(message: Any, *, now_us: int = NOW) -> str:
    with pytest.raises(Breach) as refused:
        admit(message, now_us=now_us)
    return refused.value.reason


@pytest.mark.parametrize("message", SOUND, ids=lambda one: type(one).__name__)
def test_a_sound_message_is_admitted(message: Any) -> None:
    admit(message, now_us=NOW)


@pytest.mark.parametrize("message", SOUND, ids=lambda one: type(one).__name__)
@pytest.mark.parametrize(
    ("bent", "reason"),
    [
        ({"exchange_id": b"X" * 15}, "EXCHANGE_ID"),
        ({"exchange_id": b"X" * 17}, "EXCHANGE_ID"),
        ({"cause": b"c" * 31}, "CHAIN_BROKEN"),
        ({"step": 0}, "STEP"),
        ({"step": 2}, "STEP"),
        ({"signed_time_us": 0}, "DATE"),
        ({"signed_time_us": -1}, "DATE"),
        ({"signed_time_us": 2**62}, "DATE"),
    ],
    ids=str,
)
def test_a_bent_header_is_refused(message: Any, bent: dict[str, Any], reason: str) -> None:
    if ALL_TYPES[type(message)] in REPEATABLE and "step" in bent:
        bent = {"step": bent["step"] and MOST_STEPS + 1}
    assert refusal(replace(message, header=header(**bent))) == reason


@pytest.mark.parametrize("message", [STATUS_QUERY, PAIR_QUERY], ids=lambda m: str(type(m)))
@pytest.mark.parametrize(
    ("late_us", "reason"), [(FRESHNESS + 1, "STALE"), (-FRESHNESS - 1, "CLOCK_SKEW")]
)
def test_a_question_must_be_fresh(message: Any, late_us: int, reason: str) -> None:
    assert refusal(message, now_us=NOW + late_us) == reason
    admit(message, now_us=NOW + late_us + (1 if late_us < 0 else -1))


@pytest.mark.parametrize("message", [REQUEST, PREPARE, VOTE, COMMIT, ABORT, RECEIPT])
@pytest.mark.parametrize("days", [-400, 400])
def test_no_message_that_may_be_known_already_is_refused_for_its_age(
    message: Any, days: int
) -> None:
    admit(message, now_us=NOW + days * 86_400_000_000)


@pytest.mark.parametrize(
    ("message", "reason"),
    [
        (replace(REQUEST, consent=None), "LEGAL_BASIS"),
        (replace(REQUEST, consent=UNNAMED), "LEGAL_BASIS"),
        (replace(PREPARE, consent=UNORDERED), "LEGAL_BASIS"),
        (replace(PREPARE, consent=OTHER_BASIS), "LEGAL_BASIS"),
        (replace(REQUEST, lots=()), "NO_LOTS"),
        (replace(PREPARE, lots=()), "NO_LOTS"),
        (replace(VOTE, lots=()), "NO_LOTS"),
        (replace(COMMIT, lots=()), "NO_LOTS"),
        (replace(REQUEST, lots=REQUEST.lots * 2), "DUPLICATE_LOT"),
        (replace(PREPARE, lots=(OFFER, OFFER)), "DUPLICATE_LOT"),
        (replace(COMMIT, lots=(COMMITTED, COMMITTED)), "DUPLICATE_LOT"),
        (replace(REQUEST, code_commitment=b""), "DIGEST"),
        (replace(REQUEST, identity_commitment=HASH[:31]), "DIGEST"),
        (replace(PREPARE, identity_commitment=b""), "DIGEST"),
        (replace(PREPARE, code_commitment=b""), "TRANSFER_CODE"),
        (replace(PREPARE, header=header()), "TRANSFER_CODE"),
        (replace(PREPARE, lock_until_us=0), "DATE"),
        (replace(PREPARE, learner=PREPARE.learner * 2), "COMMITMENT_ORDER"),
        (replace(VOTE, accept_until_us=0), "DATE"),
        (replace(VOTE, record=replace(RECORD, granted_hundredths=239)), "AMOUNT"),
        (replace(ABORT, reasons=()), "REASON_MISSING"),
        (replace(ABORT, reasons=("lower case",)), "REASON_FORM"),
        (replace(ABORT, reasons=("R1",) * (MOST_REASONS + 1)), "REASON_FORM"),
        (replace(RECEIPT, ending=Ending.RELEASED), "AMOUNT"),
        (replace(RECEIPT, inbound_hundredths=0), "AMOUNT"),
        (replace(RECEIPT, granted_hundredths=-1), "AMOUNT"),
        (replace(STATUS_QUERY, nonce=bytes(16)), "NONCE"),
        (replace(STATUS_QUERY, nonce=b"n" * 15), "NONCE"),
        (replace(PAIR_QUERY, bucket=257), "BUCKET"),
    ],
    ids=str,
)
def test_a_message_with_one_bent_fact_is_refused(message: Any, reason: str) -> None:
    assert refusal(message) == reason


@pytest.mark.parametrize("amount", [0, -1, 10**9 + 1])
def test_an_amount_lies_within_what_a_lot_can_be(amount: int) -> None:
    wanted = replace(REQUEST.lots[0], amount_hundredths=amount)
    assert refusal(replace(REQUEST, lots=(wanted,))) == "AMOUNT"
    offer = replace(OFFER, content=replace(CONTENT, amount_hundredths=amount))
    assert refusal(replace(PREPARE, lots=(offer,))) == "AMOUNT"
    debited = replace(COMMITTED, granted_hundredths=amount)
    assert refusal(replace(COMMIT, lots=(debited,))) == "AMOUNT"


def test_a_lot_s_name_has_sixteen_bytes() -> None:
    wanted = replace(REQUEST.lots[0], lot_id=b"L" * 15)
    with pytest.raises(Breach) as refused:
        admit(replace(REQUEST, lots=(wanted,)), now_us=NOW)
    assert (refused.value.reason, refused.value.kind) == ("LOT", Kind.INVALID_ARGUMENT)


def test_a_hundred_lots_are_the_most() -> None:
    lots = [replace(REQUEST.lots[0], lot_id=at.to_bytes(16, "big")) for at in range(MOST_LOTS + 1)]
    admit(replace(REQUEST, lots=tuple(lots[1:])), now_us=NOW)
    assert refusal(replace(REQUEST, lots=tuple(lots))) == "TOO_MANY_LOTS"


def test_a_source_offers_only_its_own_unit() -> None:
    foreign = replace(OFFER, content=replace(CONTENT, unit="CN-44"))
    assert refusal(replace(PREPARE, lots=(foreign,))) == "UNIT"


def test_a_recognition_locks_nothing_and_needs_no_lock_time() -> None:
    admit(replace(PREPARE, mode=Mode.RECOGNISE, lock_until_us=0), now_us=NOW)


@pytest.mark.parametrize(
    "lot",
    [
        replace(REFUSED_LOT, reasons=()),
        replace(REFUSED_LOT, granted_hundredths=1),
        replace(GRANT, granted_hundredths=0),
        replace(GRANT, verdict=Verdict.REJECT, reasons=("NOT_EQUIVALENT",)),
    ],
    ids=str,
)
def test_a_refused_lot_has_reasons_and_a_granted_one_an_amount(lot: Any) -> None:
    record = replace(RECORD, granted_hundredths=lot.granted_hundredths)
    assert refusal(replace(VOTE, lots=(lot,), record=record)) == "AMOUNT"


@pytest.mark.parametrize(
    ("src", "dst", "reason"),
    [
        ("CN-44", "CN-33", "IDENTITY_MISMATCH"),
        ("CN-31", "CN-44", "WRONG_DESTINATION"),
    ],
)
def test_a_message_names_the_provinces_of_its_envelope(src: str, dst: str, reason: str) -> None:
    check_parties(header(), src="CN-31", dst="CN-33")
    with pytest.raises(Breach, match=reason):
        check_parties(header(), src=src, dst=dst)


def test_nobody_transfers_to_themselves() -> None:
    with pytest.raises(Breach, match="SELF_TRANSFER"):
        check_parties(header(dst="CN-31"), src="CN-31", dst="CN-31")


@pytest.mark.parametrize("left_out", range(4))
def test_what_is_shown_may_be_less_than_what_is_committed(left_out: int) -> None:
    shown = tuple(one for at, one in enumerate(SHOWN.openings) if at != left_out)
    check_detached(PREPARE, Openings(shown))


@pytest.mark.parametrize("at", range(4))
@pytest.mark.parametrize(
    "bend",
    [
        lambda one: replace(one, value=one.value + b"!"),
        lambda one: replace(one, name="issuer"),
        lambda one: replace(one, subject=b"Z" * 16),
    ],
    ids=["value", "name", "subject"],
)
def test_what_is_shown_opens_what_is_committed(at: int, bend: Any) -> None:
    shown = list(SHOWN.openings)
    shown[at] = bend(shown[at])
    with pytest.raises(Breach, match="COMMITMENT_MISMATCH"):
        check_detached(PREPARE, Openings(tuple(shown)))


@pytest.mark.parametrize("one", [NAME, CODE, TITLE, LOT_SECRET], ids=lambda one: one.name)
def test_nothing_is_shown_twice(one: Opening) -> None:
    with pytest.raises(Breach, match="COMMITMENT_MISMATCH"):
        check_detached(PREPARE, Openings((*SHOWN.openings, one)))


def test_a_request_shows_its_code_and_nothing_else() -> None:
    check_detached(REQUEST, Openings((CODE,)))
    with pytest.raises(Breach, match="COMMITMENT_MISMATCH"):
        check_detached(REQUEST, Openings((CODE, NAME)))


@pytest.mark.parametrize("message", [VOTE, COMMIT, ABORT, RECEIPT, STATUS_QUERY])
def test_no_other_message_shows_anything(message: Any) -> None:
    check_detached(message, Openings())
    with pytest.raises(Breach, match="COMMITMENT_MISMATCH"):
        check_detached(message, Openings((NAME,)))
