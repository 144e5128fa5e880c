"""What a witness takes, refuses and keeps; the catalogue's rows 69 to 74 at the coordinator."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from federation.base.clock import SystemClock
from federation.base.errors import Breach, CreditBankError
from federation.coordinator.witness_service import WitnessService
from federation.evidence.misconduct import convict, decode
from federation.log import checkpoint as checkpoints
from federation.log import tree
from federation.log.checkpoint import Checkpoint
from federation.log.cosignature import COORDINATOR, cosign, with_cosignatures
from federation.log.merkle import leaf_hash
from federation.log.note import parse_note
from federation.log.quorum import check_quorum, witnesses_of
from federation.protocol.messages import MessageType
from federation.signing.keys import Signer
from federation.v1 import witness_service_pb2 as service
from federation.v1.envelope_pb2 import LogEntry
from federation.wire import strict
from federation.wire.entries import deposit_entry
from federation.wire.status import code_of
from tests.federation.registry_world import Applicant, World, new_world

OWNER, OTHER = "CN-31", "CN-33"


@dataclass
class Log:
    """A province's log in memory, of which any prefix can be signed."""

    signer: Signer
    entries: list[bytes] = field(default_factory=list)

    def deposit(self, count: int, mark: bytes = b"") -> None:
        for _ in range(count):
            self.entries.append(deposit_entry((mark + bytes([len(self.entries)])).rjust(32, b"d")))

    def spend(self, *nullifiers: bytes) -> None:
        self.entries.append(
            strict.spell(
                LogEntry(
                    message_hash=bytes([len(self.entries)]) * 32,
                    message_type=MessageType.COMMIT.value,
                    nullifiers=nullifiers,
                )
            )
        )

    def nodes(self) -> dict[tree.Address, bytes]:
        grown = tree.append([leaf_hash(one) for one in self.entries], first_index=0, nodes={})
        return {(level, index): value for level, index, value in grown.nodes}

    def note(self, size: int = -1) -> bytes:
        size = len(self.entries) if size < 0 else size
        head = Checkpoint(f"creditbank/{OWNER}", size, tree.root_at(size, self.nodes()))
        return checkpoints.sign(head, self.signer)

    def call(self, old: int, new: int = -1, **changes: object) -> bytes:
        new = len(self.entries) if new < 0 else new
        proof: Sequence[bytes] = tree.consistency_proof(old, new, self.nodes()) if old < new else ()
        fields: dict[str, object] = {
            "note": self.note(new),
            "old_size": old,
            "proof": proof,
            "entries": self.entries[old:new],
        }
        return strict.spell(service.AddCheckpointRequest(**{**fields, **changes}))  # type: ignore[arg-type]


@dataclass
class Stage:
    """A coordinator that witnesses, and the log of a province that is a member."""

    world: World
    members: dict[str, Applicant]
    witness: WitnessService
    log: Log

    def add(self, call: bytes) -> service.AddCheckpointResponse:
        return service.AddCheckpointResponse.FromString(self.witness.add_checkpoint(call))

    def refused(self, call: bytes) -> tuple[str, str]:
        """Return code and reason of a refusal that leaves what is known as it was."""
        before = self.known()
        with pytest.raises(CreditBankError) as error:
            self.add(call)
        assert self.known() == before
        return code_of(error.value).name, error.value.reason

    def known(self) -> service.ReadCheckpointResponse:
        request = service.ReadCheckpointRequest(origin=f"creditbank/{OWNER}")
        answer = self.witness.read_checkpoint(strict.spell(request))
        return service.ReadCheckpointResponse.FromString(answer)

    def proofs(self) -> list[str]:
        with self.world.office.store.reading() as books:
            kept = books.misconducts()
        return [convict(decode(one.document), self.world.view()).kind.value for one in kept]

    def quorum_note(self, size: int) -> bytes:
        """Return a checkpoint that the coordinator and the other province cosigned."""
        note = self.log.note(size)
        text = parse_note(note).text
        lines = [
            cosign(text, witness=name, signer=signer, time_s=7)
            for name, signer in (
                (COORDINATOR, self.world.online.witness),
                (OTHER, self.members[OTHER].signers[1]),
            )
        ]
        return with_cosignatures(note, lines)


@pytest.fixture
def stage(tmp_path: Path) -> Stage:
    world = new_world(tmp_path)
    members = world.enrol(OWNER, OTHER)
    witness = WitnessService(world.office, world.online.witness, SystemClock())
    return Stage(world, members, witness, Log(members[OWNER].signers[1]))


def test_a_log_is_taken_step_by_step_and_cosigned(stage: Stage) -> None:
    stage.log.deposit(3)
    first = stage.add(stage.log.call(0))
    assert first.known_size == 3
    stage.log.spend(b"n" * 32, b"m" * 32)
    stage.log.deposit(4)
    second = stage.add(stage.log.call(3))
    note = with_cosignatures(stage.log.note(), second.cosignatures)
    witnesses = {COORDINATOR: witnesses_of(stage.world.view(), OWNER)[COORDINATOR]}
    assert set(check_quorum(note, witnesses)) == {COORDINATOR}
    request = service.ReadLeavesRequest(origin=f"creditbank/{OWNER}", start=2, limit=4096)
    answer = stage.witness.read_leaves(strict.spell(request))
    leaves = service.ReadLeavesResponse.FromString(answer)
    assert list(leaves.hashes) == [leaf_hash(one) for one in stage.log.entries[2:]]
    assert [(one.nullifier, one.log_index) for one in leaves.spends] == [
        (b"n" * 32, 3),
        (b"m" * 32, 3),
    ]


