"""Merkle trees: proofs against a naive reading of the RFC, published vectors, growth in bulk."""

from __future__ import annotations

import base64
import hashlib
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from federation.base.errors import Breach
from federation.log import merkle, tree

LEAVES = [merkle.leaf_hash(b"leaf %d" % at) for at in range(300)]
sizes = st.integers(1, 300)


def naive_root(leaves: list[bytes]) -> bytes:
    """RFC 6962 section 2.1, word for word."""
    if len(leaves) < 2:
        return leaves[0] if leaves else hashlib.sha256().digest()
    half = split(len(leaves))
    return merkle.node_hash(naive_root(leaves[:half]), naive_root(leaves[half:]))


def naive_inclusion(index: int, leaves: list[bytes]) -> list[bytes]:
    """RFC 6962 section 2.1.1."""
    if len(leaves) == 1:
        return []
    half = split(len(leaves))
    if index < half:
        return [*naive_inclusion(index, leaves[:half]), naive_root(leaves[half:])]
    return [*naive_inclusion(index - half, leaves[half:]), naive_root(leaves[:half])]


def naive_consistency(old: int, leaves: list[bytes], *, whole: bool = True) -> list[bytes]:
    """RFC 6962 section 2.1.2."""
    if old == len(leaves):
        return [] if whole else [naive_root(leaves)]
    half = split(len(leaves))
    if old <= half:
        return [*naive_consistency(old, leaves[:half], whole=whole), naive_root(leaves[half:])]
    rest = naive_consistency(old - half, leaves[half:], whole=False)
    return [*rest, naive_root(leaves[:half])]


def split(size: int) -> int:
    return 1 << ((size - 1).bit_length() - 1)


def grown(size: int, *, step: int = 300) -> dict[tree.Address, bytes]:
    """All complete nodes of a tree grown ``step`` leaves at a time."""
    nodes: dict[tree.Address, bytes] = {}
    frontier: dict[tree.Address, bytes] = {}
    for first in range(0, size, step):
        growth = tree.append(
            LEAVES[first : min(first + step, size)], first_index=first, nodes=frontier
        )
        frontier = growth.frontier
        nodes.update({(level, index): value for level, index, value in growth.nodes})
    return nodes


ALL_NODES = grown(300)


def refuses(**change: Any) -> bool:
    with pytest.raises(Breach) as breach:
        merkle.verify_inclusion(**change)
    return breach.value.reason == "PROOF_INVALID"


@given(size=st.integers(0, 300))
def test_the_root_is_that_of_the_rfc(size):
    expected = naive_root(LEAVES[:size])
    assert merkle.tree_root(LEAVES[:size]) == expected
    assert tree.root_at(size, ALL_NODES) == expected


@given(size=sizes, step=st.integers(1, 40))
@settings(max_examples=40, deadline=None)
def test_growth_needs_the_frontier_only_and_steps_do_not_matter(size, step):
    nodes = grown(size, step=step)
    assert nodes == {
        (level, index): value
        for (level, index), value in ALL_NODES.items()
        if (index + 1) << level <= size
    }
    growth = tree.append([], first_index=size, nodes=nodes)
    assert growth.root == naive_root(LEAVES[:size])
    assert tuple(growth.frontier) == tree.frontier_addresses(size)


@given(size=sizes, data=st.data())
def test_inclusion_proofs_are_those_of_the_rfc_and_hold(size, data):
    index = data.draw(st.integers(0, size - 1))
    proof = tree.inclusion_proof(index, size, ALL_NODES)
    assert proof == naive_inclusion(index, LEAVES[:size])
    merkle.verify_inclusion(
        LEAVES[index], index=index, size=size, proof=proof, root=naive_root(LEAVES[:size])
    )


@given(size=sizes, data=st.data())
def test_consistency_proofs_are_those_of_the_rfc_and_hold(size, data):
    old = data.draw(st.integers(1, size))
    proof = tree.consistency_proof(old, size, ALL_NODES)
    assert proof == naive_consistency(old, LEAVES[:size])
    merkle.verify_consistency(
        old_size=old,
        old_root=naive_root(LEAVES[:old]),
        new_size=size,
        new_root=naive_root(LEAVES[:size]),
        proof=proof,
    )


@given(size=st.integers(2, 300), data=st.data())
def test_any_flipped_bit_or_moved_index_breaks_an_inclusion_proof(size, data):
    index = data.draw(st.integers(0, size - 1))
    proof = tree.inclusion_proof(index, size, ALL_NODES)
    root = tree.root_at(size, ALL_NODES)
    line = data.draw(st.integers(0, len(proof) - 1))
    bit = data.draw(st.integers(0, 255))
    flipped = (int.from_bytes(proof[line], "big") ^ 1 << bit).to_bytes(32, "big")
    bent = [*proof[:line], flipped, *proof[line + 1 :]]
    other = data.draw(st.integers(-2, 400).filter(lambda at: at != index))
    given = {"leaf": LEAVES[index], "index": index, "size": size, "proof": proof, "root": root}
    assert refuses(**given | {"proof": bent})
    assert refuses(**given | {"index": other})
    assert refuses(**given | {"proof": [*proof, root]})
    assert refuses(**given | {"proof": proof[:-1]})
    assert refuses(**given | {"leaf": root})


