"""Offers that people decide: a reviewer, a second person, a panel that nobody could choose."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from federation.base.clock import DAY, HOUR
from federation.base.errors import Refusal
from federation.protocol.messages import MessageType, Verdict
from node.config import NodeConfig, make_config
from node.domain.catalogue_form import canonical_catalogue
from node.domain.experts import Expert, eligible
from node.domain.panel import Ballot, read_minute
from node.domain.panel_draw import draw, read_notice, seed_of
from node.domain.publication import PublicationStep
from node.domain.review_case import ReviewPolicy, ReviewState, Track
from node.domain.review_form import Review
from node.storage.evidence_shelf import EvidenceShelf
from node.usecases.deciding import Deciding
from node.usecases.evidence import Evidence
from node.usecases.publications import CATALOGUE, Publications
from node.usecases.review_cases import Asked
from node.usecases.reviews import Reviews
from tests.node.bank_desk import Desk, found, served
from tests.node.province import DESTINATION, FACTS
from tests.node.test_publications import catalogue, entry
from tests.node.two_provinces import TwoProvinces

POLICY = ReviewPolicy(decision_days=20, claim_hours=72, second_above_hundredths=200)
SCHOOLS = ("浙江大学", "宁波大学")


def timestamp(version: int) -> bytes:
    return b'{"signed":{"version":%d}}' % version


def listed(count: int = 6) -> list[tuple[str, Expert]]:
    return [
        (
            f"expert-{at}",
            Expert(
                expert=f"E-{at}",
                person=f"expert-{at}",
                institution=SCHOOLS[at % 2],
                fields=("520",),
                active_from="2020-01-01",
            ),
        )
        for at in range(count)
    ]


class Room:
    """The destination, which lets people decide, with one offer before it."""

    def __init__(self, two: TwoProvinces) -> None:
        self.two, self.node = two, two.destination
        self.node.office.reviews_by_person = True
        self.reviews = Reviews(self.node.office, Deciding(self.node.office), POLICY)
        self.publish("2025.1", ("ZJ-1", 250))
        self.reviews.keep_experts(listed())
        self.see(7)
        person = two.person("钱二")
        lot = self.two.lot(person)
        self.lot = lot.lot_id
        self.exchange = self.two.apply(person, lot)
        self.two.run(3)
        self.key = (self.two.source.name, self.exchange)

    def publish(self, version: str, *targets: tuple[str, int]) -> None:
        """Let two persons publish a catalogue of targets with their credits."""
        name = f"{DESTINATION}/courses"
        made = catalogue(*(entry(*one) for one in targets), name=name, version=version)
        desk = Publications(self.node.office)
        desk.hand_in(CATALOGUE, canonical_catalogue(made), by="li")
        for step, by in ((PublicationStep.APPROVE, "li"), (PublicationStep.PUBLISH, "wang")):
            desk.take_step(CATALOGUE, made.name, made.version, step, by=by, digest=made.digest)

    def see(self, version: int) -> None:
        """Let the registry's timestamp have a version."""
        known = self.node.registry.known
        self.node.registry.known = replace(known, files={"timestamp.json": timestamp(version)})

    def open(self, track: Track = Track.PANEL) -> Review:
        asked = [Asked(lots=(self.lot,), version="2025.1", code="ZJ-1")]
        return self.reviews.open(self.key, asked, track=track, field="520.20")

    def seat(self) -> tuple[str, ...]:
        self.open()
        self.reviews.draw(self.key)
        self.see(8)
        return self.reviews.draw(self.key).case.members

    def vote(self, expert: str, granted: int, *, declares: bool = True) -> Review:
        by = expert.replace("E-", "expert-")
        return self.reviews.vote(self.key, ballot(granted), declares=declares, by=by)

    def voted(self) -> Any:
        return self.two.message(self.node, self.exchange, MessageType.VOTE)


def ballot(granted: int) -> list[Ballot]:
    reasons = () if granted else ("BELOW_STANDARD",)
    return [Ballot(expert="", question="q1", granted_hundredths=granted, reasons=reasons)]


