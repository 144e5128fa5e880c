"""Faults that lie between the parts of a document of form 2, each of which has its form."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Set
from dataclasses import dataclass
from typing import Any

from node.domain.outcomes import FIVE, PASS, PERCENT, mark_of
from node.domain.rule_form import Found, Path
from node.domain.rule_ways import CREDITS, HOURS, LOTS
from node.domain.rulebook_shapes import MOST_PARTS, STANDARD_HOURS

_MEASURES = (CREDITS, "ratio", "hours_ratio")
_POOL_MEASURES = (LOTS, CREDITS, HOURS)


def cross_faults(content: Mapping[str, Any]) -> Iterator[Found]:
    """Yield the faults between parts, in the order of the document."""
    yield from _span_faults(content, ())
    yield from _catalogue_faults(content["catalogues"])
    known = _Known(
        province=content["rule"].partition("/")[0],
        catalogues={one["key"]: one["source"] for one in content["catalogues"]},
        scales=content.get("scales", {}),
        has_hours=content.get("defaults", {}).get("hours_per_credit") is not None,
    )
    yield from known.grade_faults(content.get("defaults", {}), ("defaults",))
    yield from _repeated(content["entries"], "entries", "id", "ID_REPEATED")
    for at, entry in enumerate(content["entries"]):
        yield from known.entry_faults(entry, ("entries", at))


def _span_faults(value: Mapping[str, Any], path: Path) -> Iterator[Found]:
    start, end = value.get("valid_from", ""), value.get("valid_until", "")
    if end and end < start:
        yield (*path, "valid_until"), "ENDS_BEFORE_START"


def _repeated(values: list[Any], name: str, key: str, cause: str) -> Iterator[Found]:
    seen: set[str] = set()
    for at, one in enumerate(values):
        if one[key] in seen:
            yield (name, at, key), cause
        seen.add(one[key])


def _catalogue_faults(catalogues: list[Any]) -> Iterator[Found]:
    yield from _repeated(catalogues, "catalogues", "key", "CATALOGUE_REPEATED")
    for at, one in enumerate(catalogues):
        is_pinned = one["version"] != "*"
        if is_pinned != bool(one.get("sha256", "")):
            yield ("catalogues", at, "sha256"), "DIGEST_AND_VERSION"
        if is_pinned and one["source"] == "*":
            yield ("catalogues", at, "source"), "VERSION_OF_ANY"


@dataclass(frozen=True)
class _Known:
    """What entries may refer to."""

    province: str
    catalogues: Mapping[str, str]
    scales: Mapping[str, list[str]]
    has_hours: bool

    def entry_faults(self, entry: Mapping[str, Any], path: Path) -> Iterator[Found]:
        yield from _span_faults(entry, path)
        yield from self.grade_faults(entry.get("conditions", {}), (*path, "conditions"))
        yield from self._grant_faults(entry["grants"], (*path, "grants"))
        count = 0
        for where, course in _leaves(entry["requires"], (*path, "requires")):
            count += 1
            if course["catalogue"] not in self.catalogues:
                yield (*where, "catalogue"), "CATALOGUE_UNKNOWN"
            yield from self.grade_faults(course, where)
        for where, pool in _pools(entry["requires"], (*path, "requires")):
            if sum(pool.get(name) is not None for name in _POOL_MEASURES) != 1:
                yield where, "POOL_MEASURE"
        if count > MOST_PARTS:
            yield (*path, "requires"), "PART_COUNT"

    def _grant_faults(self, grants: list[Any], path: Path) -> Iterator[Found]:
        targets: Set[str] = set()
        for at, grant in enumerate(grants):
            where = (*path, at)
            if grant["catalogue"] not in self.catalogues:
                yield (*where, "catalogue"), "CATALOGUE_UNKNOWN"
            elif self.catalogues[grant["catalogue"]] != self.province:
                yield (*where, "catalogue"), "CATALOGUE_ABROAD"
            if sum(grant.get(name) is not None for name in _MEASURES) != 1:
                yield where, "GRANT_MEASURE"
            yield from _bound_faults(grant, where)
            if grant.get("hours_ratio") == STANDARD_HOURS and not self.has_hours:
                yield (*where, "hours_ratio"), "HOURS_PER_CREDIT"
            if grant["target"] in targets:
                yield (*where, "target"), "TARGET_REPEATED"
            targets = targets | {grant["target"]}

    def grade_faults(self, value: Mapping[str, Any], path: Path) -> Iterator[Found]:
        grades = value.get("minimum_grade")
        if isinstance(grades, dict):
            for scale, grade in grades.items():
                if not self._has_grade(scale, grade):
                    yield (*path, "minimum_grade", scale), "GRADE_OF_SCALE"

    def _has_grade(self, scale: str, grade: str | int) -> bool:
        if scale == PERCENT:
            return isinstance(grade, int)
        if scale in (FIVE, PASS):
            return isinstance(grade, str) and mark_of(scale, grade) is not None
        return grade in self.scales.get(scale, ())


def _bound_faults(grant: Mapping[str, Any], where: Path) -> Iterator[Found]:
    least, most = grant.get("at_least_hundredths"), grant.get("at_most_hundredths")
    if grant.get(CREDITS) is not None and (least is not None or most is not None):
        yield where, "BOUND_OF_FIXED"
    elif least is not None and most is not None and most < least:
        yield (*where, "at_most_hundredths"), "BOUNDS"


def _leaves(node: Mapping[str, Any], path: Path) -> Iterator[tuple[Path, Mapping[str, Any]]]:
    for name, inner in node.items():
        if name == "course":
            yield (*path, name), inner
        elif name == "pool":
            for at, course in enumerate(inner["of"]):
                yield (*path, name, "of", at), course
        elif name != "at_least":
            for at, part in enumerate(inner):
                yield from _leaves(part, (*path, name, at))


def _pools(node: Mapping[str, Any], path: Path) -> Iterator[tuple[Path, Mapping[str, Any]]]:
    for name, inner in node.items():
        if name == "pool":
            yield (*path, name), inner
        elif name not in ("course", "at_least"):
            for at, part in enumerate(inner):
                yield from _pools(part, (*path, name, at))
