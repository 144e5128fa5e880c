"""What accredited outcomes become: credit lots, deposited in sets, each outcome once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from federation.base.errors import CreditBankError, Refusal
from node.domain.archive import ArchivedOutcome
from node.domain.changes import Changes
from node.domain.ledger import Entry, deposit_entry
from node.domain.lot import Lot, make_lot
from node.domain.outcome_life import Actor, OutcomeRole, OutcomeStep, take_step
from node.domain.outcomes import OutcomeFacts
from node.usecases.cited_catalogues import CitedCatalogues
from node.usecases.office import Office, beijing_day
from node.usecases.ports import Transaction

# Under this name the store has what was accredited here, each outcome once.
ACCREDITED_SOURCE = "creditbank:accreditation"
_LEDGER = Actor(role=OutcomeRole.LEDGER, person="ledger")


@dataclass(frozen=True, slots=True)
class Deposited:
    """What became of accredited outcomes.

    Attributes:
        done: those that are lots now, as they shall be kept.
        refused: why the others are none, by their names; nothing of them was written.
    """

    done: tuple[ArchivedOutcome, ...]
    refused: Mapping[str, CreditBankError]


def deposit_accredited(
    tx: Transaction, office: Office, accredited: Sequence[ArchivedOutcome]
) -> Deposited:
    """Deposit accredited outcomes that are worth credits, each as a lot of its own.

    The outcomes themselves are the caller's to move.
    """
    now_us = office.clock.now_us()
    named = [one.record.outcome for one in accredited]
    before = tx.deposited(ACCREDITED_SOURCE, named)
    facts = {
        one.record.outcome: replace(OutcomeFacts.from_fields(one.facts), form=one.record.form)
        for one in accredited
        if one.facts
    }
    catalogues = CitedCatalogues(tx, office, ((one.catalogue, one.code) for one in facts.values()))
    done: list[ArchivedOutcome] = []
    refused: dict[str, CreditBankError] = {}
    changes = Changes()
    for one in accredited:
        name = one.record.outcome
        try:
            if name not in facts:
                raise Refusal("ACCOUNT_ERASED")
            if name in before:
                raise Refusal("DUPLICATE_LOT")
            catalogues.check(facts[name], one.hundredths)
            lot = mint(office, one, facts[name], one.hundredths, ACCREDITED_SOURCE, name)
            done.append(deposited_as(one, lot, now_us))
        except CreditBankError as error:
            refused[name] = error
            continue
        changes.lots_new.append(lot)
        changes.entries.append(booked(office, lot, now_us))
    tx.apply(changes)
    return Deposited(tuple(done), refused)


def mint(
    office: Office,
    known: ArchivedOutcome,
    facts: OutcomeFacts,
    hundredths: int,
    source: str,
    reference: str,
) -> Lot:
    """Return the lot that an outcome becomes."""
    return make_lot(
        account=known.record.learner,
        unit=office.province,
        amount_hundredths=hundredths,
        facts=facts.as_fields(),
        entropy=office.entropy,
        source=source,
        reference=reference,
    )


def booked(office: Office, lot: Lot, now_us: int) -> Entry:
    """Return the entry that puts a new lot into the books."""
    return deposit_entry(
        account=lot.account,
        unit=office.province,
        hundredths=lot.amount_hundredths,
        lot_id=lot.lot_id,
        time_us=now_us,
    )


def deposited_as(known: ArchivedOutcome, lot: Lot, now_us: int) -> ArchivedOutcome:
    """Return an accredited outcome as it is once it is a lot."""
    record = take_step(
        known.record,
        OutcomeStep.DEPOSIT,
        _LEDGER,
        today=beijing_day(now_us),
        lot=lot.lot_id.hex(),
    )
    return replace(known, record=record)


def attach_files(tx: Transaction, deposited: ArchivedOutcome, now_us: int) -> None:
    """Attach the evidence of an outcome to the lot that it became."""
    lot_id = bytes.fromhex(deposited.record.lot)
    for file in tx.outcome_files(deposited.record.outcome):
        tx.attach_file(replace(file, lot_id=lot_id), now_us)
