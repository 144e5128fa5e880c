"""A witness at work: what a submitted checkpoint does to what is known of its log.

Signatures and forms are checked before anything is locked; then one durable transaction compares,
extends and keeps; only what it kept is cosigned. What convicts the owner is kept too, although the
call is refused.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Protocol

from federation.base.errors import Breach, CreditBankError, Kind
from federation.evidence.examiner import Examiner
from federation.evidence.misconduct import (
    LogContradiction,
    Misconduct,
    MisconductKind,
    SpendingLeaf,
    origin_province,
)
from federation.log import tree
from federation.log.checkpoint import Checkpoint
from federation.log.cosignature import verify_line
from federation.log.merkle import EMPTY_ROOT, HASH_SIZE
from federation.log.note import Note, NoteSignature, parse_note, render_note
from federation.log.quorum import check_quorum, witnesses_of
from federation.log.witness import (
    MOST_ENTRIES,
    Advance,
    Contradicted,
    Known,
    Spend,
    SpentTwice,
    Submission,
    advance,
    check_hashes,
    check_older,
    check_unspent,
)
from federation.protocol.messages import MessageType
from federation.trust.registry import RegistryView
from federation.v1.envelope_pb2 import LogEntry
from federation.v1.witness_service_pb2 import AddCheckpointRequest
from federation.wire import strict
from federation.wire.entries import origin_of
from federation.wire.proof import open_log_checkpoint

LARGEST_REQUEST = 4 * 1024 * 1024
LEAVES_AT_ONCE = 10_000
# Fields of a call besides its entries: note, size, proof lines, quorum note.
_OTHER_FIELDS = 70


class MirroredLogs(Protocol):
    """What a witness knows of other provinces' logs, within one transaction."""

    def known_log(self, origin: str) -> Known:
        """Return what is known of a log; it stays so until the transaction ends."""
        ...

    def mirrored_hashes(self, origin: str, start: int, limit: int) -> list[bytes]:
        """Return leaf hashes in order."""
        ...

    def spends_of(self, origin: str, nullifiers: Collection[bytes]) -> list[Spend]:
        """Return what leaves spend these nullifiers."""
        ...

    def spends_in(self, origin: str, start: int, end: int) -> list[Spend]:
        """Return what the leaves of a range spend, in their order."""
        ...


class Mirrors(MirroredLogs, Protocol):
    """What a witness keeps of other provinces' logs, within one transaction."""

    def extend_mirror(self, step: Advance, now_us: int) -> None:
        """Keep a step of a log."""
        ...

    def keep_quorum(self, known: Known, now_us: int) -> None:
        """Keep the newest checkpoint with a quorum."""
        ...


@dataclass(frozen=True, slots=True)
class Witnessed:
    """A checkpoint that a quorum of witnesses cosigned."""

    note: bytes
    checkpoint: Checkpoint


@dataclass(frozen=True, slots=True)
class Received:
    """A call whose signatures and forms hold."""

    origin: str
    province: str
    submission: Submission
    quorum: Witnessed | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Taken:
    """What became of a call.

    Attributes:
        known: what the witness knows now.
        is_cosigned: whether the submitted checkpoint is to be cosigned.
        has_quorum_advanced: whether a larger size was seen to have a quorum.
        error: why the call is refused, or None.
        proof: what convicts the owner, or None.
        spent: the two spendings of a double grant, the earlier first.
    """

    known: Known
    is_cosigned: bool = False
    has_quorum_advanced: bool = False
    error: CreditBankError | None = None
    proof: Misconduct | None = None
    spent: tuple[Spend, Spend] | None = None


def open_witnessed(note: bytes, province: str, view: RegistryView) -> Witnessed:
    """Return a checkpoint of a province's log that a quorum of its witnesses cosigned.

    Raises:
        Breach: NOT_MEMBER, CHECKPOINT_INVALID, KEY_REVOKED or QUORUM.
    """
    checkpoint = open_log_checkpoint(note, Examiner(view).member(province))
    check_quorum(note, witnesses_of(view, province))
    return Witnessed(note, checkpoint)


def open_exactly(note: bytes, province: str, view: RegistryView) -> tuple[Witnessed, list[str]]:
    """Return a witnessed checkpoint of which every line holds, and who cosigned it.

    Raises:
        Breach: as :func:`open_witnessed`; CHECKPOINT_INVALID for a line that nothing vouches for.
    """
    witnessed, witnesses = open_witnessed(note, province, view), witnesses_of(view, province)
    parsed = parse_note(note)
    owned = Note(parsed.text, tuple(_owned(parsed, origin_of(province))))
    examiner = Examiner(view)
    examiner.open_checkpoint(render_note(owned), examiner.member(province))
    for line in parsed.signatures:
        if line in owned.signatures:
            continue
        if not any(
            verify_line(parsed.text, line, witness=one, keys=keys)
            for one, keys in witnesses.items()
        ):
            raise Breach("CHECKPOINT_INVALID", detail="a line by no witness")
    return witnessed, sorted(check_quorum(note, witnesses))


