"""Amounts, lots, consent, dates and documents that will not do (catalogue rows 54-62, 66-68).

Form is refused by a status, by whomever it is sent. What a learner does not have, cannot use or
did not prove is an answer of the bank: a reason at the local door, a signed ABORT to a peer.
"""

from __future__ import annotations

from dataclasses import replace
from itertools import product

import pytest

from federation.protocol.messages import Abort, Commit, Ending, Prepare, Receipt, Verdict, Vote
from node.v1 import account_service_pb2 as accounts
from tests.e2e.exchanges import judged, refuse, vote_on
from tests.e2e.federation_of_two import Federation
from tests.e2e.running_node import Learner

AMOUNTS = {
    "nought": (0, "INVALID_ARGUMENT"),
    "negative": (-300, "INVALID_ARGUMENT"),
    "one_over_the_most": (10**9 + 1, "OUT_OF_RANGE"),
    "most_of_64_bits": (2**63 - 1, "OUT_OF_RANGE"),
    "least_of_64_bits": (-(2**63), "OUT_OF_RANGE"),
}


def holder(federation: Federation, *credit_texts: str) -> tuple[Learner, list[bytes]]:
    """Return a new learner at the source and the lots deposited for them."""
    learner = federation.source.enrol()
    return learner, federation.source.deposit(learner, *credit_texts)


def asked(
    federation: Federation,
    learner: Learner,
    wanted: dict[bytes, int],
    *,
    code: bytes = b"",
    number: str = "",
) -> Abort | Prepare:
    """Let the rogue ask for lots by a REQUEST, and return the signed answer."""
    source, rogue = federation.source, federation.rogue
    code = code or source.code(learner)
    request, openings = rogue.request("CN-31", code, number or learner.number, wanted)
    said = rogue.say(request, openings)
    (answer,) = rogue.answers(source, said)
    assert isinstance(answer.message, Abort | Prepare)
    assert answer.message.header.cause == said.item.digest
    return answer.message


def take(federation: Federation, learner: Learner, lot: bytes) -> None:
    """Let a lot go to the rogue for good."""
    source, rogue = federation.source, federation.rogue
    exchange_id = source.apply(learner, [lot], "CN-33", agrees=True)
    prepare = rogue.answers(source, rogue.say(rogue.status_query("CN-31", exchange_id)))[0]
    assert isinstance(prepare.message, Prepare)
    vote = vote_on(federation, prepare.message, prepare.digest)
    (commit,) = rogue.answers(source, rogue.say(vote))
    assert isinstance(commit.message, Commit)


# Rows 54 to 57.


@pytest.mark.parametrize("name", AMOUNTS)
def test_an_amount_that_is_none_is_refused_to_a_peer(federation: Federation, name: str) -> None:
    amount, code = AMOUNTS[name]
    rogue = federation.rogue
    request, openings = rogue.request("CN-31", bytes(16), "D1", {rogue.new_id(): amount})
    refuse(federation, request, code, "AMOUNT", openings)
    case = judged(federation)
    lot = case.offer.prepare.lots[0]
    offered = replace(lot, content=replace(lot.content, amount_hundredths=amount))
    prepare = replace(case.offer.prepare, header=rogue.header("CN-44"), lots=(offered,))
    refuse(federation, prepare, code, "AMOUNT", case.offer.openings)
    commit = rogue.commit(case.offer, case.message, case.vote.digest)
    for part in ("amount_hundredths", "granted_hundredths"):
        bent = replace(commit, lots=(replace(commit.lots[0], **{part: amount}),))
        refuse(federation, bent, code, "AMOUNT")


@pytest.mark.parametrize("name", AMOUNTS)
def test_a_grant_that_is_none_is_refused(federation: Federation, name: str) -> None:
    amount, code = AMOUNTS[name]
    learner, lots = holder(federation, "3")
    source, rogue = federation.source, federation.rogue
    exchange_id = source.apply(learner, lots, "CN-33")
    prepare = rogue.answers(source, rogue.say(rogue.status_query("CN-31", exchange_id)))[0]
    assert isinstance(prepare.message, Prepare)
    vote = vote_on(federation, prepare.message, prepare.digest)
    lot = replace(vote.lots[0], granted_hundredths=amount)
    record = replace(vote.record, granted_hundredths=amount)
    refuse(federation, replace(vote, lots=(lot,), record=record), code, "AMOUNT")


