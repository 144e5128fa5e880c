"""What a panel decides: ballots, the result that follows from them, and the minute.

Every member answers every question: how many hundredths of a credit these lots shall count as
this target, or nothing and why. The result is the largest amount that more than half of the seats
granted at least; so nobody's ballot counts more for asking much, and where fewer than half grant
anything the result is nothing. Where exactly half of an even panel grants an amount, the minute
says beforehand which rule holds: ``REJECT``, or ``CHAIR``, by which the chair's ballot decides.

The minute is data. Whoever reads it adds the ballots up again.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from federation.base.amounts import LARGEST_HUNDREDTHS
from federation.base.errors import Breach, Refusal
from node.domain.canonical import digest_of, plain, read_canonical, spell, value_of
from node.domain.experts import folded
from node.domain.outcomes import check_date
from node.domain.panel_draw import LEAST_INSTITUTIONS, LEAST_SEATS, MOST_SEATS

REJECT = "REJECT"
CHAIR = "CHAIR"
TIES = (REJECT, CHAIR)
MOST_QUESTIONS = 100
_FORM = "MINUTE_FORM"


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """What is put to the vote: shall these lots together count as this target?

    Attributes:
        question: its name in the case.
        lots: names of the lots, used whole.
        target: code of the target.
        catalogue: key of the catalogue that the target stands in.
        offered_hundredths: sum of the lots, in their source's unit.
        most_hundredths: the most that may be granted: the target's credits, or the rule's maximum.
        category: category of the target course, or empty.
        level: level that the target has, 0 when unknown.
        grade: grade to be written at home, as 免考; empty where it stays as it is.
    """

    question: str
    lots: tuple[str, ...]
    target: str
    catalogue: str
    offered_hundredths: int
    most_hundredths: int
    category: str = ""
    level: int = 0
    grade: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ballot:
    """One member's answer to one question.

    Attributes:
        granted_hundredths: 0 for nothing.
        reasons: stable reasons where nothing is granted, else empty.
    """

    expert: str
    question: str
    granted_hundredths: int
    reasons: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """What follows from the ballots on one question.

    Attributes:
        votes_for: members who granted at least the result, or anything where it is nothing.
        votes_against: the others.
        reasons: where nothing is granted, all that were given, the most frequent first.
    """

    question: str
    granted_hundredths: int
    votes_for: int
    votes_against: int
    reasons: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """A seat of the panel.

    Attributes:
        has_declared: has declared to have no interest in the case.
    """

    expert: str
    institution: str
    has_declared: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Minute:
    """The minute of a panel, to be signed by its members.

    Attributes:
        notice: SHA-256 of the notice of the draw.
        seed: the seed, 64 hexadecimal digits.
        chair: the member who presides.
        tie: one of ``TIES``.
        evidence: SHA-256 of every file the panel had before it, in order.
        relates_to: the case under appeal, or empty.
    """

    province: str
    case: str
    draw_round: int
    decided_on: str
    notice: str
    seed: str
    members: tuple[Member, ...]
    chair: str
    tie: str
    questions: tuple[Question, ...]
    ballots: tuple[Ballot, ...]
    results: tuple[Result, ...]
    evidence: tuple[str, ...]
    relates_to: str = ""

    def document(self) -> bytes:
        """Return the minute in its one spelling, as it is signed."""
        return spell(plain(self))

    @property
    def digest(self) -> str:
        """SHA-256 of the document, by which a decision names it."""
        return digest_of(self.document())


def check_ballot(ballot: Ballot, question: Question) -> Ballot:
    """Return a ballot when it answers its question.

    Raises:
        Refusal: RULE_LIMIT above the most that may be granted; REASON_MISSING where nothing is
            granted and no reason given, or a reason beside a grant.
    """
    if ballot.granted_hundredths > question.most_hundredths:
        raise Refusal("RULE_LIMIT")
    if ballot.granted_hundredths < 0 or bool(ballot.reasons) == (ballot.granted_hundredths > 0):
        raise Refusal("REASON_MISSING")
    return ballot


def tally(question: str, ballots: Iterable[Ballot], *, seats: int, chair: str, tie: str) -> Result:
    """Return what the ballots on a question amount to.

    Args:
        seats: seats of the panel; a ballot not cast grants nothing.
        chair: whose ballot decides a tie, where ``tie`` is ``CHAIR``.
    """
    cast = [ballot for ballot in ballots if ballot.question == question]
    chairs = max((one.granted_hundredths for one in cast if one.expert == chair), default=0)
    granted = 0
    for amount in sorted({one.granted_hundredths for one in cast}, reverse=True):
        backing = sum(one.granted_hundredths >= amount for one in cast)
        breaks_tie = tie == CHAIR and 2 * backing == seats and chairs >= amount
        if amount and (2 * backing > seats or breaks_tie):
            granted = amount
            break
    in_favour = sum(one.granted_hundredths >= max(1, granted) for one in cast)
    against = Counter(reason for one in cast for reason in one.reasons)
    reasons = sorted(against, key=lambda reason: (-against[reason], reason))
    return Result(
        question=question,
        granted_hundredths=granted,
        votes_for=in_favour,
        votes_against=seats - in_favour,
        reasons=() if granted else tuple(reasons),
    )


def results_of(minute: Minute) -> tuple[Result, ...]:
    """Return what follows from a minute's ballots, question by question."""
    return tuple(
        tally(
            question.question,
            minute.ballots,
            seats=len(minute.members),
            chair=minute.chair,
            tie=minute.tie,
        )
        for question in minute.questions
    )


def read_minute(document: bytes) -> Minute:
    """Return the minute that a document is, its ballots added up again.

    Raises:
        Breach: MINUTE_FORM for what is no minute of a full panel; MINUTE_DIFFERS where the
            results do not follow from the ballots.
    """
    content = read_canonical(document, reason=_FORM)
    minute = value_of(Minute, content, reason=_FORM)
    assert isinstance(minute, Minute)
    _check_panel(minute)
    _check_votes(minute)
    if results_of(minute) != minute.results:
        raise Breach("MINUTE_DIFFERS")
    return minute


def _check_panel(minute: Minute) -> None:
    names = [member.expert for member in minute.members]
    institutions = {folded(member.institution) for member in minute.members}
    check_date(minute.decided_on)
    _require(LEAST_SEATS <= len(names) <= MOST_SEATS and len(set(names)) == len(names), "members")
    _require(len(institutions) >= LEAST_INSTITUTIONS, "institutions")
    _require(all(member.has_declared for member in minute.members), "declarations")
    _require(minute.chair in names and minute.tie in TIES, "chair")


def _check_votes(minute: Minute) -> None:
    questions = {question.question: question for question in minute.questions}
    _require(0 < len(questions) == len(minute.questions) <= MOST_QUESTIONS, "questions")
    for question in minute.questions:
        _require(bool(question.lots), "lots")
        _require(0 < question.most_hundredths <= LARGEST_HUNDREDTHS, "amounts")
    wanted = sorted((member.expert, name) for member in minute.members for name in questions)
    cast = sorted((ballot.expert, ballot.question) for ballot in minute.ballots)
    _require(cast == wanted, "ballots")
    for ballot in minute.ballots:
        try:
            check_ballot(ballot, questions[ballot.question])
        except Refusal as refusal:
            raise Breach(_FORM, detail=f"ballot: {refusal.reason}") from None


def _require(holds: bool, what: str) -> None:
    if not holds:
        raise Breach(_FORM, detail=what)