def receive(encoded: bytes, view: RegistryView, *, own: str = "") -> Received:
    """Return what a call submits; nothing is known yet of how it fits.

    Args:
        own: the province that witnesses, whose own log it does not.

    Raises:
        Breach: for form; NOT_MEMBER, CHECKPOINT_INVALID or KEY_REVOKED for a checkpoint that is
            not its owner's; QUORUM for a quorum note that is none.
    """
    if len(encoded) > LARGEST_REQUEST:
        raise Breach("TOO_LARGE")
    strict.check_fields(encoded, most=MOST_ENTRIES + _OTHER_FIELDS)
    request = strict.parse(AddCheckpointRequest, encoded)
    check_hashes(request.proof)
    origin = parse_note(request.note).text.partition(b"\n")[0].decode("utf-8", "replace")
    province = origin_province(origin)
    if province == own:
        raise Breach("CHECKPOINT_INVALID", detail="nobody witnesses its own log")
    checkpoint = _open_owners(request.note, province, view)
    submission = Submission(
        note=request.note,
        checkpoint=checkpoint,
        old_size=request.old_size,
        proof=tuple(request.proof),
        entries=tuple(request.entries),
        spends=tuple(_spending(one) for one in request.entries),
    )
    quorum = None
    if request.quorum_note:
        quorum = open_witnessed(request.quorum_note, province, view)
    return Received(origin, province, submission, quorum)


def take(mirrors: Mirrors, received: Received, *, now_us: int) -> Taken:
    """Compare a submission with what is known, keep what it adds, and say what follows."""
    known, submission = mirrors.known_log(received.origin), received.submission
    try:
        step = advance(known, submission)
        if step is not None:
            check_unspent(step, _spent_before(mirrors, step))
            mirrors.extend_mirror(step, now_us)
            known = step.known
        elif submission.checkpoint.size < known.size:
            root = _root_at(mirrors, known, None, submission.checkpoint.size)
            check_older(submission.checkpoint, root)
    except Contradicted as found:
        reason = "LOG_ROLLBACK" if found.is_shorter else "EQUIVOCATION"
        proof = prove_histories(mirrors, known, submission.checkpoint, submission.note)
        return Taken(known=known, error=Breach(reason), proof=proof)
    except SpentTwice as found:
        proof = _prove_double(mirrors, received, found)
        spent = (found.earlier, found.later)
        return Taken(known=known, error=Breach("DOUBLE_GRANT"), proof=proof, spent=spent)
    except Breach as breach:
        return Taken(known=known, error=breach)
    is_cosigned = step is not None
    return _take_quorum(mirrors, known, received.quorum, step, is_cosigned, now_us)


def prove_histories(
    mirrors: MirroredLogs, known: Known, claimed: Checkpoint, note: bytes
) -> Misconduct:
    """Return the proof that a signed checkpoint of at most our size is not of our history."""
    province = origin_province(known.origin)
    if claimed.size == known.size:
        log = LogContradiction(note, known.note)
    else:
        nodes = _nodes(_all_hashes(mirrors, known))
        log = LogContradiction(
            note,
            known.note,
            tree.root_at(claimed.size, nodes),
            tuple(tree.consistency_proof(claimed.size, known.size, nodes)),
        )
    return Misconduct(province, MisconductKind.EQUIVOCATION_LOG, log=log)


def place_in(mirrors: MirroredLogs, known: Known, index: int) -> tuple[bytes, ...]:
    """Return the inclusion proof of a mirrored leaf under the newest checkpoint."""
    return place_below(mirrors, known, index, known.size)


def place_below(mirrors: MirroredLogs, known: Known, index: int, size: int) -> tuple[bytes, ...]:
    """Return the inclusion proof of a mirrored leaf in the log as it was at a size."""
    hashes = [one for page in _pages(mirrors, known.origin, size) for one in page]
    return tuple(tree.inclusion_proof(index, size, _nodes(hashes)))


def root_of(hashes: Iterable[Sequence[bytes]]) -> bytes:
    """Return the root over leaf hashes that come in pages."""
    size, root = 0, EMPTY_ROOT
    edge: dict[tree.Address, bytes] = {}
    for page in hashes:
        grown = tree.append(page, first_index=size, nodes=edge)
        size, root, edge = grown.size, grown.root, grown.frontier
    return root


def mirrored_root(mirrors: MirroredLogs, known: Known, size: int) -> bytes:
    """Return the root that a known log had at a size up to the known one."""
    return _root_at(mirrors, known, None, size)


