"""What a witness decides about a log, without reading or writing anything.

A witness keeps for each log its size, root, right edge and newest note. It takes a checkpoint only
with a consistency proof *and* all entries since: from its own edge and these it computes the root
itself, so that it holds every leaf hash and every spending that it vouches for.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from federation.base.errors import Breach
from federation.log import tree
from federation.log.checkpoint import Checkpoint
from federation.log.merkle import EMPTY_ROOT, HASH_SIZE, leaf_hash, verify_consistency

MOST_ENTRIES = 10_000


@dataclass(frozen=True, slots=True)
class Spend:
    """A lot that a leaf spends.

    Attributes:
        nullifier: HMAC(lot secret, "spend"), 32 bytes.
        log_index: place of the leaf.
        message_hash: hash of the COMMIT, 32 bytes.
    """

    nullifier: bytes
    log_index: int
    message_hash: bytes


@dataclass(frozen=True, slots=True)
class Known:
    """What a witness knows of a log.

    Attributes:
        frontier: hashes of the complete subtrees on the right edge, largest first.
        note: the newest checkpoint, or empty before the first.
        quorum_size: size that a quorum of witnesses has cosigned, as far as was seen.
        quorum_note: that checkpoint, or empty.
    """

    origin: str
    size: int = 0
    root: bytes = EMPTY_ROOT
    frontier: tuple[bytes, ...] = ()
    note: bytes = b""
    quorum_size: int = 0
    quorum_note: bytes = b""


@dataclass(frozen=True, slots=True)
class Submission:
    """A checkpoint that its owner's signature was verified on, with what leads to it.

    Attributes:
        old_size: size that the owner believes the witness to have.
        proof: consistency proof from there.
        entries: what was logged since, as logged.
        spends: of each entry, the hash of its COMMIT and the nullifiers in their order; empty for
            entries that spend nothing.
    """

    note: bytes
    checkpoint: Checkpoint
    old_size: int
    proof: tuple[bytes, ...]
    entries: tuple[bytes, ...]
    spends: tuple[tuple[bytes, tuple[bytes, ...]], ...]


@dataclass(frozen=True, slots=True)
class Advance:
    """A step of a log that a witness took.

    Attributes:
        known: as it is now.
        start: index of the first new leaf.
        leaf_hashes: of the new leaves.
        spends: what the new leaves spend, in their order.
        nodes: subtree hashes that became complete, by address; for the roots in between.
    """

    known: Known
    start: int
    leaf_hashes: tuple[bytes, ...]
    spends: tuple[Spend, ...]
    nodes: Mapping[tree.Address, bytes] = field(default_factory=dict)

    def root_at(self, size: int) -> bytes:
        """Return the root at a size from ``start`` up to the new one."""
        return tree.root_at(size, self.nodes)


class Contradicted(Exception):
    """The owner signed a checkpoint that is not of the history which this witness knows.

    Attributes:
        is_shorter: whether it is of a smaller size than the known one.
    """

    def __init__(self, *, is_shorter: bool) -> None:
        super().__init__("two histories of one log")
        self.is_shorter = is_shorter


class SpentTwice(Exception):
    """Two leaves of a log spend one lot.

    Attributes:
        earlier: the leaf that came first.
        later: the leaf that came second.
        advance: the step that holds the later one.
    """

    def __init__(self, earlier: Spend, later: Spend, advance: Advance) -> None:
        super().__init__("one lot spent twice")
        self.earlier = earlier
        self.later = later
        self.advance = advance


def advance(known: Known, submission: Submission) -> Advance | None:
    """Return the step that a submission takes, or None where it does not begin where we stand.

    Whether a smaller checkpoint is of our history is for :func:`check_older`, which needs the
    leaves.

    Raises:
        Contradicted: for another root of the known size.
        Breach: PROOF_INVALID where proof or entries do not lead to the checkpoint.
    """
    claimed = submission.checkpoint
    if claimed.size == known.size and claimed.root != known.root:
        raise Contradicted(is_shorter=False)
    if claimed.size < known.size or submission.old_size != known.size:
        return None
    verify_consistency(
        old_size=known.size,
        old_root=known.root,
        new_size=claimed.size,
        new_root=claimed.root,
        proof=submission.proof,
    )
    if len(submission.entries) != claimed.size - known.size:
        raise Breach("PROOF_INVALID", detail="not one entry for each new leaf")
    hashes = tuple(leaf_hash(one) for one in submission.entries)
    addresses = tree.frontier_addresses(known.size)
    edge = dict(zip(addresses, known.frontier, strict=True))
    grown = tree.append(hashes, first_index=known.size, nodes=edge)
    if grown.root != claimed.root:
        raise Breach("PROOF_INVALID", detail="entries that are not under the checkpoint")
    return Advance(
        known=Known(
            origin=known.origin,
            size=grown.size,
            root=grown.root,
            frontier=tuple(grown.frontier[one] for one in tree.frontier_addresses(grown.size)),
            note=submission.note,
            quorum_size=known.quorum_size,
            quorum_note=known.quorum_note,
        ),
        start=known.size,
        leaf_hashes=hashes,
        spends=_spends(known.size, submission.spends),
        nodes={**edge, **{(level, index): value for level, index, value in grown.nodes}},
    )


def check_older(checkpoint: Checkpoint, root: bytes) -> None:
    """Check a checkpoint against the root of our history at its size.

    Raises:
        Contradicted: when it has another; one that is merely older is fine.
    """
    if checkpoint.root != root:
        raise Contradicted(is_shorter=True)


def check_unspent(step: Advance, earlier: Mapping[bytes, Spend]) -> None:
    """Check that no leaf of a step spends what was spent before, or by another leaf of it.

    Args:
        earlier: spendings known before, by nullifier; at least those of this step's nullifiers.

    Raises:
        SpentTwice: naming the first that does.
    """
    seen = dict(earlier)
    for one in step.spends:
        before = seen.setdefault(one.nullifier, one)
        if before is not one:
            raise SpentTwice(before, one, step)


def check_hashes(hashes: Sequence[bytes]) -> None:
    """Check that these are hashes of 32 bytes.

    Raises:
        Breach: PROOF_INVALID.
    """
    if any(len(one) != HASH_SIZE for one in hashes):
        raise Breach("PROOF_INVALID", detail="a hash that is not of 32 bytes")


def _spends(start: int, named: Sequence[tuple[bytes, tuple[bytes, ...]]]) -> tuple[Spend, ...]:
    return tuple(
        Spend(nullifier, index, message)
        for index, (message, nullifiers) in enumerate(named, start=start)
        for nullifier in nullifiers
    )
