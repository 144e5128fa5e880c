"""From what a panel decided to the draft of a rule, so that the next case needs no panel.

A draft claims no more than was decided: these codes, from this province, by this catalogue, with
at least the grade and level that were before the panel, at the ratio granted. People widen it,
two of them publish it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from federation.base.amounts import parse_ratio
from federation.base.errors import Refusal
from node.domain.outcomes import OUTCOME_KINDS, OutcomeFacts, percent
from node.domain.panel import Minute, Question


@dataclass(frozen=True, slots=True, kw_only=True)
class DraftLeaf:
    """One outcome that a draft asks for."""

    source: str
    issuer: str
    catalogue: str
    code: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleDraft:
    """An entry of a rule as a decided case suggests it.

    Attributes:
        draft: name of case and question.
        minute: SHA-256 of the panel's minute, where the reasons stand.
        requires: outcomes that counted together, all of them.
        ratio: credits granted for each credit held.
        minimum_grade: the lowest mark out of a hundred among them, or None where one has none.
        minimum_level: their lowest level, or None where one is unknown.
    """

    draft: str
    minute: str
    requires: tuple[DraftLeaf, ...]
    target: str
    catalogue: str
    granted_hundredths: int
    ratio: Fraction
    minimum_grade: int | None
    minimum_level: int | None
    kinds: tuple[str, ...]

    def as_equivalence(self) -> dict[str, Any]:
        """Return the draft as an entry of a table of equivalences.

        Raises:
            Refusal: DRAFT_SHAPE where several outcomes counted together, or the ratio has no
                spelling there.
        """
        ratio = f"{self.ratio.numerator}/{self.ratio.denominator}"
        if len(self.requires) != 1 or len(ratio) > len("000000/000000"):
            raise Refusal("DRAFT_SHAPE")
        parse_ratio(ratio)
        (leaf,) = self.requires
        return {
            "id": self.draft,
            "source": leaf.source,
            "code": leaf.code,
            "target": self.target,
            "ratio": ratio,
            "minimum_grade": self.minimum_grade,
            "minimum_level": self.minimum_level,
            "kinds": list(self.kinds),
        }


def drafts_of(
    minute: Minute, outcomes: Mapping[str, tuple[str, OutcomeFacts]]
) -> tuple[RuleDraft, ...]:
    """Return a draft for every question that the panel granted.

    Args:
        outcomes: for every lot its province and its facts, as the panel had them.
    """
    granted = {result.question: result.granted_hundredths for result in minute.results}
    return tuple(
        _draft(minute, question, granted[question.question], outcomes)
        for question in minute.questions
        if granted[question.question]
    )


def _draft(
    minute: Minute,
    question: Question,
    granted_hundredths: int,
    outcomes: Mapping[str, tuple[str, OutcomeFacts]],
) -> RuleDraft:
    return draft_of(
        f"{minute.case}-{question.question}",
        [outcomes[lot] for lot in question.lots],
        minute=minute.digest,
        target=question.target,
        catalogue=question.catalogue,
        granted_hundredths=granted_hundredths,
        offered_hundredths=question.offered_hundredths,
    )


def draft_of(
    name: str,
    outcomes: Sequence[tuple[str, OutcomeFacts]],
    *,
    minute: str,
    target: str,
    catalogue: str,
    granted_hundredths: int,
    offered_hundredths: int,
) -> RuleDraft:
    """Return the draft by which these outcomes, of the provinces named, count as they did."""
    facts = [one for _, one in outcomes]
    marks = [percent(one) for one in facts]
    return RuleDraft(
        draft=name,
        minute=minute,
        requires=tuple(
            DraftLeaf(source=source, issuer=one.issuer, catalogue=one.catalogue, code=one.code)
            for source, one in outcomes
        ),
        target=target,
        catalogue=catalogue,
        granted_hundredths=granted_hundredths,
        ratio=Fraction(granted_hundredths, offered_hundredths),
        # A whole mark that the lowest reached; a fraction of it would be asked of nobody.
        minimum_grade=None
        if None in marks
        else int(min(mark for mark in marks if mark is not None)),
        minimum_level=min(one.level for one in facts) or None,
        kinds=tuple(kind for kind in OUTCOME_KINDS if kind in {one.kind for one in facts}),
    )
