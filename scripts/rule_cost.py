"""What a decision by rule costs, for rules of any number of entries.

python -m scripts.rule_cost [ENTRIES...]
"""

from __future__ import annotations

import json
import sys
import time

from node.domain.outcomes import PERCENT, OutcomeFacts
from node.domain.rule_conditions import CaseLot
from node.domain.rule_judgement import judge
from node.domain.rule_view import Case
from node.domain.rulebook import Rulebook
from node.domain.rulebook_form import canonical_document, parse_rulebook

_HOME = {"key": "home", "source": "CN-44", "name": "home", "version": "1", "sha256": "0" * 64}
_SENT = {"key": "sent", "source": "CN-33", "name": "sent", "version": "1", "sha256": "1" * 64}
_ON = "2026-06-30"


def rulebook_of(entries: int) -> Rulebook:
    """Return a rule of so many entries, each of two courses of which one has an alternative."""
    content = {
        "rule": "CN-44/cost",
        "version": 1,
        "form": 2,
        "title_zh": "测量",
        "title_en": "For measuring",
        "valid_from": "2025-01-01",
        "example": True,
        "catalogues": [_HOME, _SENT],
        "entries": [_entry(at) for at in range(entries)],
    }
    return parse_rulebook(canonical_document(json.dumps(content).encode()))


def _entry(at: int) -> dict[str, object]:
    courses = [{"course": {"catalogue": "sent", "code": f"{letter}{at}"}} for letter in "ABC"]
    return {
        "id": f"e{at}",
        "requires": {"all": [courses[0], {"any": courses[1:]}]},
        "grants": [{"target": f"T{at}", "catalogue": "home", "ratio": "4/5"}],
    }


def microseconds_per_decision(book: Rulebook, *, decisions: int = 2000) -> float:
    """Return the processor time that a decision takes, in microseconds, spread over the entries."""
    count = len(book.entries)
    cases = [_case(at * 7919 % count) for at in range(decisions)]
    start = time.process_time()
    for case in cases:
        judge(book, case)
    return (time.process_time() - start) / decisions * 1e6


def _case(at: int) -> Case:
    lots = tuple(
        CaseLot(
            lot_id=code,
            source="CN-33",
            facts=OutcomeFacts(
                code=code,
                catalogue="1",
                title=code,
                grade="85",
                scale=PERCENT,
                level=6,
                field="",
                hours=64,
                earned="2024-06-30",
                expires="",
                kind="DEGREE",
                issuer="example",
            ),
            amount_hundredths=400,
        )
        for code in (f"A{at}", f"C{at}")
    )
    return Case(lots, _ON, frozenset({f"T{at}"}))


def main() -> None:
    """Print the cost for each number of entries."""
    for entries in [int(text) for text in sys.argv[1:]] or [500, 50_000]:
        cost = microseconds_per_decision(rulebook_of(entries))
        sys.stdout.write(f"{entries:7d} entries  {cost:8.1f} us of processor time a decision\n")


if __name__ == "__main__":
    main()
