"""Programmes of study: written by people, entered and left, and where a learner stands."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from federation.base.clock import DAY
from federation.base.errors import Breach, Refusal
from node.config import NodeConfig
from node.domain.cap_standing import CapStanding
from node.domain.file_faults import FileBreach
from node.domain.programme_form import read_study_programme
from node.domain.study_programme import programme_for
from node.storage.evidence_shelf import EvidenceShelf
from node.usecases.enrolments import Enrolments
from node.usecases.evidence import Evidence
from node.usecases.publications import PROGRAMME, Publications
from tests.node.bank_desk import Desk, found, served
from tests.node.cap_documents import GUANGDONG, KOREA, cap
from tests.node.capped import Capped, programme_text
from tests.node.province import DESTINATION
from tests.node.published import publish
from tests.node.two_provinces import TwoProvinces

LI, WANG = "operator-li", "operator-wang"
PAIRED = [*GUANGDONG, *KOREA[:1], cap("floor", {"at_least": 1800}, covers={"types": ["TRAINING"]})]


def faults(document: bytes) -> list[tuple[int, str, str]]:
    with pytest.raises(FileBreach) as caught:
        read_study_programme(document)
    assert caught.value.reason == "PROGRAMME_FORM"
    assert all(one.text.remedy_zh and one.text.remedy_en for one in caught.value.faults)
    return [(one.line, one.column, one.cause) for one in caught.value.faults]


def test_a_programme_is_read_as_people_write_it() -> None:
    text = programme_text(targets=["T-2", "T-1"], graduation="140", compulsory="76.1")
    made = read_study_programme(text)
    assert (made.code, made.award, made.targets) == ("BA-CS", "BACHELOR", ("T-1", "T-2"))
    assert made.totals == {"graduation": 14_000, "compulsory": 7_610}
    assert made.as_given.totals == made.totals
    # Layout and comments are no part of what two persons answer for; every value is.
    assert read_study_programme(b"# a comment\n\n" + text).digest == made.digest
    others = [
        text.replace(b"140", b"141"),
        text.replace(b"BACHELOR", b"MASTER"),
        text.replace(b"T-2", b"T-3"),
        text.replace("软件工程".encode(), "网络工程".encode()),
    ]
    assert len({made.digest, *(read_study_programme(one).digest for one in others)}) == 5


@pytest.mark.parametrize(
    ("find", "put", "told"),
    [
        ("BA-CS", "", (3, "code", "CODE")),
        ("CN-33/ba-cs", "CN-99/ba-cs", (1, "name", "PROGRAMME_NAME")),
        ('"BACHELOR"', '"bachelor"', (6, "award", "AWARD")),
        ('"软件工程"', '""', (4, "title_zh", "TITLE")),
        ("true", '"yes"', (8, "example", "NOT_A_TRUTH")),
        ('"140"', "140", (10, "totals.graduation", "NOT_CREDITS")),
        ('"140"', '"0"', (10, "totals.graduation", "NOT_CREDITS")),
        ('"140"', '"1.234"', (10, "totals.graduation", "NOT_CREDITS")),
        ("graduation", "Graduation", (10, "totals.Graduation", "TOTAL_NAME")),
        ("targets = []", 'targets = ["b", "a"]', (7, "targets", "TARGETS")),
        ("targets = []", 'targets = ["a", "a"]', (7, "targets", "TARGETS")),
        ("award =", "awards =", (6, "awards", "KEY_UNKNOWN")),
        ('version = "1"\n', "", (1, "version", "KEY_MISSING")),
        ("[totals]", "[totals", (9, "", "NOT_TOML")),
        ("[totals]\n", "totals = 1\n[more]\n", (9, "totals", "TOTALS")),
    ],
)
def test_a_fault_is_told_at_its_line_with_its_remedy(
    find: str, put: str, told: tuple[int, str, str]
) -> None:
    text = programme_text(graduation="140").decode()
    assert find in text
    assert told in faults(text.replace(find, put, 1).encode())


def test_of_several_the_one_with_all_wanted_targets_counts_and_else_the_newest() -> None:
    old, new = (
        read_study_programme(programme_text(code, targets=targets, graduation="1"))
        for code, targets in (("OLD", ["T-1", "T-2"]), ("NEW", ["T-2"]))
    )
    assert programme_for([], ["T-1"]) is None
    assert programme_for([new, old], []) is new
    assert programme_for([new, old], ["T-2"]) is new
    assert programme_for([new, old], ["T-1", "T-2"]) is old
    assert programme_for([new, old], ["T-9"]) is new


def test_a_learner_studies_in_one_version_of_a_programme_at_a_time(two: TwoProvinces) -> None:
    office, account = two.destination.office, two.person().accounts[DESTINATION]
    desk = Enrolments(office)
    name = publish(office, PROGRAMME, programme_text(graduation="140")).name
    first = desk.enrol(account, name, by=LI)
    assert desk.enrol(account, name, "1", by=WANG) == first, "the same again changes nothing"
    publish(office, PROGRAMME, programme_text(version="2", graduation="150"))
    second = desk.enrol(account, name, by=LI)
    assert second.version == "2"
    assert [(one.version, bool(one.left_us)) for one in desk.list(account)] == [
        ("2", False),
        ("1", True),
    ]
    two.clock.advance(DAY)
    assert desk.leave(account, name).left_us == two.clock.us
    with pytest.raises(Refusal, match="NOT_ENROLLED"):
        desk.leave(account, name)
    assert all(one.left_us for one in desk.list(account))


def test_nobody_is_enrolled_in_what_two_persons_have_not_published(two: TwoProvinces) -> None:
    office, account = two.destination.office, two.person().accounts[DESTINATION]
    desk = Enrolments(office)
    Publications(office).hand_in(PROGRAMME, programme_text(graduation="140"), by=LI)
    for name, version in (("CN-33/ba-cs", ""), ("CN-33/ba-cs", "1"), ("CN-33/none", ""), ("", "")):
        with pytest.raises(Refusal, match="PUBLICATION"):
            desk.enrol(account, name, version, by=LI)
    with pytest.raises(Refusal, match="ACCOUNT"):
        desk.enrol("33000000000000", "CN-33/ba-cs", by=LI)
    with pytest.raises(Breach, match="PROGRAMME_FORM"):
        Publications(office).hand_in(PROGRAMME, b"no programme", by=LI)


def test_an_erased_learner_leaves_no_enrolment_behind(two: TwoProvinces) -> None:
    office, account = two.destination.office, two.person().accounts[DESTINATION]
    name = publish(office, PROGRAMME, programme_text(graduation="140")).name
    Enrolments(office).enrol(account, name, by=LI)
    two.destination.accounts.erase(account)
    assert two.destination.rows("select * from enrolment") == []
    with pytest.raises(Refusal, match="ACCOUNT_ERASED"):
        Enrolments(office).enrol(account, name, by=LI)


def test_standing_tells_limit_used_reserved_and_left_of_every_cap(two: TwoProvinces) -> None:
    capped = Capped(two)
    person = two.person()
    account = person.accounts[DESTINATION]
    assert capped.enrolments.standing(account).caps == ()
    capped.put_in_force(PAIRED)
    capped.enrol(person, graduation="140")
    bare = {
        one.cap: (one.limit, one.used, one.reserved, one.left) for one in lines(capped, account)
    }
    assert bare["gd-all"] == (7000, 0, 0, 7000)
    assert bare["kr-year"] == (4200, 0, 0, 4200)
    capped.transferred(person, capped.lot(person, 1, 1000))
    capped.recognised(person, capped.lot(person, 2, 300, kind="TRAINING"))
    found = {one.cap: one for one in lines(capped, account)}
    everything, year = found["gd-all"], found["kr-year"]
    assert (everything.used, everything.reserved, everything.left) == (1000, 300, 5700)
    assert (year.window, year.used, year.reserved, year.left) == ("2025", 1000, 300, 2900)
    assert found["gd-online"].left == 3500
    (floor,) = capped.enrolments.standing(account).floors
    assert (floor.required, floor.have, floor.missing) == (1800, 0, 1800)
    capped.enrolments.leave(account, "CN-33/ba-cs")
    after = capped.enrolments.standing(account)
    assert after.floors == ()
    assert {one.cap: one.limit for one in after.caps}["gd-all"] is None
    with pytest.raises(Refusal, match="NOT_ENROLLED"):
        capped.enrolments.standing(account, "CN-33/ba-cs")


def lines(capped: Capped, account: str) -> tuple[CapStanding, ...]:
    return capped.enrolments.standing(account).caps


@pytest.fixture(scope="module")
def config(tmp_path_factory: pytest.TempPathFactory) -> NodeConfig:
    return found(tmp_path_factory.mktemp("node") / "node", DESTINATION)


@pytest.fixture
def desk(
    two: TwoProvinces,
    config: NodeConfig,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> Iterator[Desk]:
    office = two.destination.office
    evidence = Evidence(office, EvidenceShelf(tmp_path / "files"), None)  # type: ignore[arg-type]
    with served(config, office, evidence, monkeypatch):
        yield Desk(capsys)


def test_commands_publish_enrol_tell_the_standing_and_let_leave(
    two: TwoProvinces, desk: Desk, tmp_path: Path
) -> None:
    capped, person = Capped(two), two.person()
    capped.put_in_force(PAIRED)
    account = person.accounts[DESTINATION]
    file = tmp_path / "programme.toml"
    file.write_bytes(programme_text(graduation="140").replace(b'"140"', b"140"))
    code, said = desk.run("programme", "import", str(file))
    assert code == 1
    (fault,) = said["faults"]
    assert (fault["file"], fault["line"], fault["cause"]) == ("programme.toml", 10, "NOT_CREDITS")
    assert desk.ok("programme", "list")["programmes"] == []
    file.write_bytes(programme_text(graduation="140"))
    drafted = desk.ok("programme", "import", str(file), account=LI)["publication"]
    step = ("programme", "publish", drafted["name"], "1", "--digest", drafted["digest"])
    assert desk.run(*step, account=LI)[0] == 4, "waits for the second person"
    assert desk.ok(*step, account=WANG)["publication"]["state"] == "PUBLISHED"
    assert "BA-CS" in desk.ok("programme", "show", drafted["name"], "1")["programme"]["document"]
    enrolled = desk.ok("learner", "enrol", account, "--programme", drafted["name"], account=LI)
    assert (enrolled["enrolment"]["version"], enrolled["enrolment"]["enrolled_by"]) == ("1", LI)
    capped.transferred(person, capped.lot(person, 1, 1000))
    standing = desk.ok("learner", "standing", account)["standing"]
    assert standing["programme"] == drafted["name"]
    told = {one["cap"]: one for one in standing["caps"]}
    assert (told["gd-all"]["limit"], told["gd-all"]["used"], told["gd-all"]["left"]) == (
        *(7000, 1000),
        6000,
    )
    assert [one["missing"] for one in standing["floors"]] == [1800]
    assert len(desk.ok("learner", "enrol", account)["enrolments"]) == 1
    assert desk.ok("learner", "leave", account, "--programme", drafted["name"])
    assert desk.reason("learner", "leave", account, "--programme", drafted["name"]) == (
        "NOT_ENROLLED"
    )
    assert desk.reason("learner", "standing", "33000000000000") == "ACCOUNT"


def test_a_table_for_people_says_it_in_both_languages(
    two: TwoProvinces, desk: Desk, capsys: pytest.CaptureFixture[str]
) -> None:
    from node.edges.cli.main import run

    capped, person = Capped(two), two.person()
    capped.put_in_force(PAIRED)
    capped.enrol(person, graduation="140")
    assert run(["learner", "standing", person.accounts[DESTINATION]]) == 0
    said = capsys.readouterr().out
    for words in ("剩余 Left", "70.00", "尚缺 Missing", "18.00", "Floors not met yet: 1"):
        assert words in said
