"""Rows 62 to 68 of the catalogue, answered alike where a rule of form 2 with caps is in force.

What a VOTE says is held against the decision record beside it as well.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import pytest

from federation.protocol.commitments import DECISION_RECORD, Opening, Openings
from federation.protocol.grouping import record_in
from federation.protocol.messages import LotDecision, Prepare, Verdict, Vote
from node.domain.canonical import digest_of
from node.domain.decision_record import (
    ACCEPT,
    POSITIVE,
    RECORD_FORM,
    Authority,
    Decided,
    DecidedGroup,
    DecidedLot,
    DecidedPart,
    Given,
    GivenLot,
    Record,
)
from node.domain.decision_seals import read_record, record_digest, record_document
from node.domain.judgement import Grant
from node.domain.outcomes import OutcomeFacts
from node.domain.recompute import Documents, recompute
from node.domain.rule_form import canonical_rule
from node.domain.rule_judge import open_rule
from node.domain.rulebook_form import canonical_document
from tests.e2e import test_bad_input_steps as steps
from tests.e2e import test_bad_input_values as values
from tests.e2e.exchanges import judged, refuse, vote_on
from tests.e2e.federation_of_two import RULE, Federation
from tests.e2e.running_node import FACTS
from tests.node.cap_documents import NO_DOUBLE, cap
from tests.node.rulebook_documents import course, entry, grant
from tests.node.rulebook_documents import document as second_form

SALT = bytes(16)


def second_rule(province: str) -> bytes:
    """What the rule of form 1 grants, as a rule of form 2 with caps."""
    each = [
        entry(course(code, "all", minimum_grade=60), grant(f"T-{code}", ratio="4/5"))
        for code in ("PHYS201", "MATH101")
    ]
    caps = [cap("all", {"at_most": 1000}), *NO_DOUBLE]
    content = second_form(*each, rule=f"{province}/general", version=2, caps=caps)
    content["catalogues"] = [
        {"key": "gd", "source": province, "name": "本省目录", "version": "*"},
        {"key": "all", "source": "*", "name": "各省目录", "version": "*"},
    ]
    return canonical_document(json.dumps(content).encode())


@pytest.fixture(scope="module")
def by_form_2(federation: Federation) -> Iterator[Federation]:
    """Let both nodes judge by rules of form 2 meanwhile."""
    for node in federation.nodes.values():
        node.publish_rule(second_rule(node.province))
    yield federation
    for node in federation.nodes.values():
        content = json.loads(RULE % node.province) | {"version": 3}
        node.publish_rule(canonical_rule(json.dumps(content).encode()))


ROWS: dict[str, Callable[[Federation], None]] = {
    "62 to an applicant": values.test_lots_that_cannot_be_used_are_refused_to_an_applicant,
    "62 to a peer": values.test_lots_that_cannot_be_used_are_refused_to_a_peer_by_a_signed_answer,
    "64 no such rule": lambda one: steps.test_a_vote_by_no_rule_or_beyond_any_is_refused(
        one, {"rule": "CN-44/general"}, 100, "RULE_UNKNOWN"
    ),
    "64 no version": lambda one: steps.test_a_vote_by_no_rule_or_beyond_any_is_refused(
        one, {"rule_version": 0}, 100, "RULE_UNKNOWN"
    ),
    "65 beyond any rule": lambda one: steps.test_a_vote_by_no_rule_or_beyond_any_is_refused(
        one, {}, 300 * 100 + 1, "RULE_LIMIT"
    ),
    "66 to a peer": values.test_nothing_moves_without_a_legal_basis,
    "66 to an applicant": lambda one: values.test_an_application_without_consent_is_refused(
        one, is_source=True
    ),
    "67 in a VOTE": lambda one: values.test_a_day_that_the_calendar_does_not_have_is_refused(
        one, "2026-02-30"
    ),
    "67 in an outcome": lambda one: (
        values.test_an_outcome_earned_on_no_day_is_rejected_by_a_signed_vote(one, "2024-02-30")
    ),
    "68": values.test_a_document_with_an_impossible_number_opens_no_account,
}


@pytest.mark.parametrize("row", ROWS)
def test_a_row_is_answered_alike_under_a_rule_of_form_2(by_form_2: Federation, row: str) -> None:
    ROWS[row](by_form_2)


def expired_credit_is_refused(federation: Federation) -> None:
    """Row 63, at the source's door and at the destination's."""
    source = federation.source
    learner = source.enrol()
    old = FACTS | {"earned": "2020-06-30", "expires": "2021-06-30"}
    row = values_row(source, learner, old)
    application = source.application(learner, {row: 300}, "CN-44")
    with federation.unchanged(source):
        (opened,) = source.open_applications(application)
    assert (opened.exchange, opened.reason) == ("", "CREDIT_EXPIRED")
    case = judged(federation, bent_facts={"earned": "2020-06-30", "expires": "2021-06-30"})
    assert [(lot.verdict, lot.reasons) for lot in case.message.lots] == [
        (Verdict.REJECT, ("CREDIT_EXPIRED",))
    ]


def values_row(node: Any, learner: Any, facts: dict[str, str]) -> bytes:
    """Deposit an outcome with these facts and return its lot."""
    from node.v1 import deposit_service_pb2 as deposits

    number = next(node.numbers)
    row = deposits.DepositOutcomesRequest(
        source="registry",
        line=number,
        reference=f"o{number}",
        learner=learner.account,
        credits="3",
        facts=facts,
    )
    assert node.client.deposits.DepositOutcomes(iter([row])).deposited == 1
    return bytes.fromhex(node.archive(learner).lots[-1].lot)


def test_row_63_under_a_rule_of_form_1(federation: Federation) -> None:
    expired_credit_is_refused(federation)


def test_row_63_under_a_rule_of_form_2(by_form_2: Federation) -> None:
    expired_credit_is_refused(by_form_2)


def test_a_running_node_judges_by_form_2_within_its_caps_and_its_record_recomputes(
    by_form_2: Federation,
) -> None:
    case = judged(by_form_2, 500)
    (said,) = case.message.lots
    assert (said.verdict, said.granted_hundredths, said.target) == (
        *(Verdict.ACCEPT, 400),
        "T-PHYS201",
    )
    document = record_in(case.vote.openings)
    record = read_record(document)
    lines = {line.cap: (line.limit, line.allowed) for line in record.decided.caps}
    assert lines["all"] == (1000, 400)
    rule = second_rule("CN-44")
    assert record.given.authority.rule_digest == digest_of(rule)
    again = recompute(
        document, Documents(rule=rule), open_rule, named=case.message.record_digest.hex()
    )
    assert again.agrees, again.differences
    above = judged(by_form_2, 2000)
    assert [lot.reasons for lot in above.message.lots] == [("CAP_CREDITS",)]


def recorded(vote: Vote, prepare: Prepare) -> Record:
    """Return the record of a VOTE of the rogue that grants one lot."""
    (said,) = vote.lots
    name = f"{prepare.header.src}:{said.lot_id.hex()}"
    given = given_to(vote, prepare, name)
    return Record(form=RECORD_FORM, given=given, decided=decided_on(said, given.lots[0]))


def given_to(vote: Vote, prepare: Prepare, name: str) -> Given:
    """What was before the rogue."""
    (lot,), summary = prepare.lots, vote.record
    return Given(
        exchange=vote.header.exchange_id.hex(),
        source=prepare.header.src,
        destination=vote.header.src,
        decided_on=summary.decided_on,
        track="RULE",
        authority=Authority(
            rule=summary.rule,
            rule_version=summary.rule_version,
            rule_digest=summary.rule_digest.hex(),
        ),
        catalogues=(),
        programme=None,
        wanted=(),
        lots=(
            GivenLot(
                lot=name,
                source=prepare.header.src,
                amount_hundredths=lot.content.amount_hundredths,
                facts=OutcomeFacts.from_fields(FACTS),
            ),
        ),
        struck=(),
        valid_until_us=summary.valid_until_us,
        appeal_until_us=summary.appeal_until_us,
    )


def decided_on(said: LotDecision, lot: GivenLot) -> Decided:
    """What the rogue made of it."""
    amount, target = said.granted_hundredths, said.target
    part = DecidedPart(lot=lot.lot, target=target, hundredths=amount, earlier_hundredths=0)
    group = DecidedGroup(
        group="1",
        entry=said.entry,
        verdict=ACCEPT,
        lots=(lot.lot,),
        grants=(
            Grant(target=target, catalogue="", hundredths=amount, level=0, grade="", category=""),
        ),
        parts=(part,),
        blocks=(),
    )
    judged_lot = DecidedLot(
        lot=lot.lot,
        verdict=ACCEPT,
        group="1",
        original_hundredths=lot.amount_hundredths,
        granted_hundredths=amount,
        original_grade="percent:85",
        grade="",
        original_level=5,
        level=0,
        content="",
        reasons=(),
    )
    return Decided(
        outcome=POSITIVE,
        offered_hundredths=lot.amount_hundredths,
        granted_hundredths=amount,
        lots=(judged_lot,),
        groups=(group,),
        caps=(),
        may_ask_person=True,
    )


@pytest.mark.parametrize(
    ("code", "reason", "bend"),
    [
        (
            "FAILED_PRECONDITION",
            "RECORD_DIFFERS",
            lambda one: replace(one, decided=replace(one.decided, granted_hundredths=99)),
        ),
        (
            "FAILED_PRECONDITION",
            "RECORD_DIFFERS",
            lambda one: replace(
                one,
                given=replace(one.given, authority=replace(one.given.authority, rule_version=2)),
            ),
        ),
    ],
)
def test_a_vote_whose_record_says_otherwise_is_refused_by_a_running_node(
    federation: Federation, code: str, reason: str, bend: Callable[[Record], Record]
) -> None:
    source, rogue = federation.source, federation.rogue
    learner = source.enrol()
    ours = source.apply(learner, source.deposit(learner, "3"), "CN-33")
    prepare = rogue.answers(source, rogue.say(rogue.status_query("CN-31", ours)))[0]
    assert isinstance(prepare.message, Prepare)
    vote = vote_on(federation, prepare.message, prepare.digest)
    record = recorded(vote, prepare.message)

    def shown(document: bytes) -> tuple[Vote, Openings]:
        beside = Opening(subject=b"", name=DECISION_RECORD, salt=b"", value=document)
        named = replace(vote, record_digest=bytes.fromhex(record_digest(document)))
        return named, Openings((beside,))

    bent, openings = shown(record_document(bend(record), SALT))
    refuse(federation, bent, code, reason, openings)
    altered = record_document(record, SALT).replace(b'"level":5', b'"level":6', 1)
    bent, openings = shown(altered)
    refuse(federation, bent, "INVALID_ARGUMENT", "RECORD_ALTERED", openings)
    true, openings = shown(record_document(record, SALT))
    rogue.call(source, rogue.encoded("CN-31", rogue.say(true, openings)))
    assert source.state_of(ours) == "PREPARED"
