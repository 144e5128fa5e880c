"""Examines the rule engine by real articulation agreements between colleges and universities.

    scripts/assist FILE... [--engine-only] [--dir DIR] [--json]

Every articulation is turned into entries of the receiving university's rule, and replayed: with a
smallest set of courses that meets it, and with one course less. What must come of each case is
said by an oracle that reads the raw records and imports nothing of the node. The cases are decided
by real nodes, one for each university and one that holds all colleges' courses.
"""

from __future__ import annotations

import gc
import hashlib
import json
import resource
import sys
import tempfile
import time
import zlib
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Any

import typer

from federation.base.errors import CreditBankError
from federation.protocol.fields import MOST_LOTS
from node.bootstrap import COLLECTING
from node.domain.catalogue_form import canonical_catalogue
from node.domain.rulebook_form import canonical_document
from node.edges.cli.refusals import report
from node.edges.demo.announcer import Announcer
from node.edges.demo.run import running
from node.edges.demo.site import open_site
from scripts.assist_cases import GRADED, GRANTED, REFUSED, CaseMaker, ExamCase, Fact
from scripts.assist_converter import Inexpressible, University, code_of, is_university
from scripts.assist_judging import SENDING, EngineJudge, Granted, Judge, Papers
from scripts.assist_nodes import NodeJudge
from scripts.assist_oracle import Unreadable, read_owed, read_tree, smallest_set
from scripts.assist_precedents import show_precedents
from scripts.assist_records import Articulation, read_articulations

MOST_UNIVERSITIES = 98
MOST_SHOWN = 20
_LABELS = {
    "articulations": ("衔接协议条目", "articulations read"),
    "expressible": ("可写成规则的条目", "expressible as rules"),
    "granted_right": ("应认可且认可无误", "to be granted, and granted right"),
    "refused_cases": ("不应认可的申请", "applications to be refused"),
    "refused_right": ("不应认可且未认可", "to be refused, and refused"),
    "grade_cases": ("成绩不足的申请", "applications with too low a grade"),
    "grade_right": ("成绩不足且未认可", "too low a grade, and refused"),
    "exceptions": ("例外及其原因", "exceptions by reason"),
    "courses_of_two_values": ("一门课程两种学分", "courses given two values"),
    "decisions": ("决定总数", "decisions"),
    "decisions_per_second": ("每秒决定数", "decisions a second"),
    "decisions_recomputed": ("重算一致的认定记录", "decision records that agree when recomputed"),
    "seconds": ("总用时（秒）", "seconds in all"),
    "cpu_seconds": ("总处理器时间（秒）", "seconds of processors in all"),
}


@dataclass
class Examination:
    """The agreements as rules, the cases, and what came of them."""

    articulations: int = 0
    exceptions: dict[str, list[str]] = field(default_factory=dict)
    universities: dict[str, University] = field(default_factory=dict)
    maker: CaseMaker = field(default_factory=CaseMaker)
    places: dict[int, str] = field(default_factory=dict)
    wrong: list[dict[str, Any]] = field(default_factory=list)
    barred: set[str] = field(default_factory=set)

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
        if one.fault:
            raise Inexpressible("LINE", one.fault)
        university = self._university(one.university)
        try:
            tree, owed = read_tree(one.sending), read_owed(one.record)
            courses = smallest_set(tree)
        except Unreadable:
            # The converter's reason is the better one where it has one too.
            University("", university.province, SENDING).add(one)
            raise
        if len(courses) > MOST_LOTS:
            raise Inexpressible("TOO_MANY", f"{len(courses)} courses for one application")
        university.add(one)
        self.places[self.articulations] = one.place
        self.maker.add(Fact(self.articulations, one.university, str(one.college), tree, owed))

    def _university(self, name: str) -> University:
        if name not in self.universities:
            if not is_university(name) or len(self.universities) == MOST_UNIVERSITIES:
                raise Inexpressible("UNIVERSITY", "no name, or too many of them")
            province = f"CN-T{len(self.universities) + 1:02d}"
            self.universities[name] = University(name, province, SENDING)
        return self.universities[name]

    def _except(self, reason: str, detail: str) -> None:
        self.exceptions.setdefault(reason, []).append(detail)

    def papers(self) -> dict[str, Papers]:
        """Return what each university publishes; who has no rule that is one is left out."""
        found = {}
        for name, one in self.universities.items():
            if not one.entries:
                continue
            try:
                found[name] = _papers(one)
            except CreditBankError as error:
                self.barred.add(name)
                for fact in self.maker.of_university(name):
                    self._except(error.reason, f"{self.places[fact.number]}: {error.detail}")
        return found

    def run(self, judging: Judge, papers: Mapping[str, Papers] | None = None) -> dict[str, Any]:
        """Decide every case and count what is right."""
        judging.load(self.papers() if papers is None else papers)
        asked: Counter[str] = Counter()
        right: Counter[str] = Counter()
        cases = [one for one in self.maker.cases() if one.university not in self.barred]
        start = time.perf_counter()
        for case, granted in judging.decide(cases):
            asked[case.kind] += 1
            if is_right(case, granted):
                right[case.kind] += 1
            else:
                self._note(case, granted)
        seconds = max(time.perf_counter() - start, 1e-9)
        counted = {
            "decisions": asked.total(),
            "decisions_per_second": round(asked.total() / seconds, 1),
        }
        return self._figures(asked, right) | counted | judging.figures()

    def _note(self, case: ExamCase, granted: Granted) -> None:
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


