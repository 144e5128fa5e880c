"""Transcripts bent after they were made: each is named by its first failing part."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from federation.evidence import transcript as transcripts
from federation.evidence.report import explain
from federation.evidence.transcript import Link, Transcript
from federation.protocol.commitments import Opening, Openings
from federation.v1 import transcript_pb2
from federation.wire import codec
from tests.federation.evidence_world import RULE, Exchange, Federation, found_federation


@pytest.fixture(scope="module")
def federation(tmp_path_factory: pytest.TempPathFactory) -> Federation:
    return found_federation(tmp_path_factory.mktemp("federation"))


@pytest.fixture(scope="module")
def granted(federation: Federation) -> Exchange:
    return federation.exchange().prepare().vote(300, 200).commit().receipt()


def links_of(exchange: Exchange) -> list[Link]:
    return list(exchange.transcript().links)


def spelled(links: list[Link], **parts: Any) -> bytes:
    return transcripts.encode(Transcript(tuple(links), **parts))


def test_messages_stand_in_causal_order_none_twice(
    federation: Federation, granted: Exchange
) -> None:
    links = links_of(granted)
    for bent in ([], links[::-1], [*links, links[-1]], [links[0], *links]):
        report = (
            federation.verify(spelled(bent))
            if bent
            else federation.verify(spelled([], rule_document=RULE))
        )
        assert (report.failed_part, report.reason) == ("messages", "TRANSCRIPT_ORDER")


def test_a_missing_message_leaves_a_cause_unknown(
    federation: Federation, granted: Exchange
) -> None:
    links = links_of(granted)
    names = ["PREPARE", "VOTE", "COMMIT", "RECEIPT"]
    for gap in range(3):
        report = federation.verify(spelled(links[:gap] + links[gap + 1 :]))
        assert (report.failed_part, report.reason) == (f"{names[gap + 1]}: cause", "CHAIN_BROKEN")


def test_registry_files_stand_in_order_of_names(federation: Federation, granted: Exchange) -> None:
    buffer = transcript_pb2.Transcript.FromString(granted.encoded(registry=federation.view.files))
    files = list(buffer.registry)
    del buffer.registry[:]
    buffer.registry.extend(files[::-1])
    report = federation.verify(buffer.SerializeToString(deterministic=True))
    assert (report.failed_part, report.reason) == ("form", "TRANSCRIPT_ORDER")


def bend_seal(**changes: Any) -> Callable[[Link], Link]:
    return lambda link: replace(
        link, evidence=replace(link.evidence, seal=replace(link.evidence.seal, **changes))
    )


def bend_item(**changes: Any) -> Callable[[Link], Link]:
    return lambda link: replace(
        link, evidence=replace(link.evidence, item=replace(link.evidence.item, **changes))
    )


BENT_LINKS: dict[str, tuple[Callable[[Link], Link], str, str]] = {
    "type": (bend_item(type="text/plain"), "message 2: type", "TYPE_UNKNOWN"),
    "inquiry": (
        bend_item(type="application/vnd.creditbank.pair-query.v1+protobuf"),
        "message 2: type",
        "TYPE_UNKNOWN",
    ),
    "size": (bend_item(payload=bytes(262_145)), "VOTE: size", "TOO_LARGE"),
    "signature": (bend_seal(signature=b"\x01" * 64), "VOTE: signature", "SIGNATURE_INVALID"),
    "no signature": (bend_seal(signature=b""), "VOTE: signature", "SIGNATURE_INVALID"),
    "key": (bend_seal(keyid="0" * 64), "VOTE: signature", "KEY_UNKNOWN"),
    "algorithm": (bend_seal(algorithm="rsa"), "VOTE: signature", "ALGORITHM_MISMATCH"),
    "statement": (bend_seal(statement=b"\x08\x01"), "VOTE: signature", "NOT_MEMBER"),
    "payload": (bend_item(payload=b"\x0a\x00"), "VOTE: batch", "SIGNATURE_INVALID"),
    "log place": (bend_item(log_index=7), "VOTE: log", "PROOF_INVALID"),
    "log proof": (bend_item(log_proof=(bytes(32),)), "VOTE: log", "PROOF_INVALID"),
    "checkpoint": (bend_seal(checkpoint=b""), "VOTE: log", "CHECKPOINT_INVALID"),
    "openings": (
        lambda link: replace(
            link,
            openings=codec.encode_openings(
                Openings((Opening(subject=b"", name="grade", salt=bytes(32), value=b"100"),))
            ),
        ),
        "VOTE: openings",
        "COMMITMENT_MISMATCH",
    ),
}


@pytest.mark.parametrize("name", BENT_LINKS)
def test_a_bent_message_is_named_by_its_part(
    federation: Federation, granted: Exchange, name: str
) -> None:
    bend, failed_part, reason = BENT_LINKS[name]
    links = links_of(granted)
    links[1] = bend(links[1])
    report = federation.verify(spelled(links))
    assert (report.failed_part, report.reason) == (failed_part, reason)
    assert [line.type for line in report.messages] == ["PREPARE"]
    assert reason in explain(report)


def test_a_checkpoint_line_by_a_stranger_is_refused(
    federation: Federation, granted: Exchange
) -> None:
    links = links_of(granted)
    note = links[0].evidence.seal.checkpoint + "\u2014 witness AAAAAAAA\n".encode()
    links[0] = bend_seal(checkpoint=note)(links[0])
    report = federation.verify(spelled(links))
    assert (report.failed_part, report.reason) == ("PREPARE: log", "CHECKPOINT_INVALID")


def bend_openings(change: Callable[[tuple[Opening, ...]], tuple[Opening, ...]]) -> Any:
    def bend(link: Link) -> Link:
        shown = codec.decode_openings(link.openings).openings
        return replace(link, openings=codec.encode_openings(Openings(change(shown))))

    return bend


BENT_OPENINGS: dict[str, tuple[Any, str]] = {
    "order": (lambda shown: shown[::-1], "NON_CANONICAL"),
    "twice": (lambda shown: (shown[0], *shown), "NON_CANONICAL"),
    "value": (
        lambda shown: (replace(shown[0], value=b"another"), *shown[1:]),
        "COMMITMENT_MISMATCH",
    ),
    "salt of a secret": (
        lambda shown: tuple(
            replace(one, salt=bytes(32)) if one.name == "lot_secret" else one for one in shown
        ),
        "NON_CANONICAL",
    ),
    "another secret": (
        lambda shown: tuple(
            replace(one, value=bytes(32)) if one.name == "lot_secret" else one for one in shown
        ),
        "COMMITMENT_MISMATCH",
    ),
}


@pytest.mark.parametrize("name", BENT_OPENINGS)
def test_bent_openings_are_found(federation: Federation, granted: Exchange, name: str) -> None:
    change, reason = BENT_OPENINGS[name]
    links = links_of(granted)
    links[0] = bend_openings(change)(links[0])
    report = federation.verify(spelled(links))
    assert (report.failed_part, report.reason) == ("PREPARE: openings", reason)
