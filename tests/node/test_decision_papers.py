"""Transcripts carry what a decision rests on; erased, a record is nowhere and the chain holds."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from federation.base.errors import Breach
from federation.evidence import transcript
from federation.evidence.report import explain, success_report
from federation.evidence.verify import Verifier
from node.domain.canonical import digest_of
from node.edges.decision_files import judge_again, read_decision
from tests.node.province import Province
from tests.node.ruled_provinces import (
    THEIRS,
    Decided,
    decide,
    document,
    message_of,
    publish_all,
)
from tests.node.two_provinces import TwoProvinces


@pytest.fixture
def ruled(two: TwoProvinces) -> TwoProvinces:
    publish_all(two)
    return two


def verified(done: Decided, at: Province, exported: bytes) -> Any:
    view = at.registry.view()
    return success_report(Verifier(view).verify(transcript.decode(exported)))


def test_a_transcript_carries_what_its_record_names_and_nothing_else(
    ruled: TwoProvinces,
) -> None:
    done = decide(ruled, "CS-103")
    exported = done.exported()
    report = verified(done, ruled.destination, exported)
    assert (report.record_state, report.is_rule_shown) == ("shown", True)
    assert [(one.kind, one.state) for one in report.papers] == [
        ("RULE", "shown"),
        ("CATALOGUE", "shown"),
        ("CATALOGUE", "shown"),
    ]
    assert f"CATALOGUE {THEIRS.name}@{THEIRS.version} 已出示 shown" in explain(report)
    opened = transcript.decode(exported)
    stranger = replace(opened, documents=tuple(sorted((*opened.documents, b"x"), key=_sha)))
    with pytest.raises(Exception, match="documents: DOCUMENT_UNNAMED"):
        verified(done, ruled.destination, transcript.encode(stranger))
    turned = replace(opened, documents=opened.documents[::-1])
    with pytest.raises(Breach, match="TRANSCRIPT_ORDER"):
        transcript.decode(transcript.encode(turned))


def _sha(one: bytes) -> str:
    return digest_of(one)


def test_a_whole_archive_leaves_the_catalogues_to_lie_beside_it(ruled: TwoProvinces) -> None:
    done = decide(ruled, "CS-103")
    key = done.key(ruled.destination)
    ((_, made),) = ruled.destination.operations.transcripts([key], with_registry=False)
    assert transcript.decode(made).documents == ()
    assert transcript.decode(made).rule_document == document()


@pytest.mark.parametrize("at", [0, 1], ids=["source", "destination"])
def test_an_erased_learner_s_record_is_nowhere_and_the_chain_still_holds(
    ruled: TwoProvinces, at: int
) -> None:
    facts = {"issuer": "独一无二学院", "grade": "87.25"}
    done = decide(ruled, "CS-101", "CS-102", facts=facts)
    one = ruled.both[at]
    before = done.file(one)
    record = json.loads(before.record)
    values = [before.record, record["salt"], "独一无二学院", "percent:87.25", "课程 CS-101"]
    gone = [value if isinstance(value, bytes) else value.encode() for value in values]
    gone += [record["seals"]["given"]["lots"][0]["facts"]["grade"].encode()]
    kept = one.stored_bytes()
    # SQLite cuts long values over pages, so the whole of the record lies nowhere in one piece.
    assert [value for value in gone[1:] if value not in kept] == []
    one.accounts.erase(done.person.accounts[one.name])
    kept = one.stored_bytes()
    # Titles of a catalogue are nobody's; they stand in what this province published.
    published = {b"\xe8\xaf\xbe\xe7\xa8\x8b CS-101"} if at else set()
    assert [value for value in gone if value in kept and value not in published] == []
    exported = done.exported(one)
    assert [value for value in gone if value in exported and value not in published] == []
    report = verified(done, one, exported)
    assert (report.valid, report.record_state) == (True, "erased")
    assert "认定记录 · Decision record: 已删除 erased" in explain(report)
    after = read_decision(exported)
    assert after.state == "ERASED"
    assert transcript.decode(exported).documents == ()
    (said,) = judge_again(after).differences
    assert (said.path, said.cause, said.found) == ("$", "RECORD_ABSENT", "ERASED")
    told = message_of(after)
    assert [group.granted_hundredths for group in told.lots] == [240, 240]
    assert (told.caps[:], told.record_state) == ([], "ERASED")


def test_a_withheld_record_is_told_apart_from_an_erased_one(ruled: TwoProvinces) -> None:
    done = decide(ruled, "CS-103")
    opened = transcript.decode(done.exported())
    bare = replace(
        opened,
        links=tuple(
            replace(one, openings=b"") if "vote" in one.evidence.item.type else one
            for one in opened.links
        ),
        documents=(),
    )
    report = verified(done, ruled.destination, transcript.encode(bare))
    assert (report.valid, report.record_state) == (True, "withheld")
    file = read_decision(transcript.encode(bare))
    assert [one.found for one in judge_again(file).differences] == ["WITHHELD"]
