"""Many exchanges at once: what is read and written in sets is what each by itself would be."""

from __future__ import annotations

import hmac
import json
from dataclasses import replace

import pytest

from federation.base.errors import Unavailable
from federation.protocol.lots import WantedLot
from federation.protocol.messages import MessageType, Mode, Vote
from federation.wire import codec
from node.domain.canonical import spell
from node.domain.changes import Changes
from node.domain.learner import TransferCode
from node.domain.recompute import Documents, recompute
from node.domain.rule_judge import open_rule
from node.edges.local_services import ApplicationServicer
from node.storage import rows as stored_rows
from node.storage.engines import Conflict
from node.usecases.applications import Application
from node.v1 import application_service_pb2 as pb
from tests.node.ruled_provinces import OURS, THEIRS, canonical_catalogue, document, publish_all
from tests.node.two_provinces import Person, TwoProvinces

TARGETS = {"CS-103": "ZJ-2", "CS-105": "ZJ-3", "CS-106": "ZJ-1"}


def applications(two: TwoProvinces, person: Person, *codes: str) -> list[Application]:
    """One application for each code, to be recognised as its target."""
    made = []
    for code in codes:
        lot: WantedLot = two.lot(person, code=code, title=f"课程 {code}")
        one = two.application(person, lot, mode=Mode.RECOGNISE, whole=False)
        made.append(replace(one, targets=(TARGETS[code],)))
    return made


def listed(two: TwoProvinces, *references: str) -> dict[str, pb.ReceivedVote]:
    """The votes as a system of the province reads them."""
    servicer = ApplicationServicer(None, two.source.applications, two.source.store)  # type: ignore[arg-type]
    asked = pb.ListVotesRequest(references=references)
    answer = servicer.ListVotes.__wrapped__(servicer, asked, "lms")  # type: ignore[attr-defined]
    return {one.reference: one for one in answer.votes}


def test_votes_are_read_with_their_records_for_many_applications(two: TwoProvinces) -> None:
    publish_all(two)
    person = two.person()
    made = applications(two, person, "CS-103", "CS-105", "CS-106")
    references = [one.reference for one in made]
    opened = two.source.applications.open(made)
    assert not any(one.reason for one in opened)
    assert listed(two, *references) == {}, "nothing was voted yet"
    two.run()
    found = listed(two, *references, "no such reference")
    assert set(found) == set(references)
    papers = Documents(rule=document(), catalogues=tuple(map(canonical_catalogue, (OURS, THEIRS))))
    for one, begun in zip(made, opened, strict=True):
        received = found[one.reference]
        assert (received.peer, received.exchange) == (one.peer, begun.exchange_id.hex())
        vote = codec.decode(MessageType.VOTE, received.vote)
        assert isinstance(vote, Vote)
        named = vote.record_digest.hex()
        assert recompute(received.record, papers, open_rule, named=named).agrees
        granted = [(lot.target, lot.granted_hundredths) for lot in vote.accepted]
        assert granted == ([] if one.lots == made[2].lots else [(one.targets[0], 300)])
    # What is erased is not read any more; what was signed stays.
    two.source.accounts.erase(person.accounts[two.source.name])
    assert {one.record for one in listed(two, *references).values()} == {b""}


def test_a_batch_holds_no_more_than_one_call_can_carry(
    two: TwoProvinces, monkeypatch: pytest.MonkeyPatch
) -> None:
    person = two.person()
    made = [
        two.application(person, two.lot(person), mode=Mode.RECOGNISE, whole=False) for _ in range(5)
    ]
    two.source.applications.open(made)
    size = two.source.rows("select max(length(payload) + length(openings)) from message")[0][0]
    monkeypatch.setattr(stored_rows, "MOST_BATCH_BYTES", 2 * size)
    peer = two.destination.name
    sent = [two.source.delivery.deliver(peer) for _ in range(4)]
    assert sent == [2, 2, 1, 0]
    monkeypatch.setattr(stored_rows, "MOST_BATCH_BYTES", 1)
    two.source.applications.open(
        [two.application(person, two.lot(person), mode=Mode.RECOGNISE, whole=False)]
    )
    assert two.source.delivery.deliver(peer) == 1, "the first goes, whatever its size"


def test_of_many_codes_one_used_elsewhere_stops_the_whole(two: TwoProvinces) -> None:
    person = two.person()
    account = person.accounts[two.source.name]
    codes = [
        TransferCode(
            digest=bytes([at]) * 32,
            account=account,
            peer=two.destination.name,
            reference=reference,
            expires_us=two.clock.us + 1,
        )
        # Two codes of one permission stand for the one that is missing elsewhere.
        for at, reference in enumerate(("a", "b", "b"))
    ]
    store = two.source.store
    store.transact(lambda tx: tx.apply(Changes(codes_new=codes)))
    first, second = (replace(code, used_by=b"1" * 16) for code in codes[:2])
    store.transact(lambda tx: tx.apply(Changes(codes_used=[first])))
    store.transact(lambda tx: tx.apply(Changes(codes_used=[first])))
    stale = Changes(codes_used=[replace(first, used_by=b"2" * 16), second])
    # SQLite tells its caller; PostgreSQL tries again until it gives up.
    with pytest.raises((Conflict, Unavailable)):
        store.transact(lambda tx: tx.apply(stale))
    used = two.source.rows("select reference, used_by from transfer_code order by digest")
    assert [(row[0], bytes(row[1])) for row in used] == [("a", b"1" * 16), ("b", b""), ("b", b"")]
    store.transact(lambda tx: tx.apply(Changes(codes_used=[second])))


def test_every_seal_of_a_record_is_an_hmac_of_its_field(two: TwoProvinces) -> None:
    publish_all(two)
    (one,) = applications(two, two.person(), "CS-103")
    two.source.applications.open([one])
    two.run()
    whole = json.loads(listed(two, one.reference)[one.reference].record)
    stated = whole["record"]["decided"]["granted_hundredths"]
    message = b"$.decided.granted_hundredths\x00" + spell(stated)
    sealed = hmac.digest(bytes.fromhex(whole["salt"]), message, "sha256").hex()[:16]
    assert whole["seals"]["decided"]["granted_hundredths"] == sealed
