"""Portable proofs that a province broke the rules, checked with nothing but a root.

Each holds two things that the same province signed and that cannot both stand: two spendings of
one lot, two histories of its log, or two messages of one step. The province alone could make them,
so nothing depends on who exports the file.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from itertools import pairwise
from types import MappingProxyType

from federation.base.errors import Breach
from federation.evidence.examiner import Examiner
from federation.evidence.parts import part
from federation.evidence.transcript import Link
from federation.log.checkpoint import Checkpoint
from federation.log.merkle import HASH_SIZE, leaf_hash, verify_consistency, verify_inclusion
from federation.log.note import parse_note
from federation.protocol.messages import MessageType
from federation.trust.registry import RegistryView
from federation.v1 import misconduct_pb2 as pb
from federation.v1.envelope_pb2 import LogEntry
from federation.v1.transcript_pb2 import RegistryFile
from federation.wire import strict
from federation.wire.entries import origin_of
from federation.wire.envelope import Evidence, evidence_from_buffer, evidence_to_buffer

SUFFIX = ".misconduct"
LARGEST_DOCUMENT = 16 * 1024 * 1024
_PREFIX = "MISCONDUCT_KIND_"


class MisconductKind(StrEnum):
    """How a province broke the rules."""

    DOUBLE_GRANT = "DOUBLE_GRANT"
    EQUIVOCATION_LOG = "EQUIVOCATION_LOG"
    EQUIVOCATION_MESSAGE = "EQUIVOCATION_MESSAGE"


@dataclass(frozen=True, slots=True)
class SpendingLeaf:
    """A log entry that spends lots, with its place under a signed checkpoint."""

    entry: bytes
    log_index: int
    log_proof: tuple[bytes, ...]
    checkpoint: bytes


@dataclass(frozen=True, slots=True)
class LogContradiction:
    """Two signed checkpoints; ``other_root`` and ``proof`` are empty where sizes are equal."""

    note: bytes
    other_note: bytes
    other_root: bytes = b""
    proof: tuple[bytes, ...] = ()


@dataclass(frozen=True, slots=True)
class Misconduct:
    """A proof as read; nothing in it is proven by its being one."""

    province: str
    kind: MisconductKind
    leaves: tuple[SpendingLeaf, ...] = ()
    log: LogContradiction | None = None
    messages: tuple[Evidence, ...] = ()
    registry: Mapping[str, bytes] = field(default_factory=lambda: MappingProxyType({}))


@dataclass(frozen=True, slots=True, kw_only=True)
class Convicted:
    """What a proof proves.

    Attributes:
        subject: what identifies the deed: the nullifier, the first checkpoint's text, or the step.
        facts: the figures of an explanation, by name.
    """

    province: str
    kind: MisconductKind
    subject: bytes
    facts: Mapping[str, str]

    @property
    def digest(self) -> bytes:
        """A name of the deed that does not depend on who proves it, 32 bytes."""
        named = f"{self.kind.value}\n{self.province}\n".encode()
        return hashlib.sha256(named + self.subject).digest()


def encode(document: Misconduct) -> bytes:
    """Return a proof as the bytes of its file."""
    log = document.log
    return strict.spell(
        pb.Misconduct(
            province=document.province,
            kind=f"{_PREFIX}{document.kind.value}",
            leaves=[
                pb.SpendingLeaf(
                    entry=one.entry,
                    log_index=one.log_index,
                    log_proof=one.log_proof,
                    checkpoint=one.checkpoint,
                )
                for one in document.leaves
            ],
            log=None
            if log is None
            else pb.LogContradiction(
                note=log.note,
                other_note=log.other_note,
                other_root=log.other_root,
                proof=log.proof,
            ),
            messages=[evidence_to_buffer(one) for one in document.messages],
            registry=[
                RegistryFile(name=name, content=document.registry[name])
                for name in sorted(document.registry, key=str.encode)
            ],
        )
    )


def decode(encoded: bytes) -> Misconduct:
    """Return the proof that these bytes are the only spelling of; nothing in it is proven.

    Raises:
        Breach: TOO_LARGE, MALFORMED, TRANSCRIPT_ORDER, or as
            :func:`federation.wire.strict.parse`.
    """
    if len(encoded) > LARGEST_DOCUMENT:
        raise Breach("TOO_LARGE")
    parsed = strict.parse(pb.Misconduct, encoded)
    names = [one.name.encode() for one in parsed.registry]
    if any(first >= second for first, second in pairwise(names)):
        raise Breach("TRANSCRIPT_ORDER", detail="files of the registry")
    known = {f"{_PREFIX}{one.value}": one for one in MisconductKind}
    numbers = {pb.MisconductKind.Value(name): one for name, one in known.items()}
    if parsed.kind not in numbers:
        raise Breach("MALFORMED", detail="kind of misconduct")
    log = None
    if parsed.HasField("log"):
        told = parsed.log
        log = LogContradiction(told.note, told.other_note, told.other_root, tuple(told.proof))
    return Misconduct(
        province=parsed.province,
        kind=numbers[parsed.kind],
        leaves=tuple(
            SpendingLeaf(one.entry, one.log_index, tuple(one.log_proof), one.checkpoint)
            for one in parsed.leaves
        ),
        log=log,
        messages=tuple(evidence_from_buffer(one) for one in parsed.messages),
        registry=MappingProxyType({one.name: one.content for one in parsed.registry}),
    )


def is_misconduct(name: str, encoded: bytes) -> bool:
    """Tell by its name or its form whether a file is such a proof rather than a transcript."""
    if name.endswith(SUFFIX):
        return True
    try:
        return bool(decode(encoded).province)
    except Breach:
        return False


def convict(document: Misconduct, view: RegistryView) -> Convicted:
    """Return what a proof proves under a verified registry.

    Raises:
        PartFailed: naming the first part that does not hold.
    """
    examiner = Examiner(view)
    with part("form"):
        _check_parts(document)
    if document.kind is MisconductKind.DOUBLE_GRANT:
        return _double_grant(document, examiner)
    if document.kind is MisconductKind.EQUIVOCATION_LOG:
        return _two_histories(document, examiner)
    return _two_messages(document, examiner)


def _check_parts(document: Misconduct) -> None:
    """Check that the parts are those of its kind: a byte that proves nothing is refused."""
    counts = (len(document.leaves), int(document.log is not None), len(document.messages))
    wanted = {
        MisconductKind.DOUBLE_GRANT: (2, 0, 0),
        MisconductKind.EQUIVOCATION_LOG: (0, 1, 0),
        MisconductKind.EQUIVOCATION_MESSAGE: (0, 0, 2),
    }
    _require(counts == wanted[document.kind], "parts of another kind")


def _double_grant(document: Misconduct, examiner: Examiner) -> Convicted:
    found: list[tuple[int, LogEntry]] = []
    for at, leaf in enumerate(document.leaves, start=1):
        with part(f"leaf {at}: checkpoint"):
            checkpoint = examiner.open_checkpoint(
                leaf.checkpoint, examiner.member(document.province)
            )
        with part(f"leaf {at}: log"):
            verify_inclusion(
                leaf_hash(leaf.entry),
                index=leaf.log_index,
                size=checkpoint.size,
                proof=leaf.log_proof,
                root=checkpoint.root,
            )
        with part(f"leaf {at}: entry"):
            entry = strict.parse(LogEntry, leaf.entry)
            _require(entry.message_type == MessageType.COMMIT.value, "no COMMIT")
        found.append((leaf.log_index, entry))
    (first_index, first), (second_index, second) = found
    with part("double grant"):
        marks = set(second.nullifiers)
        shared = [one for one in first.nullifiers if one in marks and len(one) == HASH_SIZE]
        _require(bool(shared), "no lot in both")
        _require(first_index < second_index or _are_apart(document), "one leaf, or out of order")
    return Convicted(
        province=document.province,
        kind=document.kind,
        subject=shared[0],
        facts={
            "nullifier": shared[0].hex(),
            "first_index": str(first_index),
            "second_index": str(second_index),
            "first_commit": first.message_hash.hex(),
            "second_commit": second.message_hash.hex(),
        },
    )


def _are_apart(document: Misconduct) -> bool:
    """Tell whether the leaves are different entries under different checkpoints."""
    one, other = document.leaves
    return one.entry != other.entry and one.checkpoint != other.checkpoint


def _two_histories(document: Misconduct, examiner: Examiner) -> Convicted:
    log = document.log
    assert log is not None, "the parts were checked"
    member = examiner.member(document.province)
    with part("first checkpoint"):
        one = examiner.open_checkpoint(log.note, member)
    with part("second checkpoint"):
        other = examiner.open_checkpoint(log.other_note, member)
    with part("contradiction"):
        root = _root_of_other(log, one, other)
        _require(root != one.root, "they agree")
    return Convicted(
        province=document.province,
        kind=document.kind,
        subject=parse_note(log.note).text,
        facts={
            "size": str(one.size),
            "root": one.root.hex(),
            "other_size": str(other.size),
            "other_root_at_size": root.hex(),
        },
    )


def _root_of_other(log: LogContradiction, one: Checkpoint, other: Checkpoint) -> bytes:
    """Return the root that the second log has at the first one's size."""
    if one.size == other.size:
        _require(not log.proof and not log.other_root, "a proof where none is needed")
        return other.root
    _require(0 < one.size < other.size, "the smaller comes first")
    verify_consistency(
        old_size=one.size,
        old_root=log.other_root,
        new_size=other.size,
        new_root=other.root,
        proof=log.proof,
    )
    return log.other_root


