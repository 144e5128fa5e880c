"""Panels: who may sit, how they are drawn, what their ballots amount to, what the minute proves."""

from __future__ import annotations

import hashlib
from collections import Counter
from contextlib import suppress
from dataclasses import replace
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from federation.base.errors import Breach, Refusal
from node.domain.draft_rule import DraftLeaf, drafts_of
from node.domain.experts import eligible, objections
from node.domain.outcomes import PERCENT, OutcomeFacts
from node.domain.panel import Ballot, check_ballot, read_minute, read_sheet, tally
from node.domain.panel_draw import announce, draw, read_notice, seed_of, substitute
from tests.node.panel_world import (
    ON,
    PARTIES,
    QUESTION,
    ballots,
    expert,
    experts,
    minute,
    sheet,
)
from tests.node.rule_documents import DOCUMENT, spelled

SECRET = bytes(range(32))
TIMESTAMP = b'{"signed":{"version":8}}'


def notice(listed, **change):
    asked = {
        "province": "CN-44",
        "case": "case-1",
        "draw_round": 1,
        "seats": 3,
        "institutions": 2,
        "secret": SECRET,
        "newest_timestamp": 7,
    }
    return announce(listed, **(asked | change))


def seed(number: int) -> bytes:
    return hashlib.sha256(str(number).encode()).digest()


@pytest.mark.parametrize(
    ("change", "reasons"),
    [
        ({}, ()),
        ({"person": "p-learner"}, ("CONFLICT_APPLICANT",)),
        ({"person": "p-teacher"}, ("CONFLICT_TEACHER",)),
        ({"institution": "浙江开放大学"}, ("CONFLICT_INSTITUTION",)),
        ({"institution": " 浙江 开放大学"}, ("CONFLICT_INSTITUTION",)),
        ({"interests": frozenset({"浙江开放大学"})}, ("CONFLICT_DECLARED",)),
        ({"interests": frozenset({"p-learner"})}, ("CONFLICT_DECLARED",)),
        ({"interests": frozenset({"case-1"})}, ("CONFLICT_DECLARED",)),
        ({"fields": ("52030", "880")}, ("EXPERT_FIELD",)),
        ({"fields": ("5",)}, ()),
        ({"active_from": "2026-11-24"}, ("EXPERT_INACTIVE",)),
        ({"active_until": "2026-11-22"}, ("EXPERT_INACTIVE",)),
        ({"active_until": ON}, ()),
    ],
)
def test_whoever_has_a_conflict_may_not_judge(change, reasons):
    assert objections(expert("E-1", **change), PARTIES, on=ON) == reasons


def test_whoever_judged_before_may_not_judge_the_appeal():
    before = replace(PARTIES, decided_before=frozenset({"E-1"}))
    assert objections(expert("E-1"), before, on=ON) == ("CONFLICT_EARLIER",)
    assert [one.expert for one in eligible([expert("E-2"), expert("E-1")], before, on=ON)] == [
        "E-2"
    ]


def test_an_expert_that_could_not_be_checked_is_none():
    for change in ({"person": ""}, {"institution": "  "}):
        with pytest.raises(ValueError, match="expert"):
            expert("E-1", **change)


def test_a_draw_can_be_repeated_by_anybody_from_what_was_published():
    listed = experts(3, 3)
    published = read_notice(notice(listed).document())
    drawn = seed_of(published, secret=SECRET, beacon=8, timestamp=TIMESTAMP)
    members = draw(listed, published, drawn)
    assert len(set(members)) == 3
    assert draw(tuple(reversed(listed)), published, drawn) == members


@pytest.mark.parametrize("change", [{"secret": bytes(32)}, {"beacon": 7}, {"beacon": 9}])
def test_neither_secret_nor_timestamp_can_be_chosen_afterwards(change):
    asked = {"secret": SECRET, "beacon": 8, "timestamp": TIMESTAMP} | change
    with pytest.raises(Breach, match="PANEL_SEED"):
        seed_of(notice(experts(3, 3)), **asked)


