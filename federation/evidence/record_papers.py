"""What a decision record beside a VOTE rests on: the documents that it names by SHA-256.

The record is the deciding province's word. Here it is only read for the digests in it; to judge
again by these documents takes the rule engine, which is no part of verifying.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from federation.base.errors import Breach
from federation.evidence.disclosure import SHOWN, WITHHELD

RULE = "RULE"
CATALOGUE = "CATALOGUE"
MINUTE = "MINUTE"


@dataclass(frozen=True, slots=True)
class PaperLine:
    """One document that a decision rests on.

    Attributes:
        kind: RULE, CATALOGUE or MINUTE.
        name: name and version, or empty for a minute.
        sha256: 64 hexadecimal digits.
        state: ``shown`` where the transcript carries it, else ``withheld``.
    """

    kind: str
    name: str
    sha256: str
    state: str


def named_papers(record: bytes) -> tuple[PaperLine, ...]:
    """List the catalogues and the minute that a record names, whatever else is in it."""
    try:
        given = json.loads(record)["record"]["given"]
        return tuple(_lines(given))
    except (ValueError, KeyError, TypeError, RecursionError):
        return ()


def paper_lines(named: Iterable[PaperLine], documents: Iterable[bytes]) -> tuple[PaperLine, ...]:
    """List the papers named, each with whether it is among the documents."""
    shown = {hashlib.sha256(one).hexdigest() for one in documents}
    return tuple(
        PaperLine(one.kind, one.name, one.sha256, SHOWN if one.sha256 in shown else WITHHELD)
        for one in named
    )


def check_papers(record: bytes, documents: Iterable[bytes]) -> None:
    """Check that every document carried is one that the record names.

    Raises:
        Breach: DOCUMENT_UNNAMED.
    """
    named = {one.sha256 for one in named_papers(record)}
    for one in documents:
        digest = hashlib.sha256(one).hexdigest()
        if digest not in named:
            raise Breach("DOCUMENT_UNNAMED", detail=digest)


def _lines(given: dict[str, Any]) -> Iterator[PaperLine]:
    for one in given["catalogues"]:
        name = f"{one['name']}@{one['version']}"
        yield PaperLine(CATALOGUE, name, str(one["sha256"]), WITHHELD)
    minute = given["authority"]["minute"]
    if minute:
        yield PaperLine(MINUTE, "", str(minute), WITHHELD)
