"""Decisions in files: what a transcript or a record holds, and judging it again from that alone."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass, field, replace

from federation.base.errors import Breach
from federation.evidence.record_papers import CATALOGUE, MINUTE, RULE, named_papers
from federation.evidence.transcript import decode as decode_transcript
from federation.protocol.commitments import Openings
from federation.protocol.grouping import record_in
from federation.protocol.messages import MessageType, Prepare, Request, Vote
from federation.wire import codec
from node.domain.canonical import digest_of
from node.domain.decided_exchange import recompute_exchange
from node.domain.decision_record import Record
from node.domain.decision_seals import open_document, parse_content
from node.domain.judgement import OpenJudge
from node.domain.recompute import (
    RECORD_ABSENT,
    Documents,
    Recomputation,
    difference,
    recompute,
)
from node.domain.rule_judge import open_rule

Paper = tuple[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class DecisionFile:
    """What a file holds of a decision; nothing in it is proven by its being there.

    Attributes:
        record: the decision record, or empty where it was erased or is withheld.
        vote: the VOTE, or None in the file of a record alone.
        prepare: the offer that was judged, or None.
        shown: what is shown of the offer.
        wanted: codes of what the learner wished for.
        documents: rule, catalogues and minute that the file carries, by digest.
        is_erased: the exporter's word that the record's values were erased.
    """

    record: bytes
    vote: Vote | None = None
    prepare: Prepare | None = None
    shown: Openings = field(default_factory=Openings)
    wanted: tuple[str, ...] = ()
    documents: dict[str, bytes] = field(default_factory=dict)
    is_erased: bool = False

    @property
    def state(self) -> str:
        """SHOWN, ERASED, WITHHELD, or NONE where the VOTE names no record."""
        if self.record:
            return "SHOWN"
        if self.vote is not None and not self.vote.record_digest:
            return "NONE"
        return "ERASED" if self.is_erased else "WITHHELD"

    @property
    def content(self) -> Record | None:
        """The record as a value, or None where there is none that can be read."""
        return read_content(self.record)

    @property
    def papers(self) -> list[Paper]:
        """Kind and SHA-256 of all that the decision rests on, the rule first."""
        known = self.content
        rule = known.given.authority.rule_digest if known else ""
        if not rule and self.vote is not None:
            rule = self.vote.record.rule_digest.hex()
        named = [(one.kind, one.sha256) for one in named_papers(self.record)]
        return [(RULE, rule), *named] if rule else named

    def missing(self, more: Collection[str] = ()) -> list[Paper]:
        """Return the papers that neither the file nor these digests have."""
        return [one for one in self.papers if one[1] not in self.documents and one[1] not in more]


def read_content(document: bytes) -> Record | None:
    """Return the record that a document is, altered or not; None where it can be read as none."""
    try:
        return parse_content(open_document(document)[0])
    except Breach:
        return None


def read_decision(content: bytes) -> DecisionFile:
    """Return the decision in a transcript, or in the file of a record alone.

    Raises:
        Breach: RECORD_FORM or as :func:`federation.evidence.transcript.decode` has it;
            NOT_DECIDED for a transcript without a VOTE.
    """
    if content.startswith(b"{"):
        open_document(content)
        return DecisionFile(record=content)
    transcript = decode_transcript(content)
    papers = [one for one in (transcript.rule_document, *transcript.documents) if one]
    found: dict[type, tuple[object, Openings, bool]] = {}
    for link in transcript.links:
        message = codec.decode(link.evidence.item.type, link.evidence.item.payload)
        if link.evidence.item.type in (
            MessageType.REQUEST,
            MessageType.PREPARE,
            MessageType.VOTE,
        ):
            shown = codec.decode_openings(link.openings)
            found[type(message)] = (message, shown, link.is_erased)
    if Vote not in found:
        raise Breach("NOT_DECIDED")
    vote, beside, is_erased = found[Vote]
    asked = found.get(Prepare) or found.get(Request)
    assert isinstance(vote, Vote)
    prepare, shown, _ = found.get(Prepare, (None, Openings(), False))
    assert prepare is None or isinstance(prepare, Prepare)
    wanted = asked[0] if asked else None
    return DecisionFile(
        record=record_in(beside),
        vote=vote,
        prepare=prepare,
        shown=shown,
        wanted=wanted.wanted_targets if isinstance(wanted, Prepare | Request) else (),
        documents={digest_of(one): one for one in papers},
        is_erased=is_erased,
    )


def judge_again(
    file: DecisionFile,
    *,
    rules: Iterable[bytes] = (),
    catalogues: Iterable[bytes] = (),
    minute: bytes | None = None,
    open_judge: OpenJudge = open_rule,
) -> Recomputation:
    """Judge a decision again by what its file carries and what is given beside it.

    Args:
        rules: rules at hand; the one named is taken, else the first.
        minute: the minute, where the file carries none.
    """
    if not file.record:
        return Recomputation((difference("$", RECORD_ABSENT, "", file.state),))
    named = {kind: [digest for of, digest in file.papers if of == kind] for kind, _ in file.papers}
    carried = [one for digest, one in file.documents.items() if digest in named.get(RULE, ())]
    minutes = [one for digest, one in file.documents.items() if digest in named.get(MINUTE, ())]
    codes = [one for digest, one in file.documents.items() if digest in named.get(CATALOGUE, ())]
    documents = Documents(
        rule=_chosen([*carried, *rules], named.get(RULE, [])),
        catalogues=[*codes, *catalogues],
        minute=_chosen([*minutes, *([] if minute is None else [minute])], named.get(MINUTE, [])),
    )
    if file.vote is None:
        return recompute(file.record, documents, open_judge)
    return recompute_exchange(
        file.record,
        documents,
        open_judge,
        vote=file.vote,
        prepare=file.prepare,
        shown=file.shown,
    )


def gather(file: DecisionFile, find: Callable[[str, str], bytes]) -> DecisionFile:
    """Return the same with the papers that can be found elsewhere by kind and SHA-256.

    Args:
        find: returns a document, or nothing; one of another digest is left.
    """
    found = {digest: find(kind, digest) for kind, digest in file.missing()}
    good = {digest: one for digest, one in found.items() if one and digest_of(one) == digest}
    return replace(file, documents=file.documents | good)


def _chosen(papers: list[bytes], named: Collection[str]) -> bytes | None:
    """Return the paper that is named, else the first, which is then told to differ."""
    fitting = [one for one in papers if digest_of(one) in named]
    return next(iter((*fitting, *papers)), None)
