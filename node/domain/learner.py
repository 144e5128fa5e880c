"""Learners and the one-time codes that prove that two accounts are one person's."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Learner:
    """A learner's account.

    Attributes:
        account: account number.
        name: as received; empty once erased.
        document_type: kind of the document; empty once erased.
        document: its number, sealed; empty once erased.
        blind_index: keyed hash by which the document is found; empty once erased.
        opened_us: UTC microseconds.
        erased_us: UTC microseconds, or zero.
    """

    account: str
    name: str
    document_type: str
    document: bytes
    blind_index: bytes
    opened_us: int
    erased_us: int = 0

    @property
    def is_erased(self) -> bool:
        """Whether the learner's values are gone."""
        return self.erased_us != 0


@dataclass(frozen=True, slots=True, kw_only=True)
class LearnerReference:
    """By which name a system of the province knows a learner."""

    source: str
    reference: str
    account: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TransferCode:
    """A code issued here for use in an application at a peer; only its hash is kept.

    Attributes:
        digest: hash of the code.
        peer: the province where it may be used.
        expires_us: UTC microseconds.
        used_by: the exchange that used it, or empty.
    """

    digest: bytes
    account: str
    peer: str
    reference: str
    expires_us: int
    used_by: bytes = b""

    def may_serve(self, *, peer: str, exchange_id: bytes, now_us: int) -> bool:
        """Tell whether the code proves the link for this exchange with this peer."""
        return (
            self.peer == peer
            and self.used_by in (b"", exchange_id)
            and (now_us <= self.expires_us or self.used_by == exchange_id)
        )