def test_seed_depends_on_notice_secret_and_timestamp():
    first, second = notice(experts(3, 3)), notice(experts(3, 3), draw_round=2)
    seeds = {
        seed_of(first, secret=SECRET, beacon=8, timestamp=TIMESTAMP),
        seed_of(second, secret=SECRET, beacon=8, timestamp=TIMESTAMP),
        seed_of(first, secret=SECRET, beacon=8, timestamp=TIMESTAMP + b" "),
    }
    assert len(seeds) == 3


def test_the_list_cannot_be_changed_after_the_notice():
    listed = experts(3, 3)
    published = notice(listed)
    for other in (listed[1:], (*listed, expert("E-9"))):
        with pytest.raises(Breach, match="PANEL_SEED"):
            draw(other, published, seed(1))


def test_a_list_that_cannot_fill_a_panel_is_refused():
    with pytest.raises(Refusal, match="PANEL_TOO_FEW"):
        notice(experts(1, 1))
    with pytest.raises(Refusal, match="PANEL_INSTITUTIONS"):
        notice(experts(5))
    one_school = tuple(
        expert(f"E-{at}", institution=name) for at, name in enumerate(["甲校", "甲 校", "甲校"])
    )
    with pytest.raises(Refusal, match="PANEL_INSTITUTIONS"):
        notice(one_school)
    for change in ({"seats": 2}, {"institutions": 1}, {"seats": 16}, {"secret": b"short"}):
        with pytest.raises(Breach, match="PANEL_SEED"):
            notice(experts(9, 9), **change)
    twice = (expert("E-1"), expert("E-2", person="p-E-1"), expert("E-3", institution="乙校"))
    with pytest.raises(Refusal, match="PANEL_TOO_FEW"):
        notice(twice)


@settings(deadline=None)
@given(
    st.lists(st.integers(1, 5), min_size=2, max_size=4),
    st.integers(3, 7),
    st.integers(2, 3),
    st.integers(0, 10**6),
)
def test_every_panel_is_full_and_of_enough_institutions(counts, seats, institutions, number):
    listed = experts(*counts)
    if len(listed) < seats or len(counts) < institutions:
        return
    published = notice(listed, seats=seats, institutions=institutions)
    members = draw(listed, published, seed(number))
    school = {one.expert: one.institution for one in listed}
    assert len(set(members)) == seats
    assert len({school[member] for member in members}) >= institutions
    if len(listed) > seats:
        with suppress(Refusal):
            after = substitute(listed, published, seed(number), members=members, leaving=members[0])
            assert after[1:] == members[1:]
            assert after[0] not in members
            assert len({school[member] for member in after}) >= institutions


def test_whoever_leaves_is_followed_by_the_next_in_rank_who_keeps_the_balance():
    listed = experts(1, 6)
    published = notice(listed)
    members = draw(listed, published, seed(1))
    alone = next(member for member in members if member.startswith("E-0"))
    with pytest.raises(Refusal, match="PANEL_TOO_FEW"):
        substitute(listed, published, seed(1), members=members, leaving=alone)
    other = next(member for member in members if member != alone)
    after = substitute(listed, published, seed(1), members=members, leaving=other)
    (new,) = set(after) - set(members)
    again = substitute(listed, published, seed(1), members=members, leaving=other, gone={new})
    assert new not in again
    assert set(members) - {other} < set(again)


def test_every_expert_of_equal_institutions_is_drawn_about_as_often():
    listed = experts(4, 4)
    published = notice(listed)
    often = Counter(
        member for number in range(2000) for member in draw(listed, published, seed(number))
    )
    assert len(often) == 8
    assert all(650 < count < 850 for count in often.values())


