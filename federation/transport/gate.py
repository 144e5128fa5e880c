"""The one door: open what arrives, seal what leaves.

Order of trust for what arrives: TLS identity, membership, size and canonical form of the envelope,
signature over the statement as received, the messages' hashes under it, the sender's checkpoint;
then, each by itself, form, parties, key time, log place and openings of every message. A stranger
learns nothing but that it is no member.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from federation.base.clock import Clock
from federation.base.errors import Breach, CreditBankError, Unavailable
from federation.log import merkle
from federation.log.checkpoint import Checkpoint
from federation.protocol.admission import (
    LARGEST_BATCH,
    LARGEST_PAYLOAD,
    LARGEST_REFILL,
    admit,
    check_detached,
    check_parties,
)
from federation.protocol.messages import INQUIRIES, MessageType, Prepare
from federation.transport.certificates import is_issued_by, read_caller
from federation.trust.ladder import TIMESTAMP_EXPIRED, accepts_key
from federation.trust.members import Member, MemberKey, MemberStatus
from federation.trust.registry import RegistryView
from federation.v1.exchange_service_pb2 import DeliverRequest
from federation.wire import codec, proof, strict
from federation.wire.delivery import Arrival
from federation.wire.envelope import (
    WIRE_MAX,
    WIRE_MIN,
    Batch,
    Evidence,
    Statement,
    batch_from_buffer,
)

MOST_ITEMS = 256
# Fields of a call besides its items: the batch, its statement, signature and checkpoint.
OTHER_FIELDS = 4
# Checkpoints remembered; a batch speaks of two as a rule.
MOST_CHECKPOINTS = 64

Opened = Arrival | CreditBankError
View = Callable[[], RegistryView]


class Gate:
    """Opens batches for one province.

    Args:
        province: whose door it is.
        view: returns the registry as verified last.
        clock: judges the freshness of REQUEST and of inquiries only.
    """

    def __init__(self, province: str, view: View, clock: Clock) -> None:
        self._province = province
        self._view = view
        self._clock = clock
        self._callers: dict[tuple[bytes, str], str] = {}
        self._checkpoints: dict[bytes, tuple[Member, Checkpoint]] = {}

    def identify(self, certificate: bytes | None) -> Member:
        """Return the active member that a TLS certificate speaks for.

        Raises:
            Breach: NOT_MEMBER for everyone who is none, SUSPENDED for one who is not active.
        """
        member = self._member_of(certificate)
        if member.status is not MemberStatus.ACTIVE:
            raise Breach("SUSPENDED" if member.status is MemberStatus.SUSPENDED else "NOT_MEMBER")
        return member

    def open_request(self, encoded: bytes, sender: Member) -> list[Opened]:
        """Return what a call of a member holds, each message or why it is refused.

        Raises:
            Breach: where the envelope as a whole is refused.
        """
        if len(encoded) > LARGEST_BATCH:
            raise Breach("TOO_LARGE")
        strict.check_breadth(encoded, most=MOST_ITEMS + OTHER_FIELDS)
        return self.open_batch(
            batch_from_buffer(strict.parse(DeliverRequest, encoded).batch), sender
        )

    def open_batch(self, batch: Batch, sender: Member) -> list[Opened]:
        """Return what a batch of a member holds, each message or why it is refused.

        Raises:
            Breach: where the batch as a whole is refused.
        """
        if len(batch.items) > MOST_ITEMS:
            raise Breach("TOO_MANY_ITEMS")
        self._check_signer(batch.seal.keyid, sender)
        statement, key = proof.check_seal(batch.seal, sender)
        self._check_statement(statement, batch, sender)
        checkpoint = self._open_checkpoint(batch, sender)
        return [
            self._open_item(evidence, statement, sender, key, checkpoint)
            for evidence in batch.evidence()
        ]

    def _member_of(self, certificate: bytes | None) -> Member:
        if certificate is None:
            raise Breach("NOT_MEMBER")
        try:
            caller = read_caller(certificate)
        except CreditBankError:
            raise Breach("NOT_MEMBER") from None
        member = self._view().members.get(caller.province)
        if member is None or caller.service is not None:
            raise Breach("NOT_MEMBER")
        known = (certificate, member.tls_ca_pem)
        if known not in self._callers:
            if not is_issued_by(certificate, member.tls_ca_pem):
                raise Breach("NOT_MEMBER")
            if len(self._callers) > 1024:
                self._callers.clear()
            self._callers[known] = member.province
        return member

    def _check_signer(self, keyid: str, sender: Member) -> None:
        if sender.find_key(keyid, "message") is not None:
            return
        others = self._view().members.values()
        if any(other.find_key(keyid, "message") is not None for other in others):
            raise Breach("IDENTITY_MISMATCH")

    def _check_statement(self, statement: Statement, batch: Batch, sender: Member) -> None:
        if not WIRE_MIN <= statement.wire_version <= WIRE_MAX:
            raise Breach("VERSION_UNSUPPORTED")
        if statement.src != sender.province:
            raise Breach("IDENTITY_MISMATCH")
        if statement.dst == statement.src:
            raise Breach("SELF_TRANSFER")
        if statement.dst != self._province:
            raise Breach("WRONG_DESTINATION")
        root = merkle.tree_root([item.digest for item in batch.items])
        if statement.size != len(batch.items) or statement.root != root:
            raise Breach("SIGNATURE_INVALID", detail="messages are not those signed")

    def _open_checkpoint(self, batch: Batch, sender: Member) -> Checkpoint | None:
        if all(item.type in INQUIRIES for item in batch.items):
            return None
        return self._checkpoint(batch.seal.checkpoint, sender)

    def _checkpoint(self, note: bytes, member: Member) -> Checkpoint:
        """Return a member's checkpoint; messages made together speak of one, judged once.

        Raises:
            Breach: CHECKPOINT_INVALID or KEY_REVOKED.
        """
        known, checkpoint = self._checkpoints.get(note, (None, None))
        # Another view of the registry has other members, whose keys may be revoked by now.
        if known is not member or checkpoint is None:
            checkpoint = proof.open_log_checkpoint(note, member)
            if len(self._checkpoints) >= MOST_CHECKPOINTS:
                self._checkpoints.clear()
            self._checkpoints[note] = (member, checkpoint)
        return checkpoint

    def _open_item(
        self,
        evidence: Evidence,
        statement: Statement,
        sender: Member,
        key: MemberKey,
        checkpoint: Checkpoint | None,
    ) -> Opened:
        item = evidence.item
        try:
            if (
                len(item.payload) > _largest_payload(item.type)
                or len(item.openings) > LARGEST_PAYLOAD
            ):
                raise Breach("TOO_LARGE")
            message = codec.decode(item.type, item.payload)
            header = message.header
            check_parties(header, src=statement.src, dst=statement.dst)
            admit(message, now_us=self._clock.now_us())
            if not accepts_key(key, self._clock.now_us(), self._view()):
                raise Unavailable(TIMESTAMP_EXPIRED)
            # An inquiry stands in no log, so no place can show it to be older than a revocation.
            index = -1 if item.type in INQUIRIES else item.log_index
            proof.check_key_time(key, signed_us=header.signed_time_us, log_index=index)
            if checkpoint is not None:
                proof.check_logged(item, message, checkpoint)
            openings = codec.decode_openings(item.openings)
            check_detached(message, openings)
            if isinstance(message, Prepare):
                proof.check_deposits(message, self._checkpoint(message.checkpoint, sender))
            if header.registry_version > self._view().version:
                raise Unavailable("REGISTRY_NEWER")
        except CreditBankError as error:
            return error
        return Arrival(message, evidence, item.digest, openings, statement.incarnation)


def _largest_payload(kind: str) -> int:
    return LARGEST_REFILL if kind == MessageType.REFILL_ANSWER else LARGEST_PAYLOAD


def certificates_of(members: Sequence[Member]) -> bytes:
    """Return the bundle of authorities that a server accepts callers from."""
    return "".join(member.tls_ca_pem for member in members).encode()
