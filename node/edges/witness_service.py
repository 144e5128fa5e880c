"""What other provinces call of this node as a witness: members only, bytes until they are known.

A checkpoint proves itself by its owner's signature; who submits it only has to be let in.
"""

from __future__ import annotations

import logging
from collections.abc import Callable

import grpc

from federation.base.errors import CreditBankError, Unavailable
from federation.transport.gate import Gate
from federation.transport.witness_client import ADD_CHECKPOINT, READ_CHECKPOINT, READ_LEAVES
from federation.v1 import witness_service_pb2 as service
from federation.wire import strict
from federation.wire.status import abort
from node.usecases.witnessing import Witnessing

_LOG = logging.getLogger("creditbank.witness")


class WitnessService(grpc.GenericRpcHandler):  # type: ignore[type-arg, unused-ignore]
    """The witness service of a province.

    Args:
        heard_from: called with each member that reached us.
    """

    def __init__(
        self, gate: Gate, witnessing: Witnessing, heard_from: Callable[[str], None]
    ) -> None:
        self._gate = gate
        self._witnessing = witnessing
        self._heard_from = heard_from
        answers: dict[str, Callable[[bytes], bytes]] = {
            ADD_CHECKPOINT: self.add_checkpoint,
            READ_CHECKPOINT: self.read_checkpoint,
            READ_LEAVES: self.read_leaves,
        }
        self._handlers = {
            method: grpc.unary_unary_rpc_method_handler(self._guarded(answer))
            for method, answer in answers.items()
        }

    def service(
        self, handler_call_details: grpc.HandlerCallDetails
    ) -> grpc.RpcMethodHandler | None:  # type: ignore[type-arg, unused-ignore]
        """Return the handler of a method, or None for methods that are not there."""
        return self._handlers.get(handler_call_details.method)

    def add_checkpoint(self, request: bytes) -> bytes:
        """Take a submission and return the answer's bytes."""
        added = self._witnessing.add_checkpoint(request)
        return strict.spell(
            service.AddCheckpointResponse(
                cosignatures=added.cosignatures,
                known_size=added.known.size,
                known_note=added.known.note,
            )
        )

    def read_checkpoint(self, request: bytes) -> bytes:
        """Return what is known of a log."""
        asked = strict.parse(service.ReadCheckpointRequest, request)
        known = self._witnessing.read_checkpoint(asked.origin)
        return strict.spell(
            service.ReadCheckpointResponse(
                note=known.note,
                quorum_note=known.quorum_note,
                mirrored_size=known.mirrored_size,
                incarnation=known.incarnation,
            )
        )

    def read_leaves(self, request: bytes) -> bytes:
        """Return leaves of a log."""
        asked = strict.parse(service.ReadLeavesRequest, request)
        hashes, spends = self._witnessing.read_leaves(asked.origin, asked.start, asked.limit)
        return strict.spell(
            service.ReadLeavesResponse(
                hashes=hashes,
                spends=[
                    service.Spend(
                        nullifier=one.nullifier,
                        log_index=one.log_index,
                        message_hash=one.message_hash,
                    )
                    for one in spends
                ],
            )
        )

    def _guarded(
        self, answer: Callable[[bytes], bytes]
    ) -> Callable[[bytes, grpc.ServicerContext], bytes]:
        def handle(request: bytes, context: grpc.ServicerContext) -> bytes:
            peer = "stranger"
            try:
                certificates = context.auth_context().get("x509_pem_cert")
                certificate = bytes(certificates[0]) if certificates else None
                peer = self._gate.identify(certificate).province
                self._heard_from(peer)
                return answer(request)
            except CreditBankError as error:
                _LOG.warning("refused %s from %s (%s)", error.reason, peer, error.detail)
                abort(context, error)
            except Exception:
                _LOG.exception("a call from %s failed", peer)
                abort(context, Unavailable("INTERNAL"))
            raise AssertionError("abort ends the call")

        return handle
