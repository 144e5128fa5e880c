"""What may stand beside a VOTE, and what an offer may cite."""

from __future__ import annotations

import hashlib
from dataclasses import replace

import pytest

from federation.base.errors import Breach
from federation.protocol.admission import admit
from federation.protocol.commitments import (
    DECISION_MINUTE,
    DECISION_RECORD,
    Opening,
    Openings,
)
from federation.protocol.grouping import check_record, minute_in, record_in
from tests.federation.message_values import NOW, PREPARE, VOTE

MINUTE = b'{"results":[]}'
RECORD = b'{"minute":"%s"}' % hashlib.sha256(MINUTE).hexdigest().encode()
NAMING = replace(VOTE, record_digest=hashlib.sha256(RECORD).digest())


def beside(name: str, value: bytes, **change: bytes) -> Opening:
    return Opening(**({"subject": b"", "name": name, "salt": b"", "value": value} | change))


RIGHT = (beside(DECISION_MINUTE, MINUTE), beside(DECISION_RECORD, RECORD))


def test_a_minute_stands_beside_the_record_that_names_it() -> None:
    for shown in ((), RIGHT[1:], RIGHT):
        check_record(NAMING, Openings(shown))
    assert (record_in(Openings(RIGHT)), minute_in(Openings(RIGHT))) == (RECORD, MINUTE)
    assert minute_in(Openings(RIGHT[1:])) == b""


@pytest.mark.parametrize(
    "shown",
    [
        RIGHT[:1],
        RIGHT[::-1],
        (RIGHT[0], *RIGHT),
        (beside(DECISION_MINUTE, b"another"), RIGHT[1]),
        (beside(DECISION_MINUTE, MINUTE, salt=bytes(32)), RIGHT[1]),
        (beside(DECISION_MINUTE, MINUTE, subject=bytes(16)), RIGHT[1]),
        (beside("name", MINUTE), RIGHT[1]),
        (RIGHT[0], beside(DECISION_RECORD, b"another")),
    ],
)
def test_anything_else_beside_a_vote_is_refused(shown: tuple[Opening, ...]) -> None:
    with pytest.raises(Breach, match="COMMITMENT_MISMATCH"):
        check_record(NAMING, Openings(shown))


def test_a_return_names_its_lots_and_an_appeal_does_not() -> None:
    cited, (lot, *others) = b"e" * 16, PREPARE.lots
    appeal = replace(PREPARE, relates_to=cited)
    back = replace(appeal, lots=tuple(replace(one, returns=b"r" * 16) for one in PREPARE.lots))
    for one in (PREPARE, appeal, back):
        admit(one, now_us=NOW)
    assert [one.is_appeal for one in (PREPARE, appeal, back)] == [False, True, False]
    named = replace(lot, returns=b"r" * 16)
    for bent in (
        replace(PREPARE, lots=(named, *others)),
        replace(PREPARE, relates_to=b"short"),
        replace(appeal, lots=(replace(lot, returns=b"short"), *others)),
        replace(appeal, lots=(named, replace(lot, content=replace(lot.content, lot_id=b"x" * 16)))),
    ):
        with pytest.raises(Breach, match="EXCHANGE_ID"):
            admit(bent, now_us=NOW)
