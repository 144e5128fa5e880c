"""Outcomes from submission to credit: two persons review, and one lot follows, once."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from federation.base.clock import DAY
from federation.base.errors import Breach, Refusal
from federation.protocol.lots import WantedLot
from node.config import NodeConfig
from node.domain.archive import ArchivedOutcome, Staff, Submission
from node.domain.lot import Lot
from node.domain.outcome_life import OutcomeRole, OutcomeState, OutcomeStep
from node.domain.publication import PublicationStep
from node.storage.evidence_shelf import EvidenceShelf
from node.usecases.accreditation import Accreditation
from node.usecases.evidence import Evidence
from node.usecases.publications import HOURS, Publications
from tests.node.bank_desk import Desk, found, served
from tests.node.books import check_books
from tests.node.province import FACTS, SOURCE
from tests.node.two_provinces import TwoProvinces

SCHOOL, OTHER_SCHOOL = "上海开放大学", "另一学院"
FIRST, SECOND, THIRD = "jwc-li", "bank-wang", "bank-zhao"
PORTAL = "portal"
PDF = b"%PDF-1.7\nscan"
T = OutcomeStep
PROGRAMME = """name = "CN-31/volunteering"
version = "1"
form = "VOLUNTEERING"
threshold_hours = 32
award_credits = "1.00"
most_awards = 2
code = "VOL-1"
catalogue = "2026.1"
title = "志愿服务实践"
issuer = "上海开放大学"
level = 3
"""


class Bank:
    """The source province with its reviewers and one learner."""

    def __init__(self, two: TwoProvinces, home: Path) -> None:
        self.two, self.node = two, two.source
        self.evidence = Evidence(two.source.office, EvidenceShelf(home / "files"), None)  # type: ignore[arg-type]
        self.desk = Accreditation(two.source.office, self.evidence)
        self.person = two.person()
        self.account = self.person.accounts[SOURCE]
        self.appoint(FIRST, OutcomeRole.INSTITUTION)
        self.appoint(SECOND, OutcomeRole.BANK)
        self.appoint(THIRD, OutcomeRole.BANK)

    def appoint(self, account: str, role: OutcomeRole, person: str = "") -> None:
        school = SCHOOL if role is OutcomeRole.INSTITUTION else ""
        staff = Staff(account=account, role=role, institution=school, person=person or account)
        self.desk.appoint(staff, by="operator")

    def submit(
        self, name: str = "o1", *, by: str = PORTAL, facts: Any = None, **changes: Any
    ) -> ArchivedOutcome:
        values: dict[str, Any] = {
            "outcome": name,
            "form": "DEGREE_COURSE",
            "account": self.account,
            "institution": SCHOOL,
            "hundredths": 300,
            "minutes": 0,
            "programme": "",
            "facts": FACTS | {"code": "CS-101", "title": "数据库原理"} | (facts or {}),
        }
        return self.desk.submit(Submission(**values | changes), by=by)

    def attach(self, name: str = "o1", kind: str = "TRANSCRIPT", content: bytes = PDF) -> bytes:
        return self.desk.attach(name, kind, content, by=PORTAL).digest

    def take(self, step: OutcomeStep, by: str, *reasons: str, name: str = "o1") -> ArchivedOutcome:
        return self.desk.take_step(name, step, by=by, reasons=reasons)

    def reviewed(self, name: str = "o1") -> None:
        self.take(T.REVIEW, FIRST, name=name)
        self.take(T.REREVIEW, SECOND, name=name)

    def lots(self) -> list[Lot]:
        return list(self.node.accounts.archive(self.account).lots)

    def hours(self, name: str, hours: int) -> ArchivedOutcome:
        """Take hours of volunteering through to the bank."""
        self.submit(
            name,
            form="VOLUNTEERING",
            hundredths=0,
            minutes=hours * 60,
            programme="CN-31/volunteering@1",
            facts={"kind": "INFORMAL"},
        )
        self.attach(name, "SERVICE_RECORD")
        self.reviewed(name)
        return self.take(T.ACCREDIT, SECOND, name=name)


@pytest.fixture
def bank(two: TwoProvinces, tmp_path: Path) -> Bank:
    return Bank(two, tmp_path)


def test_two_persons_review_and_the_lot_is_there_once(bank: Bank) -> None:
    bank.submit()
    digest = bank.attach()
    bank.take(T.REVIEW, FIRST)
    bank.take(T.REREVIEW, SECOND)
    assert bank.lots() == []
    done = bank.take(T.ACCREDIT, SECOND)
    (lot,) = bank.lots()
    assert (done.record.state, done.record.lot) == (OutcomeState.DEPOSITED, lot.lot_id.hex())
    facts = lot.facts()
    assert facts is not None
    assert (lot.amount_hundredths, facts.code, facts.title) == (300, "CS-101", "数据库原理")
    named = bank.node.store.read(lambda reading: reading.lot_files([lot.lot_id]))
    assert [one.digest for one in named] == [digest]
    with pytest.raises(Refusal, match="OUTCOME_STATE"):
        bank.take(T.ACCREDIT, THIRD)
    assert len(bank.lots()) == 1
    assert bank.node.accounts.archive(bank.account).balance_hundredths == 300
    check_books(bank.two)


def test_an_accredited_lot_moves_as_any_other(bank: Bank) -> None:
    bank.submit()
    bank.attach()
    bank.reviewed()
    bank.take(T.ACCREDIT, SECOND)
    (lot,) = bank.lots()
    wanted = WantedLot(lot_id=lot.lot_id, amount_hundredths=300)
    exchange = bank.two.apply(bank.person, wanted)
    bank.two.run()
    assert bank.two.states(exchange) == ("CLOSED", "CREDITED")


def test_nobody_reviews_twice_or_their_own(bank: Bank) -> None:
    bank.submit(by=FIRST)
    bank.attach()
    with pytest.raises(Refusal, match="SAME_PERSON"):
        bank.take(T.REVIEW, FIRST)
    with pytest.raises(Refusal, match="OUTCOME_ROLE"):
        bank.take(T.REVIEW, SECOND)
    with pytest.raises(Refusal, match="OUTCOME_ROLE"):
        bank.take(T.REVIEW, PORTAL)
    with pytest.raises(Refusal, match="SAME_PERSON"):
        bank.appoint("second-account", OutcomeRole.BANK, person=FIRST)
    bank.appoint("own-li", OutcomeRole.INSTITUTION, person=bank.account)
    with pytest.raises(Refusal, match="SAME_PERSON"):
        bank.take(T.REVIEW, "own-li")
    bank.appoint("jwc-wu", OutcomeRole.INSTITUTION)
    assert bank.take(T.REVIEW, "jwc-wu").record.reviewed_by == "jwc-wu"


def test_another_institution_neither_submits_nor_reviews(bank: Bank) -> None:
    with pytest.raises(Refusal, match="OUTCOME_ROLE"):
        bank.submit(by=FIRST, institution=OTHER_SCHOOL)
    bank.submit(institution=OTHER_SCHOOL)
    bank.attach()
    with pytest.raises(Refusal, match="OUTCOME_ROLE"):
        bank.take(T.REVIEW, FIRST)


def test_evidence_of_the_form_is_needed(bank: Bank) -> None:
    bank.submit(form="ONE_PLUS_X", facts={"kind": "CERTIFICATE"})
    bank.attach(kind="CERTIFICATE_COPY")
    with pytest.raises(Refusal, match="EVIDENCE_MISSING"):
        bank.take(T.REVIEW, FIRST)
    bank.attach(kind="REGISTER_EXTRACT", content=b"register")
    bank.take(T.REVIEW, FIRST)
    with pytest.raises(Refusal, match="OUTCOME_STATE"):
        bank.attach(kind="OTHER", content=b"late")
    for kind, content, reason in (
        ("DIARY", b"x", "FIELDS"),
        ("OTHER", b"", "EVIDENCE_SIZE"),
        ("OTHER", b"\x00\x01", "EVIDENCE_TYPE"),
    ):
        with pytest.raises(Breach, match=reason):
            bank.attach(kind=kind, content=content)


def test_returned_and_submitted_again_it_is_reviewed_anew(bank: Bank) -> None:
    bank.submit()
    bank.attach()
    bank.take(T.REVIEW, FIRST)
    with pytest.raises(Breach, match="REASON_FORM"):
        bank.take(T.RETURN, SECOND, "please")
    returned = bank.take(T.RETURN, SECOND, "SYLLABUS_WANTED")
    assert returned.record.reasons == ("SYLLABUS_WANTED",)
    assert returned.record.answer_until == "2026-04-01"
    added = bank.attach(kind="SYLLABUS", content=b"syllabus")
    again = bank.take(T.RESUBMIT, PORTAL)
    assert (again.record.state, again.record.reviewed_by) == (OutcomeState.SUBMITTED, "")
    assert again.record.evidence[added.hex()] == "SYLLABUS"
    bank.reviewed()
    assert bank.take(T.ACCREDIT, THIRD).record.lot


def test_a_return_that_nobody_answers_expires(bank: Bank) -> None:
    bank.submit()
    bank.take(T.RETURN, FIRST, "EVIDENCE_MISSING")
    bank.two.clock.advance(30 * DAY)
    assert bank.desk.expire_unanswered() == 0
    bank.two.clock.advance(DAY)
    assert bank.desk.expire_unanswered() == 1
    assert bank.desk.show("o1").record.state is OutcomeState.EXPIRED


@pytest.mark.parametrize("step", [T.REFUSE, T.WITHDRAW])
def test_what_ended_stays_ended(bank: Bank, step: OutcomeStep) -> None:
    bank.submit()
    bank.attach()
    ended = bank.take(step, FIRST, *(["NOT_GENUINE"] if step is T.REFUSE else []))
    assert ended.record.state in (OutcomeState.REFUSED, OutcomeState.WITHDRAWN)
    for again, by in ((T.REVIEW, FIRST), (T.WITHDRAW, PORTAL), (T.RESUBMIT, PORTAL)):
        with pytest.raises(Refusal, match="OUTCOME_STATE"):
            bank.take(again, by)
    assert bank.lots() == []


def test_a_name_is_one_outcome(bank: Bank) -> None:
    first = bank.submit()
    assert bank.submit() == first
    with pytest.raises(Breach, match="DUPLICATE_OUTCOME"):
        bank.submit(hundredths=400)
    with pytest.raises(Refusal, match="ACCOUNT"):
        bank.submit("o2", account="31000000000000000000")
    with pytest.raises(Refusal, match="OUTCOME"):
        bank.desk.show("o\0")


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"form": "MOOC"}, "FIELDS"),
        ({"form": "COMPETITION"}, "FIELDS"),
        ({"hundredths": 0}, "AMOUNT"),
        ({"minutes": 60}, "FIELDS"),
        ({"programme": "x@1"}, "FIELDS"),
        ({"facts": {"earned": "31.12.2025"}}, "DATE"),
        ({"institution": "\x07"}, "BAD_TEXT"),
        ({"outcome": ""}, "BAD_TEXT"),
    ],
)
def test_a_malformed_submission_is_not_kept(
    bank: Bank, changes: dict[str, Any], reason: str
) -> None:
    with pytest.raises(Breach, match=reason):
        bank.submit(**changes)
    assert bank.node.rows("select * from outcome") == []


def test_hours_add_up_and_bring_a_lot_when_they_fill_a_threshold(bank: Bank) -> None:
    with pytest.raises(Refusal, match="PROGRAMME"):
        bank.hours("h0", 10)
    publish_programme(bank)
    assert bank.take(T.ACCREDIT, SECOND, name="h0").record.state is OutcomeState.ACCREDITED
    assert bank.hours("h1", 20).record.lot == ""
    assert bank.lots() == []
    filled = bank.hours("h2", 36)
    (lot,) = bank.lots()
    assert (filled.record.lot, lot.amount_hundredths) == (lot.lot_id.hex(), 200)
    facts = lot.facts()
    assert facts is not None
    assert (facts.title, facts.hours, facts.kind) == ("志愿服务实践", 64, "INFORMAL")
    # No more than two awards in one account: 2 hours remain, and more do not help.
    assert bank.hours("h3", 100).record.lot == ""
    assert bank.node.rows("select awards, remainder_minutes from hours_account") == [(2, 6120)]
    check_books(bank.two)


def test_hours_struck_are_missing_from_the_sum(bank: Bank) -> None:
    publish_programme(bank)
    bank.hours("h1", 20)
    assert bank.take(T.REVOKE, SECOND, "NOT_GENUINE", name="h1").record.state is (
        OutcomeState.REVOKED
    )
    assert bank.hours("h2", 31).record.lot == ""
    assert bank.hours("h3", 1).record.lot


def publish_programme(bank: Bank) -> None:
    desk = Publications(bank.node.office)
    made = desk.hand_in(HOURS, PROGRAMME.encode(), by="operator-li")
    for step, by in (
        (PublicationStep.APPROVE, "operator-li"),
        (PublicationStep.PUBLISH, "operator"),
    ):
        desk.take_step(HOURS, made.name, made.version, step, by=by, digest=made.digest)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("threshold_hours = 32", "threshold_hours = 0"),
        ('form = "VOLUNTEERING"', 'form = "COMPETITION"'),
        ('award_credits = "1.00"', 'award_credits = "-1"'),
        ("most_awards = 2", "most_awards = true"),
        ("level = 3", "level = 30"),
        ('code = "VOL-1"', ""),
        ("level = 3", "lvl = 3"),
        ("level = 3", "level = "),
    ],
)
def test_a_malformed_programme_is_refused(bank: Bank, before: str, after: str) -> None:
    with pytest.raises(Breach, match="HOURS_FORM"):
        Publications(bank.node.office).hand_in(
            HOURS, PROGRAMME.replace(before, after).encode(), by="operator"
        )


def test_erasure_takes_an_outcomes_facts_and_files(bank: Bank) -> None:
    bank.submit()
    bank.attach()
    bank.submit("o2", facts={"title": "罕见学课程"})
    bank.node.accounts.erase(bank.account)
    assert bank.desk.show("o2").facts == {}
    assert bank.node.rows("select * from outcome_file") == []
    with pytest.raises(Refusal, match="EVIDENCE_MISSING"):
        bank.take(T.REVIEW, FIRST)
    assert "罕见学课程".encode() not in bank.node.stored_bytes()


def test_evidence_under_review_is_not_tidied_away(bank: Bank) -> None:
    bank.submit()
    digest = bank.attach()
    assert bank.node.store.read(lambda reading: reading.wanted_files()) == {digest}


@pytest.fixture(scope="module")
def config(tmp_path_factory: pytest.TempPathFactory) -> NodeConfig:
    return found(tmp_path_factory.mktemp("node") / "sh", SOURCE)


@pytest.fixture
def commands(
    bank: Bank,
    config: NodeConfig,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> Iterator[Desk]:
    with served(config, bank.node.office, bank.evidence, monkeypatch):
        yield Desk(capsys)


def test_commands_take_an_outcome_to_credit(commands: Desk, bank: Bank, tmp_path: Path) -> None:
    file = tmp_path / "t.pdf"
    file.write_bytes(PDF)
    facts = {name: FACTS[name] for name in ("catalogue", "earned", "kind", "issuer")}
    words = [f"{name}={value}" for name, value in (facts | {"code": "C1", "title": "数学"}).items()]
    submission = ["outcome", "submit", "a1", "--form", "DEGREE_COURSE", "--account", bank.account]
    submission += ["--institution", SCHOOL, "--credits", "2.5"]
    submission += [part for word in words for part in ("--fact", word)]
    submitted = commands.ok(*submission, account=PORTAL)["outcome"]
    assert (submitted["state"], submitted["missing"]) == ("SUBMITTED", ["TRANSCRIPT"])
    commands.ok("outcome", "evidence", "a1", str(file), "--kind", "TRANSCRIPT", account=PORTAL)
    assert commands.ok("outcome", "review", "a1", account=FIRST)["outcome"]["state"] == "REVIEWED"
    assert commands.reason("outcome", "appoint", "jwc-x", "--bank", account=FIRST) == "NOT_LOCAL"
    returning = ("outcome", "return", "a1", "--reason", "SYLLABUS_WANTED")
    assert commands.ok(*returning, account=SECOND)["outcome"]["state"] == "RETURNED"
    commands.ok("outcome", "resubmit", "a1", account=PORTAL)
    for account, state in ((FIRST, "REVIEWED"), (SECOND, "REREVIEWED")):
        assert commands.ok("outcome", "review", "a1", account=account)["outcome"]["state"] == state
    done = commands.ok("outcome", "accredit", "a1", account=THIRD)["outcome"]
    (lot,) = bank.lots()
    assert (done["state"], done["lot"], lot.amount_hundredths) == (
        "DEPOSITED",
        lot.lot_id.hex(),
        250,
    )
    (listed,) = commands.ok("outcome", "list", "--state", "DEPOSITED")["outcomes"]
    assert (listed["outcome"], listed["credits"], listed["title"]) == ("a1", "2.50", "数学")
    assert commands.ok("outcome", "show", "a1")["outcome"]["rereviewed_by"] == SECOND
    freezing = ("outcome", "freeze", "a1", "--reason", "UNDER_REVIEW")
    assert commands.ok(*freezing, account=SECOND)["outcome"]["state"] == "FROZEN"
    assert bank.lots()[0].hold == "FROZEN"
    thawing = ("outcome", "unfreeze", "a1", "--reason", "REVIEW_ENDED")
    assert commands.ok(*thawing, account=SECOND)["outcome"]["state"] == "DEPOSITED"
    assert [one["account"] for one in commands.ok("outcome", "staff")["staff"]] == [
        SECOND,
        THIRD,
        FIRST,
    ]
