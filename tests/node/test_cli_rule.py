"""``creditbank rule`` as people use it: files of three languages, two persons, placed faults."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from node.config import NodeConfig
from node.domain.catalogue_form import canonical_catalogue
from node.domain.rulebook_form import canonical_document
from node.storage.evidence_shelf import EvidenceShelf
from node.usecases.evidence import Evidence
from node.usecases.publications import CATALOGUE
from tests.node.bank_desk import Desk, found, served
from tests.node.province import DESTINATION, SOURCE
from tests.node.published import LI, WANG, publish
from tests.node.test_publications import catalogue
from tests.node.test_reviews import Room
from tests.node.two_provinces import TwoProvinces

NAME = f"{DESTINATION}/general"
YAML = f"""\
form: 2
rule: {NAME}
version: 2
title_zh: 通用规则
title_en: General rule
valid_from: 2025-01-01
catalogues:
  - key: all
    source: "*"
    name: 各省目录
    version: "*"
  - {{key: home, source: {DESTINATION}, name: 本省目录, version: "*"}}
entries:
  - id: cs
    requires:
      course: {{catalogue: all, code: CS-*, minimum_grade: 80}}
    grants:
      - {{target: GD-1, catalogue: home, ratio: 1/1}}
    repeats: true
"""
TOML = f"""\
form = 2
rule = "{NAME}"
version = 2
title_zh = "通用规则"
title_en = "General rule"
valid_from = 2025-01-01

[[catalogues]]
key = "all"
source = "*"
name = "各省目录"
version = "*"

[[catalogues]]
key = "home"
source = "{DESTINATION}"
name = "本省目录"
version = "*"

[[entries]]
id = "cs"
repeats = true
grants = [{{target = "GD-1", catalogue = "home", ratio = "1/1"}}]

