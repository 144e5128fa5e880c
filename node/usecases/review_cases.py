"""What the steps of a review share: who acts, what is asked, and what follows from ballots."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace

from federation.base.errors import Refusal
from federation.protocol.messages import MessageType
from federation.wire.entries import FINDING_TYPE, MINUTE_TYPE, document_entry
from node.domain.canonical import digest_of
from node.domain.catalogue import CatalogueEntry
from node.domain.exchange import Exchange, ExchangeKey
from node.domain.experts import Expert
from node.domain.finding import Finding, read_finding, results_found
from node.domain.panel import (
    REJECT,
    Ballot,
    BallotSheet,
    Member,
    Minute,
    Question,
    check_ballot,
    read_minute,
    results_of,
)
from node.domain.panel_draw import read_notice
from node.domain.review_case import ReviewState, Track
from node.domain.review_form import Review
from node.domain.voting import Foreseen, lot_name
from node.usecases.office import Office, beijing_day
from node.usecases.ports import Reading

_SALT_SIZE = 16


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What somebody puts to those who decide.

    Attributes:
        lots: lots that shall count together.
        version: of a catalogue published here.
        code: of the entry in it that they shall count as.
    """

    lots: tuple[bytes, ...]
    version: str
    code: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """A case as people look at it.

    Attributes:
        draw_round: of the newest draw, 0 before any.
        waits_for: version of the registry's timestamp that the draw waits for, or 0.
        voted: members whose ballots are complete.
        is_overdue: whether its time is over.
        log_index: where its minute or finding stands in this node's log, or -1.
        appeals: the exchange whose decision is under appeal, or empty.
    """

    key: ExchangeKey
    review: Review
    draw_round: int
    waits_for: int
    voted: tuple[str, ...]
    is_overdue: bool
    log_index: int = -1
    appeals: str = ""


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
    resolved, exchange = _resolved_hash(known), reading.exchanges([key]).get(key)
    return Shown(
        key=key,
        review=known,
        draw_round=len(draws),
        waits_for=read_notice(draws[-1][0]).beacon if is_waiting else 0,
        voted=tuple(
            name for name in sorted(known.case.members) if counts.get(name) == len(known.questions)
        ),
        is_overdue=known.case.is_overdue(now_us),
        log_index=reading.log_places([resolved]).get(resolved, -1) if resolved else -1,
        appeals=exchange.relates_to.hex() if exchange else "",
    )


def _resolved_hash(known: Review) -> bytes:
    if known.case.state is not ReviewState.DECIDED:
        return b""
    kind = MINUTE_TYPE if known.case.track is Track.PANEL else FINDING_TYPE
    return document_entry(kind, known.decision)[0]


def questions_asked(
    reading: Reading, office: Office, exchange: Exchange, asked: Sequence[Asked]
) -> tuple[Question, ...]:
    """Return questions: shall these lots together count as this entry of a catalogue of ours?

    Raises:
        Refusal: LOT for a lot that is not of the exchange, or one question twice; CATALOGUE_ENTRY.
    """
    amounts = {lot.lot_id: lot.amount_hundredths for lot in exchange.lots}
    distinct = {(frozenset(one.lots), one.code) for one in asked}
    for one in asked:
        is_set = 0 < len(set(one.lots)) == len(one.lots)
        if not (is_set and amounts.keys() >= set(one.lots)) or len(distinct) != len(asked):
            raise Refusal("LOT")
    cited = {(one.version, one.code) for one in asked}
    listed: dict[tuple[str, str], tuple[str, CatalogueEntry]] = {
        (version, entry.code): (name, entry)
        for name, version, entry in reading.listed_outcomes(office.province, cited)
    }
    questions = []
    for at, one in enumerate(asked, start=1):
        name, entry = listed.get((one.version, one.code), ("", None))
        if entry is None or not entry.credits_hundredths:
            raise Refusal("CATALOGUE_ENTRY")
        questions.append(
            Question(
                question=f"q{at}",
                lots=tuple(lot_name(exchange.peer, lot) for lot in one.lots),
                target=entry.code,
                catalogue=f"{name}@{one.version}",
                offered_hundredths=sum(amounts[lot] for lot in one.lots),
                most_hundredths=entry.credits_hundredths,
                category=entry.category,
                level=entry.level,
            )
        )
    return tuple(questions)


