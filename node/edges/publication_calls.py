"""The calls by which systems hand in a document, and both persons' turns at publishing it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from node.edges.local_client import LocalClient
from node.v1 import publication_service_pb2 as pb

SECOND_OPERATOR = "operator-second"
_CHUNK = 256 * 1024


def hand_in(client: LocalClient, kind: str, document: bytes) -> Any:
    """Send a draft and return it as kept."""
    return client.publications.HandIn(_parts(kind, document)).publication


def publish_by_two(first: LocalClient, second: LocalClient, kind: str, document: bytes) -> Any:
    """Hand in, approve and publish as two accounts, and return what is published.

    What was done before is not done again, so that a script broken off may be run anew.
    """
    stands = hand_in(first, kind, document)
    for state, step, person in (("DRAFT", "APPROVE", first), ("APPROVED", "PUBLISH", second)):
        if stands.state == state:
            request = pb.TakeStepRequest(
                kind=kind,
                name=stands.name,
                version=stands.version,
                step=step,
                digest=stands.digest,
            )
            stands = person.publications.TakeStep(request).publication
    return stands


def _parts(kind: str, document: bytes) -> Iterator[pb.HandInRequest]:
    for at in range(0, max(1, len(document)), _CHUNK):
        yield pb.HandInRequest(kind=kind, chunk=document[at : at + _CHUNK])
