"""Files of the Shanghai credit bank enter the node, in the two steps of every outcome.

First a reviewer of the institution hands the file in, then one of the bank hands over the same
file; what neither rejects is deposited. The same file again changes nothing.
"""

from __future__ import annotations

import logging

from federation.base.errors import Breach, Refusal
from node.domain.outcome_life import OutcomeRole
from node.usecases.office import Office
from node.usecases.ports import Transaction
from node.usecases.shanghai_batch import Batch, TakenIn, check_batch
from node.usecases.shanghai_handing_in import hand_in
from node.usecases.shanghai_taking_in import take_in

_LOG = logging.getLogger("creditbank.shanghai")


class _Rehearsed(Exception):
    """Undoes a transaction whose outcome was all that was asked for."""

    def __init__(self, taken: TakenIn) -> None:
        super().__init__()
        self.taken = taken


class ShanghaiImport:
    """Takes batches of rows in."""

    def __init__(self, office: Office) -> None:
        self._office = office

    def take_in(self, batch: Batch, *, by: str) -> TakenIn:
        """Take the caller's step for a batch of rows in one transaction.

        Args:
            by: local account of a reviewer, of the institution or of the bank.

        Raises:
            Breach: FIELDS for a batch that cannot be read, or where the bank does not name the
                institution.
            Refusal: OUTCOME_ROLE for who reviews nothing, or another institution's rows;
                PUBLICATION where no catalogue can be told.
        """
        check_batch(batch)

        def work(tx: Transaction) -> TakenIn:
            taken = self._take_in(tx, batch, by)
            if batch.is_rehearsal:
                raise _Rehearsed(taken)
            return taken

        try:
            taken = self._office.store.transact(work)
        except _Rehearsed as rehearsed:
            return rehearsed.taken
        _LOG.info(
            "%s of %s by %s: %d handed in, %d taken in, %d unchanged, %d rejected",
            batch.kind,
            batch.institution or "its institution",
            by,
            taken.handed_in,
            taken.taken_in,
            taken.unchanged,
            len(taken.rejects),
        )
        return taken

    def _take_in(self, tx: Transaction, batch: Batch, by: str) -> TakenIn:
        staff = tx.staff(by)
        if staff is None:
            raise Refusal("OUTCOME_ROLE", detail=f"{by} reviews nothing")
        if staff.role is OutcomeRole.BANK:
            if not batch.institution:
                raise Breach("FIELDS", detail="institution")
            return take_in(tx, self._office, batch, batch.institution, staff.actor())
        if batch.institution not in ("", staff.institution):
            raise Refusal("OUTCOME_ROLE", detail="another institution")
        return hand_in(tx, self._office, batch, staff.actor())
