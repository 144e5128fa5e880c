"""This node as the owner of a log: submit it to its witnesses and gather their quorum.

All witnesses are brought to one checkpoint, the round's, because a quorum is of one checkpoint. A
round ends with its quorum, or after a while without one, so that mirrors do not fall behind while
witnesses are away. The round is kept in the store, where other processes of this node see it. One
witness never waits for another.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from federation.base.clock import SECOND
from federation.base.errors import Breach, CreditBankError, Unavailable
from federation.evidence.witnessing import open_witnessed
from federation.log import tree
from federation.log.checkpoint import Checkpoint
from federation.log.cosignature import verify_line, with_cosignatures
from federation.log.note import parse_line, parse_note
from federation.log.quorum import Promise, Quorum, promises, quorum_of, witnesses_of
from federation.log.witness import MOST_ENTRIES
from federation.trust.registry import RegistryView
from federation.wire.entries import origin_of
from node.domain.condition import Finding, Severity
from node.domain.witnessing import WitnessedSize
from node.usecases.office import Office
from node.usecases.own_signatures import OwnSignatures
from node.usecases.ports import Reading, WitnessCalls

ROUND = "witness round"
ROUND_US = 10 * SECOND
STALLED_US = 60 * SECOND
MOST_BYTES = 3 * 1024 * 1024
MOST_PAGES = 64
SignCheckpoint = Callable[[Checkpoint], bytes]


@dataclass(frozen=True, slots=True)
class Target:
    """What witnesses are brought to: the round's checkpoint, and our newest with a quorum."""

    size: int
    note: bytes
    log_size: int
    witnessed: WitnessedSize


@dataclass(frozen=True, slots=True, kw_only=True)
class WitnessState:
    """One witness as its owner sees it.

    Attributes:
        known_size: how much of our log it is known to have; -1 before it was asked.
        failing_since_us: when it first failed since it last answered, or zero.
        failure: the reason, or empty.
        is_stalled: whether it has been behind or failing for long.
    """

    witness: str
    known_size: int = -1
    answered_us: int = 0
    failing_since_us: int = 0
    failure: str = ""
    is_stalled: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class WitnessingStatus:
    """How far our log is witnessed.

    Attributes:
        log_size: leaves in our log; what exceeds ``witnessed_size`` waits for its quorum.
        promise: what the quorum can and cannot promise.
        source_witnessed: our COMMITs that were witnessed.
        destination_witnessed: credits from elsewhere that were witnessed.
        proofs: portable proofs of misconduct kept here.
        cases: cases that no person has closed.
    """

    log_size: int
    witnessed_size: int
    witnessed_us: int
    quorum: Quorum
    promise: Promise
    witnesses: tuple[WitnessState, ...]
    source_witnessed: int
    destination_witnessed: int
    proofs: int
    cases: int


@dataclass(slots=True)
class _Progress:
    """What is known of one witness within this process."""

    known_size: int = -1
    cosigned_size: int = 0
    told_size: int = 0
    tell_again_us: int = 0
    answered_us: int = 0
    behind_since_us: int = 0
    failing_since_us: int = 0
    failure: str = ""


@dataclass(frozen=True, slots=True)
class _Page:
    note: bytes
    size: int
    proof: tuple[bytes, ...]
    entries: tuple[bytes, ...]


@dataclass(slots=True)
class _Gathered:
    """Cosignature lines under one checkpoint, by witness."""

    size: int = 0
    lines: dict[str, bytes] = field(default_factory=dict)


