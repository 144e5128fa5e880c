"""Precedents: what is compared between outcomes, and why one is like another, in words.

They advise and never decide: a rank is a proposal to a reviewer, who sees for each one what speaks
for it and what against it. Refusals are precedents too.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from enum import StrEnum

from node.domain.outcomes import OutcomeFacts

_WORD = re.compile(r"[a-z]+|[0-9]+|[^\W\d_a-z]+")
_HAN = re.compile(r"[\u3007\u3400-\u4dbf\u4e00-\u9fff\U00020000-\U0003ffff]+")
# Words that tell nothing about a subject, and numerals in their two spellings.
_EMPTY_WORDS = frozenset(["a", "an", "and", "for", "in", "of", "the", "to", "with"])
_ROMAN = {"i": "1", "ii": "2", "iii": "3", "iv": "4", "v": "5", "vi": "6"}
_SHORTEST_PLURAL = 4
_SHARED_SHOWN = 5
_SHORTEST_HAN_SHARED = 2
_FIELD_HEAD = 3


class Aspect(StrEnum):
    """What two outcomes are compared by."""

    NAME = "NAME"
    LEVEL = "LEVEL"
    FIELD = "FIELD"
    HOURS = "HOURS"
    OVERLAP = "OVERLAP"
    PRECEDENT = "PRECEDENT"


class Verdict(StrEnum):
    """How a case was decided."""

    ACCEPT = "ACCEPT"
    REJECT = "REJECT"


@dataclass(frozen=True, slots=True)
class Described:
    """What is compared of an outcome or a target.

    Attributes:
        title: its name.
        level: 1 to 10, 0 when unknown.
        field: field of study after GB/T 13745, or empty.
        hours: hours of learning, 0 when unknown.
        topic: what surrounds the name: subject, department, major, or empty.
        contents: what is taught, as its syllabus has it, or empty.
    """

    title: str
    level: int = 0
    field: str = ""
    hours: int = 0
    topic: str = ""
    contents: str = ""


@dataclass(frozen=True, slots=True)
class DecidedCase:
    """A case that was decided.

    Attributes:
        case_id: what it is found by in the archive.
        issuer: the institution whose outcomes it was about.
        outcomes: what was handed in.
        targets: codes of what it was to count as; empty when nothing was named.
        verdict: how it ended.
        reasons: reason codes of the decision.
        decided_on: YYYY-MM-DD.
    """

    case_id: str
    issuer: str
    outcomes: tuple[Described, ...]
    targets: tuple[str, ...]
    verdict: Verdict
    reasons: tuple[str, ...] = ()
    decided_on: str = ""


@dataclass(frozen=True, slots=True)
class Target:
    """What an outcome may count as: code and description."""

    code: str
    described: Described


@dataclass(frozen=True, slots=True)
class RankReason:
    """One thing that speaks for a rank, or against it.

    Attributes:
        aspect: what was compared.
        speaks_for: whether it speaks for the likeness.
        zh: what was found, in Chinese.
        en: the same in English.
    """

    aspect: Aspect
    speaks_for: bool
    zh: str
    en: str


@dataclass(frozen=True, slots=True)
class SimilarCase:
    """A precedent with its rank's number, higher is more alike, and the reasons for it."""

    case: DecidedCase
    score: float
    reasons: tuple[RankReason, ...]


@dataclass(frozen=True, slots=True)
class RankedTarget:
    """A candidate target with its rank's number and reasons, and the precedents behind it."""

    target: Target
    score: float
    reasons: tuple[RankReason, ...]
    accepted: tuple[str, ...]
    refused: tuple[str, ...]


def described_by(facts: OutcomeFacts, *, contents: str = "") -> Described:
    """Return what is compared of an outcome, without grade, dates or issuer."""
    return Described(facts.title, facts.level, facts.field, facts.hours, contents=contents)


def terms(text: str) -> list[str]:
    """Return the terms of a text: words without their plural, and pairs of Chinese characters.

    Chinese has no spaces; pairs of neighbouring characters find what words would, without a
    dictionary to keep.
    """
    found: list[str] = []
    for word in _WORD.findall(text.casefold()):
        if _HAN.fullmatch(word):
            found += [word[at : at + 2] for at in range(len(word) - 1)] or [word]
        elif word not in _EMPTY_WORDS:
            found.append(_ROMAN.get(word, _singular(word)))
    return found


