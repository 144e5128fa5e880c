"""Appeals through the real exchange: other people, the difference upward, nothing debited twice."""

from __future__ import annotations

from typing import Any

import pytest

from federation.base.clock import DAY
from federation.base.errors import Refusal
from federation.protocol.messages import Fact, MessageType, Mode, Verdict
from node.domain.decision_seals import read_record
from node.domain.draft_rule import drafts_of
from node.domain.notices import Statement
from node.domain.panel import read_minute
from node.domain.review_case import Track
from node.usecases.review_cases import Asked
from tests.node.books import check_books
from tests.node.court import Court, beside_vote, check_recomputes, people
from tests.node.province import DESTINATION, SOURCE
from tests.node.restoring import Watched, back_up, restore
from tests.node.test_recovery import settle
from tests.node.test_returns import give_back
from tests.node.two_provinces import TwoProvinces


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
    # The case can become the draft of a rule.
    outcomes = {lot.lot: (lot.source, lot.facts) for lot in given.lots}
    (draft,) = drafts_of(read_minute(minute), outcomes)
    assert (draft.target, draft.granted_hundredths) == ("ZJ-1", 200)
    assert [(leaf.source, leaf.code) for leaf in draft.requires] == [(SOURCE, "CS-101")]
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


def test_what_an_appeal_added_is_for_people_to_issue_again_after_a_restore(
    two: TwoProvinces,
) -> None:
    watched = Watched(two)
    court = Court(two)
    court.decided(100)
    _, name = court.appeal(people(two))
    backup = back_up(two.destination)
    court.hear(name, 200)
    assert court.balance() == 200
    watched.follow()
    restore(two.destination, backup)
    settle(watched)
    assert two.states(name) == ("RECOGNISED", "RECOGNISED")
    assert two.destination.exchange(name).relates_to == court.exchange
    notes = two.destination.rows("select note from open_case where exchange_id = ?", name)
    assert [note for (note,) in notes] == ["FOLLOW_UP_LOST"]
    assert court.balance() == 100
    check_books(two)
