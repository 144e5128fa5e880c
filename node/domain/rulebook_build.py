"""From the checked content of a document of form 2 to the rulebook that it is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from federation.base.amounts import parse_ratio
from node.domain.cap_form import caps_of
from node.domain.rule_ways import CREDITS, HOURS, LOTS
from node.domain.rulebook import (
    AT_LEAST,
    BY_CODE,
    DOWN,
    HOLD,
    NOT_LOWER,
    REFUSE,
    AtLeast,
    Catalogue,
    Conditions,
    Course,
    Entry,
    Exclusions,
    Grant,
    Node,
    Pool,
    Rulebook,
    Sequence,
    courses,
)
from node.domain.rulebook_shapes import STANDARD_HOURS

_Content = Mapping[str, Any]


def build(content: _Content, digest: str) -> Rulebook:
    """Return the rulebook that content without faults is."""
    catalogues = {one["key"]: _catalogue(one) for one in content["catalogues"]}
    builder = _Builder(catalogues, content.get("defaults", {}))
    return Rulebook(
        name=content["rule"],
        version=content["version"],
        title_zh=content["title_zh"],
        title_en=content["title_en"],
        valid_from=content["valid_from"],
        valid_until=content.get("valid_until", ""),
        is_example=content.get("example", False),
        note=content.get("note", ""),
        scales={name: tuple(grades) for name, grades in content.get("scales", {}).items()},
        exclusions=_exclusions(content.get("exclusions", {})),
        entries=tuple(builder.entry(one) for one in content["entries"]),
        closest_only=False,
        digest=digest,
        caps=caps_of(content.get("caps", [])),
        catalogues=tuple(catalogues.values()),
    )


def _catalogue(one: _Content) -> Catalogue:
    return Catalogue(
        key=one["key"],
        source=one["source"],
        issuer=one.get("issuer", ""),
        name=one["name"],
        version=one["version"],
        digest=one.get("sha256", ""),
    )


def _exclusions(content: _Content) -> Exclusions:
    return Exclusions(
        kinds=frozenset(content.get("kinds") or ()),
        categories=frozenset(content.get("categories", ())),
        titles=tuple(content.get("titles", ())),
        exemptions=content.get("exemptions", False),
        duplicates=content.get("duplicates", BY_CODE),
    )


@dataclass(frozen=True)
class _Builder:
    """Builds entries, with what the document says by default."""

    catalogues: Mapping[str, Catalogue]
    defaults: _Content

    def entry(self, one: _Content) -> Entry:
        """Return the entry that this content is."""
        inherited = {**self.defaults, **_said(one.get("conditions", {}))}
        requires = self._node(one["requires"], inherited)
        sources = {course.catalogue.source for course in courses(requires)}
        written = one.get("grade_written", "EXEMPT")
        return Entry(
            entry_id=one["id"],
            requires=requires,
            grants=tuple(self._grant(grant) for grant in one["grants"]),
            grade_written=written if isinstance(written, str) else _bands(written),
            track=one.get("track", "RULE"),
            valid_from=one.get("valid_from", ""),
            valid_until=one.get("valid_until", ""),
            incomplete=one.get("incomplete") or (HOLD if len(sources) > 1 else REFUSE),
            repeats=one.get("repeats", False),
            note=one.get("note", ""),
        )

    def _node(self, value: _Content, inherited: _Content) -> Node:
        if "course" in value:
            return self._course(value["course"], inherited)
        if "pool" in value:
            return self._pool(value["pool"], inherited)
        ((name, inner),) = [(key, one) for key, one in value.items() if key != "at_least"]
        parts = tuple(self._node(part, inherited) for part in inner)
        if name == "sequence":
            return Sequence(parts)
        count = {"all": len(parts), "any": 1}.get(name) or value["at_least"]
        return AtLeast(count, parts)

    def _course(self, value: _Content, inherited: _Content) -> Course:
        return Course(
            catalogue=self.catalogues[value["catalogue"]],
            code=value["code"],
            conditions=_conditions({**inherited, **_said(value)}),
        )

    def _pool(self, value: _Content, inherited: _Content) -> Pool:
        measure = next(name for name in (LOTS, CREDITS, HOURS) if value.get(name) is not None)
        parts = tuple(self._course(one, inherited) for one in value["of"])
        return Pool(measure, value[measure], parts)

    def _grant(self, value: _Content) -> Grant:
        ratio = value.get("ratio")
        return Grant(
            target=value["target"],
            catalogue=self.catalogues[value["catalogue"]],
            credits_hundredths=value.get(CREDITS),
            ratio=None if ratio is None else parse_ratio(ratio),
            hours_ratio=self._hours_ratio(value.get("hours_ratio")),
            level=value.get("level", 0),
            course_category=value.get("course_category", ""),
            rounding=value.get("rounding") or self.defaults.get("rounding", DOWN),
            least=value.get("at_least_hundredths"),
            most=value.get("at_most_hundredths"),
        )

    def _hours_ratio(self, text: str | None) -> Fraction | None:
        if text == STANDARD_HOURS:
            return Fraction(1, self.defaults["hours_per_credit"])
        return None if text is None else parse_ratio(text)


def _said(content: _Content) -> dict[str, Any]:
    """Return what is said, so that what is not said is inherited."""
    return {key: one for key, one in content.items() if one is not None and one != ""}


def _conditions(said: _Content) -> Conditions:
    level = said.get("level") or NOT_LOWER
    kinds = said.get("kinds")
    return Conditions(
        minimum_grade=_minimum_grade(said.get("minimum_grade")),
        level=level if isinstance(level, str) else AT_LEAST,
        least_level=0 if isinstance(level, str) else level["at_least"],
        kinds=None if kinds is None else frozenset(kinds),
        overlap_percent=said.get("overlap_percent"),
        earned_after=said.get("earned_after", ""),
        earned_before=said.get("earned_before", ""),
        valid_years=said.get("valid_years"),
        least_hundredths=said.get("least_hundredths", 0),
        not_after_conversion=said.get("not_after_conversion", False),
    )


def _minimum_grade(value: Any) -> tuple[tuple[str, str], ...]:
    if value is None:
        return ()
    if isinstance(value, int):
        return (("percent", str(value)),)
    return tuple((scale, str(value[scale])) for scale in sorted(value))


def _bands(written: Mapping[str, str]) -> tuple[tuple[int, str], ...]:
    return tuple(sorted(((int(least), text) for least, text in written.items()), reverse=True))
