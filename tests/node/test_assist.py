"""The examination by articulation agreements: what it can say, and that it sees a faulty engine."""

from __future__ import annotations

import ast
import gzip
import json
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from node.domain import rule_grants, rulebook_build
from node.domain.catalogue_form import parse_catalogue
from node.domain.rulebook import AtLeast
from node.domain.rulebook_form import parse_rulebook
from scripts import assist_oracle
from scripts.assist_converter import Inexpressible, University, code_of
from scripts.assist_examination import Examination, is_passed, main
from scripts.assist_judging import SENDING, EngineJudge
from scripts.assist_oracle import Unreadable, is_met, read_tree, smallest_set
from scripts.assist_records import read_articulations
from tests.node.assist_agreements import (
    SAMPLE,
    A,
    B,
    C,
    agreements,
    all_of,
    alone,
    area,
    course,
    group,
    one_of,
    series,
    target,
)


def examined(articulations: list[Any], judging: EngineJudge | None = None) -> dict[str, Any]:
    examination = Examination()
    examination.read(articulations)
    return examination.run(judging or EngineJudge())


def score(figures: dict[str, Any]) -> int:
    return int(figures["granted_right"] + figures["refused_right"])


def test_every_form_of_agreement_comes_out_right():
    figures = examined(SAMPLE)
    assert figures["wrong"] == []
    assert figures["exceptions"] == {}
    assert figures["articulations"] == figures["expressible"] == figures["granted_right"] == 13
    # Any two courses of U 7 + U 8 still count for U 8 alone.
    assert figures["refused_cases"] == figures["refused_right"] == 12
    assert figures["grade_cases"] == figures["grade_right"] == 2
    assert is_passed(figures)


def test_the_oracle_imports_nothing_of_the_node():
    tree = ast.parse(Path(assist_oracle.__file__).read_text())
    imported = {
        name
        for node in ast.walk(tree)
        if isinstance(node, ast.Import | ast.ImportFrom)
        for name in (
            [node.module] if isinstance(node, ast.ImportFrom) else [a.name for a in node.names]
        )
    }
    assert not {
        name for name in imported if name.split(".")[0] in ("node", "federation", "scripts")
    }


# Faults of the engine: each must cost points.


def test_an_and_read_as_an_or_is_seen(monkeypatch):
    _build_node(monkeypatch, lambda node: replace(node, count=1))
    figures = examined(SAMPLE)
    assert score(figures) < 25
    assert figures["refused_right"] < figures["refused_cases"]
    assert not is_passed(figures)


def test_an_or_read_as_an_and_is_seen(monkeypatch):
    _build_node(monkeypatch, lambda node: replace(node, count=len(node.parts)))
    figures = examined(SAMPLE)
    assert figures["granted_right"] < figures["expressible"]
    assert not is_passed(figures)


def test_a_group_dropped_is_seen(monkeypatch):
    def without_last(node: AtLeast) -> AtLeast:
        parts = node.parts[:-1] or node.parts
        return AtLeast(min(node.count, len(parts)), parts)

    _build_node(monkeypatch, without_last)
    figures = examined(SAMPLE)
    assert score(figures) < 25
    assert not is_passed(figures)


def test_units_not_converted_are_seen(monkeypatch):
    def as_sent(grant: Any, lots: Any) -> Fraction:
        return Fraction(sum(lot.amount_hundredths for lot in lots))

    monkeypatch.setattr(rule_grants, "exact_amount", as_sent)
    figures = examined(SAMPLE)
    assert figures["granted_right"] < figures["expressible"]
    assert not is_passed(figures)


def test_a_grade_ignored_is_seen(monkeypatch):
    monkeypatch.setattr("node.domain.rule_conditions._grade", lambda *_: [])
    figures = examined(SAMPLE)
    assert figures["grade_right"] < figures["grade_cases"]
    assert not is_passed(figures)


def _build_node(monkeypatch: pytest.MonkeyPatch, bend: Any) -> None:
    build = rulebook_build._Builder._node

    def bent(self: Any, value: Any, inherited: Any) -> Any:
        node = build(self, value, inherited)
        return bend(node) if isinstance(node, AtLeast) else node

    monkeypatch.setattr(rulebook_build._Builder, "_node", bent)


def _rule(articulations: list[Any]) -> bytes:
    examination = Examination()
    examination.read(articulations)
    (papers,) = examination.papers().values()
    return papers.rule


# The converter.


def test_units_become_hundredths_and_a_series_several_grants():
    rule = parse_rulebook(_rule(SAMPLE))
    by_target = {one.targets: one for one in rule.entries}
    (half,) = by_target[("U 5",)].grants
    assert half.credits_hundredths == 250
    assert [one.credits_hundredths for one in by_target[("U 7", "U 8")].grants] == [400, 300]
    (span,) = by_target[("U 11",)].grants
    assert (span.ratio, span.least, span.most) == (Fraction(1), 100, 500)
    assert by_target[("U 2",)].note == "Complete entire sequence at same institution"
    assert {("U 9",), ("U 10",)} <= set(by_target)
    assert all(one.catalogue.digest for entry in rule.entries for one in _courses(entry.requires))


