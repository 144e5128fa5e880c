"""Turns ASSIST articulations into entries of a rule, one rule for each receiving university.

One catalogue stands for each sending college, one for the university. Units become hundredths; a
target without units of its own (an elective area) takes the units that were sent; a series of
targets becomes several grants of one entry. Whatever cannot be said is an exception with its
reason, and nothing is guessed.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

from federation.protocol.grouping import MOST_TARGETS
from node.domain.catalogue import Catalogue, CatalogueEntry
from node.domain.catalogue_form import make_catalogue
from node.domain.outcomes import DEGREE
from node.domain.rule_values import is_plain_code, is_title
from node.domain.rulebook_shapes import MOST_PARTS
from scripts.assist_records import Articulation

LETTERS = ("A+", "A", "A-", "B+", "B", "B-", "C+", "C", "C-", "D+", "D", "D-", "F")
LETTER = "letter"
VERSION = "2025"
VALID_FROM = "2025-01-01"
_HOME = "home"
_NOTE_LIMIT = 2000
_DEEPEST = 6
_GRADE_NOTE = re.compile(r"Minimum grade required: ([A-F][+-]?) or better")
_UNITS_NOTE = re.compile(r"Course must be taken for at least ([0-9]+(?:\.[0-9]+)?) units?")


class Inexpressible(Exception):
    """An articulation that cannot be said as an entry.

    Attributes:
        reason: stable UPPER_SNAKE name, for counting.
    """

    def __init__(self, reason: str, detail: str) -> None:
        super().__init__(f"{reason}: {detail}")
        self.reason = reason
        self.detail = detail


@dataclass
class College:
    """The courses of a sending college, as far as articulations name them."""

    name: str
    rows: dict[str, tuple[str, set[int]]] = field(default_factory=dict)

    def catalogue(self, key: str, source: str) -> Catalogue:
        """Return it as a catalogue; of a course given several values the largest stands."""
        rows = {code: (title, max(units)) for code, (title, units) in self.rows.items()}
        # A slash parts the province from the rest of a name.
        slug = key if "/" not in key else code_of(f"{key}\n").replace("/", " ")
        return _catalogue(f"{source}/{slug}", self.name, rows)


@dataclass
class University:
    """A rule in the making.

    Attributes:
        province: code of the node that stands for the university.
        source: code of the node that holds the colleges' learners.
    """

    name: str
    province: str
    source: str
    colleges: dict[str, College] = field(default_factory=dict)
    targets: dict[str, int] = field(default_factory=dict)
    entries: list[dict[str, Any]] = field(default_factory=list)

    def add(self, articulation: Articulation) -> list[str]:
        """Add the entries of an articulation and return their names.

        Raises:
            Inexpressible: when it cannot be said; nothing was added.
        """
        record = articulation.record
        if not isinstance(articulation.college, str) or not is_title(articulation.college):
            raise Inexpressible("COLLEGE", "no name of a sending college")
        college = College(articulation.college)
        notes: list[str] = []
        key = code_of(college.name)
        requires = _Requirement(key, college, notes).node(articulation.sending, {}, 0)
        choices = _grants(record)
        wanted = sum(map(len, choices))
        if len(college.rows) > MOST_PARTS or wanted > MOST_TARGETS:
            raise Inexpressible("TOO_MANY", f"{len(college.rows)} courses for {wanted} targets")
        names = []
        for grants in choices:
            names.append(f"e{len(self.entries) + 1}")
            self.entries.append(_entry(names[-1], requires, grants, notes))
        self._keep(key, college, choices)
        return names

    def _keep(self, key: str, college: College, choices: list[list[dict[str, Any]]]) -> None:
        kept = self.colleges.setdefault(key, College(college.name))
        for code, (title, units) in college.rows.items():
            kept.rows.setdefault(code, (title, set()))[1].update(units)
        for grant in (grant for grants in choices for grant in grants):
            self.targets[grant["target"]] = grant.get("credits_hundredths", 0)

    def content(self) -> dict[str, Any]:
        """Return the whole rule."""
        cited = [_cited(_HOME, self.home(), issuer=self.name)]
        cited += [
            _cited(key, one, issuer=self.colleges[key].name)
            for key, one in self.college_catalogues().items()
        ]
        return {
            "rule": f"{self.province}/articulations",
            "version": 1,
            "form": 2,
            "title_zh": f"{self.name} 课程衔接",
            "title_en": f"Articulations of {self.name}",
            "valid_from": VALID_FROM,
            "example": True,
            "scales": {LETTER: list(LETTERS)},
            "catalogues": cited,
            "entries": self.entries,
        }

    def home(self) -> Catalogue:
        """Return the catalogue of what the university grants; 0 where the record states none."""
        rows = {code: (code, units) for code, units in self.targets.items()}
        return _catalogue(f"{self.province}/courses", self.name, rows)

    def college_catalogues(self) -> dict[str, Catalogue]:
        """Return the catalogues of the colleges, by key."""
        return {
            key: self.colleges[key].catalogue(key, self.source) for key in sorted(self.colleges)
        }

    def two_values(self) -> list[tuple[str, str]]:
        """List the courses (college and code) that articulations give more than one value."""
        return [
            (college.name, code)
            for college in self.colleges.values()
            for code, (_, units) in college.rows.items()
            if len(units) > 1
        ]


def is_university(name: str) -> bool:
    """Tell whether a rule can be named after a university of this name."""
    return bool(name) and is_title(f"Articulations of {name}")


def code_of(text: str) -> str:
    """Return a text as a code: itself where it can be one, else its beginning and a digest."""
    if is_plain_code(text) and text != _HOME:
        return text
    clean = "".join(
        char if unicodedata.category(char)[0] not in "CZ" and char != "*" else " "
        for char in unicodedata.normalize("NFC", text)
    )
    digest = hashlib.sha256(text.encode(errors="surrogatepass")).hexdigest()[:10]
    return f"{clean.strip()[:50].strip()}#{digest}"


def hundredths(units: Any, reason: str) -> int:
    """Return units as hundredths of a credit.

    Raises:
        Inexpressible: for the reason given, when they are no number, none or finer than that.
    """
    is_number = isinstance(units, int | float) and not isinstance(units, bool)
    if not is_number or units != units or not 0 < units < 10**6:
        raise Inexpressible(reason, f"units {units!r}")
    exact = Fraction(str(units)) * 100
    if exact.denominator != 1:
        raise Inexpressible(reason, f"units {units!r} are finer than a hundredth")
    return exact.numerator


def _catalogue(name: str, title: str, rows: Mapping[str, tuple[str, int]]) -> Catalogue:
    return make_catalogue(
        name=name,
        version=VERSION,
        title=title,
        entries=tuple(
            CatalogueEntry(
                code=code,
                title=told.strip() or code,
                level=0,
                field="",
                credits_hundredths=credits,
                hours=0,
                kind=DEGREE,
                category="",
                valid_from="",
                valid_until="",
            )
            for code, (told, credits) in rows.items()
        ),
    )


def _cited(key: str, catalogue: Catalogue, *, issuer: str) -> dict[str, str]:
    """Return a catalogue as a rule cites it."""
    return {
        "key": key,
        "source": catalogue.issuer,
        "issuer": issuer,
        "name": catalogue.name,
        "version": catalogue.version,
        "sha256": catalogue.digest,
    }


def _entry(
    name: str, requires: dict[str, Any], grants: list[dict[str, Any]], notes: Iterable[str]
) -> dict[str, Any]:
    note = "\n".join(dict.fromkeys(notes))[:_NOTE_LIMIT].strip()
    entry = {"id": name, "requires": requires, "grants": grants}
    return entry | ({"note": note} if note else {})


def _grants(record: Any) -> list[list[dict[str, Any]]]:
    """Return what is granted: one list for each choice, of which one is granted as a whole."""
    kind = record.get("type") if isinstance(record, dict) else None
    if kind == "MISCELLANEOUS":
        # The record states no units for an area: what was sent counts as it is.
        return [[_target(record) | {"ratio": "1/1"}]]
    if kind == "COURSE":
        return [[_measured(record)]]
    if kind != "SERIES":
        raise Inexpressible("TARGET_TYPE", f"{kind!r}")
    courses, word = record.get("courses"), record.get("conjunction")
    if not isinstance(courses, list) or not courses:
        raise Inexpressible("SERIES_FORM", "no courses")
    grants = list({one["target"]: one for one in map(_measured, courses)}.values())
    if word == "AND":
        return [grants]
    if word == "OR":
        return [[grant] for grant in grants]
    raise Inexpressible("SERIES_FORM", f"conjunction {word!r}")


def _target(record: Any) -> dict[str, Any]:
    key = record.get("key") if isinstance(record, dict) else None
    if not isinstance(key, str) or not key:
        raise Inexpressible("TARGET_KEY", "the target has no key")
    return {"target": code_of(key), "catalogue": _HOME}


def _measured(record: Any) -> dict[str, Any]:
    target = _target(record)
    least = hundredths(record.get("min_units"), "TARGET_UNITS")
    most = hundredths(record.get("max_units"), "TARGET_UNITS")
    if least == most:
        return target | {"credits_hundredths": least}
    if least > most:
        raise Inexpressible("TARGET_UNITS", f"from {least} to {most} hundredths")
    bounds = {"at_least_hundredths": least, "at_most_hundredths": most}
    return target | {"ratio": "1/1"} | bounds


@dataclass
class _Requirement:
    """Turns one sending side into a requirement, noting courses and remarks on the way."""

    catalogue: str
    college: College
    notes: list[str]

    def node(self, sending: Any, above: Mapping[str, Any], depth: int) -> dict[str, Any]:
        """Return a requirement; ``above`` holds the conditions of what contains it."""
        if not isinstance(sending, dict):
            raise Inexpressible("SENDING_FORM", "not an object")
        conditions = self._conditions(sending, above)
        kind = sending.get("type")
        if kind is None:
            return {"course": self._course(sending, conditions)}
        items = sending.get("items")
        if not isinstance(items, list) or not items:
            raise Inexpressible("SENDING_FORM", "no items")
        if depth == _DEEPEST:
            raise Inexpressible("SENDING_FORM", "nested too deep")
        word = self._word(sending, kind, len(items))
        parts: list[dict[str, Any]] = []
        for item in items:
            part = self.node(item, conditions, depth + 1)
            # A course that stands twice in one set is one course.
            if part not in parts:
                parts.append(part)
        return parts[0] if len(parts) == 1 else {word: parts}

    def _word(self, sending: Mapping[str, Any], kind: Any, count: int) -> str:
        words: Any
        if kind == "SET":
            words = [sending.get("conjunction")] * (count - 1)
        elif kind == "GROUP":
            words = sending.get("conjunctions") or []
        else:
            raise Inexpressible("SENDING_TYPE", f"{kind!r}")
        if not isinstance(words, list) or len(words) != count - 1:
            raise Inexpressible("CONJUNCTION", f"not one for each two of {count} items")
        if any(word not in ("AND", "OR") for word in words):
            raise Inexpressible("CONJUNCTION", f"{words!r}")
        if len(set(words)) > 1:
            raise Inexpressible("AMBIGUOUS", f"AND and OR without brackets: {' '.join(words)}")
        return "all" if words[:1] == ["AND"] else "any"

    def _course(self, item: Mapping[str, Any], conditions: Mapping[str, Any]) -> dict[str, Any]:
        key, title = item.get("key"), item.get("title")
        if not isinstance(key, str) or not key:
            raise Inexpressible("COURSE_KEY", "a course has no key")
        if not isinstance(title, str) or not is_title(title):
            raise Inexpressible("COURSE_TITLE", f"course {key!a}")
        units = hundredths(item.get("max_units"), "COURSE_UNITS")
        code = code_of(key)
        self.college.rows.setdefault(code, (title, set()))[1].add(units)
        least = conditions.get("least_hundredths", 0)
        if least > units:
            raise Inexpressible("COURSE_UNITS", f"{units} hundredths where {least} are asked")
        return {"catalogue": self.catalogue, "code": code, **conditions}

    def _conditions(self, item: Mapping[str, Any], above: Mapping[str, Any]) -> dict[str, Any]:
        conditions = dict(above)
        listed = item.get("notes", [])
        for text in listed if isinstance(listed, list) else []:
            note = str(text).strip()
            if grade := _GRADE_NOTE.fullmatch(note):
                _ask_grade(conditions, grade[1])
            elif units := _UNITS_NOTE.fullmatch(note):
                conditions["least_hundredths"] = hundredths(float(units[1]), "COURSE_UNITS")
            elif is_title(note):
                self.notes.append(note)
        return conditions


def _ask_grade(conditions: dict[str, Any], grade: str) -> None:
    if grade not in LETTERS:
        raise Inexpressible("GRADE", f"{grade!a}")
    known = conditions.get("minimum_grade", {}).get(LETTER, grade)
    conditions["minimum_grade"] = {LETTER: min(known, grade, key=LETTERS.index)}
