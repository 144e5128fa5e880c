"""An outcome and the lot that it became: what is said of one is true of the other at once.

A person's step on the outcome is a statement about the lot, and a statement about the lot moves the
outcome. The lot is what others were shown, so where it stands decides: an outcome follows its lot
even where no person could take the step.
"""

from __future__ import annotations

from dataclasses import replace

from federation.base.errors import Refusal
from federation.protocol.messages import Fact
from node.domain.notices import REASONS, Statement
from node.domain.outcome_life import OutcomeRecord, OutcomeState, OutcomeStep

_FACTS = {
    OutcomeStep.FREEZE: Fact.FROZEN,
    OutcomeStep.UNFREEZE: Fact.UNFROZEN,
    OutcomeStep.REVOKE: Fact.REVOKED,
    OutcomeStep.EXPIRE: Fact.EXPIRED,
}
_STATES = {
    Fact.FROZEN: OutcomeState.FROZEN,
    Fact.REVOKED: OutcomeState.REVOKED,
    Fact.EXPIRED: OutcomeState.EXPIRED,
}
# What is told of a lot where no reason that a person gave can be told.
_OWN_REASONS = {
    OutcomeStep.FREEZE: "UNDER_REVIEW",
    OutcomeStep.UNFREEZE: "REVIEW_ENDED",
    OutcomeStep.REVOKE: "ISSUED_IN_ERROR",
    OutcomeStep.EXPIRE: "VALIDITY_ENDED",
}
_DISHONEST = frozenset({"NOT_GENUINE", "NOT_THE_LEARNERS"})


def touches_lot(record: OutcomeRecord, step: OutcomeStep) -> bool:
    """Tell whether a step on an outcome is a statement about the lot that it became."""
    return bool(record.lot) and step in _FACTS


def statement_of(record: OutcomeRecord, step: OutcomeStep, reasons: tuple[str, ...]) -> Statement:
    """Return what a step on an outcome states of its lot.

    Args:
        record: as it is before the step; it has a lot.
        reasons: of the step. Provinces are told a reason of theirs: one of
            ``notices.REASONS`` as it is, another by what it comes to.
    """
    told = next((one for one in reasons if one in REASONS), _OWN_REASONS[step])
    if step is OutcomeStep.REVOKE and _DISHONEST.intersection(reasons):
        told = "MISCONDUCT"
    return Statement(lot_id=bytes.fromhex(record.lot), fact=_FACTS[step], reason=told)


def follow_lot(record: OutcomeRecord, statement: Statement) -> OutcomeRecord:
    """Return an outcome once a fact was stated of its lot.

    A corrected amount is told where the lot went; the outcome stays as it is.

    Raises:
        Refusal: LOT where the statement is about another lot.
    """
    if record.lot != statement.lot_id.hex():
        raise Refusal("LOT")
    if statement.fact is Fact.UNFROZEN:
        before = record.frozen_from or OutcomeState.DEPOSITED
        return replace(record, state=before, reasons=(), frozen_from=None)
    state = _STATES.get(statement.fact, record.state)
    if state is record.state:
        return record
    frozen_from = record.state if state is OutcomeState.FROZEN else record.frozen_from
    return replace(record, state=state, reasons=(statement.reason,), frozen_from=frozen_from)
