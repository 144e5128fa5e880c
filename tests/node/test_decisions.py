"""Decisions as two real provinces exchanged them: judged again they agree, bent they differ."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from federation.base.errors import Breach, Refusal
from federation.evidence import transcript
from federation.evidence.report import explain, success_report
from federation.evidence.verify import Verifier
from federation.protocol.messages import Mode, Prepare, Verdict
from node.domain.canonical import digest_of, spell
from node.domain.catalogue_form import canonical_catalogue
from node.domain.decision_seals import record_document
from node.domain.exchange import Role
from node.domain.recompute import Recomputation
from node.edges.decision_files import DecisionFile, judge_again, read_decision
from node.edges.decision_form import decision_message
from node.usecases.decisions import Decisions
from tests.node.bending import Steps, leaves, put, spelt
from tests.node.province import DESTINATION, SOURCE, Province
from tests.node.ruled_provinces import (
    OURS,
    THEIRS,
    Decided,
    catalogue,
    decide,
    document,
    publish_all,
    rule,
)
from tests.node.two_provinces import TwoProvinces, rig

SALT = bytes(16)


@pytest.fixture
def ruled(two: TwoProvinces) -> TwoProvinces:
    publish_all(two)
    return two


def found(said: Recomputation) -> list[tuple[str, str]]:
    return [(one.path, one.cause) for one in said.differences]


def message_of(file: DecisionFile) -> Any:
    return decision_message(
        vote=file.vote,
        record=file.record,
        state=file.state,
        wanted=file.wanted,
        documents=list(file.documents.values()),
    )


@pytest.mark.parametrize("role", list(Role))
def test_what_a_rule_decided_recomputes_from_the_transcript_alone(
    ruled: TwoProvinces, role: Role
) -> None:
    done = decide(ruled, "CS-101", "CS-102", "CS-103", "CS-104", "XX-1", role=role, whole=False)
    file = done.file()
    assert file.missing() == []
    assert found(judge_again(file)) == []
    told = message_of(file)
    assert [(one.verdict, list(one.reasons)) for one in told.lots] == [
        ("ACCEPT", []),
        ("ACCEPT", []),
        ("ACCEPT", []),
        ("REJECT", ["TARGET_MET"]),
        ("REJECT", ["NOT_EQUIVALENT"]),
    ]
    together, single = told.groups
    assert (len(together.lots), together.grants[0].target) == (2, "ZJ-1")
    assert [one.granted_hundredths for one in (*together.grants, *single.grants)] == [480, 300]
    (line,) = told.caps
    assert (line.limit, line.used_before, line.allowed, line.left) == (1000, 0, 780, 220)
    assert (told.may_ask_person, told.track) == (True, "RULE")


def test_the_source_has_the_record_and_needs_the_destination_s_documents(
    ruled: TwoProvinces,
) -> None:
    file = decide(ruled, "CS-103").file(ruled.source)
    assert [kind for kind, _ in file.missing()] == ["RULE", "CATALOGUE", "CATALOGUE"]
    assert {cause for _, cause in found(judge_again(file))} == {"DOCUMENT_MISSING"}
    papers = [canonical_catalogue(OURS), canonical_catalogue(THEIRS)]
    assert judge_again(file, rules=[document()], catalogues=papers).agrees


def test_a_decision_names_the_catalogues_of_the_entries_that_spoke(ruled: TwoProvinces) -> None:
    granted, refused = decide(ruled, "CS-103").file(), decide(ruled, "XX-9").file()
    low = decide(ruled, "CS-105", facts={"grade": "60"}).file()
    for one in (granted, low):
        assert [(kind, digest) for kind, digest in one.papers if kind == "CATALOGUE"] == [
            ("CATALOGUE", THEIRS.digest),
            ("CATALOGUE", OURS.digest),
        ]
    assert [kind for kind, _ in refused.papers] == ["RULE"]
    for one in (granted, low, refused):
        assert found(judge_again(one)) == []


def test_a_table_of_equivalences_names_no_catalogue_and_recomputes(two: TwoProvinces) -> None:
    file = decide(two, "CS-101", "XX-1", whole=False).file()
    assert [kind for kind, _ in file.papers] == ["RULE"]
    assert judge_again(file).agrees


def test_the_form_of_a_lot_reaches_the_record(ruled: TwoProvinces) -> None:
    facts = {"kind": "CERTIFICATE", "form": "ONE_PLUS_X"}
    file = decide(ruled, "CS-103", facts=facts).file()
    assert file.content is not None
    assert [lot.form for lot in file.content.given.lots] == ["ONE_PLUS_X"]
    assert judge_again(file).agrees


def test_another_catalogue_of_the_same_version_is_named(ruled: TwoProvinces) -> None:
    file = decide(ruled, "CS-103").file()
    other = canonical_catalogue(catalogue(SOURCE, "CS-103", more=50))
    kept = {digest: one for digest, one in file.documents.items() if digest != THEIRS.digest}
    said = judge_again(replace(file, documents=kept), catalogues=[other])
    assert [(one.path, one.cause, one.found) for one in said.differences] == [
        ("$.given.catalogues[0].sha256", "DOCUMENT_DIFFERS", digest_of(other))
    ]
    assert found(judge_again(replace(file, documents=kept))) == [
        ("$.given.catalogues[0].sha256", "DOCUMENT_MISSING")
    ]


@pytest.mark.parametrize(
    ("path", "differs"),
    [
        (("entries", 0, "grants", 0, "ratio"), "$.decided.lots[0].granted_hundredths"),
        (("entries", 0, "grants", 0, "target"), "$.decided.groups[0].grants[0].target"),
        (("caps", 0, "limit", "at_most"), "$.decided.caps[0].limit"),
        (("catalogues", 1, "version"), "$.decided.lots[0].verdict"),
        (("catalogues", 1, "sha256"), "$.given.catalogues"),
        (("version",), "$.given.authority.rule_version"),
    ],
)
def test_another_rule_is_named_and_so_is_what_it_would_decide(
    ruled: TwoProvinces, path: Steps, differs: str
) -> None:
    content = json.loads(json.dumps(rule()))
    if path[-1] == "ratio":
        content["entries"][0]["grants"][0]["ratio"] = "1/2"
    else:
        put(content, path)
    other = document(**json.loads(json.dumps(content)))
    file = decide(ruled, "CS-101", "CS-102").file()
    kept = {digest: one for digest, one in file.documents.items() if one != document()}
    said = found(judge_again(replace(file, documents=kept), rules=[other]))
    assert ("$.given.authority.rule_digest", "DOCUMENT_DIFFERS") in said
    assert differs in [place for place, _ in said]


@contextmanager
def settled(home: Path) -> Iterator[Decided]:
    for two in rig(home):
        publish_all(two)
        yield decide(two, "CS-101", "CS-102", "CS-105", "XX-1", whole=False)


@pytest.fixture(scope="module")
def exchanged(tmp_path_factory: pytest.TempPathFactory) -> DecisionFile:
    with settled(tmp_path_factory.mktemp("exchanged")) as done:
        return done.file()


def paths_of(file: DecisionFile) -> list[Steps]:
    return [path for path, _ in leaves(json.loads(file.record)["record"])]


def altered(file: DecisionFile, path: Steps) -> DecisionFile:
    whole = json.loads(file.record)
    put(whole["record"], path)
    return replace(file, record=spell(whole))


def test_altering_any_field_of_an_exchanged_record_is_found_and_named(
    exchanged: DecisionFile,
) -> None:
    paths = paths_of(exchanged)
    assert len(paths) > 120
    for path in paths:
        said = found(judge_again(altered(exchanged, path)))
        assert ("$", "DIGEST") in said, path
        assert (spelt(path), "ALTERED") in said, path


def test_a_record_forged_with_its_vote_still_differs(exchanged: DecisionFile) -> None:
    """The destination itself cannot bend what it was offered, nor what follows from it."""
    assert exchanged.vote is not None
    free = {
        # Only the destination knows these; the signed messages hold nothing to compare with.
        "$.given.track",
        "$.given.programme",
        *(f"$.given.lots[{at}].{name}" for at in range(4) for name in ("evidence", "earlier")),
        *(f"$.given.lots[{at}].is_used" for at in range(4)),
        *(f"$.given.{name}" for name in ("struck", "relates_to")),
        "$.given.authority.reviewers",
        "$.decided.caps[0].used_before",
    }
    for path in paths_of(exchanged):
        if spelt(path) in free:
            continue
        forged = altered(exchanged, path)
        vote = replace(exchanged.vote, record_digest=bytes.fromhex(digest_of(forged.record)))
        said = judge_again(replace(forged, vote=vote))
        others = [one for one in said.differences if one.cause != "ALTERED"]
        assert others, spelt(path)


def test_sealed_anew_what_was_offered_is_compared_with_the_offer(
    exchanged: DecisionFile,
) -> None:
    known = exchanged.content
    assert known is not None
    assert exchanged.vote is not None
    lot = known.given.lots[0]
    raised = replace(lot, facts=replace(lot.facts, grade="99"))
    lots = (raised, *known.given.lots[1:])
    forged = replace(known, given=replace(known.given, lots=lots))
    written_anew = record_document(forged, SALT)
    vote = replace(exchanged.vote, record_digest=bytes.fromhex(digest_of(written_anew)))
    said = judge_again(replace(exchanged, record=written_anew, vote=vote))
    assert ("$.given.lots[0].facts.grade", "OFFER") in found(said)


def test_a_vote_that_grants_otherwise_than_its_record_is_named(exchanged: DecisionFile) -> None:
    vote = exchanged.vote
    assert vote is not None
    first, *rest = vote.lots
    more = replace(first, granted_hundredths=first.granted_hundredths + 1)
    said = judge_again(replace(exchanged, vote=replace(vote, lots=(more, *rest))))
    assert found(said) == [("$.decided.lots[0].granted_hundredths", "VOTE")]
    swapped = replace(vote, lots=(first, *rest[:-1], replace(rest[-1], verdict=Verdict.ACCEPT)))
    said = judge_again(replace(exchanged, vote=swapped))
    assert found(said) == [("$.decided.lots[3].verdict", "VOTE")]
    fewer = judge_again(replace(exchanged, vote=replace(vote, groups=())))
    assert ("$.decided.groups", "VOTE") in found(fewer)


def test_a_lot_that_the_record_leaves_out_is_named(exchanged: DecisionFile) -> None:
    prepare = exchanged.prepare
    assert isinstance(prepare, Prepare)
    known = exchanged.content
    assert known is not None
    given = replace(known.given, lots=known.given.lots[:-1])
    forged = record_document(replace(known, given=given), SALT)
    said = judge_again(replace(exchanged, record=forged))
    assert ("$.given.lots", "OFFER") in found(said)


@settings(deadline=None, max_examples=40)
@given(st.data())
def test_no_byte_of_a_document_can_be_another(exchanged: DecisionFile, data: st.DataObject) -> None:
    digest, paper = data.draw(st.sampled_from(sorted(exchanged.documents.items())))
    at = data.draw(st.integers(0, len(paper) - 1))
    other = paper[:at] + bytes([paper[at] ^ data.draw(st.integers(1, 255))]) + paper[at + 1 :]
    kept = {name: one for name, one in exchanged.documents.items() if name != digest}
    said = judge_again(replace(exchanged, documents=kept), rules=[other], catalogues=[other])
    places = [path for path, _ in found(said)]
    assert any("rule_digest" in path or "catalogues" in path for path in places)


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


@pytest.mark.parametrize("role", list(Role))
def test_wishes_are_judged_alone_and_shown_on_both_sides(ruled: TwoProvinces, role: Role) -> None:
    person = ruled.person()
    lots = [ruled.lot(person, code=code) for code in ("CS-103", "CS-105")]
    application = replace(ruled.application(person, *lots, role=role), targets=("ZJ-3",))
    here = ruled.source if role is Role.SOURCE else ruled.destination
    (opened,) = here.applications.open([application])
    asked = Decisions(here.office).show((application.peer, opened.exchange_id))
    assert (asked.wanted, asked.vote, asked.state) == (("ZJ-3",), None, "NONE")
    ruled.run()
    for one in ruled.both:
        peer = SOURCE if one.name == DESTINATION else DESTINATION
        known = Decisions(one.office).show((peer, opened.exchange_id))
        assert known.wanted == ("ZJ-3",)
        assert known.vote is not None
        assert [(lot.verdict, lot.reasons) for lot in known.vote.lots] == [
            (Verdict.REJECT, ("NOT_FOR_TARGET",)),
            (Verdict.ACCEPT, ()),
        ]


def test_what_was_not_decided_says_so(ruled: TwoProvinces) -> None:
    person = ruled.person()
    exchange_id = ruled.apply(person, ruled.lot(person))
    with pytest.raises(Refusal, match="EXCHANGE"):
        Decisions(ruled.source.office).show((DESTINATION, b"?" * 16))
    shown = Decisions(ruled.source.office).show((DESTINATION, exchange_id))
    told = decision_message(vote=shown.vote, record=b"", state=shown.state, wanted=(), documents=())
    assert not told.is_decided
    for other in (b"{}", b"{", b'{"record":1}'):
        with pytest.raises(Breach, match="RECORD_FORM"):
            read_decision(other)


def test_a_recognition_is_decided_alike(ruled: TwoProvinces) -> None:
    file = decide(ruled, "CS-101", "CS-102", mode=Mode.RECOGNISE).file()
    assert judge_again(file).agrees
