"""Decisions of people and on appeal, judged again from the transcripts of both sides."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from federation.base.clock import DAY
from federation.protocol.lots import WantedLot
from federation.protocol.messages import Mode
from node.domain.canonical import digest_of, spell
from node.edges.decision_files import DecisionFile, judge_again, read_decision
from tests.node.court import Court, people
from tests.node.province import DESTINATION, SOURCE, Province
from tests.node.ruled_provinces import decide, message_of
from tests.node.two_provinces import TwoProvinces


@pytest.fixture
def court(two: TwoProvinces) -> Court:
    return Court(two)


def file_of(one: Province, exchange: bytes) -> DecisionFile:
    peer = SOURCE if one.name == DESTINATION else DESTINATION
    ((_, made),) = one.operations.transcripts([(peer, exchange)], with_registry=True)
    return read_decision(made)


def check_both(two: TwoProvinces, exchange: bytes) -> DecisionFile:
    """Check that both transcripts agree, the source's with the rule given."""
    theirs, ours = (file_of(one, exchange) for one in (two.destination, two.source))
    said = judge_again(theirs)
    assert said.agrees, [one.sentences for one in said.differences]
    rules = [
        paper
        for kind, digest in theirs.papers
        if kind == "RULE"
        if (paper := theirs.documents.get(digest))
    ]
    assert judge_again(ours, rules=rules).agrees
    return theirs


def test_a_panel_s_minute_travels_with_the_decision(court: Court) -> None:
    for expert, granted in zip(court.seat(), (250, 200, 0), strict=True):
        court.vote(expert, granted)
    court.reviews.minute(court.key)
    court.two.run()
    file = check_both(court.two, court.exchange)
    told = message_of(file)
    assert told.track == "PANEL"
    assert not told.may_ask_person
    (minute,) = (one for one in told.papers if one.kind == "MINUTE")
    assert (minute.is_here, digest_of(minute.minute)) == (True, minute.digest)
    bent = json.loads(minute.minute)
    bent["results"][0]["granted_hundredths"] = 250
    documents = {digest: one for digest, one in file.documents.items() if digest != minute.digest}
    said = judge_again(replace(file, documents=documents), minute=spell(bent))
    causes = {one.path: one.cause for one in said.differences}
    assert causes["$.given.authority.minute"] == "DOCUMENT_DIFFERS"
    without = judge_again(replace(file, documents=documents))
    assert [one.cause for one in without.differences] == ["DOCUMENT_MISSING"]


def test_a_reviewer_s_finding_travels_too(court: Court) -> None:
    court.decided(200)
    assert message_of(check_both(court.two, court.exchange)).track == "REVIEWER"


@pytest.mark.parametrize("granted", [200, 0], ids=["raised", "left as it was"])
def test_an_appeal_recomputes_whatever_it_adds(court: Court, granted: int) -> None:
    court.decided(100)
    _, name = court.appeal(people(court.two))
    court.hear(name, granted)
    file = check_both(court.two, name)
    assert file.vote is not None
    assert [lot.granted_hundredths for lot in file.vote.lots] == [max(granted, 100)]


def test_a_transfer_that_takes_a_promise_up_recomputes(two: TwoProvinces) -> None:
    promised = decide(two, "CS-101", mode=Mode.RECOGNISE)
    check_both(two, promised.exchange_id)
    two.clock.advance(3 * DAY)
    (lot,) = two.source.exchange(promised.exchange_id).lots
    wanted = WantedLot(lot_id=lot.lot_id, amount_hundredths=lot.amount_hundredths)
    asked = replace(two.application(promised.person, wanted), cites=promised.exchange_id)
    (opened,) = two.source.applications.open([asked])
    two.run()
    assert two.states(opened.exchange_id) == ("CLOSED", "CREDITED")
    known = check_both(two, opened.exchange_id).content
    assert known is not None
    assert known.given.cites == promised.exchange_id.hex()
