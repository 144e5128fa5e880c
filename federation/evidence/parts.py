"""Naming the first part of evidence that fails."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from federation.base.errors import Breach


class PartFailed(Exception):
    """A part of evidence does not hold.

    Attributes:
        part: its name, as ``VOTE: signature``.
        breach: why.
    """

    def __init__(self, name: str, breach: Breach) -> None:
        super().__init__(f"{name}: {breach}")
        self.part = name
        self.breach = breach


@contextmanager
def part(name: str) -> Iterator[None]:
    """Run checks of one part.

    Raises:
        PartFailed: for the first breach among them.
    """
    try:
        yield
    except Breach as breach:
        raise PartFailed(name, breach) from None
