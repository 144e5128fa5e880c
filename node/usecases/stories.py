"""How exchanges stand, in a form that both provinces can compare: by the messages that decide.

A PREPARE that its ABORT overtook, or a VOTE that a RECEIPT did, need not have arrived; so what
counts, once there is a COMMIT or an ABORT, is that and the RECEIPT.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence

from federation.protocol.inquiries import BUCKETS, Story
from federation.protocol.messages import MessageType
from node.usecases.recovery_ports import RecoveryReading

_DECIDING = (MessageType.COMMIT, MessageType.ABORT, MessageType.RECEIPT)
_BEFORE = (MessageType.REQUEST, MessageType.PREPARE, MessageType.VOTE)


def stories_of(reading: RecoveryReading, peer: str) -> list[Story]:
    """Return how every exchange with a peer stands, by exchange."""
    known = reading.stories(peer)
    return [Story(exchange_id=name, digest=_digest(known[name])) for name in sorted(known)]


def story_digests(stories: Sequence[Story]) -> tuple[bytes, ...]:
    """Return a digest of each bucket's stories; empty for an empty bucket."""
    buckets: list[list[bytes]] = [[] for _ in range(BUCKETS)]
    for one in stories:
        buckets[one.exchange_id[0]].append(one.exchange_id + one.digest)
    return tuple(hashlib.sha256(b"".join(one)).digest() if one else b"" for one in buckets)


def _digest(hashes: Mapping[MessageType, bytes]) -> bytes:
    told = [hashes[kind] for kind in _DECIDING if kind in hashes]
    told = told or [hashes[kind] for kind in _BEFORE if kind in hashes]
    return hashlib.sha256(b"".join(told)).digest()