class Attestation:
    """Brings witnesses up to date.

    Args:
        calls: reaches witnesses.
        sign: signs checkpoints of this node's log.
    """

    def __init__(self, office: Office, calls: WitnessCalls, sign: SignCheckpoint) -> None:
        self._office = office
        self._calls = calls
        self._sign = sign
        self._own = OwnSignatures(office)
        self._origin = origin_of(office.province)
        self._lock = threading.Lock()
        self._progress: dict[str, _Progress] = {}
        self._gathered = _Gathered()

    def witnesses(self) -> list[str]:
        """Return who witnesses our log; nobody before we are a member."""
        try:
            view = self._office.registry.view()
        except Unavailable:
            return []
        if self._office.province not in view.members:
            return []
        return list(witnesses_of(view, self._office.province))

    def target(self) -> Target | None:
        """Return what witnesses shall be brought to, a new round where it is time for one."""
        now_us = self._office.clock.now_us()
        if not self._office.may_speak():
            return None
        target, begun_us = self._office.store.read(self._current)
        if target.log_size == 0:
            return None
        is_over = target.size <= target.witnessed.size or target.size > target.log_size
        is_old = now_us - begun_us >= ROUND_US
        has_more = target.log_size > max(target.size, target.witnessed.size)
        if (is_over or is_old) and (has_more or target.size > target.log_size):
            size = target.log_size
            self._office.store.transact(lambda tx: tx.set_fact(ROUND, f"{size} {now_us}"))
            target, _ = self._office.store.read(self._current)
        return target

    def has_work(self, witness: str, target: Target) -> bool:
        """Tell whether a witness lacks something of the target, and note since when."""
        with self._lock:
            progress = self._progress.setdefault(witness, _Progress())
            lacks = progress.cosigned_size < target.size and target.witnessed.size < target.size
            lacks |= 0 <= progress.known_size < target.size or progress.known_size < 0
            may_tell = self._office.clock.now_us() >= progress.tell_again_us
            lacks |= may_tell and progress.told_size < target.witnessed.size
            if not lacks:
                progress.behind_since_us = 0
            elif not progress.behind_since_us:
                progress.behind_since_us = self._office.clock.now_us()
            return lacks

    def push(self, witness: str, target: Target) -> None:
        """Bring one witness to the target and keep its cosignature.

        Raises:
            Unavailable: when it does not answer.
            Breach: when it refuses, or LOG_BEHIND when it knows more of our log than we have.
        """
        try:
            self._advance(witness, target)
        except CreditBankError as error:
            now_us = self._office.clock.now_us()
            with self._lock:
                progress = self._progress.setdefault(witness, _Progress())
                progress.failure = error.reason
                progress.failing_since_us = progress.failing_since_us or now_us
                # Whatever it knew, it is asked again.
                progress.known_size = -1
            raise
        self._assemble(target)

    def status(self) -> WitnessingStatus:
        """Return how far our log is witnessed, and by whom."""
        now_us, names = self._office.clock.now_us(), self.witnesses()
        quorum = quorum_of(len(names))

        def read(reading: Reading) -> WitnessingStatus:
            witnessed, counts = reading.witnessed(), reading.witnessed_counts()
            return WitnessingStatus(
                log_size=reading.log_state().checkpoint.size,
                witnessed_size=witnessed.size,
                witnessed_us=witnessed.witnessed_us,
                quorum=quorum,
                promise=promises(quorum),
                witnesses=tuple(self._state(one, now_us) for one in names),
                source_witnessed=counts.get("SOURCE", 0),
                destination_witnessed=counts.get("DESTINATION", 0),
                proofs=len(reading.misconducts()),
                cases=len(reading.open_cases()),
            )

        return self._office.store.read(read)

    def stalled(self) -> list[Finding]:
        """Return the witnesses that have been behind or silent for long; credits do not wait."""
        now_us = self._office.clock.now_us()
        states = [self._state(one, now_us) for one in self.witnesses()]
        return [
            Finding(
                reason="WITNESS_STALLED",
                severity=Severity.NOTICE,
                subject=one.witness,
                at_us=one.failing_since_us,
            )
            for one in states
            if one.is_stalled
        ]

    def _state(self, witness: str, now_us: int) -> WitnessState:
        with self._lock:
            one = self._progress.get(witness, _Progress())
            behind_us = one.failing_since_us or one.behind_since_us
            return WitnessState(
                witness=witness,
                known_size=one.known_size,
                answered_us=one.answered_us,
                failing_since_us=one.failing_since_us,
                failure=one.failure,
                is_stalled=bool(behind_us) and now_us - behind_us >= STALLED_US,
            )

    def _current(self, reading: Reading) -> tuple[Target, int]:
        state, witnessed = reading.log_state(), reading.witnessed()
        size_text, _, begun_text = (reading.fact(ROUND) or "0 0").partition(" ")
        size, log_size = int(size_text), state.checkpoint.size
        # What was witnessed is the least that every witness is brought to.
        size = max(size, witnessed.size)
        note = b"" if size > log_size or not size else self._note(reading, size)
        return Target(size, note, log_size, witnessed), int(begun_text)

    def _note(self, reading: Reading, size: int) -> bytes:
        nodes = reading.log_nodes(tree.frontier_addresses(size))
        return self._sign(Checkpoint(self._origin, size, tree.root_at(size, nodes)))

    def _advance(self, witness: str, target: Target) -> None:
        known = self._known_size(witness, target)
        for _ in range(MOST_PAGES):
            start = known
            if start > target.size:
                return  # Another process of ours began a later round.
            page = self._office.store.read(
                lambda reading, start=start: self._page(reading, start, target)  # type: ignore[misc]
            )
            lines, known = self._submit(witness, target, start, page)
            self._answered(witness, known, target)
            if lines and page.size == target.size:
                self._gather(witness, target, lines)
                return
            if known > target.log_size:
                raise Breach("LOG_BEHIND", detail=f"{witness} knows {known}")
            if not lines and known == start:
                raise Breach("MALFORMED", detail=f"{witness} neither cosigns nor says why")

    def _known_size(self, witness: str, target: Target) -> int:
        with self._lock:
            known = self._progress.setdefault(witness, _Progress()).known_size
        if known < 0:
            note, known = self._calls.read_checkpoint(witness, self._origin)
            self._own.meet_note(note, 0, witness)
        if known > target.log_size:
            raise Breach("LOG_BEHIND", detail=f"{witness} knows {known}")
        return known

    def _page(self, reading: Reading, start: int, target: Target) -> _Page:
        limit = min(MOST_ENTRIES, target.size - start)
        entries = reading.log_entries(start, limit) if limit else []
        size = start + _that_fit(entries)
        needed = {address for group in tree.consistency_addresses(start, size) for address in group}
        proof = tree.consistency_proof(start, size, reading.log_nodes(needed))
        note = target.note if size == target.size else self._note(reading, size)
        return _Page(note, size, tuple(proof), tuple(entries[: size - start]))

    def _submit(
        self, witness: str, target: Target, start: int, page: _Page
    ) -> tuple[Sequence[bytes], int]:
        """Submit a page with our newest quorum; a quorum it does not accept is left out."""
        size, now_us = target.witnessed.size, self._office.clock.now_us()
        with self._lock:
            progress = self._progress.setdefault(witness, _Progress())
            may_tell = now_us >= progress.tell_again_us and progress.told_size < size <= page.size
        if not may_tell:
            return self._call(witness, start, page, b"")
        try:
            answer = self._call(witness, start, page, target.witnessed.note)
        except CreditBankError as error:
            if error.reason != "QUORUM":
                raise
            # Its registry counts other witnesses than ours, for now or until the next quorum.
            with self._lock:
                progress.tell_again_us = now_us + ROUND_US
            return self._call(witness, start, page, b"")
        if answer[1] >= size:
            with self._lock:
                progress.told_size = max(progress.told_size, size)
        return answer

    def _call(
        self, witness: str, start: int, page: _Page, quorum_note: bytes
    ) -> tuple[Sequence[bytes], int]:
        return self._calls.add_checkpoint(
            witness,
            page.note,
            old_size=start,
            proof=page.proof,
            entries=page.entries,
            quorum_note=quorum_note,
        )

    def _answered(self, witness: str, known_size: int, target: Target) -> None:
        with self._lock:
            progress = self._progress.setdefault(witness, _Progress())
            progress.known_size = known_size
            progress.answered_us = self._office.clock.now_us()
            progress.behind_since_us = progress.failing_since_us = 0
            progress.failure = ""

    def _gather(self, witness: str, target: Target, lines: Sequence[bytes]) -> None:
        """Keep a witness's cosignature, once it is verified to be one.

        Raises:
            Breach: CHECKPOINT_INVALID where none of the lines is by a key of the witness.
        """
        view, text = self._office.registry.view(), parse_note(target.note).text
        keys = witnesses_of(view, self._office.province).get(witness, ())
        held = [
            one
            for one in lines
            if verify_line(text, parse_line(one), witness=witness, keys=keys) is not None
        ]
        if not held:
            raise Breach("CHECKPOINT_INVALID", detail=f"no cosignature by {witness}")
        with self._lock:
            if target.size < self._gathered.size:
                return  # An answer of a round before; what this one has gathered stays.
            if self._gathered.size < target.size:
                self._gathered = _Gathered(target.size)
            self._gathered.lines[witness] = held[0]
            self._progress[witness].cosigned_size = target.size

    def _assemble(self, target: Target) -> None:
        """Keep the round's checkpoint with its quorum, once there is one."""
        view: RegistryView = self._office.registry.view()
        with self._lock:
            is_current = self._gathered.size == target.size > target.witnessed.size
            lines = list(self._gathered.lines.values()) if is_current else []
        needed = quorum_of(len(witnesses_of(view, self._office.province))).needed
        if len(lines) < needed:
            return
        note = with_cosignatures(target.note, lines)
        try:
            opened = open_witnessed(note, self._office.province, view)
        except Breach as breach:
            if breach.reason != "QUORUM":
                raise
            return  # Somebody who cosigned is no witness any more.
        newest = WitnessedSize(
            size=opened.checkpoint.size, note=note, witnessed_us=self._office.clock.now_us()
        )
        self._office.store.transact(lambda tx: tx.keep_witnessed(newest))


def _that_fit(entries: Sequence[bytes]) -> int:
    """Return how many of these fit into one call, at least one where there are any."""
    taken = 0
    for count, entry in enumerate(entries):
        taken += len(entry) + 8
        if taken > MOST_BYTES and count:
            return count
    return len(entries)
