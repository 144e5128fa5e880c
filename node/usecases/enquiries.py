"""What leaves the house when a learner asks elsewhere: outcomes as rules look at them, no more."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace

from federation.base.errors import Breach, Refusal
from federation.base.names import is_province
from federation.trust.members import MemberStatus
from node.domain.lot import Hold, Lot, LotState
from node.domain.outcomes import OutcomeFacts
from node.domain.what_if import AskedOutcome
from node.usecases.office import Office
from node.usecases.ports import Reading

MOST_PROVINCES = 64


class Enquiries:
    """Questions on behalf of learners."""

    def __init__(self, office: Office) -> None:
        self._office = office

    def outcomes_of(
        self, account: str, lots: Collection[bytes], *, with_days: bool
    ) -> tuple[AskedOutcome, ...]:
        """Return an account's usable outcomes, or those of the lots named.

        Args:
            with_days: whether the day on which each was earned is told, not only its month.

        Raises:
            Refusal: ACCOUNT, ACCOUNT_ERASED, or LOT for one that is not a usable one of it.
        """
        found = self._office.store.read(lambda reading: _usable(reading, account))
        named = set(lots)
        if named - found.keys():
            raise Refusal("LOT")
        chosen = [facts for lot_id, facts in found.items() if not named or lot_id in named]
        return tuple(
            AskedOutcome(
                source=lot.content.unit,
                amount_hundredths=lot.amount_hundredths,
                facts=facts if with_days else replace(facts, earned=f"{facts.earned[:7]}-01"),
                is_converted=bool(lot.origin),
                is_month=not with_days,
            )
            for lot, facts in chosen
        )

    def provinces(self, wanted: Collection[str]) -> list[str]:
        """Return the provinces to ask, each once; every active member where none is named.

        Raises:
            Breach: PROVINCE_UNKNOWN, TOO_MANY_ITEMS.
        """
        if not wanted:
            members = self._office.registry.view().members.values()
            return sorted(one.province for one in members if one.status is MemberStatus.ACTIVE)
        asked = list(dict.fromkeys(wanted))
        if len(asked) > MOST_PROVINCES:
            raise Breach("TOO_MANY_ITEMS")
        for one in asked:
            if not is_province(one):
                raise Breach("PROVINCE_UNKNOWN", detail=one[:32])
        return asked


def _usable(reading: Reading, account: str) -> dict[bytes, tuple[Lot, OutcomeFacts]]:
    learner = reading.learners([account]).get(account)
    if learner is None:
        raise Refusal("ACCOUNT")
    if learner.is_erased:
        raise Refusal("ACCOUNT_ERASED")
    found: dict[bytes, tuple[Lot, OutcomeFacts]] = {}
    for lot in reading.lots_of(account):
        if lot.state is LotState.AVAILABLE and lot.hold is Hold.NONE:
            facts = lot.facts()
            if facts is not None:
                found[lot.lot_id] = (lot, facts)
    return found