def _two_messages(document: Misconduct, examiner: Examiner) -> Convicted:
    one, other = (
        examiner.examine(Link(evidence), at)
        for at, evidence in enumerate(document.messages, start=1)
    )
    with part("contradiction"):
        headers = (one.message.header, other.message.header)
        places = [(it.src, it.dst, it.exchange_id, it.step) for it in headers]
        _require(places[0] == places[1] and one.kind is other.kind, "messages of two steps")
        _require(headers[0].src == document.province, "another's messages")
        _require(one.digest < other.digest, "one message, or out of order")
    src, dst, exchange_id, step = places[0]
    return Convicted(
        province=document.province,
        kind=document.kind,
        subject=f"{src}\n{dst}\n{one.kind.value}\n{step}\n".encode() + exchange_id,
        facts={
            "exchange": exchange_id.hex(),
            "peer": dst,
            "type": one.kind.name,
            "step": str(step),
            "first_hash": one.digest.hex(),
            "second_hash": other.digest.hex(),
        },
    )


def contradiction(province: str, evidence: Sequence[Evidence]) -> Misconduct:
    """Return the proof that two messages of one step make, in their one order."""
    ordered = tuple(sorted(evidence, key=lambda one: one.item.digest))
    return Misconduct(province, MisconductKind.EQUIVOCATION_MESSAGE, messages=ordered)


def origin_province(origin: str) -> str:
    """Return the province whose log has this name.

    Raises:
        Breach: CHECKPOINT_INVALID where it is none.
    """
    province = origin.rpartition("/")[2]
    if origin_of(province) != origin:
        raise Breach("CHECKPOINT_INVALID", detail="origin of no province")
    return province


def _require(holds: bool, what: str) -> None:
    if not holds:
        raise Breach("PROOF_INVALID", detail=what)
