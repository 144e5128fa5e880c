"""The shape of a growing tree: which stored nodes a root or a proof is made of.

A node is addressed by ``(level, index)`` and covers the leaves from ``index << level`` on,
``1 << level`` of them. Only nodes whose leaves all exist are stored, so a stored node never
changes and every older root can be had again from the same nodes. Whoever stores them asks here
for the addresses, fetches all of them in one query, and hands them back as a mapping.

These functions trust their nodes: what they return is checked by others with
:mod:`federation.log.merkle`. A missing node is a broken store and raises ``KeyError``.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from federation.log.merkle import EMPTY_ROOT, LARGEST_SIZE, node_hash

Address = tuple[int, int]
Group = tuple[Address, ...]
Nodes = Mapping[Address, bytes]


@dataclass(frozen=True, slots=True)
class Growth:
    """What appending leaves added.

    Attributes:
        size: leaves in the grown tree.
        root: its root, 32 bytes.
        nodes: ``(level, index, hash)`` of every node that became complete, leaves included.
        frontier: the nodes that the next growth needs, by address.
    """

    size: int
    root: bytes
    nodes: list[tuple[int, int, bytes]]
    frontier: dict[Address, bytes]


def frontier_addresses(size: int) -> Group:
    """Return the complete subtrees that make up a tree of this size, largest first."""
    _require(0 <= size <= LARGEST_SIZE)
    return _edge(size, below=size.bit_length())


def append(leaf_hashes: Iterable[bytes], *, first_index: int, nodes: Nodes) -> Growth:
    """Grow a tree of ``first_index`` leaves; ``nodes`` holds at least its frontier."""
    known = {address: nodes[address] for address in frontier_addresses(first_index)}
    added: list[tuple[int, int, bytes]] = []
    index = first_index
    for leaf in leaf_hashes:
        level, place, value = 0, index, leaf
        added.append((level, place, value))
        while place & 1:
            value = node_hash(known.pop((level, place - 1)), value)
            level, place = level + 1, place >> 1
            added.append((level, place, value))
        known[level, place] = value
        index += 1
    return Growth(index, root_at(index, known), added, known)


def root_at(size: int, nodes: Nodes) -> bytes:
    """Return the root of the first ``size`` leaves; ``nodes`` holds ``frontier_addresses``."""
    return _fold(frontier_addresses(size), nodes) if size else EMPTY_ROOT


def inclusion_addresses(index: int, size: int) -> list[Group]:
    """Return, for each line of an inclusion proof, the nodes that it is folded from.

    Requires ``0 <= index < size``. Every group but the one on the tree's right edge is a single
    node.
    """
    _require(0 <= index < size <= LARGEST_SIZE)
    return _path(0, index, size)


def inclusion_proof(index: int, size: int, nodes: Nodes) -> list[bytes]:
    """Return the inclusion proof of a leaf, lowest sibling first (RFC 9162 section 2.1.3.1)."""
    return [_fold(group, nodes) for group in inclusion_addresses(index, size)]


def inclusion_proofs(indexes: Sequence[int], size: int, nodes: Nodes) -> list[list[bytes]]:
    """Return the inclusion proofs of many leaves of one tree, in the order asked for."""
    folded: dict[Group, bytes] = {}
    proofs = []
    for index in indexes:
        proof = []
        for group in inclusion_addresses(index, size):
            if group not in folded:
                folded[group] = _fold(group, nodes)
            proof.append(folded[group])
        proofs.append(proof)
    return proofs


def addresses_for(indexes: Iterable[int], size: int) -> set[Address]:
    """Return every node that the inclusion proofs of these leaves and the root need."""
    needed = set(frontier_addresses(size))
    for index in indexes:
        for group in inclusion_addresses(index, size):
            needed.update(group)
    return needed


def consistency_addresses(old_size: int, new_size: int) -> list[Group]:
    """Return, for each line of a consistency proof, the nodes that it is folded from.

    Requires ``0 <= old_size <= new_size``. Nothing needs proving from an empty tree, or between
    equal sizes.
    """
    _require(0 <= old_size <= new_size <= LARGEST_SIZE)
    if old_size in (0, new_size):
        return []
    level = (old_size & -old_size).bit_length() - 1
    node = (old_size >> level) - 1
    # With node 0 the old tree is one complete subtree, and the verifier has its root already.
    seed: list[Group] = [((level, node),)] if node else []
    return seed + _path(level, node, new_size)


def consistency_proof(old_size: int, new_size: int, nodes: Nodes) -> list[bytes]:
    """Return the proof that one tree extends another (RFC 9162 section 2.1.4.1)."""
    return [_fold(group, nodes) for group in consistency_addresses(old_size, new_size)]


def _path(level: int, node: int, size: int) -> list[Group]:
    """Return the siblings on the way from a complete node to the root, lowest first."""
    groups: list[Group] = []
    last = (size - 1) >> level
    while last:
        if node & 1:
            groups.append(((level, node - 1),))
        elif node < last:
            groups.append(_cover(level, node + 1, size))
        level, node, last = level + 1, node >> 1, last >> 1
    return groups


def _cover(level: int, node: int, size: int) -> Group:
    """Return the complete subtrees under a node that the tree's right edge may cut."""
    return ((level, node),) if (node + 1) << level <= size else _edge(size, below=level)


def _edge(size: int, *, below: int) -> Group:
    """Return the right-edge subtrees of fewer than ``1 << below`` leaves, largest first."""
    return tuple(
        (level, (size >> level) - 1) for level in reversed(range(below)) if size >> level & 1
    )


def _fold(group: Group, nodes: Nodes) -> bytes:
    folded = nodes[group[-1]]
    for address in group[-2::-1]:
        folded = node_hash(nodes[address], folded)
    return folded


def _require(holds: bool) -> None:
    # Sizes and indexes come from our own store, so a wrong one is a fault of ours, not a breach.
    if not holds:
        raise ValueError("index or size outside the tree")
