"""What a panel decides: ballots, the result that follows from them, and the minute.

Every member answers every question: how many hundredths of a credit these lots shall count as
this target, or nothing and why. The result is the largest amount that more than half of the seats
granted at least; so nobody's ballot counts more for asking much, and where fewer than half grant
anything the result is nothing. Where exactly half of an even panel grants an amount, the minute
says beforehand which rule holds: ``REJECT``, or ``CHAIR``, by which the chair's ballot decides.

The minute is data, and leaves the province with the decision. The ballots do not: they stand on a
sheet that the minute names by its salted digest, so that an auditor who is shown the sheet adds
them up again, and nobody else learns who voted how.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import repeat

from federation.base.amounts import LARGEST_HUNDREDTHS
from federation.base.errors import Breach, Refusal
from node.domain.canonical import digest_of, plain, read_canonical, spell, value_of
from node.domain.experts import folded
from node.domain.outcomes import check_date
from node.domain.panel_draw import LEAST_INSTITUTIONS, LEAST_SEATS, MOST_SEATS

REJECT = "REJECT"
CHAIR = "CHAIR"
TIES = (REJECT, CHAIR)
# Why a member leaves: the member's own wish, a conflict found late, or no vote in time.
MEMBER_WITHDREW, MEMBER_CONFLICT, MEMBER_SILENT = (
    "MEMBER_WITHDREW",
    "MEMBER_CONFLICT",
    "MEMBER_SILENT",
)
LEAVING = (MEMBER_WITHDREW, MEMBER_CONFLICT, MEMBER_SILENT)
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
class Substitute:
    """A seat that changed hands.

    Attributes:
        leaving: the member who left it; what that member voted does not count.
        reason: one of ``LEAVING``.
        joining: the next of the draw who had no conflict.
    """

    leaving: str
    reason: str
    joining: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Minute:
    """The minute of a panel; the node logs it and its decision record names it.

    Attributes:
        notice: SHA-256 of the notice of the draw.
        seed: the seed, 64 hexadecimal digits.
        chair: the member who presides.
        tie: one of ``TIES``.
        sheet: SHA-256 of the sheet of ballots, which stays in the province.
        evidence: SHA-256 of every file the panel had before it, in order.
        relates_to: the case under appeal, or empty.
        substitutes: seats that changed hands since the draw, in order.
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
    sheet: str
    results: tuple[Result, ...]
    evidence: tuple[str, ...]
    relates_to: str = ""
    substitutes: tuple[Substitute, ...] = ()

    def document(self) -> bytes:
        """Return the minute in its one spelling, as it is logged."""
        return spell(plain(self))

    @property
    def digest(self) -> str:
        """SHA-256 of the document, by which a decision names it."""
        return digest_of(self.document())


@dataclass(frozen=True, slots=True, kw_only=True)
class BallotSheet:
    """Who voted how.

    Attributes:
        salt: 32 hexadecimal digits, which keep the digest from being guessed.
    """

    salt: str
    ballots: tuple[Ballot, ...]

    def document(self) -> bytes:
        """Return the sheet in its one spelling."""
        return spell(plain(self))

    @property
    def digest(self) -> str:
        """SHA-256 of the document, by which the minute names it."""
        return digest_of(self.document())


def check_ballot(ballot: Ballot, question: Question) -> Ballot:
    """Return a ballot when it answers its question.

    Raises:
        Refusal: RULE_LIMIT above the most that may be granted, or below a hundredth for each lot;
            REASON_MISSING where nothing is granted and no reason given, or a reason beside a grant.
    """
    if ballot.granted_hundredths > question.most_hundredths:
        raise Refusal("RULE_LIMIT")
    if 0 < ballot.granted_hundredths < len(question.lots):
        raise Refusal("RULE_LIMIT", detail="less than a hundredth for each lot")
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


def results_of(minute: Minute, ballots: tuple[Ballot, ...]) -> tuple[Result, ...]:
    """Return what follows from ballots, question by question."""
    return tuple(
        tally(
            question.question,
            ballots,
            seats=len(minute.members),
            chair=minute.chair,
            tie=minute.tie,
        )
        for question in minute.questions
    )


