"""The forms in which a case under review, its questions and experts are kept: canonical JSON."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from typing import Any

from node.domain.canonical import plain, spell
from node.domain.experts import Expert, Parties
from node.domain.panel import Question, Substitute
from node.domain.review_case import ReviewCase, ReviewState, Track


@dataclass(frozen=True, slots=True, kw_only=True)
class Review:
    """A case as it is kept.

    Attributes:
        questions: what is put to whoever decides.
        decision: the minute of the panel, or the reviewers' finding; before, what they propose.
        version: rises with every step.
    """

    case: ReviewCase
    questions: tuple[Question, ...]
    decision: bytes = b""
    version: int = 0


def spell_case(case: ReviewCase) -> bytes:
    """Return a case as it is kept."""
    return spell(_sorted(asdict(case)))


def spell_roster(experts: Iterable[Expert]) -> bytes:
    """Return who could be drawn, as it is kept."""
    return spell(sorted(one.expert for one in experts))


def read_roster(document: bytes) -> frozenset[str]:
    """Return the names of those who could be drawn."""
    return frozenset(json.loads(document))


def read_case(document: bytes) -> ReviewCase:
    """Return the case that was kept."""
    content = json.loads(document)
    parties = content.pop("parties")
    for name in ("teachers", "issuers", "decided_before"):
        parties[name] = frozenset(parties[name])
    back = content.pop("returned_from")
    return ReviewCase(
        **content
        | {
            "parties": Parties(**parties),
            "track": Track(content["track"]),
            "state": ReviewState(content["state"]),
            "members": tuple(content["members"]),
            "substitutes": tuple(Substitute(**one) for one in content.get("substitutes", ())),
            "returned_from": ReviewState(back) if back else None,
        }
    )


def spell_questions(questions: tuple[Question, ...]) -> bytes:
    """Return questions as they are kept."""
    return spell([plain(one) for one in questions])


def read_questions(document: bytes, source: str) -> tuple[Question, ...]:
    """Return the questions that were kept.

    Args:
        source: province of the lots, which cases of old did not name.
    """
    return tuple(
        Question(**one | {"lots": tuple(_named(lot, source) for lot in one["lots"])})
        for one in json.loads(document)
    )


def _named(lot: str, source: str) -> str:
    return lot if ":" in lot else f"{source}:{lot}"


def spell_expert(expert: Expert) -> bytes:
    """Return an expert as kept."""
    return spell(_sorted(asdict(expert)))


def read_expert(document: bytes) -> Expert:
    """Return the expert that was kept."""
    content = json.loads(document)
    content["fields"] = tuple(content["fields"])
    content["interests"] = frozenset(content["interests"])
    return Expert(**content)


def _sorted(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _sorted(one) for name, one in value.items()}
    return sorted(value) if isinstance(value, frozenset | set) else value
