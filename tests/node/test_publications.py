"""Catalogues and frameworks as two persons publish them, and what deposits are held against."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from federation.base.errors import Breach, Refusal
from node.config import NodeConfig
from node.domain.catalogue import Catalogue, CatalogueEntry
from node.domain.catalogue_form import canonical_catalogue, make_catalogue
from node.domain.examples import HKQF_7, OUC_10, OUC_10_TO_HKQF_7, example_document
from node.domain.publication import Publication, PublicationState, PublicationStep
from node.storage.evidence_shelf import EvidenceShelf
from node.usecases.evidence import Evidence
from node.usecases.publications import CATALOGUE, CROSSWALK, FRAMEWORK, RULE, Publications
from tests.node.bank_desk import Desk, found, served
from tests.node.province import LMS, SOURCE, Province
from tests.node.two_provinces import TwoProvinces, outcome

NAME = f"{SOURCE}/courses"
APPROVE, SEND_BACK, PUBLISH, RETIRE = PublicationStep
LI, WANG = "operator-li", "operator-wang"
HEADER = "代码,名称,学分,成果类型,等级,学时"
ROWS = ("CS-101,数据库原理,3,学历教育,6,48", "CS-102,操作系统,4,学历教育,6,64")


def entry(code: str = "CS-101", credits: int = 300, **changes: str) -> CatalogueEntry:
    values = {"title": "数据库原理", "field": "", "kind": "DEGREE", "category": ""}
    values |= {"valid_from": "2025-01-01", "valid_until": "2025-12-31"} | changes
    return CatalogueEntry(code=code, level=6, credits_hundredths=credits, hours=48, **values)


def catalogue(*entries: CatalogueEntry, version: str = "2025.1", name: str = NAME) -> Catalogue:
    made = entries or (entry(),)
    return make_catalogue(name=name, version=version, title="课程目录", entries=made)


def publish(node: Province, made: Catalogue) -> Publication:
    """Let two persons publish a catalogue."""
    desk = Publications(node.office)
    desk.hand_in(CATALOGUE, canonical_catalogue(made), by=LI)
    for step, by in ((APPROVE, LI), (PUBLISH, WANG)):
        done = desk.take_step(CATALOGUE, made.name, made.version, step, by=by, digest=made.digest)
    return done


def test_two_persons_publish_what_both_have_read(two: TwoProvinces) -> None:
    desk, made = Publications(two.source.office), catalogue()
    desk.hand_in(CATALOGUE, canonical_catalogue(made), by=LI)

    def step(what: PublicationStep, by: str, digest: str = made.digest) -> Publication:
        return desk.take_step(CATALOGUE, NAME, "2025.1", what, by=by, digest=digest)

    with pytest.raises(Refusal, match="PUBLICATION_DIFFERS"):
        step(APPROVE, LI, "0" * 64)
    step(APPROVE, LI)
    with pytest.raises(Refusal, match="SECOND_PERSON"):
        step(PUBLISH, LI)
    assert desk.list(CATALOGUE)[0].state is PublicationState.APPROVED
    done = step(PUBLISH, WANG)
    assert (done.state, done.published_by) == (PublicationState.PUBLISHED, WANG)
    assert desk.show(CATALOGUE, NAME, "2025.1") == (done, canonical_catalogue(made))
    for not_now in (SEND_BACK, RETIRE):
        with pytest.raises(Refusal, match="PUBLICATION_STATE"):
            step(not_now, WANG)


def test_what_is_published_never_changes_and_a_draft_may(two: TwoProvinces) -> None:
    desk = Publications(two.source.office)
    first, second = catalogue(), catalogue(entry(credits=400))
    desk.hand_in(CATALOGUE, canonical_catalogue(first), by=LI)
    desk.hand_in(CATALOGUE, canonical_catalogue(second), by=WANG)
    (known,) = desk.list(CATALOGUE)
    assert (known.digest, known.drafted_by) == (second.digest, WANG)
    assert two.source.rows("select credits_hundredths from catalogue_entry") == [(400,)]
    publish(two.source, second)
    before = two.source.dump()
    with pytest.raises(Breach, match="PUBLICATION_VERSION"):
        desk.hand_in(CATALOGUE, canonical_catalogue(first), by=LI)
    assert desk.hand_in(CATALOGUE, canonical_catalogue(second), by=LI).published_by == WANG
    assert two.source.dump() == before


def test_a_malformed_document_changes_nothing(two: TwoProvinces) -> None:
    desk, before = Publications(two.source.office), two.source.dump()
    for kind, document, reason in (
        (CATALOGUE, canonical_catalogue(catalogue()) + b" ", "CATALOGUE_FORM"),
        (FRAMEWORK, b"name = 3", "FRAMEWORK_FORM"),
        (RULE, b"{}", "RULE_FORM"),
        ("OTHER", b"{}", "FIELDS"),
    ):
        with pytest.raises(Breach, match=reason):
            desk.hand_in(kind, document, by=LI)
    assert two.source.dump() == before


def test_a_crosswalk_is_published_only_between_published_frameworks(two: TwoProvinces) -> None:
    desk = Publications(two.source.office)
    walk = desk.hand_in(CROSSWALK, example_document(OUC_10_TO_HKQF_7), by=LI)

    def both(kind: str, one: Publication) -> None:
        for step, by in ((APPROVE, LI), (PUBLISH, WANG)):
            desk.take_step(kind, one.name, one.version, step, by=by, digest=one.digest)

    with pytest.raises(Refusal, match="CROSSWALK"):
        both(CROSSWALK, walk)
    for name in (OUC_10, HKQF_7):
        both(FRAMEWORK, desk.hand_in(FRAMEWORK, example_document(name), by=LI))
    desk.take_step(CROSSWALK, walk.name, walk.version, PUBLISH, by=WANG, digest=walk.digest)
    assert desk.list(CROSSWALK)[0].state is PublicationState.PUBLISHED


@pytest.mark.parametrize(
    ("changes", "credits", "reason"),
    [
        ({}, "3", ""),
        ({"code": "CS-999"}, "3", "CATALOGUE_ENTRY"),
        ({"catalogue": "2024.1"}, "3", "CATALOGUE_ENTRY"),
        ({"catalogue": "a\0b"}, "3", "BAD_TEXT"),
        ({}, "3.5", "CATALOGUE_DIFFERS"),
        ({"kind": "TRAINING"}, "3", "CATALOGUE_DIFFERS"),
        ({"earned": "2026-01-01"}, "3", "CATALOGUE_DIFFERS"),
    ],
)
def test_deposits_are_held_against_the_catalogue(
    two: TwoProvinces, changes: dict[str, str], credits: str, reason: str
) -> None:
    two.source.office.checks_catalogues = True
    publish(two.source, catalogue())
    account = two.person().accounts[SOURCE]
    done = two.source.deposits.deposit(LMS, [outcome(account, "r1", credits, **changes)])
    assert [one.reason for one in done.rejected] == ([reason] if reason else [])
    assert done.deposited == (not reason)


def test_a_draft_another_provinces_catalogue_or_none_binds_nobody(two: TwoProvinces) -> None:
    two.source.office.checks_catalogues = True
    desk = Publications(two.source.office)
    desk.hand_in(CATALOGUE, canonical_catalogue(catalogue(entry("X"))), by=LI)
    publish(two.source, catalogue(entry("Y"), name="CN-33/courses"))
    account = two.person().accounts[SOURCE]
    assert two.source.deposits.deposit(LMS, [outcome(account, "r1", "3")]).deposited == 1


@pytest.fixture(scope="module")
def config(tmp_path_factory: pytest.TempPathFactory) -> NodeConfig:
    return found(tmp_path_factory.mktemp("node") / "sh", SOURCE)


@pytest.fixture
def desk(
    two: TwoProvinces,
    config: NodeConfig,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
) -> Iterator[Desk]:
    office = two.source.office
    evidence = Evidence(office, EvidenceShelf(tmp_path / "files"), None)  # type: ignore[arg-type]
    with served(config, office, evidence, monkeypatch):
        yield Desk(capsys)


@pytest.mark.parametrize("encoding", ["utf-8", "gb18030"])
def test_commands_take_a_catalogue_to_its_readers(
    desk: Desk, tmp_path: Path, encoding: str
) -> None:
    file = tmp_path / "c.csv"
    heading = ("--name", NAME, "--title", "课程目录")
    for version, rows in (("1", ROWS[:1]), ("2", (ROWS[0].replace(",3,", ",2.5,"), ROWS[1]))):
        file.write_text("\n".join((HEADER, *rows)), encoding=encoding)
        drafted = desk.ok("catalogue", "import", str(file), "--version", version, *heading)
    digest = drafted["publication"]["digest"]
    publishing = ("catalogue", "publish", NAME, "2", "--digest", digest)
    assert desk.run(*publishing, account=LI)[0] == 4
    assert desk.reason(*publishing, account=LI) == "SECOND_PERSON"
    assert desk.reason(*publishing, account="lms") == "NOT_LOCAL"
    assert desk.ok(*publishing, account=WANG)["publication"]["state"] == "PUBLISHED"
    listed = desk.ok("catalogue", "list")["catalogues"]
    assert [(one["version"], one["state"]) for one in listed] == [
        ("1", "DRAFT"),
        ("2", "PUBLISHED"),
    ]
    shown = desk.ok("catalogue", "show", NAME, "2")["catalogue"]["entries"]
    assert [(one["code"], one["title"], one["credits"]) for one in shown] == [
        ("CS-101", "数据库原理", "2.50"),
        ("CS-102", "操作系统", "4.00"),
    ]
    changes = desk.ok("catalogue", "diff", NAME, "1", "2")["changes"]
    assert [(one["change"], one["code"]) for one in changes] == [
        ("ADDED", "CS-102"),
        ("CHANGED", "CS-101"),
    ]
    assert (changes[1]["field"], changes[1]["old"], changes[1]["new"]) == (
        "credits_hundredths",
        "300",
        "250",
    )
    assert desk.reason("catalogue", "show", NAME, "9") == "PUBLICATION"


def test_a_faulty_catalogue_is_told_line_by_line_and_not_taken(desk: Desk, tmp_path: Path) -> None:
    file = tmp_path / "c.csv"
    file.write_text("\n".join((HEADER, ROWS[0], ROWS[0].replace(",3,", ",4,"), "CS-103,,x,?,6,1")))
    code, said = desk.run(
        "catalogue", "import", str(file), "--version", "1", "--name", NAME, "--title", "目录"
    )
    assert code == 1
    faults = [(one["line"], one["cause"], one["see"]) for one in said["faults"]]
    assert (3, "CODE_IN_CONFLICT", [2]) in faults
    assert {(4, "CELL_EMPTY"), (4, "NOT_CREDITS"), (4, "KIND")} <= {one[:2] for one in faults}
    assert all(one["why"] and one["why_en"] for one in said["faults"])
    assert desk.ok("catalogue", "list")["catalogues"] == []


def test_codes_with_several_values_come_out_as_a_report(tmp_path: Path, desk: Desk) -> None:
    one, other = tmp_path / "a.csv", tmp_path / "b.csv"
    one.write_text("\n".join((HEADER, *ROWS)))
    other.write_text("\n".join((HEADER, ROWS[0].replace(",3,", ",2,"))), encoding="gb18030")
    found = desk.ok_local("catalogue", "conflicts", str(one), str(other))["conflicts"]
    assert found == [
        {
            "code": "CS-101",
            "field": "credits_hundredths",
            "variants": ["300 (a.csv:2)", "200 (b.csv:2)"],
        }
    ]


def test_commands_take_an_example_framework(desk: Desk, tmp_path: Path) -> None:
    file = str(tmp_path / "f.toml")
    desk.ok_local("framework", "example", OUC_10, "--to", file)
    drafted = desk.ok("framework", "import", file)["publication"]
    publishing = ("framework", "publish", drafted["name"], drafted["version"])
    for account, code in ((LI, 4), (WANG, 0)):
        done = desk.run(*publishing, "--digest", drafted["digest"], account=account)
        assert done[0] == code
    (listed,) = desk.ok("framework", "list")["frameworks"]
    assert (listed["kind"], listed["state"]) == ("FRAMEWORK", "PUBLISHED")
    shown = desk.ok("framework", "show", drafted["name"], drafted["version"])["framework"]
    assert shown["document"].encode() == example_document(OUC_10)
    Path(file).write_text('name = "x"\n')
    code, said = desk.run("framework", "import", file)
    assert code == 1
    assert said["faults"][0]["line"] >= 1
