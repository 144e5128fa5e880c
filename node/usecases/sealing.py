"""Seal messages for a peer: after their transaction, and durable before they are sent."""

from __future__ import annotations

from collections.abc import Sequence

from federation.base.errors import Unavailable
from federation.log import merkle, tree
from federation.protocol.inquiries import Message, RefillAnswer, RefillQuery
from federation.signing.keys import Signer
from federation.trust.members import KeyState, Member
from federation.wire import codec
from federation.wire.envelope import (
    WIRE_MAX,
    Batch,
    Item,
    common_version,
    read_statement,
    seal_batch,
)
from node.usecases.office import Office
from node.usecases.ports import LogState, Reading, StoredMessage
from node.usecases.quarantine import INCARNATION, Guard, read_quarantine, recovering

_REFILLS = (RefillQuery, RefillAnswer)


class Sealing:
    """Signs batches with this node's message key of the day.

    A message that waits is sealed again each time it is sent, by whichever key is active then: so
    a live key endorses what one that was revoked since had signed, the payload being the same.

    Nothing is signed while the node is held or in quarantine but what ends the quarantine: the
    question for a refill, and the answer to another's.

    Args:
        signers: the keys this node holds, the oldest first.
        guard: judges whether something may be signed for a peer at all.
    """

    def __init__(
        self, office: Office, signers: Sequence[Signer], guard: Guard | None = None
    ) -> None:
        self._office = office
        self._signers = signers
        self._guard = guard

    def seal(
        self,
        peer: str,
        digests: Sequence[bytes],
        inquiries: Sequence[Message] = (),
        *,
        is_answer: bool = False,
    ) -> Batch:
        """Return stored messages and inquiries as one signed batch, ready to be sent.

        Args:
            is_answer: whether the batch goes back in a call of the peer.

        Raises:
            Unavailable: RETRY while a message is not yet in the log, RECOVERING.
            Breach: VERSION_UNSUPPORTED where the peer speaks no version that we do.
        """
        if not self._office.hold.may_sign():
            raise recovering()
        is_refill = bool(inquiries) and all(isinstance(one, _REFILLS) for one in inquiries)
        if self._guard is not None and not is_refill:
            self._guard.check(peer, is_answer=is_answer)
        batch, unsealed = self._office.store.read(
            lambda reading: self._prepare(reading, peer, digests, inquiries)
        )
        if unsealed:
            self._office.store.transact(lambda tx: tx.record_seals(batch, unsealed))
        return batch

    def sealed(self, digests: Sequence[bytes]) -> Batch:
        """Return stored messages under the signature they once had; nothing is signed.

        Raises:
            Unavailable: RECOVERING where they did not travel alone in one batch.
        """
        stored = self._office.store.read(lambda reading: reading.messages(digests))
        found = [stored[digest].evidence for digest in digests]
        kept = sorted((one for one in found if one), key=lambda one: one.batch_index)
        if len(kept) == len(found) and len({one.seal for one in kept}) == 1:
            statement = read_statement(kept[0].seal.statement)
            items = tuple(one.item for one in kept)
            root = merkle.tree_root([item.digest for item in items])
            if statement.size == len(items) and statement.root == root:
                return Batch(kept[0].seal, items)
        raise recovering()

    def _prepare(
        self, reading: Reading, peer: str, digests: Sequence[bytes], inquiries: Sequence[Message]
    ) -> tuple[Batch, list[bytes]]:
        is_refill = bool(inquiries) and all(isinstance(one, _REFILLS) for one in inquiries)
        if not is_refill and read_quarantine(reading) is not None:
            raise recovering()
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
