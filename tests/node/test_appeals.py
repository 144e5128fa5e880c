"""Appeals through the real exchange: other people, the difference upward, nothing debited twice."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from federation.base.clock import DAY
from federation.base.errors import Breach, Refusal
from federation.protocol.grouping import minute_in, record_in
from federation.protocol.messages import Fact, MessageType, Mode, Verdict
from federation.wire import codec
from node.domain.decision_seals import read_record
from node.domain.exchange import Role
from node.domain.notices import Statement
from node.domain.panel import Ballot, read_minute
from node.domain.recompute import Documents, recompute
from node.domain.review_case import ReviewState, Track
from node.domain.rule_judge import open_rule
from node.usecases.applications import Application
from node.usecases.review_cases import Asked
from tests.node.books import check_books
from tests.node.province import DESTINATION, SOURCE
from tests.node.test_returns import give_back
from tests.node.test_reviews import Room, ballot, listed
from tests.node.two_provinces import Person, TwoProvinces


class Court(Room):
    """A room whose first offer was decided, so that it can be appealed against."""

    def decided(self, granted: int) -> None:
        """Let one reviewer decide, and the exchange end."""
        self.open(Track.REVIEWER)
        self.reviews.claim(self.key, by="expert-0")
        self.reviews.propose(self.key, ballot(granted), by="expert-0")
        self.two.run()

    def appeal(
        self, person: Person, *, reference: str = "appeal", **change: Any
    ) -> tuple[str, bytes]:
        asked = Application(
            reference=reference,
            account=person.accounts[SOURCE],
            peer=DESTINATION,
            role=Role.SOURCE,
            lots=(),
            code=self.two.transfer_code(person),
            mode=Mode.TRANSFER,
            has_consent=True,
            agrees_to_whole_grant=True,
            appeals=self.exchange,
        )
        (opened,) = self.two.source.applications.open([replace(asked, **change)])
        self.two.run(3)
        return opened.reason, opened.exchange_id

    def hear(self, name: bytes, granted: int, *, by: str = "expert-1") -> None:
        """Let another reviewer decide an appeal."""
        key = (SOURCE, name)
        asked = [Asked(lots=(self.lot,), version="2025.1", code="ZJ-1")]
        self.reviews.open(key, asked, track=Track.REVIEWER, field="520.20")
        self.reviews.claim(key, by=by)
        self.reviews.propose(key, ballot(granted), by=by)
        self.two.run()

    def balance(self) -> int:
        account = people(self.two).accounts[DESTINATION]
        return self.two.destination.accounts.archive(account).balance_hundredths


def people(two: TwoProvinces) -> Person:
    """The learner of the room's first offer."""
    there, here = (one.rows("select account from learner")[0][0] for one in two.both)
    return Person("钱二", "", {SOURCE: there, DESTINATION: here})


def beside_vote(two: TwoProvinces, exchange: bytes) -> tuple[bytes, bytes]:
    """Return record and minute as the source received them."""
    digest = two.source.exchange(exchange).hashes[MessageType.VOTE]
    (row,) = two.source.rows("select openings from message where digest = ?", digest)
    shown = codec.decode_openings(row[0])
    return record_in(shown), minute_in(shown)


def check_recomputes(two: TwoProvinces, exchange: bytes) -> None:
    """Check that the source agrees with a decision from what came with it and the rule."""
    record, minute = beside_vote(two, exchange)
    rule = two.destination.store.read(lambda reading: reading.rule())
    vote = two.message(two.source, exchange, MessageType.VOTE)
    said = recompute(
        record,
        Documents(rule=rule, minute=minute),
        lambda document, catalogues: open_rule(document),
        named=vote.record_digest.hex(),
    )
    assert said.agrees, [one.sentences for one in said.differences]


@pytest.fixture
def court(two: TwoProvinces) -> Court:
    return Court(two)


def test_a_decision_by_people_can_be_judged_again_at_the_source(court: Court) -> None:
    for expert, granted in zip(court.seat(), (250, 200, 0), strict=True):
        court.vote(expert, granted)
    court.reviews.minute(court.key)
    court.two.run()
    check_recomputes(court.two, court.exchange)
    record, minute = beside_vote(court.two, court.exchange)
    given = read_record(record).given
    members = sorted(one.expert for one in read_minute(minute).members)
    assert (given.track, list(given.authority.reviewers)) == ("PANEL", members)
    assert given.authority.rule == f"{DESTINATION}/general"
    # Nobody's ballot leaves the province; the results do.
    assert b'"ballots"' not in minute
    assert b'"votes_for":2' in minute
    # The caps know of it, and the log has the minute.
    uses = court.node.rows("select state, lot, target, hundredths from cap_use")
    assert uses == [("CONSUMED", f"{SOURCE}:{court.lot.hex()}", "ZJ-1", 200)]
    assert court.reviews.show(court.key).log_index >= 0
    check_books(court.two)