@pytest.fixture
def room(two: TwoProvinces) -> Room:
    return Room(two)


def test_a_panel_is_drawn_by_a_timestamp_nobody_knew_and_decides_by_majority(room: Room) -> None:
    room.open()
    room.reviews.draw(room.key)
    assert room.reviews.show(room.key).waits_for == 8
    assert room.reviews.draw(room.key).case.state is ReviewState.PANEL_WANTED
    room.see(8)
    seated = room.reviews.draw(room.key)
    members = seated.case.members
    assert (seated.case.state, len(members)) == (ReviewState.VOTING, 3)
    # Anybody can draw again what was drawn.
    (kept,) = room.node.store.read(lambda reading: reading.draws(room.key))
    notice = read_notice(kept[0])
    seed = seed_of(notice, secret=kept[1], beacon=8, timestamp=timestamp(8))
    able = eligible([one for _, one in listed()], seated.case.parties, on="2026-03-02")
    assert set(draw(able, notice, seed)) == set(members)
    for expert, granted in zip(members, (250, 200, 0), strict=True):
        room.vote(expert, granted)
    done = room.reviews.minute(room.key)
    minute = read_minute(done.decision)
    assert (done.case.state, done.case.proposal) == (ReviewState.DECIDED, minute.digest)
    assert minute.results[0].granted_hundredths == 200
    vote = room.voted()
    assert (vote.lots[0].granted_hundredths, vote.lots[0].target) == (200, "ZJ-1")
    assert vote.record.granted_hundredths == 200
    room.two.run()
    assert room.two.states(room.exchange) == ("CLOSED", "CREDITED")


def test_a_panel_that_grants_nothing_refuses_with_its_reasons(room: Room) -> None:
    for expert, granted in zip(room.seat(), (0, 0, 250), strict=True):
        room.vote(expert, granted)
    room.reviews.minute(room.key)
    (lot,) = room.voted().lots
    assert (lot.verdict, lot.reasons) == (Verdict.REJECT, ("BELOW_STANDARD",))
    room.two.run()
    assert room.two.states(room.exchange)[1] in ("REJECTED", "RELEASED")


def test_only_members_vote_and_only_a_full_panel_makes_a_minute(room: Room) -> None:
    members = room.seat()
    outsider = next(one.expert for _, one in listed() if one.expert not in members)
    with pytest.raises(Refusal, match="PANEL_MEMBERS"):
        room.vote(outsider, 250)
    with pytest.raises(Refusal, match="PANEL_DECLARATION"):
        room.vote(members[0], 250, declares=False)
    with pytest.raises(Refusal, match="RULE_LIMIT"):
        room.vote(members[0], 251)
    with pytest.raises(Refusal, match="BALLOT"):
        room.reviews.vote(room.key, [], declares=True, by=members[0].replace("E-", "expert-"))
    with pytest.raises(Refusal, match="EXPERT"):
        room.reviews.vote(room.key, ballot(1), declares=True, by="operator")
    room.vote(members[0], 250)
    room.vote(members[1], 250)
    with pytest.raises(Refusal, match="BALLOT"):
        room.reviews.minute(room.key)
    assert room.two.states(room.exchange)[1] == "RECEIVED"


def test_a_timestamp_that_was_missed_means_a_new_round(room: Room) -> None:
    room.open()
    room.reviews.draw(room.key)
    room.see(9)
    assert room.reviews.draw(room.key).case.state is ReviewState.PANEL_WANTED
    shown = room.reviews.show(room.key)
    assert (shown.draw_round, shown.waits_for) == (2, 10)


def test_who_has_a_conflict_is_not_drawn(room: Room) -> None:
    conflicted = [
        (account, replace(one, interests=frozenset({FACTS["issuer"]})) if at < 4 else one)
        for at, (account, one) in enumerate(listed())
    ]
    room.reviews.keep_experts(conflicted)
    room.open()
    with pytest.raises(Refusal, match="PANEL_TOO_FEW"):
        room.reviews.draw(room.key)
    with pytest.raises(Refusal, match="EXPERT"):
        room.reviews.keep_experts([*listed(), ("again", listed()[0][1])])


