"""A node restored from a backup: told apart before it signs, refilled, and true again."""

from __future__ import annotations

import pytest

from federation.base.clock import HOUR
from federation.base.errors import Unavailable
from tests.node.books import check_books, check_same_story
from tests.node.restoring import Watched, back_up, restore
from tests.node.two_provinces import TwoProvinces


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
