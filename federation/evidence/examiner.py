"""One message of a transcript by itself: who signed it, in what form, and where it is logged."""

from __future__ import annotations

from dataclasses import dataclass
from typing import cast

from federation.base.errors import Breach
from federation.evidence.disclosure import check_erased, open_detached
from federation.evidence.parts import part
from federation.evidence.transcript import ORDER, Link
from federation.log.checkpoint import Checkpoint
from federation.log.note import key_hash, parse_note
from federation.protocol.admission import LARGEST_PAYLOAD, admit, check_parties
from federation.protocol.commitments import Openings
from federation.protocol.messages import ExchangeMessage, MessageType, Prepare
from federation.trust.members import Member, MemberKey
from federation.trust.registry import RegistryView
from federation.wire import codec, proof
from federation.wire.entries import origin_of
from federation.wire.envelope import Evidence, Statement, read_statement

WIRE_VERSIONS = range(1, 2)


@dataclass(frozen=True, slots=True, kw_only=True)
class Proven:
    """A message that is its sender's, in form, and in its sender's log.

    Attributes:
        digest: the hash that later messages name as their cause.
        keyid: the registered key that signed.
        checkpoint: the sender's checkpoint that the message was sent under.
        openings: what is shown of it.
        is_erased: the exporter's word that there is nothing left to show.
    """

    kind: MessageType
    message: ExchangeMessage
    digest: bytes
    evidence: Evidence
    keyid: str
    checkpoint: Checkpoint
    openings: Openings
    is_erased: bool


class Examiner:
    """Examines messages under one registry; a checkpoint met again is not verified again."""

    def __init__(self, view: RegistryView) -> None:
        self._view = view
        self._checkpoints: dict[tuple[str, bytes], Checkpoint] = {}

    @property
    def view(self) -> RegistryView:
        """The registry by which everything is examined."""
        return self._view

    def examine(self, link: Link, position: int) -> Proven:
        """Return the message of a link.

        Raises:
            PartFailed: naming message and part, as ``VOTE: signature``.
        """
        evidence = link.evidence
        with part(f"message {position}: type"):
            kind = _kind(evidence.item.type)
        with part(f"{kind.name}: size"):
            _check_size(link)
        with part(f"{kind.name}: signature"):
            member = self.member(read_statement(evidence.seal.statement).src)
            statement, key = proof.check_seal(evidence.seal, member)
        with part(f"{kind.name}: batch"):
            _check_version(statement)
            digest = proof.check_place(evidence, statement)
        message = self._read(kind, evidence, statement)
        checkpoint = self._find_in_log(kind, evidence, message, member, key)
        with part(f"{kind.name}: openings"):
            openings = open_detached(message, link.openings)
            if link.is_erased:
                check_erased(message, link.openings)
        return Proven(
            kind=kind,
            message=message,
            digest=digest,
            evidence=evidence,
            keyid=key.key.keyid,
            checkpoint=checkpoint,
            openings=openings,
            is_erased=link.is_erased,
        )

    def member(self, province: str) -> Member:
        """Return a member, whatever its standing today.

        Raises:
            Breach: NOT_MEMBER.
        """
        member = self._view.members.get(province)
        if member is None:
            raise Breach("NOT_MEMBER")
        return member

    def open_checkpoint(self, note: bytes, member: Member) -> Checkpoint:
        """Return a checkpoint that nobody but the log's owner signed.

        Raises:
            Breach: CHECKPOINT_INVALID or KEY_REVOKED.
        """
        known = self._checkpoints.get((member.province, note))
        if known is None:
            known = proof.open_log_checkpoint(note, member)
            _check_signers(note, known, member)
            self._checkpoints[member.province, note] = known
        return known

    def _read(self, kind: MessageType, evidence: Evidence, statement: Statement) -> ExchangeMessage:
        with part(f"{kind.name}: form"):
            message = codec.decode(kind.value, evidence.item.payload)
            header = message.header
            check_parties(header, src=statement.src, dst=statement.dst)
            self.member(header.dst)
            # Freshness was for the receiver to judge on arrival; here each stands in its time.
            admit(message, now_us=header.signed_time_us)
            if not 1 <= header.registry_version <= self._view.version:
                raise Breach("REGISTRY_NEWER", detail=str(header.registry_version))
        return cast(ExchangeMessage, message)

    def _find_in_log(
        self,
        kind: MessageType,
        evidence: Evidence,
        message: ExchangeMessage,
        member: Member,
        key: MemberKey,
    ) -> Checkpoint:
        item = evidence.item
        with part(f"{kind.name}: key"):
            signed_us = message.header.signed_time_us
            proof.check_key_time(key, signed_us=signed_us, log_index=item.log_index)
        with part(f"{kind.name}: log"):
            checkpoint = self.open_checkpoint(evidence.seal.checkpoint, member)
            proof.check_logged(item, message, checkpoint)
        if isinstance(message, Prepare):
            with part(f"{kind.name}: deposits"):
                deposited = proof.open_log_checkpoint(message.checkpoint, member)
                proof.check_deposits(message, deposited)
        return checkpoint


def _kind(message_type: str) -> MessageType:
    for kind in ORDER:
        if kind.value == message_type:
            return kind
    raise Breach("TYPE_UNKNOWN")


def _check_size(link: Link) -> None:
    if max(len(link.evidence.item.payload), len(link.openings)) > LARGEST_PAYLOAD:
        raise Breach("TOO_LARGE")


def _check_version(statement: Statement) -> None:
    if statement.wire_version not in WIRE_VERSIONS:
        raise Breach("VERSION_UNSUPPORTED")


def _check_signers(note: bytes, checkpoint: Checkpoint, member: Member) -> None:
    """Lines by strangers would be bytes that nothing vouches for."""
    origin = origin_of(member.province)
    owned = {key_hash(origin, one.key): one for one in member.keys if one.use == "log"}
    for line in parse_note(note).signatures:
        key = owned.get(line.key_hash)
        if line.name != origin or key is None:
            raise Breach("CHECKPOINT_INVALID", detail="a signature by another")
        if key.revoked_log_size is not None and checkpoint.size > key.revoked_log_size:
            raise Breach("KEY_REVOKED", detail="key of the log")
