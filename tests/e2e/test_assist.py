"""The examination by real agreements through real nodes: a sample, every case right."""

from __future__ import annotations

import gzip
import json
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from tests.e2e.runs import Run

MOST = 30


def sample(path: Path) -> Iterator[dict[str, Any]]:
    """Yield records of a university with one articulation each, of every form a few."""
    taken: Counter[tuple[Any, ...]] = Counter()
    for line in gzip.decompress(path.read_bytes()).splitlines():
        row = json.loads(line)
        for one in row["record"].get("articulations", []):
            form = (row["record"]["type"], *forms(one["sending_articulation"]))
            taken[form] += 1
            # Of ANDs and ORs without brackets no rule is made.
            if taken[form] <= 5 and form[3:5] != ("AND", "OR"):
                yield row | {"record": row["record"] | {"articulations": [one]}}
                break


def spread(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return as many rows as are wanted, from all over a file."""
    return [rows[at * len(rows) // MOST] for at in range(MOST)]


def forms(sending: Any) -> tuple[Any, ...]:
    """Return by what kinds of sets, joined how, and with what grades a record asks."""
    words = sending.get("conjunction"), *sorted(set(sending.get("conjunctions") or []))
    inner = (item.get("conjunction") for item in sending.get("items", []))
    graded = "Minimum grade" in json.dumps(sending)
    return (sending.get("type"), *words, *sorted({str(word) for word in inner}), graded)


def test_every_case_of_a_sample_comes_out_right_through_real_nodes(
    shared: Path, tmp_path: Path
) -> None:
    files = sorted((shared / "data" / "assist_uc").glob("*.jsonl.gz"))[:3]
    rows = [row for path in files[::2] for row in spread(list(sample(path)))]
    chosen = tmp_path / "sample.jsonl"
    chosen.write_text("\n".join(map(json.dumps, rows)))
    command = ("scripts.assist_examination", str(chosen), "--json")
    figures = Run(command, tmp_path / "assist.log").finish()
    assert figures["wrong"] == []
    assert figures["exceptions"] == {}
    assert figures["articulations"] == figures["expressible"] == len(rows) == 2 * MOST
    assert figures["granted_right"] == len(rows)
    assert figures["refused_right"] == figures["refused_cases"] > len(rows) // 2
    assert figures["grade_right"] == figures["grade_cases"] > 0
    assert figures["decisions_recomputed"] == figures["decisions"] > len(rows) * 3 // 2
    assert figures["recomputed_differently"] == []
    assert figures["decisions_per_second"] > 0
