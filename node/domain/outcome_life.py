"""The life of a learning outcome, from submission to a lot and beyond.

An outcome is reviewed twice, by its member institution and again by the bank, as Beijing does;
never by one person twice, nor by who submitted it or whose it is. One table says which step leads
where and who may take it. A step that is not in the table, or is taken by another, is refused and
changes nothing.

States of what was decided against, RETURNED apart, have no way out: a new submission is a new
outcome. A lot that left for another province is told of by NOTICE; what is said here is its
issuer's word.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import StrEnum

from federation.base.errors import Refusal
from node.domain.outcome_forms import missing_evidence


class OutcomeState(StrEnum):
    """How far an outcome has come."""

    SUBMITTED = "SUBMITTED"
    REVIEWED = "REVIEWED"
    REREVIEWED = "REREVIEWED"
    ACCREDITED = "ACCREDITED"
    DEPOSITED = "DEPOSITED"
    RETURNED = "RETURNED"
    REFUSED = "REFUSED"
    WITHDRAWN = "WITHDRAWN"
    EXPIRED = "EXPIRED"
    FROZEN = "FROZEN"
    REVOKED = "REVOKED"


class OutcomeStep(StrEnum):
    """What may be done with an outcome."""

    REVIEW = "REVIEW"
    REREVIEW = "REREVIEW"
    ACCREDIT = "ACCREDIT"
    DEPOSIT = "DEPOSIT"
    RETURN = "RETURN"
    RESUBMIT = "RESUBMIT"
    REFUSE = "REFUSE"
    WITHDRAW = "WITHDRAW"
    EXPIRE = "EXPIRE"
    FREEZE = "FREEZE"
    UNFREEZE = "UNFREEZE"
    REVOKE = "REVOKE"


class OutcomeRole(StrEnum):
    """As whom somebody acts.

    ``CLOCK`` is the node itself where a date has passed, ``LEDGER`` where it deposits.
    """

    LEARNER = "LEARNER"
    INSTITUTION = "INSTITUTION"
    BANK = "BANK"
    CLOCK = "CLOCK"
    LEDGER = "LEDGER"


_S, _T, _R = OutcomeState, OutcomeStep, OutcomeRole
_OPEN = (_S.SUBMITTED, _S.REVIEWED, _S.REREVIEWED, _S.ACCREDITED, _S.RETURNED)
_VALID = (_S.ACCREDITED, _S.DEPOSITED)
_SUBMITTERS = frozenset({_R.LEARNER, _R.INSTITUTION})

LIFE: dict[tuple[OutcomeState, OutcomeStep], tuple[OutcomeState | None, frozenset[OutcomeRole]]]
# Where a step leads and who may take it; None is back to where FREEZE came from.
LIFE = {
    (_S.SUBMITTED, _T.REVIEW): (_S.REVIEWED, frozenset({_R.INSTITUTION})),
    (_S.REVIEWED, _T.REREVIEW): (_S.REREVIEWED, frozenset({_R.BANK})),
    (_S.REREVIEWED, _T.ACCREDIT): (_S.ACCREDITED, frozenset({_R.BANK})),
    (_S.ACCREDITED, _T.DEPOSIT): (_S.DEPOSITED, frozenset({_R.LEDGER})),
    (_S.SUBMITTED, _T.RETURN): (_S.RETURNED, frozenset({_R.INSTITUTION})),
    (_S.REVIEWED, _T.RETURN): (_S.RETURNED, frozenset({_R.BANK})),
    (_S.REREVIEWED, _T.RETURN): (_S.RETURNED, frozenset({_R.BANK})),
    (_S.RETURNED, _T.RESUBMIT): (_S.SUBMITTED, _SUBMITTERS),
    (_S.SUBMITTED, _T.REFUSE): (_S.REFUSED, frozenset({_R.INSTITUTION})),
    (_S.REVIEWED, _T.REFUSE): (_S.REFUSED, frozenset({_R.BANK})),
    (_S.REREVIEWED, _T.REFUSE): (_S.REFUSED, frozenset({_R.BANK})),
    **{(state, _T.WITHDRAW): (_S.WITHDRAWN, _SUBMITTERS) for state in _OPEN},
    **{
        (state, _T.EXPIRE): (_S.EXPIRED, frozenset({_R.CLOCK}))
        for state in (_S.RETURNED, *_VALID, _S.FROZEN)
    },
    **{(state, _T.FREEZE): (_S.FROZEN, frozenset({_R.BANK})) for state in _VALID},
    (_S.FROZEN, _T.UNFREEZE): (None, frozenset({_R.BANK})),
    **{(state, _T.REVOKE): (_S.REVOKED, frozenset({_R.BANK})) for state in (*_VALID, _S.FROZEN)},
}
_NEEDS_REASONS = frozenset({_T.RETURN, _T.REFUSE, _T.FREEZE, _T.REVOKE})
_NEEDS_EVIDENCE = frozenset({_T.REVIEW, _T.REREVIEW})


@dataclass(frozen=True, slots=True, kw_only=True)
class Actor:
    """Who acts.

    Attributes:
        person: keyed index of the person, or the node's own name for CLOCK and LEDGER.
        institution: where the person acts from; of INSTITUTION only.
    """

    role: OutcomeRole
    person: str
    institution: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class OutcomeRecord:
    """An outcome in the archive, before and after it is credit.

    Attributes:
        outcome: its name in the province.
        form: one of ``OUTCOME_FORMS``.
        learner: keyed index of the learner.
        institution: member institution that reviews it first.
        submitted_by: person who submitted it last.
        evidence: kind of evidence by SHA-256 of the file.
        reviewed_by: person of the first review since the last submission, or empty.
        rereviewed_by: person of the second, or empty.
        reasons: of the last step that needed any; empty again once it is resubmitted or unfrozen.
        expires: last day on which it holds, YYYY-MM-DD, or empty.
        answer_until: last day to answer a RETURN, or empty.
        frozen_from: state to come back to, while frozen.
        lot: identifier of the lot it became, or empty.
    """

    outcome: str
    form: str
    learner: str
    institution: str
    submitted_by: str
    evidence: Mapping[str, str]
    state: OutcomeState = OutcomeState.SUBMITTED
    reviewed_by: str = ""
    rereviewed_by: str = ""
    reasons: tuple[str, ...] = ()
    expires: str = ""
    answer_until: str = ""
    frozen_from: OutcomeState | None = None
    lot: str = ""

    @property
    def is_usable(self) -> bool:
        """Whether its lot may be offered to anyone."""
        return self.state is OutcomeState.DEPOSITED


def take_step(
    record: OutcomeRecord,
    step: OutcomeStep,
    actor: Actor,
    *,
    today: str,
    reasons: tuple[str, ...] = (),
    answer_until: str = "",
    lot: str = "",
    evidence: Mapping[str, str] | None = None,
) -> OutcomeRecord:
    """Return the outcome after a step.

    Args:
        reasons: stable codes, of RETURN, REFUSE, FREEZE and REVOKE.
        answer_until: last day to answer a RETURN, or empty for no end.
        lot: of DEPOSIT, the lot it became.
        evidence: of RESUBMIT, all evidence there is now.

    Raises:
        Refusal: OUTCOME_STATE, also where EXPIRE comes before its day; OUTCOME_ROLE;
            SAME_PERSON; EVIDENCE_MISSING; REASON_MISSING; CREDIT_EXPIRED where it would be
            accredited or deposited after its last day; FIELDS where a deposit names no lot.
    """
    found = LIFE.get((record.state, step))
    if found is None:
        raise Refusal("OUTCOME_STATE", detail=f"{record.state}: {step}")
    following, roles = found
    _check_actor(record, step, actor, roles)
    _check_means(record, step, today=today, reasons=reasons, lot=lot)
    moved = replace(record, state=following or record.frozen_from or record.state)
    return _noted(
        moved,
        step,
        actor,
        before=record.state,
        reasons=reasons,
        answer_until=answer_until,
        lot=lot,
        evidence=record.evidence if evidence is None else evidence,
    )


def _check_actor(
    record: OutcomeRecord, step: OutcomeStep, actor: Actor, roles: frozenset[OutcomeRole]
) -> None:
    is_other_school = (
        actor.role is OutcomeRole.INSTITUTION and actor.institution != record.institution
    )
    is_other_learner = actor.role is OutcomeRole.LEARNER and actor.person != record.learner
    if actor.role not in roles or not actor.person or is_other_school or is_other_learner:
        raise Refusal("OUTCOME_ROLE", detail=f"{actor.role}: {step}")
    if actor.role not in (OutcomeRole.INSTITUTION, OutcomeRole.BANK):
        return
    concerned = {record.learner}
    if step not in (OutcomeStep.WITHDRAW, OutcomeStep.RESUBMIT):
        concerned.add(record.submitted_by)
    if step is OutcomeStep.REREVIEW:
        concerned.add(record.reviewed_by)
    if actor.person in concerned:
        raise Refusal("SAME_PERSON")


def _check_means(
    record: OutcomeRecord, step: OutcomeStep, *, today: str, reasons: tuple[str, ...], lot: str
) -> None:
    if step in _NEEDS_EVIDENCE:
        missing = missing_evidence(record.form, set(record.evidence.values()))
        if missing:
            raise Refusal("EVIDENCE_MISSING", detail=str(missing))
    if (step in _NEEDS_REASONS) != bool(reasons):
        raise Refusal("REASON_MISSING")
    if (step is OutcomeStep.DEPOSIT) != bool(lot):
        raise Refusal("FIELDS", detail="lot")
    last = record.answer_until if record.state is OutcomeState.RETURNED else record.expires
    is_over = bool(last) and today > last
    if step is OutcomeStep.EXPIRE and not is_over:
        raise Refusal("OUTCOME_STATE", detail="it has not expired")
    if step in (OutcomeStep.ACCREDIT, OutcomeStep.DEPOSIT) and is_over:
        raise Refusal("CREDIT_EXPIRED")


def _noted(
    record: OutcomeRecord,
    step: OutcomeStep,
    actor: Actor,
    *,
    before: OutcomeState,
    reasons: tuple[str, ...],
    answer_until: str,
    lot: str,
    evidence: Mapping[str, str],
) -> OutcomeRecord:
    """Return the outcome with what the step leaves behind."""
    if step is OutcomeStep.REVIEW:
        return replace(record, reviewed_by=actor.person)
    if step is OutcomeStep.REREVIEW:
        return replace(record, rereviewed_by=actor.person)
    if step is OutcomeStep.DEPOSIT:
        return replace(record, lot=lot)
    if step is OutcomeStep.RETURN:
        return replace(record, reasons=reasons, answer_until=answer_until)
    if step is OutcomeStep.RESUBMIT:
        return replace(
            record,
            submitted_by=actor.person,
            evidence=dict(evidence),
            reviewed_by="",
            rereviewed_by="",
            reasons=(),
            answer_until="",
        )
    if step is OutcomeStep.FREEZE:
        return replace(record, reasons=reasons, frozen_from=before)
    if step is OutcomeStep.UNFREEZE:
        return replace(record, reasons=(), frozen_from=None)
    return replace(record, reasons=reasons) if reasons else record
