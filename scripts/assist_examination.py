"""Examines the rule engine by real articulation agreements between colleges and universities.

    scripts/assist FILE... [--json]

Every articulation is turned into entries of the receiving university's rule, and replayed: with a
smallest set of courses that meets it, and with one course less. What must come of each case is
said by an oracle that reads the raw records and imports nothing of the node.
"""

from __future__ import annotations

import json
import time
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Any, Protocol

import typer

from federation.base.errors import Refusal
from node.domain.outcomes import OTHER, OutcomeFacts
from node.domain.rule_conditions import CaseLot
from node.domain.rule_judgement import judge
from node.domain.rule_view import Case
from node.domain.rulebook import Rulebook
from node.domain.rulebook_form import canonical_document, parse_rulebook
from scripts.assist_cases import GRADED, GRANTED, REFUSED, CaseMaker, ExamCase, Fact
from scripts.assist_converter import (
    VERSION,
    Inexpressible,
    University,
    code_of,
    hundredths,
)
from scripts.assist_oracle import Unreadable, read_owed, read_tree, smallest_set
from scripts.assist_precedents import show_precedents
from scripts.assist_records import Articulation, read_articulations

SENDING = "CN-T99"
MOST_UNIVERSITIES = 98
MOST_SHOWN = 20
_ON = "2026-06-30"
_EARNED = "2025-12-31"


class Judge(Protocol):
    """Decides the cases: the engine in process, or nodes that ask one another."""

    def load(self, rules: Mapping[str, bytes]) -> None:
        """Take the rule of each university, in its canonical spelling."""

    def decide(self, case: ExamCase) -> Mapping[str, int]:
        """Return the hundredths of a credit granted for each target of a case."""


@dataclass
class EngineJudge:
    """Decides by the rule engine in this process."""

    rulebooks: dict[str, Rulebook] = field(default_factory=dict)

    def load(self, rules: Mapping[str, bytes]) -> None:
        """Take the rule of each university, in its canonical spelling."""
        self.rulebooks = {name: parse_rulebook(rule) for name, rule in rules.items()}

    def decide(self, case: ExamCase) -> Mapping[str, int]:
        """Return the hundredths of a credit granted for each target of a case."""
        wanted = frozenset(map(code_of, case.wanted))
        asked = Case(lots=lots_of(case), on=_ON, wanted=wanted)
        try:
            judgement = judge(self.rulebooks[case.university], asked)
        except Refusal:
            return {}
        granted: dict[str, int] = {}
        for group in judgement.groups:
            for grant in group.grants:
                granted[grant.target] = granted.get(grant.target, 0) + grant.hundredths
        return granted


def lots_of(case: ExamCase) -> tuple[CaseLot, ...]:
    """Return the lots of a case's courses, as the sending node holds them."""
    return tuple(
        CaseLot(
            lot_id=f"{at:03d}",
            source=SENDING,
            facts=OutcomeFacts(
                code=code_of(one.course.key),
                catalogue=VERSION,
                title=one.course.title,
                grade=one.grade,
                scale=OTHER,
                level=0,
                field="",
                hours=0,
                earned=_EARNED,
                expires="",
                kind="DEGREE",
                issuer=case.college,
            ),
            amount_hundredths=hundredths(float(one.course.units), "COURSE_UNITS"),
        )
        for at, one in enumerate(case.courses)
    )


