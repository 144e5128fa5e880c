"""Ranks decided cases and candidate targets for outcomes that nobody has decided on yet.

Terms are weighed by BM25: rare terms tell more than common ones, and short names are not drowned
by long ones. A target gains by the like cases that were accepted for it, loses by those refused,
and gains by its own description. Everything is computed here, with no network and no model. The
library and what it brings along are loaded with the first index, so that a node which nobody asks
pays nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from node.domain.precedents import (
    DecidedCase,
    Described,
    RankedTarget,
    SimilarCase,
    Target,
    Verdict,
    overlap_percent,
    reason_of_precedents,
    reasons_between,
    terms,
)

if TYPE_CHECKING:
    from numpy import float64
    from numpy.typing import NDArray

    Numbers = NDArray[float64]

MOST_RANKED = 50
# Measured on real articulations: names are short, so a term twice is hardly worth more than once.
_SATURATION = 0.6
_LENGTH_WEIGHT = 1.0
_LIKE_CASES = 20
_LIKENESS_POWER = 4
_OWN_WEIGHT = 0.5
_SAME_NAME_WEIGHT = 0.3
_LEVEL_WEIGHT = 0.05
_FIELD_WEIGHT = 0.05
_HOURS_WEIGHT = 0.05
_CONTENTS_WEIGHT = 0.1
_DIGITS = 4


class _Texts:
    """An index of descriptions by their names and topics."""

    def __init__(self, described: Iterable[Described]) -> None:
        # Loaded here and not with the module: an idle node does without.
        import bm25s

        corpus = [_indexed(one) for one in described]
        self._size = len(corpus)
        self._known = frozenset(term for document in corpus for term in document)
        # The most that any text scores by a term; filled as terms are asked for.
        self._most: dict[str, float] = {}
        if self._known:
            self._index = bm25s.BM25(k1=_SATURATION, b=_LENGTH_WEIGHT)
            self._index.index(corpus, show_progress=False)

    def likeness(self, asked: Described) -> Numbers:
        """Return a number from 0 to 1 for each text: how much of what is asked for it has."""
        import numpy as np

        wanted = _indexed(asked)
        known = [term for term in wanted if term in self._known]
        if not known:
            return np.zeros(self._size, dtype=np.float64)
        scores: Numbers = np.asarray(self._index.get_scores(known), dtype=np.float64)
        # A term that no text has would have told as much as the others did.
        whole = sum(self._most_for(term) for term in known) * len(wanted) / len(known)
        return scores / whole

    def _most_for(self, term: str) -> float:
        most = self._most.get(term)
        if most is None:
            most = self._most[term] = float(self._index.get_scores([term]).max())
        return most


@dataclass(frozen=True, slots=True)
class _Votes:
    """What like cases say: for each target a weight, and the cases for and against it."""

    weights: dict[int, float]
    accepted: dict[int, list[str]]
    refused: dict[int, list[str]]


class Ranking:
    """Decided cases and targets of a province, indexed; read-only and safe to share.

    Where two rank equally, the case decided later stands first, and of targets the one given
    first.
    """

    def __init__(self, cases: Iterable[DecidedCase], targets: Sequence[Target]) -> None:
        newest = sorted(cases, key=lambda case: case.decided_on, reverse=True)
        self._cases = [(case, one) for case in newest for one in case.outcomes]
        self._targets = tuple(targets)
        self._place = {target.code: at for at, target in enumerate(self._targets)}
        self._named: dict[frozenset[str], list[int]] = {}
        for at, target in enumerate(self._targets):
            self._named.setdefault(_name(target.described), []).append(at)
        self._of_cases = _Texts(one for _, one in self._cases)
        self._of_targets = _Texts(target.described for target in self._targets)
        self._issuers: dict[str, list[int]] = {}
        for at, (case, _) in enumerate(self._cases):
            self._issuers.setdefault(case.issuer, []).append(at)

    def similar(self, asked: Described, *, limit: int = 10) -> tuple[SimilarCase, ...]:
        """Return the decided cases most like an outcome, refusals too, each case once."""
        scores = self._of_cases.likeness(asked)
        found: dict[str, SimilarCase] = {}
        for at in _highest(scores, min(limit, MOST_RANKED) * 2):
            case, outcome = self._cases[at]
            if case.case_id not in found:
                score = round(float(scores[at]), _DIGITS)
                found[case.case_id] = SimilarCase(case, score, reasons_between(asked, outcome))
        return tuple(found.values())[: min(limit, MOST_RANKED)]

    def candidates(
        self, asked: Sequence[Described], *, limit: int = 10
    ) -> tuple[RankedTarget, ...]:
        """Return what outcomes handed in together may count as, best first, with reasons."""
        votes = [self._votes(one, "") for one in asked]
        ranked = []
        for at, score in self._ranked(asked, votes, limit):
            target = self._targets[at]
            accepted = _distinct(name for one in votes for name in one.accepted.get(at, ()))
            refused = _distinct(name for one in votes for name in one.refused.get(at, ()))
            reasons = [why for one in asked for why in reasons_between(one, target.described)]
            of_precedents = reason_of_precedents(len(accepted), len(refused))
            if of_precedents:
                reasons.insert(0, of_precedents)
            number = round(score, _DIGITS)
            ranked.append(RankedTarget(target, number, tuple(reasons), accepted, refused))
        return tuple(ranked)

    def codes(
        self, asked: Sequence[Described], *, limit: int = 10, unseen_issuer: str = ""
    ) -> tuple[str, ...]:
        """Return only the codes of :meth:`candidates`.

        Args:
            asked: outcomes handed in together.
            limit: how many.
            unseen_issuer: an institution whose cases are left out, to measure how it would go
                with one that was never seen before.
        """
        votes = [self._votes(one, unseen_issuer) for one in asked]
        return tuple(self._targets[at].code for at, _ in self._ranked(asked, votes, limit))

    def _ranked(
        self, asked: Sequence[Described], votes: Sequence[_Votes], limit: int
    ) -> list[tuple[int, float]]:
        import numpy as np

        total = np.zeros(len(self._targets), dtype=np.float64)
        for one, voted in zip(asked, votes, strict=True):
            total += _OWN_WEIGHT * self._of_targets.likeness(one)
            for at, weight in voted.weights.items():
                # Refusals take away what like cases gave, and no more: the reviewer shall see
                # a target that fits by its description, with the refusals beside it.
                total[at] += max(0.0, weight)
            total[self._named.get(_name(one), [])] += _SAME_NAME_WEIGHT
        comparable = [one for one in asked if one.level or one.field or one.hours or one.contents]
        for at in map(int, np.flatnonzero(total > 0)) if comparable else ():
            described = self._targets[at].described
            total[at] += sum(_agreement(one, described) for one in comparable)
        return [(at, float(total[at])) for at in _highest(total, min(limit, MOST_RANKED))]

    def _votes(self, asked: Described, unseen_issuer: str) -> _Votes:
        scores = self._of_cases.likeness(asked)
        if unseen_issuer in self._issuers:
            scores[self._issuers[unseen_issuer]] = 0.0
        like = _highest(scores, _LIKE_CASES)
        powers = {at: float(scores[at]) ** _LIKENESS_POWER for at in like}
        # Of cases that are all little alike, the votes count for little.
        share = max((float(scores[at]) for at in like), default=0.0) / (sum(powers.values()) or 1)
        votes = _Votes({}, {}, {})
        for at, power in powers.items():
            case, _ = self._cases[at]
            is_accepted = case.verdict is Verdict.ACCEPT
            for code in case.targets:
                place = self._place.get(code)
                if place is None:
                    continue
                sign = 1 if is_accepted else -1
                votes.weights[place] = votes.weights.get(place, 0.0) + sign * power * share
                named = votes.accepted if is_accepted else votes.refused
                named.setdefault(place, []).append(case.case_id)
        return votes


def _indexed(described: Described) -> list[str]:
    return terms(f"{described.title} {described.topic}")


def _name(described: Described) -> frozenset[str]:
    return frozenset(terms(described.title)) or frozenset({described.title})


def _highest(scores: Numbers, count: int) -> list[int]:
    """Return the places of the highest numbers above 0, of equal ones the first."""
    import numpy as np

    places = np.flatnonzero(scores > 0)
    if len(places) > count > 0:
        least = np.partition(scores[places], -count)[-count]
        places = places[scores[places] >= least]
    ordered = places[np.argsort(-scores[places], kind="stable")]
    return [int(place) for place in ordered[: max(0, count)]]


def _agreement(asked: Described, found: Described) -> float:
    """Return what levels, fields, hours and contents add to a rank; unknown ones add nothing."""
    added = 0.0
    if asked.level and found.level:
        added += _LEVEL_WEIGHT if asked.level >= found.level else -_LEVEL_WEIGHT
    if asked.field and found.field:
        if asked.field == found.field:
            added += _FIELD_WEIGHT
        elif asked.field[:3] != found.field[:3]:
            added -= _FIELD_WEIGHT
    if asked.hours and found.hours:
        added += _HOURS_WEIGHT * min(asked.hours, found.hours) / max(asked.hours, found.hours)
    if asked.contents and found.contents:
        added += _CONTENTS_WEIGHT * overlap_percent(asked.contents, found.contents) / 100
    return added


def _distinct(names: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(names))
