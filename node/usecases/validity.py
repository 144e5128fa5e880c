"""Outcomes whose last day is over: they and the lots that they became expire together."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from federation.protocol.messages import Fact
from node.domain import notices
from node.domain.archive import ArchivedOutcome
from node.domain.lot import Hold, LotState
from node.domain.notices import Statement
from node.domain.outcome_life import Actor, OutcomeRole, OutcomeStep, take_step
from node.usecases.office import Office, beijing_day
from node.usecases.ports import Transaction
from node.usecases.workspace import Workspace

PAGE = 500
_CLOCK = Actor(role=OutcomeRole.CLOCK, person="clock")


class Validity:
    """Lets outcomes expire on their day."""

    def __init__(self, office: Office) -> None:
        self._office = office

    def expire_ended(self) -> int:
        """Let every outcome expire whose last day is over; return how many did.

        A lot that is locked serves the exchange that holds it: its outcome waits until it is free
        or gone. Nobody is told of one that is gone, for where it went the day was read too.
        """
        expired, after = 0, ""
        while True:
            count, after = self._office.store.transact(partial(self._page, after=after))
            expired += count
            if not after:
                return expired

    def _page(self, tx: Transaction, after: str) -> tuple[int, str]:
        now_us = self._office.clock.now_us()
        today = beijing_day(now_us)
        found = tx.expired_outcomes(today, after, PAGE)
        # Hours have no last day of their own; what they made has the programme's.
        ended = [one for one in found if not one.minutes]
        moved = self._expire(tx, ended, today, now_us)
        tx.move_outcomes(moved)
        return len(moved), found[-1].record.outcome if len(found) == PAGE else ""

    def _expire(
        self, tx: Transaction, ended: Sequence[ArchivedOutcome], today: str, now_us: int
    ) -> list[tuple[ArchivedOutcome, ArchivedOutcome]]:
        workspace = Workspace(tx, now_us=now_us, due_us=now_us)
        workspace.load_lots(bytes.fromhex(one.record.lot) for one in ended if one.record.lot)
        moved = []
        for one in ended:
            lot = workspace.lots.get(bytes.fromhex(one.record.lot))
            if lot and lot.state is LotState.LOCKED:
                continue
            if lot and lot.hold in (Hold.NONE, Hold.FROZEN):
                said = Statement(lot_id=lot.lot_id, fact=Fact.EXPIRED, reason="VALIDITY_ENDED")
                workspace.lots[lot.lot_id] = notices.stated(lot, said)
            after = take_step(one.record, OutcomeStep.EXPIRE, _CLOCK, today=today)
            moved.append((one, one.after(after, now_us)))
        tx.apply(workspace.finish())
        return moved
