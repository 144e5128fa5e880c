"""The audit: derives every figure from evidence alone and finds any row that was changed."""

from __future__ import annotations

import json
import random
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from federation.base.errors import Breach
from federation.evidence import packing
from federation.evidence.audit import audit
from federation.evidence.findings import AuditReport, explain_audit
from federation.evidence.folder import (
    PackWriter,
    read_evidence,
    transcripts_path,
    write_figures,
    write_log,
    write_registry,
    write_transcripts,
)
from federation.evidence.logbook import read_entry
from federation.evidence.packing import frame, unpack
from federation.log.checkpoint import Checkpoint, sign
from federation.log.merkle import leaf_hash, tree_root
from federation.protocol.messages import Commit, Prepare
from federation.wire.entries import deposit_entry, origin_of
from tests.federation.evidence_world import (
    PROVINCES,
    Exchange,
    Federation,
    Party,
    deposit,
    found_federation,
)


@dataclass(frozen=True)
class Run:
    """A run in memory and the folder that it left."""

    federation: Federation
    parties: dict[str, Party]
    exchanges: tuple[Exchange, ...]
    folder: Path


FIGURES: dict[str, Any] = {
    "provinces": 3,
    "lots_deposited": 14,
    "transfers": {
        "granted": 1,
        "partly_granted": 2,
        "refused": 1,
        "declined": 1,
        "open": 1,
        "lapsed": 0,
    },
    "credits_out_hundredths": 1000,
    "credits_in_hundredths": 800,
    "granted_hundredths": 750,
    "in_flight_hundredths": 200,
    "witnessed": 0,
    "transcripts_verified": 6,
    "pairs_reconciled": 6,
    "ready_seconds": 1.5,
}


def tell(federation: Federation) -> tuple[dict[str, Party], tuple[Exchange, ...]]:
    """Return parties whose exchanges ended in every way."""
    parties = {province: federation.party(province) for province in PROVINCES}

    def between(source: str, destination: str, *amounts: int) -> Exchange:
        deposits = [deposit(parties[source], amount) for amount in amounts]
        return Exchange(parties[source], parties[destination], deposits, federation.now_us)

    granted = between("CN-31", "CN-33", 300, 200).prepare().vote(300, 200).commit().receipt()
    partly = between("CN-33", "CN-31", 300, 100).request().prepare().vote(250, 0).commit().receipt()
    refused = between("CN-31", "CN-44", 300, 200).prepare().vote(0, 0)
    refused.abort("ALL_REFUSED").receipt()
    declined = between("CN-44", "CN-31", 10, 20).prepare().vote(10, 0)
    declined.abort("LEARNER_DECLINED").receipt()
    on_its_way = between("CN-44", "CN-33", 200, 100, 50, 50).prepare().vote(200, 0, 0, 0).commit()
    waiting = between("CN-31", "CN-44", 300, 200).prepare()
    return parties, (granted, partly, refused, declined, on_its_way, waiting)


def export(run: Run) -> None:
    """Write the evidence folder of a run."""
    write_registry(run.folder, run.federation.pinned, run.federation.view.files)
    for province, party in run.parties.items():
        own = [one.encoded() for one in run.exchanges if one.source is party]
        write_transcripts(run.folder, province, own)
        write_log(run.folder, province, party.entries, party.checkpoint())
    write_figures(run.folder, FIGURES)


@pytest.fixture(scope="module")
def federation(tmp_path_factory: pytest.TempPathFactory) -> Federation:
    return found_federation(tmp_path_factory.mktemp("federation"))


@pytest.fixture
def run(federation: Federation, tmp_path: Path) -> Run:
    parties, exchanges = tell(federation)
    told = Run(federation, parties, exchanges, tmp_path / "run")
    export(told)
    return told


def reasons(report: AuditReport) -> set[str]:
    assert not report.agrees
    return {one.reason for one in report.differences}


def places(report: AuditReport) -> str:
    return "\n".join(f"{one.place} {one.reason} {one.detail}" for one in report.differences)


def test_evidence_says_what_the_run_says(run: Run) -> None:
    report = audit(run.folder, run.federation.pinned)
    assert report.differences == ()
    assert report.agrees
    assert report.not_derivable == ("ready_seconds",)
    assert report.figures.transfers == {
        "declined": 1,
        "granted": 1,
        "open": 1,
        "partly_granted": 2,
        "refused": 1,
    }
    assert json.dumps(report.to_json())
    assert "Evidence and figures agree" in explain_audit(report)


def test_every_ordered_pair_is_reconciled(run: Run) -> None:
    pairs = {(one.source, one.destination): one for one in audit(run.folder).pairs}
    assert len(pairs) == 6
    assert all(one.agrees for one in pairs.values())
    on_its_way = pairs["CN-44", "CN-33"]
    assert (on_its_way.out_hundredths, on_its_way.in_flight_hundredths) == (200, 200)
    assert pairs["CN-33", "CN-44"].exchanges == 0