def read_minute(document: bytes) -> Minute:
    """Return the minute that a document is.

    Raises:
        Breach: MINUTE_FORM for what is no minute of a full panel; MINUTE_DIFFERS for results that
            no ballots of such a panel have.
    """
    content = read_canonical(document, reason=_FORM)
    minute = value_of(Minute, content, reason=_FORM)
    assert isinstance(minute, Minute)
    _check_panel(minute)
    check_questions(minute.questions)
    if not all(map(_is_possible, minute.results, minute.questions, repeat(minute))):
        raise Breach("MINUTE_DIFFERS")
    return minute


def read_sheet(document: bytes, minute: Minute) -> BallotSheet:
    """Return the ballots behind a minute, added up again.

    Raises:
        Breach: MINUTE_FORM for what is no sheet of one ballot of every member on every question;
            MINUTE_DIFFERS where it is another sheet or the results do not follow from it.
    """
    content = read_canonical(document, reason=_FORM)
    sheet = value_of(BallotSheet, content, reason=_FORM)
    assert isinstance(sheet, BallotSheet)
    _check_votes(minute, sheet.ballots)
    if sheet.digest != minute.sheet or results_of(minute, sheet.ballots) != minute.results:
        raise Breach("MINUTE_DIFFERS")
    return sheet


def check_questions(questions: tuple[Question, ...]) -> None:
    """Check what was put to the vote.

    Raises:
        Breach: MINUTE_FORM.
    """
    names = {question.question for question in questions}
    _require(0 < len(names) == len(questions) <= MOST_QUESTIONS, "questions")
    asked = {(frozenset(question.lots), question.target) for question in questions}
    _require(len(asked) == len(questions), "one question twice")
    for question in questions:
        is_set = len(set(question.lots)) == len(question.lots)
        _require(bool(question.lots) and is_set, "lots")
        _require(0 < question.most_hundredths <= LARGEST_HUNDREDTHS, "amounts")


def _is_possible(result: Result, question: Question, minute: Minute) -> bool:
    """Tell whether some ballots of the panel give this result."""
    seats, granted = len(minute.members), result.granted_hundredths
    is_whole = result.votes_for + result.votes_against == seats and result.votes_for >= 0
    if result.question != question.question or not is_whole:
        return False
    if not granted:
        return bool(result.reasons) and 2 * result.votes_for <= seats
    is_most = 2 * result.votes_for > seats or (
        minute.tie == CHAIR and 2 * result.votes_for == seats
    )
    return 0 < granted <= question.most_hundredths and is_most and not result.reasons


def _check_panel(minute: Minute) -> None:
    names = [member.expert for member in minute.members]
    institutions = {folded(member.institution) for member in minute.members}
    check_date(minute.decided_on)
    _require(LEAST_SEATS <= len(names) <= MOST_SEATS and len(set(names)) == len(names), "members")
    _require(len(institutions) >= LEAST_INSTITUTIONS, "institutions")
    _require(all(member.has_declared for member in minute.members), "declarations")
    _require(minute.chair in names and minute.tie in TIES, "chair")
    _require(len(minute.results) == len(minute.questions), "results")
    gone = {one.leaving for one in minute.substitutes}
    _require(all(one.reason in LEAVING for one in minute.substitutes), "substitutes")
    _require(not gone.intersection(names), "a member who left")


def _check_votes(minute: Minute, ballots: tuple[Ballot, ...]) -> None:
    questions = {question.question: question for question in minute.questions}
    wanted = sorted((member.expert, name) for member in minute.members for name in questions)
    cast = sorted((ballot.expert, ballot.question) for ballot in ballots)
    _require(cast == wanted, "ballots")
    for ballot in ballots:
        try:
            check_ballot(ballot, questions[ballot.question])
        except Refusal as refusal:
            raise Breach(_FORM, detail=f"ballot: {refusal.reason}") from None


def _require(holds: bool, what: str) -> None:
    if not holds:
        raise Breach(_FORM, detail=what)
