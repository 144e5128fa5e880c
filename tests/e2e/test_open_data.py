"""Open data of a running node, as files that other programs read."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import pytest

from node.edges.cli.open_data_dictionary import TABLES
from tests.e2e.federation_of_two import Federation
from tests.e2e.realm import command


def test_open_data_is_written_as_csv_and_json_with_its_dictionary(
    federation: Federation, tmp_path: Path
) -> None:
    folder, node = tmp_path / "open", federation.destination
    words = ("open-data", "--out", str(folder), "--dir", str(node.directory))
    told = command(*words, "--json")
    assert told.code == 0, told.error
    listed = {one["file"]: one["rows"] for one in told["files"]}
    assert sorted(listed) == sorted(path.name for path in folder.iterdir())
    assert set(listed) == {f"{name}.csv" for name in TABLES} | {
        "open-data.json",
        "data-dictionary.md",
    }
    whole = json.loads((folder / "open-data.json").read_text())
    assert (whole["form"], whole["province"]) == (1, "CN-44")
    assert whole["rules"][0]["rule"] == "CN-44/general"
    assert [(one["entry"], one["measure"]) for one in whole["rule_entries"]] == [
        ("e1", "ratio 4/5")
    ]
    assert whole["agreements"], "what the coordinator published"
    assert whole["refusals"] == [], "no quarter is over yet"
    for name, columns in TABLES.items():
        with (folder / f"{name}.csv").open(encoding="utf-8-sig", newline="") as file:
            rows = list(csv.DictReader(file))
        assert len(rows) == len(whole[name]) == listed[f"{name}.csv"]
        assert all(list(row) == list(columns) for row in rows)
        page = (folder / "data-dictionary.md").read_text()
        assert all(f"| {column} |" in page for column in columns)


@pytest.mark.parametrize(("form", "absent"), [("csv", ".json"), ("json", ".csv")])
def test_one_format_alone(federation: Federation, tmp_path: Path, form: str, absent: str) -> None:
    words = ("open-data", "--out", str(tmp_path / form), "--format", form)
    told = command(*words, "--dir", str(federation.source.directory), "--json")
    assert told.code == 0, told.error
    written = {path.suffix for path in (tmp_path / form).iterdir()}
    assert written == {f".{form}", ".md"}
    assert absent not in written
