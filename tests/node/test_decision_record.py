"""Decision records: judged again they agree; bent anywhere they differ, and say where."""

from __future__ import annotations

import copy
import json
from contextlib import suppress
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from federation.base.errors import Breach
from node.domain.canonical import digest_of, plain, spell
from node.domain.decision_record import Earlier, Record
from node.domain.decision_seals import (
    open_document,
    parse_content,
    read_record,
    record_digest,
    record_document,
)
from node.domain.judgement import PanelJudge, TableJudge, open_table, split
from node.domain.recompute import Documents, Recomputation, recompute, used_scopes
from node.domain.rule_form import parse_rule
from tests.node.bending import Steps, leaves, put, spelt
from tests.node.decision_world import (
    CATALOGUE,
    DOCUMENTS,
    ENTRIES,
    GIVEN,
    LOTS,
    PANEL_DOCUMENTS,
    RULE,
    SALT,
    decided,
    document,
    open_capped,
    panel_decided,
    panel_given,
    panel_minute,
)
from tests.node.rule_documents import DOCUMENT, spelled


def again(written: bytes, documents: Documents = DOCUMENTS, **more: Any) -> Recomputation:
    return recompute(written, documents, open_capped, **more)


def found(said: Recomputation) -> list[tuple[str, str]]:
    return [(one.path, one.cause) for one in said.differences]


def verdicts(record: Record) -> list[tuple[str, int, tuple[str, ...]]]:
    return [(lot.verdict, lot.granted_hundredths, lot.reasons) for lot in record.decided.lots]


def test_every_lot_has_its_verdict_and_every_refusal_its_reason():
    record = decided()
    assert verdicts(record) == [
        ("ACCEPT", 400, ()),
        ("REJECT", 0, ("GRADE_BELOW_MINIMUM",)),
        ("REJECT", 0, ("CAP_CREDITS",)),
        ("REJECT", 0, ("CAP_CREDITS",)),
        ("REJECT", 0, ("EVIDENCE_MISSING",)),
        ("REJECT", 0, ("LOT_USED_BEFORE", "CAP_CREDITS")),
        ("REJECT", 0, ("NOT_EQUIVALENT",)),
    ]
    assert (record.decided.outcome, record.decided.granted_hundredths) == ("PARTIAL", 400)
    assert record.decided.may_ask_person
    by_cap = {line.cap: line for line in record.decided.caps}
    line = by_cap["gd-all"]
    assert (line.limit, line.used_before, line.asked, line.allowed, line.left) == (
        7000,
        6500,
        1200,
        400,
        100,
    )


def test_outcomes_are_positive_partial_or_negative():
    whole = replace(GIVEN, lots=LOTS[:1], struck=())
    none = replace(GIVEN, lots=LOTS[6:], struck=())
    assert [decided(one).decided.outcome for one in (whole, GIVEN, none)] == [
        "POSITIVE",
        "PARTIAL",
        "NEGATIVE",
    ]


def test_a_record_agrees_with_the_documents_it_names():
    written = document()
    assert again(written, named=record_digest(written)).agrees
    assert again(document(panel_decided()), PANEL_DOCUMENTS).agrees
    assert read_record(written) == decided()


def test_a_table_of_equivalences_of_today_recomputes():
    rule = spelled(DOCUMENT | {"equivalences": ENTRIES})
    judge = TableJudge(parse_rule(rule))
    name, version, digest = judge.rule
    authority = replace(GIVEN.authority, rule=name, rule_version=version, rule_digest=digest)
    record = decided(replace(GIVEN, authority=authority), judge)
    said = recompute(document(record), Documents(rule=rule, catalogues=(CATALOGUE,)), open_table)
    assert said.agrees
    assert record.decided.caps == ()


def test_a_panel_grants_lots_together_and_shares_sum():
    record = panel_decided()
    assert verdicts(record) == [
        ("ACCEPT", 313, ()),
        ("ACCEPT", 187, ()),
        ("REJECT", 0, ("NOT_EQUIVALENT",)),
    ]
    assert record.decided.lots[0].grade == "免考"
    assert record.decided.lots[0].original_grade == "percent:85"
    assert not record.decided.may_ask_person
    assert [line.cap for line in record.decided.caps] == [
        "ouc-compulsory",
        "gd-all",
        "same-target",
    ]


