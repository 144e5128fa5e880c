"""What a rule would change of the cases decided here, what is lacking, what a case adds to it."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from federation.base.clock import DAY
from federation.base.errors import Breach, Refusal
from node.domain.decision_record import GivenLot
from node.domain.publication import PublicationStep
from node.domain.review_case import Track
from node.domain.rule_cases import TriedCase, try_case
from node.domain.rule_trial import CaseChange, LotChange, ReasonChange, TargetChange
from node.domain.rule_writing import YAML, write_for_people
from node.domain.rulebook_form import canonical_document, parse_rulebook
from node.usecases.decided_offers import decided_offers
from node.usecases.publications import RULE, Publications
from node.usecases.rule_trials import RuleTrials, Trial
from tests.node.province import DESTINATION, SOURCE
from tests.node.published import LI, publish_rule
from tests.node.rule_documents import DOCUMENT, ENTRY, spelled
from tests.node.rulebook_documents import course, entry, grant
from tests.node.rulebook_documents import document as second_form
from tests.node.test_reviews import Room, ballot
from tests.node.two_provinces import TwoProvinces

NAME = f"{DESTINATION}/general"
ANY = {"key": "all", "source": "*", "name": "各省目录", "version": "*"}
HOME = {"key": "gd", "source": DESTINATION, "name": "本省目录", "version": "*"}


def rule_of(*entries: dict[str, Any], version: int = 2, **change: Any) -> bytes:
    """A rule of form 2 of the destination, over catalogues of any version."""
    content = second_form(*entries, rule=NAME, version=version, catalogues=[ANY, HOME]) | change
    return canonical_document(json.dumps(content).encode())


def table(version: int = 2, **change: Any) -> bytes:
    lines = [ENTRY | {"code": "CS-*"} | change]
    return spelled(DOCUMENT | {"rule": NAME, "version": version, "equivalences": lines})


def trials(two: TwoProvinces) -> RuleTrials:
    return RuleTrials(two.destination.office)


def ran(two: TwoProvinces, document: bytes) -> tuple[list[CaseChange], Trial]:
    *changes, trial = trials(two).dry_run(document)
    assert isinstance(trial, Trial)
    return [one for one in changes if isinstance(one, CaseChange)], trial


def decided(two: TwoProvinces, name: str, *codes: str, **facts: str) -> bytes:
    """Let someone new transfer lots, and the destination decide."""
    person = two.person(name)
    lots = [two.lot(person, code=code, **facts) for code in codes]
    exchange = two.apply(person, *lots, whole=False)
    two.run(3)
    return exchange


def test_the_rule_that_decided_would_change_nothing(two: TwoProvinces) -> None:
    decided(two, "钱二", "CS-1", "MA-1")
    before = two.destination.dump()
    changes, trial = ran(two, table(version=1))
    assert changes == []
    assert (trial.sums.cases, trial.sums.changed, trial.unrecorded) == (1, 0, 0)
    assert two.destination.dump() == before, "nothing is stored"


def test_a_dry_run_tells_what_would_come_out_otherwise_and_why(two: TwoProvinces) -> None:
    good = decided(two, "钱二", "CS-1", grade="95")
    low = decided(two, "孙三", "CS-1", "CS-2", grade="65")
    decided(two, "李四", "MA-1")
    new = rule_of(
        entry(course("CS-*", "all", minimum_grade=80), grant("GD-1", ratio="1/1"), repeats=True),
        valid_from="2030-01-01",
    )
    changes, trial = ran(two, new)
    by_exchange = {one.exchange: one for one in changes}
    assert by_exchange[good.hex()].targets == (TargetChange("GD-1", 240, 300),)
    assert by_exchange[good.hex()].lots == ()
    lost = by_exchange[low.hex()]
    assert lost.targets == (TargetChange("GD-1", 480, 0),)
    assert {(one.before, one.after, one.reasons_after) for one in lost.lots} == {
        ("ACCEPT", "REJECT", ("GRADE_BELOW_MINIMUM",))
    }
    assert all(isinstance(one, LotChange) and one.lot.startswith(SOURCE) for one in lost.lots)
    sums = trial.sums
    assert (sums.cases, sums.changed, sums.learners) == (3, 2, 2)
    assert (sums.more_hundredths, sums.less_hundredths) == (60, 480)
    assert [(one.entry, one.cases_before, one.cases_after) for one in sums.entries] == [
        ("e1", 2, 1)
    ]
    assert (sums.entries[0].before, sums.entries[0].after) == (720, 300)
    assert sums.reasons == (ReasonChange("GRADE_BELOW_MINIMUM", 0, 2),)


def test_a_case_whose_values_were_erased_is_left_out_and_counted(two: TwoProvinces) -> None:
    person = two.person("钱二")
    exchange = two.apply(person, two.lot(person))
    two.run()
    assert two.states(exchange) == ("CLOSED", "CREDITED")
    two.destination.accounts.erase(person.accounts[DESTINATION])
    changes, trial = ran(two, rule_of(entry(course("XX", "all"), grant("GD-1"))))
    assert (changes, trial.sums.cases, trial.unrecorded) == ([], 0, 1)
    assert trials(two).gaps() == ()


def test_a_malformed_rule_is_not_tried(two: TwoProvinces) -> None:
    with pytest.raises(Breach, match="RULE_FORM"):
        ran(two, b"{}")


def test_gaps_rank_what_was_refused_by_learners_each_counted_once(two: TwoProvinces) -> None:
    one = two.person("钱二")
    for _ in range(2):
        two.apply(one, two.lot(one, code="MA-1"), whole=False)
        two.run()
    decided(two, "孙三", "MA-1", "CS-1")
    decided(two, "李四", "PE-1")
    found = trials(two).gaps()
    assert [(gap.code, gap.learners, gap.reasons) for gap in found] == [
        ("MA-1", 2, (("NOT_EQUIVALENT", 2),)),
        ("PE-1", 1, (("NOT_EQUIVALENT", 1),)),
    ]
    assert {(gap.source, gap.issuer, gap.title, gap.target) for gap in found} == {
        (SOURCE, "Open University", "数据库原理", "")
    }


def test_a_gap_names_the_target_that_was_wanted_and_not_granted(two: TwoProvinces) -> None:
    person = two.person("钱二")
    lots = (two.lot(person, code="CS-1"), two.lot(person, code="MA-1"))
    wanted = replace(two.application(person, *lots, whole=False), targets=("GD-1", "GD-9"))
    (opened,) = two.source.applications.open([wanted])
    assert not opened.reason
    two.run()
    (gap,) = trials(two).gaps()
    assert (gap.code, gap.target, gap.learners) == ("MA-1", "GD-9", 1)


def test_what_no_rule_can_grant_is_no_gap(two: TwoProvinces) -> None:
    person = two.person("钱二")
    lot = two.lot(person, code="MA-1")
    two.apply(person, lot, whole=False, code=b"x" * 16)
    two.run()
    assert trials(two).gaps() == ()


@pytest.fixture
def room(two: TwoProvinces) -> Room:
    return Room(two)


def panel_grants(room: Room, hundredths: int) -> None:
    for expert in room.seat():
        room.vote(expert, hundredths)
    room.reviews.minute(room.key)


def test_a_panels_case_becomes_the_next_version_that_decides_it_so(room: Room) -> None:
    node = room.two.destination
    publish_rule(node.office, rule_of(entry(course("XX-1", "all"), grant("GD-1"))))
    panel_grants(room, 200)
    document = RuleTrials(node.office).draft(room.key)
    book = parse_rulebook(document)
    assert (book.name, book.version, len(book.entries)) == (NAME, 3, 2)
    drafted = book.entries[1]
    assert (drafted.entry_id, drafted.track) == (f"{room.exchange.hex()}-1", "REVIEWER")
    assert room.exchange.hex() in drafted.note
    (granted,) = drafted.grants
    assert (granted.target, granted.credits_hundredths, granted.level) == ("ZJ-1", 200, 6)
    assert granted.catalogue is not None
    assert (
        granted.catalogue.digest
        == room.node.rows("select digest from publication where kind = 'CATALOGUE'")[0][0]
    )
    # What people read and go on writing says the same.
    read = write_for_people(json.loads(document), YAML)
    assert canonical_document(read.encode(), YAML) == document
    # It may be published as it is, and then decides the case as the panel did.
    publish_rule(node.office, document)
    judged = _tried_again(room, document)
    assert judged == {"ZJ-1": 200}


def _tried_again(room: Room, document: bytes) -> dict[str, int]:
    """Judge the outcome that was before the panel by a rule."""
    (offer,) = decided_offers(room.node.store)
    ((lot_id, facts),) = offer.facts.items()
    lot = GivenLot(
        lot=f"{SOURCE}:{lot_id.hex()}", source=SOURCE, amount_hundredths=300, facts=facts
    )
    case = TriedCase(name="", line=1, lots=(lot,), wanted=(), expected=None, reasons=None)
    judge = room.node.office.rules.open(document)
    return dict(try_case(judge, case, on="2026-03-02").granted)


def test_a_reviewers_case_becomes_a_line_of_a_table(room: Room) -> None:
    room.open(Track.REVIEWER)
    room.reviews.claim(room.key, by="expert-0")
    room.reviews.propose(room.key, ballot(200), by="expert-0")
    document = RuleTrials(room.node.office).draft(room.key)
    content = json.loads(document)
    assert content["version"] == 2
    _, line = content["equivalences"]
    assert (line["source"], line["code"], line["target"]) == (SOURCE, "CS-101", "ZJ-1")
    assert (line["ratio"], line["minimum_grade"]) == ("2/3", 85)


def test_a_province_without_a_rule_begins_one(room: Room) -> None:
    node = room.two.destination
    panel_grants(room, 200)
    (known,) = Publications(node.office).list(RULE)
    room.two.clock.advance(DAY)
    Publications(node.office).take_step(
        RULE, known.name, known.version, PublicationStep.RETIRE, by=LI, digest=known.digest
    )
    book = parse_rulebook(RuleTrials(node.office).draft(room.key))
    assert (book.name, book.version, len(book.entries)) == (NAME, 2, 1)


def test_what_people_did_not_grant_drafts_nothing(two: TwoProvinces) -> None:
    granted = decided(two, "钱二", "CS-1")
    refused = decided(two, "孙三", "MA-1")
    for exchange in (granted, refused):
        with pytest.raises(Refusal, match="NO_DECISION"):
            trials(two).draft((SOURCE, exchange))
    with pytest.raises(Refusal, match="EXCHANGE"):
        trials(two).draft((SOURCE, bytes(16)))
