"""Evidence files between processes: who may read them, how much at once, and how it goes on."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import grpc
import pytest

from federation.base.errors import CreditBankError
from federation.protocol.messages import LotQuestion, MessageType, SupplementAsked
from federation.transport.evidence_client import FETCH_EVIDENCE, EvidenceClient
from federation.v1.evidence_service_pb2 import FetchEvidenceRequest, FetchEvidenceResponse
from node.edges.evidence_service import MOST_OF_ONE_PEER
from node.v1 import case_service_pb2 as cases
from node.v1 import lot_service_pb2 as lots
from tests.e2e.answers import Refused, refused
from tests.e2e.federation_of_two import ROGUE, Federation, Node

CHUNK = 64 * 1024
SIZE = 8 * 1024 * 1024
CONTENT = (b"%PDF-1.7 " + bytes(range(256)) * (SIZE // 256))[:SIZE]


@dataclass
class Case:
    """An exchange in which CN-31 named a file to CN-33."""

    federation: Federation
    exchange_id: bytes
    lot: bytes
    digest: bytes

    def fetch(
        self, offset: int = 0, *, exchange_id: bytes = b"", digest: bytes = b""
    ) -> Iterator[bytes]:
        """Fetch as a node does."""
        rogue, source = self.federation.rogue, self.federation.source
        client = EvidenceClient(lambda member: rogue.channel(source, rogue.identity))
        return client.fetch(
            rogue.view.members[source.province],
            exchange_id=exchange_id or self.exchange_id,
            digest=digest or self.digest,
            offset=offset,
        )

    def refusal(self, offset: int = 0, **named: bytes) -> str:
        with pytest.raises(CreditBankError) as caught:
            list(self.fetch(offset, **named))
        return caught.value.reason

    def stream(self, identity: Any, *, timeout: float | None = 20.0, request: bytes = b"") -> Any:
        """Begin a stream under some certificate."""
        rogue, source = self.federation.rogue, self.federation.source
        asked = FetchEvidenceRequest(exchange_id=self.exchange_id, digest=self.digest)
        call = rogue.channel(source, identity).unary_stream(FETCH_EVIDENCE, None, None)
        return call(request or asked.SerializeToString(), timeout=timeout)

    def readings(self) -> list[tuple[int, int]]:
        """Return from which byte how much was read."""
        run = self.federation.source.run
        assert run is not None
        return run(
            "select first_byte, bytes_sent from evidence_reading"
            " where exchange_id = ? order by reading_id",
            [self.exchange_id],
        )


def attach(node: Node, lot: bytes, content: bytes) -> str:
    parts = (
        lots.AttachFileRequest(lot=lot.hex(), chunk=content[at : at + 2**18])
        for at in range(0, len(content), 2**18)
    )
    return str(node.client.lots.AttachFile(parts).digest)


def prepare_hash(node: Node, exchange_id: bytes) -> bytes:
    assert node.run is not None
    found = node.run(
        "select digest from message where exchange_id = ? and type = ?",
        [exchange_id, MessageType.PREPARE.value],
    )
    return bytes(found[0][0])


@pytest.fixture
def case(federation: Federation) -> Case:
    """Let CN-33 ask CN-31 for more, and CN-31 name a file."""
    source, rogue = federation.source, federation.rogue
    learner = source.enrol()
    (lot,) = source.deposit(learner, "3")
    application = source.application(learner, {lot: 300}, ROGUE, shows_evidence=True)
    (opened,) = source.open_applications(application)
    assert not opened.reason, opened
    exchange_id = bytes.fromhex(opened.exchange)
    asked = SupplementAsked(
        header=rogue.header(source.province, exchange_id, cause=prepare_hash(source, exchange_id)),
        lots=(LotQuestion(lot_id=lot, reasons=("SYLLABUS_WANTED",)),),
    )
    response = rogue.call(source, rogue.encoded(source.province, rogue.say(asked)))
    assert not isinstance(response, Refused), response
    digest = attach(source, lot, CONTENT)
    source.client.cases.SendSupplement(
        cases.SendSupplementRequest(
            name=cases.CaseName(peer=ROGUE, exchange=exchange_id.hex()),
            files=[cases.LotFile(lot=lot.hex(), digest=digest)],
        )
    )
    return Case(federation, exchange_id, lot, bytes.fromhex(digest))


def test_a_stream_that_breaks_goes_on_and_every_reading_is_logged(case: Case) -> None:
    stream = case.fetch()
    got = next(stream) + next(stream)
    stream.close()
    assert len(got) == 2 * CHUNK
    got += b"".join(case.fetch(len(got)))
    assert hashlib.sha256(got).digest() == case.digest
    first, second = case.readings()
    assert first[0] == 0
    assert 2 * CHUNK <= first[1] <= SIZE
    assert second == (2 * CHUNK, SIZE - 2 * CHUNK)


def test_what_is_not_there_and_what_is_anothers_are_answered_alike(case: Case) -> None:
    others = case.federation.exchange_of_others
    assert case.refusal(exchange_id=others) == "EVIDENCE"
    assert case.refusal(exchange_id=b"n" * 16) == "EVIDENCE"
    assert case.refusal(digest=b"n" * 32) == "EVIDENCE"
    assert case.refusal(SIZE + 1) == "EVIDENCE_OFFSET"
    assert case.readings() == []


def test_strangers_and_calls_without_end_are_refused(case: Case) -> None:
    rogue, suspended = case.federation.rogue, case.federation.suspended
    for identity, timeout, request, reason in (
        (rogue.identity, None, b"", "DEADLINE"),
        (rogue.identity, 3600.0, b"", "DEADLINE"),
        (suspended.identity, 20.0, b"", "SUSPENDED"),
        (rogue.identity, 20.0, b"\xff", "MALFORMED"),
        (rogue.identity, 20.0, b"\x0a\x01a" * 1000, "TOO_LARGE"),
    ):
        with pytest.raises(grpc.RpcError) as caught:
            list(case.stream(identity, timeout=timeout, request=request))
        assert refused(caught.value).reason == reason


def test_a_peer_reads_a_few_files_at_once(case: Case) -> None:
    held = [case.stream(case.federation.rogue.identity) for _ in range(MOST_OF_ONE_PEER)]
    for one in held:
        assert len(FetchEvidenceResponse.FromString(next(one)).chunk) == CHUNK
    assert case.refusal() == "TOO_MANY_STREAMS"
    for one in held:
        one.cancel()


def test_a_closed_case_shows_nothing(case: Case) -> None:
    source = case.federation.source
    name = cases.CaseName(peer=ROGUE, exchange=case.exchange_id.hex())
    source.client.cases.WithdrawConsent(cases.WithdrawConsentRequest(name=name))
    assert source.state_of(case.exchange_id) == "ABORTED"
    assert case.refusal() == "CONSENT_WITHDRAWN"


def test_an_aborted_case_shows_nothing(case: Case) -> None:
    from node.v1 import application_service_pb2 as applications

    answer = applications.GrantAnswer(peer=ROGUE, exchange=case.exchange_id.hex(), accepts=False)
    source = case.federation.source
    source.client.applications.AnswerGrants(applications.AnswerGrantsRequest(answers=[answer]))
    assert case.refusal() == "CASE_CLOSED"


def test_a_file_over_the_limit_is_refused_where_it_is_attached(case: Case) -> None:
    source = case.federation.source
    with pytest.raises(CreditBankError) as caught:
        attach(source, case.lot, b"%PDF-" + bytes(20 * 2**20))
    assert caught.value.reason == "EVIDENCE_SIZE"
    with pytest.raises(CreditBankError) as caught:
        attach(source, case.lot, b"MZ\x90\x00\x03")
    assert caught.value.reason == "EVIDENCE_TYPE"
