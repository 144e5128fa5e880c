"""The review of one request by people: who may do what next, and until when.

Two tracks. What the catalogue knows is decided by the published rule at once, or by one reviewer
where the rule says so. All else is decided by a panel. A person may always be asked for instead of
a rule (PIPL, article 24); the learner is told so before and with every decision by rule.

A reviewer claims a case; a claim that is not followed by a step lapses, and another may claim it.
Asking for evidence stops the clock. Grants above a threshold need a second person; where the two
disagree a panel decides. On appeal nobody judges who judged before, and the appeal never lowers
what was granted.

The clock runs in working days. The time during which the source holds the lots does not stop with
it: ``limit_us`` is never moved, and evidence that comes too late for it needs a new request.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from enum import StrEnum

from federation.base.clock import HOUR
from federation.base.errors import Refusal
from federation.base.working_days import Calendar, beijing_date
from node.domain.experts import Expert, Parties, objections
from node.domain.panel import Substitute

PERSON_OFFER_ZH = "您可以要求由人而非规则审核：request open --by-person 或 request person。"
PERSON_OFFER_EN = "You may ask for a person instead of a rule: --by-person, or request person."
PERSON_NOTICE_ZH = "本决定依公布的规则自动作出。您可以申诉，要求由人审核。"
PERSON_NOTICE_EN = "This decision was made by a published rule. You may ask a person to review it."


class Track(StrEnum):
    """Who decides. In this order each asks for more people than the one before."""

    RULE = "RULE"
    REVIEWER = "REVIEWER"
    PANEL = "PANEL"


class ReviewState(StrEnum):
    """How far a case has come."""

    WAITING = "WAITING"
    CLAIMED = "CLAIMED"
    RETURNED = "RETURNED"
    SECOND_WANTED = "SECOND_WANTED"
    SECOND_CLAIMED = "SECOND_CLAIMED"
    PANEL_WANTED = "PANEL_WANTED"
    VOTING = "VOTING"
    DECIDED = "DECIDED"
    WITHDRAWN = "WITHDRAWN"


class ReviewStep(StrEnum):
    """What may be done with a case."""

    DECIDE_BY_RULE = "DECIDE_BY_RULE"
    CLAIM = "CLAIM"
    GIVE_UP = "GIVE_UP"
    ASK_EVIDENCE = "ASK_EVIDENCE"
    EVIDENCE_CAME = "EVIDENCE_CAME"
    PROPOSE = "PROPOSE"
    AGREE = "AGREE"
    DISAGREE = "DISAGREE"
    SEAT_PANEL = "SEAT_PANEL"
    UNSEAT = "UNSEAT"
    MINUTE = "MINUTE"
    WITHDRAW = "WITHDRAW"


_S, _T = ReviewState, ReviewStep
# Where a step leads that may lead to two states, the function of that step chooses.
STEPS: dict[ReviewState, frozenset[ReviewStep]] = {
    _S.WAITING: frozenset({_T.DECIDE_BY_RULE, _T.CLAIM, _T.WITHDRAW}),
    _S.CLAIMED: frozenset({_T.CLAIM, _T.GIVE_UP, _T.ASK_EVIDENCE, _T.PROPOSE, _T.WITHDRAW}),
    _S.RETURNED: frozenset({_T.EVIDENCE_CAME, _T.WITHDRAW}),
    _S.SECOND_WANTED: frozenset({_T.CLAIM, _T.WITHDRAW}),
    _S.SECOND_CLAIMED: frozenset({_T.CLAIM, _T.GIVE_UP, _T.AGREE, _T.DISAGREE, _T.WITHDRAW}),
    _S.PANEL_WANTED: frozenset({_T.SEAT_PANEL, _T.WITHDRAW}),
    _S.VOTING: frozenset({_T.SEAT_PANEL, _T.UNSEAT, _T.ASK_EVIDENCE, _T.MINUTE, _T.WITHDRAW}),
    _S.DECIDED: frozenset(),
    _S.WITHDRAWN: frozenset(),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class ReviewPolicy:
    """How a province reviews.

    Attributes:
        decision_days: working days from opening to decision.
        claim_hours: how long a claim stands without a step.
        second_above_hundredths: grants above it need a second person; None for never.
    """

    decision_days: int
    claim_hours: int
    second_above_hundredths: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ReviewCase:
    """One case as its province keeps it.

    Attributes:
        due_us: end of the working days, while the clock runs.
        days_left: working days left, while it stands still.
        limit_us: when the source may take the lots back, whatever the clock says; 0 for never.
        holder: expert who claimed it, or empty.
        holder_until_us: when the claim lapses.
        proposed_by: expert whose proposal awaits a second person, or empty.
        proposal: SHA-256 of what was proposed and, once decided, of what was decided; or empty.
        members: experts of the panel.
        returned_from: state to come back to when the evidence is there.
        is_person_wanted: the learner asked for a person.
        substitutes: seats that changed hands, in order.
        seated_us: since when the members can vote; each has as long as a claim stands.
        closed: why it was closed undecided, or empty.
    """

    parties: Parties
    track: Track
    state: ReviewState
    due_us: int
    days_left: int = 0
    limit_us: int = 0
    holder: str = ""
    holder_until_us: int = 0
    proposed_by: str = ""
    proposal: str = ""
    members: tuple[str, ...] = ()
    returned_from: ReviewState | None = None
    is_person_wanted: bool = False
    substitutes: tuple[Substitute, ...] = ()
    seated_us: int = 0
    closed: str = ""

    @property
    def left(self) -> frozenset[str]:
        """Members who left their seats; no draw seats them again."""
        return frozenset(one.leaving for one in self.substitutes)

    def is_overdue(self, now_us: int) -> bool:
        """Tell whether the time is over and nothing is decided."""
        if self.state in (ReviewState.DECIDED, ReviewState.WITHDRAWN):
            return False
        is_late = self.state is not ReviewState.RETURNED and now_us >= self.due_us
        return is_late or 0 < self.limit_us <= now_us


def track_of(
    asked: Iterable[Track | None], *, is_person_wanted: bool, appeals: Track | None
) -> Track:
    """Return the track of a case.

    Args:
        asked: for every group what its rule entry asks for; None where no entry speaks for it.
        appeals: track of the decision under appeal, or None. An appeal is judged by people.
    """
    order = list(Track)
    wanted = [Track.PANEL if one is None else one for one in asked] or [Track.PANEL]
    if is_person_wanted or appeals is not None:
        wanted.append(Track.REVIEWER)
    if appeals is not None:
        wanted.append(appeals)
    return max(wanted, key=order.index)


def open_case(
    parties: Parties,
    track: Track,
    policy: ReviewPolicy,
    *,
    now_us: int,
    calendar: Calendar,
    limit_us: int = 0,
    is_person_wanted: bool = False,
) -> ReviewCase:
    """Return a case that begins now."""
    return ReviewCase(
        parties=parties,
        track=track,
        state=_S.PANEL_WANTED if track is Track.PANEL else _S.WAITING,
        due_us=calendar.deadline_us(now_us, policy.decision_days),
        limit_us=limit_us,
        is_person_wanted=is_person_wanted,
    )


def want_person(case: ReviewCase) -> ReviewCase:
    """Return the case with the learner's wish for a person; what is decided needs an appeal.

    Raises:
        Refusal: CASE_STATE where the case is over.
    """
    if not STEPS[case.state]:
        raise Refusal("CASE_STATE", detail=case.state)
    track = Track.REVIEWER if case.track is Track.RULE else case.track
    return replace(case, track=track, is_person_wanted=True)


def decide_by_rule(case: ReviewCase, proposal: str) -> ReviewCase:
    """Return the case decided by a published rule.

    Raises:
        Refusal: CASE_STATE; PERSON_WANTED where the rule or the learner asks for a person.
    """
    check_step(case, ReviewStep.DECIDE_BY_RULE)
    if case.track is not Track.RULE:
        raise Refusal("PERSON_WANTED")
    return replace(case, state=ReviewState.DECIDED, proposal=proposal)


def claim(case: ReviewCase, expert: Expert, policy: ReviewPolicy, *, now_us: int) -> ReviewCase:
    """Return the case in the hands of a reviewer.

    Raises:
        Refusal: CASE_STATE; CASE_CLAIMED while another holds it; EXPERT_CONFLICT; SECOND_PERSON
            where the second person would be the first.
    """
    check_step(case, ReviewStep.CLAIM)
    if case.holder not in ("", expert.expert) and now_us < case.holder_until_us:
        raise Refusal("CASE_CLAIMED")
    if against := objections(expert, case.parties, on=beijing_date(now_us).isoformat()):
        raise Refusal("EXPERT_CONFLICT", detail=", ".join(against))
    is_second = case.state in (ReviewState.SECOND_WANTED, ReviewState.SECOND_CLAIMED)
    if is_second and expert.expert == case.proposed_by:
        raise Refusal("SECOND_PERSON")
    return replace(
        case,
        state=ReviewState.SECOND_CLAIMED if is_second else ReviewState.CLAIMED,
        holder=expert.expert,
        holder_until_us=now_us + policy.claim_hours * HOUR,
    )


def give_up(case: ReviewCase, expert: str) -> ReviewCase:
    """Return the case free for others.

    Raises:
        Refusal: CASE_STATE; CASE_CLAIMED where somebody else holds it.
    """
    check_step(case, ReviewStep.GIVE_UP)
    if expert != case.holder:
        raise Refusal("CASE_CLAIMED")
    is_second = case.state is ReviewState.SECOND_CLAIMED
    return freed(case, ReviewState.SECOND_WANTED if is_second else ReviewState.WAITING)


def ask_evidence(case: ReviewCase, expert: str, *, now_us: int, calendar: Calendar) -> ReviewCase:
    """Return the case returned for more evidence; its clock stands still.

    Raises:
        Refusal: CASE_STATE; CASE_CLAIMED for anybody but its reviewer or its panel's members.
    """
    check_step(case, ReviewStep.ASK_EVIDENCE)
    if case.state is ReviewState.VOTING:
        _check_member(case, expert)
    else:
        _check_holder(case, expert, now_us)
    last_day = beijing_date(case.due_us - 1)
    return replace(
        case,
        state=ReviewState.RETURNED,
        returned_from=case.state,
        days_left=calendar.between(beijing_date(now_us), last_day),
        holder_until_us=0,
    )


def evidence_came(
    case: ReviewCase, policy: ReviewPolicy, *, now_us: int, calendar: Calendar
) -> ReviewCase:
    """Return the case where it was before, with the working days that were left.

    Raises:
        Refusal: CASE_STATE.
    """
    check_step(case, ReviewStep.EVIDENCE_CAME)
    assert case.returned_from is not None, "a returned case came from somewhere"
    return replace(
        case,
        state=case.returned_from,
        returned_from=None,
        due_us=calendar.deadline_us(now_us, case.days_left),
        days_left=0,
        holder_until_us=now_us + policy.claim_hours * HOUR if case.holder else 0,
    )


def propose(
    case: ReviewCase,
    expert: str,
    policy: ReviewPolicy,
    *,
    proposal: str,
    granted_hundredths: int,
    now_us: int,
) -> ReviewCase:
    """Return the case decided by its reviewer, or waiting for a second person.

    Raises:
        Refusal: CASE_STATE; CASE_CLAIMED where the reviewer does not hold it any more.
    """
    check_step(case, ReviewStep.PROPOSE)
    _check_holder(case, expert, now_us)
    above = policy.second_above_hundredths
    if above is not None and granted_hundredths > above:
        waiting = freed(case, ReviewState.SECOND_WANTED)
        return replace(waiting, proposed_by=expert, proposal=proposal)
    return replace(case, state=ReviewState.DECIDED, proposed_by=expert, proposal=proposal)


def second(case: ReviewCase, expert: str, *, agrees: bool, now_us: int) -> ReviewCase:
    """Return the case decided by two, or before a panel where they disagree.

    Raises:
        Refusal: CASE_STATE; CASE_CLAIMED where the second person does not hold it any more.
    """
    check_step(case, ReviewStep.AGREE if agrees else ReviewStep.DISAGREE)
    _check_holder(case, expert, now_us)
    if agrees:
        return replace(case, state=ReviewState.DECIDED)
    judged = case.parties.decided_before | {case.proposed_by, expert}
    return replace(
        freed(case, ReviewState.PANEL_WANTED),
        track=Track.PANEL,
        proposed_by="",
        proposal="",
        parties=replace(case.parties, decided_before=judged),
    )


def seat_panel(case: ReviewCase, members: Iterable[Expert], *, now_us: int) -> ReviewCase:
    """Return the case before a panel that was drawn, or with the members that it has by now.

    Raises:
        Refusal: CASE_STATE; EXPERT_CONFLICT where a member may not judge it.
    """
    check_step(case, ReviewStep.SEAT_PANEL)
    seated = tuple(members)
    today = beijing_date(now_us).isoformat()
    for member in seated:
        against = objections(member, case.parties, on=today)
        if against:
            raise Refusal("EXPERT_CONFLICT", detail=", ".join(against))
    names = tuple(member.expert for member in seated)
    seated_us = now_us if case.state is ReviewState.PANEL_WANTED else case.seated_us
    return replace(case, state=ReviewState.VOTING, members=names, seated_us=seated_us)


def record_minute(case: ReviewCase, members: Iterable[str], minute: str) -> ReviewCase:
    """Return the case decided by its panel's minute, named by its digest.

    Raises:
        Refusal: CASE_STATE; PANEL_MEMBERS where the minute is of another panel.
    """
    check_step(case, ReviewStep.MINUTE)
    if sorted(members) != sorted(case.members):
        raise Refusal("PANEL_MEMBERS")
    return replace(case, state=ReviewState.DECIDED, proposal=minute)


def withdraw(case: ReviewCase, reason: str = "") -> ReviewCase:
    """Return the case withdrawn by the learner, or ended with its exchange for a reason.

    Raises:
        Refusal: CASE_STATE where it is over.
    """
    check_step(case, ReviewStep.WITHDRAW)
    return replace(freed(case, ReviewState.WITHDRAWN), closed=reason)


def judges_of(case: ReviewCase) -> frozenset[str]:
    """Return everyone who judged a case and may not judge an appeal against it."""
    named = {case.holder, case.proposed_by, *case.members, *case.parties.decided_before}
    return frozenset(named - {""})


def check_step(case: ReviewCase, step: ReviewStep) -> None:
    """Check that a step may be taken. Raises Refusal CASE_STATE."""
    if step not in STEPS[case.state]:
        raise Refusal("CASE_STATE", detail=f"{case.state}: {step}")


def _check_holder(case: ReviewCase, expert: str, now_us: int) -> None:
    if expert != case.holder or now_us >= case.holder_until_us:
        raise Refusal("CASE_CLAIMED")


def _check_member(case: ReviewCase, expert: str) -> None:
    if expert not in case.members:
        raise Refusal("CASE_CLAIMED")


def freed(case: ReviewCase, state: ReviewState) -> ReviewCase:
    """Return the case in another state and in nobody's hands."""
    return replace(case, state=state, holder="", holder_until_us=0)