def test_a_reviewer_decides_and_above_the_threshold_a_second_person(room: Room) -> None:
    room.open(Track.REVIEWER)
    with pytest.raises(Refusal, match="CASE_STATE"):
        room.reviews.propose(room.key, ballot(250), by="expert-0")
    room.reviews.claim(room.key, by="expert-0")
    with pytest.raises(Refusal, match="CASE_CLAIMED"):
        room.reviews.claim(room.key, by="expert-1")
    room.reviews.propose(room.key, ballot(250), by="expert-0")
    with pytest.raises(Refusal, match="SECOND_PERSON"):
        room.reviews.claim(room.key, by="expert-0")
    assert room.two.states(room.exchange)[1] == "RECEIVED"
    room.reviews.claim(room.key, by="expert-1")
    room.reviews.second(room.key, agrees=True, by="expert-1")
    assert room.voted().lots[0].granted_hundredths == 250


def test_where_two_disagree_a_panel_decides(room: Room) -> None:
    room.open(Track.REVIEWER)
    room.reviews.claim(room.key, by="expert-0")
    room.reviews.propose(room.key, ballot(250), by="expert-0")
    room.reviews.claim(room.key, by="expert-1")
    after = room.reviews.second(room.key, agrees=False, by="expert-1")
    assert after.case.state is ReviewState.PANEL_WANTED
    assert after.case.parties.decided_before == {"E-0", "E-1"}
    room.reviews.draw(room.key)
    room.see(8)
    assert not {"E-0", "E-1"} & set(room.reviews.draw(room.key).case.members)


def test_a_small_grant_needs_one_person_and_a_claim_lapses(room: Room) -> None:
    room.open(Track.REVIEWER)
    room.reviews.claim(room.key, by="expert-0")
    room.two.clock.advance(72 * HOUR)
    with pytest.raises(Refusal, match="CASE_CLAIMED"):
        room.reviews.propose(room.key, ballot(200), by="expert-0")
    room.reviews.claim(room.key, by="expert-1")
    assert room.reviews.propose(room.key, ballot(200), by="expert-1").case.state is (
        ReviewState.DECIDED
    )
    assert room.voted().lots[0].granted_hundredths == 200


def test_the_clock_runs_in_working_days(room: Room) -> None:
    room.open()
    assert not room.reviews.show(room.key).is_overdue
    room.two.clock.advance(29 * DAY)
    assert room.reviews.show(room.key).is_overdue
    assert [one.key for one in room.reviews.list()] == [room.key]


def test_a_holiday_is_no_working_day(room: Room, config: NodeConfig) -> None:
    ours = make_config(config.directory, {"province": DESTINATION, "holidays": "2026-03-03"})
    room.node.office.calendar = ours.calendar
    room.open()
    room.two.clock.advance(29 * DAY)
    assert not room.reviews.show(room.key).is_overdue
    with pytest.raises(Refusal, match="CONFIG"):
        make_config(config.directory, {"province": DESTINATION, "makeup_days": "2026-02-30"})


def test_asking_stops_the_clock_and_asks_the_source(room: Room) -> None:
    room.open(Track.REVIEWER)
    room.reviews.claim(room.key, by="expert-0")
    room.two.clock.advance(DAY)
    asked = room.reviews.ask(room.key, {room.lot: ["SYLLABUS_WANTED"]}, by="expert-0")
    assert (asked.case.state, asked.case.days_left) == (ReviewState.RETURNED, 19)
    room.two.run(3)
    question = room.two.message(room.two.source, room.exchange, MessageType.SUPPLEMENT_ASKED)
    assert question.lots[0].reasons == ("SYLLABUS_WANTED",)
    assert room.reviews.note_answers() == 0


