"""Experts, a case and a minute to bend in tests."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from node.domain.experts import Expert, Parties
from node.domain.panel import Ballot, BallotSheet, Member, Minute, Question, results_of

ON = "2026-11-23"
PARTIES = Parties(
    case="case-1",
    applicant="p-learner",
    teachers=frozenset({"p-teacher"}),
    issuers=frozenset({"浙江开放大学"}),
    field="520",
)


def expert(name: str, **change: Any) -> Expert:
    values = {
        "expert": name,
        "person": f"p-{name}",
        "institution": "广东开放大学",
        "fields": ("520",),
        "active_from": "2020-01-01",
    }
    return Expert(**(values | change))


def experts(*counts: int) -> tuple[Expert, ...]:
    """Experts of several institutions, so many of each."""
    return tuple(
        expert(f"E-{school}-{at}", institution=f"学校 {school}")
        for school, count in enumerate(counts)
        for at in range(count)
    )


QUESTION = Question(
    question="q1",
    lots=("CN-33:" + "ab" * 16,),
    target="GD-1",
    catalogue="gd-2026",
    offered_hundredths=400,
    most_hundredths=400,
)


def ballots(*granted: int) -> tuple[Ballot, ...]:
    """One ballot of each member on the question above."""
    return tuple(
        Ballot(
            expert=f"E-{at}",
            question="q1",
            granted_hundredths=amount,
            reasons=() if amount else ("NOT_EQUIVALENT",),
        )
        for at, amount in enumerate(granted)
    )


def sheet(cast: tuple[Ballot, ...]) -> BallotSheet:
    return BallotSheet(salt="44" * 16, ballots=cast)


def minute(*granted: int, cast: tuple[Ballot, ...] = (), **change: Any) -> Minute:
    """The minute of as many members as there are grants, by their ballots or others."""
    members = tuple(
        Member(expert=f"E-{at}", institution=f"学校 {at % 2}", has_declared=True)
        for at in range(len(granted))
    )
    behind = cast or ballots(*granted)
    values = {
        "province": "CN-44",
        "case": "case-1",
        "draw_round": 1,
        "decided_on": ON,
        "notice": "11" * 32,
        "seed": "22" * 32,
        "members": members,
        "chair": "E-0",
        "tie": "REJECT",
        "questions": (QUESTION,),
        "sheet": sheet(behind).digest,
        "results": (),
        "evidence": ("33" * 32,),
    }
    drawn_up = Minute(**(values | change))
    return replace(drawn_up, results=results_of(drawn_up, behind))
