"""A node restored from a backup: told apart before it signs, refilled, and true again."""

from __future__ import annotations

import copy

import pytest

from federation.base.clock import DAY, HOUR
from federation.base.errors import Breach, Refusal, Unavailable
from federation.evidence.logbook import read_entry
from federation.log import tree
from federation.log.checkpoint import open_checkpoint
from federation.protocol.lots import WantedLot
from federation.protocol.messages import MessageType
from federation.wire.entries import exported_leaf
from tests.node.books import check_books, check_same_story
from tests.node.province import Fate
from tests.node.restoring import Watched, back_up, count_onward, restore
from tests.node.two_provinces import TwoProvinces


def turned(two: TwoProvinces) -> TwoProvinces:
    """Return the same provinces with their roles turned round."""
    back = copy.copy(two)
    back.source, back.destination = two.destination, two.source
    return back


@pytest.fixture
def watched(two: TwoProvinces) -> Watched:
    """Return two provinces whose logs are remembered."""
    return Watched(two)


def settle(watched: Watched, *, persons: bool = True) -> None:
    """Let recovery take its course, two persons confirming what was lost."""
    for _ in range(4):
        done = [one.recovery.advance() for one in watched.two.both]
        if all(done):
            break
        for one in watched.two.both:
            kept = one.recovery.status().quarantine
            if persons and kept is not None and kept.blocked == "CONFIRMATION_NEEDED":
                one.recovery.confirm("operator")
                one.recovery.confirm("registrar")
    watched.two.run()
    watched.two.clock.advance(2 * HOUR)
    watched.two.run()


def reconciled(watched: Watched) -> None:
    """Check that both ordered pairs agree and nothing is in flight."""
    for one in watched.two.both:
        (pair,) = one.reconciliation.reconcile()
        assert (pair.agrees, pair.reason, pair.in_flight_hundredths) == (True, "", 0), pair


def test_a_source_restored_from_before_its_commit_signs_nothing_and_is_made_whole(
    watched: Watched,
) -> None:
    two = watched.two
    person = two.person()
    lots = [two.lot(person), two.lot(person, 500)]
    exchange_id = two.apply(person, lots[0], whole=False)
    two.run(2)
    backup = back_up(two.source)
    assert two.answer(exchange_id, accepts=True) == ""
    two.run()
    assert two.states(exchange_id) == ("CLOSED", "CREDITED")
    watched.follow()
    sent = len(two.wire.past)
    restore(two.source, backup)
    assert two.source.exchange(exchange_id).state.name == "PREPARED"
    # Before it has asked, it neither delivers nor commits again.
    two.source.delivery.deliver("CN-33")
    with pytest.raises(Unavailable, match="RECOVERING"):
        two.answer(exchange_id, accepts=True)
    assert len(two.wire.past) == sent
    settle(watched)
    assert two.states(exchange_id) == ("CLOSED", "CREDITED")
    assert two.source.recovery.status().incarnation == 2
    check_books(two)
    check_same_story(two)
    reconciled(watched)
    # And it goes on: the other lot moves, under the continued log.
    two.apply(person, lots[1])
    two.run()
    check_books(two)
    reconciled(watched)


def test_a_destination_restored_from_before_its_vote_credits_each_lot_once(
    watched: Watched,
) -> None:
    two = watched.two
    person = two.person()
    backup = back_up(two.destination)
    exchange_id = two.apply(person, two.lot(person))
    two.run()
    assert two.states(exchange_id) == ("CLOSED", "CREDITED")
    before = two.destination.accounts.archive(person.accounts["CN-33"]).balance_hundredths
    watched.follow()
    restore(two.destination, backup)
    assert two.destination.rows("select * from exchange") == []
    settle(watched)
    assert two.states(exchange_id) == ("CLOSED", "CREDITED")
    after = two.destination.accounts.archive(person.accounts["CN-33"])
    assert (after.balance_hundredths, len(after.lots)) == (before, 1)
    check_books(two)
    reconciled(watched)


def test_a_lot_that_went_on_is_credited_again_as_the_very_lot_that_it_was(
    watched: Watched,
) -> None:
    two = watched.two
    count_onward(two)
    person = two.person()
    backup = back_up(two.destination)
    two.apply(person, two.lot(person))
    two.run()
    (lot,) = two.destination.accounts.archive(person.accounts["CN-33"]).lots
    back = turned(two)
    onward = back.apply(person, WantedLot(lot_id=lot.lot_id, amount_hundredths=240))
    back.run()
    watched.follow()
    restore(two.destination, backup)
    settle(watched)
    (again,) = two.destination.accounts.archive(person.accounts["CN-33"]).lots
    assert (again.lot_id, again.secret, again.state) == (lot.lot_id, lot.secret, "SPENT")
    assert back.states(onward) == ("CLOSED", "CREDITED")
    assert two.destination.recovery.cases() == []
    check_books(two)
    reconciled(watched)


