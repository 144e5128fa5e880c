"""The itineraries of demonstration and replay: pure functions of seed and numbers."""

from __future__ import annotations

import csv
import gzip
from collections import Counter
from itertools import combinations
from pathlib import Path

import pytest

from federation.base.errors import Refusal
from federation.base.names import REGIONS
from node.domain.national_id import check_document
from node.domain.rule_judge import open_rule
from node.edges.demo.itinerary import REFUSED, Itinerary, foresee
from node.edges.demo.journal import Journal
from node.edges.demo.moves import plan_moves
from node.edges.demo.oulad import COLUMNS, award_day, read_records
from node.edges.demo.people import RARE
from node.edges.demo.plan import SHARES, choose_provinces, plan_demo
from node.edges.demo.site import open_site


def plan(*, seed: int = 7, provinces: int = 9, transfers: int = 144) -> Itinerary:
    """Return the ordinary demonstration, but for what is given."""
    return plan_demo(seed=seed, provinces=provinces, learners=45, transfers=transfers)


def forecasts(itinerary: Itinerary) -> Counter[str]:
    """Count how the rules will judge the transfers, a learner's no included."""
    rules = {code: open_rule(document) for code, document in itinerary.rules.items()}
    rows = {
        (code, row.reference): row for code, found in itinerary.deposits.items() for row in found
    }
    counted: Counter[str] = Counter()
    for one in itinerary.transfers:
        offer = tuple(rows[one.source, reference] for reference in one.deposits)
        forecast = foresee(rules[one.destination], one.source, offer).end
        counted["declined" if forecast != REFUSED and not one.accepts else forecast] += 1
    return counted


def test_one_seed_makes_one_plan() -> None:
    assert plan().digest() == plan().digest()
    assert plan().digest() != plan(seed=8).digest()


def test_nine_provinces_fill_every_ordered_pair() -> None:
    pairs = {(one.source, one.destination) for one in plan().transfers}
    assert len(pairs) == 72


def test_sixteen_provinces_reach_inside_and_between_all_regions() -> None:
    region = {code: name for name, codes in REGIONS.items() for code in codes}
    touched = {
        frozenset((region[one.source], region[one.destination]))
        for one in plan(provinces=16).transfers
        if one.source in region and one.destination in region
    }
    expected = {frozenset((name,)) for name in REGIONS}
    expected |= {frozenset(two) for two in combinations(REGIONS, 2)}
    assert touched >= expected


def test_ends_come_in_the_shares_wanted() -> None:
    counted = forecasts(plan(transfers=1000))
    assert counted == {kind: 10 * share for kind, share in SHARES.items()}


def test_every_kind_of_end_comes_even_among_few() -> None:
    assert set(forecasts(plan(transfers=4))) == set(SHARES)


@pytest.mark.parametrize("learners", [1, 3, 45])
def test_every_rare_character_is_in_a_name(learners: int) -> None:
    itinerary = plan_demo(seed=1, provinces=3, learners=learners, transfers=4)
    names = "".join(one.name for people in itinerary.accounts.values() for one in people)
    assert all(char in names for char in RARE)


def test_invented_identity_numbers_are_possible_and_distinct() -> None:
    people = {one.reference: one for found in plan().accounts.values() for one in found}
    for one in people.values():
        number = check_document(one.document_type, one.document_number, "2026-01-01")
        assert number == one.document_number
    assert len({one.document_number for one in people.values()}) == len(people)


def test_lots_can_be_told_apart_in_an_archive() -> None:
    for rows in plan(transfers=600).deposits.values():
        marks = [(row.learner, row.facts.code, row.facts.earned) for row in rows]
        assert len(set(marks)) == len(marks)
        assert [row.line for row in rows] == list(range(1, len(rows) + 1))


def test_learners_have_accounts_on_both_sides() -> None:
    itinerary = plan()
    having = {
        (code, one.reference) for code, people in itinerary.accounts.items() for one in people
    }
    for one in itinerary.transfers:
        assert {(one.source, one.learner), (one.destination, one.learner)} <= having


@pytest.mark.parametrize("count", [0, 1, 99])
def test_impossible_numbers_of_provinces_are_refused(count: int) -> None:
    with pytest.raises(Refusal, match="DEMO_OPTIONS"):
        choose_provinces(count)


