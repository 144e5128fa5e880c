"""A peer that is too old or too new: nothing is sent that it could not read, and one sees why."""

from __future__ import annotations

from dataclasses import replace

import pytest

from federation.base.clock import HOUR
from federation.base.errors import Breach
from federation.wire.envelope import WIRE_MAX, WIRE_MIN, common_version
from tests.node.two_provinces import TwoProvinces


@pytest.mark.parametrize(
    ("wire_min", "wire_max", "spoken"),
    [
        (WIRE_MIN, WIRE_MAX, WIRE_MAX),
        (WIRE_MIN, WIRE_MAX + 5, WIRE_MAX),
        (0, WIRE_MAX, WIRE_MAX),
        (WIRE_MAX, WIRE_MAX + 1, WIRE_MAX),
    ],
)
def test_the_newest_that_both_speak_is_spoken(wire_min: int, wire_max: int, spoken: int) -> None:
    assert common_version(wire_min, wire_max) == spoken


@pytest.mark.parametrize(
    "spoken", [(WIRE_MAX + 1, WIRE_MAX + 3), (0, WIRE_MIN - 1)], ids=["too new", "too old"]
)
def test_a_peer_that_speaks_otherwise_is_waited_for(
    two: TwoProvinces, spoken: tuple[int, int]
) -> None:
    with pytest.raises(Breach, match="VERSION_UNSUPPORTED"):
        common_version(*spoken)
    usual = two.source.registry.known
    known = usual.members[two.destination.name]
    other = replace(known, wire_min=spoken[0], wire_max=spoken[1])
    two.source.registry.known = replace(usual, members={**usual.members, other.province: other})
    person = two.person()
    exchange_id = two.apply(person, two.lot(person))
    two.source.delivery.deliver(two.destination.name)
    assert two.wire.past == [], "nothing left the node"
    status = two.source.operations.status()
    assert (status.verdict, status.cause) == ("DEGRADED", "VERSION_UNSUPPORTED")
    [peer] = [one for one in status.peers if one.peer == two.destination.name]
    assert (peer.lag.waiting, peer.lag.failure) == (1, "VERSION_UNSUPPORTED")
    # One of the two is upgraded, and what waited goes on by itself.
    two.source.registry.known = usual
    two.clock.advance(HOUR)
    two.run()
    assert two.states(exchange_id) == ("CLOSED", "CREDITED")
