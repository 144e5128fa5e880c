"""Who judges the cases of the examination: the rule engine in this process, or others like it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from federation.base.errors import Refusal
from node.domain.outcomes import DEGREE, OTHER, OutcomeFacts
from node.domain.rule_conditions import CaseLot
from node.domain.rule_judgement import judge
from node.domain.rule_view import Case
from node.domain.rulebook import Rulebook
from node.domain.rulebook_form import parse_rulebook
from scripts.assist_cases import Attended, ExamCase
from scripts.assist_converter import VERSION, code_of, hundredths

SENDING = "CN-T99"
EARNED = "2025-12-31"
_ON = "2026-06-30"
# Hundredths of a credit by code of the target.
Granted = Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Papers:
    """What a university publishes, and what its rule cites beside it.

    Attributes:
        province: code of the node that stands for it.
        rule: its rule in the canonical spelling.
        home: the catalogue of what it grants, in the canonical spelling.
        cited: the catalogues of the colleges, likewise.
    """

    province: str
    rule: bytes
    home: bytes
    cited: tuple[bytes, ...] = ()


class Judge(Protocol):
    """Decides cases by what universities publish."""

    def load(self, papers: Mapping[str, Papers]) -> None:
        """Take what each university publishes."""

    def decide(self, cases: Sequence[ExamCase]) -> Iterator[tuple[ExamCase, Granted]]:
        """Yield every case with what is granted for it, in any order."""

    def figures(self) -> dict[str, Any]:
        """Return what else there is to tell once all is decided."""


@dataclass
class EngineJudge:
    """Decides by the rule engine in this process."""

    rulebooks: dict[str, Rulebook] = field(default_factory=dict)

    def load(self, papers: Mapping[str, Papers]) -> None:
        """Take what each university publishes."""
        self.rulebooks = {name: parse_rulebook(one.rule) for name, one in papers.items()}

    def decide(self, cases: Sequence[ExamCase]) -> Iterator[tuple[ExamCase, Granted]]:
        """Yield every case with what is granted for it."""
        return ((case, self._granted(case)) for case in cases)

    def figures(self) -> dict[str, Any]:
        """There is nothing else to tell."""
        return {}

    def _granted(self, case: ExamCase) -> Granted:
        wanted = frozenset(map(code_of, case.wanted))
        asked = Case(lots=_lots_of(case), on=_ON, wanted=wanted)
        try:
            judgement = judge(self.rulebooks[case.university], asked)
        except Refusal:
            return {}
        return summed(
            (grant.target, grant.hundredths) for group in judgement.groups for grant in group.grants
        )


def summed(grants: Iterable[tuple[str, int]]) -> dict[str, int]:
    """Return the sum of what is granted for each target."""
    sums: dict[str, int] = {}
    for target, amount in grants:
        sums[target] = sums.get(target, 0) + amount
    return sums


def facts_of(one: Attended, college: str) -> OutcomeFacts:
    """Return a course that a learner attended as the sending node holds it."""
    return OutcomeFacts(
        code=code_of(one.course.key),
        catalogue=VERSION,
        title=one.course.title,
        grade=one.grade,
        scale=OTHER,
        level=0,
        field="",
        hours=0,
        earned=EARNED,
        expires="",
        kind=DEGREE,
        issuer=college,
    )


def size_of(one: Attended) -> int:
    """Return the size of a course, hundredths of a credit."""
    return hundredths(float(one.course.units), "COURSE_UNITS")


def _lots_of(case: ExamCase) -> tuple[CaseLot, ...]:
    return tuple(
        CaseLot(
            lot_id=f"{at:03d}",
            source=SENDING,
            facts=facts_of(one, case.college),
            amount_hundredths=size_of(one),
        )
        for at, one in enumerate(case.courses)
    )
