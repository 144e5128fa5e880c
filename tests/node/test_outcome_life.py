"""The life of an outcome: one table, two reviewers, and hours that add up to credit."""

from __future__ import annotations

from dataclasses import replace
from itertools import product
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from federation.base.errors import Breach, Refusal
from node.domain.learning_hours import (
    HoursAccount,
    HoursRecord,
    HoursRule,
    accumulate,
    strike,
)
from node.domain.outcome_forms import EVIDENCE_KINDS, OUTCOME_FORMS, missing_evidence
from node.domain.outcome_life import (
    LIFE,
    Actor,
    OutcomeRecord,
    OutcomeRole,
    OutcomeState,
    OutcomeStep,
    take_step,
)
from node.domain.outcomes import OUTCOME_KINDS

TODAY = "2026-11-23"
FULL = {f"{at:064x}": kind for at, kind in enumerate(("CERTIFICATE_COPY", "REGISTER_EXTRACT"))}
RECORD = OutcomeRecord(
    outcome="o-1",
    form="ONE_PLUS_X",
    learner="p-learner",
    institution="浙江开放大学",
    submitted_by="p-clerk",
    evidence=FULL,
    expires="2030-06-30",
)
ACTORS = {
    OutcomeRole.LEARNER: Actor(role=OutcomeRole.LEARNER, person="p-learner"),
    OutcomeRole.INSTITUTION: Actor(
        role=OutcomeRole.INSTITUTION, person="p-first", institution="浙江开放大学"
    ),
    OutcomeRole.BANK: Actor(role=OutcomeRole.BANK, person="p-second"),
    OutcomeRole.CLOCK: Actor(role=OutcomeRole.CLOCK, person="CN-33"),
    OutcomeRole.LEDGER: Actor(role=OutcomeRole.LEDGER, person="CN-33"),
}
MEANS: dict[str, dict[str, Any]] = {
    "RETURN": {"reasons": ("EVIDENCE_MISSING",), "answer_until": "2026-12-23"},
    "REFUSE": {"reasons": ("NOT_EQUIVALENT",)},
    "FREEZE": {"reasons": ("DISPUTED",)},
    "REVOKE": {"reasons": ("DISPUTED",)},
    "DEPOSIT": {"lot": "ab" * 16},
    "EXPIRE": {"today": "2031-01-01"},
}


def step(record: OutcomeRecord, name: str, role: str, **change: Any) -> OutcomeRecord:
    asked = {"today": TODAY} | MEANS.get(name, {}) | change
    actor = asked.pop("actor", ACTORS[OutcomeRole(role)])
    return take_step(record, OutcomeStep(name), actor, **asked)


def walked(*steps: tuple[str, str]) -> OutcomeRecord:
    record = RECORD
    for name, role in steps:
        record = step(record, name, role)
    return record


DEPOSITED = (
    ("REVIEW", "INSTITUTION"),
    ("REREVIEW", "BANK"),
    ("ACCREDIT", "BANK"),
    ("DEPOSIT", "LEDGER"),
)


def test_an_outcome_is_reviewed_twice_accredited_and_becomes_a_lot():
    states = [walked(*DEPOSITED[:length]).state for length in range(5)]
    assert states == ["SUBMITTED", "REVIEWED", "REREVIEWED", "ACCREDITED", "DEPOSITED"]
    done = walked(*DEPOSITED)
    assert (done.reviewed_by, done.rereviewed_by, done.lot) == ("p-first", "p-second", "ab" * 16)
    assert done.is_usable
    assert not walked(*DEPOSITED[:3]).is_usable


def test_nobody_reviews_twice_or_what_is_their_own():
    second = replace(ACTORS[OutcomeRole.BANK], person="p-first")
    with pytest.raises(Refusal, match="SAME_PERSON"):
        step(walked(DEPOSITED[0]), "REREVIEW", "BANK", actor=second)
    for person in ("p-clerk", "p-learner"):
        own = replace(ACTORS[OutcomeRole.INSTITUTION], person=person)
        with pytest.raises(Refusal, match="SAME_PERSON"):
            step(RECORD, "REVIEW", "INSTITUTION", actor=own)
        bank = replace(ACTORS[OutcomeRole.BANK], person=person)
        with pytest.raises(Refusal, match="SAME_PERSON"):
            step(walked(*DEPOSITED), "REVOKE", "BANK", actor=bank)


