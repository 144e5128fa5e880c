"""A panel whose members change: one leaves, and the next of the same draw takes the seat."""

from __future__ import annotations

from dataclasses import replace

from federation.base.clock import HOUR
from federation.base.errors import Breach, Refusal
from node.domain.panel import LEAVING, MEMBER_SILENT, Substitute
from node.domain.review_case import (
    ReviewCase,
    ReviewPolicy,
    ReviewState,
    ReviewStep,
    check_step,
    freed,
)


def check_leaving(
    case: ReviewCase, expert: str, reason: str, policy: ReviewPolicy, *, now_us: int
) -> None:
    """Check that a member may leave the panel for a reason.

    Raises:
        Refusal: CASE_STATE unless the panel votes; PANEL_MEMBERS for others; CASE_CLAIMED where
            the member's time to vote is not over.
        Breach: REASON_FORM for another reason.
    """
    if case.state is not ReviewState.VOTING:
        raise Refusal("CASE_STATE", detail=case.state)
    if expert not in case.members:
        raise Refusal("PANEL_MEMBERS")
    if reason not in LEAVING:
        raise Breach("REASON_FORM", detail=reason)
    # Who joined later has the time that the last change of seats left the panel.
    if reason == MEMBER_SILENT and now_us < case.seated_us + policy.claim_hours * HOUR:
        raise Refusal("CASE_CLAIMED")


def reseat(
    case: ReviewCase, members: tuple[str, ...], change: Substitute, *, now_us: int
) -> ReviewCase:
    """Return the case with the next of the draw, who has no objection, in the seat of one who left.

    Raises:
        Refusal: CASE_STATE.
    """
    check_step(case, ReviewStep.SEAT_PANEL)
    substitutes = (*case.substitutes, change)
    return replace(case, members=members, substitutes=substitutes, seated_us=now_us)


def unseat(case: ReviewCase, change: Substitute) -> ReviewCase:
    """Return the case waiting for another draw, where nobody is left for a seat.

    Raises:
        Refusal: CASE_STATE.
    """
    check_step(case, ReviewStep.UNSEAT)
    waiting = replace(case, members=(), substitutes=(*case.substitutes, change))
    return freed(waiting, ReviewState.PANEL_WANTED)
