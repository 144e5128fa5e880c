"""Judging again: does a decision record agree with the documents that it names?

Only the record is needed, and the documents: the rule, the catalogues, a panel's minute. The
answer is "agrees" or a list of differences, each with the path of a field and why it differs.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from federation.base.errors import Breach
from node.domain.canonical import digest_of, plain
from node.domain.cap_admission import scopes_asked
from node.domain.decision_record import Given, Record, claimed, compose, occasion_of
from node.domain.decision_seals import open_document, parse_content, record_digest
from node.domain.finding import Finding, deciders, read_finding
from node.domain.judgement import Judge, OpenJudge, PanelJudge
from node.domain.panel import Minute, read_minute
from node.domain.review_case import Track

ALTERED = "ALTERED"
DIGEST = "DIGEST"
FORM = "FORM"
DOCUMENT_MISSING = "DOCUMENT_MISSING"
DOCUMENT_DIFFERS = "DOCUMENT_DIFFERS"
RECOMPUTED = "RECOMPUTED"
RECORD_ABSENT = "RECORD_ABSENT"

CAUSES = {
    ALTERED: ("字段被改动过", "the field was altered"),
    DIGEST: ("不是投票消息所指的那份记录", "not the record that the VOTE names"),
    FORM: ("格式不对，无法重算", "of another form, and cannot be judged again"),
    DOCUMENT_MISSING: ("缺少记录所指的文件", "a document that the record names is missing"),
    DOCUMENT_DIFFERS: ("文件与记录所指的不同", "the document is not the one that the record names"),
    RECOMPUTED: ("重新判断得出另一个值", "judging again gives another value"),
    "VOTE": ("与投票消息所说不同", "the VOTE says otherwise"),
    "OFFER": ("与所提出的不同", "the offer says otherwise"),
    RECORD_ABSENT: (
        "没有附上认定记录，无从重算",
        "no decision record is shown, and nothing can be judged again",
    ),
}
_SHOWN = 64


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """One field that does not agree.

    Attributes:
        path: JSON path in the record, ``$`` being the whole of it.
        cause: ALTERED where its seal is broken; DIGEST where the VOTE names another document;
            FORM; DOCUMENT_MISSING and DOCUMENT_DIFFERS of a document that it names; RECOMPUTED
            where judging again gives another value; VOTE and OFFER where these messages say
            otherwise; RECORD_ABSENT where it was erased or withheld.
        stated: what the record says, shortened.
        found: what was found, shortened.
    """

    path: str
    cause: str
    stated: str
    found: str

    @property
    def sentences(self) -> tuple[str, str]:
        """The difference for people, in Chinese and English."""
        zh, en = CAUSES[self.cause]
        both = f"{self.stated or '-'} / {self.found or '-'}"
        return f"{self.path}:{zh}({both})", f"{self.path}: {en} ({both})"


@dataclass(frozen=True, slots=True)
class Recomputation:
    """The answer; it agrees where nothing differs."""

    differences: tuple[Difference, ...]

    @property
    def agrees(self) -> bool:
        """Whether every field agrees."""
        return not self.differences


@dataclass(frozen=True, kw_only=True)
class Documents:
    """What to judge again by; many records may be judged by one, which hashes each once.

    Attributes:
        rule: the rule's bytes, or None where none are at hand.
        catalogues: bytes of catalogues, in any order.
        minute: bytes of the panel's minute or the reviewers' finding, or None.
    """

    rule: bytes | None = None
    catalogues: Iterable[bytes] = ()
    minute: bytes | None = None

    @cached_property
    def by_digest(self) -> Mapping[str, bytes]:
        """The catalogues by their SHA-256."""
        return {digest_of(one): one for one in self.catalogues}

    @cached_property
    def rule_digest(self) -> str:
        """SHA-256 of the rule, or empty."""
        return digest_of(self.rule) if self.rule is not None else ""

    @cached_property
    def minute_digest(self) -> str:
        """SHA-256 of the minute, or empty."""
        return digest_of(self.minute) if self.minute is not None else ""


def recompute(
    document: bytes, documents: Documents, open_judge: OpenJudge, *, named: str = ""
) -> Recomputation:
    """Judge again what a decision record states.

    Args:
        document: the record.
        named: digest by which a VOTE names it, or empty where no VOTE is at hand.

    Raises:
        Breach: RECORD_FORM where the bytes are no document of a record at all.
    """
    found: list[Difference] = []
    if named and record_digest(document) != named:
        found.append(difference("$", DIGEST, named, record_digest(document)))
    content, altered = open_document(document)
    found += [difference(path, ALTERED, _at(content, path), "") for path in altered]
    try:
        record = parse_content(content)
    except Breach as breach:
        return Recomputation((*found, difference("$", FORM, breach.detail, "")))
    catalogues = documents.by_digest
    found += _papers(record.given, documents, catalogues)
    judge = _judge(record.given, documents, catalogues, open_judge, found)
    if judge is not None:
        found += _judged_again(record, judge, content)
    return Recomputation(tuple(found))


def _papers(
    given: Given, documents: Documents, catalogues: Mapping[str, bytes]
) -> Iterator[Difference]:
    """Compare the digests of the documents with those that the record names."""
    missing = [at for at, one in enumerate(given.catalogues) if one.sha256 not in catalogues]
    known = catalogues.items() if missing else ()
    versions = {_version(paper): digest for digest, paper in known}
    for at in missing:
        one = given.catalogues[at]
        path, other = f"$.given.catalogues[{at}].sha256", versions.get((one.name, one.version))
        if other is None:
            yield difference(path, DOCUMENT_MISSING, one.sha256, "")
        else:
            yield difference(path, DOCUMENT_DIFFERS, one.sha256, other)
    authority = given.authority
    papers = (
        ("rule_digest", authority.rule_digest, documents.rule_digest),
        ("minute", authority.minute, documents.minute_digest),
    )
    for name, stated, found in papers:
        if stated and stated != found:
            cause = DOCUMENT_DIFFERS if found else DOCUMENT_MISSING
            yield difference(f"$.given.authority.{name}", cause, stated, found)


def _version(catalogue: bytes) -> tuple[str, str]:
    """Return name and version of a catalogue, as far as it says them."""
    try:
        heading = json.loads(catalogue)
        return str(heading["name"]), str(heading["version"])
    except (ValueError, TypeError, KeyError, RecursionError):
        return "", ""


def _judge(
    given: Given,
    documents: Documents,
    catalogues: Mapping[str, bytes],
    open_judge: OpenJudge,
    found: list[Difference],
) -> Judge | None:
    """Return the judge that the record names, or None where its documents do not make one."""
    authority = given.authority
    beside: Judge | None = None
    if authority.rule_digest and documents.rule is not None:
        try:
            beside = open_judge(documents.rule, catalogues)
        except Breach as breach:
            found.append(difference("$.given.authority.rule_digest", FORM, "", breach.reason))
            return None
    judge = beside
    # A reviewer may also confirm what a rule proposes, which needs no finding of their own.
    is_panel = given.track == Track.PANEL
    if given.track != Track.REVIEWER and is_panel != bool(authority.minute):
        found.append(difference("$.given.track", RECOMPUTED, given.track, "minute"))
    if authority.minute:
        minute = _minute(given, documents, found)
        judge = PanelJudge(minute, beside) if minute else None
    elif not authority.rule_digest:
        found.append(difference("$.given.authority", RECOMPUTED, "", "no rule, no minute"))
    if judge is not None:
        stated = (authority.rule, authority.rule_version, authority.rule_digest)
        names = ("rule", "rule_version", "rule_digest")
        for name, said, is_ in zip(names, stated, judge.rule, strict=True):
            if said != is_:
                path = f"$.given.authority.{name}"
                found.append(difference(path, DOCUMENT_DIFFERS, said, is_))
    return judge


def _minute(given: Given, documents: Documents, found: list[Difference]) -> Minute | Finding | None:
    """Return what people resolved, where it is what the record says of who and what they were."""
    if documents.minute is None:
        return None
    is_panel = given.track == Track.PANEL
    try:
        minute = (read_minute if is_panel else read_finding)(documents.minute)
    except Breach as breach:
        found.append(difference("$.given.authority.minute", FORM, "", breach.reason))
        return None
    names = given.authority.reviewers
    for path, stated, is_ in (
        ("authority.reviewers", names, deciders(minute)),
        ("relates_to", given.relates_to, minute.relates_to),
        ("exchange", given.exchange, minute.case),
    ):
        if stated != is_:
            found.append(difference(f"$.given.{path}", DOCUMENT_DIFFERS, stated, is_))
    return minute


def _judged_again(record: Record, judge: Judge, content: Any) -> Iterator[Difference]:
    given = record.given
    used = {line.key: line.used_before for line in record.decided.caps}
    again = compose(given, judge.judge(given.case), judge.caps, used=used)
    found = plain(again)
    # Every value was read as one of its type, so that equal values are the same.
    if found != content:
        yield from _compared("$", content, found)


def used_scopes(given: Given, judge: Judge) -> frozenset[Any]:
    """Return the scopes whose totals must be read before a record can be composed."""
    groups = claimed(given, judge.judge(given.case))
    return scopes_asked(judge.caps, groups, occasion_of(given))


def _compared(path: str, stated: Any, found: Any) -> Iterator[Difference]:
    if isinstance(stated, dict) and isinstance(found, dict) and set(stated) == set(found):
        for key in stated:
            yield from _compared(f"{path}.{key}", stated[key], found[key])
    elif isinstance(stated, list) and isinstance(found, list) and len(stated) == len(found):
        for at, one in enumerate(stated):
            yield from _compared(f"{path}[{at}]", one, found[at])
    elif type(stated) is not type(found) or stated != found:
        yield difference(path, RECOMPUTED, stated, found)


def _at(content: Any, path: str) -> Any:
    """Return the value at a path, or nothing where it is gone."""
    for step in path.replace("[", ".[").split(".")[1:]:
        try:
            content = content[int(step[1:-1])] if step.startswith("[") else content[step]
        except (IndexError, KeyError, TypeError, ValueError):
            return ""
    return content


def difference(path: str, cause: str, stated: Any, found: Any) -> Difference:
    """Return a difference, its values as short texts."""
    return Difference(
        path=path, cause=cause, stated=str(stated)[:_SHOWN], found=str(found)[:_SHOWN]
    )
