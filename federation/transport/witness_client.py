"""Calls to a witness of logs: a province, or the coordinator.

What comes back is the witness's word: whoever asks verifies every note and cosignature by the
registry before anything follows from it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeVar

import grpc
from google.protobuf.message import Message

from federation.base.errors import Breach
from federation.log.merkle import HASH_SIZE
from federation.log.witness import Spend
from federation.v1 import witness_service_pb2 as service
from federation.wire import strict
from federation.wire.status import error_of

SERVICE = "/federation.v1.WitnessService/"
ADD_CHECKPOINT = f"{SERVICE}AddCheckpoint"
READ_CHECKPOINT = f"{SERVICE}ReadCheckpoint"
READ_LEAVES = f"{SERVICE}ReadLeaves"
DEADLINE_S = 20.0
READ_DEADLINE_S = 10.0
MOST_LEAVES_READ = 4096

Answer = TypeVar("Answer", bound=Message)


@dataclass(frozen=True, slots=True)
class CheckpointKnown:
    """What a witness says it knows of a log; notes are as it sent them.

    Attributes:
        note: the owner's newest checkpoint that the witness met, or empty.
        quorum_note: the newest with a quorum of cosignatures, or empty.
        mirrored_size: how many leaves it can return.
        incarnation: highest incarnation of the owner that it met, or zero.
    """

    note: bytes
    quorum_note: bytes
    mirrored_size: int
    incarnation: int


@dataclass(frozen=True, slots=True)
class Leaves:
    """Leaf hashes of a range of a log, and the lots that its leaves spend."""

    hashes: tuple[bytes, ...]
    spends: tuple[Spend, ...]


@dataclass(frozen=True, slots=True)
class Cosigned:
    """What a witness made of a checkpoint.

    Attributes:
        cosignatures: lines of a signed note; none where the old size was not the witness's.
        known_size: the size that it knows now.
        known_note: the owner's newest checkpoint that it knows, or empty.
    """

    cosignatures: tuple[bytes, ...]
    known_size: int
    known_note: bytes


class WitnessClient:
    """One witness, over a channel that the caller keeps and closes.

    Every method raises Unavailable where no answer came, Breach or Refusal with the witness's
    reason where it refused, and Breach MALFORMED where its answer has not the asked-for form.
    """

    def __init__(self, channel: grpc.Channel) -> None:
        self._channel = channel

    def add_checkpoint(
        self,
        note: bytes,
        *,
        old_size: int,
        proof: Sequence[bytes],
        entries: Sequence[bytes],
        quorum_note: bytes = b"",
        deadline_s: float = DEADLINE_S,
    ) -> Cosigned:
        """Submit a checkpoint with what was logged since ``old_size``."""
        request = service.AddCheckpointRequest(
            note=note, old_size=old_size, proof=proof, entries=entries, quorum_note=quorum_note
        )
        answer = self._call(ADD_CHECKPOINT, request, service.AddCheckpointResponse, deadline_s)
        return Cosigned(tuple(answer.cosignatures), answer.known_size, answer.known_note)

    def read_checkpoint(
        self, origin: str, *, is_patient: bool = False, deadline_s: float = READ_DEADLINE_S
    ) -> CheckpointKnown:
        """Return what the witness knows of a log.

        Args:
            is_patient: wait within the deadline for a connection that just failed to heal.
        """
        request = service.ReadCheckpointRequest(origin=origin)
        answer = self._call(
            READ_CHECKPOINT, request, service.ReadCheckpointResponse, deadline_s, is_patient
        )
        return CheckpointKnown(
            answer.note, answer.quorum_note, answer.mirrored_size, answer.incarnation
        )

    def read_leaves(
        self, origin: str, start: int, limit: int, *, deadline_s: float = READ_DEADLINE_S
    ) -> Leaves:
        """Return at most ``limit`` leaf hashes from an index on."""
        request = service.ReadLeavesRequest(origin=origin, start=start, limit=limit)
        answer = self._call(READ_LEAVES, request, service.ReadLeavesResponse, deadline_s)
        hashes = [*answer.hashes, *(one.nullifier for one in answer.spends)]
        hashes += [one.message_hash for one in answer.spends]
        if len(answer.hashes) > limit or any(len(one) != HASH_SIZE for one in hashes):
            raise Breach("MALFORMED", detail="leaves of another form")
        return Leaves(
            tuple(answer.hashes),
            tuple(Spend(one.nullifier, one.log_index, one.message_hash) for one in answer.spends),
        )

    def _call(
        self,
        method: str,
        request: Message,
        answers: type[Answer],
        deadline_s: float,
        is_patient: bool = False,
    ) -> Answer:
        call = self._channel.unary_unary(method, None, None)
        try:
            encoded: bytes = call(
                strict.spell(request), timeout=deadline_s, wait_for_ready=is_patient
            )
        except grpc.RpcError as failure:
            raise error_of(failure) from None
        return strict.parse(answers, encoded) if encoded else answers()
