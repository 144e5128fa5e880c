"""Scope, cap and quota of an agreement, at the side that begins and at the side that is asked."""

from __future__ import annotations

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from federation.base.clock import DAY, HOUR, MINUTE
from federation.base.errors import Unavailable
from federation.protocol.messages import Abort, Header, MessageType, Mode
from federation.trust.agreements import Listing
from node.domain.exchange import Role
from tests.node.province import DESTINATION, NOON, SOURCE, Province
from tests.node.two_provinces import AGREEMENT, Person, TwoProvinces

KNOWN = "select state from exchange where exchange_id = ?"


def agree(two: TwoProvinces, *sides: Province, **terms: Any) -> None:
    """Let an agreement with these terms be what the sides know; both where none is named."""
    listing = Listing(replace(AGREEMENT, **terms), "", role_expires_us=NOON * 2, is_resting=False)
    for one in sides or two.both:
        one.registry.known = replace(one.registry.known, agreements=(listing,))


def opened(two: TwoProvinces, person: Person, hundredths: int, **options: Any) -> str:
    """Apply for a new lot to count, and return the reason if that is refused."""
    application = two.application(person, two.lot(person, hundredths), **options)
    here = two.source if application.role is Role.SOURCE else two.destination
    return here.applications.open([application])[0].reason


def waiting_for(province: Province, peer: str) -> str:
    """Return why messages wait for a peer."""
    lags = province.store.read(lambda reading: reading.lags())
    return next((one.failure for one in lags if one.peer == peer), "")


@pytest.mark.parametrize("role", list(Role))
def test_a_learner_moves_no_more_than_the_cap_in_a_year(two: TwoProvinces, role: Role) -> None:
    agree(two, learner_year_cap_hundredths=500)
    person, other = two.person(), two.person("钱二")
    assert opened(two, person, 300, role=role) == ""
    assert opened(two, person, 300, role=role) == "AGREEMENT_CAP"
    assert opened(two, person, 200, role=role) == ""
    assert opened(two, person, 1, role=role) == "AGREEMENT_CAP"
    # Another learner has a year of their own, and a judgement moves nothing.
    assert opened(two, other, 500, role=role) == ""
    assert opened(two, person, 300, role=role, mode=Mode.RECOGNISE) == ""
    two.run()
    assert opened(two, person, 1, role=role) == "AGREEMENT_CAP"


def test_several_applications_at_once_share_the_cap(two: TwoProvinces) -> None:
    agree(two, learner_year_cap_hundredths=500)
    person = two.person()
    wanted = [two.application(person, two.lot(person, 300)) for _ in range(3)]
    reasons = [one.reason for one in two.source.applications.open(wanted)]
    assert reasons == ["", "AGREEMENT_CAP", "AGREEMENT_CAP"]


def test_what_was_refused_or_declined_is_free_again(two: TwoProvinces) -> None:
    agree(two, learner_year_cap_hundredths=500)
    person = two.person()
    exchange_id = two.apply(person, two.lot(person, 300), two.lot(person, 200, code="ART-9"))
    two.run()
    # One lot was refused and the learner has not answered: only the other one counts.
    assert opened(two, person, 200) == ""
    assert opened(two, person, 1) == "AGREEMENT_CAP"
    assert two.answer(exchange_id, accepts=False) == ""
    assert opened(two, person, 300) == ""


def test_the_year_is_counted_anew(two: TwoProvinces) -> None:
    agree(two, learner_year_cap_hundredths=300)
    person = two.person()
    assert opened(two, person, 300) == ""
    two.run()
    year = datetime.fromtimestamp(two.clock.us / 1_000_000, UTC).year
    # One minute before and after midnight in Beijing.
    midnight_us = int(datetime(year, 12, 31, 16, tzinfo=UTC).timestamp()) * 1_000_000
    two.clock.us = midnight_us - 60_000_000
    assert opened(two, person, 300) == "AGREEMENT_CAP"
    two.clock.us = midnight_us + 60_000_000
    assert opened(two, person, 300) == ""


def test_the_destination_refuses_by_a_signed_vote_what_is_over_the_cap(two: TwoProvinces) -> None:
    agree(two, two.destination, learner_year_cap_hundredths=500)
    person = two.person()
    first = two.apply(person, two.lot(person, 300))
    second = two.apply(person, two.lot(person, 300))
    two.run()
    states = sorted([two.states(first), two.states(second)])
    assert states == [("CLOSED", "CREDITED"), ("CLOSED", "RELEASED")]
    refused = first if two.states(first)[1] == "RELEASED" else second
    vote = two.message(two.destination, refused, MessageType.VOTE)
    assert [lot.reasons for lot in vote.lots] == [("AGREEMENT_CAP",)]


def test_the_source_answers_a_request_over_the_cap_by_abort(two: TwoProvinces) -> None:
    agree(two, two.source, learner_year_cap_hundredths=200)
    person = two.person()
    exchange_id = two.apply(person, two.lot(person, 300), role=Role.DESTINATION)
    two.run()
    assert two.states(exchange_id) == ("CLOSED", "RELEASED")
    assert two.destination.exchange(exchange_id).reasons == ("AGREEMENT_CAP",)


@pytest.mark.parametrize("role", list(Role))
def test_a_kind_outside_the_scope_is_refused_by_the_destination(
    two: TwoProvinces, role: Role
) -> None:
    agree(two, two.destination, kinds=("CERTIFICATE",))
    person = two.person()
    lots = two.lot(person, 300), two.lot(person, 200, kind="CERTIFICATE")
    exchange_id = two.apply(person, *lots, role=role, whole=False)
    two.run()
    vote = two.message(two.source, exchange_id, MessageType.VOTE)
    reasons = {lot.lot_id: lot.reasons for lot in vote.lots}
    assert reasons[lots[0].lot_id] == ("AGREEMENT_SCOPE",)
    assert "AGREEMENT_SCOPE" not in reasons[lots[1].lot_id]