def test_a_folder_is_taken_up_with_the_same_options_only(tmp_path: Path) -> None:
    provinces = ("CN-11", "CN-31")
    with open_site(tmp_path, {"seed": 1}, provinces) as first:
        assert first.is_new
        with pytest.raises(Refusal, match="DEMO_BUSY"), open_site(tmp_path, {"seed": 1}, provinces):
            pass
    with open_site(tmp_path, {"seed": 1}, provinces) as again:
        assert not again.is_new
        assert again.ports == first.ports
    with pytest.raises(Refusal, match="DEMO_DIFFERS"), open_site(tmp_path, {"seed": 2}, provinces):
        pass


def test_a_folder_of_something_else_is_refused(tmp_path: Path) -> None:
    (tmp_path / "letter.txt").write_text("dear")
    with pytest.raises(Refusal, match="NOT_EMPTY"), open_site(tmp_path, {"seed": 1}, ("CN-11",)):
        pass


def test_journal_forgets_only_a_torn_line(tmp_path: Path) -> None:
    path = tmp_path / "acknowledged.jsonl"
    journal = Journal(path)
    journal.add([{"what": "account", "is": "1"}, {"what": "account", "is": "1"}])
    journal.close()
    with path.open("ab") as file:
        file.write(b'{"what": "acc')
    journal = Journal(path)
    journal.add([{"what": "account", "is": "2"}])
    journal.close()
    assert [fact["is"] for fact in Journal(path).facts] == ["1", "2"]


ROW = {
    "code_module": "AAA",
    "code_presentation": "2013J",
    "id_student": "11391",
    "region": "Wales",
    "final_result": "Pass",
}


def write_records(folder: Path, *changes: dict[str, str]) -> None:
    """Write a data set of rows that differ from an ordinary one as given."""
    (folder / "courses.csv").write_text(
        "code_module,code_presentation,module_presentation_length\nAAA,2013J,268\nZZZ,2013J,268\n"
    )
    with gzip.open(folder / "studentInfo.csv.gz", "wt", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(COLUMNS)
        writer.writerows([(ROW | change).get(name, "?") for name in COLUMNS] for change in changes)


def test_rows_that_cannot_be_taken_are_listed_with_line_and_reason(tmp_path: Path) -> None:
    write_records(
        tmp_path,
        {},
        {},
        {"id_student": "2", "final_result": "Fail"},
        {"id_student": "x7"},
        {"id_student": "3", "region": "?"},
        {"id_student": "4", "code_module": "ZZZ"},
        {"id_student": "5", "code_presentation": "2031J"},
        {"id_student": "6", "final_result": ""},
        {"id_student": "7", "final_result": "Distinction", "region": "Ireland"},
    )
    records = read_records(tmp_path)
    assert [(row.line, row.reason) for row in records.rejected] == [
        (3, "ROW_REPEATED"),
        (5, "LEARNER_ID"),
        (6, "REGION"),
        (7, "MODULE"),
        (8, "PRESENTATION"),
        (9, "RESULT"),
    ]
    assert records.regions == {"CN-T01": "Ireland", "CN-T02": "Wales"}
    assert [row.line for row in records.deposits["CN-T02"]] == [2]
    assert records.deposits["CN-T01"][0].facts.grade == "Distinction"
    assert records.skipped == 1


def test_awards_follow_a_presentation() -> None:
    assert award_day("2013J", 268).isoformat() == "2014-06-26"
    assert award_day("2014B", 241).isoformat() == "2014-09-30"


def test_absent_records_are_named(tmp_path: Path) -> None:
    with pytest.raises(Refusal, match="OULAD_MISSING"):
        read_records(tmp_path / "nowhere")


def test_real_records_become_the_lots_that_were_counted(shared: Path) -> None:
    records = read_records(shared / "data" / "oulad")
    assert sum(map(len, records.deposits.values())) == 15_385
    assert len(records.regions) == 13
    assert records.rejected == []


@pytest.mark.parametrize("moves", [10, 2000])
def test_moves_end_in_every_way(shared: Path, moves: int) -> None:
    records = read_records(shared / "data" / "oulad")
    itinerary = plan_moves(records, seed=1, moves=moves)
    counted = forecasts(itinerary)
    assert sum(counted.values()) == moves == len({one.learner for one in itinerary.transfers})
    assert counted["partly_granted"] >= moves / 10
    assert counted[REFUSED] >= moves / 20
    assert counted["declined"] >= moves / 20
    assert all(one.source != one.destination for one in itinerary.transfers)


def test_more_moves_than_learners_are_refused(shared: Path) -> None:
    records = read_records(shared / "data" / "oulad")
    with pytest.raises(Refusal, match="OULAD_MOVES"):
        plan_moves(records, seed=1, moves=20_000)