def test_an_appeal_raises_and_never_lowers():
    before = replace(LOTS[0], earlier=(Earlier(target="GD-1", hundredths=300),))
    above = replace(LOTS[0], earlier=(Earlier(target="GD-1", hundredths=450),))
    for lot, granted, asked in ((before, 400, 100), (above, 450, 0)):
        record = decided(replace(GIVEN, lots=(lot,), struck=()), **{"gd-all": 6900})
        assert record.decided.lots[0].granted_hundredths == granted
        (line,) = [one for one in record.decided.caps if one.cap == "gd-all"]
        assert (line.asked, line.allowed) == (asked, asked)
    two = (Earlier(target="GD-1", hundredths=300), Earlier(target="GD-9", hundredths=50))
    both = decided(replace(GIVEN, lots=(replace(LOTS[0], earlier=two),), struck=()))
    assert both.decided.lots[0].granted_hundredths == 450
    full = decided(replace(GIVEN, lots=(before,), struck=()), **{"gd-all": 6950})
    assert verdicts(full) == [("ACCEPT", 300, ("CAP_CREDITS",))]
    assert again(document(full)).agrees


def bent(record: Record, path: Steps, *, resealed: bool) -> bytes:
    content = json.loads(spell(plain(record)))
    put(content, path)
    if resealed:
        with suppress(Breach):
            return record_document(parse_content(content), SALT)
    whole = json.loads(document(record))
    return spell(whole | {"record": content})


FEW = decided(replace(GIVEN, lots=(LOTS[0], LOTS[2], LOTS[4])))
RULED = [path for path, _ in leaves(json.loads(spell(plain(FEW))))]
PANELLED = [path for path, _ in leaves(json.loads(spell(plain(panel_decided()))))]


@pytest.mark.parametrize("track", ["rule", "panel"])
def test_altering_any_field_is_found_and_named(track):
    record, documents, paths = (
        (FEW, DOCUMENTS, RULED) if track == "rule" else (panel_decided(), PANEL_DOCUMENTS, PANELLED)
    )
    named = record_digest(document(record))
    assert len(paths) > 100
    for path in paths:
        said = again(bent(record, path, resealed=False), documents, named=named)
        assert (spelt(path), "ALTERED") in found(said), path
        assert ("$", "DIGEST") in found(said)


@pytest.mark.parametrize("track", ["rule", "panel"])
def test_what_followed_cannot_be_altered_even_with_new_seals(track):
    record, documents, paths = (
        (FEW, DOCUMENTS, RULED) if track == "rule" else (panel_decided(), PANEL_DOCUMENTS, PANELLED)
    )
    named = record_digest(document(record))
    for path in paths:
        altered = bent(record, path, resealed=True)
        assert found(again(altered, documents, named=named))[0] == ("$", "DIGEST"), path
        if path[0] == "decided":
            assert not again(altered, documents).agrees, path


@pytest.mark.parametrize(
    ("path", "differs"),
    [
        (("decided", "lots", 0, "granted_hundredths"), "$.decided.lots[0].granted_hundredths"),
        (("decided", "granted_hundredths"), "$.decided.granted_hundredths"),
        (("decided", "outcome"), "$.decided.outcome"),
        (("decided", "caps", 0, "limit"), "$.decided.caps[0].limit"),
        (("decided", "caps", 0, "left"), "$.decided.caps[0].left"),
        (("decided", "groups", 0, "grants", 0, "target"), "$.decided.groups[0].grants[0].target"),
        (("decided", "groups", 0, "entry"), "$.decided.groups[0].entry"),
        (("decided", "may_ask_person"), "$.decided.may_ask_person"),
        (("given", "lots", 0, "amount_hundredths"), "$.decided.offered_hundredths"),
        (("given", "authority", "rule_version"), "$.given.authority.rule_version"),
        (("given", "authority", "rule"), "$.given.authority.rule"),
    ],
)
def test_judging_again_names_what_differs(path, differs):
    said = again(bent(decided(), path, resealed=True))
    assert differs in [one.path for one in said.differences]
    assert "ALTERED" not in [one.cause for one in said.differences]


def test_a_grade_that_was_raised_changes_what_is_judged_again():
    raised = replace(LOTS[1], facts=replace(LOTS[1].facts, grade="70"))
    forged = replace(decided(), given=replace(GIVEN, lots=(LOTS[0], raised, *LOTS[2:])))
    answer = again(document(forged))
    assert [one.sentences for one in answer.differences if "original_grade" in one.path] == [
        (
            "$.decided.lots[1].original_grade:重新判断得出另一个值(percent:60 / percent:70)",
            "$.decided.lots[1].original_grade: judging again gives another value "
            "(percent:60 / percent:70)",
        )
    ]
    said = found(answer)
    assert ("$.decided.lots[1].original_grade", "RECOMPUTED") in said
    assert ("$.decided.lots[1].reasons[0]", "RECOMPUTED") in said


def test_another_rule_is_named_and_so_is_what_it_would_decide():
    other = json.loads(RULE)
    other["table"]["equivalences"][0]["ratio"] = "1/2"
    said = found(again(document(), replace(DOCUMENTS, rule=spell(other))))
    assert ("$.given.authority.rule_digest", "DOCUMENT_DIFFERS") in said
    assert ("$.decided.lots[0].granted_hundredths", "RECOMPUTED") in said