def questions_proposed(foreseen: Foreseen, *, is_person_wanted: bool) -> tuple[Question, ...]:
    """Return as questions what the rule proposes, group by group and target by target.

    Args:
        is_person_wanted: whether also what the rule decides at once is put to people.
    """
    amounts = {lot.lot: lot.amount_hundredths for lot in foreseen.case.lots}
    put = [
        (group, grant)
        for group in foreseen.judgement.groups
        if is_person_wanted or group.track != Track.RULE
        for grant in group.grants
    ]
    return tuple(
        Question(
            question=f"q{at}",
            lots=group.lots,
            target=grant.target,
            catalogue=grant.catalogue,
            offered_hundredths=sum(amounts[lot] for lot in group.lots),
            most_hundredths=grant.hundredths,
            category=grant.category,
            level=grant.level,
            grade=grant.grade,
        )
        for at, (group, grant) in enumerate(put, start=1)
    )


def check_all_asked(
    exchange: Exchange,
    questions: Sequence[Question],
    foreseen: Foreseen,
    *,
    is_person_wanted: bool,
) -> None:
    """See that nothing is left undecided: lots that no question names the rule grants at once.

    Raises:
        Refusal: LOT.
    """
    asked = {lot for one in questions for lot in one.lots}
    at_once = {
        lot
        for group in foreseen.judgement.groups
        if group.track == Track.RULE and not is_person_wanted
        for lot in group.lots
    }
    judged = {lot.lot for lot in foreseen.case.lots}
    named = {lot_name(exchange.peer, lot.lot_id) for lot in exchange.lots}
    # What was not shown, has expired or was not agreed on no person can grant either.
    if not asked or not (named & judged) <= asked | at_once:
        raise Refusal("LOT", detail="a lot without a question")


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


def finding_of(
    reading: Reading,
    office: Office,
    exchange: Exchange,
    known: Review,
    decided: tuple[Sequence[Ballot], Sequence[str], int],
) -> Finding:
    """Return the finding of reviewers.

    Args:
        decided: the proposal, who stands by it, and when.
    """
    ballots, reviewers, now_us = decided
    by_question = {one.question: one for one in ballots}
    in_order = [by_question[one.question] for one in known.questions]
    made = Finding(
        province=office.province,
        case=known.case.parties.case,
        decided_on=beijing_day(now_us),
        reviewers=tuple(reviewers),
        questions=known.questions,
        results=results_found(in_order, reviewers),
        evidence=_files(reading, exchange.key),
        relates_to=exchange.relates_to.hex(),
    )
    return read_finding(made.document())


def minute_of(
    reading: Reading, office: Office, exchange: Exchange, known: Review, now_us: int
) -> tuple[Minute, BallotSheet]:
    """Return the minute of a panel that has voted, and the sheet of its ballots.

    Raises:
        Refusal: CASE_STATE; BALLOT while a member has not voted on everything.
    """
    case = known.case
    if case.state is not ReviewState.VOTING:
        raise Refusal("CASE_STATE", detail=case.state)
    draws = reading.draws(exchange.key)
    notice_document, _, seed, _ = draws[-1]
    # Whoever left the panel has no vote in it, cast or not.
    cast = reading.ballots(exchange.key, len(draws))
    ballots = tuple(one for one in cast if one.expert in case.members)
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
    sheet = BallotSheet(salt=office.entropy.token(_SALT_SIZE).hex(), ballots=ballots)
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
        sheet=sheet.digest,
        results=(),
        evidence=_files(reading, exchange.key),
        relates_to=exchange.relates_to.hex(),
        substitutes=case.substitutes,
    )
    minute = replace(made, results=results_of(made, ballots))
    return read_minute(minute.document()), sheet


def _files(reading: Reading, key: ExchangeKey) -> tuple[str, ...]:
    return tuple(sorted({one.digest.hex() for one in reading.exchange_files(key)}))
