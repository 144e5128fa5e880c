"""What a log denies is proven, kept and reversed; what was used already is owed."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from federation.base.errors import Breach, Refusal
from federation.evidence.misconduct import Misconduct, convict, decode, encode
from federation.evidence.parts import PartFailed
from federation.log.witness import Known
from federation.protocol.commitments import nullifier
from federation.protocol.lots import CommittedLot, WantedLot
from federation.protocol.messages import MessageType, Mode
from federation.signing.dsse import message_hash
from federation.signing.keystore import create_key
from federation.v1.witness_service_pb2 import AddCheckpointRequest
from federation.wire import codec, strict
from federation.wire.entries import message_entry
from node.domain.changes import Changes, SentMessage
from node.domain.exchange import Role
from node.domain.source import check_usable
from node.usecases.applications import Application
from tests.node.province import PASSPHRASE, Province
from tests.node.test_witnessed import begun, committed, push, witnessed
from tests.node.two_provinces import AGREEMENT, TwoProvinces, deposit, make_member, make_view, rig

ELSEWHERE = "CN-44"


def give_elsewhere(two: TwoProvinces, lot: WantedLot, like: bytes) -> None:
    """Let the source log a COMMIT of a lot to another province, beside what it tells us."""
    message = two.message(two.source, like, MessageType.COMMIT)
    (row,) = two.source.rows("select secret from lot where lot_id = ?", lot.lot_id)
    mark = nullifier(row[0])
    header = replace(message.header, dst=ELSEWHERE, exchange_id=b"e" * 16)
    spent = CommittedLot(
        **{
            name: getattr(message.lots[0], name)
            for name in message.lots[0].__dataclass_fields__
            if name not in ("lot_id", "nullifier")
        },
        lot_id=lot.lot_id,
        nullifier=mark,
    )
    forged = replace(message, header=header, lots=(spent,))
    kind, payload = codec.encode(forged)
    digest = message_hash(kind, payload)
    sent = SentMessage(
        digest=digest,
        type=kind.value,
        payload=payload,
        openings=b"",
        peer=ELSEWHERE,
        exchange_id=b"e" * 16,
        entry=message_entry(kind, digest, forged),
        created_us=two.clock.us,
        due_us=two.clock.us,
    )
    two.source.store.transact(lambda tx: tx.apply(Changes(sent=[sent])))
    two.source.store.transact(lambda tx: tx.forget_waiting([digest]))


def proofs(two: TwoProvinces) -> list[Misconduct]:
    """Return the proofs that the destination keeps."""
    kept = two.destination.store.read(lambda reading: reading.misconducts())
    return [decode(one.document) for one in kept]


def balances(two: TwoProvinces) -> tuple[int, int, int]:
    """Return what the destination's learners hold, what they owe, and what is issued."""
    ask = two.destination.rows
    (held,) = ask("select coalesce(sum(hundredths), 0) from balance")[0]
    (owed,) = ask(
        "select coalesce(sum(hundredths), 0) from posting where substr(debit, 1, 5) = 'owed:'"
    )[0]
    (issued,) = ask(
        "select coalesce(sum(case when debit = 'issued' then hundredths else -hundredths end), 0)"
        " from posting where debit = 'issued' or credit = 'issued'"
    )[0]
    return int(held), int(owed), int(issued)


def given_twice(two: TwoProvinces, *, is_mirrored_between: bool) -> bytes:
    """Let the source give a lot elsewhere first and then to us; return our exchange."""
    other = committed(two)
    person = two.person()
    lot = two.lot(person)
    give_elsewhere(two, lot, other)
    if is_mirrored_between:
        push(two.source)
    exchange_id = two.apply(person, lot)
    two.run()
    assert two.states(exchange_id) == ("CLOSED", "CREDITED")
    return exchange_id


@pytest.mark.parametrize("is_mirrored_between", [True, False])
def test_a_lot_given_twice_convicts_its_source_and_the_later_credit_is_reversed(
    two: TwoProvinces, is_mirrored_between: bool
) -> None:
    exchange_id = given_twice(two, is_mirrored_between=is_mirrored_between)
    before = balances(two)
    with pytest.raises(Breach, match="DOUBLE_GRANT"):
        push(two.source)
    (proof,) = proofs(two)
    convicted = convict(proof, two.view)
    assert (convicted.province, convicted.kind) == (two.source.name, "DOUBLE_GRANT")
    granted = two.destination.exchange(exchange_id).granted_hundredths
    assert balances(two) == (before[0] - granted, 0, before[2] - granted)
    held = two.destination.rows("select hold, state from lot where hold <> ''")
    assert held == [("REVOKED", "AVAILABLE")]
    assert witnessed(two, exchange_id) == (False, False)
    kinds = sorted(row[0] for row in two.destination.rows("select kind from open_case"))
    assert kinds == ["DOUBLE_GRANT", "DOUBLE_GRANT"]


