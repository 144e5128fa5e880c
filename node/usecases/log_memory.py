"""Our log as others remember it: leaf hashes to continue it, put together and checked by its root.

Sources, the surest first: our own messages that came back, what their proofs show beside them, and
leaf hashes that witnesses keep. Whoever lies about one does not arrive at a root that we signed.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from federation.base.errors import Breach, CreditBankError
from federation.log import tree
from federation.log.checkpoint import Checkpoint
from federation.log.merkle import leaf_hash
from federation.protocol.messages import TYPE_OF, ExchangeMessage, Prepare
from federation.wire import codec
from federation.wire.entries import deposit_leaf, message_entry, origin_of
from node.usecases.own_signatures import OwnSignatures
from node.usecases.ports import Reading, StoredMessage
from node.usecases.quarantine import UNRECOVERABLE
from node.usecases.recall import Recall
from node.usecases.recovery_ports import SpendKnown, Witness

PAGE = 4096


@dataclass(frozen=True, slots=True)
class Remembered:
    """What witnesses remember of our log.

    Attributes:
        notes: checkpoints that we signed, with the bytes.
        leaves: for each witness its leaf hashes by index, from our log's size on.
        spends: lots that leaves beyond our log's size spend.
    """

    notes: tuple[tuple[Checkpoint, bytes], ...]
    leaves: tuple[Mapping[int, bytes], ...]
    spends: tuple[SpendKnown, ...]


def remember(recall: Recall, own: OwnSignatures, province: str, first: int) -> Remembered:
    """Ask all who answer for what they remember from an index on."""
    notes: list[tuple[Checkpoint, bytes]] = []
    leaves: list[Mapping[int, bytes]] = []
    spends: dict[bytes, SpendKnown] = {}
    for witness, known in recall.known():
        for note in (known.note, known.quorum_note):
            if (checkpoint := own.open_note(note)) is not None:
                notes.append((checkpoint, note))
        try:
            hashes, spent = _read_leaves(witness, province, first, known.mirrored_size)
        except CreditBankError:
            continue
        leaves.append(hashes)
        spends.update({one.nullifier: one for one in spent if one.log_index >= first})
    return Remembered(tuple(notes), tuple(leaves), tuple(spends.values()))


def _read_leaves(
    witness: Witness, province: str, first: int, size: int
) -> tuple[dict[int, bytes], list[SpendKnown]]:
    hashes: dict[int, bytes] = {}
    spends: list[SpendKnown] = []
    at = first
    while at < size:
        page = witness.read_leaves(origin_of(province), at, min(PAGE, size - at))
        if not page.hashes:
            break
        hashes.update({at + offset: value for offset, value in enumerate(page.hashes)})
        spends += page.spends
        at += len(page.hashes)
    return hashes, spends


def continuation(
    reading: Reading,
    remembered: Remembered,
    own: OwnSignatures,
    refilled: Sequence[StoredMessage],
    shown: bytes,
) -> tuple[list[bytes], Checkpoint, bytes] | None:
    """Return the leaf hashes up to the highest checkpoint that anyone saw, with its note.

    Args:
        refilled: our own messages that came back.
        shown: the checkpoint that showed that we were restored, or empty.

    Returns:
        None where nobody saw more of our log than is here.

    Raises:
        Breach: LOG_UNRECOVERABLE where leaves are missing, or where we signed two histories.
    """
    notes = [*remembered.notes]
    for note in {shown, *(one.evidence.seal.checkpoint for one in refilled if one.evidence)}:
        if (checkpoint := own.open_note(note)) is not None:
            notes.append((checkpoint, note))
    state = reading.log_state().checkpoint
    highest, note = max(notes, key=lambda one: one[0].size, default=(state, b""))
    frontier = reading.log_nodes(tree.frontier_addresses(state.size))
    proven = _proven(refilled)
    hashes: list[bytes] = []
    grown = tree.append([], first_index=state.size, nodes=frontier)
    if highest.size > state.size:
        hashes, grown = _fitting(highest, state.size, frontier, remembered.leaves, proven)
    _check_history(reading, notes, grown)
    return (hashes, highest, note) if hashes else None


def _fitting(
    target: Checkpoint,
    first: int,
    frontier: tree.Nodes,
    leaves: Sequence[Mapping[int, bytes]],
    proven: Mapping[int, bytes],
) -> tuple[list[bytes], tree.Growth]:
    """Try what each witness says, completed by the others, until the root is the one signed."""
    union = {at: value for one in leaves for at, value in one.items()}
    for said in (*leaves, {}):
        known = {**union, **said, **proven}
        if not all(at in known for at in range(first, target.size)):
            continue
        hashes = [known[at] for at in range(first, target.size)]
        grown = tree.append(hashes, first_index=first, nodes=frontier)
        if grown.root == target.root:
            return hashes, grown
    raise Breach(UNRECOVERABLE, detail=f"leaves {first} to {target.size}")


def _check_history(
    reading: Reading, notes: Iterable[tuple[Checkpoint, bytes]], grown: tree.Growth
) -> None:
    """Check that every checkpoint we ever signed, as far as seen, is of this one history."""
    fresh = {(level, place): value for level, place, value in grown.nodes}
    for checkpoint, _ in notes:
        addresses = tree.frontier_addresses(checkpoint.size)
        stored = reading.log_nodes([one for one in addresses if one not in fresh])
        if tree.root_at(checkpoint.size, {**stored, **fresh}) != checkpoint.root:
            raise Breach(UNRECOVERABLE, detail=f"two histories at {checkpoint.size}")


def _proven(refilled: Sequence[StoredMessage]) -> dict[int, bytes]:
    """Return the leaves that messages which came back prove: their own and those beside them."""
    found: dict[int, bytes] = {}
    for one in refilled:
        message = codec.decode(one.type, one.payload)
        if one.evidence is None or not isinstance(message, ExchangeMessage):
            continue
        item = one.evidence.item
        entry = message_entry(TYPE_OF[type(message)], one.digest, message)
        size = _size(one.evidence.seal.checkpoint)
        found[item.log_index] = leaf_hash(entry)
        found.update(_siblings(item.log_index, size, item.log_proof))
        if isinstance(message, Prepare):
            size = _size(message.checkpoint)
            for lot in message.lots:
                leaf = deposit_leaf(lot.deposit_commitment, lot.deposit_origin)
                found[lot.deposit_index] = leaf
                found.update(_siblings(lot.deposit_index, size, lot.deposit_proof))
    return found


def _siblings(index: int, size: int, proof: Sequence[bytes]) -> dict[int, bytes]:
    """Return the leaf that an inclusion proof names beside its own, if it names one."""
    groups = tree.inclusion_addresses(index, size)
    return {
        group[0][1]: value
        for group, value in zip(groups, proof, strict=True)
        if len(group) == 1 and group[0][0] == 0
    }


def _size(note: bytes) -> int:
    """Return the size that a note names whose proof was verified before."""
    return int(note.split(b"\n", 2)[1])