@pytest.mark.parametrize("role", list(Role))
def test_no_more_exchanges_are_begun_than_may_be_open(two: TwoProvinces, role: Role) -> None:
    agree(two, open_exchanges_quota=2)
    people = [two.person(name) for name in ("赵一", "钱二", "孙三")]
    assert [opened(two, one, 300, role=role) for one in people] == ["", "", "AGREEMENT_QUOTA"]
    two.run()
    assert opened(two, people[2], 300, role=role) == ""


def test_the_two_directions_have_a_quota_each(two: TwoProvinces) -> None:
    agree(two, open_exchanges_quota=1)
    assert opened(two, two.person(), 300) == ""
    assert opened(two, two.person("钱二"), 300) == "AGREEMENT_QUOTA"
    # Opened at the destination, it is still an exchange in the same direction, of which the
    # destination has not heard of one yet.
    assert opened(two, two.person("孙三"), 300, role=Role.DESTINATION) == ""


@pytest.mark.parametrize("role", list(Role))
def test_a_peer_that_begins_too_many_waits_and_nothing_is_stored(
    two: TwoProvinces, role: Role
) -> None:
    asking, asked = two.both if role is Role.SOURCE else two.both[::-1]
    agree(two, asked, open_exchanges_quota=1)
    ids = []
    for name in ("赵一", "钱二"):
        person = two.person(name)
        ids.append(two.apply(person, two.lot(person, 300), role=role, whole=False))
    asking.delivery.deliver(asked.name)
    assert asked.rows("select count(*) from exchange")[0][0] == 1
    assert asked.rows("select count(*) from inbox")[0][0] == 1
    assert waiting_for(asking, asked.name) == "AGREEMENT_QUOTA"
    begun = [one for one in ids if asked.rows(KNOWN, one)]
    two.clock.advance(2 * MINUTE)
    asking.delivery.deliver(asked.name)
    assert [one for one in ids if asked.rows(KNOWN, one)] == begun
    # Nothing but room is missing.
    agree(two, asked, open_exchanges_quota=2)
    two.clock.advance(2 * MINUTE)
    asking.delivery.deliver(asked.name)
    assert [one for one in ids if asked.rows(KNOWN, one)] == ids


def test_a_peer_cannot_put_us_off_for_ever(
    two: TwoProvinces, monkeypatch: pytest.MonkeyPatch
) -> None:
    agree(two, two.destination, open_exchanges_quota=1)
    for name in ("赵一", "钱二"):
        person = two.person(name)
        two.apply(person, two.lot(person, 300), whole=False)
    # The destination runs a program that asks for seven weeks.
    monkeypatch.setattr("node.usecases.agreed_terms.QUOTA_RETRY_MS", 2**32 - 1)
    two.source.delivery.deliver(two.destination.name)
    due_us = two.source.rows("select max(due_us) from outbox")[0][0]
    assert MINUTE < due_us - two.clock.us <= HOUR


def test_what_ends_before_it_came_takes_room_for_a_day(two: TwoProvinces) -> None:
    agree(two, two.destination, open_exchanges_quota=1)
    for _ in range(2):
        assert two.forge(two.source, unknown_abort(two)).items[0].reason == ""
        with pytest.raises(Unavailable, match="AGREEMENT_QUOTA") as caught:
            two.forge(two.source, unknown_abort(two))
        assert caught.value.retry_after_ms == 60_000
        two.clock.advance(DAY + MINUTE)
    assert two.destination.rows("select count(*) from exchange")[0][0] == 2


def unknown_abort(two: TwoProvinces) -> Abort:
    """Return the end of an exchange that never was."""
    moment = two.source.office.moment()
    header = Header(
        src=SOURCE,
        dst=DESTINATION,
        exchange_id=moment.entropy.token(16),
        step=1,
        cause=bytes(32),
        signed_time_us=moment.now_us,
        registry_version=moment.registry_version,
    )
    return Abort(header=header, reasons=("LEARNER_DECLINED",))


def test_a_withdrawn_agreement_lets_what_began_end_and_nothing_begin(two: TwoProvinces) -> None:
    person = two.person()
    exchange_id = two.apply(person, two.lot(person, 300), whole=False)
    two.run()
    for one in two.both:
        one.registry.known = replace(one.registry.known, agreements=())
    assert opened(two, person, 300) == "NO_AGREEMENT"
    assert opened(two, person, 300, role=Role.DESTINATION) == "NO_AGREEMENT"
    assert two.answer(exchange_id, accepts=True) == ""
    two.run()
    assert two.states(exchange_id) == ("CLOSED", "CREDITED")


def test_applications_at_the_same_moment_share_cap_and_quota(two: TwoProvinces) -> None:
    agree(two, learner_year_cap_hundredths=500)
    people = [two.person(name) for name in ("赵一", "钱二", "孙三")]
    wanted = [two.application(one, two.lot(one, 300)) for one in people for _ in range(3)]
    with ThreadPoolExecutor(len(wanted)) as threads:
        answers = threads.map(lambda one: two.source.applications.open([one])[0].reason, wanted)
    assert Counter(answers) == {"": 3, "AGREEMENT_CAP": 6}
    agree(two, open_exchanges_quota=5)
    wanted = [two.application(one, two.lot(one, 300)) for one in people for _ in range(3)]
    with ThreadPoolExecutor(len(wanted)) as threads:
        answers = threads.map(lambda one: two.source.applications.open([one])[0].reason, wanted)
    assert Counter(answers) == {"": 2, "AGREEMENT_QUOTA": 7}