def test_the_same_deed_is_proven_and_reversed_once(two: TwoProvinces) -> None:
    given_twice(two, is_mirrored_between=False)
    for _ in range(2):
        with pytest.raises(Breach, match="DOUBLE_GRANT"):
            push(two.source)
        two.lot(two.person())
        two.clock.advance(11_000_000)
    two.destination.witnessing.judge()
    assert len(proofs(two)) == 1
    rows = two.destination.rows("select count(*) from entry where kind = 'REVERSAL'")
    assert rows == [(1,)]


def test_what_was_used_already_is_owed_and_needs_a_person(two: TwoProvinces) -> None:
    exchange_id = given_twice(two, is_mirrored_between=False)
    commit = two.destination.exchange(exchange_id).hashes[MessageType.COMMIT]
    (brought,) = two.destination.store.read(lambda reading: reading.lots_brought_by(commit))
    lot = two.destination.store.read(lambda reading: reading.lots([brought]))[brought]
    locked = replace(lot, state=type(lot.state)("LOCKED"), peer=ELSEWHERE, exchange_id=b"o" * 16)
    two.destination.store.transact(lambda tx: tx.apply(Changes(lots_moved=[(lot, locked)])))
    before = balances(two)
    with pytest.raises(Breach, match="DOUBLE_GRANT"):
        push(two.source)
    granted = lot.amount_hundredths
    assert balances(two) == (before[0], granted, before[2] - granted)
    cases = two.destination.rows("select hundredths from open_case where kind = 'SHORTFALL'")
    assert cases == [(granted,)]


def test_a_revoked_lot_cannot_be_offered(two: TwoProvinces) -> None:
    given_twice(two, is_mirrored_between=False)
    with pytest.raises(Breach, match="DOUBLE_GRANT"):
        push(two.source)
    ((account, lot_id, amount),) = two.destination.rows(
        "select account, lot_id, amount from lot where hold = 'REVOKED'"
    )
    lots = two.destination.store.read(lambda reading: reading.lots([lot_id]))
    with pytest.raises(Refusal, match="LOT_REVOKED"):
        check_usable([WantedLot(lot_id=lot_id, amount_hundredths=amount)], lots, account)


def test_a_proof_holds_as_a_file_and_no_altered_byte_does(two: TwoProvinces) -> None:
    given_twice(two, is_mirrored_between=True)
    with pytest.raises(Breach, match="DOUBLE_GRANT"):
        push(two.source)
    (proof,) = proofs(two)
    encoded = encode(proof)
    for at in range(len(encoded)):
        bent = encoded[:at] + bytes([encoded[at] ^ 1]) + encoded[at + 1 :]
        with pytest.raises((PartFailed, Breach)):
            convict(decode(bent), two.view)


@pytest.fixture
def on_files(tmp_path: Path) -> Iterator[TwoProvinces]:
    """Return two provinces on SQLite, whose files can be copied."""
    yield from rig(tmp_path)


def forked(two: TwoProvinces, folder: Path) -> Province:
    """Return the source as it would have gone on from a copy made now."""
    two.source.close()
    shutil.copy(two.source.path, folder / two.source.path.name)
    two.source.open()
    other = Province(
        two.source.name,
        folder,
        keys=two.source.keys,
        view=two.view,
        clock=two.clock,
        wire=two.wire,
        seed=2,
    )
    two.wire.provinces[two.source.name] = two.source
    return other


def test_a_log_that_lost_a_commit_it_had_proven_is_a_fork(
    on_files: TwoProvinces, tmp_path: Path
) -> None:
    two = on_files
    person = two.person()
    lot = two.lot(person)
    folder = tmp_path / "fork"
    folder.mkdir()
    other = forked(two, folder)
    exchange_id = two.apply(person, lot)
    two.run()
    before = balances(two)
    for serial in range(9):
        deposit(other, person, f"forked {serial}", 100, "CS-101")
    push(other)
    (proof,) = proofs(two)
    convicted = convict(proof, two.view)
    assert (convicted.province, convicted.kind) == (two.source.name, "EQUIVOCATION_LOG")
    granted = two.destination.exchange(exchange_id).granted_hundredths
    assert balances(two) == (before[0] - granted, 0, before[2] - granted)
    encoded = encode(proof)
    for at in range(0, len(encoded), 3):
        bent = encoded[:at] + bytes([encoded[at] ^ 1]) + encoded[at + 1 :]
        with pytest.raises((PartFailed, Breach)):
            convict(decode(bent), two.view)
    # Its other history is refused: as another root of the same size, or as an older one.
    with pytest.raises(Breach, match="LOG_ROLLBACK"):
        two.destination.witnessing.add_checkpoint(older(two))
    other.close()