def test_only_its_own_institution_and_learner_act_for_it():
    other = replace(ACTORS[OutcomeRole.INSTITUTION], institution="宁波开放大学")
    with pytest.raises(Refusal, match="OUTCOME_ROLE"):
        step(RECORD, "REVIEW", "INSTITUTION", actor=other)
    stranger = replace(ACTORS[OutcomeRole.LEARNER], person="p-other")
    with pytest.raises(Refusal, match="OUTCOME_ROLE"):
        step(RECORD, "WITHDRAW", "LEARNER", actor=stranger)
    nobody = replace(ACTORS[OutcomeRole.BANK], person="")
    with pytest.raises(Refusal, match="OUTCOME_ROLE"):
        step(walked(DEPOSITED[0]), "REREVIEW", "BANK", actor=nobody)


@pytest.mark.parametrize("state", list(OutcomeState))
@pytest.mark.parametrize(
    ("name", "role"), list(product(map(str, OutcomeStep), map(str, OutcomeRole)))
)
def test_only_the_steps_of_the_table_can_be_taken_and_only_by_whom_it_names(state, name, role):
    record = replace(
        RECORD,
        state=state,
        answer_until="2026-12-23",
        frozen_from=OutcomeState.DEPOSITED,
        reviewed_by="p-first",
    )
    found = LIFE.get((state, OutcomeStep(name)))
    if found is None:
        with pytest.raises(Refusal, match="OUTCOME_STATE"):
            step(record, name, role)
    elif OutcomeRole(role) not in found[1]:
        with pytest.raises(Refusal, match="OUTCOME_ROLE"):
            step(record, name, role)
    else:
        assert step(record, name, role).state == (found[0] or OutcomeState.DEPOSITED)


def test_what_was_refused_withdrawn_expired_or_revoked_has_no_way_out():
    final = {"REFUSED", "WITHDRAWN", "EXPIRED", "REVOKED"}
    assert {state for state in OutcomeState if not any(key[0] == state for key in LIFE)} == final


def test_a_returned_outcome_is_reviewed_anew_by_both():
    returned = step(walked(DEPOSITED[0]), "RETURN", "BANK")
    assert (returned.reasons, returned.answer_until) == (("EVIDENCE_MISSING",), "2026-12-23")
    again = step(returned, "RESUBMIT", "LEARNER", evidence=FULL | {"ff" * 32: "SYLLABUS"})
    assert (again.state, again.reviewed_by, again.reasons) == ("SUBMITTED", "", ())
    assert (again.submitted_by, len(again.evidence)) == ("p-learner", 3)
    assert step(again, "REVIEW", "INSTITUTION").state == "REVIEWED"


def test_a_review_needs_the_evidence_of_the_form():
    bare = replace(RECORD, evidence={"ff" * 32: "CERTIFICATE_COPY"})
    with pytest.raises(Refusal, match=r"EVIDENCE_MISSING.*REGISTER_EXTRACT"):
        step(bare, "REVIEW", "INSTITUTION")


@pytest.mark.parametrize("name", ["RETURN", "REFUSE"])
def test_what_goes_against_the_learner_has_a_reason(name):
    with pytest.raises(Refusal, match="REASON_MISSING"):
        step(RECORD, name, "INSTITUTION", reasons=())
    with pytest.raises(Refusal, match="REASON_MISSING"):
        step(RECORD, "REVIEW", "INSTITUTION", reasons=("NOT_EQUIVALENT",))


def test_freezing_ends_where_it_began():
    for length in (3, 4):
        before = walked(*DEPOSITED[:length])
        frozen = step(before, "FREEZE", "BANK")
        assert not frozen.is_usable
        assert step(frozen, "UNFREEZE", "BANK") == before
        assert step(frozen, "REVOKE", "BANK").state == "REVOKED"


def test_nothing_expires_before_its_day_and_nothing_expired_is_deposited():
    with pytest.raises(Refusal, match="OUTCOME_STATE"):
        step(walked(*DEPOSITED), "EXPIRE", "CLOCK", today="2030-06-30")
    assert step(walked(*DEPOSITED), "EXPIRE", "CLOCK", today="2030-07-01").state == "EXPIRED"
    with pytest.raises(Refusal, match="CREDIT_EXPIRED"):
        step(walked(*DEPOSITED[:3]), "DEPOSIT", "LEDGER", today="2030-07-01")
    returned = step(RECORD, "RETURN", "INSTITUTION")
    assert step(returned, "EXPIRE", "CLOCK", today="2026-12-24").state == "EXPIRED"
    with pytest.raises(Refusal, match="OUTCOME_STATE"):
        step(returned, "EXPIRE", "CLOCK", today="2026-12-23")
    with pytest.raises(Refusal, match="FIELDS"):
        step(walked(*DEPOSITED[:3]), "DEPOSIT", "LEDGER", lot="")


