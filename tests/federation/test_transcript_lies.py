"""Transcripts that tell a signed lie: each is named by its first failing part."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from federation.base.clock import DAY
from federation.protocol.commitments import Opening, Openings, commitment_to
from federation.protocol.messages import Commit, Mode, Prepare, Vote
from tests.federation.evidence_world import (
    RULE,
    Exchange,
    Federation,
    Party,
    found_federation,
)


@pytest.fixture(scope="module")
def federation(tmp_path_factory: pytest.TempPathFactory) -> Federation:
    return found_federation(tmp_path_factory.mktemp("federation"))


@pytest.fixture(scope="module")
def granted(federation: Federation) -> Exchange:
    return federation.exchange().prepare().vote(300, 200).commit().receipt()


def failure(federation: Federation, exchange: Exchange, **options: Any) -> tuple[str, str]:
    report = federation.verify(exchange.encoded(**options))
    assert not report.valid
    return report.failed_part, report.reason


Tell = Callable[[Exchange], Exchange]


def bent_lots(exchange: Exchange, kind: type, **changes: Any) -> tuple[Any, ...]:
    """Return the lots of a truthful next message, the first of them changed."""
    told = replace(exchange, sent=list(exchange.sent), openings={})
    getattr(told, kind.__name__.lower())()
    first, *rest = told.find(kind).lots
    return (replace(first, **changes), *rest)


def after_another_vote(exchange: Exchange) -> Exchange:
    """Return the exchange as if the destination had granted a lot."""
    return replace(exchange, sent=list(exchange.sent), openings={}).vote(300, 0)


LIES: dict[str, tuple[Tell, str, str]] = {
    "another exchange": (
        lambda e: e.prepare().vote(300, 0, header={"exchange_id": bytes(15) + b"1"}),
        "VOTE: exchange",
        "EXCHANGE_DIFFERS",
    ),
    "a later step": (
        lambda e: e.prepare().vote(300, 0, header={"step": 2}),
        "VOTE: form",
        "STEP",
    ),
    "another source": (
        lambda e: e.prepare(header={"src": "CN-44"}),
        "PREPARE: form",
        "IDENTITY_MISMATCH",
    ),
    "a party outside": (
        lambda e: e.prepare(header={"dst": "CN-11"}),
        "PREPARE: form",
        "NOT_MEMBER",
    ),
    "a registry to come": (
        lambda e: e.prepare(header={"registry_version": 10**6}),
        "PREPARE: form",
        "REGISTRY_NEWER",
    ),
    "a time before the key": (
        lambda e: e.prepare(header={"signed_time_us": e.now_us - DAY}),
        "PREPARE: key",
        "KEY_NOT_VALID",
    ),
    "no consent": (lambda e: e.prepare(consent=None), "PREPARE: form", "LEGAL_BASIS"),
    "a deposit elsewhere": (
        lambda e: e.prepare(lots=bent_lots(e, Prepare, deposit_index=1)),
        "PREPARE: deposits",
        "PROOF_INVALID",
    ),
    "a deposit of a transfer": (
        lambda e: e.prepare(lots=bent_lots(e, Prepare, deposit_origin=bytes(32))),
        "PREPARE: deposits",
        "PROOF_INVALID",
    ),
    "another checkpoint": (
        lambda e: e.prepare(checkpoint=e.destination.checkpoint()),
        "PREPARE: deposits",
        "CHECKPOINT_INVALID",
    ),
    "lots not wanted": (
        lambda e: replace(e.request(), deposits=e.deposits[:1]).prepare(),
        "PREPARE: lots",
        "LOTS_DIFFER",
    ),
    "a mode not wanted": (
        lambda e: e.request(mode=Mode.RECOGNISE).prepare(),
        "PREPARE: lots",
        "LOTS_DIFFER",
    ),
    "a request left unnamed": (
        lambda e: e.request().prepare(header={"cause": b""}, code_commitment=bytes(32)),
        "PREPARE: cause",
        "CHAIN_BROKEN",
    ),
    "a wrong cause": (
        lambda e: e.prepare().vote(300, 0, header={"cause": bytes(32)}),
        "VOTE: cause",
        "CHAIN_BROKEN",
    ),
    "lots left out of the vote": (
        lambda e: replace(e.prepare(), deposits=e.deposits[:1]).vote(300),
        "VOTE: lots",
        "LOTS_DIFFER",
    ),
    "lots out of order": (
        lambda e: replace(e.prepare(), deposits=e.deposits[::-1]).vote(200, 300),
        "VOTE: lots",
        "LOTS_DIFFER",
    ),
    "a commit after a refusal": (
        lambda e: e.prepare().vote(0, 0).commit(lots=bent_lots(after_another_vote(e), Commit)),
        "COMMIT: state",
        "EQUIVOCATION",
    ),
    "a grant never voted": (
        lambda e: (
            e.prepare().vote(300, 0).commit(lots=bent_lots(e, Commit, granted_hundredths=301))
        ),
        "COMMIT: lots",
        "LOTS_DIFFER",
    ),
    "a lot committed in part": (
        lambda e: e.prepare().vote(300, 0).commit(lots=bent_lots(e, Commit, amount_hundredths=299)),
        "COMMIT: lots",
        "LOTS_DIFFER",
    ),
    "a granted lot kept": (
        lambda e: e.prepare().vote(300, 200).commit(lots=bent_lots(e, Commit)[:1]),
        "COMMIT: lots",
        "LOTS_DIFFER",
    ),
    "another nullifier": (
        lambda e: e.prepare().vote(300, 0).commit(lots=bent_lots(e, Commit, nullifier=bytes(32))),
        "COMMIT: nullifiers",
        "NULLIFIER_DIFFERS",
    ),
    "a commit too late for the vote": (
        lambda e: (
            e.prepare().vote(300, 0).commit(header={"signed_time_us": e.now_us + 20 * DAY + 1})
        ),
        "COMMIT: time",
        "COMMIT_TOO_LATE",
    ),
    "a commit after the lock": (
        lambda e: (
            e.prepare(lock_until_us=e.now_us + DAY)
            .vote(300, 0)
            .commit(header={"signed_time_us": e.now_us + 2 * DAY})
        ),
        "COMMIT: time",
        "COMMIT_TOO_LATE",
    ),
    "a receipt of more": (
        lambda e: e.prepare().vote(300, 0).commit().receipt(inbound_hundredths=301),
        "RECEIPT: sums",
        "SUMS_DIFFER",
    ),
    "a receipt of less": (
        lambda e: e.prepare().vote(300, 0).commit().receipt(granted_hundredths=299),
        "RECEIPT: sums",
        "SUMS_DIFFER",
    ),
    "a credit for an abort": (
        lambda e: (
            e.prepare()
            .vote(300, 0)
            .abort("LEARNER_DECLINED")
            .receipt(ending=1, inbound_hundredths=300, granted_hundredths=300)
        ),
        "RECEIPT: ending",
        "NO_SUCH_STEP",
    ),
}


@pytest.mark.parametrize("name", LIES)
def test_a_signed_lie_is_named(federation: Federation, name: str) -> None:
    tell, failed_part, reason = LIES[name]
    assert failure(federation, tell(federation.exchange())) == (failed_part, reason)


def test_sums_of_the_record_are_those_of_the_lots(federation: Federation) -> None:
    exchange = federation.exchange().prepare()
    record = replace(exchange, sent=list(exchange.sent)).vote(300, 0).find(Vote).record
    exchange.vote(300, 0, record=replace(record, offered_hundredths=499))
    assert failure(federation, exchange) == ("VOTE: sums", "SUMS_DIFFER")


def test_the_rule_shown_is_the_rule_named(federation: Federation, granted: Exchange) -> None:
    expected = ("rule document", "RULE_DIFFERS")
    assert failure(federation, granted, rule_document=RULE + b" ") == expected
    asked = federation.exchange().request()
    assert failure(federation, asked, rule_document=RULE) == expected


def test_identity_is_checked_where_code_and_document_are_shown(federation: Federation) -> None:
    for number, fails in (("11010519491231002X", False), ("110105194912310011", True)):
        exchange = federation.exchange()
        salt = exchange.source.token(32)
        shown = tuple(
            Opening(subject=b"", name=name, salt=salt, value=value.encode())
            for name, value in (("document_number", number), ("document_type", "RESIDENT_ID"))
        )
        exchange.prepare(learner=tuple(commitment_to(one) for one in shown))
        digest = exchange.hash_of(Prepare)
        told = exchange.openings[digest].openings
        kept = tuple(one for one in told if one.name != "learner_name")
        exchange.openings[digest] = Openings((*shown, *kept))
        report = federation.verify(exchange.encoded(withheld=frozenset()))
        assert report.valid is not fails
        if fails:
            assert (report.failed_part, report.reason) == ("PREPARE: identity", "IDENTITY_DIFFERS")


def revoked(federation: Federation, use: str, log_size: int) -> Federation:
    """Return the federation after a key of the source was revoked at a size of its log."""
    member = federation.view.members["CN-31"]
    keys = tuple(
        replace(one, revoked_log_size=log_size, revoked_at_us=federation.now_us)
        if one.use == use
        else one
        for one in member.keys
    )
    members = {**federation.view.members, "CN-31": replace(member, keys=keys)}
    return replace(federation, view=replace(federation.view, members=members))


def test_what_a_revoked_key_signed_counts_below_the_revocation(
    federation: Federation, granted: Exchange
) -> None:
    # The source's log has two deposits, then PREPARE at 2 and COMMIT at 3.
    for use, part, whole in (("message", "key", 4), ("log", "log", 4)):
        encoded = granted.encoded()
        assert revoked(federation, use, whole).verify(encoded).valid
        report = revoked(federation, use, whole - 1).verify(encoded)
        assert (report.failed_part, report.reason) == (f"COMMIT: {part}", "KEY_REVOKED")
        report = revoked(federation, use, 0).verify(encoded)
        assert (report.failed_part, report.reason) == (f"PREPARE: {part}", "KEY_REVOKED")


def test_a_log_with_two_histories_is_found(federation: Federation) -> None:
    exchange = federation.exchange().prepare().vote(300, 0)
    told = exchange.source
    rewritten = Party(told.province, told.signer, told.log_signer)
    for entry in (b"another", told.entries[1]):
        rewritten.log(entry)
    replace(exchange, source=rewritten).commit()
    assert failure(federation, exchange) == ("COMMIT: log", "LOG_DIFFERS")


def test_a_wire_version_to_come_is_refused(federation: Federation) -> None:
    exchange = federation.exchange().prepare()
    message, _ = exchange.sent.pop()
    exchange.sent.append((message, exchange.source.send(message, wire_version=2)))
    assert failure(federation, exchange) == ("PREPARE: batch", "VERSION_UNSUPPORTED")
