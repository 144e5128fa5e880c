"""Whether this node may sign: not before it knows that its store is not behind its signatures.

A restored store lacks what the node signed since the backup. Until that is told apart the process
holds (in memory, after every start); once it is known the node is in quarantine (a durable fact,
that every process over the store obeys) until peers have returned what was lost.
"""

from __future__ import annotations

import base64
import json
from dataclasses import dataclass, field, replace
from typing import Protocol

from federation.base.errors import Unavailable
from node.usecases.ports import Reading, Transaction

QUARANTINE = "quarantine"
INCARNATION = "incarnation"
RETRY_MS = 5000

# What is in the way of a quarantine's end.
COLLECTING = "COLLECTING"
UNRECOVERABLE = "LOG_UNRECOVERABLE"
CONFIRMATION = "CONFIRMATION_NEEDED"


class Guard(Protocol):
    """Judges whether this process may sign for a peer."""

    def check(self, peer: str, *, is_answer: bool = False) -> None:
        """Raise Unavailable RECOVERING while it may not."""
        ...


@dataclass(slots=True)
class Hold:
    """Holds this process's signatures after its start; a new or tested store is not held."""

    is_held: bool = False

    def may_sign(self) -> bool:
        """Tell whether the recall at start is over."""
        return not self.is_held


@dataclass(frozen=True, slots=True, kw_only=True)
class Quarantine:
    """The durable fact.

    Attributes:
        cause: what showed it: LOG_AHEAD, LOG_DIFFERS, INCARNATION or SHOWN.
        witness: who showed it.
        note: our own checkpoint that was shown, or empty.
        is_restored: whether log and exchanges are made good, and only people are waited for.
        blocked: what is in the way of its end.
        confirmed: the local accounts that confirmed what was lost.
    """

    cause: str
    witness: str
    since_us: int
    note: bytes = b""
    is_restored: bool = False
    blocked: str = COLLECTING
    silent: tuple[str, ...] = ()
    confirmed: tuple[str, ...] = field(default_factory=tuple)


def recovering() -> Unavailable:
    """Return the answer of a node that may not sign."""
    return Unavailable("RECOVERING", retry_after_ms=RETRY_MS)


def read_quarantine(reading: Reading) -> Quarantine | None:
    """Return the quarantine that this node is in, or None."""
    text = reading.fact(QUARANTINE)
    if not text:
        return None
    values = json.loads(text)
    return Quarantine(
        **values
        | {
            "note": base64.b64decode(values["note"]),
            "silent": tuple(values["silent"]),
            "confirmed": tuple(values["confirmed"]),
        }
    )


def keep_quarantine(tx: Transaction, kept: Quarantine) -> None:
    """Store a quarantine as it stands."""
    values = {name: getattr(kept, name) for name in Quarantine.__slots__}
    tx.set_fact(QUARANTINE, json.dumps(values | {"note": base64.b64encode(kept.note).decode()}))


def enter(tx: Transaction, found: Quarantine, *, heard: int = 0) -> None:
    """Enter quarantine under a new incarnation; what is met in it again changes nothing.

    Args:
        heard: the highest incarnation of ours that anyone reports.
    """
    known = read_quarantine(tx)
    own = int(tx.fact(INCARNATION) or 1)
    if known is not None and heard <= own and not known.is_restored:
        return
    tx.set_fact(INCARNATION, str(max(own, heard) + 1))
    # Whatever was made good and confirmed so far is to be looked at again.
    again = known and replace(known, is_restored=False, blocked=COLLECTING, confirmed=())
    keep_quarantine(tx, again or found)


def leave(tx: Transaction) -> None:
    """End the quarantine."""
    tx.set_fact(QUARANTINE, "")
