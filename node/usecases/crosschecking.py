"""Comparing what two witnesses were told of one log: an owner may show each another history.

In every turn each mirrored log is compared with what one other witness knows, a different one each
time. Two histories, both signed by the owner, are a portable proof.
"""

from __future__ import annotations

from collections.abc import Sequence

from federation.base.clock import MINUTE
from federation.base.errors import Breach, CreditBankError
from federation.evidence.misconduct import (
    LogContradiction,
    Misconduct,
    MisconductKind,
    origin_province,
)
from federation.evidence.witnessing import mirrored_root, prove_histories
from federation.log import tree
from federation.log.checkpoint import Checkpoint
from federation.log.quorum import witnesses_of
from federation.log.witness import Known
from federation.wire.proof import open_log_checkpoint
from node.usecases.office import Office
from node.usecases.ports import Reading, WitnessCalls
from node.usecases.witnessing import MOST_LEAVES_READ, Witnessing

BEHIND_US = MINUTE


class Crosschecking:
    """Compares mirrors with those of other witnesses."""

    def __init__(self, office: Office, calls: WitnessCalls, witnessing: Witnessing) -> None:
        self._office = office
        self._calls = calls
        self._witnessing = witnessing
        self._turn = 0
        self._behind: dict[str, tuple[int, int]] = {}

    def compare_all(self) -> None:
        """Compare every mirrored log with one other witness; one that is away is left out."""
        view = self._office.registry.view()
        self._turn += 1
        for known in self._office.store.read(lambda reading: reading.known_logs()):
            owner = origin_province(known.origin)
            others = [one for one in witnesses_of(view, owner) if one != self._office.province]
            if not others:
                continue
            try:
                self.compare(others[self._turn % len(others)], known)
            except CreditBankError:
                continue

    def compare(self, witness: str, known: Known) -> bool:
        """Compare one log with one witness; tell whether two histories were found.

        Raises:
            Unavailable: when the witness does not answer.
            Breach: for a note that is not the owner's.
        """
        note, mirrored_size = self._calls.read_checkpoint(witness, known.origin)
        if not note:
            return False
        owner = self._office.registry.view().members[origin_province(known.origin)]
        theirs = open_log_checkpoint(note, owner)
        if theirs.size <= known.size:
            proof = self._office.store.read(
                lambda reading: _differs_within(reading, known, theirs, note)
            )
        elif self._is_long_behind(known) and mirrored_size >= theirs.size:
            proof = self._differs_beyond(witness, known, theirs, note)
        else:
            proof = None
        if proof is not None:
            self._witnessing.keep_proof(proof)
        return proof is not None

    def _is_long_behind(self, known: Known) -> bool:
        """Tell whether a log stands still here while another witness knows more of it."""
        now_us = self._office.clock.now_us()
        size, since_us = self._behind.get(known.origin, (-1, now_us))
        if size != known.size:
            self._behind[known.origin] = (known.size, now_us)
            return False
        return now_us - since_us >= BEHIND_US

    def _differs_beyond(
        self, witness: str, known: Known, theirs: Checkpoint, note: bytes
    ) -> Misconduct | None:
        """Return the proof that a longer log is not ours continued.

        Raises:
            Breach: PROOF_INVALID where the witness's leaves are not those under its note.
        """
        hashes: list[bytes] = []
        while len(hashes) < theirs.size:
            limit = min(MOST_LEAVES_READ, theirs.size - len(hashes))
            page = self._calls.read_hashes(witness, known.origin, len(hashes), limit)
            if not page:
                raise Breach("PROOF_INVALID", detail=f"{witness} has fewer leaves than it says")
            hashes += page
        nodes = _nodes(hashes)
        if tree.root_at(theirs.size, nodes) != theirs.root:
            raise Breach("PROOF_INVALID", detail=f"leaves of {witness}")
        root = tree.root_at(known.size, nodes)
        if root == known.root:
            return None
        proof = tuple(tree.consistency_proof(known.size, theirs.size, nodes))
        log = LogContradiction(known.note, note, root, proof)
        province = origin_province(known.origin)
        return Misconduct(province, MisconductKind.EQUIVOCATION_LOG, log=log)


def _differs_within(
    reading: Reading, known: Known, theirs: Checkpoint, note: bytes
) -> Misconduct | None:
    if mirrored_root(reading, known, theirs.size) == theirs.root:
        return None
    return prove_histories(reading, known, theirs, note)


def _nodes(hashes: Sequence[bytes]) -> dict[tree.Address, bytes]:
    grown = tree.append(hashes, first_index=0, nodes={})
    return {(level, index): value for level, index, value in grown.nodes}
