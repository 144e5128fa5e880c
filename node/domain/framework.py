"""Frameworks of learning outcomes: levels, certification units, hours in a credit, crosswalks.

How many hours make a credit is nobody's constant: Hong Kong says 10, European systems 25 to 30,
mainland practice differs by institution. It is a parameter of each framework at each version, and
so is the level that a stage of education stands for.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction

from federation.base.errors import Refusal


@dataclass(frozen=True, slots=True)
class Level:
    """One level of a framework.

    Attributes:
        rank: from 1, the lowest.
        typical: qualifications commonly found on it, in both languages; may be empty.
    """

    rank: int
    name_zh: str
    name_en: str
    typical_zh: str
    typical_en: str


@dataclass(frozen=True, slots=True)
class CertificationUnit:
    """The smallest part that is certified by itself (认证单元).

    Attributes:
        code: once in its framework.
        level: rank of a level of the framework.
        field: field of study after GB/T 13745, or empty.
        credits_hundredths: its size.
        hours: hours of learning.
        knowledge: what a learner then knows.
        skills: what a learner then can do.
        abilities: what a learner then can answer for.
        criteria: how it is assessed.
        valid_from: first day, YYYY-MM-DD.
        valid_until: last day, or empty.
    """

    code: str
    title: str
    level: int
    field: str
    credits_hundredths: int
    hours: int
    knowledge: tuple[str, ...]
    skills: tuple[str, ...]
    abilities: tuple[str, ...]
    criteria: tuple[str, ...]
    valid_from: str
    valid_until: str


@dataclass(frozen=True, slots=True)
class Framework:
    """A framework at one version.

    Attributes:
        name: owner and name, ``CN-00/outcomes``.
        version: the version's name.
        is_example: made for demonstrations, never to bind anyone.
        valid_from: first day in force, YYYY-MM-DD.
        hours_per_credit: hours of learning that one credit stands for.
        levels: from rank 1, without gaps.
        stages: the rank that a stage of education stands for, by its name (本科).
        units: certification units in the order of codes.
        digest: SHA-256 of its canonical bytes, 64 hexadecimal digits.
    """

    name: str
    version: str
    title_zh: str
    title_en: str
    is_example: bool
    valid_from: str
    hours_per_credit: Fraction
    levels: tuple[Level, ...]
    stages: Mapping[str, int]
    units: tuple[CertificationUnit, ...]
    digest: str

    @property
    def reference(self) -> str:
        """Name and version, as crosswalks and decisions cite it."""
        return f"{self.name}@{self.version}"

    def level(self, rank: int) -> Level | None:
        """Return the level of this rank, or None."""
        return self.levels[rank - 1] if 1 <= rank <= len(self.levels) else None

    def unit(self, code: str) -> CertificationUnit | None:
        """Return the certification unit with this code, or None."""
        return next((unit for unit in self.units if unit.code == code), None)


@dataclass(frozen=True, slots=True)
class Crosswalk:
    """Which levels of one framework stand beside which of another.

    Attributes:
        name: owner and name.
        version: the version's name.
        is_example: made for demonstrations, never to bind anyone.
        source: framework whose levels are read, ``name@version``.
        target: framework whose levels they become.
        ranks: by source rank the target ranks beside it, ascending; never falling from one source
            rank to the next. A source rank that stands beside none is absent.
        digest: SHA-256 of its canonical bytes, 64 hexadecimal digits.
    """

    name: str
    version: str
    title_zh: str
    title_en: str
    is_example: bool
    source: str
    target: str
    ranks: Mapping[int, tuple[int, ...]]
    digest: str

    def beside(self, rank: int) -> tuple[int, ...]:
        """Return the target ranks beside a source rank; empty when there are none."""
        return self.ranks.get(rank, ())

    def lowest_beside(self, rank: int) -> int:
        """Return the lowest target rank beside a source rank, 0 when there is none.

        A condition "not lower" has to be judged by this one: where a level spans two, only the
        lower is certain.
        """
        return min(self.beside(rank), default=0)


def credits_rounding_down(framework: Framework, hours: int) -> int:
    """Return what hours of learning are worth, in hundredths of a credit, rounded down."""
    exact = Fraction(hours * 100) / framework.hours_per_credit
    return exact.numerator // exact.denominator


def translated_rounding_down(hundredths: int, *, source: Framework, target: Framework) -> int:
    """Return credits of one framework in another's, equal in hours, rounded down to a hundredth."""
    exact = hundredths * source.hours_per_credit / target.hours_per_credit
    return exact.numerator // exact.denominator


def check_crosswalk(crosswalk: Crosswalk, *, source: Framework, target: Framework) -> None:
    """See that a crosswalk is between these two frameworks and names only levels they have.

    Raises:
        Refusal: CROSSWALK when it is not.
    """
    if (crosswalk.source, crosswalk.target) != (source.reference, target.reference):
        raise Refusal("CROSSWALK", detail=f"{crosswalk.source} to {crosswalk.target}")
    unknown = [rank for rank in crosswalk.ranks if source.level(rank) is None]
    unknown += [to for tos in crosswalk.ranks.values() for to in tos if target.level(to) is None]
    if unknown:
        raise Refusal("CROSSWALK", detail=f"no such level: {unknown[0]}")