def test_a_deposit_lost_with_the_backup_is_named_and_held_in_suspense(watched: Watched) -> None:
    two = watched.two
    person = two.person()
    backup = back_up(two.source)
    two.lot(person, 100)
    exchange_id = two.apply(person, two.lot(person, 700))
    two.run()
    watched.follow()
    restore(two.source, backup)
    # What the province deposits meanwhile waits for its place in the log.
    assert two.source.recovery.advance() is False
    two.lot(person, 50)
    status = two.source.recovery.status()
    assert status.quarantine is not None
    assert status.quarantine.blocked == "CONFIRMATION_NEEDED"
    assert sum(count for _, count in status.opaque) == 1
    two.source.recovery.confirm("operator")
    two.source.recovery.confirm("operator")
    assert two.source.recovery.advance() is False  # One person is not two.
    two.source.recovery.confirm("registrar")
    settle(watched, persons=False)
    kinds = sorted(one.kind for one in two.source.recovery.cases())
    assert kinds == ["OPAQUE_LEAVES", "UNFOUND_LOT"]
    assert two.source.exchange(exchange_id).state.name == "CLOSED"
    suspense = two.source.rows("select credit, hundredths from posting where debit = 'unfound'")
    assert suspense == [("outbound:CN-33", 700)]
    check_books(two)
    reconciled(watched)
    # The exported log says what is lost, and its root is the one that was signed.
    pages, note = two.source.operations.log()
    entries = [one for page in pages for one in page]
    grown = tree.append([exported_leaf(one) for one in entries], first_index=0, nodes={})
    log = open_checkpoint(note, origin="creditbank/CN-31", keys=[two.source.keys[1].public])
    assert (grown.size, grown.root) == (log.size, log.root)
    read = [read_entry(one) for one in entries]
    assert [bool(one.lost) for one in read].count(True) == 1
    assert sum(1 for one in read if one.recovery) == 1
    case = next(one for one in two.source.recovery.cases() if one.kind == "UNFOUND_LOT")
    two.source.recovery.close_case(case.case_id, "deposited again, reference o7")
    with pytest.raises(Refusal, match="NO_SUCH_CASE"):
        two.source.recovery.close_case(case.case_id, "again")


def test_two_restored_at_once_are_told_apart_and_the_lot_is_listed(watched: Watched) -> None:
    two = watched.two
    person = two.person()
    lots = [two.lot(person), two.lot(person, 500)]
    exchange_id = two.apply(person, lots[0], whole=False)
    two.run(2)
    backups = [back_up(one) for one in two.both]
    two.answer(exchange_id, accepts=True)
    two.run()
    commit = two.source.exchange(exchange_id).hashes[MessageType.COMMIT]
    watched.follow()
    for one, backup in zip(two.both, backups, strict=True):
        restore(one, backup)
    settle(watched)
    for one in two.both:
        assert one.recovery.status().quarantine is None
    (case,) = (one for one in two.source.recovery.cases() if one.kind == "TWO_RESTORED")
    assert (case.subject, case.hundredths) == (lots[0].lot_id, 300)
    assert commit.hex() in case.note
    # The lot serves nobody, and nothing is committed or aborted against what the log says.
    assert two.answer(exchange_id, accepts=True) == "LOT_DISPUTED"
    assert two.answer(exchange_id, accepts=False) == "LOT_DISPUTED"
    two.clock.advance(90 * DAY)
    two.source.applications.release_lapsed()
    assert two.states(exchange_id) == ("PREPARED", "ACCEPTED")
    application = two.application(person, lots[0])
    assert two.source.applications.open([application])[0].reason in ("LOT_LOCKED", "LOT_DISPUTED")
    # The other lot moves as ever.
    two.apply(person, lots[1])
    two.run()
    check_books(two)
    reconciled(watched)


def test_a_log_that_nobody_remembers_whole_keeps_its_node_in_quarantine(
    watched: Watched,
) -> None:
    two = watched.two
    person = two.person()
    backup = back_up(two.source)
    for _ in range(5):
        two.lot(person)
    two.apply(person, two.lot(person))
    two.run()
    restore(two.source, backup)
    assert two.source.recovery.advance() is False
    kept = two.source.recovery.status().quarantine
    assert kept is not None
    assert (kept.cause, kept.witness, kept.blocked) == ("LOG_AHEAD", "CN-33", "LOG_UNRECOVERABLE")
    assert two.source.operations.status().verdict == "RECOVERING"
    assert two.source.operations.status().cause == "LOG_UNRECOVERABLE"


