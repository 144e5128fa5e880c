"""Calls to another province: mutual TLS, a deadline on each, the answer opened at the gate."""

from __future__ import annotations

import threading
from collections.abc import Callable

import grpc

from federation.base.errors import Breach, CreditBankError, Unavailable
from federation.protocol.admission import LARGEST_BATCH
from federation.transport.certificates import TlsIdentity, node_host
from federation.transport.gate import Gate, Opened
from federation.trust.members import Member
from federation.v1 import exchange_service_pb2 as service
from federation.wire import strict
from federation.wire.delivery import Arrival, DeliveryOutcome, Disposal, ItemOutcome
from federation.wire.envelope import Batch, batch_from_buffer, batch_to_buffer
from federation.wire.status import error_of

DEADLINE_S = 20.0
SLACK = 256 * 1024
DELIVER = "/federation.v1.ExchangeService/Deliver"
CHANNEL_OPTIONS = [
    ("grpc.max_receive_message_length", LARGEST_BATCH + SLACK),
    ("grpc.max_send_message_length", LARGEST_BATCH + SLACK),
    ("grpc.keepalive_time_ms", 120_000),
    ("grpc.initial_reconnect_backoff_ms", 200),
    ("grpc.max_reconnect_backoff_ms", 5_000),
]


class PeerClient:
    """Delivers batches to members, over one kept channel for each."""

    def __init__(self, gate: Gate, identity: Callable[[], TlsIdentity]) -> None:
        self._gate = gate
        self._identity = identity
        self._channels: dict[tuple[str, str, str, str], grpc.Channel] = {}
        # Of two calls at once, neither may close the channel that the other has just made.
        self._choosing = threading.Lock()

    def deliver(
        self,
        batch: Batch,
        member: Member,
        *,
        is_patient: bool = False,
        deadline_s: float = DEADLINE_S,
    ) -> DeliveryOutcome:
        """Send a batch and return what became of it.

        Args:
            is_patient: wait within the deadline for a connection that just failed to heal, as
                whoever asks only once must; whoever tries again anyway is told at once.

        Raises:
            Unavailable: when the peer did not answer or asks for a retry of the whole batch.
            Breach: when the peer refuses the batch, or its answer is not its own.
        """
        request = strict.spell(service.DeliverRequest(batch=batch_to_buffer(batch)))
        call = self._channel(member).unary_unary(DELIVER, None, None)
        try:
            encoded: bytes = call(request, timeout=deadline_s, wait_for_ready=is_patient)
        except grpc.RpcError as failure:
            raise error_of(failure) from None
        response = strict.parse(service.DeliverResponse, encoded)
        known = all(1 <= one.disposal <= len(Disposal) for one in response.results)
        if len(response.results) != len(batch.items) or not known:
            raise Breach("MALFORMED", detail="results do not match the batch")
        outcomes = tuple(
            ItemOutcome(Disposal(one.disposal), one.reason, one.retry_after_ms)
            for one in response.results
        )
        return DeliveryOutcome(outcomes, self._open_answers(response, member))

    def channel(self, member: Member) -> grpc.Channel:
        """Return the kept channel to a member, for what is no batch."""
        return self._channel(member)

    def close(self) -> None:
        """Close every channel."""
        for channel in self._channels.values():
            channel.close()
        self._channels.clear()

    def _open_answers(
        self, response: service.DeliverResponse, member: Member
    ) -> tuple[Arrival, ...]:
        if not response.HasField("answers"):
            return ()
        opened: list[Opened] = self._gate.open_batch(batch_from_buffer(response.answers), member)
        for one in opened:
            if isinstance(one, Unavailable):
                raise one
        return tuple(one for one in opened if not isinstance(one, CreditBankError))

    def _channel(self, member: Member) -> grpc.Channel:
        identity = self._identity()
        with self._choosing:
            return self._channel_for(member, identity)

    def _channel_for(self, member: Member, identity: TlsIdentity) -> grpc.Channel:
        key = (member.province, member.endpoint, member.tls_ca_pem, identity.certificate_pem)
        known = self._channels.get(key)
        if known is not None:
            return known
        for old in [one for one in self._channels if one[0] == member.province]:
            self._channels.pop(old).close()
        # Only this member's authority is trusted here, so the server is the member or nobody.
        credentials = grpc.ssl_channel_credentials(
            root_certificates=member.tls_ca_pem.encode(),
            private_key=identity.key_pem,
            certificate_chain=identity.certificate_pem.encode(),
        )
        options = [*CHANNEL_OPTIONS, ("grpc.ssl_target_name_override", node_host(member.province))]
        channel = grpc.secure_channel(member.endpoint, credentials, options=options)
        self._channels[key] = channel
        return channel
