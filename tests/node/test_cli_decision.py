"""``creditbank decision`` and what ``transfer show`` says of a decision, as people use them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from node.config import NodeConfig
from node.domain.canonical import digest_of, spell
from node.domain.catalogue_form import canonical_catalogue
from node.domain.exchange import Role
from node.edges.cli.main import run
from node.storage.evidence_shelf import EvidenceShelf
from node.usecases.evidence import Evidence
from tests.node.bank_desk import Desk, found, served
from tests.node.province import DESTINATION, SOURCE
from tests.node.ruled_provinces import OURS, THEIRS, catalogue, decide, document, publish_all
from tests.node.two_provinces import TwoProvinces, rig


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
    publish_all(two)
    office = two.destination.office
    evidence = Evidence(office, EvidenceShelf(tmp_path / "files"), None)  # type: ignore[arg-type]
    with served(config, office, evidence, monkeypatch):
        yield Desk(capsys)


@dataclass(frozen=True)
class Files:
    """What an auditor has got: transcripts of both sides, and the documents."""

    folder: Path
    destination: Path
    source: Path
    rule: Path
    ours: Path
    theirs: Path

    def write(self, name: str, content: bytes) -> str:
        path = self.folder / name
        path.write_bytes(content)
        return str(path)


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> Files:
    folder = tmp_path_factory.mktemp("auditor")
    papers = {
        "gd.rule": document(),
        "ours.json": canonical_catalogue(OURS),
        "theirs.json": canonical_catalogue(THEIRS),
    }
    for two in rig(tmp_path_factory.mktemp("rig")):
        publish_all(two)
        done = decide(two, "CS-101", "CS-102", "XX-1", whole=False)
        papers["d.transcript"] = done.exported()
        papers["s.transcript"] = done.exported(two.source)
    for name, content in papers.items():
        (folder / name).write_bytes(content)
    names = ("d.transcript", "s.transcript", "gd.rule", "ours.json", "theirs.json")
    return Files(folder, *(folder / name for name in names))


@pytest.fixture
def nowhere(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """There is no node here."""
    monkeypatch.setenv("CREDITBANK_DIR", str(tmp_path / "none"))


def recompute(desk: Desk, *arguments: object) -> tuple[int, Any]:
    code, said = desk.run_local("decision", "recompute", *map(str, arguments))
    return code, said["recomputation"]


@pytest.fixture
def auditor(capsys: pytest.CaptureFixture[str], nowhere: None) -> Desk:
    return Desk(capsys)


def test_a_transcript_of_the_destination_is_all_that_is_needed(auditor: Desk, files: Files) -> None:
    code, said = recompute(auditor, files.destination)
    assert (code, said["agrees"], said["differences"]) == (0, True, [])
    assert (said["outcome"], said["is_named_by_vote"]) == ("PARTIAL", True)
    assert [(one["kind"], one["is_here"]) for one in said["papers"]] == [
        ("RULE", True),
        ("CATALOGUE", True),
        ("CATALOGUE", True),
    ]


def test_what_a_file_lacks_is_named_and_may_be_given(auditor: Desk, files: Files) -> None:
    code, said = recompute(auditor, files.source)
    assert (code, said["agrees"]) == (1, False)
    assert [(one["path"], one["cause"]) for one in said["differences"]] == [
        ("$.given.catalogues[0].sha256", "DOCUMENT_MISSING"),
        ("$.given.catalogues[1].sha256", "DOCUMENT_MISSING"),
        ("$.given.authority.rule_digest", "DOCUMENT_MISSING"),
    ]
    assert [one["is_here"] for one in said["papers"]] == [False] * 3
    given = ("--rule", files.rule, "--catalogue", files.ours, "--catalogue", files.theirs)
    assert recompute(auditor, files.source, *given)[0] == 0


def test_another_document_is_told_by_its_field(auditor: Desk, files: Files) -> None:
    other = canonical_catalogue(catalogue(SOURCE, "CS-101 CS-102", more=1))
    bent = files.write("bent.json", other)
    rule = files.write("bent.rule", document(version=2))
    given = ("--rule", rule, "--catalogue", files.ours, "--catalogue", bent)
    code, said = recompute(auditor, files.source, *given)
    assert code == 1
    found_so = {one["path"]: one["cause"] for one in said["differences"]}
    assert found_so["$.given.catalogues[0].sha256"] == "DOCUMENT_DIFFERS"
    assert found_so["$.given.authority.rule_digest"] == "DOCUMENT_DIFFERS"
    assert found_so["$.given.authority.rule_version"] == "DOCUMENT_DIFFERS"
    for one in said["differences"]:
        assert one["zh"].startswith(one["path"])
        assert one["en"].startswith(one["path"])


def test_people_read_the_answer_in_both_languages(
    auditor: Desk, files: Files, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["decision", "recompute", str(files.destination), "--plain"]) == 0
    said = capsys.readouterr().out
    assert "一致：重新判断得出同样的认定。Agrees: judged again, the decision is the same." in said
    assert run(["decision", "recompute", str(files.source), "--plain"]) == 1
    said = capsys.readouterr().out
    assert "不一致，因为：Differs because:" in said
    assert "缺少记录所指的文件" in said
    assert "a document that the record names is missing" in said


def test_a_record_alone_is_judged_and_said_to_prove_less(
    auditor: Desk, files: Files, capsys: pytest.CaptureFixture[str]
) -> None:
    shown = auditor.ok_local("decision", "show", str(files.destination))["decision"]
    record = spell(shown["record"])
    assert digest_of(record) == shown["record_digest"]
    alone = files.write("alone.json", record)
    given = ("--rule", files.rule, "--catalogue", files.ours, "--catalogue", files.theirs)
    code, said = recompute(auditor, alone, *given)
    assert (code, said["is_named_by_vote"]) == (0, False)
    assert run(["decision", "recompute", alone, "--plain", *map(str, given)]) == 0
    assert "does not show that it is what was decided" in capsys.readouterr().out
    whole = json.loads(record)
    whole["record"]["decided"]["granted_hundredths"] += 1
    code, said = recompute(auditor, files.write("bent-record.json", spell(whole)), *given)
    assert code == 1
    assert ("$.decided.granted_hundredths", "ALTERED") in [
        (one["path"], one["cause"]) for one in said["differences"]
    ]


def test_what_is_no_decision_is_refused_and_what_is_no_file_is_usage(
    auditor: Desk, files: Files, capsys: pytest.CaptureFixture[str]
) -> None:
    code, said = auditor.run_local("decision", "recompute", files.write("x.json", b"{}"))
    assert (code, said["error"]["reason"]) == (1, "RECORD_FORM")
    code, said = auditor.run_local("decision", "show", files.write("x.transcript", b"\xff"))
    assert code == 1
    assert run(["decision", "recompute", str(files.folder / "absent.transcript")]) == 2
    assert "没有这个文件 no such file" in capsys.readouterr().err


def test_showing_a_file_says_what_counts_together_and_what_the_cap_leaves(
    auditor: Desk, files: Files, capsys: pytest.CaptureFixture[str]
) -> None:
    shown = auditor.ok_local("decision", "show", str(files.destination))["decision"]
    (group,) = shown["groups"]
    assert (len(group["lots"]), group["grants"]) == (
        2,
        [{"target": "ZJ-1", "granted_hundredths": 480}],
    )
    (cap,) = shown["caps"]
    assert [cap[name] for name in ("limit", "used_before", "allowed", "left")] == [
        1000,
        0,
        480,
        520,
    ]
    refused = [one for one in shown["lots"] if one["verdict"] == "REJECT"]
    assert [one["reasons"] for one in refused] == [["NOT_EQUIVALENT"]]
    assert all(set(why) == {"zh", "en"} and all(why.values()) for why in refused[0]["why"])
    assert shown["may_ask_person"]
    assert "第二十四条" in shown["may_ask_person_zh"]
    assert shown["appeal_until_us"] > shown["valid_until_us"] > 0
    assert run(["decision", "show", str(files.destination), "--plain"]) == 0
    said = capsys.readouterr().out
    assert "ZJ-1 4.80" in said
    assert "The learner may ask for a person" in said


def test_a_transfer_shows_its_decision(two: TwoProvinces, desk: Desk) -> None:
    done = decide(two, "CS-101", "CS-102", "CS-105", facts={"grade": "65"}, whole=False)
    name = done.exchange_id.hex()
    shown = desk.ok("transfer", "show", name)["transfer"]
    assert (shown["exchange"], shown["granted"]) == (name, "4.80")
    decision = shown["decision"]
    assert [one["entry"] for one in decision["groups"]] == ["e1"]
    assert [one["reasons"] for one in decision["lots"]] == [[], [], ["GRADE_BELOW_MINIMUM"]]
    assert [one["left"] for one in decision["caps"]] == [520]
    assert decision["wanted_targets"] == []
    assert desk.ok("decision", "show", name)["decision"] == decision


def test_an_export_is_judged_again_without_a_node(
    two: TwoProvinces, desk: Desk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    name = decide(two, "CS-103").exchange_id.hex()
    out, papers = tmp_path / "decision.json", tmp_path / "papers"
    done = desk.ok("decision", "export", name, "--out", str(out), "--papers", str(papers))["files"]
    assert [one["kind"] for one in done] == ["RECORD", "RULE", "CATALOGUE", "CATALOGUE"]
    assert [digest_of(Path(one["file"]).read_bytes()) for one in done] == [
        one["digest"] for one in done
    ]
    alone = recompute(desk, out)
    assert alone[0] == 0, "the running node has what the record names"
    monkeypatch.setenv("CREDITBANK_DIR", str(tmp_path / "none"))
    rule, *catalogues = (one["file"] for one in done[1:])
    given = ["--rule", rule] + [word for one in catalogues for word in ("--catalogue", one)]
    assert recompute(desk, out)[0] == 1
    assert recompute(desk, out, *given)[0] == 0


def test_an_erased_decision_is_shown_as_its_vote_and_not_exported(
    two: TwoProvinces, desk: Desk, tmp_path: Path
) -> None:
    done = decide(two, "CS-103")
    name = done.exchange_id.hex()
    two.destination.accounts.erase(done.person.accounts[DESTINATION])
    decision = desk.ok("transfer", "show", name)["transfer"]["decision"]
    assert (decision["record_state"], decision["record"]) == ("ERASED", None)
    assert [one["granted_hundredths"] for one in decision["lots"]] == [300]
    assert [one["grants"][0]["target"] for one in decision["groups"]] == ["ZJ-2"]
    out = str(tmp_path / "decision.json")
    assert desk.reason("decision", "export", name, "--out", out) == "RECORD_ABSENT"
    assert desk.reason("decision", "show", "no-such-exchange") == "EXCHANGE"


def test_wishes_are_given_by_command_and_shown_before_any_decision(
    two: TwoProvinces, desk: Desk
) -> None:
    person = two.person()
    lot = two.lot(person, code="CS-103")
    code = two.transfer_code(person, Role.DESTINATION).hex()
    opened = desk.ok(
        *("request", "open", "--account", person.accounts[DESTINATION], "--peer", SOURCE),
        *("--lot", f"{lot.lot_id.hex()}:3.00", "--code", code, "--consent", "--incoming"),
        *("--target", "ZJ-2", "--target", "ZJ-9"),
    )["request"]
    shown = desk.ok("transfer", "show", opened["exchange"])["transfer"]["decision"]
    assert (shown["is_decided"], shown["wanted_targets"]) == (False, ["ZJ-2", "ZJ-9"])
    assert desk.reason("decision", "show", opened["exchange"]) == "NOT_DECIDED"
    two.run()
    shown = desk.ok("transfer", "show", opened["exchange"])["transfer"]["decision"]
    assert [one["verdict"] for one in shown["lots"]] == ["ACCEPT"]
    assert shown["wanted_targets"] == ["ZJ-2", "ZJ-9"]
    twice = ("--target", "ZJ-2", "--target", "ZJ-2")
    reason = desk.reason(
        *("request", "open", "--account", person.accounts[DESTINATION], "--peer", SOURCE),
        *("--lot", f"{lot.lot_id.hex()}:3.00", "--code", code, "--consent", "--incoming"),
        *twice,
    )
    assert reason == "TARGETS"
