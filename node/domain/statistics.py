"""What may be published of the counts of a month: nothing by which a learner could be found."""

from __future__ import annotations

from dataclasses import dataclass

from node.domain.exchange import Role

FEWEST_LEARNERS = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """A number of exchanges and of the learners whose they are."""

    exchanges: int
    learners: int

    @property
    def may_be_shown(self) -> bool:
        """Whether it is of nobody, or of enough."""
        return not self.exchanges or self.learners >= FEWEST_LEARNERS


@dataclass(frozen=True, slots=True, kw_only=True)
class Tally:
    """Exchanges begun with a peer in a month, and what became of them.

    Attributes:
        granted: those of which something was granted.
        refused: those of which all was refused.
        rest: those not judged, or ended before.
        hundredths: committed, in the source's credits.
    """

    peer: str
    role: Role
    granted: Part
    refused: Part
    rest: Part
    begun: Part
    hundredths: int

    @property
    def direction(self) -> str:
        """OUT where this province is the source, else IN."""
        return "OUT" if self.role is Role.SOURCE else "IN"

    def shown(self, *, is_exact: bool) -> tuple[int | None, int | None, int | None, int | None]:
        """Return begun, granted, refused and hundredths, None where withheld.

        Of what was begun, the parts and the rest make up the whole: where one of them is of too
        few, it could be reckoned from the others, so no part is shown. Of a whole that is of too
        few, even that none of it was granted says something of each of them.
        """
        parts = (self.granted.exchanges, self.refused.exchanges, self.hundredths)
        if is_exact:
            return self.begun.exchanges, *parts
        if not self.begun.may_be_shown:
            return None, None, None, None
        if all(one.may_be_shown for one in (self.granted, self.refused, self.rest)):
            return self.begun.exchanges, *parts
        return self.begun.exchanges, None, None, None
