"""What the steps of a review share: who acts, what is asked, and what follows from ballots."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from federation.base.errors import Refusal
from federation.protocol.messages import MessageType
from node.domain.canonical import digest_of
from node.domain.catalogue import CatalogueEntry
from node.domain.exchange import Exchange, ExchangeKey
from node.domain.experts import Expert
from node.domain.panel import (
    REJECT,
    Ballot,
    Member,
    Minute,
    Question,
    check_ballot,
    read_minute,
    results_of,
)
from node.domain.panel_draw import read_notice
from node.domain.persons_vote import PersonsGrant
from node.domain.review_case import ReviewState
from node.domain.review_form import Review
from node.usecases.office import Office, beijing_day
from node.usecases.ports import Reading

NO_MAJORITY = "PANEL_NO_MAJORITY"


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """A case as people look at it.

    Attributes:
        draw_round: of the newest draw, 0 before any.
        waits_for: version of the registry's timestamp that the draw waits for, or 0.
        voted: members whose ballots are complete.
        is_overdue: whether its time is over.
    """

    key: ExchangeKey
    review: Review
    draw_round: int
    waits_for: int
    voted: tuple[str, ...]
    is_overdue: bool


def known_review(reading: Reading, key: ExchangeKey) -> Review:
    """Return the case of an exchange.

    Raises:
        Refusal: REVIEW where none was opened.
    """
    known = reading.review(key)
    if known is None:
        raise Refusal("REVIEW")
    return known


def expert_of(reading: Reading, account: str) -> Expert:
    """Return the expert who calls with an account.

    Raises:
        Refusal: EXPERT where the account is nobody's on the list.
    """
    found = reading.experts().get(account)
    if found is None:
        raise Refusal("EXPERT")
    return found


def is_answered(exchange: Exchange) -> bool:
    """Tell whether the source has answered every question."""
    asked = exchange.steps_of(MessageType.SUPPLEMENT_ASKED)
    return exchange.steps_of(MessageType.SUPPLEMENT) >= asked


def shown(reading: Reading, key: ExchangeKey, known: Review, now_us: int) -> Shown:
    """Return a case as people look at it."""
    draws = reading.draws(key)
    is_waiting = bool(draws) and not draws[-1][2]
    counts = Counter(one.expert for one in reading.ballots(key, len(draws))) if draws else {}
    return Shown(
        key=key,
        review=known,
        draw_round=len(draws),
        waits_for=read_notice(draws[-1][0]).beacon if is_waiting else 0,
        voted=tuple(sorted(name for name in counts if counts[name] == len(known.questions))),
        is_overdue=known.case.is_overdue(now_us),
    )


def questions_of(
    reading: Reading,
    office: Office,
    exchange: Exchange,
    targets: Mapping[bytes, tuple[str, str]],
) -> tuple[Question, ...]:
    """Return one question a lot: shall it count as this entry of a catalogue published here?

    Raises:
        Refusal: LOT where a lot has no target or a target no lot; CATALOGUE_ENTRY.
    """
    if targets.keys() != {lot.lot_id for lot in exchange.lots}:
        raise Refusal("LOT")
    listed: dict[tuple[str, str], tuple[str, CatalogueEntry]] = {
        (version, entry.code): (name, entry)
        for name, version, entry in reading.listed_outcomes(office.province, set(targets.values()))
    }
    questions = []
    for at, lot in enumerate(exchange.lots, start=1):
        version, _ = cited = targets[lot.lot_id]
        if cited not in listed or not listed[cited][1].credits_hundredths:
            raise Refusal("CATALOGUE_ENTRY")
        name, entry = listed[cited]
        questions.append(
            Question(
                question=f"q{at}",
                lots=(lot.lot_id.hex(),),
                target=entry.code,
                catalogue=f"{name}@{version}",
                offered_hundredths=lot.amount_hundredths,
                most_hundredths=entry.credits_hundredths,
                category=entry.category,
                level=entry.level,
            )
        )
    return tuple(questions)


def checked(questions: Sequence[Question], ballots: Sequence[Ballot], expert: str) -> list[Ballot]:
    """Return an expert's ballots when they answer every question once.

    Raises:
        Refusal: BALLOT, RULE_LIMIT, REASON_MISSING.
    """
    asked = {one.question: one for one in questions}
    if sorted(one.question for one in ballots) != sorted(asked):
        raise Refusal("BALLOT")
    if any(one.expert not in ("", expert) for one in ballots):
        raise Refusal("BALLOT")
    own = [
        Ballot(
            expert=expert,
            question=one.question,
            granted_hundredths=one.granted_hundredths,
            reasons=one.reasons,
        )
        for one in ballots
    ]
    return [check_ballot(one, asked[one.question]) for one in own]


def grants_of(review: Review, decided: Sequence[Ballot]) -> dict[bytes, PersonsGrant]:
    """Return for each lot what ballots or results amount to."""
    said = {one.question: one for one in decided}
    grants: dict[bytes, PersonsGrant] = {}
    for question in review.questions:
        one = said[question.question]
        grants[bytes.fromhex(question.lots[0])] = PersonsGrant(
            granted_hundredths=one.granted_hundredths,
            target=question.target,
            reasons=one.reasons or (NO_MAJORITY,),
        )
    return grants


def minute_of(
    reading: Reading, office: Office, key: ExchangeKey, known: Review, now_us: int
) -> Minute:
    """Return the minute of a panel that has voted.

    Raises:
        Refusal: CASE_STATE; BALLOT while a member has not voted on everything.
    """
    case = known.case
    if case.state is not ReviewState.VOTING:
        raise Refusal("CASE_STATE", detail=case.state)
    draws = reading.draws(key)
    notice_document, _, seed, _ = draws[-1]
    ballots = reading.ballots(key, len(draws))
    wanted = {(name, one.question) for name in case.members for one in known.questions}
    if {(one.expert, one.question) for one in ballots} != wanted:
        raise Refusal("BALLOT")
    listed = {one.expert: one for one in reading.experts().values()}
    members = tuple(
        Member(
            expert=name,
            institution=listed[name].institution if name in listed else "",
            has_declared=True,
        )
        for name in case.members
    )
    made = Minute(
        province=office.province,
        case=case.parties.case,
        draw_round=len(draws),
        decided_on=beijing_day(now_us),
        notice=digest_of(notice_document),
        seed=seed.hex(),
        members=members,
        chair=case.members[0],
        tie=REJECT,
        questions=known.questions,
        ballots=tuple(ballots),
        results=(),
        evidence=tuple(sorted({one.digest.hex() for one in reading.exchange_files(key)})),
    )
    return read_minute(replace(made, results=results_of(made)).document())
