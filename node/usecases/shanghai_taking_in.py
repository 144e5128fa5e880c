"""The bank takes in what an institution handed in: second review, accreditation, deposit.

Whoever calls for the bank hands over the same file and so answers for the same rows; nobody can be
shown one file and have another deposited.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from federation.base.errors import CreditBankError, Refusal
from node.domain.archive import ArchivedOutcome
from node.domain.outcome_forms import REGISTER_FILE
from node.domain.outcome_life import Actor, OutcomeState, OutcomeStep, take_step
from node.domain.shanghai_faults import shanghai_fault
from node.domain.shanghai_kept import KeptRow
from node.usecases.accredited import attach_files, deposit_accredited
from node.usecases.office import Office, beijing_day
from node.usecases.ports import Transaction
from node.usecases.shanghai_batch import Batch, TakenIn, read_batch

_STEPS = {
    OutcomeState.REVIEWED: (OutcomeStep.REREVIEW, OutcomeStep.ACCREDIT),
    OutcomeState.REREVIEWED: (OutcomeStep.ACCREDIT,),
}
# Deposited before: a further conversion of it, or one that the bank went through by hand.
_DEPOSITED = frozenset({OutcomeState.DEPOSITED, OutcomeState.FROZEN})
_NOT_HANDED_IN = "NOT_HANDED_IN"


def take_in(
    tx: Transaction, office: Office, batch: Batch, institution: str, banker: Actor
) -> TakenIn:
    """Deposit what rows of an institution's register were reviewed for.

    Args:
        institution: whose register it is.
        banker: acts for the bank.
    """
    read = read_batch(office, batch, institution)
    known = tx.shanghai_rows([one.mark for one in read.rows])
    # In the order of the file, which is the order of the lots then.
    waiting = [
        known[one.mark] for one in read.rows if one.mark in known and not known[one.mark].taken_by
    ]
    found = tx.outcomes_named({one.outcome for one in waiting})
    outcomes = {one.outcome: found[one.outcome] for one in waiting}
    done, refused = _deposit(tx, office, outcomes, banker)
    _refuse_own(waiting, outcomes, banker, refused)
    taken = [one for one in waiting if one.outcome not in refused]
    tx.move_outcomes(done)
    tx.take_shanghai_rows([one.mark for one in taken], banker.person)
    rejects = list(read.rejects)
    for row in read.rows:
        kept = known.get(row.mark)
        cause = _NOT_HANDED_IN if kept is None else refused.get(kept.outcome, "")
        if cause and not (kept and kept.taken_by):
            rejects.append(shanghai_fault(cause, line=row.placed.line))
    return TakenIn(
        taken_in=len(taken),
        unchanged=len(known) - len(waiting),
        outcomes=len(done),
        rejects=tuple(sorted(rejects, key=lambda fault: fault.line)),
    )


def _deposit(
    tx: Transaction, office: Office, outcomes: Mapping[str, ArchivedOutcome], banker: Actor
) -> tuple[list[tuple[ArchivedOutcome, ArchivedOutcome]], dict[str, str]]:
    """Return outcomes as they are and as they shall be, and why others stay as they are."""
    now_us = office.clock.now_us()
    accredited: list[ArchivedOutcome] = []
    refused: dict[str, str] = {}
    for name, one in outcomes.items():
        if one.record.state in _DEPOSITED:
            continue
        try:
            accredited.append(_accredited(one, banker, now_us))
        except CreditBankError as error:
            is_elsewhere = one.record.state not in _STEPS
            refused[name] = _NOT_HANDED_IN if is_elsewhere else error.reason
    deposited = deposit_accredited(tx, office, accredited)
    refused |= {name: error.reason for name, error in deposited.refused.items()}
    for one in deposited.done:
        if set(one.record.evidence.values()) != {REGISTER_FILE}:
            attach_files(tx, one, now_us)
    return [(outcomes[one.record.outcome], one) for one in deposited.done], refused


def _accredited(one: ArchivedOutcome, banker: Actor, now_us: int) -> ArchivedOutcome:
    record, today = one.record, beijing_day(now_us)
    steps = _STEPS.get(record.state)
    if steps is None:
        raise Refusal("OUTCOME_STATE", detail=record.state)
    for step in steps:
        record = take_step(record, step, banker, today=today)
    return one.after(record, now_us)


def _refuse_own(
    waiting: Sequence[KeptRow],
    outcomes: Mapping[str, ArchivedOutcome],
    banker: Actor,
    refused: dict[str, str],
) -> None:
    """Refuse rows whose outcome was deposited before, where one person would do both steps."""
    for row in waiting:
        if outcomes[row.outcome].record.state in _DEPOSITED and banker.person in (
            row.handed_by,
            row.account,
        ):
            refused.setdefault(row.outcome, "SAME_PERSON")