@pytest.mark.parametrize(
    ("granted", "result"),
    [
        ((400, 400, 400), 400),
        ((400, 300, 200), 300),
        ((400, 300, 0), 300),
        ((400, 0, 0), 0),
        ((400, 400, 0, 0), 0),
        ((400, 300, 200, 0), 200),
        ((400, 400, 400, 1, 0), 400),
    ],
)
def test_the_result_is_what_more_than_half_granted_at_least(granted, result):
    assert minute(*granted).results[0].granted_hundredths == result


def test_a_tie_rejects_unless_the_chair_decides():
    assert minute(400, 300, 0, 0).results[0].granted_hundredths == 0
    assert minute(400, 300, 0, 0, tie="CHAIR").results[0].granted_hundredths == 300
    assert minute(300, 400, 0, 0, tie="CHAIR").results[0].granted_hundredths == 300
    assert minute(0, 400, 300, 0, tie="CHAIR").results[0].granted_hundredths == 0
    (rejected,) = minute(400, 300, 0, 0).results
    assert (rejected.votes_for, rejected.votes_against) == (2, 2)
    assert rejected.reasons == ("NOT_EQUIVALENT",)


def test_a_ballot_not_cast_grants_nothing():
    ballots = [Ballot(expert="E-0", question="q1", granted_hundredths=400)]
    assert tally("q1", ballots, seats=3, chair="E-0", tie="CHAIR").granted_hundredths == 0


@settings(deadline=None)
@given(
    st.lists(st.integers(0, 400), min_size=3, max_size=9), st.integers(0, 8), st.integers(1, 400)
)
def test_granting_more_never_lowers_the_result(granted, at, more):
    raised = list(granted)
    raised[at % len(raised)] = min(400, raised[at % len(raised)] + more)
    for tie in ("REJECT", "CHAIR"):
        before = minute(*granted, tie=tie).results[0].granted_hundredths
        assert minute(*raised, tie=tie).results[0].granted_hundredths >= before
        assert 2 * sum(one >= before for one in granted) >= len(granted)


@pytest.mark.parametrize(
    ("amount", "reasons", "reason"),
    [
        (401, (), "RULE_LIMIT"),
        (0, (), "REASON_MISSING"),
        (400, ("NOT_EQUIVALENT",), "REASON_MISSING"),
        (-1, ("NOT_EQUIVALENT",), "REASON_MISSING"),
    ],
)
def test_a_ballot_stays_within_the_question_and_gives_reasons(amount, reasons, reason):
    ballot = Ballot(expert="E-0", question="q1", granted_hundredths=amount, reasons=reasons)
    with pytest.raises(Refusal, match=reason):
        check_ballot(ballot, QUESTION)


def test_a_minute_is_read_as_it_was_written_and_tells_nobodys_vote():
    written = minute(400, 300, 0)
    assert read_minute(written.document()) == written
    assert written.digest == hashlib.sha256(written.document()).hexdigest()
    kept = sheet(ballots(400, 300, 0))
    assert read_sheet(kept.document(), written) == kept
    # The same results of other ballots, and nothing in the minute tells the one from the other.
    assert minute(400, 300, 0).results == minute(300, 400, 0).results
    with pytest.raises(Breach, match="MINUTE_DIFFERS"):
        read_sheet(sheet(ballots(300, 400, 0)).document(), written)


def test_a_result_that_does_not_follow_from_the_ballots_is_found_out():
    written = minute(400, 300, 0)
    better = replace(written.results[0], granted_hundredths=400)
    lying = replace(written, results=(better,))
    assert read_minute(lying.document()) == lying
    with pytest.raises(Breach, match="MINUTE_DIFFERS"):
        read_sheet(sheet(ballots(400, 300, 0)).document(), lying)


@pytest.mark.parametrize(
    "change",
    [
        {"granted_hundredths": 401},
        {"granted_hundredths": 0},
        {"votes_for": 1, "votes_against": 2},
        {"votes_against": 2},
        {"reasons": ("NOT_EQUIVALENT",)},
        {"question": "q2"},
    ],
)
def test_a_result_that_no_ballots_have_is_refused_without_them(change):
    written = minute(400, 300, 0)
    with pytest.raises(Breach, match="MINUTE_DIFFERS"):
        read_minute(replace(written, results=(replace(written.results[0], **change),)).document())