def test_a_case_needs_an_offer_that_is_held_and_a_target_that_is_published(room: Room) -> None:
    for lots, code, reason in (
        ((), "ZJ-1", "LOT"),
        ((b"n" * 16,), "ZJ-1", "LOT"),
        ((room.lot,), "ZJ-9", "CATALOGUE_ENTRY"),
    ):
        asked = [Asked(lots=lots, version="2025.1", code=code)]
        with pytest.raises(Refusal, match=reason):
            room.reviews.open(room.key, asked, track=Track.PANEL)
    # The rule proposes nothing to people, so there is nothing to be asked of it.
    with pytest.raises(Refusal, match="LOT"):
        room.reviews.open(room.key, track=Track.PANEL)
    with pytest.raises(Refusal, match="EXCHANGE"):
        room.reviews.open(("CN-31", b"\0" * 16), track=Track.PANEL)
    with pytest.raises(Refusal, match="REVIEW"):
        room.reviews.show(room.key)


@pytest.fixture(scope="module")
def config(tmp_path_factory: pytest.TempPathFactory) -> NodeConfig:
    return found(tmp_path_factory.mktemp("node") / "zj", DESTINATION)


@pytest.fixture
def commands(
    room: Room,
    config: NodeConfig,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> Iterator[Desk]:
    office = room.node.office
    evidence = Evidence(office, EvidenceShelf(tmp_path / "files"), None)  # type: ignore[arg-type]
    with served(config, office, evidence, monkeypatch):
        yield Desk(capsys)


def test_commands_take_an_offer_through_a_panel(commands: Desk, room: Room, tmp_path: Path) -> None:
    file = tmp_path / "experts.csv"
    rows = [f"E-{at},expert-{at},{SCHOOLS[at % 2]},520;880,2020-01-01" for at in range(6)]
    file.write_text("\n".join(["expert,account,institution,fields,active_from", *rows]))
    assert commands.ok("expert", "import", str(file))["list"]["experts"] == 6
    assert len(commands.ok("expert", "list")["experts"]) == 6
    name = room.exchange.hex()
    opening = ("panel", "open", name, "--panel", "--target", f"{room.lot.hex()}=2025.1/ZJ-1")
    assert commands.reason(*opening, account="expert-1") == "NOT_LOCAL"
    assert commands.ok(*opening)["review"]["state"] == "PANEL_WANTED"
    assert commands.run("panel", "draw", name)[0] == 4
    room.see(8)
    members = commands.ok("panel", "draw", name)["review"]["members"]
    for member in members:
        account = member.replace("E-", "expert-")
        voting = ("panel", "vote", name, "--grant", "q1=2.50", "--no-interest")
        commands.ok(*voting, account=account)
    done = commands.ok("panel", "minute", name)["review"]
    assert (done["state"], sorted(done["voted"])) == ("DECIDED", sorted(members))
    assert commands.ok("panel", "show", name)["review"]["decision"] == done["decision"]
    assert [one["exchange"] for one in commands.ok("panel", "list")["reviews"]] == [name]
    assert room.voted().lots[0].granted_hundredths == 250


def test_precedents_advise_with_reasons_and_decide_nothing(commands: Desk, room: Room) -> None:
    before = room.node.dump()
    name = room.exchange.hex()
    (lot,) = commands.ok("request", "precedents", name)["precedents"]
    assert room.node.dump() == before
    (candidate,) = lot["candidates"]
    assert (candidate["code"], candidate["title"]) == ("ZJ-1", "数据库原理")
    assert {one["aspect"] for one in candidate["because"]} >= {"NAME", "LEVEL", "HOURS"}
    assert all(one["zh"] and one["en"] for one in candidate["because"])
    assert lot["similar"] == []
    room.open(Track.REVIEWER)
    room.reviews.claim(room.key, by="expert-0")
    room.reviews.propose(room.key, ballot(0), by="expert-0")
    person = room.two.person("孙三")
    again = room.two.apply(person, room.two.lot(person))
    room.two.run(3)
    (lot,) = commands.ok("request", "precedents", again.hex())["precedents"]
    (like,) = lot["similar"]
    assert (like["verdict"], like["reasons"]) == ("REJECT", ["BELOW_STANDARD"])
    assert like["case_id"] == f"{name}/{room.lot.hex()}"
    assert like["issuer"] == FACTS["issuer"]
