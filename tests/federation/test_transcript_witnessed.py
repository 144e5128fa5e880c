"""A transcript that shows its COMMIT witnessed, and one that does not."""

from __future__ import annotations

from dataclasses import replace

import pytest

from federation.evidence.report import explain
from federation.evidence.transcript import WitnessedPlace
from federation.log.cosignature import cosign, with_cosignatures
from federation.log.note import Note, parse_note, render_note
from federation.protocol.messages import Commit
from tests.federation.evidence_world import Exchange, Federation, found_federation


@pytest.fixture(scope="module")
def federation(tmp_path_factory: pytest.TempPathFactory) -> Federation:
    return found_federation(tmp_path_factory.mktemp("federation"))


@pytest.fixture(scope="module")
def granted(federation: Federation) -> Exchange:
    return federation.exchange().prepare().vote(300, 200).commit().receipt()


def place(
    federation: Federation, exchange: Exchange, *witnesses: str, name: str = ""
) -> WitnessedPlace:
    """Return the COMMIT's place in the source's log as these provinces cosigned it."""
    source, note = exchange.source, exchange.source.checkpoint()
    text = parse_note(note).text
    lines = [
        cosign(text, witness=name or one, signer=federation.party(one).log_signer, time_s=9)
        for one in witnesses
    ]
    (index,) = [
        evidence.item.log_index for kind, evidence in exchange.sent if isinstance(kind, Commit)
    ]
    return WitnessedPlace(with_cosignatures(note, lines), source.prove(index))


def test_a_quorum_shows_it_witnessed_and_nothing_shows_it_credited(
    federation: Federation, granted: Exchange
) -> None:
    plain = federation.verify(granted.encoded())
    assert plain.valid
    assert not plain.is_witnessed
    assert "CREDITED only" in explain(plain)
    shown = place(federation, granted, "CN-33", "CN-44")
    report = federation.verify(granted.encoded(witnessed=shown))
    assert report.valid, report
    assert (report.is_witnessed, report.witnesses) == (True, ("CN-33", "CN-44"))
    assert "WITNESSED by CN-33, CN-44" in explain(report)


def test_what_does_not_show_it_fails_and_says_so(federation: Federation, granted: Exchange) -> None:
    held = place(federation, granted, "CN-33", "CN-44")
    parsed = parse_note(held.note)
    stranger = replace(parsed.signatures[1], name="somebody/else")
    bent = {
        "QUORUM": [
            place(federation, granted, "CN-33"),
            place(federation, granted, "CN-31", "CN-33"),
        ],
        "PROOF_INVALID": [
            replace(held, proof=held.proof[:-1]),
            replace(held, proof=(b"x" * 32, *held.proof[1:])),
        ],
        "CHECKPOINT_INVALID": [
            replace(held, note=render_note(Note(parsed.text, (*parsed.signatures, stranger)))),
            replace(held, note=held.note.replace(b"CN-31", b"CN-33")),
        ],
    }
    for reason, places in bent.items():
        for one in places:
            report = federation.verify(granted.encoded(witnessed=one))
            assert (report.failed_part, report.reason) == ("witnesses", reason)


def test_witnesses_without_a_commit_prove_nothing(
    federation: Federation, granted: Exchange
) -> None:
    shown = place(federation, granted, "CN-33", "CN-44")
    refused = federation.exchange().prepare().vote(0, 0).abort("LEARNER_DECLINED").receipt()
    report = federation.verify(refused.encoded(witnessed=shown))
    assert not report.valid


def test_no_byte_of_what_shows_it_can_be_altered(federation: Federation, granted: Exchange) -> None:
    shown = place(federation, granted, "CN-33", "CN-44")
    encoded = granted.encoded(witnessed=shown)
    start = encoded.index(shown.note)
    for at in range(start, len(encoded)):
        bent = encoded[:at] + bytes([encoded[at] ^ 1]) + encoded[at + 1 :]
        assert not federation.verify(bent).valid, at