def test_destinations_may_export_their_copies_too(run: Run) -> None:
    own = [one.encoded() for one in run.exchanges if one.source.province == "CN-33"]
    copies = [one.encoded() for one in run.exchanges if one.destination.province == "CN-33"]
    write_transcripts(run.folder, "CN-33", [*own, *copies])
    write_figures(run.folder, FIGURES | {"transcripts_verified": 8})
    assert audit(run.folder).differences == ()


@pytest.mark.parametrize("name", [name for name in FIGURES if name != "ready_seconds"])
def test_every_figure_is_compared(run: Run, name: str) -> None:
    stated = FIGURES[name]
    wrong = {**stated, "granted": 2} if isinstance(stated, dict) else stated + 1
    for bent in (wrong, None, "3", True):
        write_figures(run.folder, FIGURES | {name: bent})
        report = audit(run.folder)
        assert [one.place for one in report.differences] == [f"figures.json {name}"]
        assert reasons(report) == {"FIGURE_DIFFERS"}
        assert "✗" in explain_audit(report)


def test_a_changed_byte_in_any_file_is_found(run: Run) -> None:
    chance = random.Random(7)
    files = sorted(path for path in (run.folder / "evidence").rglob("*") if path.is_file())
    assert len(files) > 15
    for path in files:
        whole = path.read_bytes()
        for _ in range(4):
            bent = bytearray(whole)
            bent[chance.randrange(len(whole))] ^= 1 << chance.randrange(8)
            path.write_bytes(bent)
            assert not audit(run.folder, run.federation.pinned).agrees, path
        path.write_bytes(whole)
    assert audit(run.folder, run.federation.pinned).agrees


def test_a_missing_file_is_found(run: Run) -> None:
    for path in sorted(path for path in (run.folder / "evidence").rglob("*") if path.is_file()):
        whole = path.read_bytes()
        path.unlink()
        if path.name == "root.json":
            with pytest.raises(Breach, match="EVIDENCE_FORM"):
                audit(run.folder)
        else:
            assert not audit(run.folder).agrees, path
        path.write_bytes(whole)


def test_a_folder_that_is_none_is_refused(tmp_path: Path) -> None:
    with pytest.raises(Breach, match="EVIDENCE_FORM"):
        audit(tmp_path)


def test_a_province_without_evidence_is_named(run: Run) -> None:
    shutil.rmtree(run.folder / "evidence" / "CN-44")
    report = audit(run.folder)
    assert "evidence/CN-44 EVIDENCE_FORM" in places(report)
    assert report.figures.pairs_reconciled == 2


def test_evidence_of_a_stranger_is_named(run: Run) -> None:
    shutil.copytree(run.folder / "evidence" / "CN-44", run.folder / "evidence" / "CN-11")
    assert "NOT_MEMBER" in reasons(audit(run.folder))


def test_another_root_is_not_the_trusted_one(run: Run) -> None:
    report = audit(run.folder, run.federation.pinned + b" ")
    assert reasons(report) == {"REGISTRY_INVALID"}


def test_figures_that_are_no_json_are_named(run: Run) -> None:
    (run.folder / "figures.json").write_bytes(b"[1")
    assert reasons(audit(run.folder)) == {"EVIDENCE_FORM"}


def test_a_transcript_left_out_is_missed(run: Run) -> None:
    path = transcripts_path(run.folder, "CN-31")
    first, *rest = unpack(path.read_bytes())
    assert write_transcripts(run.folder, "CN-31", rest) == 2
    report = audit(run.folder)
    assert "no transcript of this COMMIT" in places(report)
    assert "a deposit of COMMIT" in places(report)
    assert report.figures.pairs_reconciled < 6
    write_transcripts(run.folder, "CN-31", [first, *rest, first])
    assert "exported twice" in places(audit(run.folder))


def test_a_transcript_of_others_is_refused(run: Run) -> None:
    foreign = [one.encoded() for one in run.exchanges if one.source.province == "CN-31"]
    own = list(unpack(transcripts_path(run.folder, "CN-44").read_bytes()))
    write_transcripts(run.folder, "CN-44", [*own, foreign[0]])
    assert "NOT_PARTY" in reasons(audit(run.folder))


def test_a_transcript_in_a_pack_brings_no_registry(run: Run) -> None:
    own = [one for one in run.exchanges if one.source.province == "CN-33"]
    files = run.federation.view.files
    write_transcripts(run.folder, "CN-33", [one.encoded(registry=files) for one in own])
    assert "a registry of its own" in places(audit(run.folder))