@dataclass
class Examination:
    """The agreements as rules, the cases, and what came of them."""

    articulations: int = 0
    exceptions: dict[str, list[str]] = field(default_factory=dict)
    universities: dict[str, University] = field(default_factory=dict)
    maker: CaseMaker = field(default_factory=CaseMaker)
    places: dict[int, str] = field(default_factory=dict)
    wrong: list[dict[str, Any]] = field(default_factory=list)

    def read(self, articulations: Iterable[Articulation]) -> None:
        """Turn every articulation into entries, or note why it cannot be."""
        for one in articulations:
            self.articulations += 1
            try:
                self._take(one)
            except Inexpressible as found:
                self._except(found.reason, f"{one.place}: {found.detail}")
            except Unreadable as found:
                self._except("ORACLE", f"{one.place}: {found}")

    def _take(self, one: Articulation) -> None:
        university = self._university(one.university)
        try:
            tree, owed = read_tree(one.sending), read_owed(one.record)
            smallest_set(tree)
        except Unreadable:
            # The converter's reason is the better one where it has one too.
            University("", university.province, SENDING).add(one)
            raise
        university.add(one)
        self.places[self.articulations] = one.place
        self.maker.add(Fact(self.articulations, one.university, str(one.college), tree, owed))

    def _university(self, name: str) -> University:
        if name not in self.universities:
            if not name or len(self.universities) == MOST_UNIVERSITIES:
                raise Inexpressible("UNIVERSITY", "no name, or too many of them")
            province = f"CN-T{len(self.universities) + 1:02d}"
            self.universities[name] = University(name, province, SENDING)
        return self.universities[name]

    def _except(self, reason: str, detail: str) -> None:
        self.exceptions.setdefault(reason, []).append(detail)

    def rules(self) -> dict[str, bytes]:
        """Return each university's rule in its canonical spelling."""
        return {
            name: canonical_document(json.dumps(university.content(), ensure_ascii=False).encode())
            for name, university in self.universities.items()
            if university.entries
        }

    def run(self, judging: Judge) -> dict[str, Any]:
        """Decide every case and count what is right."""
        judging.load(self.rules())
        asked: Counter[str] = Counter()
        right: Counter[str] = Counter()
        cases = list(self.maker.cases())
        start = time.perf_counter()
        for case in cases:
            granted = judging.decide(case)
            asked[case.kind] += 1
            if is_right(case, granted):
                right[case.kind] += 1
            else:
                self._note(case, granted)
        seconds = max(time.perf_counter() - start, 1e-9)
        return self._figures(asked, right) | {
            "decisions": len(cases),
            "decisions_per_second": round(len(cases) / seconds, 1),
        }

    def _note(self, case: ExamCase, granted: Mapping[str, int]) -> None:
        if len(self.wrong) < MOST_SHOWN:
            self.wrong.append(
                {
                    "place": self.places[case.number],
                    "kind": case.kind,
                    "courses": [f"{one.course.key} {one.grade}" for one in case.courses],
                    "due_hundredths": {key: int(units * 100) for key, units in case.due.items()},
                    "granted_hundredths": dict(granted),
                }
            )

    def _figures(self, asked: Mapping[str, int], right: Mapping[str, int]) -> dict[str, Any]:
        return {
            "articulations": self.articulations,
            "expressible": asked[GRANTED],
            "granted_right": right[GRANTED],
            "refused_cases": asked[REFUSED],
            "refused_right": right[REFUSED],
            "grade_cases": asked[GRADED],
            "grade_right": right[GRADED],
            "exceptions": {reason: len(found) for reason, found in self.exceptions.items()},
            "exception_list": [
                {"reason": reason, "where": where}
                for reason, found in self.exceptions.items()
                for where in found
            ],
            "courses_of_two_values": sum(
                len(university.two_values()) for university in self.universities.values()
            ),
            "wrong": self.wrong,
        }


def is_right(case: ExamCase, granted: Mapping[str, int]) -> bool:
    """Tell whether what was granted for the targets wanted is what the records say."""
    found = {key: granted[code_of(key)] for key in case.wanted if code_of(key) in granted}
    due = {key: int(units * 100) for key, units in case.due.items()}
    if case.one_only and due:
        return len(found) == 1 and all(due[key] == amount for key, amount in found.items())
    return found == due


def examine(
    files: Annotated[
        list[Path] | None,
        typer.Argument(help="衔接协议文件。Files of agreements, .jsonl or .jsonl.gz."),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="输出 JSON。Print JSON.")] = False,
    is_of_precedents: Annotated[
        bool,
        typer.Option(
            "--precedents", help="改为检验先例排序。Measure the ranking of precedents instead."
        ),
    ] = False,
) -> None:
    """用真实衔接协议检验规则引擎。Examine the rule engine by real articulation agreements."""
    if is_of_precedents:
        return show_precedents(files or [], as_json=as_json)
    if not files:
        raise typer.BadParameter("FILE…")
    examination = Examination()
    try:
        examination.read(read_articulations(files))
    except (OSError, ValueError) as error:
        typer.echo(f"{type(error).__name__}: {error}", err=True)
        raise typer.Exit(2) from None
    figures = examination.run(EngineJudge())
    if as_json:
        typer.echo(json.dumps(figures, ensure_ascii=False, indent=2))
    else:
        for name, value in figures.items():
            if not isinstance(value, list):
                typer.echo(f"{name:24} {value}")
    raise typer.Exit(0 if is_passed(figures) else 1)


def is_passed(figures: Mapping[str, Any]) -> bool:
    """Tell whether every case came out right and nearly all could be said."""
    return bool(
        figures["granted_right"] == figures["expressible"]
        and figures["refused_right"] == figures["refused_cases"]
        and figures["grade_right"] == figures["grade_cases"]
        and figures["expressible"] * 100 >= figures["articulations"] * 99
    )


def main() -> None:
    """Run the command line."""
    app = typer.Typer(add_completion=False)
    app.command()(examine)
    app(prog_name="scripts/assist", standalone_mode=True)


if __name__ == "__main__":
    main()
