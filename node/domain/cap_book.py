"""What of one learner's credits counts already: reserved at ACCEPT, consumed at COMMIT.

The book holds dated uses, and the total of a scope is always a sum of them, never a number kept
beside them. So a rule with other caps, a longer window or a new semester needs no migration, and
no order of reservations, releases and returns can leave a total behind.

A learner's book is changed under that learner's lock, in the transaction of the step that it
belongs to:

- VOTE with ACCEPT: :meth:`CapBook.reserve`. A RECOGNISE is a promise with an end (``until_us``);
  a TRANSFER reserves without end, because only its source ends it.
- TRANSFER that cites a RECOGNISE: ``cites`` takes the room promised to its lots over.
- COMMIT: :meth:`CapBook.consume`. ABORT, RELEASED: :meth:`CapBook.release`.
- RETURN, or NOTICE that reverses: :meth:`CapBook.give_back`.
- An appeal on committed lots reserves the difference only (``appeals``).
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum

from federation.base.errors import Refusal
from node.domain.cap_admission import LOT_ONCE, Admission, Groups, admit, lot_scope, scopes_asked
from node.domain.caps import Cap, Occasion, Part, Programme, ScopeKey, count, limit_of, scope_of


class UseState(StrEnum):
    """Whether room in the caps is promised or spent."""

    RESERVED = "RESERVED"
    CONSUMED = "CONSUMED"


@dataclass(frozen=True, slots=True, kw_only=True)
class Use:
    """One part of one grant in the book.

    Attributes:
        claim: name of the decision, as the exchange's identifier.
        group: the group within it.
        until_us: when a promise ends by itself; 0 for never.
    """

    claim: str
    group: str
    part: Part
    occasion: Occasion
    state: UseState
    until_us: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """What a decision would grant.

    Attributes:
        claim: its name; a name is used once.
        groups: parts by group, with the whole grant of each.
        on: day of the decision, YYYY-MM-DD.
        until_us: when the promise ends by itself; 0 for never.
        cites: an earlier claim whose reservation for the same lots this one replaces, admitted
            or not; or empty.
        appeals: an earlier claim, consumed, that this decision raises, or empty.
    """

    claim: str
    groups: Groups
    on: str
    programme: Programme | None = None
    until_us: int = 0
    cites: str = ""
    appeals: str = ""

    @property
    def occasion(self) -> Occasion:
        """Where and when its parts count."""
        if self.programme is None:
            return Occasion(on=self.on)
        return Occasion(on=self.on, programme=self.programme.code, award=self.programme.award)


@dataclass(frozen=True, slots=True, kw_only=True)
class FloorLine:
    """How far a floor is met.

    Attributes:
        required: hundredths or count; None where the programme's total is unknown.
        have: consumed so far.
        missing: what is still to be earned; None where ``required`` is.
    """

    cap: str
    scope: tuple[tuple[str, str], ...]
    measure: str
    required: int | None
    have: int
    missing: int | None


@dataclass(frozen=True, slots=True)
class CapBook:
    """Every use of one learner's credits at one destination."""

    uses: tuple[Use, ...] = ()

    def reserve(self, caps: tuple[Cap, ...], claim: Claim) -> tuple[CapBook, Admission]:
        """Reserve what the caps admit of a claim.

        Returns:
            The book with the admitted parts reserved, and what the caps said.

        Raises:
            Refusal: CLAIM_STATE where a claim of this name is in the book, or where ``cites``
                names no reservation, ``appeals`` nothing that was consumed, or another appeal is
                open.
        """
        if any(use.claim == claim.claim for use in self.uses):
            raise Refusal("CLAIM_STATE", detail="this claim is in the book")
        book = self._without_cited(claim)
        groups = book.groups_above(claim)
        used = book.totals(caps, scopes_asked(caps, groups, claim.occasion), on=claim.on)
        said = admit(caps, groups, occasion=claim.occasion, programme=claim.programme, used=used)
        fresh = tuple(
            Use(
                claim=claim.claim,
                group=group,
                part=part,
                occasion=claim.occasion,
                state=UseState.RESERVED,
                until_us=claim.until_us,
            )
            for group in said.admitted
            for part in groups[group]
            if part.above_earlier or not part.earlier_hundredths
        )
        return CapBook((*book.uses, *fresh)), said

    def consume(self, claim: str, lots: Collection[str]) -> CapBook:
        """Count the committed lots of a claim for good and release its others.

        Raises:
            Refusal: CLAIM_STATE where one of the lots is not reserved by the claim.
        """
        reserved = self._reserved(claim)
        if not lots or not set(lots) <= {use.part.lot for use in reserved}:
            raise Refusal("CLAIM_STATE", detail="a committed lot was not reserved")
        kept = tuple(
            replace(use, state=UseState.CONSUMED, until_us=0)
            for use in reserved
            if use.part.lot in lots
        )
        return CapBook((*self._all_but(reserved), *kept))

    def release(self, claim: str) -> CapBook:
        """Give the room of a claim back; what it consumed stays, and a second time is harmless."""
        return CapBook(self._all_but(self._reserved(claim)))

    def expire(self, now_us: int) -> CapBook:
        """Give the room of promises back that ended before a moment."""
        return CapBook(
            tuple(
                use
                for use in self.uses
                if use.state is UseState.CONSUMED or not 0 < use.until_us < now_us
            )
        )

    def give_back(self, lots: Collection[str]) -> CapBook:
        """Give back what lots consumed: returned, revoked, reversed.

        What appeals added goes with it, and an appeal still open on such a lot ends with it. Of a
        group granted for several lots together, all that no longer count are to be named.
        """
        return CapBook(
            tuple(
                use
                for use in self.uses
                if use.part.lot not in lots
                or (use.state is UseState.RESERVED and not use.part.earlier_hundredths)
            )
        )

    def lower(self, lot: str, hundredths: int) -> CapBook:
        """Let what a lot consumed count for less: corrected downward after its COMMIT.

        Of a lot that counts as several targets, or whose grant an appeal raised, no one amount says
        what is left of each; it goes on counting whole.
        """
        mine = [use for use in self.uses if use.part.lot == lot]
        if len(mine) != 1 or not 0 < hundredths < mine[0].part.hundredths:
            return self
        less = replace(mine[0], part=replace(mine[0].part, hundredths=hundredths))
        return CapBook((*self._all_but((mine[0],)), less))

    def totals(
        self, caps: Iterable[Cap], scopes: Collection[ScopeKey], *, on: str
    ) -> dict[ScopeKey, int]:
        """Return what is used in each of these scopes, seen on a day; those unused are left out."""
        bases = [use for use in self.uses if not use.part.earlier_hundredths]
        totals = {key: 1 for key in (lot_scope(use.part.lot) for use in bases) if key in scopes}
        wanted = {key[0] for key in scopes} - {LOT_ONCE}
        for cap in caps:
            if cap.cap_id in wanted:
                counted = self.counted(cap, on)
                totals |= {key: amount for key, amount in counted.items() if key in scopes}
        return totals

    def floors(
        self,
        caps: tuple[Cap, ...],
        programme: Programme,
        *,
        on: str,
        at_home: tuple[Use, ...] = (),
    ) -> tuple[FloorLine, ...]:
        """Return how far each floor of a programme is met by what was consumed.

        A programme may be completed when nothing is missing. A floor that speaks of other
        programmes is left out.

        Args:
            at_home: what was earned in the programme itself and may count towards a floor.
        """
        named = {cap.cap_id: cap for cap in caps}
        consumed = tuple(
            use
            for use in (*self.uses, *at_home)
            if use.state is UseState.CONSUMED and use.occasion.programme == programme.code
        )
        return tuple(
            CapBook(consumed)._floor(cap, named, programme, on)
            for cap in caps
            if cap.limit.is_floor and _speaks_of(cap, programme)
        )

    def counted(self, cap: Cap, on: str) -> dict[ScopeKey, int]:
        """Return what a cap counts in each of its scopes, seen on a day."""
        scoped: dict[ScopeKey, list[tuple[str, Part]]] = {}
        for use in self.uses:
            key = scope_of(cap, use.part, use.occasion, on=on)
            if key is not None:
                # One target granted by two decisions counts twice, as by two groups of one.
                scoped.setdefault(key, []).append((f"{use.claim}/{use.group}", use.part))
        return {key: count(cap, parts) for key, parts in scoped.items()}

    def groups_above(self, claim: Claim) -> Groups:
        """Return a claim's groups with what was granted before, where it appeals.

        Raises:
            Refusal: CLAIM_STATE where ``appeals`` names nothing that was consumed, or where another
                appeal on one of those lots is open.
        """
        if not claim.appeals:
            return claim.groups
        lots = {use.part.lot for use in self.uses if use.claim == claim.appeals}
        before: dict[tuple[str, str], int] = {}
        for use in self.uses:
            if use.part.lot in lots:
                if use.state is UseState.RESERVED:
                    raise Refusal("CLAIM_STATE", detail="what is appealed against is not settled")
                key = use.part.lot, use.part.target
                before[key] = before.get(key, 0) + use.part.above_earlier
        if not before:
            raise Refusal("CLAIM_STATE", detail="what is appealed against is not consumed")
        return {
            group: tuple(
                replace(part, earlier_hundredths=before.get((part.lot, part.target), 0))
                for part in parts
            )
            for group, parts in claim.groups.items()
        }

    def _without_cited(self, claim: Claim) -> CapBook:
        if not claim.cites:
            return self
        lots = {part.lot for parts in claim.groups.values() for part in parts}
        replaced = tuple(use for use in self._reserved(claim.cites) if use.part.lot in lots)
        if not replaced:
            raise Refusal("CLAIM_STATE", detail="the cited claim reserves none of these lots")
        return CapBook(self._all_but(replaced))

    def _reserved(self, claim: str) -> tuple[Use, ...]:
        return tuple(
            use for use in self.uses if use.claim == claim and use.state is UseState.RESERVED
        )

    def _all_but(self, some: tuple[Use, ...]) -> tuple[Use, ...]:
        return tuple(use for use in self.uses if use not in some)

    def _floor(
        self, cap: Cap, named: Mapping[str, Cap], programme: Programme, on: str
    ) -> FloorLine:
        required = limit_of(cap, named, programme)
        have = sum(self.counted(cap, on).values())
        return FloorLine(
            cap=cap.cap_id,
            scope=(("programme", programme.code),),
            measure=cap.measure,
            required=required,
            have=have,
            missing=None if required is None else max(0, required - have),
        )


def _speaks_of(cap: Cap, programme: Programme) -> bool:
    covers = cap.covers
    return (covers.programmes is None or programme.code in covers.programmes) and (
        covers.awards is None or programme.award in covers.awards
    )