def test_a_node_in_quarantine_serves_stored_bytes_and_nothing_new(watched: Watched) -> None:
    two = watched.two
    person = two.person()
    exchange_id = two.apply(person, two.lot(person), whole=False)
    two.source.delivery.deliver("CN-33")  # PREPARE, answered by VOTE in the same call.
    prepare = len(two.wire.past) - 1
    backup = back_up(two.destination)
    two.answer(exchange_id, accepts=True)
    two.source.delivery.deliver("CN-33")
    commit = len(two.wire.past) - 1
    restore(two.destination, backup)
    two.destination.recovery.advance()
    kept = two.destination.recovery.status().quarantine
    assert kept is not None
    signed = two.destination.rows("select * from seal")
    two.destination.store.transact(lambda tx: tx.set_fact("refill CN-31", ""))
    with pytest.raises(Unavailable, match="RECOVERING"):
        two.wire.repeat(commit)
    assert two.wire.repeat(prepare)
    assert two.destination.rows("select * from seal") == signed


def test_a_question_that_shows_our_own_signature_opens_the_quarantine(watched: Watched) -> None:
    two = watched.two
    person = two.person()
    backup = back_up(two.source)
    exchange_id = two.apply(person, two.lot(person), whole=False)
    two.run(2)
    # Those who are asked at start say that they know nothing of it.
    watched.witness(two.source, two.destination).is_forgetful = True
    restore(two.source, backup)
    assert two.source.recovery.advance()
    with pytest.raises(Unavailable, match="RECOVERING"):
        two.destination.asking.ask("CN-31", [two.destination.exchange(exchange_id)])
    kept = two.source.recovery.status().quarantine
    assert kept is not None
    assert (kept.cause, kept.witness) == ("SHOWN", "CN-33")
    assert two.source.rows("select * from exchange") == []
    watched.witness(two.source, two.destination).is_forgetful = False
    settle(watched)
    # Its lot is unknown here, so the offer is withdrawn at both sides.
    assert two.states(exchange_id) == ("CLOSED", "RELEASED")
    check_books(two)
    reconciled(watched)


def test_a_member_not_reached_at_start_is_asked_before_anything_is_signed_for_it(
    watched: Watched,
) -> None:
    two = watched.two
    person = two.person()
    lot = two.lot(person)
    backup = back_up(two.source)
    two.apply(person, lot)
    two.run()
    witness = watched.witness(two.source, two.destination)
    witness.is_away = True
    restore(two.source, backup)
    assert two.source.recovery.advance()
    two.apply(person, lot)
    sent = len(two.wire.past)
    assert two.source.delivery.deliver("CN-33") == 0
    assert len(two.wire.past) == sent
    assert two.source.store.read(lambda reading: reading.lags())[0].failure == "RECOVERING"


def test_nobody_signs_while_nobody_answers(watched: Watched) -> None:
    two = watched.two
    person = two.person()
    watched.mirror.is_away = True
    watched.witness(two.source, two.destination).is_away = True
    two.source.crash()
    assert two.source.recovery.advance() is False
    size = two.source.store.read(lambda reading: reading.log_state()).checkpoint.size
    two.lot(person)
    state = two.source.store.read(lambda reading: reading.log_state())
    assert state.checkpoint.size == size
    assert two.source.operations.status().verdict == "RECOVERING"
    watched.witness(two.source, two.destination).is_away = False
    assert two.source.recovery.advance()
    state = two.source.store.read(lambda reading: reading.log_state())
    assert state.checkpoint.size == size + 1


def test_a_fenced_message_is_refused_for_good_and_an_applied_one_still_answered(
    watched: Watched,
) -> None:
    two = watched.two
    person = two.person()
    applied = two.apply(person, two.lot(person), whole=False)
    two.run(2)
    at = len(two.wire.past) - 1
    two.wire.fate = lambda src, dst: Fate.HOLD
    two.apply(person, two.lot(person))
    two.source.delivery.deliver("CN-33")
    two.wire.fate = lambda src, dst: Fate.CARRY
    two.destination.store.transact(lambda tx: tx.raise_fence("CN-31", 7, two.clock.us))
    two.destination.store.transact(lambda tx: tx.raise_fence("CN-31", 3, two.clock.us))
    assert two.destination.store.read(lambda reading: reading.fence("CN-31")) == 7
    with pytest.raises(Breach, match="FENCED"):
        two.wire.let_go()
    first = next(i for i, (src, _, _) in enumerate(two.wire.past[: at + 1]) if src == "CN-31")
    assert two.wire.repeat(first)
    assert two.states(applied)[1] == "ACCEPTED"


def test_openings_of_a_learner_the_backup_never_had_leave_the_grant_in_suspense(
    watched: Watched,
) -> None:
    two = watched.two
    backup = back_up(two.destination)
    person = two.person()
    exchange_id = two.apply(person, two.lot(person))
    two.run()
    watched.follow()
    restore(two.destination, backup)
    settle(watched)
    assert two.states(exchange_id) == ("CLOSED", "CREDITED")
    kinds = {one.kind for one in two.destination.recovery.cases()}
    assert "UNFOUND_LEARNER" in kinds
    check_books(two)
    reconciled(watched)
