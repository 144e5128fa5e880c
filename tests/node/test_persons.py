"""People instead of a rule: asked for, withdrawn from, replaced; what they may be asked."""

from __future__ import annotations

from dataclasses import replace

import pytest

from federation.base.clock import DAY
from federation.base.errors import Breach, Refusal
from federation.protocol.messages import MessageType
from node.domain.exchange import Role
from node.domain.panel import Ballot, read_minute
from node.domain.review_case import ReviewState, Track
from node.usecases.review_cases import Asked
from tests.node.books import check_books
from tests.node.court import check_recomputes
from tests.node.province import DESTINATION, SOURCE
from tests.node.test_reviews import Room, ballot, listed
from tests.node.two_provinces import TwoProvinces


def test_a_learner_asks_for_a_person_instead_of_a_rule(two: TwoProvinces) -> None:
    room = Room(two)
    two.destination.office.reviews_by_person = False
    person = two.person("李四")
    for role in (Role.SOURCE, Role.DESTINATION):
        here = two.source if role is Role.SOURCE else two.destination
        asked = two.application(person, two.lot(person), role=role)
        (opened,) = here.applications.open([replace(asked, asks_person=True)])
        two.run(3)
        key = (SOURCE, opened.exchange_id)
        assert two.states(opened.exchange_id) == ("LOCKED", "RECEIVED")
        with pytest.raises(Refusal, match="PERSON_WANTED"):
            room.reviews._deciding.decide(key)
        # What the rule would have said at once is put to people.
        case = room.reviews.open(key, track=Track.REVIEWER)
        assert case.case.is_person_wanted
        assert [one.target for one in case.questions] == ["GD-1"]


def test_a_wish_for_a_person_after_the_offer_came(two: TwoProvinces) -> None:
    room = Room(two)
    room.reviews.want_person(room.key)
    room.reviews.want_person(room.key)
    with pytest.raises(Refusal, match="PERSON_WANTED"):
        room.reviews._deciding.decide(room.key)
    room.open(Track.REVIEWER)
    room.reviews.claim(room.key, by="expert-0")
    room.reviews.propose(room.key, ballot(100), by="expert-0")
    with pytest.raises(Refusal, match="PERSON_BY_APPEAL"):
        room.reviews.want_person(room.key)


def test_a_case_is_closed_with_its_exchange(two: TwoProvinces) -> None:
    room = Room(two)
    room.open()
    assert not two.source.applications.answer([((DESTINATION, room.exchange), False)])[0].reason
    two.run()
    closed = room.reviews.show(room.key).review.case
    assert (closed.state, closed.closed) == (ReviewState.WITHDRAWN, "LEARNER_DECLINED")
    with pytest.raises(Refusal, match="CASE_STATE"):
        room.reviews.draw(room.key)


def test_a_registrar_who_decides_closes_the_case(two: TwoProvinces) -> None:
    room = Room(two)
    room.open(Track.REVIEWER)
    room.reviews._deciding.decide(room.key)
    assert room.reviews.show(room.key).review.case.closed == "DECIDED_OTHERWISE"


def test_several_lots_count_as_one_target_and_one_as_several(two: TwoProvinces) -> None:
    room = Room(two)
    person = two.person("周五")
    lots = [two.lot(person, amount) for amount in (100, 200, 300)]
    name = two.apply(person, *lots)
    two.run(3)
    key, (one, two_, three) = (SOURCE, name), [lot.lot_id for lot in lots]
    asked = [
        Asked(lots=(one, two_), version="2025.1", code="ZJ-1"),
        Asked(lots=(three,), version="2025.1", code="ZJ-1"),
        Asked(lots=(three,), version="2025.1", code="ZJ-2"),
    ]
    with pytest.raises(Refusal, match="CATALOGUE_ENTRY"):
        room.reviews.open(key, asked, track=Track.REVIEWER)
    asked[2] = replace(asked[2], version="2025.2", code="ZJ-2")
    with pytest.raises(Refusal, match="LOT"):
        room.reviews.open(key, asked[1:2] * 2, track=Track.REVIEWER)
    room.publish("2025.2", ("ZJ-1", 250), ("ZJ-2", 150))
    room.reviews.open(key, asked, track=Track.REVIEWER)
    room.reviews.claim(key, by="expert-0")
    with pytest.raises(Refusal, match="RULE_LIMIT"):
        room.reviews.propose(key, ballots(1, 1, 1), by="expert-0")
    room.reviews.propose(key, ballots(90, 50, 40), by="expert-0")
    two.run()
    vote = two.message(two.source, name, MessageType.VOTE)
    assert [lot.granted_hundredths for lot in vote.lots] == [30, 60, 90]
    assert [[grant.target for grant in group.grants] for group in vote.groups] == [
        ["ZJ-1"],
        ["ZJ-1", "ZJ-2"],
    ]
    here = two.destination.accounts.archive(person.accounts[DESTINATION])
    assert sorted(lot.amount_hundredths for lot in here.lots) == [40, 50, 90]
    check_recomputes(two, name)
    check_books(two)


def ballots(*granted: int) -> list[Ballot]:
    return [
        Ballot(expert="", question=f"q{at}", granted_hundredths=amount)
        for at, amount in enumerate(granted, start=1)
    ]


def test_the_next_of_the_draw_takes_the_seat_of_whoever_leaves(two: TwoProvinces) -> None:
    room = Room(two)
    first, second, third = room.seat()
    room.vote(first, 250)
    with pytest.raises(Refusal, match="CASE_CLAIMED"):
        room.reviews.replace_member(room.key, second, reason="MEMBER_SILENT")
    with pytest.raises(Breach, match="REASON_FORM"):
        room.reviews.replace_member(room.key, second, reason="UGLY")
    # The first voted, and then leaves: that vote counts for nothing.
    left = room.reviews.leave(room.key, by=first.replace("E-", "expert-"))
    (joined,) = set(left.case.members) - {second, third}
    assert joined != first
    two.clock.advance(4 * DAY)
    silent = room.reviews.replace_member(room.key, second, reason="MEMBER_SILENT")
    members = silent.case.members
    assert not {first, second} & set(members)
    with pytest.raises(Refusal, match="PANEL_MEMBERS"):
        room.vote(first, 250)
    for member in members:
        room.vote(member, 100)
    minute = read_minute(room.reviews.minute(room.key).decision)
    assert [one.leaving for one in minute.substitutes] == [first, second]
    assert [one.granted_hundredths for one in minute.results] == [100]
    two.run()
    check_recomputes(two, room.exchange)


def test_without_anybody_left_the_panel_is_drawn_anew(two: TwoProvinces) -> None:
    room = Room(two)
    room.seat()
    case = room.reviews.show(room.key).review.case
    while case.state is ReviewState.VOTING:
        leaving = case.members[0]
        case = room.reviews.replace_member(room.key, leaving, reason="MEMBER_CONFLICT").case
        assert leaving not in case.members
    assert (case.state, case.members) == (ReviewState.PANEL_WANTED, ())
    # Whoever left is not drawn again, and of the others there are too few.
    with pytest.raises(Refusal, match="PANEL_"):
        room.reviews.draw(room.key)
    room.reviews.keep_experts(listed(12))
    room.reviews.draw(room.key)
    room.see(9)
    members = room.reviews.draw(room.key).case.members
    assert len(members) == 3
    assert not case.left.intersection(members)