def is_right(case: ExamCase, granted: Granted) -> bool:
    """Tell whether what was granted for the targets wanted is what the records say."""
    found = {key: granted[code_of(key)] for key in case.wanted if code_of(key) in granted}
    due = {key: int(units * 100) for key, units in case.due.items()}
    if case.one_only and due:
        return len(found) == 1 and all(due[key] == amount for key, amount in found.items())
    return found == due


def _papers(university: University) -> Papers:
    """Raises CreditBankError where what was made is no rule or no catalogue."""
    spelled = json.dumps(university.content(), ensure_ascii=False).encode()
    return Papers(
        province=university.province,
        rule=canonical_document(spelled),
        home=canonical_catalogue(university.home()),
        cited=tuple(map(canonical_catalogue, university.college_catalogues().values())),
    )


def examine(
    files: Annotated[
        list[Path] | None,
        typer.Argument(help="衔接协议文件。Files of agreements, .jsonl or .jsonl.gz."),
    ] = None,
    engine_only: Annotated[
        bool,
        typer.Option(
            "--engine-only",
            help="只用本进程的规则引擎，不起节点。By the engine in this process, without nodes.",
        ),
    ] = False,
    directory: Annotated[
        Path | None, typer.Option("--dir", help="保留的目录。A folder to keep and to resume in.")
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
    began = time.monotonic()
    examination = Examination()
    try:
        examination.read(read_articulations(files))
    except (OSError, EOFError, zlib.error) as error:
        typer.echo(f"{type(error).__name__}: {error}", err=True)
        raise typer.Exit(2) from None
    papers = examination.papers()
    # What was read stays to the end; nothing of it is garbage.
    gc.freeze()
    if engine_only or not papers:
        figures = examination.run(EngineJudge(), papers)
    else:
        with _nodes(papers, directory) as judging:
            figures = examination.run(judging, papers)
    figures["seconds"] = round(time.monotonic() - began, 1)
    figures["cpu_seconds"] = round(_processor_seconds(), 1)
    if as_json:
        typer.echo(json.dumps(figures, ensure_ascii=False, indent=2))
    else:
        _tell(figures)
    raise typer.Exit(0 if is_passed(figures) else 1)


@contextmanager
def _nodes(papers: Mapping[str, Papers], directory: Path | None) -> Iterator[NodeJudge]:
    """Found a federation with a node for each university, and one that holds the courses."""
    provinces = (*sorted(one.province for one in papers.values()), SENDING)
    spelled = hashlib.sha256(b"".join(papers[name].rule for name in sorted(papers)))
    options = {"what": "assist", "digest": spelled.hexdigest()}
    with (
        _folder(directory) as folder,
        open_site(folder, options, provinces) as site,
        Announcer() as announcer,
        running(site, provinces, announcer) as federation,
    ):
        yield NodeJudge(federation, papers, announcer)
        announcer.close()


@contextmanager
def _folder(directory: Path | None) -> Iterator[Path]:
    """Lend the folder asked for, or one that goes with the run."""
    if directory is not None:
        yield directory
        return
    with tempfile.TemporaryDirectory(prefix="creditbank-assist-") as folder:
        yield Path(folder)


def _processor_seconds() -> float:
    """Return the processor time of this process and of those that it ended."""
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(one.ru_utime + one.ru_stime for one in used)


def _tell(figures: Mapping[str, Any]) -> None:
    for name, (zh, en) in _LABELS.items():
        if name in figures:
            typer.echo(f"{name:22} {figures[name]!s:>12}  {zh} · {en}")
    for one in figures["exception_list"][:MOST_SHOWN]:
        typer.echo(f"  {one['reason']}  {one['where']}")
    for one in figures["wrong"]:
        typer.echo(f"WRONG {json.dumps(one, ensure_ascii=False)}")


def is_passed(figures: Mapping[str, Any]) -> bool:
    """Tell whether every case came out right, recomputes, and nearly all could be said."""
    return bool(
        figures["articulations"]
        and figures["granted_right"] == figures["expressible"]
        and figures["refused_right"] == figures["refused_cases"]
        and figures["grade_right"] == figures["grade_cases"]
        and figures["expressible"] * 100 >= figures["articulations"] * 99
        and figures.get("decisions_recomputed", figures["decisions"]) == figures["decisions"]
    )


def main() -> None:
    """Run the command line; no error of ours ends in a trace."""
    app = typer.Typer(add_completion=False)
    app.command()(examine)
    gc.set_threshold(*COLLECTING)
    try:
        app(prog_name="scripts/assist", standalone_mode=True)
    except CreditBankError as error:
        sys.exit(report(error, as_json="--json" in sys.argv, plain=False))


if __name__ == "__main__":
    main()
