"""What a COMMIT credits: one lot for each granted target of each group that a VOTE accepted.

Where each lot counts by itself, as in a VOTE without groups, that is one lot for each committed
one, in the order of the COMMIT.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from federation.protocol.commitments import Openings
from federation.protocol.lots import CommittedLot, LotGroup
from federation.protocol.messages import Vote
from node.domain.lot import facts_of
from node.domain.outcomes import UNGRADED, OutcomeFacts

_MOST_TITLE = 400
_JOINT = "、"


@dataclass(frozen=True, slots=True, kw_only=True)
class Credit:
    """A lot that shall be credited.

    Attributes:
        lot_ids: the committed lots that it comes of.
        target: code of what they count as, or empty where the VOTE names none.
        granted_hundredths: its size, in the destination's unit.
        group_hundredths: what the whole group is granted.
    """

    lot_ids: tuple[bytes, ...]
    target: str
    granted_hundredths: int
    group_hundredths: int

    @property
    def is_alone(self) -> bool:
        """Whether one lot counts as one target, whole for whole."""
        return len(self.lot_ids) == 1 and self.granted_hundredths == self.group_hundredths


def credits_of(vote: Vote, committed: Sequence[CommittedLot]) -> tuple[Credit, ...]:
    """Return what committed lots, exactly those that the VOTE accepted, are credited as."""
    if vote.groups:
        return tuple(credit for group in vote.groups for credit in _group(group))
    targets = {lot.lot_id: lot.target for lot in vote.lots}
    return tuple(
        Credit(
            lot_ids=(lot.lot_id,),
            target=targets[lot.lot_id],
            granted_hundredths=lot.granted_hundredths,
            group_hundredths=lot.granted_hundredths,
        )
        for lot in committed
    )


def joined_with(vote: Vote, lot_id: bytes) -> tuple[bytes, ...]:
    """Return the lots that count only together with one, itself included.

    A lot that counts as several targets is such a group too. Nothing for a lot that counts by
    itself.
    """
    for group in vote.groups:
        if lot_id in group.lot_ids and (len(group.lot_ids) > 1 or len(group.grants) > 1):
            return group.lot_ids
    return ()


def facts_credited(
    credit: Credit, shown: Openings, restored: Mapping[bytes, OutcomeFacts]
) -> OutcomeFacts:
    """Return what a credited lot is known by.

    Of several outcomes together the titles are joined, the hours summed, the latest day and the
    lowest level stand; a grade of all of them there is none. Of several targets each has its
    share of the hours.

    Args:
        restored: in a return, what the lots were before they left.
    """
    found = [restored.get(lot_id) or facts_of(shown, lot_id) for lot_id in credit.lot_ids]
    facts = [one for one in found if one is not None]
    assert len(facts) == len(credit.lot_ids), "an accepted lot has shown its facts"
    first = facts[0]
    if credit.is_alone:
        is_back = credit.lot_ids[0] in restored
        return first if is_back else replace(first, code=credit.target or first.code)
    hours = sum(one.hours for one in facts) * credit.granted_hundredths
    ends = sorted(one.expires for one in facts if one.expires)
    changes = {
        "code": credit.target or first.code,
        "hours": hours // credit.group_hundredths,
        "title": _JOINT.join(one.title for one in facts)[:_MOST_TITLE],
        "earned": max(one.earned for one in facts),
        "expires": ends[0] if ends else "",
        "level": min(one.level for one in facts),
    }
    if len(facts) > 1:
        changes |= {"grade": "", "scale": UNGRADED}
    return replace(first, **changes)  # type: ignore[arg-type]


def _group(group: LotGroup) -> list[Credit]:
    whole = sum(one.granted_hundredths for one in group.grants)
    return [
        Credit(
            lot_ids=group.lot_ids,
            target=one.target,
            granted_hundredths=one.granted_hundredths,
            group_hundredths=whole,
        )
        for one in group.grants
    ]
