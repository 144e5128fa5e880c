"""The measure of precedents: right on a file whose answers are known, far above the baseline."""

from __future__ import annotations

import gzip
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from scripts.assist_precedents import measure


def course(key: str, title: str, subject: str = "") -> dict[str, object]:
    return {"key": key, "title": title, "subject": subject}


def agreed(college: str, *courses: dict[str, object]) -> dict[str, object]:
    inner = {"type": "SET", "conjunction": "AND", "items": list(courses)}
    group = {"type": "GROUP", "conjunctions": [], "items": [inner]}
    return {"sending_name": college, "sending_articulation": group}


def line(record: dict[str, object]) -> str:
    return json.dumps({"receiving": "U", "subject": "M", "record": record}, ensure_ascii=False)


@pytest.fixture
def agreements(tmp_path: Path) -> Path:
    records = [
        course("M1", "离散数学")
        | {
            "articulations": [
                agreed("甲", course("a1", "集合论与图论")),
                agreed("乙", course("b1", "集合论与图论初步")),
            ]
        },
        course("M2", "线性代数") | {"articulations": [agreed("甲", course("a2", "线性代数"))]},
        {"prefix": "M", "name": "a heading without key"},
        {
            "type": "SERIES",
            "key": "M3+M4",
            "courses": [course("M3", "微积分上"), course("M4", "微积分下")],
            "articulations": [
                agreed("丙", course("c1", "微积分甲"), course("c2", "微积分乙")),
                {"sending_name": "丁", "sending_articulation": None},
            ],
        },
    ]
    place = tmp_path / "agreements.jsonl"
    place.write_text("\n".join(line(one) for one in records), "utf-8")
    return place


def test_recall_is_counted_over_articulations(agreements):
    figures = measure([agreements])
    assert (figures["articulations"], figures["universities"], figures["targets"]) == (4, 1, 3)
    # 集合论 shares no word with 离散数学: only the other college's decision finds it.
    assert figures["recall_at_1"] == 1.0
    assert figures["without_precedents"]["recall_at_10"] == 0.5
    assert figures["baseline_exact_title"] == {"recall_at_1": 0.25, "recall_at_10": 0.25}


def test_a_colleges_own_decisions_do_not_answer_for_it(agreements):
    text = agreements.read_text("utf-8").replace("乙", "甲", 1)
    agreements.write_text(text, "utf-8")
    assert measure([agreements])["recall_at_1"] == 0.5


def test_compressed_files_are_read_too(agreements, tmp_path):
    packed = tmp_path / "agreements.jsonl.gz"
    packed.write_bytes(gzip.compress(agreements.read_bytes()))
    ignored = ("articulations_per_second", "peak_mebibytes")
    one, other = (
        {name: value for name, value in measure([file]).items() if name not in ignored}
        for file in (agreements, packed)
    )
    assert one == other


def test_the_figures_are_printed_as_json(agreements):
    command = [sys.executable, "-m", "scripts.assist_examination", "--precedents", "--json"]
    printed = subprocess.run(
        [*command, str(agreements)], capture_output=True, text=True, check=True
    )
    figures = json.loads(printed.stdout)
    assert figures["articulations"] == 4
    assert (figures["recall_at_1"], figures["recall_at_10"]) == (1.0, 1.0)
    assert figures["baseline_exact_title"] == {"recall_at_1": 0.25, "recall_at_10": 0.25}


def test_without_files_the_reference_data_are_measured(agreements, tmp_path):
    folder = tmp_path / "shared" / "data" / "assist_uc"
    folder.mkdir(parents=True)
    agreements.rename(folder / "u.jsonl")
    command = [sys.executable, "-m", "scripts.assist_examination", "--precedents", "--json"]
    environment = os.environ | {"CREDITBANK_SHARED": str(tmp_path / "shared")}
    printed = subprocess.run(command, capture_output=True, text=True, check=True, env=environment)
    assert json.loads(printed.stdout)["articulations"] == 4
    environment["CREDITBANK_SHARED"] = str(tmp_path / "nothing")
    assert subprocess.run(command, capture_output=True, env=environment).returncode == 2


def test_no_files_are_no_articulations():
    assert measure([])["articulations"] == 0


def test_real_articulations_are_found_far_above_the_baseline(shared):
    figures = measure([shared / "data" / "assist_uc" / "uc_santa_cruz.jsonl.gz"])
    baseline = figures["baseline_exact_title"]
    assert figures["articulations"] == 12_693
    assert figures["recall_at_1"] > 0.5 > 5 * baseline["recall_at_1"]
    assert figures["recall_at_10"] > 0.95 > 5 * baseline["recall_at_10"]
    assert figures["recall_at_1"] <= figures["recall_at_1_at_most"]
