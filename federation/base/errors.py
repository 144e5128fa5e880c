"""The error roots; each carries a stable UPPER_SNAKE reason from ``reasons``.

``detail`` is for the own log of the node that raised it. It never reaches a peer and never
carries a learner's data.
"""

from __future__ import annotations

from enum import StrEnum


class Kind(StrEnum):
    """How an error is answered: the canonical status codes that the catalogue uses."""

    INVALID_ARGUMENT = "INVALID_ARGUMENT"
    UNAUTHENTICATED = "UNAUTHENTICATED"
    PERMISSION_DENIED = "PERMISSION_DENIED"
    FAILED_PRECONDITION = "FAILED_PRECONDITION"
    RESOURCE_EXHAUSTED = "RESOURCE_EXHAUSTED"
    ALREADY_EXISTS = "ALREADY_EXISTS"
    NOT_FOUND = "NOT_FOUND"
    OUT_OF_RANGE = "OUT_OF_RANGE"
    UNAVAILABLE = "UNAVAILABLE"
    UNIMPLEMENTED = "UNIMPLEMENTED"
    INTERNAL = "INTERNAL"


class CreditBankError(Exception):
    """Root of every error that a person or a peer may be told of.

    Attributes:
        reason: the stable name in the catalogue.
        kind: set where this case is answered otherwise than the catalogue's rule.
    """

    def __init__(self, reason: str, *, detail: str = "", kind: Kind | None = None) -> None:
        super().__init__(f"{reason}: {detail}" if detail else reason)
        self.reason = reason
        self.detail = detail
        self.kind = kind


class Breach(CreditBankError):
    """A caller broke a rule of form, trust or protocol; nothing was changed."""


class Refusal(CreditBankError):
    """A caller of the local services asked for what the bank's rules do not allow."""


class Unavailable(CreditBankError):
    """The work cannot be done now and may be tried again.

    Attributes:
        retry_after_ms: shortest sensible wait in milliseconds.
    """

    def __init__(self, reason: str, *, detail: str = "", retry_after_ms: int = 1000) -> None:
        super().__init__(reason, detail=detail)
        self.retry_after_ms = retry_after_ms