def _take_quorum(
    mirrors: Mirrors,
    known: Known,
    quorum: Witnessed | None,
    step: Advance | None,
    is_cosigned: bool,
    now_us: int,
) -> Taken:
    if quorum is None or not known.quorum_size < quorum.checkpoint.size <= known.size:
        return Taken(known=known, is_cosigned=is_cosigned)
    size = quorum.checkpoint.size
    if _root_at(mirrors, known, step, size) != quorum.checkpoint.root:
        proof = prove_histories(mirrors, known, quorum.checkpoint, _owners(quorum, known))
        return Taken(known=known, error=Breach("EQUIVOCATION"), proof=proof)
    known = replace(known, quorum_size=size, quorum_note=quorum.note)
    mirrors.keep_quorum(known, now_us)
    return Taken(known=known, is_cosigned=is_cosigned, has_quorum_advanced=True)


def _open_owners(note: bytes, province: str, view: RegistryView) -> Checkpoint:
    examiner = Examiner(view)
    try:
        return examiner.open_checkpoint(note, examiner.member(province))
    except Breach as breach:
        raise Breach(breach.reason, detail=breach.detail, kind=Kind.UNAUTHENTICATED) from None


def _owners(quorum: Witnessed, known: Known) -> bytes:
    """Return a quorum note with its owner's lines only, as proofs have notes."""
    parsed = parse_note(quorum.note)
    return render_note(Note(parsed.text, tuple(_owned(parsed, known.origin))))


def _owned(note: Note, origin: str) -> list[NoteSignature]:
    return [line for line in note.signatures if line.name == origin]


def _spent_before(mirrors: Mirrors, step: Advance) -> Mapping[bytes, Spend]:
    marks = {one.nullifier for one in step.spends}
    if not marks:
        return {}
    return {one.nullifier: one for one in mirrors.spends_of(step.known.origin, marks)}


def _root_at(mirrors: MirroredLogs, known: Known, step: Advance | None, size: int) -> bytes:
    if size == known.size:
        return known.root
    if step is not None and step.start <= size:
        return step.root_at(size)
    return root_of(_pages(mirrors, known.origin, size))


def _pages(mirrors: MirroredLogs, origin: str, size: int) -> Iterable[list[bytes]]:
    for start in range(0, size, LEAVES_AT_ONCE):
        limit = min(LEAVES_AT_ONCE, size - start)
        yield mirrors.mirrored_hashes(origin, start, limit)


def _all_hashes(mirrors: MirroredLogs, known: Known) -> list[bytes]:
    return [one for page in _pages(mirrors, known.origin, known.size) for one in page]


def _nodes(hashes: Sequence[bytes]) -> Mapping[tree.Address, bytes]:
    grown = tree.append(hashes, first_index=0, nodes={})
    return {(level, index): value for level, index, value in grown.nodes}


def _prove_double(mirrors: Mirrors, received: Received, found: SpentTwice) -> Misconduct:
    """Return both leaves with their places under the checkpoint that was just submitted."""
    step, submission = found.advance, received.submission
    before = mirrors.known_log(received.origin)
    hashes = [*_all_hashes(mirrors, before), *step.leaf_hashes]
    nodes, size = _nodes(hashes), step.known.size
    leaves = []
    for spend in (found.earlier, found.later):
        index = spend.log_index
        if index >= step.start:
            entry = submission.entries[index - step.start]
        else:
            entry = spell_spending(mirrors.spends_in(received.origin, index, index + 1))
        proof = tuple(tree.inclusion_proof(index, size, nodes))
        leaves.append(SpendingLeaf(entry, index, proof, submission.note))
    return Misconduct(received.province, MisconductKind.DOUBLE_GRANT, leaves=tuple(leaves))


def spell_spending(spends: Sequence[Spend]) -> bytes:
    """Return the log entry of a COMMIT again from all that it spends, in order."""
    return strict.spell(
        LogEntry(
            message_hash=spends[0].message_hash,
            message_type=MessageType.COMMIT.value,
            nullifiers=[one.nullifier for one in spends],
        )
    )


def _spending(entry: bytes) -> tuple[bytes, tuple[bytes, ...]]:
    """Return the COMMIT and the nullifiers of an entry as submitted."""
    parsed = strict.parse(LogEntry, entry)
    nullifiers = tuple(parsed.nullifiers)
    if not nullifiers:
        return b"", ()
    is_commit = parsed.message_type == MessageType.COMMIT.value
    sizes = {len(one) for one in (parsed.message_hash, *nullifiers)}
    # A leaf that could not be spelled again from what is kept of it would be no evidence.
    plain = not (parsed.deposit_commitment or parsed.origin)
    if (
        not is_commit
        or sizes != {HASH_SIZE}
        or len(set(nullifiers)) != len(nullifiers)
        or not plain
    ):
        raise Breach("MALFORMED", detail="an entry that spends and is no COMMIT's")
    return parsed.message_hash, nullifiers
