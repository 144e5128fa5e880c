"""Experts who may judge what no rule judges, and who of them may not judge which case."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass

EXPERT_INACTIVE = "EXPERT_INACTIVE"
EXPERT_FIELD = "EXPERT_FIELD"
CONFLICT_APPLICANT = "CONFLICT_APPLICANT"
CONFLICT_TEACHER = "CONFLICT_TEACHER"
CONFLICT_INSTITUTION = "CONFLICT_INSTITUTION"
CONFLICT_DECLARED = "CONFLICT_DECLARED"
CONFLICT_EARLIER = "CONFLICT_EARLIER"
EXPERT_REASONS = (
    EXPERT_INACTIVE,
    EXPERT_FIELD,
    CONFLICT_APPLICANT,
    CONFLICT_TEACHER,
    CONFLICT_INSTITUTION,
    CONFLICT_DECLARED,
    CONFLICT_EARLIER,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Expert:
    """One expert of the province's list.

    Attributes:
        expert: name on the list, as ``E-0017``; never a person's name.
        person: keyed index of the person, the same that learners and teachers have.
        institution: where the expert works.
        fields: codes of the fields of study, after GB/T 13745; a code speaks for those under it.
        is_industry: works in the trade rather than at a university.
        interests: institutions, persons and cases that the expert declared an interest in.
        active_from: first day on the list, YYYY-MM-DD.
        active_until: last day, or empty.

    Raises:
        ValueError: without person or institution nothing could be checked.
    """

    expert: str
    person: str
    institution: str
    fields: tuple[str, ...]
    active_from: str
    active_until: str = ""
    is_industry: bool = False
    interests: frozenset[str] = frozenset()

    def __post_init__(self) -> None:
        if not (self.expert and self.person and folded(self.institution)):
            raise ValueError("an expert has a name on the list, a person and an institution")


@dataclass(frozen=True, slots=True, kw_only=True)
class Parties:
    """Whom a case concerns.

    Attributes:
        case: its name.
        applicant: keyed index of the learner.
        teachers: keyed indexes of those who taught or examined the outcomes.
        issuers: institutions that issued the outcomes, and any that gains by the decision.
        field: code of the field to judge in, or empty for any.
        decided_before: experts who judged the case before, as one under appeal.
    """

    case: str
    applicant: str
    teachers: frozenset[str] = frozenset()
    issuers: frozenset[str] = frozenset()
    field: str = ""
    decided_before: frozenset[str] = frozenset()


def objections(expert: Expert, parties: Parties, *, on: str) -> tuple[str, ...]:
    """Return every reason why an expert may not judge a case, in the order of the list above."""
    institution = folded(expert.institution)
    interests = {folded(one) for one in expert.interests}
    concerned = {parties.case, parties.applicant, *parties.teachers, *parties.issuers}
    holds = {
        EXPERT_INACTIVE: on < expert.active_from
        or bool(expert.active_until and on > expert.active_until),
        EXPERT_FIELD: not _covers(expert.fields, parties.field),
        CONFLICT_APPLICANT: expert.person == parties.applicant,
        CONFLICT_TEACHER: expert.person in parties.teachers,
        CONFLICT_INSTITUTION: institution in {folded(one) for one in parties.issuers},
        CONFLICT_DECLARED: bool(interests & {folded(one) for one in concerned if one}),
        CONFLICT_EARLIER: expert.expert in parties.decided_before,
    }
    return tuple(reason for reason in EXPERT_REASONS if holds[reason])


def eligible(experts: Iterable[Expert], parties: Parties, *, on: str) -> tuple[Expert, ...]:
    """Return the experts without objection, in the order of their names."""
    fit = (expert for expert in experts if not objections(expert, parties, on=on))
    return tuple(sorted(fit, key=lambda expert: expert.expert))


def _covers(codes: tuple[str, ...], field: str) -> bool:
    return not field or any(field.startswith(code) for code in codes if code)


def folded(name: str) -> str:
    """Return a name so that spacing, width and case make no second institution of one."""
    return "".join(unicodedata.normalize("NFKC", name).casefold().split())