def test_a_reviewers_finding_can_be_judged_again_too(court: Court) -> None:
    court.decided(200)
    check_recomputes(court.two, court.exchange)
    record, finding = beside_vote(court.two, court.exchange)
    assert read_record(record).given.authority.reviewers == ("E-0",)
    assert b'"reviewers":["E-0"]' in finding
    assert court.reviews.show(court.key).log_index >= 0


def test_an_appeal_raises_what_was_committed_by_the_difference(court: Court) -> None:
    two, person = court.two, people(court.two)
    court.decided(100)
    assert two.states(court.exchange) == ("CLOSED", "CREDITED")
    before = two.source.accounts.archive(person.accounts[SOURCE])
    reason, name = court.appeal(person)
    assert reason == ""
    assert two.states(name) == ("LOCKED", "RECEIVED")
    court.hear(name, 200)
    assert two.states(name) == ("RECOGNISED", "RECOGNISED")
    vote = two.message(two.source, name, MessageType.VOTE)
    assert [lot.granted_hundredths for lot in vote.lots] == [200]
    assert court.balance() == 200
    # Nothing moved at the source, and the pair agrees in source hundredths.
    assert two.source.accounts.archive(person.accounts[SOURCE]) == before
    check_books(two)
    assert all(one.agrees for side in two.both for one in side.reconciliation.reconcile())
    check_recomputes(two, name)
    given = read_record(beside_vote(two, name)[0]).given
    assert (given.relates_to, given.authority.reviewers) == (court.exchange.hex(), ("E-1",))
    (entry,) = court.node.rows("select subject, decision from entry where kind = 'APPEAL'")
    assert entry == (name, two.destination.exchange(name).hashes[MessageType.VOTE])
    uses = court.node.rows("select hundredths, earlier_hundredths, state from cap_use")
    assert sorted(uses) == [(100, 0, "CONSUMED"), (200, 100, "CONSUMED")]


def test_an_appeal_never_lowers(court: Court) -> None:
    court.decided(200)
    reason, name = court.appeal(people(court.two))
    court.hear(name, 0)
    vote = court.two.message(court.two.source, name, MessageType.VOTE)
    (lot,) = vote.lots
    assert (reason, lot.verdict, lot.granted_hundredths) == ("", Verdict.ACCEPT, 200)
    assert lot.target == "ZJ-1"
    assert court.balance() == 200
    check_recomputes(court.two, name)
    check_books(court.two)


def test_whoever_decided_first_judges_no_appeal_and_no_rule_does(court: Court) -> None:
    court.decided(100)
    _, name = court.appeal(people(court.two))
    with pytest.raises(Refusal, match="PERSON_WANTED"):
        court.reviews._deciding.decide((SOURCE, name))
    with pytest.raises(Refusal, match="EXPERT_CONFLICT"):
        court.hear(name, 200, by="expert-0")


def test_an_appeal_against_a_panel_needs_a_panel(court: Court) -> None:
    for expert in court.seat():
        court.vote(expert, 100)
    court.reviews.minute(court.key)
    court.two.run()
    _, name = court.appeal(people(court.two))
    with pytest.raises(Refusal, match="PANEL_NEEDED"):
        court.hear(name, 200)
    asked = [Asked(lots=(court.lot,), version="2025.1", code="ZJ-1")]
    opened = court.reviews.open((SOURCE, name), asked, track=Track.PANEL)
    assert len(opened.case.parties.decided_before) == 3


def test_what_was_refused_is_appealed_by_a_new_transfer(court: Court) -> None:
    two, person = court.two, people(court.two)
    court.decided(0)
    assert two.states(court.exchange) == ("CLOSED", "RELEASED")
    reason, name = court.appeal(person)
    assert (reason, two.source.exchange(name).mode) == ("", Mode.TRANSFER)
    court.hear(name, 200)
    assert two.states(name) == ("CLOSED", "CREDITED")
    assert court.balance() == 200
    check_recomputes(two, name)
    check_books(two)


