"""A rule as flat rows: one for each grant of an entry, one for each course that it cites."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from federation.base.amounts import show_credits
from node.domain.caps import CREDITS, Cap
from node.domain.rulebook import AtLeast, Conditions, Course, Grant, Node, Rulebook, courses
from node.domain.rulebook import Sequence as InOrder


@dataclass(frozen=True, slots=True, kw_only=True)
class FlatEntry:
    """One target of one entry.

    Attributes:
        requires: the requirement as text: ALL, ANY, n OF, SEQUENCE, POOL and courses, each as
            ``source@version:code``.
        measure: credits, or ``ratio n/m`` of the credits held, or ``hours n/m`` credits an hour.
    """

    entry: str
    track: str
    requires: str
    target: str
    target_catalogue: str
    target_version: str
    measure: str
    level: int
    category: str
    rounding: str
    valid_from: str
    valid_until: str
    note: str


@dataclass(frozen=True, slots=True, kw_only=True)
class FlatCourse:
    """One course that an entry cites, with what an outcome must fulfil to be it."""

    entry: str
    source: str
    issuer: str
    catalogue: str
    catalogue_version: str
    catalogue_digest: str
    code: str
    conditions: str


@dataclass(frozen=True, slots=True, kw_only=True)
class FlatCap:
    """One cap.

    Attributes:
        limit: ``AT_MOST 42.00``, ``AT_LEAST 18.00``, or ``AT_MOST 7/20 OF compulsory``.
    """

    cap: str
    title_zh: str
    title_en: str
    measure: str
    limit: str
    window: str
    within: str


def flat_entries(book: Rulebook) -> Iterator[FlatEntry]:
    """Yield a row for each grant, in the order of the document."""
    for entry in book.entries:
        requires = requirement_text(entry.requires)
        for grant in entry.grants:
            yield FlatEntry(
                entry=entry.entry_id,
                track=entry.track,
                requires=requires,
                target=grant.target,
                target_catalogue=grant.catalogue.name if grant.catalogue else "",
                target_version=grant.catalogue.version if grant.catalogue else "",
                measure=_measure(grant),
                level=grant.level,
                category=grant.course_category,
                rounding=grant.rounding,
                valid_from=entry.valid_from,
                valid_until=entry.valid_until,
                note=entry.note,
            )


def flat_courses(book: Rulebook) -> Iterator[FlatCourse]:
    """Yield a row for each course of each entry, once."""
    for entry in book.entries:
        for course in dict.fromkeys(courses(entry.requires)):
            yield FlatCourse(
                entry=entry.entry_id,
                source=course.catalogue.source,
                issuer=course.catalogue.issuer,
                catalogue=course.catalogue.name,
                catalogue_version=course.catalogue.version,
                catalogue_digest=course.catalogue.digest,
                code=course.code,
                conditions=_conditions(course.conditions),
            )


def flat_caps(book: Rulebook) -> Iterator[FlatCap]:
    """Yield a row for each cap, outer ones first."""
    for cap in book.caps:
        yield FlatCap(
            cap=cap.cap_id,
            title_zh=cap.title_zh,
            title_en=cap.title_en,
            measure=cap.measure,
            limit=_limit(cap),
            window=cap.window.kind,
            within=cap.within,
        )


def requirement_text(node: Node) -> str:
    """Return a requirement as one line."""
    if isinstance(node, Course):
        return f"{node.catalogue.source}@{node.catalogue.version}:{node.code}"
    parts = ", ".join(requirement_text(part) for part in node.parts)
    if isinstance(node, InOrder):
        return f"SEQUENCE({parts})"
    if isinstance(node, AtLeast):
        if node.count == len(node.parts):
            return f"ALL({parts})"
        return f"ANY({parts})" if node.count == 1 else f"{node.count} OF({parts})"
    return f"POOL({node.measure} >= {node.least}: {parts})"


def _measure(grant: Grant) -> str:
    if grant.credits_hundredths is not None:
        return show_credits(grant.credits_hundredths)
    if grant.ratio is not None:
        return f"ratio {grant.ratio.numerator}/{grant.ratio.denominator}"
    assert grant.hours_ratio is not None, "a grant without measure"
    return f"hours {grant.hours_ratio.numerator}/{grant.hours_ratio.denominator}"


def _conditions(asked: Conditions) -> str:
    """Return conditions as words with spaces between; what is not asked for is left out."""
    level = f"{asked.level} {asked.least_level}" if asked.least_level else asked.level
    words = {
        "grade": ", ".join(f"{scale} {grade}" for scale, grade in asked.minimum_grade),
        "level": level,
        "kinds": ", ".join(sorted(asked.kinds or ())),
        "overlap": "" if asked.overlap_percent is None else f"{asked.overlap_percent} %",
        "earned after": asked.earned_after,
        "earned before": asked.earned_before,
        "valid years": "" if asked.valid_years is None else str(asked.valid_years),
        "credits": show_credits(asked.least_hundredths) if asked.least_hundredths else "",
        "not after conversion": "yes" if asked.not_after_conversion else "",
    }
    return "; ".join(f"{name}: {text}" for name, text in words.items() if text)


def _limit(cap: Cap) -> str:
    limit = cap.limit
    side = "AT_LEAST" if limit.is_floor else "AT_MOST"
    if limit.share is not None:
        whole = limit.of or limit.of_cap
        return f"{side} {limit.share.numerator}/{limit.share.denominator} OF {whole}"
    return f"{side} {show_credits(limit.amount) if cap.measure == CREDITS else limit.amount}"
