"""A programme of study: what shares of its credits are taken of, and which targets are its own.

A programme is published by two persons as a catalogue is; a learner is enrolled in one version of
it. Written by people as TOML::

    name = "CN-44/software-bachelor"
    version = "2026.1"
    code = "BA-CS"
    title_zh = "软件工程（本科）"
    title_en = "Software engineering, bachelor"
    award = "BACHELOR"              # optional
    targets = ["GD-1", "GD-2"]      # optional: codes of its courses
    example = true

    [totals]                        # credits, by names that rules take shares of
    graduation = "140"
    compulsory = "76.10"
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import asdict, dataclass, replace

from node.domain.canonical import digest_of, spell
from node.domain.caps import Programme


@dataclass(frozen=True, slots=True, kw_only=True)
class StudyProgramme:
    """A programme at one version.

    Attributes:
        name: province and name, ``CN-44/software-bachelor``.
        code: by which rules and decisions know it.
        award: what it leads to, as ``BACHELOR``, or empty.
        totals: hundredths of a credit by name.
        targets: codes of its courses, in order; empty where none are listed.
        is_example: made for demonstrations, never to bind anyone.
        digest: SHA-256 of its canonical bytes, 64 hexadecimal digits.
    """

    name: str
    version: str
    code: str
    title_zh: str
    title_en: str
    award: str
    totals: Mapping[str, int]
    targets: tuple[str, ...]
    is_example: bool
    digest: str = ""

    @property
    def as_given(self) -> Programme:
        """What a decision states of it, and the caps ask for."""
        return Programme(code=self.code, award=self.award, totals=dict(self.totals))

    def has_all(self, targets: Collection[str]) -> bool:
        """Tell whether these targets are all courses of it."""
        return set(targets) <= set(self.targets)


@dataclass(frozen=True, slots=True, kw_only=True)
class Enrolment:
    """That a learner studies for a programme.

    Attributes:
        programme: its name.
        version: by which the learner's totals are counted until they are enrolled in another.
        digest: of that version.
        enrolled_us: UTC microseconds; later than every earlier one of the account.
        left_us: 0 while it is in force.
    """

    account: str
    programme: str
    version: str
    digest: str
    enrolled_by: str
    enrolled_us: int
    left_us: int = 0


def named(made: StudyProgramme) -> StudyProgramme:
    """Return a programme with its digest; layout and comments of a document are no part of it."""
    content = asdict(made)
    del content["digest"]
    return replace(made, digest=digest_of(spell(content)))


def programme_for(
    enrolled: Iterable[StudyProgramme], wanted: Collection[str]
) -> StudyProgramme | None:
    """Return the programme that a learner's request counts in, or None for none.

    Of several it is the one that all wanted targets are courses of; of several such, and where
    there is none such or no target is wanted, the one enrolled in last.

    Args:
        enrolled: those in force, the one enrolled in last first.
        wanted: codes of targets.
    """
    listed = list(enrolled)
    fitting = [one for one in listed if wanted and one.has_all(wanted)]
    return next(iter(fitting or listed), None)
