"""Measures the ranking of precedents on real articulation agreements between institutions.

Each articulation says that courses of a sending college count as one course of a university that
decides for itself. The ranking is asked for the target of each, knowing every decision of that
university but those about the same college; the baseline knows the targets' titles and looks for
the same one. Units are no part of it: a title has to be enough.

    scripts/assist --precedents [FILE…] [--json]
"""

from __future__ import annotations

import gzip
import json
import os
import resource
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

import typer

from node.domain.precedents import DecidedCase, Described, Target, Verdict
from node.precedents.ranking import Ranking

RANKS = (1, 10)


@dataclass(frozen=True, slots=True)
class Articulation:
    """One decision of a university: these courses of that college count as this target."""

    college: str
    courses: tuple[tuple[str, Described], ...]
    target: str


@dataclass(frozen=True, slots=True)
class University:
    """One university: what may be granted there, and every articulation it has agreed to."""

    targets: dict[str, Target]
    articulations: list[Articulation]


@dataclass(frozen=True, slots=True)
class _Case:
    """What is asked at once: the courses, the targets that are true, and the college left out."""

    courses: tuple[Described, ...]
    true: str
    college: str


Ask = Callable[[_Case], Sequence[str]]


def measure(files: Sequence[Path]) -> dict[str, object]:
    """Return recall at 1 and at 10 of the ranking, of titles alone, and of the baseline.

    Args:
        files: one JSON object a line, plain or compressed by gzip.
    """
    universities = read_universities(files)
    hits: dict[str, Counter[int]] = {name: Counter() for name in ("ranking", "titles", "baseline")}
    total, ceiling, began = 0, 0, time.perf_counter()
    for university in universities.values():
        cases = [_case(one) for one in university.articulations]
        for name, ask in _ways(university).items():
            for case in cases:
                _count(hits[name], ask(case), case.true)
        total += len(cases)
        ceiling += len({(case.college, case.courses) for case in cases})
    seconds = time.perf_counter() - began
    return {
        "articulations": total,
        "universities": len(universities),
        "targets": sum(len(one.targets) for one in universities.values()),
        **_recall(hits["ranking"], total),
        # The same courses count as several targets, of which only one can stand first.
        "recall_at_1_at_most": round(ceiling / total, 4) if total else 0.0,
        "without_precedents": _recall(hits["titles"], total),
        "baseline_exact_title": _recall(hits["baseline"], total),
        "left_out": "every decision about the sending college",
        "articulations_per_second": round(total / seconds) if total else 0,
        "peak_mebibytes": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
    }


def read_universities(files: Sequence[Path]) -> dict[str, University]:
    """Return the universities of these files with their targets and articulations."""
    universities: dict[str, University] = {}
    for file in files:
        opened = gzip.open if file.suffix == ".gz" else open
        with opened(file, "rt", encoding="utf-8") as lines:
            for line in lines:
                content = json.loads(line)
                university = universities.setdefault(content["receiving"], University({}, []))
                _take(university, content["record"])
    return universities


def _take(university: University, record: dict[str, Any]) -> None:
    code = record.get("key")
    if not code:
        return
    university.targets[code] = Target(code, _described(record))
    for articulation in record.get("articulations", ()):
        courses = {course["key"]: _described(course) for course in _courses(articulation)}
        if courses:
            named = tuple(courses.items())
            made = Articulation(articulation["sending_name"], named, code)
            university.articulations.append(made)


def _courses(articulation: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Yield every course that an articulation names, in whatever groups it stands."""
    waiting = [articulation.get("sending_articulation") or {}]
    while waiting:
        node = waiting.pop(0)
        if "title" in node and "key" in node:
            yield node
        waiting += node.get("items", [])


def _described(record: dict[str, Any]) -> Described:
    """Describe a course, a series by the titles of its courses, anything else by its key."""
    parts = record.get("courses") or [record]
    titles = [part["title"] for part in parts if part.get("title")]
    title = " / ".join(titles) or str(record["key"])
    return Described(title, topic=str(parts[0].get("subject") or ""))


def _case(articulation: Articulation) -> _Case:
    courses = tuple(described for _, described in articulation.courses)
    return _Case(courses, articulation.target, articulation.college)


def _ways(university: University) -> dict[str, Ask]:
    targets = tuple(university.targets.values())
    known = Ranking(_decided(university), targets)
    titles = Ranking((), targets)
    by_title: dict[str, list[str]] = {}
    for target in targets:
        by_title.setdefault(target.described.title.casefold(), []).append(target.code)
    return {
        "ranking": lambda case: known.codes(case.courses, unseen_issuer=case.college),
        "titles": lambda case: titles.codes(case.courses),
        "baseline": lambda case: [
            code
            for title in dict.fromkeys(one.title.casefold() for one in case.courses)
            for code in by_title.get(title, ())
        ],
    }


def _decided(university: University) -> Iterator[DecidedCase]:
    """Yield each course that was decided on, once, with all that it counts as."""
    known: dict[tuple[str, str], tuple[Described, list[str]]] = {}
    for one in university.articulations:
        for code, described in one.courses:
            known.setdefault((one.college, code), (described, []))[1].append(one.target)
    for (college, code), (described, targets) in known.items():
        distinct = tuple(dict.fromkeys(targets))
        yield DecidedCase(f"{college} {code}", college, (described,), distinct, Verdict.ACCEPT)


def _count(hits: Counter[int], codes: Sequence[str], true: str) -> None:
    for rank in RANKS:
        hits[rank] += true in codes[:rank]


def _recall(hits: Counter[int], total: int) -> dict[str, float]:
    return {f"recall_at_{rank}": round(hits[rank] / total, 4) if total else 0.0 for rank in RANKS}


def reference_files() -> list[Path]:
    """Return the agreements in the folder of reference data beside the project."""
    beside = Path(__file__).resolve().parents[2] / "shared"
    folder = Path(os.environ.get("CREDITBANK_SHARED") or beside) / "data" / "assist_uc"
    return sorted(folder.glob("*.jsonl*"))


def show_precedents(files: Sequence[Path], *, as_json: bool) -> None:
    """Print how well precedents are ranked: on these files, or on the reference data."""
    try:
        chosen = list(files) or reference_files()
        if not chosen:
            raise typer.BadParameter("FILE…")
        figures = measure(chosen)
    except (OSError, ValueError, KeyError) as error:
        typer.echo(f"{type(error).__name__}: {error}", err=True)
        raise typer.Exit(2) from None
    lines = (f"{name:24} {value}" for name, value in figures.items())
    typer.echo(json.dumps(figures, ensure_ascii=False, indent=2) if as_json else "\n".join(lines))


def main(
    files: Annotated[
        list[Path] | None, typer.Argument(help="互认协议文件。Files of agreements.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="输出 JSON。Print JSON.")] = False,
) -> None:
    """先例排序的查全率。How well precedents are ranked."""
    show_precedents(files or [], as_json=as_json)


if __name__ == "__main__":
    typer.run(main)