def _courses(node: Any) -> list[Any]:
    return [node] if not hasattr(node, "parts") else [c for p in node.parts for c in _courses(p)]


@pytest.mark.parametrize(
    ("record", "sending", "reason"),
    [
        (target("U"), None, "SENDING_FORM"),
        (target("U"), [], "SENDING_FORM"),
        (target("U"), {"type": "SET", "conjunction": None, "items": []}, "SENDING_FORM"),
        (target("U"), {"type": "BAG", "items": [A]}, "SENDING_TYPE"),
        (target("U"), {"type": "SET", "conjunction": None, "items": [A, B]}, "CONJUNCTION"),
        (target("U"), {"type": "SET", "conjunction": "XOR", "items": [A, B]}, "CONJUNCTION"),
        (target("U"), {"type": "SET", "conjunction": [], "items": [A, B]}, "CONJUNCTION"),
        (target("U"), group(["OR"], alone(A), alone(B), alone(C)), "CONJUNCTION"),
        (target("U"), group(["AND", "OR"], alone(A), alone(B), alone(C)), "AMBIGUOUS"),
        (target("U"), {"type": "GROUP", "conjunctions": 1, "items": [A, B]}, "CONJUNCTION"),
        (target("U"), alone({}), "COURSE_KEY"),
        (target("U"), alone(A | {"title": None}), "COURSE_TITLE"),
        (target("U"), alone(A | {"max_units": 0}), "COURSE_UNITS"),
        (target("U"), alone(A | {"max_units": "3"}), "COURSE_UNITS"),
        (target("U"), alone(A | {"max_units": 3.001}), "COURSE_UNITS"),
        (
            target("U"),
            alone(course("X 1", 2.0, "Course must be taken for at least 3 units")),
            "COURSE_UNITS",
        ),
        (target("U", 0.0), alone(A), "TARGET_UNITS"),
        (target("U", 4.0, 3.0), alone(A), "TARGET_UNITS"),
        (target("U") | {"key": None}, alone(A), "TARGET_KEY"),
        (target("U") | {"type": "RIDDLE"}, alone(A), "TARGET_TYPE"),
        (None, alone(A), "TARGET_TYPE"),
        (series(target("U"), word="NOR"), alone(A), "SERIES_FORM"),
        (
            {"type": "SERIES", "key": "x", "conjunction": "AND", "courses": []},
            alone(A),
            "SERIES_FORM",
        ),
    ],
)
def test_what_cannot_be_said_is_an_exception_with_its_reason(record, sending, reason):
    figures = examined(agreements((record, sending), (target("U 2"), alone(B))))
    assert figures["exceptions"] == {reason: 1}
    assert figures["exception_list"][0]["where"].startswith("made up:0: ")
    assert (figures["articulations"], figures["expressible"]) == (2, 1)
    assert figures["granted_right"] == 1


@pytest.mark.parametrize("college", [None, "", 7, "a\u202eb"])
def test_a_college_without_a_name_is_an_exception(college):
    figures = examined(agreements((target("U"), alone(A)), college=college))
    assert figures["exceptions"] == {"COLLEGE": 1}


def test_keys_that_are_no_codes_get_one_of_their_own():
    assert code_of("CHEM 1A") == "CHEM 1A"
    odd = ["home", "*", "x" * 65, "x" * 66, " A", "A\u200b", "e\u0301"]
    assert len({code_of(key) for key in odd}) == len(odd)
    pairs = [(target(key), alone(course(f"{key} 1"))) for key in odd]
    figures = examined(agreements(*pairs, (area("y" * 90), alone(A))))
    assert (figures["exceptions"], figures["granted_right"]) == ({}, len(odd) + 1)


def test_nothing_is_added_of_what_cannot_be_said():
    university = University("U", "CN-T01", "CN-T99")
    with pytest.raises(Inexpressible):
        university.add(agreements((target("U", 0.0), alone(A)))[0])
    assert (university.entries, university.colleges, university.targets) == ([], {}, {})


def test_files_are_read_line_by_line(tmp_path):
    row = {"receiving": "U", "subject": "S", "record": target("U 1")}
    row["record"]["articulations"] = [{"sending_name": "C", "sending_articulation": alone(A)}]
    path = tmp_path / "u.jsonl"
    bad = json.dumps({"record": 5}) + "\n[]\n\n{\n" + "[" * 100_000 + "\n"
    path.write_bytes(f"{json.dumps(row)}\n{bad}".encode() + b'{"receiving": "\xff"}\n')
    found = list(read_articulations([path]))
    assert [(one.place, one.college) for one in found][:1] == [("u.jsonl:1:0", "C")]
    figures = examined(found)
    assert (figures["articulations"], figures["granted_right"]) == (6, 1)
    assert figures["exceptions"] == {"UNIVERSITY": 2, "LINE": 3}
    assert [one["where"].split(": ")[0] for one in figures["exception_list"][2:]] == [
        "u.jsonl:5",
        "u.jsonl:6",
        "u.jsonl:7",
    ]
    assert not is_passed(figures)