def rewrite_log(run: Run, province: str, change: Callable[[list[bytes]], list[bytes]]) -> None:
    """Let a province sign another log than the one its messages were proven in."""
    party = run.parties[province]
    entries = change(list(party.entries))
    root = tree_root([leaf_hash(one) for one in entries])
    note = sign(Checkpoint(origin_of(province), len(entries), root), party.log_signer)
    write_log(run.folder, province, entries, note)


def test_a_log_that_forgot_an_entry_is_found(run: Run) -> None:
    rewrite_log(run, "CN-31", lambda entries: entries[:-1])
    assert "the log does not continue its checkpoint" in places(audit(run.folder))
    rewrite_log(run, "CN-31", lambda entries: entries[1:])
    report = audit(run.folder)
    assert "the log has another entry in its place" in places(report)
    assert "the log lacks a deposit" in places(report)


def test_an_entry_that_is_none_is_found(run: Run) -> None:
    rewrite_log(run, "CN-31", lambda entries: [*entries, b"\x0a\x01x"])
    assert "LOG_DIFFERS" in reasons(audit(run.folder))


def test_a_lot_credited_twice_is_found(run: Run) -> None:
    granted = run.exchanges[0]
    extra = deposit_entry(bytes(31) + b"2", granted.hash_of(Commit))
    rewrite_log(run, "CN-33", lambda entries: [*entries, extra])
    assert "2 lots to credit, 3 deposited" in places(audit(run.folder))


def test_a_credit_out_of_nothing_is_found(run: Run) -> None:
    extra = deposit_entry(bytes(31) + b"2", bytes(32))
    rewrite_log(run, "CN-33", lambda entries: [*entries, extra])
    assert "EVIDENCE_INCOMPLETE" in reasons(audit(run.folder))


def test_a_lot_spent_twice_is_found(federation: Federation, tmp_path: Path) -> None:
    parties, exchanges = tell(federation)
    first = exchanges[0]
    again = Exchange(parties["CN-31"], parties["CN-44"], first.deposits, federation.now_us)
    again.prepare().vote(300, 200).commit().receipt()
    double = Run(federation, parties, (*exchanges, again), tmp_path / "run")
    export(double)
    assert "DOUBLE_GRANT" in reasons(audit(double.folder))


def test_copies_that_contradict_each_other_are_found(
    federation: Federation, tmp_path: Path
) -> None:
    parties, exchanges = tell(federation)
    waiting = exchanges[-1]
    told = Run(federation, parties, exchanges, tmp_path / "run")
    export(told)
    other = Exchange(
        waiting.source,
        waiting.destination,
        waiting.deposits,
        federation.now_us,
        exchange_id=waiting.exchange_id,
    )
    other.prepare(lock_until_us=waiting.find(Prepare).lock_until_us + 1)
    export(told)
    write_transcripts(
        told.folder,
        "CN-44",
        [*(one.encoded() for one in exchanges if one.source.province == "CN-44"), other.encoded()],
    )
    assert "EQUIVOCATION" in reasons(audit(told.folder))


def test_entries_are_of_a_message_or_of_a_deposit() -> None:
    mark = bytes(32)
    assert read_entry(deposit_entry(mark, mark)).origin == mark
    for bent in (deposit_entry(b"", mark), deposit_entry(b"short")):
        with pytest.raises(Breach, match="LOG_DIFFERS"):
            read_entry(bent)


def test_packs_have_one_spelling() -> None:
    records = [b"a", b"b" * 127, b"c" * 128, b"d" * 70_000]
    assert list(unpack(b"".join(frame(one) for one in records))) == records
    for bent in (b"\x00", b"\x02a", b"\x81\x00a", b"\x80", b"\xff" * 6):
        with pytest.raises(Breach, match="EVIDENCE_FORM"):
            list(unpack(bent))
    for record in (b"", bytes(packing.LARGEST_RECORD + 1)):
        with pytest.raises(Breach, match="EVIDENCE_FORM"):
            frame(record)


def test_a_pack_appears_whole_or_not_at_all(tmp_path: Path) -> None:
    path = tmp_path / "x.pack"

    def write(*records: bytes) -> None:
        with PackWriter(path) as writer:
            for record in records:
                writer.add(record)

    with pytest.raises(Breach, match="EVIDENCE_FORM"):
        write(b"whole", b"")
    assert list(tmp_path.iterdir()) == []
    write(b"whole")
    assert list(unpack(path.read_bytes())) == [b"whole"]


def test_registry_files_stay_in_their_folder(tmp_path: Path, federation: Federation) -> None:
    for name in ("../x", "/x", "a//b", ""):
        with pytest.raises(Breach, match="EVIDENCE_FORM"):
            write_registry(tmp_path, b"root", {name: b"x"})
    write_registry(tmp_path, b"root", {"old.json": b"x"})
    write_registry(tmp_path, federation.pinned, federation.view.files)
    write_figures(tmp_path, FIGURES)
    assert read_evidence(tmp_path).registry == dict(federation.view.files)
