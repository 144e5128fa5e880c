"""Where a learner stands: of each cap what is used, promised and left, of each floor what is short.

Only totals are told, and only of the learner's own uses.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from node.domain.cap_book import CapBook, UseState
from node.domain.caps import Cap, Programme, ScopeKey, limit_of


@dataclass(frozen=True, slots=True, kw_only=True)
class CapStanding:
    """A cap in one scope.

    Attributes:
        scope: values of its dimensions; empty where nothing was used of it yet.
        window: the stretch of time, or empty.
        measure: CREDITS, LOTS or TARGETS; credits are told in hundredths.
        limit: None where it is a share of a total that is not known.
        used: consumed.
        reserved: promised and not yet consumed.
        left: None where ``limit`` is; 0 where more was used than is now allowed.
    """

    cap: str
    title_zh: str
    title_en: str
    within: str
    scope: tuple[tuple[str, str], ...]
    window: str
    measure: str
    limit: int | None
    used: int
    reserved: int
    left: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class FloorStanding:
    """A floor of the learner's programme.

    Attributes:
        required: None where it is a share of a total that is not known.
        have: consumed so far.
        missing: still to be earned; 0 where the floor is met.
    """

    cap: str
    title_zh: str
    title_en: str
    measure: str
    required: int | None
    have: int
    missing: int | None


def standing(
    caps: tuple[Cap, ...], book: CapBook | None, programme: Programme | None, *, on: str
) -> tuple[tuple[CapStanding, ...], tuple[FloorStanding, ...]]:
    """Return every cap and every floor of a rule as they stand for a learner on a day.

    A cap of which nothing is used stands there once, without scope, so that its limit is seen.

    Args:
        book: the learner's; None where nothing is in it.
        programme: what shares are taken of; floors are told for it alone.
    """
    held = book or CapBook()
    named = {cap.cap_id: cap for cap in caps}
    used = CapBook(tuple(one for one in held.uses if one.state is UseState.CONSUMED))
    lines = tuple(
        line
        for cap in caps
        if not cap.limit.is_floor
        for line in _lines(cap, held.counted(cap, on), used.counted(cap, on), named, programme)
    )
    floors = held.floors(caps, programme, on=on) if programme else ()
    return lines, tuple(
        FloorStanding(
            cap=one.cap,
            title_zh=named[one.cap].title_zh,
            title_en=named[one.cap].title_en,
            measure=one.measure,
            required=one.required,
            have=one.have,
            missing=one.missing,
        )
        for one in floors
    )


def _lines(
    cap: Cap,
    all_uses: Mapping[ScopeKey, int],
    consumed: Mapping[ScopeKey, int],
    named: Mapping[str, Cap],
    programme: Programme | None,
) -> list[CapStanding]:
    if not all_uses:
        return [_line(cap, (cap.cap_id, (), ""), 0, 0, limit_of(cap, named, programme))]
    return [
        _line(cap, key, consumed.get(key, 0), total, _limit(cap, key, named, programme))
        for key, total in sorted(all_uses.items())
    ]


def _limit(
    cap: Cap, key: ScopeKey, named: Mapping[str, Cap], programme: Programme | None
) -> int | None:
    """Return a limit, or None for a share of another programme's total than the one at hand."""
    of = dict(key[1]).get("programme")
    is_other = of is not None and (programme is None or programme.code != of)
    if cap.limit.share is not None and is_other:
        return None
    return limit_of(cap, named, programme)


def _line(cap: Cap, key: ScopeKey, used: int, total: int, limit: int | None) -> CapStanding:
    return CapStanding(
        cap=cap.cap_id,
        title_zh=cap.title_zh,
        title_en=cap.title_en,
        within=cap.within,
        scope=key[1],
        window=key[2],
        measure=cap.measure,
        limit=limit,
        used=used,
        reserved=total - used,
        left=None if limit is None else max(0, limit - total),
    )
