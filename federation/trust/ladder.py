"""The ladder: what a node may still do as its registry ages, a pure function of time and view.

One rung after another: first nothing new is trusted, then nothing new begins. What began is never
stopped: VOTE, COMMIT, ABORT, RECEIPT, STATUS and the archive ask nobody's leave, because credits
must not wait for a coordinator.
"""

from __future__ import annotations

from dataclasses import dataclass

from federation.trust.members import MemberKey
from federation.trust.registry import RegistryView

TIMESTAMP_EXPIRED = "TIMESTAMP_EXPIRED"
SNAPSHOT_EXPIRED = "SNAPSHOT_EXPIRED"


@dataclass(frozen=True, slots=True)
class Permissions:
    """What may be done on the word of a view.

    Attributes:
        accepts_new_keys: whether members and keys count that began after the timestamp's end.
        begins_exchanges: whether a new REQUEST or PREPARE may be sent or taken.
        cause: the reason of the lowest rung reached, empty at the top.
    """

    accepts_new_keys: bool
    begins_exchanges: bool
    cause: str


def permits(now_us: int, view: RegistryView) -> Permissions:
    """Return what may be done now; a moment of expiry is already expired, as TUF has it."""
    is_dated = now_us < view.timestamp_expires_us
    is_current = now_us < view.snapshot_expires_us
    late = "" if is_dated else TIMESTAMP_EXPIRED
    return Permissions(
        accepts_new_keys=is_dated and is_current,
        begins_exchanges=is_current,
        cause=late if is_current else SNAPSHOT_EXPIRED,
    )


def accepts_key(key: MemberKey, now_us: int, view: RegistryView) -> bool:
    """Tell whether a key counts; one that began after the timestamp's end may be revoked."""
    return permits(now_us, view).accepts_new_keys or key.valid_from_us < view.timestamp_expires_us
