"""Messages out of their time, and what they show and prove (catalogue rows 51-53)."""

from __future__ import annotations

from dataclasses import replace

import pytest

from federation.base.clock import MINUTE, SystemClock
from federation.protocol.commitments import LOT_SECRET, Opening, Openings
from federation.protocol.inquiries import PairQuery, StatusAnswer
from federation.protocol.messages import NO_EXCHANGE, Abort, State, Vote
from tests.e2e.answers import Refused
from tests.e2e.exchanges import judged, refuse
from tests.e2e.federation_of_two import Federation
from tests.e2e.rogue import Offer, encode_batch

# Rows 51 to 53.


@pytest.mark.parametrize(("minutes", "reason"), [(-10, "STALE"), (10, "CLOCK_SKEW")])
def test_a_question_out_of_its_time_is_refused(
    federation: Federation, minutes: int, reason: str
) -> None:
    rogue, signed_us = federation.rogue, SystemClock().now_us() + minutes * MINUTE
    header = {"signed_time_us": signed_us}
    query = rogue.status_query("CN-31", header=header)
    refuse(federation, query, "FAILED_PRECONDITION", reason)
    request, openings = rogue.request("CN-31", bytes(16), "D1", {bytes(16): 100}, header=header)
    refuse(federation, request, "FAILED_PRECONDITION", reason, openings)
    pair = PairQuery(
        header=rogue.header("CN-31", NO_EXCHANGE, **header),
        nonce=rogue.new_id(),
        source="CN-31",
        bucket=0,
    )
    refuse(federation, pair, "FAILED_PRECONDITION", reason)


def test_an_offer_is_never_too_old(federation: Federation) -> None:
    node, rogue, learner = federation.destination, federation.rogue, federation.destination.enrol()
    offer = rogue.offer(node.province, node.code(learner), learner.number)
    began = rogue.view.members["CN-33"].keys[0].valid_from_us
    header = replace(offer.prepare.header, signed_time_us=began)
    (vote,) = rogue.answers(node, rogue.say(replace(offer.prepare, header=header), offer.openings))
    assert isinstance(vote.message, Vote)


@pytest.mark.parametrize("signed_us", [0, -1, -62_135_596_800_000_000, 2**63 - 1])
def test_a_time_in_no_sensible_year_is_refused(federation: Federation, signed_us: int) -> None:
    offer = federation.rogue.offer("CN-44", federation.code, federation.learner.number)
    header = replace(offer.prepare.header, signed_time_us=signed_us)
    consent = offer.prepare.consent
    assert consent is not None
    for bent in (
        replace(offer.prepare, header=header),
        replace(offer.prepare, lock_until_us=signed_us),
        replace(offer.prepare, consent=replace(consent, given_time_us=signed_us)),
    ):
        refuse(federation, bent, "INVALID_ARGUMENT", "DATE", offer.openings)


@pytest.mark.parametrize("nonce", [b"", bytes(16), b"\x01" * 15, b"\x01" * 17])
def test_a_question_without_its_nonce_is_refused(federation: Federation, nonce: bytes) -> None:
    query = federation.rogue.status_query("CN-44", nonce=nonce)
    refuse(federation, query, "INVALID_ARGUMENT", "NONCE")


def test_a_question_about_a_pair_of_others_is_refused(federation: Federation) -> None:
    rogue = federation.rogue
    query = PairQuery(
        header=rogue.header("CN-44", NO_EXCHANGE), nonce=rogue.new_id(), source="CN-31", bucket=0
    )
    refuse(federation, query, "PERMISSION_DENIED", "NOT_PARTY")
    beyond = replace(query, source="CN-44", bucket=257)
    refuse(federation, beyond, "INVALID_ARGUMENT", "BUCKET")


def test_an_answer_that_nobody_asked_for_is_refused(federation: Federation) -> None:
    rogue = federation.rogue
    answer = StatusAnswer(header=rogue.header("CN-44"), nonce=rogue.new_id(), state=State.CREDITED)
    refuse(federation, answer, "FAILED_PRECONDITION", "NO_SUCH_STEP")


@pytest.mark.parametrize("size", [0, 15, 17, 4096])
def test_an_exchange_identifier_of_another_size_is_refused(
    federation: Federation, size: int
) -> None:
    query = federation.rogue.status_query("CN-44", header={"exchange_id": bytes(size)})
    refuse(federation, query, "INVALID_ARGUMENT", "EXCHANGE_ID")


# What is shown, and what is proven.


def test_a_commit_that_is_not_what_was_voted_is_refused(federation: Federation) -> None:
    case, rogue = judged(federation, 300, 200), federation.rogue
    right = rogue.commit(case.offer, case.message, case.vote.digest)
    first, second = right.lots
    for lots in (
        (replace(first, nullifier=bytes(32)), second),
        (replace(first, nullifier=second.nullifier), second),
        (replace(first, granted_hundredths=first.granted_hundredths + 1), second),
        (replace(first, amount_hundredths=first.amount_hundredths + 1), second),
        (first,),
        (second, first),
    ):
        bent = replace(right, lots=lots)
        refuse(federation, bent, "FAILED_PRECONDITION", "COMMIT_MISMATCH")
    short = replace(right, lots=(replace(first, nullifier=b"\x01"), second))
    refuse(federation, short, "INVALID_ARGUMENT", "DIGEST")


