"""What a VOTE says of its decision record: one judgement of each lot, and what counts together.

The destination states it, the source holds it against the record that it is shown, and an auditor
does so again.
"""

from __future__ import annotations

from federation.protocol.lots import LotGroup, TargetGrant
from federation.protocol.messages import LotDecision, Verdict
from node.domain.appeals import groups_of, totals
from node.domain.decision_record import ACCEPT, DecidedGroup, Record

MOST_REASONS = 16
_NO_REASON = ("NOT_EQUIVALENT",)


def lots_stated(record: Record) -> dict[str, LotDecision]:
    """Return the judgement of each lot of a record, by its name.

    Of a lot whose earlier grant stands on appeal, that grant is stated.
    """
    every = totals(record)
    groups = {one.group: one for one in record.decided.groups if one.verdict == ACCEPT}
    said = {}
    for decided in record.decided.lots:
        is_accepted = decided.verdict == ACCEPT
        group = groups.get(decided.group) if is_accepted else None
        named = [one.target for one in group.grants] if group else []
        targets = sorted(every.get(decided.lot) or named) if is_accepted else []
        said[decided.lot] = LotDecision(
            lot_id=lot_id_of(decided.lot),
            verdict=Verdict.ACCEPT if is_accepted else Verdict.REJECT,
            granted_hundredths=decided.granted_hundredths if is_accepted else 0,
            reasons=() if is_accepted else decided.reasons[:MOST_REASONS] or _NO_REASON,
            entry=group.entry if group else "",
            target=targets[0] if len(targets) == 1 else "",
        )
    return said


def groups_stated(record: Record) -> tuple[LotGroup, ...]:
    """Return what counts together; nothing where each lot counts by itself as one target."""
    if any(lot.earlier for lot in record.given.lots):
        return groups_of(record)
    groups = [one for one in record.decided.groups if one.verdict == ACCEPT]
    is_plain = all(len(one.lots) == len(one.grants) == 1 for one in groups)
    return () if is_plain else tuple(_group(one) for one in groups)


def lot_id_of(name: str) -> bytes:
    """Return the identifier in a lot's name."""
    return bytes.fromhex(name.partition(":")[2])


def _group(group: DecidedGroup) -> LotGroup:
    return LotGroup(
        entry=group.entry,
        lot_ids=tuple(lot_id_of(lot) for lot in group.lots),
        grants=tuple(
            TargetGrant(target=one.target, granted_hundredths=one.hundredths)
            for one in group.grants
        ),
    )