def test_sums_that_are_not_those_of_their_lots_are_refused(federation: Federation) -> None:
    learner, lots = holder(federation, "3")
    source, rogue = federation.source, federation.rogue
    exchange_id = source.apply(learner, lots, "CN-33")
    prepare = rogue.answers(source, rogue.say(rogue.status_query("CN-31", exchange_id)))[0]
    assert isinstance(prepare.message, Prepare)
    vote = vote_on(federation, prepare.message, prepare.digest)
    more = replace(vote.record, granted_hundredths=101)
    refuse(federation, replace(vote, record=more), "INVALID_ARGUMENT", "AMOUNT")
    refused = replace(vote.lots[0], verdict=Verdict.REJECT)
    refuse(federation, replace(vote, lots=(refused,)), "INVALID_ARGUMENT", "AMOUNT")


# At the source no amount means the whole lot; a REQUEST must name it.
@pytest.mark.parametrize(
    ("amount", "is_source"),
    [
        (0, False),
        *product([-300, 10**9 + 1, 2**63 - 1, -(2**63)], [True, False]),
    ],
)
def test_an_amount_that_is_none_is_refused_to_an_applicant(
    federation: Federation, amount: int, is_source: bool
) -> None:
    learner, (lot,) = holder(federation, "3")
    application = federation.source.application(
        learner, {lot: amount}, "CN-44", is_source=is_source
    )
    with federation.unchanged(federation.source):
        (opened,) = federation.source.open_applications(application)
        assert (opened.exchange, opened.reason) == ("", "AMOUNT")


# Rows 58 to 62.


def test_lots_that_cannot_be_used_are_refused_to_an_applicant(federation: Federation) -> None:
    source = federation.source
    learner, (free, locked, spent) = holder(federation, "3", "2", "1")
    other, (foreign,) = holder(federation, "3")
    source.apply(learner, [locked], "CN-33")
    take(federation, learner, spent)
    cases = {
        "INSUFFICIENT": {free: 301},
        "LOTS_WHOLE": {free: 299},
        "LOT_LOCKED": {locked: 200},
        "LOT_SPENT": {spent: 100},
        "LOT": {federation.rogue.new_id(): 300},
        "NO_LOTS": {},
        "TOO_MANY_LOTS": {federation.rogue.new_id(): 100 for _ in range(101)},
    }
    wanted = {reason: source.application(learner, lots, "CN-44") for reason, lots in cases.items()}
    foreign_lot = source.application(learner, {foreign: 300}, "CN-44")
    twice = source.application(learner, {free: 300}, "CN-44")
    twice.lots.append(twice.lots[0])
    malformed = source.application(learner, {b"\x01": 300}, "CN-44")
    mixed = source.application(learner, {free: 300, locked: 200}, "CN-44")
    with federation.unchanged(source):
        opened = source.open_applications(*wanted.values(), foreign_lot, twice, malformed, mixed)
    assert [one.reason for one in opened] == [*cases, "LOT", "DUPLICATE_LOT", "LOT", "LOT_LOCKED"]
    assert not any(one.exchange for one in opened)
    assert source.archive(other).lots[0].state == "AVAILABLE"


def test_lots_that_cannot_be_used_are_refused_to_a_peer_by_a_signed_answer(
    federation: Federation,
) -> None:
    source = federation.source
    learner, (free, locked, spent) = holder(federation, "3", "2", "1")
    _, (foreign,) = holder(federation, "3")
    source.apply(learner, [locked], "CN-33")
    take(federation, learner, spent)
    before = source.archive(learner)
    for wanted, reason in (
        ({free: 301}, "INSUFFICIENT"),
        ({free: 299}, "LOTS_WHOLE"),
        ({locked: 200}, "LOT_LOCKED"),
        ({spent: 100}, "LOT_SPENT"),
        ({federation.rogue.new_id(): 300}, "LOT"),
        ({foreign: 300}, "LOT"),
        ({free: 300, locked: 200}, "LOT_LOCKED"),
    ):
        answer = asked(federation, learner, wanted)
        assert isinstance(answer, Abort)
        assert answer.reasons == (reason,)
    assert source.archive(learner).lots[0] == before.lots[0]
    assert source.archive(learner).balance_hundredths == before.balance_hundredths