def test_a_lot_credited_once_is_not_credited_again(federation: Federation) -> None:
    case, rogue = judged(federation), federation.rogue
    commit = rogue.commit(case.offer, case.message, case.vote.digest)
    rogue.answers(case.node, rogue.say(commit))
    # For the same learner it is not even promised again; so the rogue names someone else.
    other = case.node.enrol()
    again = rogue.offer("CN-44", case.node.code(other), other.number)
    lot = case.offer.lots[0]
    shown = [one for one in again.openings.openings if not one.subject]
    offered = replace(again.prepare, lots=(rogue.lot_offer(lot),), checkpoint=rogue.checkpoint())
    second = Offer(offered, Openings((*shown, *lot.shown())), [lot])
    (vote,) = rogue.answers(case.node, rogue.say(second.prepare, second.openings))
    assert isinstance(vote.message, Vote)
    bent = rogue.commit(second, vote.message, vote.digest)
    refuse(federation, bent, "ALREADY_EXISTS", "DOUBLE_GRANT")


def test_altered_openings_are_refused(federation: Federation) -> None:
    offer = federation.rogue.offer("CN-44", federation.code, federation.learner.number)
    shown = offer.openings.openings
    lot, other = offer.lots[0].lot_id, federation.rogue.new_id()
    secret = next(one for one in shown if one.name == LOT_SECRET)
    rest = tuple(one for one in shown if one.name != LOT_SECRET)
    for bent in (
        (replace(shown[0], value=b"someone else"), *shown[1:]),
        (replace(shown[0], salt=bytes(32)), *shown[1:]),
        (replace(shown[0], salt=shown[0].salt + b"\0"), *shown[1:]),
        (replace(shown[0], name="another_name"), *shown[1:]),
        (replace(shown[0], subject=lot), *shown[1:]),
        (shown[0], *shown),
        (*shown, Opening(subject=b"", name="more", salt=bytes(32), value=b"")),
        (*rest, replace(secret, value=bytes(32))),
        (*rest, replace(secret, salt=bytes(32))),
        (*rest, replace(secret, subject=other)),
        (*rest, replace(secret, subject=b"")),
        (*rest, replace(secret, value=bytes(32)), secret),
        (*rest, secret, secret),
    ):
        openings = Openings(bent)
        refuse(federation, offer.prepare, "INVALID_ARGUMENT", "COMMITMENT_MISMATCH", openings)


def test_openings_of_a_message_that_commits_to_nothing_are_refused(federation: Federation) -> None:
    case, rogue = judged(federation), federation.rogue
    commit = rogue.commit(case.offer, case.message, case.vote.digest)
    shown = Openings(case.offer.openings.openings[:1])
    refuse(federation, commit, "INVALID_ARGUMENT", "COMMITMENT_MISMATCH", shown)


def test_a_message_that_its_senders_log_does_not_hold_is_refused(federation: Federation) -> None:
    node, rogue = federation.destination, federation.rogue
    offer = rogue.offer("CN-44", federation.code, federation.learner.number)
    said = rogue.say(offer.prepare, offer.openings)
    for proof, index in (([], None), ([bytes(32)] * 3, None), ([bytes(32)] * 64, None), (None, 0)):
        batch = rogue.batch("CN-44", said)
        if proof is not None:
            batch.items[0].log_proof[:] = proof
        if index is not None:
            batch.items[0].log_index = index
        with federation.unchanged(node):
            answer = rogue.call(node, encode_batch(batch))
            assert isinstance(answer, Refused)
            assert (answer.code, answer.reason) == ("INVALID_ARGUMENT", "PROOF_INVALID")


def test_a_lot_that_was_never_deposited_is_refused(federation: Federation) -> None:
    offer = federation.rogue.offer("CN-44", federation.code, federation.learner.number)
    lot = offer.prepare.lots[0]
    for bent in (
        replace(lot, deposit_index=lot.deposit_index + 2**63),
        replace(lot, deposit_proof=()),
        replace(lot, deposit_origin=bytes(32)),
    ):
        prepare = replace(offer.prepare, lots=(bent,))
        refuse(federation, prepare, "INVALID_ARGUMENT", "PROOF_INVALID", offer.openings)


@pytest.mark.parametrize("note", [b"", b"no note", bytes(4096)])
def test_a_checkpoint_that_is_none_is_refused(federation: Federation, note: bytes) -> None:
    node, rogue = federation.destination, federation.rogue
    offer = rogue.offer("CN-44", federation.code, federation.learner.number)
    batch = rogue.batch("CN-44", rogue.say(offer.prepare, offer.openings))
    batch.checkpoint = note
    with federation.unchanged(node):
        answer = rogue.call(node, encode_batch(batch))
        assert isinstance(answer, Refused)
        assert (answer.code, answer.reason) == ("INVALID_ARGUMENT", "CHECKPOINT_INVALID")
    within = replace(offer.prepare, checkpoint=note)
    refuse(federation, within, "INVALID_ARGUMENT", "CHECKPOINT_INVALID", offer.openings)


def test_an_abort_without_a_reason_is_refused(federation: Federation) -> None:
    abort = federation.rogue.abort("CN-44", federation.rogue.new_id(), bytes(32))
    bent: Abort = replace(abort, reasons=())
    refuse(federation, bent, "INVALID_ARGUMENT", "REASON_MISSING")
    for reason in ("lower", "", "A" * 65, "LEARNER\nDECLINED"):
        refuse(federation, replace(abort, reasons=(reason,)), "INVALID_ARGUMENT", "REASON_FORM")
