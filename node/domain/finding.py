"""What one reviewer decided, alone or with a second person: data like a panel's minute.

It names its reviewers, and says of every question what it grants, or why nothing. The decision
record names it by its digest, so that whoever has it can judge again.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from federation.base.errors import Breach, Refusal
from node.domain.canonical import digest_of, plain, read_canonical, spell, value_of
from node.domain.outcomes import check_date
from node.domain.panel import Ballot, Minute, Question, Result, check_ballot, check_questions

_FORM = "MINUTE_FORM"
_MOST_REVIEWERS = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """A reviewer's decision.

    Attributes:
        reviewers: who proposed it, and who agreed where a second person was needed.
        evidence: SHA-256 of every file that was before them, in order.
        relates_to: the case under appeal, or empty.
    """

    province: str
    case: str
    decided_on: str
    reviewers: tuple[str, ...]
    questions: tuple[Question, ...]
    results: tuple[Result, ...]
    evidence: tuple[str, ...]
    relates_to: str = ""

    def document(self) -> bytes:
        """Return the finding in its one spelling, as it is logged."""
        return spell(plain(self))

    @property
    def digest(self) -> str:
        """SHA-256 of the document, by which a decision names it."""
        return digest_of(self.document())


def results_found(ballots: Sequence[Ballot], reviewers: Sequence[str]) -> tuple[Result, ...]:
    """Return what a proposal that all reviewers stand by amounts to, in its order."""
    return tuple(
        Result(
            question=one.question,
            granted_hundredths=one.granted_hundredths,
            votes_for=len(reviewers) if one.granted_hundredths else 0,
            votes_against=0 if one.granted_hundredths else len(reviewers),
            reasons=one.reasons,
        )
        for one in ballots
    )


def read_finding(document: bytes) -> Finding:
    """Return the finding that a document is.

    Raises:
        Breach: MINUTE_FORM for what is none; MINUTE_DIFFERS for results that are no answers to
            its questions.
    """
    content = read_canonical(document, reason=_FORM)
    finding = value_of(Finding, content, reason=_FORM)
    assert isinstance(finding, Finding)
    check_date(finding.decided_on)
    check_questions(finding.questions)
    names = finding.reviewers
    if not (0 < len(set(names)) == len(names) <= _MOST_REVIEWERS and all(names)):
        raise Breach(_FORM, detail="reviewers")
    ballots = [
        Ballot(
            expert=names[0],
            question=one.question,
            granted_hundredths=one.granted_hundredths,
            reasons=one.reasons,
        )
        for one in finding.results
    ]
    asked = [one.question for one in finding.questions]
    is_answered = [one.question for one in ballots] == asked
    if not is_answered or results_found(ballots, names) != finding.results:
        raise Breach("MINUTE_DIFFERS")
    for ballot, question in zip(ballots, finding.questions, strict=True):
        try:
            check_ballot(ballot, question)
        except Refusal as refusal:
            raise Breach(_FORM, detail=refusal.reason) from None
    return finding


def deciders(resolved: Minute | Finding) -> tuple[str, ...]:
    """Return who decided, by their names on the list of experts, in order of name."""
    if isinstance(resolved, Finding):
        return tuple(sorted(resolved.reviewers))
    return tuple(sorted(member.expert for member in resolved.members))
