"""The coordinator as a witness of every province's log, for anybody: a checkpoint proves itself."""

from __future__ import annotations

import logging
from collections.abc import Callable

import grpc

from federation.base.clock import SECOND, Clock
from federation.base.errors import Breach, Unavailable
from federation.coordinator.answers import answering
from federation.coordinator.mirrors import StoredMisconduct
from federation.coordinator.office import Office
from federation.coordinator.publication import current_view
from federation.coordinator.store import Books
from federation.evidence.misconduct import Misconduct, convict, encode, origin_province
from federation.evidence.parts import PartFailed
from federation.evidence.witnessing import receive, take
from federation.log.cosignature import COORDINATOR, cosign
from federation.log.note import parse_note
from federation.signing.keys import Signer
from federation.trust.registry import RegistryView
from federation.v1 import witness_service_pb2 as messages
from federation.wire import strict

MOST_LEAVES_READ = 4096
SERVICE = "federation.v1.WitnessService"
_log = logging.getLogger(__name__)


class WitnessService(grpc.GenericRpcHandler):  # type: ignore[type-arg, unused-ignore]
    """Verifies, keeps and cosigns; requests are raw bytes until their breadth was checked.

    Args:
        signer: the coordinator's witness key, which its record in the registry names.
    """

    def __init__(self, office: Office, signer: Signer, clock: Clock) -> None:
        self._office = office
        self._signer = signer
        self._clock = clock
        self._view: tuple[tuple[int, ...], RegistryView] | None = None
        answers: dict[str, Callable[[bytes], bytes]] = {
            "AddCheckpoint": self.add_checkpoint,
            "ReadCheckpoint": self.read_checkpoint,
            "ReadLeaves": self.read_leaves,
        }
        self._handlers = {
            f"/{SERVICE}/{name}": grpc.unary_unary_rpc_method_handler(_guarded(answer))
            for name, answer in answers.items()
        }

    def service(
        self, handler_call_details: grpc.HandlerCallDetails
    ) -> grpc.RpcMethodHandler | None:  # type: ignore[type-arg, unused-ignore]
        """Return the handler of a method, or None for methods that are not there."""
        return self._handlers.get(handler_call_details.method)

    def add_checkpoint(self, request: bytes) -> bytes:
        """Take a submission, and cosign what was durably kept.

        Raises:
            Unavailable: REGISTRY_MISSING before the first publication.
            Breach: as :func:`federation.evidence.witnessing.receive`; PROOF_INVALID, EQUIVOCATION,
                LOG_ROLLBACK or DOUBLE_GRANT.
        """
        view = self._current()
        received = receive(request, view)
        now_us = self._clock.now_us()
        with self._office.store.writing() as books:
            taken = take(books, received, now_us=now_us)
            if taken.proof is not None:
                _keep(books, taken.proof, view, now_us)
        if taken.error is not None:
            raise taken.error
        lines = []
        if taken.is_cosigned:
            text = parse_note(received.submission.note).text
            lines.append(
                cosign(text, witness=COORDINATOR, signer=self._signer, time_s=now_us // SECOND)
            )
        return strict.spell(
            messages.AddCheckpointResponse(
                cosignatures=lines, known_size=taken.known.size, known_note=taken.known.note
            )
        )

    def read_checkpoint(self, request: bytes) -> bytes:
        """Return what is known of a log."""
        asked = strict.parse(messages.ReadCheckpointRequest, request)
        origin_province(asked.origin)
        with self._office.store.reading() as books:
            known = books.known_log(asked.origin)
        return strict.spell(
            messages.ReadCheckpointResponse(
                note=known.note, quorum_note=known.quorum_note, mirrored_size=known.size
            )
        )

    def read_leaves(self, request: bytes) -> bytes:
        """Return leaves of a log.

        Raises:
            Breach: TOO_MANY_ITEMS above 4096 leaves at once.
        """
        asked = strict.parse(messages.ReadLeavesRequest, request)
        if not 0 < asked.limit <= MOST_LEAVES_READ:
            raise Breach("TOO_MANY_ITEMS")
        with self._office.store.reading() as books:
            hashes = books.mirrored_hashes(asked.origin, asked.start, asked.limit)
            spends = books.spends_in(asked.origin, asked.start, asked.start + len(hashes))
        return strict.spell(
            messages.ReadLeavesResponse(
                hashes=hashes,
                spends=[
                    messages.Spend(
                        nullifier=one.nullifier,
                        log_index=one.log_index,
                        message_hash=one.message_hash,
                    )
                    for one in spends
                ],
            )
        )

    def _current(self) -> RegistryView:
        """Return what is published, verified again only when something new is."""
        with self._office.store.reading() as books:
            newest = [books.newest(role) for role in ("root", "snapshot")]
            if newest[0] is None or newest[1] is None:
                raise Unavailable("REGISTRY_MISSING")
            versions = tuple(one.version for one in newest if one is not None)
            if self._view is None or self._view[0] != versions:
                view = current_view(books)
                if view is None:
                    raise Unavailable("REGISTRY_MISSING")
                self._view = (versions, view)
            return self._view[1]


def _keep(books: Books, proof: Misconduct, view: RegistryView, now_us: int) -> None:
    try:
        convicted = convict(proof, view)
    except PartFailed as failed:
        _log.warning("a contradiction that proves nothing to others: %s", failed)
        return
    kept = books.keep_misconduct(
        StoredMisconduct(
            digest=convicted.digest,
            province=convicted.province,
            kind=convicted.kind.value,
            document=encode(proof),
            seen_us=now_us,
        )
    )
    if kept:
        _log.error("%s: %s proven", convicted.province, convicted.kind.value)


def _guarded(answer: Callable[[bytes], bytes]) -> Callable[[bytes, grpc.ServicerContext], bytes]:
    def handle(request: bytes, context: grpc.ServicerContext) -> bytes:
        with answering(context):
            return answer(request)
        raise AssertionError("abort() raises")

    return handle
