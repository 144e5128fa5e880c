"""Seal messages for a peer: after their transaction, and durable before they are sent."""

from __future__ import annotations

from collections.abc import Sequence

from federation.base.errors import Unavailable
from federation.log import tree
from federation.protocol.inquiries import Message
from federation.signing.keys import Signer
from federation.trust.members import KeyState, Member
from federation.wire import codec
from federation.wire.envelope import WIRE_MAX, Batch, Item, common_version, seal_batch
from node.usecases.office import Office
from node.usecases.ports import LogState, Reading, StoredMessage

INCARNATION = "incarnation"


class Sealing:
    """Signs batches with this node's message key of the day.

    A message that waits is sealed again each time it is sent, by whichever key is active then: so
    a live key endorses what one that was revoked since had signed, the payload being the same.

    Args:
        signers: the keys this node holds, the oldest first.
    """

    def __init__(self, office: Office, signers: Sequence[Signer]) -> None:
        self._office = office
        self._signers = signers

    def seal(self, peer: str, digests: Sequence[bytes], inquiries: Sequence[Message] = ()) -> Batch:
        """Return stored messages and inquiries as one signed batch, ready to be sent.

        Raises:
            Unavailable: RETRY while a message is not yet in the log.
            Breach: VERSION_UNSUPPORTED where the peer speaks no version that we do.
        """
        batch, unsealed = self._office.store.read(
            lambda reading: self._prepare(reading, peer, digests, inquiries)
        )
        if unsealed:
            self._office.store.transact(lambda tx: tx.record_seals(batch, unsealed))
        return batch

    def _prepare(
        self, reading: Reading, peer: str, digests: Sequence[bytes], inquiries: Sequence[Message]
    ) -> tuple[Batch, list[bytes]]:
        stored = reading.messages(digests)
        messages = [stored[digest] for digest in digests]
        if any(message.log_index < 0 for message in messages):
            raise Unavailable("RETRY")
        state = reading.log_state()
        items = [*_items(reading, state, messages), *map(_inquiry_item, inquiries)]
        batch = seal_batch(
            items,
            src=self._office.province,
            dst=peer,
            wire_version=self._version_for(peer),
            incarnation=int(reading.fact(INCARNATION) or 1),
            signer=self.signer(),
            checkpoint=state.note if messages else b"",
        )
        return batch, [message.digest for message in messages if self._needs_seal(message)]

    def _version_for(self, peer: str) -> int:
        try:
            member = self._office.registry.view().members.get(peer)
        except Unavailable:
            member = None
        return common_version(member.wire_min, member.wire_max) if member else WIRE_MAX

    def signer(self) -> Signer:
        """Return the newest key that the registry has active; the oldest before it lists any."""
        member, now_us = self._member(), self._office.clock.now_us()
        for signer in reversed(self._signers):
            key = member.find_key(signer.public.keyid, "message") if member else None
            if key is not None and key.state_at(now_us) is KeyState.ACTIVE:
                return signer
        return self._signers[0]

    def _needs_seal(self, message: StoredMessage) -> bool:
        """Tell whether the kept signature is none that will prove the message later."""
        member = self._member()
        if message.evidence is None or member is None:
            return message.evidence is None
        key = member.find_key(message.evidence.seal.keyid, "message")
        return key is not None and not key.covers(message.log_index)

    def _member(self) -> Member | None:
        try:
            return self._office.registry.view().members.get(self._office.province)
        except Unavailable:
            return None


def _items(reading: Reading, state: LogState, messages: Sequence[StoredMessage]) -> list[Item]:
    size, order = state.checkpoint.size, [message.log_index for message in messages]
    nodes = reading.log_nodes(tree.addresses_for(order, size)) if order else {}
    proofs = tree.inclusion_proofs(order, size, nodes)
    return [
        Item(
            type=message.type,
            payload=message.payload,
            openings=message.openings,
            log_index=message.log_index,
            log_proof=tuple(proof),
        )
        for message, proof in zip(messages, proofs, strict=True)
    ]


def _inquiry_item(message: Message) -> Item:
    kind, payload = codec.encode(message)
    return Item(type=kind.value, payload=payload)
