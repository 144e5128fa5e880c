"""Messages out of place, or at odds with what was said before (catalogue rows 41-50)."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from federation.protocol.inquiries import StatusAnswer
from federation.protocol.messages import (
    Ending,
    Mode,
    Prepare,
    Receipt,
    State,
    Verdict,
    Vote,
)
from federation.v1 import exchange_service_pb2 as service
from tests.e2e.answers import Refused, results
from tests.e2e.exchanges import judged, refuse, vote_on
from tests.e2e.federation_of_two import Federation

# Row 41.


def test_anothers_exchange_is_as_unknown_as_an_absent_one(federation: Federation) -> None:
    rogue, source = federation.rogue, federation.source
    foreign = federation.exchange_of_others
    with federation.unchanged(source, federation.destination):
        for node in (source, federation.destination):
            told = []
            for exchange_id in (foreign, rogue.new_id()):
                query = rogue.status_query(node.province, exchange_id)
                response = rogue.call(node, rogue.encoded(node.province, rogue.say(query)))
                assert results(response) == [("ANSWERED", "")]
                assert isinstance(response, service.DeliverResponse)
                (answer,) = rogue.open_answers(node, response)
                assert isinstance(answer.message, StatusAnswer)
                assert answer.message.state is State.UNKNOWN
                assert answer.message.nonce == query.nonce
                assert answer.message.header.exchange_id == exchange_id
                told.append((response.ByteSize(), len(response.answers.checkpoint)))
            assert told[0] == told[1], "byte for byte of the same shape"


# Rows 42 and 43.


def test_an_exact_replay_gets_the_stored_answer(federation: Federation) -> None:
    case, rogue = judged(federation), federation.rogue
    request = rogue.encoded(case.node.province, case.said)
    with federation.unchanged(case.node):
        for _ in range(3):
            response = rogue.call(case.node, request)
            assert results(response) == [("ANSWERED", "")]
            assert isinstance(response, service.DeliverResponse)
            (answer,) = rogue.open_answers(case.node, response)
            assert answer.evidence.item.payload == case.vote.evidence.item.payload


def test_the_same_payload_in_another_batch_gets_the_stored_answer(federation: Federation) -> None:
    case, rogue = judged(federation), federation.rogue
    rogue.log(b"something else, so that checkpoint and proof are others")
    with federation.unchanged(case.node):
        (answer,) = rogue.answers(case.node, case.said)
        assert answer.evidence.item.payload == case.vote.evidence.item.payload
        (answer,) = rogue.answers(case.node, case.said, case.said)
        assert answer.digest == case.vote.digest
        withheld = replace(case.said, item=replace(case.said.item, openings=b""))
        (answer,) = rogue.answers(case.node, withheld)
        assert answer.digest == case.vote.digest


def test_another_payload_under_a_used_name_is_refused_and_both_are_kept(
    federation: Federation,
) -> None:
    case, rogue = judged(federation), federation.rogue
    other = replace(case.offer.prepare, lock_until_us=case.offer.prepare.lock_until_us + 1)
    said = rogue.say(other, case.offer.openings)
    before = case.node.picture()
    for _ in range(2):
        answer = rogue.call(case.node, rogue.encoded(case.node.province, said))
        assert isinstance(answer, Refused)
        assert (answer.code, answer.reason) == ("ALREADY_EXISTS", "EQUIVOCATION")
    assert case.node.picture() == before | {"contradiction": before["contradiction"] + 1}
    assert case.node.kept_messages(case.offer.exchange_id) >= {
        case.said.item.payload,
        said.item.payload,
    }
    (answer,) = rogue.answers(case.node, case.said)
    assert answer.digest == case.vote.digest, "what was said first still stands"


def test_two_payloads_under_one_name_in_one_batch_do_not_both_count(
    federation: Federation,
) -> None:
    node, rogue, learner = federation.destination, federation.rogue, federation.destination.enrol()
    offer = rogue.offer(node.province, node.code(learner), learner.number)
    other = replace(offer.prepare, lock_until_us=offer.prepare.lock_until_us + 1)
    said = [rogue.say(one, offer.openings) for one in (offer.prepare, other)]
    response = rogue.call(node, rogue.encoded(node.province, *said))
    assert results(response) == [("ANSWERED", ""), ("REFUSED", "EQUIVOCATION")]


def test_a_code_serves_one_offer_even_within_one_batch(federation: Federation) -> None:
    node, rogue, learner = federation.destination, federation.rogue, federation.destination.enrol()
    code = node.code(learner)
    offers = [rogue.offer(node.province, code, learner.number) for _ in range(2)]
    votes = rogue.answers(node, *[rogue.say(one.prepare, one.openings) for one in offers])
    reasons = [vote.message.lots[0].reasons for vote in votes if isinstance(vote.message, Vote)]
    assert reasons == [(), ("TRANSFER_CODE",)]


# Row 44.


def test_an_unknown_cause_is_refused(federation: Federation) -> None:
    case, rogue = judged(federation), federation.rogue
    commit = rogue.commit(case.offer, case.message, bytes(32))
    refuse(federation, commit, "FAILED_PRECONDITION", "CHAIN_BROKEN")
    abort = rogue.abort(case.node.province, case.offer.exchange_id, b"\x07" * 32)
    refuse(federation, abort, "FAILED_PRECONDITION", "CHAIN_BROKEN")


def test_a_known_message_that_may_not_be_the_cause_is_refused(federation: Federation) -> None:
    case, rogue = judged(federation), federation.rogue
    commit = rogue.commit(case.offer, case.message, case.said.item.digest)
    refuse(federation, commit, "FAILED_PRECONDITION", "CHAIN_BROKEN")


@pytest.mark.parametrize("cause", [b"", b"\x01", bytes(31), bytes(33)])
def test_a_cause_that_is_no_hash_is_refused(federation: Federation, cause: bytes) -> None:
    case = judged(federation)
    commit = federation.rogue.commit(case.offer, case.message, cause)
    refuse(federation, commit, "FAILED_PRECONDITION", "CHAIN_BROKEN")


def test_an_offer_caused_by_a_request_never_made_is_refused(federation: Federation) -> None:
    rogue = federation.rogue
    offer = rogue.offer("CN-44", federation.code, federation.learner.number)
    header = replace(offer.prepare.header, cause=bytes(32))
    bent = replace(offer.prepare, header=header, code_commitment=b"")
    refuse(federation, bent, "FAILED_PRECONDITION", "CHAIN_BROKEN")


# Rows 46 to 50.


def test_a_vote_without_an_offer_is_refused(federation: Federation) -> None:
    rogue = federation.rogue
    offer = rogue.offer("CN-44", federation.code, federation.learner.number)
    prepare = replace(offer.prepare, header=rogue.header("CN-31", src="CN-44"))
    vote = vote_on(federation, prepare, bytes(32))
    refuse(federation, vote, "FAILED_PRECONDITION", "NO_SUCH_STEP")


def test_the_source_may_not_vote_on_its_own_offer(federation: Federation) -> None:
    case = judged(federation)
    answered = replace(case.offer.prepare, header=replace(case.offer.prepare.header, src="CN-44"))
    vote = vote_on(federation, answered, case.said.item.digest)
    refuse(federation, vote, "FAILED_PRECONDITION", "NO_SUCH_STEP")


@pytest.mark.parametrize("step", [0, 2, 1000, 2**32 - 1])
def test_a_step_that_does_not_exist_is_refused(federation: Federation, step: int) -> None:
    case = judged(federation)
    bent = replace(case.offer.prepare, header=replace(case.offer.prepare.header, step=step))
    refuse(federation, bent, "INVALID_ARGUMENT", "STEP", case.offer.openings)


def test_a_commit_without_a_vote_is_refused(federation: Federation) -> None:
    case, rogue = judged(federation), federation.rogue
    unknown = {"exchange_id": rogue.new_id()}
    bent = rogue.commit(case.offer, case.message, case.vote.digest, header=unknown)
    refuse(federation, bent, "FAILED_PRECONDITION", "NO_SUCH_STEP")


def test_a_commit_after_a_rejection_is_refused(federation: Federation) -> None:
    case, rogue = judged(federation, bent_facts={"grade": "40"}), federation.rogue
    assert case.message.accepted == ()
    granted = replace(case.message.lots[0], verdict=Verdict.ACCEPT, granted_hundredths=240)
    pretended = replace(case.message, lots=(granted,))
    commit = rogue.commit(case.offer, pretended, case.vote.digest)
    refuse(federation, commit, "FAILED_PRECONDITION", "EQUIVOCATION")


def test_a_commit_after_an_abort_is_refused(federation: Federation) -> None:
    case, rogue = judged(federation), federation.rogue
    abort = rogue.abort(case.node.province, case.offer.exchange_id, case.vote.digest)
    (receipt,) = rogue.answers(case.node, rogue.say(abort))
    assert isinstance(receipt.message, Receipt)
    assert receipt.message.ending is Ending.RELEASED
    commit = rogue.commit(case.offer, case.message, case.vote.digest)
    refuse(federation, commit, "FAILED_PRECONDITION", "EQUIVOCATION")


def test_an_abort_after_a_commit_is_refused(federation: Federation) -> None:
    case, rogue = judged(federation), federation.rogue
    commit = rogue.commit(case.offer, case.message, case.vote.digest)
    (receipt,) = rogue.answers(case.node, rogue.say(commit))
    assert isinstance(receipt.message, Receipt)
    assert receipt.message.granted_hundredths == case.node.archive(case.learner).balance_hundredths
    abort = rogue.abort(case.node.province, case.offer.exchange_id, case.vote.digest)
    refuse(federation, abort, "FAILED_PRECONDITION", "EQUIVOCATION")


def test_a_commit_signed_after_the_acceptance_ended_is_refused(federation: Federation) -> None:
    case, rogue = judged(federation), federation.rogue
    late = {"signed_time_us": case.message.accept_until_us + 1}
    commit = rogue.commit(case.offer, case.message, case.vote.digest, header=late)
    refuse(federation, commit, "FAILED_PRECONDITION", "COMMIT_TOO_LATE")
    # By its signed time and nothing else: the last moment counts.
    last = {"signed_time_us": case.message.accept_until_us}
    commit = rogue.commit(case.offer, case.message, case.vote.digest, header=last)
    (receipt,) = rogue.answers(case.node, rogue.say(commit))
    assert isinstance(receipt.message, Receipt)


def test_a_receipt_of_no_party_is_refused(federation: Federation) -> None:
    foreign = federation.exchange_of_others
    for exchange_id in (foreign, federation.rogue.new_id()):
        receipt = Receipt(
            header=federation.rogue.header("CN-31", exchange_id, cause=bytes(32)),
            ending=Ending.RELEASED,
            inbound_hundredths=0,
            granted_hundredths=0,
        )
        refuse(federation, receipt, "PERMISSION_DENIED", "NOT_PARTY")


def test_an_offer_under_the_name_of_our_own_offer_is_refused(federation: Federation) -> None:
    source, rogue = federation.source, federation.rogue
    learner = source.enrol()
    ours = source.apply(learner, source.deposit(learner, "3"), "CN-33")
    offer = rogue.offer("CN-31", federation.code, learner.number)
    header = replace(offer.prepare.header, exchange_id=ours)
    bent = replace(offer.prepare, header=header)
    refuse(federation, bent, "FAILED_PRECONDITION", "NO_SUCH_STEP", offer.openings)


def test_a_vote_that_judges_other_lots_is_refused(federation: Federation) -> None:
    source, rogue = federation.source, federation.rogue
    learner = source.enrol()
    ours = source.apply(learner, source.deposit(learner, "3", "2"), "CN-33")
    said = rogue.answers(source, rogue.say(rogue.status_query("CN-31", ours)))
    prepare = said[0].message
    assert isinstance(prepare, Prepare)
    vote = vote_on(federation, prepare, said[0].digest)
    record = replace(vote.record, granted_hundredths=100)
    one = replace(vote, lots=vote.lots[:1], record=record)
    refuse(federation, one, "FAILED_PRECONDITION", "VOTE_MISMATCH")
    turned = replace(vote, lots=vote.lots[::-1])
    refuse(federation, turned, "FAILED_PRECONDITION", "VOTE_MISMATCH")
    unknown = replace(vote, header=replace(vote.header, cause=bytes(32)))
    refuse(federation, unknown, "FAILED_PRECONDITION", "CHAIN_BROKEN")


# Rows 64 and 65.


@pytest.mark.parametrize(
    ("record", "granted", "reason"),
    [
        ({"rule": "CN-31/general"}, 100, "RULE_UNKNOWN"),
        ({"rule": "general"}, 100, "RULE_UNKNOWN"),
        ({"rule": "CN-33/"}, 100, "RULE_UNKNOWN"),
        ({"rule_version": 0}, 100, "RULE_UNKNOWN"),
        ({}, 300 * 100 + 1, "RULE_LIMIT"),
    ],
)
def test_a_vote_by_no_rule_or_beyond_any_is_refused(
    federation: Federation, record: dict[str, Any], granted: int, reason: str
) -> None:
    source, rogue = federation.source, federation.rogue
    learner = source.enrol()
    ours = source.apply(learner, source.deposit(learner, "3"), "CN-33")
    prepare = rogue.answers(source, rogue.say(rogue.status_query("CN-31", ours)))[0]
    assert isinstance(prepare.message, Prepare)
    vote = vote_on(federation, prepare.message, prepare.digest)
    lot = replace(vote.lots[0], granted_hundredths=granted)
    stated = replace(vote.record, granted_hundredths=granted, **record)
    bent = replace(vote, lots=(lot,), record=stated)
    refuse(federation, bent, "FAILED_PRECONDITION", reason)


def test_a_receipt_of_what_was_not_committed_is_refused(federation: Federation) -> None:
    source, rogue = federation.source, federation.rogue
    learner = source.enrol()
    ours = source.apply(learner, source.deposit(learner, "3"), "CN-33", agrees=True)
    prepare = rogue.answers(source, rogue.say(rogue.status_query("CN-31", ours)))[0]
    assert isinstance(prepare.message, Prepare)
    vote = vote_on(federation, prepare.message, prepare.digest)
    (commit,) = rogue.answers(source, rogue.say(vote))
    receipt = Receipt(
        header=rogue.header("CN-31", ours, cause=commit.digest),
        ending=Ending.CREDITED,
        inbound_hundredths=300,
        granted_hundredths=101,
    )
    refuse(federation, receipt, "FAILED_PRECONDITION", "RECEIPT_MISMATCH")
    second = replace(receipt, granted_hundredths=100)
    assert results(rogue.call(source, rogue.encoded("CN-31", rogue.say(second)))) == [("DONE", "")]


def test_a_recognition_locks_nothing_and_ends_at_its_vote(federation: Federation) -> None:
    case, rogue = judged(federation, mode=Mode.RECOGNISE), federation.rogue
    assert case.offer.prepare.lock_until_us, "a lock that means nothing here"
    assert case.message.accepted
    commit = rogue.commit(case.offer, case.message, case.vote.digest)
    refuse(federation, commit, "FAILED_PRECONDITION", "EQUIVOCATION")