def test_the_command_prints_the_figures_and_says_by_its_code_whether_all_is_right(
    tmp_path, monkeypatch, capsys
):
    def ran(*words: str) -> tuple[int, str]:
        monkeypatch.setattr("sys.argv", ["assist", *words, "--engine-only"])
        with pytest.raises(SystemExit) as left:
            main()
        return int(left.value.code or 0), capsys.readouterr().out

    path = tmp_path / "u.jsonl.gz"
    rows = [
        {
            "receiving": one.university,
            "subject": "EX",
            "record": one.record
            | {
                "articulations": [
                    {"sending_name": one.college, "sending_articulation": one.sending}
                ]
            },
        }
        for one in SAMPLE
    ]
    path.write_bytes(gzip.compress("\n".join(map(json.dumps, rows)).encode()))
    code, out = ran(str(path), "--json")
    figures = json.loads(out)
    assert (code, figures["articulations"], figures["granted_right"]) == (0, 13, 13)
    assert {"expressible", "refused_cases", "refused_right", "exceptions"} <= set(figures)
    assert figures["decisions_per_second"] > 0
    assert figures["cpu_seconds"] > 0
    assert "decisions_recomputed" not in figures
    told = ran(str(path))[1]
    assert told.startswith("articulations")
    assert "衔接协议条目 · articulations read" in told
    monkeypatch.setattr("node.domain.rule_conditions._grade", lambda *_: [])
    assert ran(str(path))[0] == 1
    assert ran(str(tmp_path / "none.jsonl"))[0] == 2
    monkeypatch.undo()
    for name, content in (
        ("cut.gz", path.read_bytes()[:-30]),
        ("no.gz", b"{}"),
        ("no.bin.gz", b""),
    ):
        (tmp_path / name).write_bytes(content)
        assert ran(str(tmp_path / name))[0] in (1, 2), name
    # Nothing to examine is no success.
    (tmp_path / "empty.jsonl").write_text("\n")
    assert ran(str(tmp_path / "empty.jsonl"))[0] == 1
    (tmp_path / "odd.jsonl").write_text("{")
    code, out = ran(str(tmp_path / "odd.jsonl"), "--json")
    assert (code, json.loads(out)["exceptions"]) == (1, {"LINE": 1})


def test_a_university_of_which_no_rule_can_be_made_keeps_no_other_from_its_own(monkeypatch):
    whole = agreements((target("U 1"), alone(A)))
    other = [replace(one, university="Other") for one in agreements((target("U 2"), alone(B)))]
    content = University.content
    monkeypatch.setattr(
        University,
        "content",
        lambda self: content(self) | ({"version": 0} if self.name == "Other" else {}),
    )
    figures = examined([*whole, *other])
    assert figures["exceptions"] == {"RULE_FORM": 1}
    assert figures["exception_list"][0]["where"].startswith("made up:0: ")
    assert (figures["articulations"], figures["expressible"]) == (2, 1)
    assert figures["granted_right"] == 1


@pytest.mark.parametrize("name", ["", "a\u202eb", "x" * 500])
def test_what_can_name_no_rule_is_no_university(name):
    odd = [replace(one, university=name) for one in agreements((target("U"), alone(A)))]
    assert examined(odd)["exceptions"] == {"UNIVERSITY": 1}


def test_more_targets_than_one_may_wish_for_are_an_exception():
    many = series(*(target(f"U {at}") for at in range(17)))
    figures = examined(agreements((many, alone(A)), (target("V"), alone(B))))
    assert figures["exceptions"] == {"TOO_MANY": 1}


def test_what_a_rule_cites_is_a_catalogue_with_the_digest_it_names():
    examination = Examination()
    examination.read(agreements((target("U 1", 4.5), alone(A)), (area("Arts/Music"), alone(B))))
    (papers,) = examination.papers().values()
    cited = {one["sha256"]: one for one in json.loads(papers.rule)["catalogues"]}
    published = [parse_catalogue(one) for one in (papers.home, *papers.cited)]
    assert {one.digest for one in published} == set(cited)
    assert all(cited[one.digest]["name"] == one.name for one in published)
    home, college = published
    assert home.name == f"{papers.province}/courses"
    assert [(one.code, one.credits_hundredths) for one in home.entries] == [
        ("Arts/Music", 0),
        ("U 1", 450),
    ]
    assert college.name == f"{SENDING}/Example College"


# The oracle.


def test_a_course_in_two_parts_of_an_and_is_asked_as_both_readings_allow():
    tree = read_tree(group(["AND"], one_of(A, B), one_of(A, C)))
    assert {one.key for one in smallest_set(tree)} in ({"EX 0", "EX 2"}, {"EX 1", "EX 0"})
    assert is_met(tree, {"EX 0": "A"})
    with pytest.raises(Unreadable):
        smallest_set(read_tree(group(["AND"], one_of(A), all_of(A, B))))


def test_grades_are_compared_by_the_oracle_itself():
    tree = read_tree(alone(course("X 1", 3.0, "Minimum grade required: B- or better")))
    assert is_met(tree, {"X 1": "B-"})
    assert not is_met(tree, {"X 1": "C+"})
    assert not is_met(tree, {})
