"""A row of the catalogue of bad input."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Row:
    """A row of the catalogue.

    Attributes:
        shown_by: file and test; without a test, whatever in that file speaks of the reason.
    """

    bad_input: str
    reason: str
    shown_by: tuple[tuple[str, str], ...]
