"""Validity is judged by the day of the offer: there, and nowhere later."""

from __future__ import annotations

import pytest

from federation.base.clock import DAY, MINUTE
from federation.protocol.messages import MessageType
from node.usecases.deciding import Deciding
from node.usecases.offers import Offering
from tests.node.two_provinces import TwoProvinces


def test_a_lot_that_expired_before_its_offer_is_refused_by_a_signed_vote(
    two: TwoProvinces, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A source that offers what it knows to have expired."""
    monkeypatch.setattr(Offering, "_check_facts", lambda self, lots, agreement: None)
    person = two.person()
    lots = [two.lot(person, expires="2026-03-01"), two.lot(person, 200, expires="2026-03-02")]
    exchange_id = two.apply(person, *lots, whole=False)
    two.run(2)
    vote = two.message(two.source, exchange_id, MessageType.VOTE)
    assert [lot.reasons for lot in vote.lots] == [("CREDIT_EXPIRED",), ()]
    assert [lot.granted_hundredths for lot in vote.lots] == [0, 160]


def test_a_lot_that_expires_while_it_is_judged_still_counts(two: TwoProvinces) -> None:
    two.destination.office.reviews_by_person = True
    person = two.person()
    exchange_id = two.apply(person, two.lot(person, expires="2026-03-03"))
    two.run(2)
    two.clock.advance(9 * DAY)
    Deciding(two.destination.office).decide((two.source.name, exchange_id))
    two.clock.advance(MINUTE)
    two.run()
    assert two.states(exchange_id) == ("CLOSED", "CREDITED")