def third(two: TwoProvinces, folder: Path) -> Province:
    """Let a third province join."""
    keys = [create_key(folder / f"{ELSEWHERE}-{use}", PASSPHRASE) for use in ("message", "log")]
    members = {**two.view.members, ELSEWHERE: make_member(ELSEWHERE, *keys)}
    two.view = make_view(members)
    for one in two.both:
        one.registry.known = two.view
    return Province(
        ELSEWHERE, folder, keys=keys, view=two.view, clock=two.clock, wire=two.wire, seed=3
    )


@pytest.mark.parametrize("is_ours_longer", [True, False])
def test_a_log_shown_differently_to_two_witnesses_is_found_by_comparing(
    on_files: TwoProvinces, tmp_path: Path, is_ours_longer: bool
) -> None:
    two, witness = on_files, third(on_files, tmp_path)
    committed(two)
    person = two.person()
    folder = tmp_path / "fork"
    folder.mkdir()
    other = forked(two, folder)
    for serial in range(5 if is_ours_longer else 2):
        deposit(two.source, person, f"true {serial}", 100, "CS-101")
    for serial in range(2 if is_ours_longer else 5):
        deposit(other, person, f"forked {serial}", 100, "CS-101")
    push(two.source, two.destination.name)
    push(other, witness.name)
    two.destination.crosschecking.compare_all()
    two.clock.advance(61_000_000)
    two.destination.crosschecking.compare_all()
    (proof,) = proofs(two)
    convicted = convict(proof, two.view)
    assert (convicted.province, convicted.kind) == (two.source.name, "EQUIVOCATION_LOG")
    # What both were told alike convicts nobody.
    push(two.destination, witness.name)
    push(two.destination, two.source.name)
    assert not witness.crosschecking.compare(
        two.source.name,
        witness.store.read(lambda reading: reading.known_log(f"creditbank/{two.destination.name}")),
    )
    other.close()
    witness.close()


def test_two_messages_of_one_step_become_a_portable_proof(two: TwoProvinces) -> None:
    exchange_id = committed(two)
    message = two.message(two.source, exchange_id, MessageType.COMMIT)
    header = replace(message.header, signed_time_us=message.header.signed_time_us + 1)
    with pytest.raises(Breach, match="EQUIVOCATION"):
        two.forge(two.source, replace(message, header=header))
    two.destination.witnessing.judge()
    (proof,) = proofs(two)
    convicted = convict(proof, two.view)
    assert (convicted.province, convicted.kind) == (two.source.name, "EQUIVOCATION_MESSAGE")
    assert convicted.facts["type"] == "COMMIT"
    encoded = encode(proof)
    for at in range(0, len(encoded), 3):
        bent = encoded[:at] + bytes([encoded[at] ^ 1]) + encoded[at + 1 :]
        with pytest.raises((PartFailed, Breach)):
            convict(decode(bent), two.view)


def test_what_was_brought_by_an_unwitnessed_commit_is_not_offered_where_that_is_asked(
    two: TwoProvinces,
) -> None:
    exchange_id = committed(two)
    strict_ = replace(AGREEMENT, requires_witnessed=True)
    listing = replace(two.view.agreements[0], agreement=strict_)
    two.destination.registry.known = replace(two.view, agreements=(listing,))
    commit = two.destination.exchange(exchange_id).hashes[MessageType.COMMIT]
    (lot_id,) = two.destination.store.read(lambda reading: reading.lots_brought_by(commit))
    lot = two.destination.store.read(lambda reading: reading.lots([lot_id]))[lot_id]

    def offered(reference: str) -> str:
        application = Application(
            reference=reference,
            account=lot.account,
            peer=two.source.name,
            role=Role.SOURCE,
            lots=(WantedLot(lot_id=lot_id, amount_hundredths=lot.amount_hundredths),),
            code=b"c" * 16,
            mode=Mode.TRANSFER,
            has_consent=True,
            agrees_to_whole_grant=True,
        )
        return two.destination.applications.open([application])[0].reason

    assert offered("a") == "NOT_WITNESSED"
    push(two.source)
    push(two.source)
    assert offered("b") == ""


def older(two: TwoProvinces) -> bytes:
    """Return the submission of the true log's checkpoint, as it stands."""
    target = begun(two.source)
    return strict.spell(AddCheckpointRequest(note=target.note, old_size=0))


def test_a_merely_older_checkpoint_is_fine_and_says_what_is_known(two: TwoProvinces) -> None:
    committed(two)
    early = older(two)
    push(two.source)
    for _ in range(3):
        two.lot(two.person())
    two.clock.advance(11_000_000)
    push(two.source)
    added = two.destination.witnessing.add_checkpoint(early)
    assert added.cosignatures == ()
    assert isinstance(added.known, Known)
    assert added.known.size == begun(two.source).size
    assert proofs(two) == []