def test_another_cap_is_named_and_so_is_what_it_would_decide():
    other = json.loads(RULE)
    other["caps"][1]["limit"]["share"] = "49/100"
    said = found(again(document(), replace(DOCUMENTS, rule=spell(other))))
    assert ("$.given.authority.rule_digest", "DOCUMENT_DIFFERS") in said
    assert ("$.decided.caps[0].limit", "RECOMPUTED") in said


@settings(deadline=None, max_examples=60)
@given(st.integers(0, len(RULE) - 1), st.integers(1, 255))
def test_no_byte_of_the_rule_can_be_another(at, mask):
    other = RULE[:at] + bytes([RULE[at] ^ mask]) + RULE[at + 1 :]
    said = found(again(document(), replace(DOCUMENTS, rule=other)))
    assert ("$.given.authority.rule_digest", "DOCUMENT_DIFFERS") in said


def test_another_or_missing_catalogue_is_named():
    for catalogues in ((CATALOGUE + b"x",), ()):
        said = again(document(), replace(DOCUMENTS, catalogues=catalogues))
        assert found(said) == [("$.given.catalogues[0].sha256", "DOCUMENT_MISSING")]


def test_another_or_missing_minute_or_rule_is_named():
    written = document(panel_decided())
    for minute, cause in ((None, "DOCUMENT_MISSING"), (b"{}", "DOCUMENT_DIFFERS")):
        said = again(written, replace(PANEL_DOCUMENTS, minute=minute))
        assert ("$.given.authority.minute", cause) in found(said)
    said = again(document(), replace(DOCUMENTS, rule=None))
    assert found(said) == [("$.given.authority.rule_digest", "DOCUMENT_MISSING")]
    fewer = replace(panel_minute(), evidence=())
    said = again(written, replace(PANEL_DOCUMENTS, minute=fewer.document()))
    assert found(said) == [("$.given.authority.minute", "DOCUMENT_DIFFERS")]


def test_a_decision_by_nothing_agrees_with_nothing():
    bare = replace(GIVEN, authority=replace(GIVEN.authority, rule_digest=""))
    said = again(document(replace(decided(), given=bare)))
    assert ("$.given.authority", "RECOMPUTED") in found(said)
    panel = replace(GIVEN, track="PANEL")
    assert ("$.given.track", "RECOMPUTED") in found(
        again(document(replace(decided(), given=panel)))
    )


def test_bytes_that_are_no_record_are_refused():
    for other in (b"", b"{}", b"[]", document() + b"\n", document()[1:]):
        with pytest.raises(Breach, match="RECORD_FORM"):
            again(other)
    whole = json.loads(document())
    for salt in ("zz", "00", SALT.hex().upper(), 7):
        with pytest.raises(Breach, match="RECORD_FORM"):
            open_document(spell(whole | {"salt": salt}))
    odd = copy.deepcopy(whole)
    odd["record"]["given"]["lots"][0]["facts"]["grade"] = "101"
    said = again(spell(odd))
    assert found(said) == [("$.given.lots[0].facts.grade", "ALTERED"), ("$", "FORM")]
    with pytest.raises(Breach, match="RECORD_ALTERED"):
        read_record(spell(odd))


def test_another_salt_is_named_and_nothing_else_is():
    whole = json.loads(document())
    _, altered = open_document(spell(whole | {"salt": "00" * 16}))
    assert altered == ("$.salt",)
    with pytest.raises(ValueError, match="salt"):
        record_document(decided(), b"short")


def test_a_digest_tells_nothing_without_the_salt():
    other = record_document(decided(), bytes(16))
    assert record_digest(other) != record_digest(document())


def test_the_totals_that_must_be_read_are_those_of_the_lots_asked_for():
    scopes = used_scopes(panel_given(), PanelJudge(panel_minute(), open_capped(RULE, {})))
    assert {cap for cap, _, _ in scopes} == {
        "LOT_ONCE",
        "ouc-compulsory",
        "gd-all",
        "same-target",
    }


@settings(deadline=None)
@given(
    st.integers(0, 10_000),
    st.dictionaries(st.text("abcdef", min_size=1), st.integers(1, 10**6), min_size=1, max_size=8),
)
def test_a_split_sums_exactly_and_leaves_nobody_out(hundredths, weights):
    shares = split(hundredths, weights)
    assert sum(shares.values()) == hundredths
    assert set(shares) == set(weights)
    assert min(shares.values()) >= (hundredths >= len(weights))


def test_digests_are_of_the_bytes():
    assert record_digest(document()) == digest_of(document())