def test_every_kind_has_forms_and_every_form_its_evidence():
    assert {form.kind for form in OUTCOME_FORMS.values()} == set(OUTCOME_KINDS)
    for form in OUTCOME_FORMS.values():
        wanted = {kind for place in form.evidence for kind in place}
        assert wanted
        assert wanted <= set(EVIDENCE_KINDS)
        assert missing_evidence(form.form, wanted) == ()
        assert missing_evidence(form.form, ()) == tuple(
            tuple(sorted(place)) for place in form.evidence
        )
    with pytest.raises(Breach, match="FIELDS"):
        missing_evidence("DANCE", ())


RULE = HoursRule(
    rule="CN-33/hours 1", form="VOLUNTEERING", threshold_minutes=960, award_hundredths=100
)


def hours(name: object, minutes: int, form: str = "VOLUNTEERING") -> HoursRecord:
    return HoursRecord(record=str(name), form=form, minutes=minutes)


def test_hours_make_credit_at_the_threshold_and_not_a_minute_before():
    below = accumulate(HoursAccount(), [hours(1, 959)], RULE)
    assert (below.hundredths, below.next_minutes) == (0, 1)
    exact = accumulate(below.account, [hours(2, 1)], RULE)
    assert (exact.hundredths, exact.account.remainder_minutes) == (100, 0)
    many = accumulate(HoursAccount(), [hours(1, 2000)], RULE)
    assert (many.awards, many.hundredths, many.account.remainder_minutes) == (2, 200, 80)


@settings(deadline=None)
@given(st.lists(st.integers(1, 3000), max_size=12), st.randoms(use_true_random=False))
def test_no_minute_is_lost_or_counted_twice_whatever_the_order(minutes, order):
    account, minted = HoursAccount(), 0
    numbered = list(enumerate(minutes))
    order.shuffle(numbered)
    for name, length in numbered:
        award = accumulate(account, [hours(name, length)], RULE)
        account, minted = award.account, minted + award.hundredths
    assert sum(minutes) == 960 * account.awards + account.remainder_minutes
    assert 0 <= account.remainder_minutes < 960
    assert minted == 100 * account.awards
    at_once = accumulate(HoursAccount(), [hours(n, one) for n, one in numbered], RULE)
    assert at_once.account == account


def test_a_record_counts_once_and_only_under_the_rule_of_its_form():
    account = accumulate(HoursAccount(), [hours(1, 10)], RULE).account
    with pytest.raises(Refusal, match="DUPLICATE_RECORD"):
        accumulate(account, [hours(1, 10)], RULE)
    with pytest.raises(Refusal, match="DUPLICATE_RECORD"):
        accumulate(account, [hours(2, 10), hours(2, 10)], RULE)
    for odd in (hours(2, 10, form="COMPETITION"), hours(2, 0), hours(2, 10**9)):
        with pytest.raises(Refusal, match="FIELDS"):
            accumulate(account, [odd], RULE)
    for change in ({"form": "COMPETITION"}, {"threshold_minutes": 0}):
        with pytest.raises(Breach, match="FIELDS"):
            replace(RULE, **change)


def test_hours_revoked_after_they_made_credit_are_earned_again_before_more_is_made():
    account = accumulate(HoursAccount(), [hours(1, 960)], RULE).account
    owing = strike(account, "1")
    assert (owing.awards, owing.remainder_minutes) == (1, -960)
    back = accumulate(owing, [hours(2, 960)], RULE)
    assert (back.hundredths, back.account.remainder_minutes, back.next_minutes) == (0, 0, 960)
    with pytest.raises(Refusal, match="RECORD_UNKNOWN"):
        strike(owing, "1")


def test_awards_end_where_the_rule_says():
    most = replace(RULE, most_awards=2)
    full = accumulate(HoursAccount(), [hours(1, 9600)], most)
    assert (full.awards, full.next_minutes, full.account.remainder_minutes) == (2, None, 7680)
    assert accumulate(full.account, [hours(2, 960)], most).hundredths == 0
