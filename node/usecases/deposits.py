"""Deposits: an accredited outcome becomes one credit lot, once per source and reference."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from federation.base.amounts import parse_credits
from federation.base.errors import Breach, CreditBankError, Refusal
from federation.base.names import is_clean_identifier
from node.domain.changes import Changes
from node.domain.learner import Learner
from node.domain.ledger import deposit_entry
from node.domain.lot import Lot, make_lot
from node.domain.outcomes import OutcomeFacts
from node.usecases.cited_catalogues import CitedCatalogues
from node.usecases.office import Office
from node.usecases.ports import Reading, RejectedRow, Transaction

CHUNK = 500
LONGEST_SHOWN = 64
LARGEST_LINE = 2**53


@dataclass(frozen=True, slots=True, kw_only=True)
class OutcomeRow:
    """One accredited outcome as a provincial system hands it over.

    Attributes:
        line: position in the source's list, rising.
        learner: account number or the learner's reference at the source.
        credits: decimal text with at most two places.
        facts: the outcome's facts by their stable names.
    """

    line: int
    reference: str
    learner: str
    credits: str
    facts: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Deposited:
    """What became of rows."""

    deposited: int
    repeated: int
    rejected: tuple[RejectedRow, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """How far a source has come."""

    line: int
    deposited: int
    rejected: tuple[RejectedRow, ...]


class Deposits:
    """Takes outcomes in."""

    def __init__(self, office: Office) -> None:
        self._office = office

    def deposit(self, source: str, rows: Sequence[OutcomeRow]) -> Deposited:
        """Deposit rows in one transaction; a row that cannot be taken is listed, never half kept.

        Raises:
            Breach: BAD_TEXT for a source that is no identifier, LINE for a line beyond any list.
        """
        if not is_clean_identifier(source, longest=64):
            raise Breach("BAD_TEXT")
        if any(row.line > LARGEST_LINE for row in rows):
            raise Breach("LINE")
        return self._office.store.transact(lambda tx: self._deposit(tx, source, rows))

    def progress(self, source: str) -> Progress:
        """Return how far a source has come."""

        def read(reading: Reading) -> Progress:
            line, deposited = reading.deposit_progress(source)
            return Progress(
                line=line, deposited=deposited, rejected=tuple(reading.rejected_rows(source))
            )

        return self._office.store.read(read)

    def _deposit(self, tx: Transaction, source: str, rows: Sequence[OutcomeRow]) -> Deposited:
        now_us = self._office.clock.now_us()
        known = tx.deposited(source, {row.reference for row in rows})
        named = {row.learner for row in rows}
        learners = {**tx.learners(named), **tx.learners_by_reference(source, named)}
        cited = ((row.facts.get("catalogue", ""), row.facts.get("code", "")) for row in rows)
        catalogues = CitedCatalogues(tx, self._office, cited)
        changes, rejected, repeated = Changes(), [], 0
        taken: set[str] = set()
        for row in rows:
            if row.reference in known:
                repeated += 1
                continue
            try:
                lot = self._lot(source, row, learners, taken, catalogues)
            except CreditBankError as error:
                rejected.append(_rejected(source, row, error.reason))
                continue
            taken.add(row.reference)
            changes.lots_new.append(lot)
            changes.entries.append(
                deposit_entry(
                    account=lot.account,
                    unit=self._office.province,
                    hundredths=lot.amount_hundredths,
                    lot_id=lot.lot_id,
                    time_us=now_us,
                )
            )
        tx.apply(changes)
        tx.record_rejected(rejected)
        if rows:
            tx.record_progress(source, max(row.line for row in rows))
        return Deposited(
            deposited=len(changes.lots_new), repeated=repeated, rejected=tuple(rejected)
        )

    def _lot(
        self,
        source: str,
        row: OutcomeRow,
        learners: Mapping[str, Learner],
        taken: set[str],
        catalogues: CitedCatalogues,
    ) -> Lot:
        if not is_clean_identifier(row.reference):
            raise Breach("BAD_TEXT")
        if row.reference in taken:
            raise Breach("DUPLICATE_LOT")
        learner = learners.get(row.learner)
        if learner is None:
            raise Refusal("ACCOUNT")
        if learner.is_erased:
            raise Refusal("ACCOUNT_ERASED")
        facts = OutcomeFacts.from_fields(row.facts)
        amount = parse_credits(row.credits)
        catalogues.check(facts, amount)
        return make_lot(
            account=learner.account,
            unit=self._office.province,
            amount_hundredths=amount,
            facts=facts.as_fields(),
            entropy=self._office.entropy,
            source=source,
            reference=row.reference,
        )


def _rejected(source: str, row: OutcomeRow, reason: str) -> RejectedRow:
    shown = "".join(char if char.isprintable() else "?" for char in row.reference[:LONGEST_SHOWN])
    return RejectedRow(source=source, line=row.line, reference=shown, reason=reason)
