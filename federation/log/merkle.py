"""Hashes and proof checks of RFC 6962 and RFC 9162 Merkle trees over SHA-256.

Everything here is for the side that does not hold the tree: it has a root it trusts, and a proof
it does not. A tree of at most ``LARGEST_SIZE`` leaves never needs more than ``MOST_PROOF_LINES``
hashes, so a longer proof is refused before anything is computed.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Sequence

from federation.base.errors import Breach

HASH_SIZE = 32
MOST_PROOF_LINES = 63
LARGEST_SIZE = 2**63 - 1
EMPTY_ROOT = hashlib.sha256(b"").digest()


def leaf_hash(leaf: bytes) -> bytes:
    """Return the 32-byte hash of a leaf's content (RFC 9162 section 2.1.1)."""
    return hashlib.sha256(b"\x00" + leaf).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """Return the 32-byte hash of an inner node from those of its children."""
    return hashlib.sha256(b"\x01" + left + right).digest()


def tree_root(leaf_hashes: Sequence[bytes]) -> bytes:
    """Return the root of the tree over these leaf hashes; the empty tree has one too."""
    if not leaf_hashes:
        return EMPTY_ROOT
    row = list(leaf_hashes)
    while len(row) > 1:
        # A last node without a sibling rises as it is; doubling it would let two lists share a
        # root.
        odd = row[-1:] if len(row) % 2 else []
        row = [node_hash(row[at], row[at + 1]) for at in range(0, len(row) - 1, 2)] + odd
    return row[0]


def verify_inclusion(
    leaf: bytes, *, index: int, size: int, proof: Sequence[bytes], root: bytes
) -> None:
    """Check that a leaf hash stands at ``index`` of the tree with this size and root.

    The algorithm is that of RFC 9162 section 2.1.3.2. ``leaf`` and the lines of ``proof`` are
    hashes of 32 bytes, lowest sibling first.

    Raises:
        Breach: PROOF_INVALID for every defect, the number and length of hashes included.
    """
    _check_shape(size, (leaf, root), proof)
    if not 0 <= index < size:
        raise Breach("PROOF_INVALID", detail=f"index {index} in a tree of {size}")
    node, last, computed = index, size - 1, leaf
    for sibling in proof:
        if last == 0:
            raise Breach("PROOF_INVALID", detail="more hashes than levels")
        if node & 1 or node == last:
            computed = node_hash(sibling, computed)
            skipped = 0 if node & 1 else _trailing_zeros(node)
            node, last = node >> skipped, last >> skipped
        else:
            computed = node_hash(computed, sibling)
        node, last = node >> 1, last >> 1
    if last != 0:
        raise Breach("PROOF_INVALID", detail="fewer hashes than levels")
    _check_equal(computed, root)


def verify_consistency(
    *, old_size: int, old_root: bytes, new_size: int, new_root: bytes, proof: Sequence[bytes]
) -> None:
    """Check that the new tree begins with every leaf of the old one, unchanged.

    The algorithm is that of RFC 9162 section 2.1.4.2. Beyond the RFC, a size of nought is taken
    with its one possible root and an empty proof, as C2SP witnesses do for a log they first meet.

    Raises:
        Breach: PROOF_INVALID for every defect, a shrinking tree included.
    """
    _check_shape(new_size, (old_root, new_root), proof)
    if not 0 <= old_size <= new_size:
        raise Breach("PROOF_INVALID", detail=f"from size {old_size} to {new_size}")
    if old_size in (0, new_size):
        if proof:
            raise Breach("PROOF_INVALID", detail="a proof where none is needed")
        _check_equal(EMPTY_ROOT if old_size == 0 else new_root, old_root)
        if new_size == 0:
            _check_equal(EMPTY_ROOT, new_root)
        return
    old, new = _both_roots(old_size, new_size, old_root, proof)
    _check_equal(old, old_root)
    _check_equal(new, new_root)


def _both_roots(
    old_size: int, new_size: int, old_root: bytes, proof: Sequence[bytes]
) -> tuple[bytes, bytes]:
    """Return the roots of both sizes as the proof has them; requires 0 < old < new."""
    # The walk begins at the largest complete subtree on the old tree's right edge. When that is
    # the whole old tree the prover leaves it out, because the verifier knows it.
    node, last = old_size - 1, new_size - 1
    skipped = _trailing_zeros(old_size)
    node, last = node >> skipped, last >> skipped
    lines = list(proof) if node else [old_root, *proof]
    if not lines:
        raise Breach("PROOF_INVALID", detail="an empty proof")
    old = new = lines[0]
    for sibling in lines[1:]:
        if last == 0:
            raise Breach("PROOF_INVALID", detail="more hashes than levels")
        if node & 1 or node == last:
            old, new = node_hash(sibling, old), node_hash(sibling, new)
            skipped = 0 if node & 1 else _trailing_zeros(node)
            node, last = node >> skipped, last >> skipped
        else:
            new = node_hash(new, sibling)
        node, last = node >> 1, last >> 1
    if last != 0:
        raise Breach("PROOF_INVALID", detail="fewer hashes than levels")
    return old, new


def _trailing_zeros(number: int) -> int:
    """Return how often two divides the number; none for nought, which has no right edge."""
    return (number & -number).bit_length() - 1 if number else 0


def _check_shape(size: int, hashes: tuple[bytes, bytes], proof: Sequence[bytes]) -> None:
    if not 0 <= size <= LARGEST_SIZE:
        raise Breach("PROOF_INVALID", detail=f"tree size {size}")
    if len(proof) > MOST_PROOF_LINES:
        raise Breach("PROOF_INVALID", detail=f"{len(proof)} hashes")
    if any(len(line) != HASH_SIZE for line in (*hashes, *proof)):
        raise Breach("PROOF_INVALID", detail="a hash that is not of 32 bytes")


def _check_equal(computed: bytes, expected: bytes) -> None:
    if not hmac.compare_digest(computed, expected):
        raise Breach("PROOF_INVALID", detail="the proof leads to another root")