[entries.requires.course]
catalogue = "all"
code = "CS-*"
minimum_grade = 80
"""
LANGUAGES = {"yaml": YAML, "toml": TOML}


@pytest.fixture(scope="module")
def config(tmp_path_factory: pytest.TempPathFactory) -> NodeConfig:
    return found(tmp_path_factory.mktemp("node") / "zj", DESTINATION)


@pytest.fixture
def desk(
    two: TwoProvinces,
    config: NodeConfig,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
) -> Iterator[Desk]:
    office = two.destination.office
    evidence = Evidence(office, EvidenceShelf(tmp_path / "files"), None)  # type: ignore[arg-type]
    with served(config, office, evidence, monkeypatch):
        yield Desk(capsys)


def written(folder: Path, text: str, ending: str = "yaml") -> str:
    file = folder / f"rule.{ending}"
    file.write_text(text, encoding="utf-8")
    return str(file)


def published(desk: Desk, file: str) -> dict[str, Any]:
    """Let two persons publish a file."""
    drafted: dict[str, Any] = desk.ok("rule", "import", file)["publication"]
    step = (drafted["name"], drafted["version"], "--digest", drafted["digest"])
    desk.ok("rule", "approve", *step, account=LI)
    assert desk.reason("rule", "publish", *step, account=LI) == "SECOND_PERSON"
    done = desk.ok("rule", "publish", *step, account=WANG)["publication"]
    assert done["state"] == "PUBLISHED"
    return drafted


@pytest.mark.parametrize("ending", ["yaml", "toml"])
def test_a_file_is_taken_to_judge_and_stopped_again(
    two: TwoProvinces, desk: Desk, tmp_path: Path, ending: str
) -> None:
    document = canonical_document(YAML.encode(), "yaml")
    two.clock.advance(1)
    drafted = published(desk, written(tmp_path, LANGUAGES[ending], ending))
    listed = desk.ok("rule", "list")["rules"]
    assert [(one["version"], one["state"], one["is_in_force"]) for one in listed] == [
        ("1", "PUBLISHED", False),
        ("2", "PUBLISHED", True),
    ]
    person = two.person("钱二")
    exchange = two.apply(person, two.lot(person, grade="85"))
    two.run()
    assert two.destination.exchange(exchange).lots[0].granted_hundredths == 300
    retiring = ("rule", "retire", NAME, "2", "--digest", drafted["digest"])
    assert desk.ok(*retiring, account=LI)["publication"]["retired_by"] == LI
    assert {one["state"] for one in desk.ok("rule", "list")["rules"]} == {"RETIRED"}
    exact = tmp_path / "exact.rule"
    shown = desk.ok("rule", "show", "--digest", drafted["digest"], "--to", str(exact))["rule"]
    assert shown["document"] == json.loads(document)
    assert exact.read_bytes() == document
    assert desk.reason("rule", "show", NAME, "9") == "PUBLICATION"


@pytest.mark.parametrize(
    ("ending", "old", "new", "line", "cause"),
    [
        ("yaml", "repeats: true", "repeat: true", 19, "KEY_UNKNOWN"),
        ("yaml", "title_zh: 通用规则", "title_zh: [通用规则", 5, "NOT_YAML"),
        ("yaml", "valid_from: 2025-01-01", "valid_from: 2025-02-30", 6, "DATE"),
        ("yaml", "name: 各省目录", "name: &a 各省目录", 10, "YAML_ALIAS"),
        ("yaml", "ratio: 1/1", "ratio: 1", 18, "RATIO"),
        ("yaml", "catalogue: all, code", "catalogue: none, code", 16, "CATALOGUE_UNKNOWN"),
        ("yaml", "version: 2\n", "version: 2\nversion: 3\n", 1, "KEY_REPEATED"),
        ("toml", 'title_zh = "通用规则"', 'title_zh = "通用规则', 4, "NOT_TOML"),
        ("toml", "minimum_grade = 80", "minimum_grade = 180", 28, "GRADE"),
        ("toml", "repeats = true", 'repeats = "yes"', 22, "NOT_A_TRUTH"),
    ],
)
def test_a_malformed_file_names_line_cause_and_remedy_and_changes_nothing(
    two: TwoProvinces,
    desk: Desk,
    tmp_path: Path,
    ending: str,
    old: str,
    new: str,
    line: int,
    cause: str,
) -> None:
    before = two.destination.dump()
    text = LANGUAGES[ending]
    assert old in text
    file = written(tmp_path, text.replace(old, new), ending)
    for command in (("rule", "import", file), ("rule", "dry-run", file)):
        code, said = desk.run(*command)
        assert code == 1
        (fault,) = said["faults"]
        assert (fault["file"], fault["line"], fault["cause"]) == (f"rule.{ending}", line, cause)
        assert "；" in fault["why"]
        assert "; " in fault["why_en"]
    assert two.destination.dump() == before


def test_two_entries_of_one_name_are_told_and_not_taken(desk: Desk, tmp_path: Path) -> None:
    entry = YAML[YAML.index("  - id: cs") :]
    code, said = desk.run("rule", "import", written(tmp_path, YAML + entry))
    assert code == 1
    assert [(one["line"], one["cause"]) for one in said["faults"]] == [(20, "ID_REPEATED")]


def test_a_rule_of_another_province_or_over_an_unpublished_catalogue_is_refused(
    two: TwoProvinces, desk: Desk, tmp_path: Path
) -> None:
    abroad = written(tmp_path, YAML.replace(DESTINATION, SOURCE))
    assert desk.reason("rule", "import", abroad) == "RULE_PROVINCE"
    made = catalogue(name=f"{DESTINATION}/courses")
    pinned = f'version: "2025.1", sha256: "{made.digest}"}}'
    file = written(tmp_path, YAML.replace('version: "*"}', pinned))
    drafted = desk.ok("rule", "import", file)["publication"]
    step = ("rule", "publish", NAME, "2", "--digest", drafted["digest"])
    assert desk.run(*step, account=LI)[0] == 4, "waits for the second person"
    assert desk.reason(*step, account=WANG) == "RULE_CATALOGUE"
    publish(two.destination.office, CATALOGUE, canonical_catalogue(made))
    assert desk.ok(*step, account=WANG)["publication"]["published_by"] == WANG


def test_a_dry_run_and_gaps_speak_of_the_cases_decided_here(
    two: TwoProvinces, desk: Desk, tmp_path: Path
) -> None:
    one, other = two.person("钱二"), two.person("孙三")
    two.apply(one, two.lot(one, grade="85"))
    two.apply(other, two.lot(other, grade="70"), two.lot(other, code="MA-1"), whole=False)
    two.run()
    said = desk.ok("rule", "dry-run", written(tmp_path, YAML))["dry_run"]
    assert (said["cases"], said["changed"], said["learners"]) == (2, 2, 2)
    assert (said["more"], said["less"]) == ("0.60", "2.40")
    assert sorted(change["granted"] for change in said["changes"]) == [
        ["GD-1 2.40 → 0.00"],
        ["GD-1 2.40 → 3.00"],
    ]
    assert [(of["entry"], of["before"], of["after"]) for of in said["entries"]] == [
        ("cs", "0.00", "3.00"),
        ("e1", "4.80", "0.00"),
    ]
    (gap,) = desk.ok("rule", "gaps")["gaps"]
    assert (gap["code"], gap["learners"], gap["why"]) == ("MA-1", 1, ["NOT_EQUIVALENT 1"])
    assert not any(account in json.dumps(said) for account in other.accounts.values())


@pytest.mark.parametrize("ending", ["yaml", "json"])
def test_a_decided_case_is_drafted_into_a_file_that_can_be_imported(
    two: TwoProvinces, desk: Desk, tmp_path: Path, ending: str
) -> None:
    two.clock.advance(1)
    published(desk, written(tmp_path, YAML))
    room = Room(two)
    for expert in room.seat():
        room.vote(expert, 200)
    room.reviews.minute(room.key)
    into = tmp_path / f"next.{ending}"
    case = ("rule", "draft", "--case", room.exchange.hex(), "--into", str(into))
    drafted = desk.ok(*case)["draft"]["document"]
    assert [one["id"] for one in drafted["entries"]] == ["cs", f"{room.exchange.hex()}-1"]
    kept = desk.ok("rule", "import", str(into))["publication"]
    assert (kept["version"], kept["state"]) == ("3", "DRAFT")
    assert desk.reason(*case[:-1], str(tmp_path / "next.toml")) == "FIELDS"
    assert desk.reason("rule", "draft", "--case", "0" * 32) == "EXCHANGE"


def test_schema_and_guide_are_printed(capsys: pytest.CaptureFixture[str], desk: Desk) -> None:
    schema = desk.ok_local("rule", "schema")["schema"]
    assert schema["$defs"]["entry"]["required"] == ["id", "requires", "grants"]
    assert "规则文件 / The document" in desk.ok_local("rule", "guide")["guide"]