def test_repeating_a_call_changes_nothing_and_another_old_size_is_told_the_right_one(
    stage: Stage,
) -> None:
    stage.log.deposit(5)
    stage.add(stage.log.call(0))
    before = stage.known()
    again = stage.add(stage.log.call(5))
    assert (len(again.cosignatures), again.known_size) == (1, 5)
    stage.log.deposit(2)
    told = stage.add(stage.log.call(3))
    assert (len(told.cosignatures), told.known_size, told.known_note) == (0, 5, before.note)
    assert stage.known() == before


def test_row_69_only_an_inconsistent_smaller_checkpoint_is_a_rollback(stage: Stage) -> None:
    stage.log.deposit(6)
    stage.add(stage.log.call(0))
    assert stage.add(stage.log.call(0, 4)).known_size == 6
    assert stage.proofs() == []
    fork = Log(stage.log.signer, stage.log.entries[:2])
    fork.deposit(2, b"other")
    assert stage.refused(fork.call(0)) == ("FAILED_PRECONDITION", "LOG_ROLLBACK")
    assert stage.proofs() == ["EQUIVOCATION_LOG"]


def test_row_70_another_root_of_the_same_size_is_kept_as_proof(stage: Stage) -> None:
    stage.log.deposit(6)
    stage.add(stage.log.call(0))
    fork = Log(stage.log.signer, stage.log.entries[:5])
    fork.deposit(1, b"other")
    for _ in range(2):
        assert stage.refused(fork.call(6)) == ("ALREADY_EXISTS", "EQUIVOCATION")
    assert stage.proofs() == ["EQUIVOCATION_LOG"]


def test_rows_71_and_72_a_bad_proof_or_one_too_long_is_refused(stage: Stage) -> None:
    stage.log.deposit(5)
    stage.add(stage.log.call(0))
    stage.log.deposit(4)
    invalid = ("INVALID_ARGUMENT", "PROOF_INVALID")
    entries = stage.log.entries[5:]
    assert stage.refused(stage.log.call(5, proof=[b"x" * 32] * 3)) == invalid
    assert stage.refused(stage.log.call(5, proof=[b"x" * 31])) == invalid
    assert stage.refused(stage.log.call(5, proof=[b"x" * 32] * 64)) == invalid
    assert stage.refused(stage.log.call(5, entries=entries[:-1])) == invalid
    assert stage.refused(stage.log.call(5, entries=entries[::-1])) == invalid
    assert stage.proofs() == []


def test_row_73_a_quorum_note_that_is_none_is_refused(stage: Stage) -> None:
    stage.log.deposit(5)
    lone = with_cosignatures(
        stage.log.note(),
        [
            cosign(
                parse_note(stage.log.note()).text,
                witness=COORDINATOR,
                signer=stage.world.online.witness,
                time_s=7,
            )
        ],
    )
    call = stage.log.call(0, quorum_note=lone)
    assert stage.refused(call) == ("FAILED_PRECONDITION", "QUORUM")
    stage.add(stage.log.call(0, quorum_note=stage.quorum_note(5)))
    assert stage.known().quorum_note == stage.quorum_note(5)


def test_a_quorum_for_another_history_is_no_quorum_of_ours(stage: Stage) -> None:
    stage.log.deposit(5)
    stage.add(stage.log.call(0))
    true, stage.log = stage.log, Log(stage.log.signer, stage.log.entries[:3])
    stage.log.deposit(1, b"other")
    forked = stage.quorum_note(4)
    stage.log = true
    assert stage.refused(true.call(5, quorum_note=forked)) == ("ALREADY_EXISTS", "EQUIVOCATION")
    assert stage.proofs() == ["EQUIVOCATION_LOG"]


@pytest.mark.parametrize("is_known_before", [True, False])
def test_row_74_a_second_spending_of_a_lot_is_kept_as_proof(
    stage: Stage, is_known_before: bool
) -> None:
    stage.log.deposit(2)
    stage.log.spend(b"a" * 32, b"n" * 32)
    if is_known_before:
        stage.add(stage.log.call(0))
    old = len(stage.log.entries) if is_known_before else 0
    stage.log.deposit(1)
    stage.log.spend(b"n" * 32, b"b" * 32)
    for _ in range(2):
        assert stage.refused(stage.log.call(old)) == ("ALREADY_EXISTS", "DOUBLE_GRANT")
    assert stage.proofs() == ["DOUBLE_GRANT"]


def test_only_the_owners_checkpoint_counts(stage: Stage) -> None:
    stage.log.deposit(3)
    stolen = Log(stage.members[OTHER].signers[1], stage.log.entries)
    assert stage.refused(stolen.call(0)) == ("UNAUTHENTICATED", "CHECKPOINT_INVALID")
    nobody = checkpoints.sign(Checkpoint("creditbank/CN-50", 1, b"r" * 32), stage.log.signer)
    assert stage.refused(stage.log.call(0, note=nobody))[1] == "NOT_MEMBER"


def test_form_is_checked_before_anything_else(stage: Stage) -> None:
    stage.log.deposit(3)
    call = stage.log.call(0)
    assert stage.refused(call + b"\xf8\x01\x01")[1] == "UNKNOWN_FIELD"
    assert stage.refused(b"\x22\x00" * 10_100)[1] == "TOO_MANY_ITEMS"
    assert stage.refused(b"\x22" + b"\xff\xff\xff\x01" + bytes(4_300_000))[1] == "TOO_LARGE"
    spends_without_commit = strict.spell(LogEntry(nullifiers=[b"n" * 32]))
    bent = Log(stage.log.signer, [spends_without_commit])
    assert stage.refused(bent.call(0))[1] == "MALFORMED"
    with pytest.raises(Breach, match="TOO_MANY_ITEMS"):
        stage.witness.read_leaves(
            strict.spell(service.ReadLeavesRequest(origin="x", start=0, limit=5000))
        )
