"""Which groups of a decision the caps have room for.

Lots are never split and groups neither, so a group is granted whole or refused whole. Of the
groups that compete for room, those are admitted that together grant most; of several such
choices the one that takes the larger groups first, and of equal groups the one whose name comes
first. Beyond ``MOST_CONTESTED`` competing groups they are taken in that order as far as each
fits. No order of lots or groups changes the result, and no limit is ever passed.

All that is needed of the past is the total in each scope that is asked for. That is what a
decision record states, and nothing else of other outcomes.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from node.domain.caps import (
    CAP_TOTAL_UNKNOWN,
    LOT_USED_BEFORE,
    Cap,
    Occasion,
    Part,
    Programme,
    ScopeKey,
    count,
    limit_of,
    scope_of,
)

MOST_CONTESTED = 12
LOT_ONCE = "LOT_ONCE"

Groups = Mapping[str, tuple[Part, ...]]
Charges = dict[ScopeKey, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class CapLine:
    """The arithmetic of one cap in one scope.

    Attributes:
        scope: values of the cap's dimensions, of the lots asked for only.
        window: label of the stretch of time, or empty.
        limit: what may be used in all.
        used_before: reserved and consumed before this decision.
        asked: what all groups of this decision ask for.
        allowed: what its admitted groups take.
        left: what then remains; 0 where more was used before than is now allowed.
    """

    cap: str
    scope: tuple[tuple[str, str], ...]
    window: str
    measure: str
    limit: int
    used_before: int
    asked: int
    allowed: int
    left: int

    @property
    def key(self) -> ScopeKey:
        """The scope that the line is of."""
        return self.cap, self.scope, self.window


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """A cap that has no room for a group.

    Attributes:
        cap: its name, or ``LOT_ONCE`` where a lot counts already.
        reason: the reason in the catalogue.
    """

    cap: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Admission:
    """What the caps say of a decision.

    Attributes:
        admitted: names of the groups granted, in order of name.
        refused: for every other group each cap without room for it, beside those admitted.
        lines: the arithmetic, in the order of the rule, then of scope.
    """

    admitted: tuple[str, ...]
    refused: Mapping[str, tuple[Block, ...]]
    lines: tuple[CapLine, ...]


def scopes_asked(caps: Iterable[Cap], groups: Groups, occasion: Occasion) -> frozenset[ScopeKey]:
    """Return every scope whose total must be known to judge these groups."""
    caps = [cap for cap in caps if not cap.limit.is_floor]
    return frozenset(
        key for group in groups for key in _charges(caps, group, groups[group], occasion)
    )


def lot_scope(lot: str) -> ScopeKey:
    """Return the scope in which a lot counts once, whatever the caps."""
    return LOT_ONCE, (("lot", lot),), ""


def admit(
    caps: tuple[Cap, ...],
    groups: Groups,
    *,
    occasion: Occasion,
    programme: Programme | None,
    used: Mapping[ScopeKey, int],
) -> Admission:
    """Choose the groups that are granted and state the arithmetic.

    Args:
        caps: of the rule, outer caps before those within them.
        groups: what the rule or a panel would grant, by name.
        used: total used before in each scope; a scope not named has none.
    """
    named = {cap.cap_id: cap for cap in caps}
    bounds = [cap for cap in caps if not cap.limit.is_floor]
    charges = {group: _charges(bounds, group, groups[group], occasion) for group in groups}
    limits: dict[ScopeKey, int | None] = {
        key: 1 if key[0] == LOT_ONCE else limit_of(named[key[0]], named, programme)
        for charged in charges.values()
        for key in charged
    }
    room = {key: (limit or 0) - used.get(key, 0) for key, limit in limits.items()}
    possible = [
        group for group in charges if all(limits[key] is not None for key in charges[group])
    ]
    worth = {group: sum(part.above_earlier for part in groups[group]) for group in groups}
    admitted = _chosen(possible, charges, room, worth)
    taken = _sums(charges[group] for group in admitted)
    left = {key: room[key] - taken.get(key, 0) for key in room}
    refused = {
        group: _blocks(charges[group], left, limits, named)
        for group in sorted(groups)
        if group not in admitted
    }
    asked = _sums(charges.values())
    lines = tuple(
        CapLine(
            cap=cap.cap_id,
            scope=key[1],
            window=key[2],
            measure=cap.measure,
            limit=limit,
            used_before=used.get(key, 0),
            asked=asked[key],
            allowed=taken.get(key, 0),
            left=max(0, left[key]),
        )
        for cap in bounds
        for key in sorted(found for found in limits if found[0] == cap.cap_id)
        if (limit := limits[key]) is not None
    )
    return Admission(admitted=tuple(sorted(admitted)), refused=refused, lines=lines)


def _charges(
    caps: Iterable[Cap], group: str, parts: tuple[Part, ...], occasion: Occasion
) -> Charges:
    charged = {lot_scope(part.lot): 1 for part in parts if not part.earlier_hundredths}
    for cap in caps:
        scoped: dict[ScopeKey, list[tuple[str, Part]]] = {}
        for part in parts:
            key = scope_of(cap, part, occasion, on=occasion.on)
            if key is not None:
                scoped.setdefault(key, []).append((group, part))
        charged |= {key: count(cap, found) for key, found in scoped.items()}
    return charged


def _chosen(
    possible: list[str],
    charges: Mapping[str, Charges],
    room: Mapping[ScopeKey, int],
    worth: Mapping[str, int],
) -> frozenset[str]:
    """Return the groups admitted: all that nobody competes with, and the best of the others."""
    wanted = _sums(charges[group] for group in possible)
    contested = [
        group for group in possible if any(wanted[key] > room[key] for key in charges[group])
    ]
    free = [group for group in possible if group not in contested]
    taken = _sums(charges[group] for group in free)
    rest = {key: have - taken.get(key, 0) for key, have in room.items()}
    order = sorted(contested, key=lambda group: (-worth[group], group))
    choose = _most if len(order) <= MOST_CONTESTED else _in_order
    return frozenset(free) | frozenset(choose(order, charges, rest, worth))


def _in_order(
    order: list[str],
    charges: Mapping[str, Charges],
    room: Mapping[ScopeKey, int],
    worth: Mapping[str, int],
) -> tuple[str, ...]:
    chosen: tuple[str, ...] = ()
    rest = dict(room)
    for group in order:
        if _fits(charges[group], rest):
            chosen += (group,)
            rest = _less(rest, charges[group])
    return chosen


def _most(
    order: list[str],
    charges: Mapping[str, Charges],
    room: Mapping[ScopeKey, int],
    worth: Mapping[str, int],
) -> tuple[str, ...]:
    """Return the choice worth most; the first found of equals, taking groups in order."""
    ahead = [sum(worth[group] for group in order[at:]) for at in range(len(order) + 1)]
    best: tuple[int, tuple[str, ...]] = (-1, ())

    def walk(at: int, chosen: tuple[str, ...], rest: Mapping[ScopeKey, int], value: int) -> None:
        nonlocal best
        if value + ahead[at] <= best[0]:
            return
        if at == len(order):
            best = (value, chosen)
            return
        group = order[at]
        if _fits(charges[group], rest):
            walk(at + 1, (*chosen, group), _less(rest, charges[group]), value + worth[group])
        walk(at + 1, chosen, rest, value)

    walk(0, (), room, 0)
    return best[1]


def _fits(charged: Charges, room: Mapping[ScopeKey, int]) -> bool:
    # What asks nothing more, as an appeal that raises no count, passes even a cap that is full.
    return all(amount == 0 or amount <= room[key] for key, amount in charged.items())


def _less(room: Mapping[ScopeKey, int], charged: Charges) -> dict[ScopeKey, int]:
    return {**room, **{key: room[key] - amount for key, amount in charged.items()}}


def _sums(charges: Iterable[Charges]) -> Charges:
    sums: Charges = {}
    for charged in charges:
        for key, amount in charged.items():
            sums[key] = sums.get(key, 0) + amount
    return sums


def _blocks(
    charged: Charges,
    left: Mapping[ScopeKey, int],
    limits: Mapping[ScopeKey, int | None],
    named: Mapping[str, Cap],
) -> tuple[Block, ...]:
    order = {cap_id: at for at, cap_id in enumerate([LOT_ONCE, *named])}
    found: dict[str, str] = {}
    for key in sorted(charged, key=lambda key: (order[key[0]], key)):
        if limits[key] is None:
            found.setdefault(key[0], CAP_TOTAL_UNKNOWN)
        elif charged[key] > max(0, left[key]):
            cap = named.get(key[0])
            found.setdefault(key[0], cap.reason if cap else LOT_USED_BEFORE)
    return tuple(Block(cap=cap, reason=reason) for cap, reason in found.items())
