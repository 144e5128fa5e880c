"""Credited, then witnessed: checkpoints pushed, cosigned, and what follows at both sides."""

from __future__ import annotations

from pathlib import Path

import pytest

from federation.base.clock import SECOND
from federation.base.errors import Unavailable
from federation.log.note import parse_note
from federation.signing.keystore import create_key
from node.usecases.attestation import Target
from tests.node.province import PASSPHRASE, Province
from tests.node.two_provinces import TwoProvinces, make_member, make_view


def begun(one: Province) -> Target:
    """Return the round that a province is in."""
    target = one.attestation.target()
    assert target is not None
    return target


def push(one: Province, *witnesses: str) -> None:
    """Bring witnesses up to date, all when none are named."""
    target = begun(one)
    for witness in witnesses or one.attestation.witnesses():
        if one.attestation.has_work(witness, target):
            one.attestation.push(witness, target)


def committed(two: TwoProvinces) -> bytes:
    """Return an exchange that was credited and receipted."""
    person = two.person()
    exchange_id = two.apply(person, two.lot(person))
    two.run()
    assert two.states(exchange_id) == ("CLOSED", "CREDITED")
    return exchange_id


def witnessed(two: TwoProvinces, exchange_id: bytes) -> tuple[bool, bool]:
    """Tell at source and destination whether an exchange was witnessed."""
    ours, theirs = (one.exchange(exchange_id).witnessed_us for one in two.both)
    return bool(ours), bool(theirs)


def test_a_commit_is_credited_first_and_witnessed_when_a_quorum_covers_it(
    two: TwoProvinces,
) -> None:
    exchange_id = committed(two)
    assert witnessed(two, exchange_id) == (False, False)
    push(two.source)
    assert witnessed(two, exchange_id) == (True, False)
    push(two.source)
    assert witnessed(two, exchange_id) == (True, True)
    status = two.source.attestation.status()
    assert status.witnessed_size == status.log_size > 0
    assert (status.source_witnessed, status.destination_witnessed) == (1, 0)
    assert two.destination.attestation.status().destination_witnessed == 1


def test_a_commit_that_arrives_after_its_witnessing_is_found_by_the_chore(
    two: TwoProvinces,
) -> None:
    person = two.person()
    exchange_id = two.apply(person, two.lot(person), whole=False)
    two.run()
    assert two.answer(exchange_id, accepts=True) == ""
    push(two.source)
    push(two.source)
    two.run()
    assert witnessed(two, exchange_id) == (True, False)
    two.destination.witnessing.judge()
    assert witnessed(two, exchange_id) == (True, True)


def test_a_witness_that_is_away_delays_only_the_witnessing(two: TwoProvinces) -> None:
    two.wire.away.add(two.destination.name)
    exchange_id = committed(two)
    with pytest.raises(Unavailable, match="UNREACHABLE"):
        push(two.source)
    assert witnessed(two, exchange_id) == (False, False)
    two.clock.advance(61 * SECOND)
    (state,) = two.source.attestation.status().witnesses
    assert (state.failure, state.is_stalled) == ("UNREACHABLE", True)
    two.wire.away.clear()
    push(two.source)
    push(two.source)
    assert witnessed(two, exchange_id) == (True, True)
    (state,) = two.source.attestation.status().witnesses
    assert (state.failure, state.is_stalled) == ("", False)


def test_a_round_without_a_quorum_gives_way_to_a_newer_one(two: TwoProvinces) -> None:
    committed(two)
    first = begun(two.source)
    two.lot(two.person())
    assert begun(two.source).size == first.size
    two.clock.advance(11 * SECOND)
    assert begun(two.source).size > first.size


def test_a_late_answer_of_a_round_before_takes_nothing_from_the_one_that_followed(
    two: TwoProvinces, tmp_path: Path
) -> None:
    keys = [create_key(tmp_path / f"third-{use}", PASSPHRASE) for use in ("message", "log")]
    members = {**two.view.members, "CN-44": make_member("CN-44", *keys)}
    view = make_view(members)
    for one in two.both:
        one.registry.known = view
    third = Province(
        "CN-44", tmp_path, keys=keys, view=view, clock=two.clock, wire=two.wire, seed=3
    )
    committed(two)
    first = begun(two.source)
    two.lot(two.person())
    two.clock.advance(11 * SECOND)
    later = begun(two.source)
    quick, slow = two.source.attestation.witnesses()
    two.source.attestation.push(quick, later)
    two.source.attestation.push(slow, first)
    push(two.source)
    third.close()
    assert two.source.attestation.status().witnessed_size == later.size > first.size


def test_both_processes_of_a_node_follow_one_round_and_a_restart_goes_on(
    two: TwoProvinces,
) -> None:
    exchange_id = committed(two)
    before = begun(two.source)
    two.source.crash()
    after = begun(two.source)
    assert (after.size, after.note) == (before.size, before.note)
    push(two.source)
    two.destination.crash()
    push(two.source)
    assert witnessed(two, exchange_id) == (True, True)


def test_what_a_witness_knows_can_be_read_and_is_the_owners_word(two: TwoProvinces) -> None:
    committed(two)
    origin = f"creditbank/{two.source.name}"
    before = two.destination.witnessing.read_checkpoint(origin)
    # Nothing is mirrored yet, but messages came with checkpoints.
    assert (before.mirrored_size, before.incarnation) == (0, 1)
    assert parse_note(before.note).text.startswith(origin.encode())
    push(two.source)
    push(two.source)
    client = two.source.witnesses.client(two.destination.name)
    known = client.read_checkpoint(origin)
    size = two.source.operations.status().log_size
    assert known.mirrored_size == size
    assert len(parse_note(known.quorum_note).signatures) == 2
    leaves = client.read_leaves(origin, 0, 4096)
    assert len(leaves.hashes) == size
    assert len(leaves.spends) == 1
    assert client.read_leaves(origin, 1, 2).hashes == leaves.hashes[1:3]


def test_a_log_is_submitted_in_pages_when_it_is_long(
    two: TwoProvinces, monkeypatch: pytest.MonkeyPatch
) -> None:
    exchange_id = committed(two)
    for _ in range(7):
        two.lot(two.person())
    monkeypatch.setattr("node.usecases.attestation.MOST_ENTRIES", 3)
    push(two.source)
    push(two.source)
    assert witnessed(two, exchange_id) == (True, True)
    origin = f"creditbank/{two.source.name}"
    rows = two.destination.rows("select count from mirror_leaves where origin = ?", origin)
    assert max(row[0] for row in rows) == 3
