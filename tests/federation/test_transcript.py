"""Transcripts: whole ones hold and say what they show; any changed bit is found."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import replace

import pytest

from federation.base.errors import Breach
from federation.evidence import transcript as transcripts
from federation.evidence.outcome import outcome_of
from federation.evidence.report import explain
from federation.evidence.verify import Verifier, verify_transcript
from federation.protocol.commitments import TRANSFER_CODE
from federation.protocol.messages import Mode, Prepare, Request
from tests.federation.evidence_world import RULE, Exchange, Federation, found_federation


@pytest.fixture(scope="module")
def federation(tmp_path_factory: pytest.TempPathFactory) -> Federation:
    return found_federation(tmp_path_factory.mktemp("federation"))


@pytest.fixture(scope="module")
def granted(federation: Federation) -> Exchange:
    return federation.exchange().prepare().vote(300, 200).commit().receipt()


def test_a_granted_transfer_holds(federation: Federation, granted: Exchange) -> None:
    report = federation.verify(granted.encoded(rule_document=RULE))
    assert (report.valid, report.failed_part, report.outcome) == (True, "", "granted")
    assert (report.source_state, report.destination_state) == ("CLOSED", "CREDITED")
    assert (report.committed_hundredths, report.inbound_hundredths) == (500, 500)
    assert [line.type for line in report.messages] == ["PREPARE", "VOTE", "COMMIT", "RECEIPT"]
    assert report.is_rule_shown
    assert "证据链成立" in explain(report)
    assert report.to_json()["exchange"] == granted.exchange_id.hex()


ENDINGS: dict[str, tuple[Callable[[Exchange], Exchange], str, str, str]] = {
    "granted on request": (
        lambda e: e.request().prepare().vote(300, 200).commit().receipt(),
        "granted",
        "CLOSED",
        "CREDITED",
    ),
    "partly": (
        lambda e: e.prepare().vote(300, 0).commit().receipt(),
        "partly_granted",
        "CLOSED",
        "CREDITED",
    ),
    "less than offered": (
        lambda e: e.prepare().vote(200, 200).commit().receipt(),
        "partly_granted",
        "CLOSED",
        "CREDITED",
    ),
    "refused": (
        lambda e: e.prepare().vote(0, 0).abort("ALL_REFUSED").receipt(),
        "refused",
        "CLOSED",
        "RELEASED",
    ),
    "declined": (
        lambda e: e.prepare().vote(300, 0).abort("LEARNER_DECLINED").receipt(),
        "declined",
        "CLOSED",
        "RELEASED",
    ),
    "lapsed": (
        lambda e: e.prepare().vote(300, 0).abort("LOCK_EXPIRED").receipt(),
        "lapsed",
        "CLOSED",
        "RELEASED",
    ),
    "called off before the vote": (
        lambda e: e.prepare().abort("LEARNER_DECLINED", Prepare).receipt(),
        "declined",
        "CLOSED",
        "RELEASED",
    ),
    "vote crossed abort": (
        lambda e: e.prepare().vote(300, 0).abort("LEARNER_DECLINED", Prepare).receipt(),
        "declined",
        "CLOSED",
        "RELEASED",
    ),
    "refused by the source": (
        lambda e: e.request().abort("LOT_LOCKED", Request).receipt(),
        "refused",
        "CLOSED",
        "RELEASED",
    ),
    "in flight": (
        lambda e: e.prepare().vote(300, 200).commit(),
        "granted",
        "COMMITTED",
        "CREDITED",
    ),
    "waiting": (lambda e: e.prepare(), "open", "LOCKED", "RECEIVED"),
    "asked": (lambda e: e.request(), "open", "UNKNOWN", "REQUESTED"),
}


@pytest.mark.parametrize("name", ENDINGS)
def test_every_ending_holds_and_is_named(federation: Federation, name: str) -> None:
    tell, outcome, source, destination = ENDINGS[name]
    report = federation.verify(tell(federation.exchange()).encoded())
    assert (report.valid, report.failed_part, report.reason) == (True, "", "")
    assert (report.outcome, report.source_state, report.destination_state) == (
        outcome,
        source,
        destination,
    )


def test_a_mere_recognition_ends_at_the_vote(federation: Federation) -> None:
    exchange = federation.exchange(mode=Mode.RECOGNISE).prepare(lock_until_us=0).vote(300, 0)
    report = federation.verify(exchange.encoded())
    assert (report.valid, report.outcome, report.source_state) == (True, "recognised", "RECOGNISED")


def test_the_transfer_code_is_withheld_unless_asked_for(
    federation: Federation, granted: Exchange
) -> None:
    def states(encoded: bytes) -> dict[str, str]:
        fields = federation.verify(encoded).fields
        return {line.name: line.state for line in fields if not line.subject}

    assert states(granted.encoded()) == {
        TRANSFER_CODE: "withheld",
        "learner_name": "shown",
    }
    assert states(granted.encoded(withheld=frozenset()))[TRANSFER_CODE] == "shown"


def test_an_erased_transcript_still_holds_and_says_so(
    federation: Federation, granted: Exchange
) -> None:
    report = federation.verify(granted.encoded(openings={}))
    assert report.valid
    assert {line.state for line in report.fields} == {"withheld"}
    report = federation.verify(granted.encoded(openings={}, erased=granted.committing()))
    assert report.valid
    assert {line.state for line in report.fields} == {"erased"}
    assert "已删除 erased" in explain(report)


def test_an_embedded_registry_needs_only_the_pinned_root(
    federation: Federation, granted: Exchange
) -> None:
    encoded = granted.encoded(registry=federation.view.files)
    assert verify_transcript(encoded, pinned_root=federation.pinned).valid
    report = verify_transcript(encoded, pinned_root=federation.pinned + b"\n")
    assert (report.failed_part, report.reason) == ("registry", "REGISTRY_INVALID")


def test_without_any_registry_nothing_holds(federation: Federation, granted: Exchange) -> None:
    report = verify_transcript(granted.encoded(), pinned_root=federation.pinned)
    assert (report.failed_part, report.reason) == ("registry", "REGISTRY_MISSING")


def test_every_byte_of_the_messages_counts(federation: Federation, granted: Exchange) -> None:
    chance = random.Random(7)
    exchange = federation.exchange().request().prepare().vote(300, 0).commit().receipt()
    for one in (granted, exchange):
        encoded = one.encoded(rule_document=RULE, withheld=frozenset())
        for place in range(len(encoded)):
            bent = bytearray(encoded)
            bent[place] ^= 1 << chance.randrange(8)
            report = federation.verify(bytes(bent))
            assert not report.valid, f"byte {place} of {len(encoded)}"
            assert report.failed_part
            assert report.reason


def test_every_bit_of_the_small_parts_counts(federation: Federation, granted: Exchange) -> None:
    first = granted.transcript().links[0].evidence
    encoded = granted.encoded()
    for word in (first.seal.keyid, first.seal.algorithm, "\u2014 creditbank/CN-31 "):
        start = encoded.index(word.encode())
        for place in range(start, start + len(word.encode()) + 12):
            for bit in range(8):
                bent = bytearray(encoded)
                bent[place] ^= 1 << bit
                assert not federation.verify(bytes(bent)).valid, (word, place, bit)


def test_every_byte_of_the_registry_counts(federation: Federation, granted: Exchange) -> None:
    chance = random.Random(7)
    encoded = granted.encoded(registry=federation.view.files)
    start = encoded.index(b"1.root.json") - 4
    for place in sorted(chance.sample(range(start, len(encoded)), 300)):
        bent = bytearray(encoded)
        bent[place] ^= 1 << chance.randrange(8)
        report = verify_transcript(bytes(bent), pinned_root=federation.pinned)
        assert not report.valid, f"byte {place} of {len(encoded)}"
        assert report.failed_part in ("registry", "form")


def test_truncated_doubled_and_empty_files_are_refused(
    federation: Federation, granted: Exchange
) -> None:
    encoded = granted.encoded()
    for bent in (b"", encoded[:-1], encoded[:100], encoded + b"\x00", encoded + encoded):
        assert not federation.verify(bent).valid


def test_a_verifier_serves_many_transcripts(federation: Federation, granted: Exchange) -> None:
    verifier = Verifier(federation.view)
    chains = [verifier.verify(granted.transcript()) for _ in range(3)]
    assert [outcome_of(chain).value for chain in chains] == ["granted"] * 3


def test_inquiries_belong_to_no_transcript(granted: Exchange) -> None:
    evidence = granted.sent[0][1]
    stray = replace(evidence, item=replace(evidence.item, type="text/plain"))
    with pytest.raises(Breach, match="TRANSCRIPT_ORDER"):
        transcripts.build([stray], openings={})