@given(size=st.integers(3, 300), data=st.data())
def test_a_rewritten_tree_has_no_consistency_proof(size, data):
    old = data.draw(st.integers(1, size - 1))
    proof = tree.consistency_proof(old, size, ALL_NODES)
    given = {
        "old_size": old,
        "old_root": tree.root_at(old, ALL_NODES),
        "new_size": size,
        "new_root": tree.root_at(size, ALL_NODES),
        "proof": proof,
    }
    other = merkle.leaf_hash(b"another")
    for change in (
        {"old_root": other},
        {"new_root": other},
        {"proof": [*proof, other]},
        {"proof": proof[:-1]},
        {"old_size": size, "new_size": old},
        {"old_size": 0},
    ):
        with pytest.raises(Breach) as breach:
            merkle.verify_consistency(**given | change)
        assert breach.value.reason == "PROOF_INVALID"


def test_every_log_extends_the_empty_one():
    empty = {"old_size": 0, "old_root": merkle.EMPTY_ROOT, "proof": []}
    merkle.verify_consistency(**empty, new_size=0, new_root=merkle.EMPTY_ROOT)
    merkle.verify_consistency(**empty, new_size=1, new_root=LEAVES[0])
    with pytest.raises(Breach):
        merkle.verify_consistency(**empty, new_size=0, new_root=LEAVES[0])


def test_the_largest_tree_is_provable_and_a_longer_proof_refused():
    size = merkle.LARGEST_SIZE
    nodes = {address: LEAVES[0] for group in tree.inclusion_addresses(5, size) for address in group}
    proof = tree.inclusion_proof(5, size, nodes)
    assert len(proof) == merkle.MOST_PROOF_LINES
    with pytest.raises(Breach, match="64 hashes"):
        merkle.verify_inclusion(
            LEAVES[0], index=5, size=size, proof=[*proof, LEAVES[0]], root=LEAVES[0]
        )
    with pytest.raises(Breach, match="tree size"):
        merkle.verify_inclusion(LEAVES[0], index=5, size=size + 1, proof=proof, root=LEAVES[0])


def test_a_leaf_and_an_inner_node_of_the_same_bytes_differ():
    inner = merkle.node_hash(LEAVES[0], LEAVES[1])
    assert merkle.leaf_hash(LEAVES[0] + LEAVES[1]) != inner


@given(st.lists(st.integers(0, 299), min_size=1, max_size=20))
def test_one_query_fetches_the_nodes_of_many_proofs(indexes):
    fetched = {address: ALL_NODES[address] for address in tree.addresses_for(indexes, 300)}
    assert tree.inclusion_proofs(indexes, 300, fetched) == [
        tree.inclusion_proof(index, 300, ALL_NODES) for index in indexes
    ]
    assert tree.root_at(300, fetched) == tree.root_at(300, ALL_NODES)


def test_an_index_outside_the_tree_is_our_own_fault():
    for index, size in ((-1, 3), (3, 3), (0, 0)):
        with pytest.raises(ValueError, match="outside"):
            tree.inclusion_proof(index, size, ALL_NODES)
    with pytest.raises(ValueError, match="outside"):
        tree.consistency_proof(4, 3, ALL_NODES)


def vectors(shared: Path, kind: str) -> list[tuple[str, dict[str, Any]]]:
    folder = Path(shared) / "vectors" / "merkle" / kind
    found = [(str(path), json.loads(path.read_text())) for path in sorted(folder.rglob("*.json"))]
    return found


def decoded(vector: dict[str, Any], *names: str) -> dict[str, Any]:
    hashes = {name: base64.b64decode(vector[name] or "") for name in names}
    return hashes | {"proof": [base64.b64decode(line) for line in vector["proof"] or []]}


def holds(check, **arguments: Any) -> bool:
    try:
        check(**arguments)
    except Breach:
        return False
    return True


def test_published_inclusion_vectors(shared):
    found = vectors(shared, "inclusion")
    assert len(found) >= 98
    for name, vector in found:
        hashes = decoded(vector, "leafHash", "root")
        verdict = holds(
            merkle.verify_inclusion,
            leaf=hashes["leafHash"],
            index=vector["leafIdx"],
            size=vector["treeSize"],
            proof=hashes["proof"],
            root=hashes["root"],
        )
        assert verdict is not vector["wantErr"], name


def test_published_consistency_vectors_as_far_as_there_are_any(shared):
    for name, vector in vectors(shared, "consistency"):
        hashes = decoded(vector, "root1", "root2")
        verdict = holds(
            merkle.verify_consistency,
            old_size=vector["size1"],
            old_root=hashes["root1"],
            new_size=vector["size2"],
            new_root=hashes["root2"],
            proof=hashes["proof"],
        )
        # Some vectors call a text that is no hash a root; we refuse those whatever they expect.
        lengths = {len(line) for line in (hashes["root1"], hashes["root2"], *hashes["proof"])}
        assert verdict is (not vector["wantErr"] and lengths == {32}), name