def overlap_percent(one: str, other: str) -> int:
    """Return how much of the shorter text's terms the other has too, in whole percent."""
    here, there = set(terms(one)), set(terms(other))
    least = min(len(here), len(there))
    return 100 * len(here & there) // least if least else 0


def reasons_between(asked: Described, found: Described) -> tuple[RankReason, ...]:
    """Return everything that speaks for or against two descriptions being alike."""
    reasons = (
        _by_name(asked.title, found.title),
        _by_level(asked.level, found.level),
        _by_field(asked.field, found.field),
        _by_hours(asked.hours, found.hours),
        _by_overlap(asked, found),
    )
    return tuple(reason for reason in reasons if reason)


def reason_of_precedents(accepted: int, refused: int) -> RankReason | None:
    """Return what like cases say of a target, or None when there were none."""
    if not accepted + refused:
        return None
    return RankReason(
        Aspect.PRECEDENT,
        accepted >= refused,
        f"相似案例中 {accepted} 件认可、{refused} 件未认可",
        f"of like cases {accepted} were accepted and {refused} refused",
    )


def shared_words(one: str, other: str) -> tuple[str, ...]:
    """Return the words, or runs of Chinese characters, that both texts have, the longest first."""
    words = set(_words(one)) & set(_words(other))
    here, there = "".join(_HAN.findall(one)), "".join(_HAN.findall(other))
    for block in SequenceMatcher(None, here, there, autojunk=False).get_matching_blocks():
        if block.size >= _SHORTEST_HAN_SHARED:
            words.add(here[block.a : block.a + block.size])
    return tuple(sorted(words, key=lambda word: (-len(word), word))[:_SHARED_SHOWN])


def _words(text: str) -> Sequence[str]:
    found = (word for word in _WORD.findall(text.casefold()) if not _HAN.fullmatch(word))
    return [_ROMAN.get(word, _singular(word)) for word in found if word not in _EMPTY_WORDS]


def _singular(word: str) -> str:
    if len(word) < _SHORTEST_PLURAL or not word.endswith("s") or word.endswith("ss"):
        return word
    return word[:-3] + "y" if word.endswith("ies") else word[:-1]


def _by_name(asked: str, found: str) -> RankReason:
    if asked.casefold() == found.casefold():
        return RankReason(Aspect.NAME, True, "名称相同", "the same name")
    shared = shared_words(asked, found)
    if shared:
        zh, en = "、".join(shared), ", ".join(shared)
        return RankReason(Aspect.NAME, True, f"名称共有：{zh}", f"names share: {en}")
    return RankReason(Aspect.NAME, False, "名称没有共同的词", "the names share no word")


def _by_level(asked: int, found: int) -> RankReason | None:
    if not asked or not found:
        return None
    if asked == found:
        return RankReason(Aspect.LEVEL, True, f"等级相同（{asked}）", f"the same level ({asked})")
    higher = asked > found
    zh = f"等级{'高' if higher else '低'} {abs(asked - found)} 级（{asked} 对 {found}）"
    en = f"{abs(asked - found)} level(s) {'above' if higher else 'below'} ({asked} to {found})"
    return RankReason(Aspect.LEVEL, higher, zh, en)


def _by_field(asked: str, found: str) -> RankReason | None:
    if not asked or not found:
        return None
    if asked == found:
        return RankReason(Aspect.FIELD, True, f"学科相同（{asked}）", f"the same field ({asked})")
    if asked[:_FIELD_HEAD] == found[:_FIELD_HEAD]:
        head = asked[:_FIELD_HEAD]
        return RankReason(Aspect.FIELD, True, f"同属学科 {head}", f"both in field {head}")
    return RankReason(
        Aspect.FIELD, False, f"学科不同（{asked} 对 {found}）", f"other fields ({asked}, {found})"
    )


def _by_hours(asked: int, found: int) -> RankReason | None:
    if not asked or not found:
        return None
    part = 100 * asked // found
    return RankReason(
        Aspect.HOURS,
        asked >= found,
        f"学时 {asked} 对 {found}（{part}%）",
        f"{asked} hours to {found} ({part} %)",
    )


def _by_overlap(asked: Described, found: Described) -> RankReason | None:
    if not asked.contents or not found.contents:
        return None
    part = overlap_percent(asked.contents, found.contents)
    return RankReason(
        Aspect.OVERLAP,
        part >= _ENOUGH_OVERLAP,
        f"内容重合约 {part}%（按词语估计）",
        f"contents overlap by about {part} %, estimated by their words",
    )


# What a real rule asks for between two courses.
_ENOUGH_OVERLAP = 80