def test_a_peer_that_proves_nothing_gets_nothing(federation: Federation) -> None:
    source = federation.source
    learner, (lot,) = holder(federation, "3")
    used = source.code(learner)
    assert isinstance(asked(federation, learner, {lot: 300}, code=used), Prepare)
    _, (second,) = learner, source.deposit(learner, "2")
    for options, reason in (
        ({"code": bytes(16)}, "TRANSFER_CODE"),
        ({"code": used}, "TRANSFER_CODE"),
        ({"code": source.code(learner, "CN-44")}, "TRANSFER_CODE"),
        ({"code": b"short"}, "TRANSFER_CODE"),
        ({"number": "D0"}, "IDENTITY_DIFFERS"),
    ):
        answer = asked(federation, learner, {second: 200}, **options)
        assert isinstance(answer, Abort)
        assert answer.reasons == (reason,)
    assert source.archive(learner).lots[1].state == "AVAILABLE"


def test_one_lot_asked_for_twice_in_one_batch_is_offered_once(federation: Federation) -> None:
    source, rogue = federation.source, federation.rogue
    learner, (lot,) = holder(federation, "3")
    said = []
    for _ in range(2):
        code = source.code(learner)
        said.append(rogue.say(*rogue.request("CN-31", code, learner.number, {lot: 300})))
    prepare, abort = (one.message for one in rogue.answers(source, *said))
    assert isinstance(prepare, Prepare)
    assert isinstance(abort, Abort)
    assert abort.reasons == ("LOT_LOCKED",)


def test_a_lot_named_twice_is_refused(federation: Federation) -> None:
    case, rogue = judged(federation), federation.rogue
    fresh = replace(
        case.offer.prepare, header=rogue.header("CN-44"), lots=case.offer.prepare.lots * 2
    )
    refuse(federation, fresh, "INVALID_ARGUMENT", "DUPLICATE_LOT", case.offer.openings)
    request, openings = rogue.request("CN-31", bytes(16), "D1", {rogue.new_id(): 100})
    refuse(
        federation,
        replace(request, lots=request.lots * 2),
        *("INVALID_ARGUMENT", "DUPLICATE_LOT"),
        openings,
    )
    commit = rogue.commit(case.offer, case.message, case.vote.digest)
    doubled = replace(commit, lots=commit.lots * 2)
    refuse(federation, doubled, "INVALID_ARGUMENT", "DUPLICATE_LOT")


@pytest.mark.parametrize("size", [0, 15, 17])
def test_a_lot_with_a_name_of_another_size_is_refused(federation: Federation, size: int) -> None:
    request, openings = federation.rogue.request("CN-31", bytes(16), "D1", {bytes(size): 100})
    refuse(federation, request, "INVALID_ARGUMENT", "LOT", openings)


def test_lots_in_the_unit_of_another_province_are_refused(federation: Federation) -> None:
    offer = federation.rogue.offer("CN-44", federation.code, federation.learner.number)
    lot = offer.prepare.lots[0]
    bent = replace(lot, content=replace(lot.content, unit="CN-31"))
    prepare = replace(offer.prepare, lots=(bent,))
    refuse(federation, prepare, "INVALID_ARGUMENT", "UNIT", offer.openings)


# Row 66.


def test_nothing_moves_without_a_legal_basis(federation: Federation) -> None:
    rogue = federation.rogue
    offer = rogue.offer("CN-44", federation.code, federation.learner.number)
    request, openings = rogue.request("CN-31", bytes(16), "D1", {rogue.new_id(): 100})
    given = rogue.consent()
    for consent in (
        None,
        replace(given, basis=""),
        replace(given, basis="STATUTORY_DUTY"),
        replace(given, fields=()),
        replace(given, fields=given.fields[::-1]),
        replace(given, fields=given.fields + given.fields[-1:]),
    ):
        for message, shown in ((offer.prepare, offer.openings), (request, openings)):
            bent = replace(message, consent=consent)
            refuse(federation, bent, "FAILED_PRECONDITION", "LEGAL_BASIS", shown)


@pytest.mark.parametrize("is_source", [True, False])
def test_an_application_without_consent_is_refused(federation: Federation, is_source: bool) -> None:
    learner, (lot,) = holder(federation, "3")
    application = federation.source.application(
        learner, {lot: 300}, "CN-44", has_consent=False, is_source=is_source
    )
    with federation.unchanged(federation.source):
        (opened,) = federation.source.open_applications(application)
        assert (opened.exchange, opened.reason) == ("", "LEGAL_BASIS")


