"""A case under review: who may take which step, and how its time runs."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from federation.base.clock import HOUR, SECOND
from federation.base.errors import Refusal
from federation.base.holiday_table import mainland
from federation.base.working_days import BEIJING, beijing_date
from node.domain import review_case
from node.domain.panel import MEMBER_SILENT, Substitute
from node.domain.panel_seats import unseat
from node.domain.review_case import STEPS, ReviewCase, ReviewPolicy, ReviewState, Track
from tests.node.panel_world import PARTIES, expert

CALENDAR = mainland().calendar
POLICY = ReviewPolicy(decision_days=10, claim_hours=48, second_above_hundredths=1000)


def at(text: str) -> int:
    return int(datetime.fromisoformat(text).replace(tzinfo=BEIJING).timestamp()) * SECOND


NOW = at("2026-02-09T09:00")


def opened(track: Track = Track.REVIEWER, **change) -> ReviewCase:
    return review_case.open_case(PARTIES, track, POLICY, now_us=NOW, calendar=CALENDAR, **change)


def claimed(by: str = "E-1") -> ReviewCase:
    return review_case.claim(opened(), expert(by), POLICY, now_us=NOW)


def proposed(granted: int, by: str = "E-1") -> ReviewCase:
    return review_case.propose(
        claimed(by), by, POLICY, proposal="aa", granted_hundredths=granted, now_us=NOW
    )


@pytest.mark.parametrize(
    ("asked", "person", "appeals", "track"),
    [
        ([Track.RULE, Track.RULE], False, None, Track.RULE),
        ([Track.RULE, Track.REVIEWER], False, None, Track.REVIEWER),
        ([Track.RULE, None], False, None, Track.PANEL),
        ([], False, None, Track.PANEL),
        ([Track.RULE], True, None, Track.REVIEWER),
        ([Track.RULE], False, Track.RULE, Track.REVIEWER),
        ([Track.RULE], False, Track.PANEL, Track.PANEL),
    ],
)
def test_what_no_rule_knows_goes_to_a_panel_and_a_person_may_be_asked_for(
    asked, person, appeals, track
):
    assert review_case.track_of(asked, is_person_wanted=person, appeals=appeals) is track


def test_a_rule_decides_at_once_unless_a_person_was_asked_for():
    assert review_case.decide_by_rule(opened(Track.RULE), "aa").state is ReviewState.DECIDED
    wanted = review_case.want_person(opened(Track.RULE))
    assert (wanted.track, wanted.is_person_wanted) == (Track.REVIEWER, True)
    with pytest.raises(Refusal, match="PERSON_WANTED"):
        review_case.decide_by_rule(wanted, "aa")
    assert review_case.want_person(opened(Track.PANEL)).track is Track.PANEL
    with pytest.raises(Refusal, match="CASE_STATE"):
        review_case.want_person(review_case.decide_by_rule(opened(Track.RULE), "aa"))


def test_a_learner_is_told_of_it_in_both_languages():
    assert "由人审核" in review_case.PERSON_NOTICE_ZH
    assert "a person" in review_case.PERSON_NOTICE_EN


def test_a_claim_keeps_others_out_until_it_lapses():
    held = claimed()
    with pytest.raises(Refusal, match="CASE_CLAIMED"):
        review_case.claim(held, expert("E-2"), POLICY, now_us=NOW + 48 * HOUR - 1)
    taken = review_case.claim(held, expert("E-2"), POLICY, now_us=NOW + 48 * HOUR)
    assert taken.holder == "E-2"
    with pytest.raises(Refusal, match="CASE_CLAIMED"):
        review_case.propose(
            held, "E-1", POLICY, proposal="aa", granted_hundredths=1, now_us=NOW + 48 * HOUR
        )
    free = review_case.give_up(held, "E-1")
    assert (free.state, free.holder) == (ReviewState.WAITING, "")
    with pytest.raises(Refusal, match="CASE_CLAIMED"):
        review_case.give_up(held, "E-2")


def test_nobody_with_a_conflict_may_claim():
    with pytest.raises(Refusal, match="CONFLICT_INSTITUTION"):
        review_case.claim(opened(), expert("E-1", institution="浙江开放大学"), POLICY, now_us=NOW)


def test_above_the_threshold_a_second_person_decides():
    assert proposed(1000).state is ReviewState.DECIDED
    waiting = proposed(1001)
    assert waiting.state is ReviewState.SECOND_WANTED
    with pytest.raises(Refusal, match="SECOND_PERSON"):
        review_case.claim(waiting, expert("E-1"), POLICY, now_us=NOW)
    held = review_case.claim(waiting, expert("E-2"), POLICY, now_us=NOW)
    agreed = review_case.second(held, "E-2", agrees=True, now_us=NOW)
    assert (agreed.state, agreed.proposal) == (ReviewState.DECIDED, "aa")
    assert review_case.judges_of(agreed) == {"E-1", "E-2"}
    assert review_case.give_up(held, "E-2").state is ReviewState.SECOND_WANTED


def test_where_two_disagree_a_panel_without_them_decides():
    held = review_case.claim(proposed(1001), expert("E-2"), POLICY, now_us=NOW)
    split = review_case.second(held, "E-2", agrees=False, now_us=NOW)
    assert (split.state, split.track, split.proposal) == (
        ReviewState.PANEL_WANTED,
        Track.PANEL,
        "",
    )
    for name in ("E-1", "E-2"):
        with pytest.raises(Refusal, match="CONFLICT_EARLIER"):
            review_case.seat_panel(split, [expert(name)], now_us=NOW)


def test_the_clock_runs_in_working_days_and_stands_still_while_evidence_is_asked_for():
    # Ten working days over the Spring Festival of 2026: two Saturdays are worked.
    case = claimed()
    assert beijing_date(case.due_us - 1) == date(2026, 2, 28)
    returned = review_case.ask_evidence(
        case, "E-1", now_us=at("2026-02-10T10:00"), calendar=CALENDAR
    )
    assert (returned.state, returned.days_left) == (ReviewState.RETURNED, 9)
    assert not returned.is_overdue(at("2027-01-01T00:00"))
    back_us = at("2026-03-02T10:00")
    back = review_case.evidence_came(returned, POLICY, now_us=back_us, calendar=CALENDAR)
    assert (back.state, back.holder) == (ReviewState.CLAIMED, "E-1")
    assert beijing_date(back.due_us - 1) == date(2026, 3, 13)
    assert back.holder_until_us == back_us + 48 * HOUR
    assert not back.is_overdue(back.due_us - 1)
    assert back.is_overdue(back.due_us)


def test_the_time_of_the_source_does_not_stand_still():
    case = review_case.claim(opened(limit_us=NOW + HOUR), expert("E-1"), POLICY, now_us=NOW)
    returned = review_case.ask_evidence(case, "E-1", now_us=NOW, calendar=CALENDAR)
    assert not returned.is_overdue(NOW + HOUR - 1)
    assert returned.is_overdue(NOW + HOUR)
    assert not review_case.withdraw(returned).is_overdue(NOW + HOUR)


@settings(deadline=None)
@given(st.lists(st.tuples(st.integers(0, 5), st.integers(0, 40)), max_size=4))
def test_stops_neither_shorten_nor_lengthen_the_working_days(stops):
    case, now_us, worked = claimed(), NOW, 0
    for wait_days, away_days in stops:
        later_us = now_us + wait_days * 24 * HOUR
        worked += CALENDAR.between(beijing_date(now_us), beijing_date(later_us))
        if worked >= POLICY.decision_days:
            return
        held = review_case.claim(case, expert("E-1"), POLICY, now_us=later_us)
        stopped = review_case.ask_evidence(held, "E-1", now_us=later_us, calendar=CALENDAR)
        assert stopped.days_left == POLICY.decision_days - worked
        now_us = later_us + away_days * 24 * HOUR
        case = review_case.evidence_came(stopped, POLICY, now_us=now_us, calendar=CALENDAR)
        left = CALENDAR.between(beijing_date(now_us), beijing_date(case.due_us - 1))
        assert left == POLICY.decision_days - worked


def test_a_panel_is_seated_votes_and_decides_by_its_minute():
    members = [expert(f"E-{number}") for number in range(3)]
    voting = review_case.seat_panel(opened(Track.PANEL), members, now_us=NOW)
    names = [member.expert for member in members]
    with pytest.raises(Refusal, match="PANEL_MEMBERS"):
        review_case.record_minute(voting, names[:2], "bb")
    with pytest.raises(Refusal, match="CASE_CLAIMED"):
        review_case.ask_evidence(voting, "E-9", now_us=NOW, calendar=CALENDAR)
    asked = review_case.ask_evidence(voting, "E-0", now_us=NOW, calendar=CALENDAR)
    voting = review_case.evidence_came(asked, POLICY, now_us=NOW, calendar=CALENDAR)
    decided = review_case.record_minute(voting, reversed(names), "bb")
    assert (decided.state, decided.proposal) == (ReviewState.DECIDED, "bb")
    assert review_case.judges_of(decided) == set(names)


def test_an_appeal_is_judged_by_others():
    decided = proposed(500)
    parties = replace(PARTIES, decided_before=review_case.judges_of(decided))
    appeal = replace(opened(), parties=parties)
    with pytest.raises(Refusal, match="CONFLICT_EARLIER"):
        review_case.claim(appeal, expert("E-1"), POLICY, now_us=NOW)
    assert review_case.claim(appeal, expert("E-2"), POLICY, now_us=NOW).holder == "E-2"


TRY = {
    "DECIDE_BY_RULE": lambda case: review_case.decide_by_rule(case, "aa"),
    "CLAIM": lambda case: review_case.claim(case, expert("E-1"), POLICY, now_us=NOW),
    "GIVE_UP": lambda case: review_case.give_up(case, "E-1"),
    "ASK_EVIDENCE": lambda case: review_case.ask_evidence(
        case, "E-1", now_us=NOW, calendar=CALENDAR
    ),
    "EVIDENCE_CAME": lambda case: review_case.evidence_came(
        case, POLICY, now_us=NOW, calendar=CALENDAR
    ),
    "PROPOSE": lambda case: review_case.propose(
        case, "E-1", POLICY, proposal="aa", granted_hundredths=1, now_us=NOW
    ),
    "AGREE": lambda case: review_case.second(case, "E-1", agrees=True, now_us=NOW),
    "DISAGREE": lambda case: review_case.second(case, "E-1", agrees=False, now_us=NOW),
    "UNSEAT": lambda case: unseat(
        case, Substitute(leaving="E-1", reason=MEMBER_SILENT, joining="")
    ),
    "SEAT_PANEL": lambda case: review_case.seat_panel(case, [expert("E-1")], now_us=NOW),
    "MINUTE": lambda case: review_case.record_minute(case, ["E-1"], "aa"),
    "WITHDRAW": review_case.withdraw,
}


@pytest.mark.parametrize("state", list(ReviewState))
@pytest.mark.parametrize("step", list(TRY))
def test_only_the_steps_of_the_table_can_be_taken(state, step):
    case = replace(
        opened(Track.RULE if step == "DECIDE_BY_RULE" else Track.REVIEWER),
        state=state,
        holder="E-1",
        holder_until_us=NOW + HOUR,
        members=("E-1",),
        returned_from=ReviewState.CLAIMED,
    )
    if step in STEPS[state]:
        assert TRY[step](case).state in ReviewState
    else:
        with pytest.raises(Refusal, match="CASE_STATE"):
            TRY[step](case)