def test_an_appeal_has_its_time_and_comes_once(court: Court) -> None:
    two, person = court.two, people(court.two)
    court.decided(100)
    other = two.person("孙三")
    theirs = {"account": other.accounts[SOURCE], "code": two.transfer_code(other)}
    assert court.appeal(person, reference="not mine", **theirs)[0] == "APPEAL_UNKNOWN"
    assert court.appeal(person, reference="nothing", appeals=b"n" * 16)[0] == "APPEAL_UNKNOWN"
    reason, name = court.appeal(person)
    assert court.appeal(person, reference="again")[0] == "APPEAL_TWICE"
    court.hear(name, 150)
    assert court.appeal(person, reference="later")[0] == "APPEAL_TWICE"
    assert court.appeal(person, reference="of it", appeals=name)[0] == "APPEAL_TWICE"
    assert reason == ""


def test_an_appeal_that_comes_too_late_is_not_heard_on_either_side(court: Court) -> None:
    two, person = court.two, people(court.two)
    court.decided(100)
    two.clock.advance(61 * DAY)
    assert court.appeal(person)[0] == "APPEAL_LATE"
    # A source that does not say so finds that the other side does.
    with pytest.MonkeyPatch.context() as bent:
        bent.setattr("node.usecases.applications.check_may_appeal", lambda *_, **__: True)
        _, name = court.appeal(person, reference="forced")
    assert two.message(two.source, name, MessageType.VOTE).lots[0].reasons == ("APPEAL_LATE",)
    assert court.balance() == 100


def test_a_wrong_code_spoils_nothing(court: Court) -> None:
    court.decided(100)
    person = people(court.two)
    _, wrong = court.appeal(person, reference="wrong", code=b"w" * 16)
    vote = court.two.message(court.two.source, wrong, MessageType.VOTE)
    assert vote.lots[0].reasons == ("TRANSFER_CODE",)
    reason, name = court.appeal(person, reference="right")
    court.hear(name, 150)
    assert (reason, court.balance()) == ("", 150)


def test_a_lower_decision_on_appeal_is_not_taken(court: Court) -> None:
    two = court.two
    court.decided(200)
    _, name = court.appeal(people(two))
    with pytest.MonkeyPatch.context() as bent:
        bent.setattr("node.domain.voting.decide_case", _lower)
        court.hear(name, 50)
    assert two.source.exchange(name).state.name == "LOCKED"


def _lower(given: Any, judge: Any, book: Any, **known: Any) -> Any:
    from node.domain.cap_book import CapBook
    from node.domain.deciding import decide_case

    record, _ = decide_case(given, judge, CapBook(), claim=known["claim"])
    return record, book


def test_what_an_appeal_added_goes_with_what_it_raised(court: Court) -> None:
    two = court.two
    court.decided(100)
    _, name = court.appeal(people(two))
    court.hear(name, 200)
    for fact in (Fact.FROZEN, Fact.UNFROZEN):
        state(two, court.lot, fact)
        holds = {hold for (hold,) in two.destination.rows("select hold from lot")}
        assert holds == {"FROZEN" if fact is Fact.FROZEN else ""}
    assert give_back(two, people(two), court.exchange, 0)[0] == "RETURN_DIFFERS"
    state(two, court.lot, Fact.REVOKED)
    assert court.balance() == 0
    assert two.destination.rows("select count(*) from cap_use") == [(0,)]
    check_books(two)


def test_an_appeal_on_what_was_revoked_meanwhile_adds_nothing(court: Court) -> None:
    two = court.two
    court.decided(100)
    _, name = court.appeal(people(two))
    state(two, court.lot, Fact.REVOKED)
    court.hear(name, 200)
    vote = two.message(two.source, name, MessageType.VOTE)
    assert vote.lots[0].reasons == ("APPEAL_GONE",)
    assert court.balance() == 0
    check_books(two)


def state(two: TwoProvinces, lot: bytes, fact: Fact) -> None:
    statement = Statement(lot_id=lot, fact=fact, reason="RECORD_CORRECTED", amount_hundredths=0)
    two.source.lots.state(statement)
    two.run()


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
    with pytest.raises(Refusal, match="PANEL_TOO_FEW|PANEL_INSTITUTIONS"):
        room.reviews.draw(room.key)
    room.reviews.keep_experts(listed(12))
    room.reviews.draw(room.key)
    room.see(9)
    members = room.reviews.draw(room.key).case.members
    assert len(members) == 3
    assert not case.left.intersection(members)