def test_one_bad_application_leaves_the_others_alone(federation: Federation) -> None:
    source = federation.source
    learner, (lot, other) = holder(federation, "3", "2")
    good = source.application(learner, {lot: 300}, "CN-33")
    bent = {
        "TRANSFER_CODE": {"transfer_code": "no code"},
        "MODE": {"mode": "STEAL"},
        "ACCOUNT": {"account": "31000000000000"},
        "NOT_MEMBER": {"peer": "CN-50"},
        "SUSPENDED": {"peer": "CN-12"},
        "SELF_TRANSFER": {"peer": "CN-31"},
        "BAD_TEXT": {"reference": "a\x00b"},
    }
    wanted = [
        source.application(learner, {other: 200}, **({"peer": "CN-44"} | one))
        for one in bent.values()
    ]
    wanted.append(source.application(learner, {other: 200}, "CN-44"))
    wanted[-1].lots[0].lot = "not hexadecimal"
    opened = source.open_applications(*wanted[:4], good, *wanted[4:])
    assert [one.reason for one in opened if one.reason] == [*bent, "LOT"]
    assert opened[4].exchange
    assert [lot.state for lot in source.archive(learner).lots] == ["LOCKED", "AVAILABLE"]


# Rows 67 and 68.


@pytest.mark.parametrize("day", ["2026-02-30", "0001-01-01", "2026-2-3", "20260203", "", "NaN"])
def test_a_day_that_the_calendar_does_not_have_is_refused(federation: Federation, day: str) -> None:
    learner, lots = holder(federation, "3")
    source, rogue = federation.source, federation.rogue
    exchange_id = source.apply(learner, lots, "CN-33")
    prepare = rogue.answers(source, rogue.say(rogue.status_query("CN-31", exchange_id)))[0]
    assert isinstance(prepare.message, Prepare)
    vote = vote_on(federation, prepare.message, prepare.digest)
    bent = replace(vote, record=replace(vote.record, decided_on=day))
    refuse(federation, bent, "INVALID_ARGUMENT", "DATE")


@pytest.mark.parametrize("day", ["2024-02-30", "0001-01-01"])
def test_an_outcome_earned_on_no_day_is_rejected_by_a_signed_vote(
    federation: Federation, day: str
) -> None:
    node, rogue = federation.destination, federation.rogue
    learner = node.enrol()
    offer = rogue.offer("CN-44", node.code(learner), learner.number, bent_facts={"earned": day})
    (vote,) = rogue.answers(node, rogue.say(offer.prepare, offer.openings))
    assert isinstance(vote.message, Vote)
    assert [lot.reasons for lot in vote.message.lots] == [("DATE",)]


def test_a_document_with_an_impossible_number_opens_no_account(federation: Federation) -> None:
    rows = {
        "bad check character": ("RESIDENT_ID", "11010519491231002Y"),
        "bad check digit": ("RESIDENT_ID", "110105194912310021"),
        "30 February": ("RESIDENT_ID", "110105199002300016"),
        "no such kind": ("LIBRARY_CARD", "1"),
        "too long": ("LOCAL", "1" * 33),
        "empty": ("LOCAL", ""),
    }
    sent = [
        accounts.OpenAccountsRequest(
            reference=f"bad {at}", name="王", document_type=kind, document_number=number
        )
        for at, (kind, number) in enumerate(rows.values())
    ]
    texts = {"\u202e王": "BAD_TEXT", "王\x00": "BAD_TEXT", "": "BAD_TEXT", "王" * 401: "BAD_TEXT"}
    sent += [
        accounts.OpenAccountsRequest(
            reference=f"text {at}", name=name, document_type="LOCAL", document_number=f"T{at}"
        )
        for at, name in enumerate(texts)
    ]
    with federation.unchanged(federation.source):
        answer = federation.source.client.accounts.OpenAccounts(iter(sent))
    assert not answer.accounts
    expected = ["LEARNER_ID"] * len(rows) + [*texts.values()]
    assert [(row.line, row.reason) for row in answer.rejected] == [*enumerate(expected, start=1)]


@pytest.mark.parametrize("granted", [0, -1, 2**63 - 1])
def test_a_receipt_of_impossible_sums_is_refused(federation: Federation, granted: int) -> None:
    receipt = Receipt(
        header=federation.rogue.header("CN-31", cause=bytes(32)),
        ending=Ending.CREDITED,
        inbound_hundredths=300,
        granted_hundredths=granted,
    )
    refuse(federation, receipt, "INVALID_ARGUMENT", "AMOUNT")
    released = replace(receipt, ending=Ending.RELEASED, granted_hundredths=0)
    refuse(federation, released, "INVALID_ARGUMENT", "AMOUNT")
