"""A source takes no VOTE whose decision record says otherwise."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from federation.base.errors import Breach
from federation.protocol.commitments import DECISION_RECORD, Opening, Openings
from federation.protocol.messages import MessageType, Verdict, Vote
from node.domain.decision_record import Record
from node.domain.decision_seals import record_digest, record_document
from tests.node.cap_documents import cap
from tests.node.capped import Capped
from tests.node.province import Fate
from tests.node.rulebook_documents import course, entry, grant
from tests.node.two_provinces import TwoProvinces

SALT = bytes(16)
PAIR = entry(
    {"all": [course("P-1"), course("P-2")]},
    grant("T-P1", credits_hundredths=300),
    grant("T-P2", credits_hundredths=200),
)


@pytest.fixture
def capped(two: TwoProvinces) -> Capped:
    made = Capped(two)
    made.put_in_force([cap("ten", {"at_most": 1000})], entries=[PAIR])
    return made


def judged(capped: Capped) -> bytes:
    """Let a VOTE be made on a pair, a course, one too many and one that counts as nothing."""
    two, person = capped.two, capped.two.person()
    lots = [two.lot(person, 400, code=code, title=code) for code in ("P-1", "P-2")]
    lots += [capped.lot(person, 1, 500), capped.lot(person, 2, 600), two.lot(person, code="X-1")]
    exchange_id = two.apply(person, *lots, whole=False)
    two.wire.fate = lambda src, dst: Fate.LOSE_ANSWER
    two.source.delivery.deliver(two.destination.name)
    two.wire.fate = lambda src, dst: Fate.CARRY
    return exchange_id


def said(capped: Capped, vote: Vote, record: Record) -> None:
    """Let the destination say a VOTE with a record beside it."""
    document = record_document(record, SALT)
    shown = Openings((Opening(subject=b"", name=DECISION_RECORD, salt=b"", value=document),))
    named = replace(vote, record_digest=bytes.fromhex(record_digest(document)))
    capped.two.forge(capped.two.destination, named, shown)


def given(**change: Any) -> Callable[[Record], Record]:
    return lambda record: replace(record, given=replace(record.given, **change))


def decided(**change: Any) -> Callable[[Record], Record]:
    return lambda record: replace(record, decided=replace(record.decided, **change))


def authority(**change: Any) -> Callable[[Record], Record]:
    return lambda record: given(authority=replace(record.given.authority, **change))(record)


def first_lot(part: str, **change: Any) -> Callable[[Record], Record]:
    def bend(record: Record) -> Record:
        whole = getattr(record, part)
        lots = (replace(whole.lots[0], **change), *whole.lots[1:])
        return replace(record, **{part: replace(whole, lots=lots)})

    return bend


def facts(**change: Any) -> Callable[[Record], Record]:
    return lambda record: first_lot("given", facts=replace(record.given.lots[0].facts, **change))(
        record
    )


def group(**change: Any) -> Callable[[Record], Record]:
    def bend(record: Record) -> Record:
        groups = record.decided.groups
        return decided(groups=(replace(groups[0], **change), *groups[1:]))(record)

    return bend


def grants(**change: Any) -> Callable[[Record], Record]:
    def bend(record: Record) -> Record:
        first, *rest = record.decided.groups[0].grants
        return group(grants=(replace(first, **change), *rest))(record)

    return bend


BENT = {
    "another exchange": given(exchange="00" * 16),
    "another source": given(source="CN-44"),
    "another day": given(decided_on="2026-03-01"),
    "another end": given(valid_until_us=1),
    "another time to appeal": given(appeal_until_us=1),
    "another rule": authority(rule="CN-33/other"),
    "another version": authority(rule_version=9),
    "another document": authority(rule_digest="0" * 64),
    "another amount offered": first_lot("given", amount_hundredths=401),
    "another mark": facts(grade="99"),
    "another outcome": facts(title="别的课程"),
    "a lot of nobody": first_lot("given", lot="CN-31:" + "0" * 32),
    "another verdict": first_lot("decided", verdict="REJECT"),
    "another grant": first_lot("decided", granted_hundredths=1),
    "another sum": decided(granted_hundredths=1),
    "another entry": group(entry="e9"),
    "another target": grants(target="T-9"),
    "another share": grants(hundredths=299),
    "a group refused": group(verdict="REJECT"),
    "no groups": decided(groups=()),
    "a lot that is no name": group(lots=("CN-31:?", "")),
}


@pytest.mark.parametrize("two", ["sqlite"], indirect=True)
@pytest.mark.parametrize("bend", BENT.values(), ids=BENT)
def test_a_vote_whose_record_says_otherwise_is_refused_and_changes_nothing(
    capped: Capped, bend: Callable[[Record], Record]
) -> None:
    two, exchange_id = capped.two, judged(capped)
    vote, record = capped.vote(exchange_id), capped.record(exchange_id)
    before = two.source.exchange(exchange_id)
    with pytest.raises(Breach, match="RECORD_DIFFERS"):
        said(capped, vote, bend(record))
    assert two.source.exchange(exchange_id) == before
    said(capped, vote, record)
    assert two.states(exchange_id)[0] == "PREPARED"


def test_a_vote_that_says_otherwise_than_its_record_is_refused(capped: Capped) -> None:
    two, exchange_id = capped.two, judged(capped)
    vote, record = capped.vote(exchange_id), capped.record(exchange_id)
    refused = [lot for lot in vote.lots if lot.verdict is Verdict.REJECT]
    assert [lot.reasons for lot in refused] == [("CAP_CREDITS",), ("NOT_EQUIVALENT",)]
    other = {lot.lot_id: replace(lot, reasons=("EVIDENCE_MISSING",)) for lot in refused}
    bent = [
        replace(vote, lots=tuple(other.get(lot.lot_id, lot) for lot in vote.lots)),
        replace(vote, record=replace(vote.record, valid_until_us=vote.record.valid_until_us - 1)),
        replace(vote, record=replace(vote.record, rule_version=vote.record.rule_version + 1)),
    ]
    for one in bent:
        with pytest.raises(Breach, match="RECORD_DIFFERS"):
            said(capped, one, record)
    assert two.source.exchange(exchange_id).hashes.get(MessageType.VOTE) is None


def test_a_record_that_states_more_than_its_own_cap_allows_is_refused(
    capped: Capped,
) -> None:
    exchange_id = judged(capped)
    vote, record = capped.vote(exchange_id), capped.record(exchange_id)
    (line,) = record.decided.caps
    assert (line.limit, line.allowed) == (1000, 1000)
    for change in ({"limit": 999}, {"used_before": 1}):
        bent = decided(caps=(replace(line, **change),))(record)
        with pytest.raises(Breach, match="RULE_LIMIT"):
            said(capped, vote, bent)


def test_a_record_that_is_none_is_refused_and_one_withheld_is_not_asked_for(
    capped: Capped,
) -> None:
    two, exchange_id = capped.two, judged(capped)
    vote = capped.vote(exchange_id)
    document = b'{"record":1}'
    shown = Openings((Opening(subject=b"", name=DECISION_RECORD, salt=b"", value=document),))
    named = replace(vote, record_digest=bytes.fromhex(record_digest(document)))
    with pytest.raises(Breach, match="RECORD_FORM"):
        two.forge(two.destination, named, shown)
    header = replace(vote.header, signed_time_us=vote.header.signed_time_us + 1)
    two.forge(two.destination, replace(vote, header=header), Openings(()))
    assert two.states(exchange_id)[0] == "PREPARED"