@pytest.mark.parametrize(
    "change",
    [
        {"members": minute(400, 300).members},
        {"members": minute(1, 1, 1).members[:2] + minute(1, 1, 1).members[:1]},
        {"members": tuple(replace(one, institution="甲") for one in minute(1, 1, 1).members)},
        {"members": tuple(replace(one, has_declared=False) for one in minute(1, 1, 1).members)},
        {"chair": "E-9"},
        {"tie": "COIN"},
        {"questions": ()},
        {"questions": (QUESTION, QUESTION)},
        {"questions": (replace(QUESTION, lots=()),)},
        {"questions": (QUESTION, replace(QUESTION, question="q2"))},
        {"results": ()},
    ],
)
def test_a_minute_of_no_full_panel_is_refused(change):
    with pytest.raises(Breach, match="MINUTE_FORM"):
        read_minute(replace(minute(400, 300, 0), **change).document())


@pytest.mark.parametrize(
    "cast",
    [
        ballots(400, 300, 0)[1:],
        ballots(400, 300, 0)[1:] + ballots(400, 300, 0)[1:2],
        (replace(ballots(400, 300, 0)[0], granted_hundredths=401), *ballots(400, 300, 0)[1:]),
    ],
)
def test_a_sheet_of_no_full_vote_is_refused(cast):
    with pytest.raises(Breach, match="MINUTE_FORM"):
        read_sheet(sheet(cast).document(), minute(400, 300, 0))


def test_other_bytes_are_no_minute():
    document = minute(400, 300, 0).document()
    for other in (
        b"",
        b"[]",
        document + b"\n",
        document.replace(b'"draw_round":1', b'"draw_round":true'),
        document.replace(b'"draw_round":1', b'"draw_round":1.0'),
        document.replace(b'"chair"', b'"chairs"'),
        document.replace(b'"reasons":[]', b'"reasons":{}'),
    ):
        with pytest.raises(Breach, match="MINUTE_FORM"):
            read_minute(other)


FACTS = OutcomeFacts(
    code="CS-101",
    catalogue="2026.1",
    title="数据库原理",
    grade="85.5",
    scale=PERCENT,
    level=6,
    field="520",
    hours=64,
    earned="2024-06-30",
    expires="",
    kind="DEGREE",
    issuer="浙江开放大学",
)


def test_a_decided_case_becomes_the_draft_of_a_rule():
    decided = minute(300, 300, 0)
    outcomes = {QUESTION.lots[0]: ("CN-33", FACTS)}
    (draft,) = drafts_of(decided, outcomes)
    assert draft.requires == (
        DraftLeaf(source="CN-33", issuer="浙江开放大学", catalogue="2026.1", code="CS-101"),
    )
    assert (draft.ratio, draft.minimum_grade, draft.minimum_level) == (Fraction(3, 4), 85, 6)
    assert draft.minute == decided.digest
    entry = draft.as_equivalence()
    assert b'"ratio":"3/4"' in spelled(DOCUMENT | {"equivalences": [entry]})
    assert drafts_of(minute(0, 0, 300), outcomes) == ()


def test_outcomes_that_counted_together_are_no_line_of_a_table():
    second = replace(QUESTION, lots=(QUESTION.lots[0], "CN-34:" + "cd" * 16))
    decided = minute(300, 300, 0, questions=(second,))
    ungraded = replace(FACTS, grade="", scale="none", level=0, code="AH-1")
    (draft,) = drafts_of(
        decided, {second.lots[0]: ("CN-33", FACTS), second.lots[1]: ("CN-34", ungraded)}
    )
    assert [leaf.code for leaf in draft.requires] == ["CS-101", "AH-1"]
    assert (draft.minimum_grade, draft.minimum_level) == (None, None)
    with pytest.raises(Refusal, match="DRAFT_SHAPE"):
        draft.as_equivalence()
