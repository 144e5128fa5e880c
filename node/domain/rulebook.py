"""Rules of form 2 as values: what is required, what is granted for it, and an index by code.

A requirement is a tree of courses. A course never stands as a bare code: it cites one of the
catalogues that the rule names, with source province, institution, version and digest. An outcome
counts for a course when source, institution, catalogue version and code agree and the conditions
hold. See :mod:`node.domain.rule_judgement` for how a case is judged.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from fractions import Fraction

from node.domain.caps import Cap

ANY = "*"

RULE_TRACK = "RULE"
REVIEWER = "REVIEWER"
PANEL = "PANEL"
TRACKS = (RULE_TRACK, REVIEWER, PANEL)

DOWN = "DOWN"
HALF_UP = "HALF_UP"
HALF_EVEN = "HALF_EVEN"
ROUNDINGS = (DOWN, HALF_UP, HALF_EVEN)

NOT_LOWER = "NOT_LOWER"
SAME = "SAME"
ANY_LEVEL = "ANY"
AT_LEAST = "AT_LEAST"
LEVEL_OPERATORS = (NOT_LOWER, SAME, ANY_LEVEL, AT_LEAST)

HOLD = "HOLD"
REFUSE = "REFUSE"
BY_CODE = "CODE"
BY_NAME = "NAME"
NO_DUPLICATES = "NONE"
DUPLICATES = (BY_CODE, BY_NAME, NO_DUPLICATES)

EXEMPT = "EXEMPT"
AS_IS = "AS_IS"


@dataclass(frozen=True, slots=True)
class Catalogue:
    """A catalogue that courses of a rule are cited from.

    Attributes:
        source: province that holds it, or ``*`` for every one.
        issuer: institution as outcomes name it, or empty for all.
        version: version as outcomes name it, or ``*`` for every one.
        digest: SHA-256 of the published catalogue, or empty where the version is ``*``.
    """

    key: str
    source: str
    issuer: str
    name: str
    version: str
    digest: str


@dataclass(frozen=True, slots=True)
class Conditions:
    """What an outcome must fulfil besides being the course.

    Attributes:
        minimum_grade: scale and grade that is enough on it, in the order of the document; the
            scale ``percent`` also speaks for the grades that have a mark out of a hundred.
        level: operator of ``LEVEL_OPERATORS``; ``NOT_LOWER`` and ``SAME`` compare with what is
            granted.
        least_level: for ``AT_LEAST``; else 0.
        kinds: kinds of outcome that may count, or None for all.
        overlap_percent: share of the target's content that must be covered, or None.
        earned_after: first day, or empty.
        earned_before: last day, or empty.
        valid_years: years after the day earned for which it counts, or None.
        least_hundredths: size that the lot must have, in hundredths of a credit; 0 for any.
        not_after_conversion: whether what is itself an exemption or conversion is kept out.
    """

    minimum_grade: tuple[tuple[str, str], ...] = ()
    level: str = NOT_LOWER
    least_level: int = 0
    kinds: frozenset[str] | None = None
    overlap_percent: int | None = None
    earned_after: str = ""
    earned_before: str = ""
    valid_years: int | None = None
    least_hundredths: int = 0
    not_after_conversion: bool = False


@dataclass(frozen=True, slots=True)
class Course:
    """One course of a catalogue, or all whose codes begin alike (``CS-*``)."""

    catalogue: Catalogue
    code: str
    conditions: Conditions

    @property
    def is_pattern(self) -> bool:
        """Whether it may stand for courses of different codes."""
        return self.code.endswith(ANY)


@dataclass(frozen=True, slots=True)
class AtLeast:
    """So many of the parts, each by outcomes of its own; ``all`` and ``any`` are two cases."""

    count: int
    parts: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Sequence:
    """All parts, each earned no earlier than the one before it."""

    parts: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Pool:
    """As many outcomes of these courses as reach a sum.

    Attributes:
        measure: ``lots``, ``credits_hundredths`` or ``hours``.
        least: the sum, in units of the measure.
    """

    measure: str
    least: int
    parts: tuple[Course, ...]


Node = Course | AtLeast | Sequence | Pool


@dataclass(frozen=True, slots=True)
class Grant:
    """What a satisfied entry is worth at home, for one target.

    Attributes:
        target: code of the target.
        catalogue: the home catalogue that has it, or None in form 1.
        credits_hundredths: a fixed amount, or None.
        ratio: credits for each credit held, or None.
        hours_ratio: credits for each hour of learning, or None; exactly one of three is set.
        level: level of the target, 0 when not stated.
        course_category: category for caps, or empty.
        rounding: one of ``ROUNDINGS``, to hundredths.
        least: hundredths below which a proportional amount is not let fall, or None.
        most: hundredths above which it is not let rise, or None.
    """

    target: str
    catalogue: Catalogue | None
    credits_hundredths: int | None
    ratio: Fraction | None
    hours_ratio: Fraction | None
    level: int
    course_category: str
    rounding: str
    least: int | None = None
    most: int | None = None


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of a rule: what is required, and what is granted for it.

    Attributes:
        grade_written: ``EXEMPT``, ``AS_IS``, or pairs of least mark and text, falling.
        track: who decides where the entry is satisfied, one of ``TRACKS``.
        valid_from: first day of this entry, or empty.
        valid_until: last day of this entry, or empty.
        incomplete: ``HOLD`` or ``REFUSE`` what satisfies the entry only in part.
        repeats: whether further outcomes may satisfy it again in the same case.
    """

    entry_id: str
    requires: Node
    grants: tuple[Grant, ...]
    grade_written: str | tuple[tuple[int, str], ...]
    track: str
    valid_from: str
    valid_until: str
    incomplete: str
    repeats: bool
    note: str

    @property
    def targets(self) -> tuple[str, ...]:
        """The codes of what it grants."""
        return tuple(grant.target for grant in self.grants)


@dataclass(frozen=True, slots=True)
class Exclusions:
    """What never counts, whatever an entry says.

    Attributes:
        kinds: kinds of outcome.
        categories: categories of course, as the catalogue of the source has them.
        titles: words in a title (normalised) that exclude it, as 毕业设计.
        exemptions: whether outcomes that are themselves exemptions or conversions are excluded.
        duplicates: ``CODE``: one outcome of a code counts; ``NAME``: and one of like titles;
            ``NONE``: all may.
    """

    kinds: frozenset[str] = frozenset()
    categories: frozenset[str] = frozenset()
    titles: tuple[str, ...] = ()
    exemptions: bool = False
    duplicates: str = BY_CODE


@dataclass(frozen=True, slots=True)
class Naming:
    """An entry's course that names an outcome, and how closely: higher is closer."""

    entry_at: int
    course: Course
    closeness: tuple[bool, int, bool, bool, bool]


@dataclass(frozen=True, slots=True)
class Rulebook:
    """A rule of form 2, or one of form 1 put in its terms.

    Attributes:
        name: province and name, ``CN-44/general``.
        valid_from: first day in force, YYYY-MM-DD.
        valid_until: last day in force, or empty.
        is_example: made for demonstrations, never to bind anyone.
        scales: named scales of the document, grades from best to worst.
        closest_only: whether an outcome counts only where it is named most closely (form 1).
        digest: SHA-256 of the rule's bytes, 64 hexadecimal digits.
        asks_people: whether some entries leave the decision to people.
        caps: what may count in all, outer caps before those within them.
        catalogues: those that the document names, cited by an entry or not; none in form 1.
    """

    name: str
    version: int
    title_zh: str
    title_en: str
    valid_from: str
    valid_until: str
    is_example: bool
    note: str
    scales: Mapping[str, tuple[str, ...]]
    exclusions: Exclusions
    entries: tuple[Entry, ...]
    closest_only: bool
    digest: str
    caps: tuple[Cap, ...] = ()
    catalogues: tuple[Catalogue, ...] = ()
    asks_people: bool = field(init=False, compare=False)
    _by_code: dict[tuple[str, str, str, str], list[tuple[int, Course]]] = field(
        init=False, repr=False, compare=False
    )
    _by_target: dict[str, list[int]] = field(init=False, repr=False, compare=False)
    _prefix_lengths: tuple[int, ...] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        by_code: dict[tuple[str, str, str, str], list[tuple[int, Course]]] = {}
        by_target: dict[str, list[int]] = {}
        for at, entry in enumerate(self.entries):
            for target in dict.fromkeys(entry.targets):
                by_target.setdefault(target, []).append(at)
            for course in dict.fromkeys(courses(entry.requires)):
                cited = course.catalogue
                key = (cited.source, cited.issuer, cited.version, course.code)
                by_code.setdefault(key, []).append((at, course))
        lengths = {len(key[3]) - 1 for key in by_code if key[3].endswith(ANY)}
        for_people = any(entry.track != RULE_TRACK for entry in self.entries)
        object.__setattr__(self, "asks_people", for_people)
        object.__setattr__(self, "_by_code", by_code)
        object.__setattr__(self, "_by_target", by_target)
        object.__setattr__(self, "_prefix_lengths", tuple(sorted(lengths, reverse=True)))

    def namings(self, *, source: str, issuer: str, catalogue: str, code: str) -> list[Naming]:
        """List the courses that name an outcome; costs nothing for entries that do not."""
        found = []
        for pattern in self._patterns(code):
            is_whole = not pattern.endswith(ANY)
            for where in (source, ANY):
                for whose in (issuer, "") if issuer else ("",):
                    for version in (catalogue, ANY):
                        held = self._by_code.get((where, whose, version, pattern), ())
                        close = (
                            is_whole,
                            len(pattern),
                            where != ANY,
                            whose != "",
                            version != ANY,
                        )
                        found += [Naming(at, course, close) for at, course in held]
        if self.closest_only and found:
            closest = max(naming.closeness for naming in found)
            found = [naming for naming in found if naming.closeness == closest]
        return found

    def granting(self, target: str) -> list[int]:
        """List the places of the entries that grant a target, in the order of the document."""
        return self._by_target.get(target, [])

    def _patterns(self, code: str) -> Iterator[str]:
        # A code may itself end with the sign that makes a pattern; it must not pass for one.
        if not code.endswith(ANY):
            yield code
        for length in self._prefix_lengths:
            if length <= len(code):
                yield code[:length] + ANY


def courses(node: Node) -> Iterator[Course]:
    """Yield the courses of a requirement, in the order of the document."""
    if isinstance(node, Course):
        yield node
        return
    for part in node.parts:
        yield from courses(part)
